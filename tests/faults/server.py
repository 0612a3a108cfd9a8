# SPDX-License-Identifier: MIT
"""The campaign's mail server: it fails as told, and forgets nothing.

Each try to hand over a mail is an Attempt, known by its recipient from RCPT
on, so that whatever ends it is known of this very mail.
"""

import base64
import random
import socket
import ssl
import struct
import threading
import time

from stack.layout import free_port

EVERY = 3               # one step of so many meets the wish
HANG_S = 20
DRIP_S = 1              # between two bytes of a reply that drips
PACE_S = 0.015          # longest thought before an answer: what dies, dies
                        # with mails in hand
STEPS = ("connect", "banner", "ehlo", "starttls", "auth", "mail", "rcpt",
         "data", "body", "dot", "reply", "quit")


class Close(Exception):
    """Ends the connection."""


class Attempt:
    """One mail in one session, from MAIL to what became of it.

    Times are Unix times, None if it did not come so far.  `reply` is the
    last answer of the server to it; after `taken_at` the mail is delivered.
    """

    def __init__(self, at, link):
        self.link = link            # the proxy's, or None
        self.mail_at = at
        self.recipient = self.message = self.reply = ""
        self.data_at = self.dot_at = self.taken_at = self.replied_at = None

    @property
    def told(self):
        """Whether the server sent a 250 for it."""
        return self.replied_at is not None and self.reply[:1] == "2"


class MailServer:
    """Listens on a port of its own; spoil() says what goes wrong."""

    def __init__(self):
        self.attempts = []
        self.spoilt = 0             # steps that met a wish
        self.port = free_port()
        self.link_of = lambda port: None    # the proxy's Link of a client
        self.pace_s = PACE_S
        self.implicit = False       # TLS from the first byte
        self._account = None        # (user, password)
        self._wish = (None, None)
        self._seen = 0
        self._lock = threading.Lock()
        self._open = set()
        self._away = True
        self._listener = None
        self._context = None
        self.come_back()

    def require(self, certificate, account, implicit=False, newest=None):
        """TLS with (certificate, key), AUTH with (user, password)."""
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certificate)
        if newest:
            self._context.maximum_version = newest
        self.implicit = implicit
        self._account = account

    # ---- what the faults do ----------------------------------------------

    def spoil(self, step, wish):
        """From now on every third such step meets this wish."""
        self._seen = 0
        self._wish = (step, wish)

    def heal(self):
        self._wish = (None, None)

    def go_away(self):
        """As a server that was killed: no listener, no connection."""
        self._away = True
        # A blocked accept() holds the port until it is shut down.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    close = go_away

    def come_back(self):
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(64)
        self._away = False
        threading.Thread(target=self._accept, daemon=True,
                         args=(self._listener,)).start()

    # ---- for the sessions -------------------------------------------------

    def _accept(self, listener):
        while not self._away:
            try:
                connection, (_, port) = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, daemon=True,
                             args=(connection, port)).start()

    def _serve(self, connection, port):
        self._open.add(connection)
        session = Session(self, connection, port)
        try:
            session.talk()
        except (Close, OSError, ValueError):
            pass
        finally:
            self._open.discard(connection)
            session.close()

    def wish(self, step):
        """What goes wrong at this step, or None."""
        with self._lock:
            if self._away:
                return "close"
            if step != self._wish[0]:
                return None
            self._seen += 1
            if self._seen % EVERY != 1:
                return None
            self.spoilt += 1
            return self._wish[1]

    def is_away(self):
        return self._away

    def features(self, encrypted):
        lines = ["faulty", "PIPELINING", "ENHANCEDSTATUSCODES"]
        if self._context and not encrypted:
            lines.append("STARTTLS")
        if self._account and encrypted:
            lines.append("AUTH PLAIN")
        return "\r\n".join(f"250{'-' if line != lines[-1] else ' '}{line}"
                           for line in lines)

    def encrypt(self, connection):
        return self._context.wrap_socket(connection, server_side=True)

    def admits(self, encrypted, known):
        """Whether a mail may begin in such a session."""
        return not self._account or encrypted and known

    def knows(self, words):
        """Whether AUTH PLAIN's words are the account's."""
        try:
            _, user, password = base64.b64decode(words).decode().split("\0")
        except (ValueError, UnicodeError):
            return False
        return (user, password) == self._account


class Session:
    """One connection."""

    def __init__(self, server, connection, port):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server = server
        self.connection = connection
        self.lines = connection.makefile("rb")
        self.port = port
        self.encrypted = self.known = False
        self.attempt = None

    def close(self):
        self.lines.close()
        self.connection.close()

    def send(self, reply, pause_s=0):
        data = (reply + "\r\n").encode()
        for piece in ([data[i:i + 1] for i in range(len(data))] if pause_s
                      else [data]):
            self.connection.sendall(piece)
            time.sleep(pause_s)
            if self.server.is_away():
                raise Close

    def step(self, name, good):
        """Answers a step, or fails in it.  True if the answer was good."""
        time.sleep(random.uniform(0, self.server.pace_s))
        wish = self.server.wish(name)
        if wish == "hang":
            time.sleep(HANG_S)
            raise Close
        if wish == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            raise Close
        if wish == "close":
            raise Close
        if wish == "drip" and name == "body":
            time.sleep(3)           # reads nothing, then goes on
        elif wish == "tls":
            self.send(good)
            self.connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28" * 2)
            raise Close
        elif wish == "garbage":
            self.send("\x01\xff~ what?\r\n<html>")
            raise Close
        if wish in (None, "drip"):
            if good:
                self.send(good, DRIP_S if wish else 0)
            return True
        self.send(wish)
        if self.attempt and name in ("rcpt", "data", "dot", "reply"):
            self.attempt.reply = wish
        if wish.startswith("421") or name in ("banner", "connect"):
            raise Close
        return False

    def talk(self):
        self.step("connect", "")
        if self.server.implicit:
            self._encrypt()
        self.step("banner", "220 faulty ESMTP")
        while True:
            line = self.lines.readline(4096)
            if not line:
                raise Close
            words = line.decode("latin-1").strip()
            verb = words[:4].upper()
            answer = getattr(self, "do_" + verb.lower(), None)
            if answer:
                answer(words)
            else:
                self.send("250 2.0.0 ok")

    def do_ehlo(self, _words):
        self.step("ehlo", self.server.features(self.encrypted))

    def do_star(self, _words):
        if self.step("starttls", "220 2.0.0 go"):
            self._encrypt()

    def _encrypt(self):
        self.lines.close()
        self.connection = self.server.encrypt(self.connection)
        self.lines = self.connection.makefile("rb")
        self.encrypted = True

    def do_auth(self, words):
        good = "235 2.7.0 welcome"
        if words[5:10].upper() == "PLAIN":
            rest = words[10:].strip()
            if not rest:
                self.send("334 ")
                rest = self.lines.readline(1024).decode("latin-1").strip()
            if not self.server.knows(rest):
                self.send("535 5.7.8 no such account")
            elif self.step("auth", good):
                self.known = True
        else:
            self.send("504 5.5.4 PLAIN only")

    def do_mail(self, _words):
        if not self.server.admits(self.encrypted, self.known):
            self.send("530 5.7.0 TLS and AUTH first")
            return
        self.attempt = Attempt(time.time(), self.server.link_of(self.port))
        self.step("mail", "250 2.1.0 ok")

    def do_rcpt(self, words):
        name = words.partition("<")[2].partition(">")[0]
        if not self.attempt:
            self.send("503 5.5.1 MAIL first")
            return
        self.attempt.recipient = name
        self.server.attempts.append(self.attempt)
        if not self.step("rcpt", "250 2.1.5 ok"):
            self.attempt = None

    def do_data(self, _words):
        mail = self.attempt
        if not mail or not mail.recipient:
            self.send("554 5.5.1 no recipient")
            return
        # From here on the client may have sent it all, dot included.
        mail.data_at = time.time()
        if not self.step("data", "354 go"):
            mail.data_at = None
            return
        self._body(mail)
        mail.dot_at = time.time()
        if self.step("dot", ""):
            mail.taken_at = time.time()
            if self.step("reply", "250 2.0.0 queued"):
                mail.reply = "250 2.0.0 queued"
            mail.replied_at = time.time()
        self.attempt = None

    def _body(self, mail):
        """Reads up to the dot."""
        count = 0
        while True:
            line = self.lines.readline(65536)
            count += 1
            if not line or line[-1:] != b"\n":
                raise Close
            if line == b".\r\n":
                return
            if line.lower().startswith(b"message-id:"):
                mail.message = line.decode().partition("<")[2].partition(
                    "@")[0]
                self.step("body", "")

    def do_rset(self, _words):
        self.attempt = None
        self.send("250 2.0.0 ok")

    def do_quit(self, _words):
        self.step("quit", "221 2.0.0 bye")
        raise Close
