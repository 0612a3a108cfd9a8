# SPDX-License-Identifier: MIT
"""A proxy that rewrites what passes, as some firms and networks have one."""

import gzip
import http.client
import http.server
import re
import threading
import urllib.parse

__all__ = ["Meddler"]

# What such a proxy takes from requests, and from answers.
DROPPED = re.compile(r"(?:Origin|Referer|Sec-.*|Accept-Encoding|Host|"
                     r"Content-Length|Connection)", re.I)
HIDDEN = re.compile(r"(?:Content-(?:Security-Policy|Type|Length|Encoding)|"
                    r"Referrer-Policy|Permissions-Policy|Cross-Origin-.*|"
                    r"X-(?:Frame|Content-Type)-Options|Cache-Control|ETag|"
                    r"Transfer-Encoding|Connection|Date|Server)", re.I)
SCRIPT = "<script>document.documentElement.className = 'seen';</script>"
BANNER = '<div style="height:60px;background:#fc0">Seen by your firm</div>'


def smaller(page):
    """Without comments, spaces and the quotes that HTML can do without."""
    page = re.sub(r"<!--.*?-->", "", page, flags=re.S)
    parts = re.split(r"(<textarea.*?</textarea>)", page, flags=re.S)
    parts[::2] = [re.sub(r"\s+", " ", part).replace("> <", "><")
                  for part in parts[::2]]

    def tag(found):
        return re.sub(r'="([^\s"\'=<>`]+)"(?=[\s>])', r"=\1", found[0])

    return re.sub(r"<[a-z][^<>]*>", tag, "".join(parts))


def rewritten(page):
    page = smaller(page)
    page = re.sub(r"<head[^>]*>", lambda m: m[0] + SCRIPT, page, count=1)
    return re.sub(r"<body[^>]*>", lambda m: m[0] + BANNER, page, count=1)


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def _ask(self, body, headers):
        there = http.client.HTTPConnection(self.server.site, timeout=30)
        try:
            there.request(self.command, self.path, body, headers)
            answer = there.getresponse()
            content = answer.read()
        finally:
            there.close()
        if answer.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return answer, content

    def _pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items()
                   if not DROPPED.fullmatch(name)}
        headers |= {"Host": self.server.site, "Accept-Encoding": "gzip",
                    "Via": "1.1 proxy", "X-Forwarded-For": "10.1.2.3"}
        if "urlencoded" in headers.get("Content-Type", ""):
            body = urllib.parse.urlencode(
                urllib.parse.parse_qsl(body.decode("ascii"), True),
                quote_via=urllib.parse.quote).encode("ascii")
        answer, content = self._ask(body or None, headers)
        if self.command == "POST" and self.server.repeats:
            # As if no answer had come.
            self.server.first.append(answer.status)
            answer, content = self._ask(body, headers)
        self._hand_back(answer, content)

    do_GET = do_POST = do_OPTIONS = _pass_on

    def _hand_back(self, answer, content):
        kind = answer.headers.get("Content-Type", "")
        if kind.startswith("text/html"):
            content = rewritten(content.decode()).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if not HIDDEN.fullmatch(name):
                self.send_header(name, value)
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "private")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Meddler(http.server.ThreadingHTTPServer):
    """In front of a site, at url.

    repeats: every POST is sent twice, and the second answer is handed back;
    the status of the others is in first.
    """

    daemon_threads = True

    def __init__(self, site_url):
        super().__init__(("127.0.0.1", 0), Handler)
        self.site = site_url.partition("://")[2]
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.repeats, self.first = False, []
        self._thread = threading.Thread(target=self.serve_forever,
                                        kwargs={"poll_interval": 0.05})

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self._thread.join()
        self.server_close()
