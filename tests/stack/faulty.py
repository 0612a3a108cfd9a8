# SPDX-License-Identifier: MIT
"""An SMTP server that does as it is told, step by step."""

import base64
import contextlib
import ctypes
import ctypes.util
import socket
import ssl
import struct
import threading
import time

HANG_S = 60
GARBAGE = "\x00\x07\xfe garbage \x1b[2J"


class Close(Exception):
    """Ends the connection."""


class FaultySmtp:
    """Listens on a port of its own; `plan` decides what goes wrong.

    plan(step, session, mail) is asked at each step ("banner", "ehlo",
    "starttls", "handshake", "auth", "mail", "rcpt", "data", "body", "dot",
    "reply", "quit") with the numbers of the session and of the mail over all
    sessions, both from 1.  It returns None (all is well), a reply line such as
    "450 4.7.1 later", "close", "reset", "hang", "drip" (the good reply, one
    byte a second), "garbage", or a number of seconds to wait before going on.
    At "reply" the mail has been accepted, and only its reply can go wrong; at
    "handshake" there are no replies.

    extensions are the words of EHLO's answer.  "STARTTLS" needs tls, an
    ssl.SSLContext; it is asked for at each handshake when it is callable.
    With `implicit` the handshake comes before the banner.
    users {name: password} is for AUTH PLAIN and LOGIN, tokens {token: name}
    for XOAUTH2 and OAUTHBEARER.
    """

    EXTENSIONS = ("PIPELINING", "ENHANCEDSTATUSCODES")

    def __init__(self, plan=None, port=0, extensions=EXTENSIONS, tls=None,
                 users=None, host="127.0.0.1"):
        self.plan = plan or (lambda step, session, mail: None)
        self.extensions = list(extensions)
        self.tls = tls
        self.implicit = False
        self.tickets = {}       # step, "after step": more tickets of TLS 1.3
                                # with its answer, or behind it
        self.users = users or {}
        self.tokens = {}
        self.inject = ""        # sent in one piece with STARTTLS's 220
        self.accepted = []      # (Message-ID, recipient, session), in order
        self.texts = {}         # the last mail to each recipient
        self.accepted_at = []   # when, Unix time
        self.commands = []      # (session, line without its end), as they came
        self.names = []         # the names that clients asked for (SNI)
        self.logins = []        # (user, password or token) that were tried
        self.resumed = 0        # handshakes that resumed a session of TLS
        self.sessions = 0
        self.open = 0           # connections that stand now
        self.most_open = 0
        self.mails = 0
        self.steps = []         # (step, session, mail) as they came
        self.lock = threading.Lock()
        self._stopping = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        self._socket.listen(64)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._stopping = True
        # A blocked accept() holds the port until it is shut down.
        with contextlib.suppress(OSError):      # closed already
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
        with self.lock:
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        talk = _Talk(self, connection, session)
        try:
            with contextlib.suppress(Close, OSError):
                talk.run()
        finally:
            talk.close()
            talk.leave()


class _Talk:
    """One connection."""

    def __init__(self, server, connection, session):
        self.server = server
        self.connection = connection
        self.lines = connection.makefile("rb")
        self.session = session
        self.mail = 0
        self.recipient = ""
        self.secure = False
        self.here = 1

    def close(self):
        self.lines.close()
        self.connection.close()

    def leave(self):
        """Counts us out, once."""
        with self.server.lock:
            self.server.open -= self.here
            self.here = 0

    def send(self, text):
        self.connection.sendall(text.encode("latin-1"))

    def tickets(self, moment):
        """Has session tickets go out with what is sent next."""
        count = self.server.tickets.get(moment, 0) if self.secure else 0
        for _ in range(count):
            _new_ticket(self.connection)
        return count

    def step(self, step, good):
        """Asks the plan; sends the reply.  True if it was the good one."""
        self.server.steps.append((step, self.session, self.mail))
        wish = self.server.plan(step, self.session, self.mail)
        if isinstance(wish, (int, float)):
            time.sleep(wish)
            wish = None
        if wish == "hang":
            time.sleep(HANG_S)
            raise Close
        if wish == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            raise Close
        if wish == "close":
            raise Close
        if wish == "drip":
            for char in good + "\r\n":
                self.send(char)
                time.sleep(1)
            return True
        if wish == "garbage":
            wish = GARBAGE
        self.tickets(step)
        if good or wish:
            self.send((wish or good) + "\r\n")
        if self.tickets("after " + step):
            self.connection.do_handshake()      # sends them
        if wish and wish.startswith("421"):
            raise Close
        return wish is None

    def run(self):
        if self.server.implicit:
            self.encrypt()
        if not self.step("banner", "220 faulty ESMTP"):
            raise Close
        # The lines' source changes with STARTTLS.
        while line := self.lines.readline():
            words = line.decode("latin-1").strip()
            self.server.commands.append((self.session, words))
            handler = getattr(self, "do_" + words[:4].lower(), None)
            if handler:
                handler(words)
            else:
                self.send("250 2.0.0 ok\r\n")

    def do_ehlo(self, _words):
        offered = ["faulty"] + [
            word for word in self.server.extensions
            if not (word == "STARTTLS" and self.secure)]
        self.step("ehlo", "\r\n".join(
            f"250{' ' if word is offered[-1] else '-'}{word}"
            for word in offered))

    def do_star(self, _words):
        if not self.step("starttls", "220 2.0.0 go ahead"
                         + ("\r\n" + self.server.inject).rstrip()):
            return
        self.encrypt()

    def encrypt(self):
        self.step("handshake", "")
        context = self.server.tls
        if callable(context):
            context = context()
        context.sni_callback = (
            lambda _ssl, name, _context: self.server.names.append(name))
        self.lines.close()
        self.connection = context.wrap_socket(self.connection,
                                              server_side=True)
        self.lines = self.connection.makefile("rb")
        self.server.resumed += self.connection.session_reused
        self.secure = True

    def do_auth(self, words):
        _, mechanism, *first = words.split()
        if mechanism.upper() == "PLAIN":
            proof = first[0] if first else self._ask("")
            _, user, password = base64.b64decode(proof).decode().split("\0")
        elif mechanism.upper() == "LOGIN":
            user = base64.b64decode(
                first[0] if first else self._ask("VXNlcm5hbWU6")).decode()
            password = base64.b64decode(self._ask("UGFzc3dvcmQ6")).decode()
        elif mechanism.upper() in ("XOAUTH2", "OAUTHBEARER"):
            self._bearer(first[0] if first else self._ask(""))
            return
        else:
            self.send("504 5.5.4 unknown mechanism\r\n")
            return
        self.server.logins.append((user, password))
        good = self.server.users.get(user) == password
        if not good:
            self.send("535 5.7.8 wrong user or password\r\n")
            return
        self.step("auth", "235 2.7.0 welcome")

    def _bearer(self, proof):
        """Both say user and token, between bytes 1."""
        head, *rest = base64.b64decode(proof).decode().split("\x01")
        user = head.removeprefix("user=").removeprefix("n,a=").rstrip(",")
        (token,) = [one.removeprefix("auth=Bearer ") for one in rest
                    if one.startswith("auth=Bearer ")]
        self.server.logins.append((user, token))
        if self.server.tokens.get(token) == user:
            self.step("auth", "235 2.7.0 welcome")
            return
        # Why, as JSON: the client has to answer before it is refused.
        self._ask(base64.b64encode(b'{"status":"401"}').decode())
        self.send("535 5.7.8 token expired\r\n")

    def _ask(self, challenge):
        self.send(f"334 {challenge}\r\n")
        answer = self.lines.readline().decode().strip()
        if answer == "*":
            raise Close
        return answer

    def do_mail(self, _words):
        self.server.mails += 1
        self.mail, self.recipient = self.server.mails, ""
        self.step("mail", "250 2.1.0 ok")

    def do_rcpt(self, words):
        if self.step("rcpt", "250 2.1.5 ok"):
            self.recipient = words.partition("<")[2].partition(">")[0]

    def do_data(self, _words):
        if not self.recipient:
            self.send("554 5.5.1 no recipient\r\n")
        elif self.step("data", "354 go"):
            message = self._body()
            if self.step("dot", ""):
                self._accepted(message)

    def do_bdat(self, words):
        """CHUNKING; a refused chunk refuses those behind it, as in Postfix."""
        _, size, *last = words.split()
        chunk = self.lines.read(int(size))
        self.chunks = getattr(self, "chunks", b"") + chunk
        if not self.recipient:
            self.send("554 5.5.1 no recipient\r\n")
        elif not last:
            if not self.step("data", "250 2.0.0 more"):
                self.recipient = "refused"
        elif self.recipient == "refused":
            self.send("551 5.0.0 discarded after earlier error\r\n")
        elif self.step("dot", ""):
            self._accepted(self._message_id(self.chunks.split(b"\r\n")))
        if last:
            self.chunks = b""

    def _accepted(self, message):
        self.server.accepted_at.append(time.time())
        self.server.accepted.append((message, self.recipient, self.session))
        self.step("reply", "250 2.0.0 queued")

    def do_quit(self, _words):
        # Before the answer: the client may be back before we are gone.
        self.leave()
        self.step("quit", "221 2.0.0 bye")
        raise Close

    def _message_id(self, lines):
        self.server.texts[self.recipient] = b"".join(lines).decode(
            errors="replace")
        for line in lines:
            if line.lower().startswith(b"message-id:"):
                return line.decode().partition("<")[2].partition(">")[0]
        return ""

    def _body(self):
        """Reads up to the dot; returns the Message-ID."""
        lines, first = [], True
        for line in self.lines:
            if first:
                self.step("body", "")
                first = False
            if line == b".\r\n":
                return self._message_id(lines)
            lines.append(line)
        raise Close


def _new_ticket(connection):
    """What Python has no call for: OpenSSL's SSL of a socket stands behind the
    object's head and its first member."""
    pointer = ctypes.c_void_p.from_address(
        id(connection._sslobj) + object.__basicsize__
        + ctypes.sizeof(ctypes.c_void_p))
    library = ctypes.CDLL(ctypes.util.find_library("ssl"))
    if library.SSL_new_session_ticket(pointer) != 1:
        raise OSError("no session ticket")


def server_context(certificate, key, newest=None, oldest=None):
    """A TLS server's side with the given files."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if newest:
        context.maximum_version = newest
    if oldest:
        context.minimum_version = oldest
    return context
