# SPDX-License-Identifier: MIT
"""The campaign's mail server: it knows which replies it owes to whom."""

import collections
import socket
import threading
import time

from stack.faulty import FaultySmtp
from stack.layout import free_port

EVERY = 3               # one step of so many meets the wish


class MailServer(FaultySmtp):
    """A FaultySmtp that can go away, and remembers what it spoilt.

    withheld: places in `accepted` whose 250 never went out.
    cut: Message-ID -> how often its dot came and got no good answer.
    cut_bodies: when connections ended in a body; whose, nobody knows.
    """

    def __init__(self):
        self.withheld = set()
        self.cut = collections.Counter()
        self.cut_bodies = []
        self._wish = (None, None)
        self._seen = 0
        self._away = False
        self._open = set()
        self._mine = threading.local()
        super().__init__(self._decide, free_port())

    # ---- what the faults do ---------------------------------------------

    def spoil(self, step, wish):
        """From now on every third such step meets this wish."""
        self._seen = 0
        self._wish = (step, wish)

    def heal(self):
        self._wish = (None, None)

    def go_away(self):
        """As a server that was killed: no listener, no connection."""
        self._away = True
        self.close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def come_back(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", self.port))
        self._socket.listen(64)
        self._away = self._stopping = False
        threading.Thread(target=self._accept, daemon=True).start()

    # ---- what the verdict asks --------------------------------------------

    def taken(self):
        """{id: [(when, whether its 250 was withheld), ...]} of all mails."""
        found = collections.defaultdict(list)
        for place, ((message, _, _), at) in enumerate(
                zip(list(self.accepted), list(self.accepted_at))):
            found[message.partition("@")[0]].append(
                (at, place in self.withheld))
        return found

    # ---- the server itself ------------------------------------------------

    def _decide(self, step, session, _mail):
        if self._away:
            wish = "close"
        elif step == self._wish[0]:
            self._seen += 1
            wish = self._wish[1] if self._seen % EVERY == 1 else None
        else:
            wish = None
        if wish:
            self._remember(step, session)
        return wish

    def _remember(self, step, session):
        if step == "reply":
            # This thread has just put it there: the session's last one.
            for place in range(len(self.accepted) - 1, -1, -1):
                if self.accepted[place][2] == session:
                    self.withheld.add(place)
                    return
        elif step == "dot":
            self.cut[self._mine.message.partition("@")[0]] += 1
        elif step == "body":
            self.cut_bodies.append(time.time())

    def _step(self, connection, step, session, mail, good):
        try:
            return super()._step(connection, step, session, mail, good)
        except OSError:
            if self._away and step == "reply":
                self._remember(step, session)
            raise

    def _body(self, lines, step):  # pylint: disable=arguments-differ
        self._mine.message = super()._body(lines, step)
        return self._mine.message

    def _serve(self, connection, session):
        self._open.add(connection)
        try:
            super()._serve(connection, session)
        finally:
            self._open.discard(connection)
