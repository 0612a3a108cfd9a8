# SPDX-License-Identifier: MIT
"""An SMTP server that does as it is told, step by step."""

import socket
import struct
import threading
import time

HANG_S = 60


class Close(Exception):
    """Ends the connection."""


class FaultySmtp:
    """Listens on a port of its own; `plan` decides what goes wrong.

    plan(step, session, mail) is asked at each step ("banner", "ehlo",
    "mail", "rcpt", "data", "body", "dot", "reply") with the numbers of the
    session and of the mail over all sessions, both from 1.  It returns None
    (all is well), a reply line such as "450 4.7.1 later", "close", "reset",
    "hang", or a number of seconds to wait before going on.  At "reply" the
    mail has been accepted, and only its reply can go wrong.
    """

    def __init__(self, plan=None, port=0):
        self.plan = plan or (lambda step, session, mail: None)
        self.accepted = []      # (Message-ID, recipient, session), in order
        self.accepted_at = []   # when, Unix time
        self.sessions = 0
        self.mails = 0
        self.steps = []         # (step, session, mail) as they came
        self._stopping = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen(64)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._stopping = True
        # A blocked accept() holds the port until it is shut down.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _accept(self):
        while not self._stopping:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self._serve, daemon=True,
                             args=(connection, self.sessions)).start()

    def _serve(self, connection, session):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as lines:
            try:
                self._talk(connection, lines, session)
            except (Close, OSError):
                pass

    def _step(self, connection, step, session, mail, good):
        """Asks the plan; sends the reply.  True if it was the good one."""
        self.steps.append((step, session, mail))
        wish = self.plan(step, session, mail)
        if isinstance(wish, (int, float)):
            time.sleep(wish)
            wish = None
        if wish == "hang":
            time.sleep(HANG_S)
            raise Close
        if wish == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack("ii", 1, 0))
            raise Close
        if wish == "close":
            raise Close
        if good or wish:
            connection.sendall(((wish or good) + "\r\n").encode())
        if wish and wish.startswith("421"):
            raise Close
        return wish is None

    def _talk(self, connection, lines, session):
        mail, recipient = 0, ""

        def step(name, good):
            return self._step(connection, name, session, mail, good)

        if not step("banner", "220 faulty ESMTP"):
            raise Close
        for line in lines:
            words = line.decode("latin-1").strip()
            verb = words[:4].upper()
            if verb == "EHLO":
                step("ehlo", "250-faulty\r\n250-PIPELINING\r\n"
                     "250 ENHANCEDSTATUSCODES")
            elif verb == "MAIL":
                self.mails += 1
                mail, recipient = self.mails, ""
                step("mail", "250 2.1.0 ok")
            elif verb == "RCPT":
                if step("rcpt", "250 2.1.5 ok"):
                    recipient = words.partition("<")[2].partition(">")[0]
            elif verb == "DATA":
                if not recipient:
                    connection.sendall(b"554 5.5.1 no recipient\r\n")
                elif step("data", "354 go"):
                    message = self._body(lines, step)
                    if step("dot", ""):
                        self.accepted_at.append(time.time())
                        self.accepted.append((message, recipient, session))
                        step("reply", "250 2.0.0 queued")
            elif verb == "QUIT":
                connection.sendall(b"221 2.0.0 bye\r\n")
                raise Close
            else:
                connection.sendall(b"250 2.0.0 ok\r\n")

    @staticmethod
    def _body(lines, step):
        """Reads up to the dot; returns the Message-ID."""
        message, first = "", True
        for line in lines:
            if first:
                step("body", "")
                first = False
            if line == b".\r\n":
                return message
            if line.lower().startswith(b"message-id:"):
                message = line.decode().partition("<")[2].partition(">")[0]
        raise Close
