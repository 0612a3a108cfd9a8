# SPDX-License-Identifier: MIT
"""A token service on this host that can fail, hang and lie."""

import http.server
import json
import secrets
import ssl
import threading
import time
import urllib.parse

HANG_S = 60


class TokenService:
    """HTTPS on a port of its own, as Microsoft's and Google's are.

    plan() is asked at each request for a token: None (all is well), "refuse",
    "error" (500), "hang", "drip" (the answer, one byte a second), "close",
    "html", "empty", or a dict that is answered as it is.
    POST /introspect, as RFC 7662 has it, tells whether `known` has a token.
    """

    def __init__(self, files):
        self.plan = lambda: None
        self.life_s = 3600
        self.length = 300       # bytes of a token
        self.known = {}         # token: user
        self.user = "me@example.org"
        self.asked = []         # the forms that were posted, token requests
        self.introspected = 0
        service = self

        class Handler(_Handler):
            """Of this service."""
            owner = service

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                       Handler)
        self._server.daemon_threads = True
        self.plain = files is None
        if files:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*files)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True,
                do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        scheme = "https" if files else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever,
                         daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def make(self):
        """A new token that introspection knows."""
        token = secrets.token_urlsafe(self.length)[:self.length]
        self.known[token] = self.user
        return token


class _Handler(http.server.BaseHTTPRequestHandler):
    owner = None
    timeout = 30

    def log_message(self, format, *args):   # pylint: disable=redefined-builtin
        """Says nothing."""

    def do_GET(self):
        """Where the token comes from, as Microsoft's library asks first."""
        base = f"{self.owner.url}{self.path.partition('/v2.0/')[0]}"
        self.answer({
            "issuer": base, "token_endpoint": base + "/oauth2/v2.0/token",
            "authorization_endpoint": base + "/oauth2/v2.0/authorize"})

    def do_POST(self):
        """A token, or a word about one."""
        length = int(self.headers.get("Content-Length", 0))
        form = dict(urllib.parse.parse_qsl(
            self.rfile.read(length).decode("ascii")))
        if self.path.startswith("/introspect"):
            self.owner.introspected += 1
            user = self.owner.known.get(form.get("token"))
            self.answer({"active": True, "username": user, "email": user,
                         "sub": user} if user else {"active": False})
            return
        self.owner.asked.append(form)
        self.give(self.owner.plan())

    def give(self, wish):
        """What the plan wants."""
        good = {"access_token": self.owner.make(), "token_type": "Bearer",
                "expires_in": self.owner.life_s}
        if wish == "hang":
            time.sleep(HANG_S)
        elif wish == "close":
            self.close_connection = True
        elif wish == "refuse":
            self.answer({"error": "invalid_client", "error_description":
                         "AADSTS7000215: Invalid client secret provided.\r\n"
                         "Trace ID: 1234"}, 401)
        elif wish == "error":
            self.answer({"error": "server_error"}, 500)
        elif wish == "html":
            self.answer("<html>come back later</html>", kind="text/html")
        elif wish == "empty":
            self.answer("")
        elif wish == "drip":
            self.answer(good, drip_s=1)
        else:
            self.answer(good if wish is None else wish)

    def answer(self, what, status=200, kind="application/json", drip_s=0):
        """Sends it."""
        body = (what if isinstance(what, str) else json.dumps(what)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not drip_s:
            self.wfile.write(body)
            return
        for byte in body:
            self.wfile.write(bytes([byte]))
            time.sleep(drip_s)
