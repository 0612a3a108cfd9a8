#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The mailbox: shows the caught mails to a person, read-only.

usage: viewer.py SOCKET DIRECTORY

Serves HTTP on a unix socket, for nginx.  Mails come from outside: each text
is escaped, an HTML part is shown in a sandbox that loads nothing from
anywhere, names of files are checked before they are opened.
"""

import os
import re
import signal
import socketserver
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler

import mailpage

MAIL_NAME = re.compile(r"\d{6,9}-\d{1,15}\.eml")
OURS = ("default-src 'none'; style-src 'self'; frame-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
THEIRS = ("default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
          "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups "
          "allow-popups-to-escape-sandbox")


class Handler(BaseHTTPRequestHandler):
    """GET only: / and /mail/NAME, with /html /source /part/N below it."""

    server_version = "mailbox"
    sys_version = ""
    protocol_version = "HTTP/1.0"
    timeout = 30

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        words = url.path.strip("/").split("/")
        if words == [""]:
            self._list(urllib.parse.parse_qs(url.query))
        elif words == ["style.css"]:
            self._send(200, "text/css", mailpage.STYLE.encode())
        elif words == ["healthz"]:
            self._send(200, "text/plain", b"ok\n")
        elif len(words) >= 2 and words[0] == "mail":
            self._mail(words[1], words[2:])
        else:
            self._nothing()

    def _list(self, query):
        word = query.get("page", ["1"])[0]
        page = int(word) if re.fullmatch(r"[1-9]\d{0,5}", word) else 1
        names = sorted((name for name in os.listdir(self.server.mails)
                        if MAIL_NAME.fullmatch(name)), reverse=True)
        self._page(mailpage.listing(self.server.mails, names, page))

    def _mail(self, name, rest):
        if not MAIL_NAME.fullmatch(name):
            self._nothing()
            return
        try:
            with open(os.path.join(self.server.mails, name), "rb") as file:
                raw = file.read()
        except FileNotFoundError:
            self._nothing()
            return
        mail = mailpage.Mail(name, raw)
        if not rest:
            self._page(mail.page())
        elif rest == ["html"] and mail.html is not None:
            page = '<base target="_blank">' + mail.html
            self._send(200, "text/html; charset=utf-8",
                       page.encode("utf-8", "replace"), policy=THEIRS)
        elif rest == ["source"]:
            self._send(200, "text/plain; charset=utf-8", raw)
        elif len(rest) == 2 and rest[0] == "part":
            self._part(mail, rest[1])
        else:
            self._nothing()

    def _part(self, mail, word):
        parts = mail.parts
        if not re.fullmatch(r"\d{1,3}", word) or int(word) >= len(parts):
            self._nothing()
            return
        part = parts[int(word)]
        quoted = urllib.parse.quote(part.filename, safe="")
        self._send(200, "application/octet-stream", part.content,
                   {"Content-Disposition":
                    f"attachment; filename*=UTF-8''{quoted}"})

    def _page(self, text):
        self._send(200, "text/html; charset=utf-8",
                   text.encode("utf-8", "replace"))

    def _nothing(self):
        self._send(404, "text/html; charset=utf-8",
                   mailpage.missing().encode())

    def _send(self, status, kind, body, more=None, policy=OURS):
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)),
                   "Content-Security-Policy": policy,
                   "X-Content-Type-Options": "nosniff",
                   "Referrer-Policy": "no-referrer",
                   "Cache-Control": "no-store"}
        for name, value in (headers | (more or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def address_string(self):
        return "nginx"


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A unix socket of its own, taken over from a server that died."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, where, mails):
        self.mails = mails
        if os.path.exists(where):
            os.unlink(where)
        os.umask(0o077)
        super().__init__(where, Handler)


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 64
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server(sys.argv[1], sys.argv[2]) as server:
        server.serve_forever(poll_interval=5)
    return 0


if __name__ == "__main__":
    sys.exit(main())
