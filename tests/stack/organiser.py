# SPDX-License-Identifier: MIT
"""An organiser's browser, signed in, without a browser."""

from .confs import ORGANISER
from .visitor import Page, Visitor

__all__ = ["ORGANISER", "Organiser"]


class Organiser(Visitor):
    """Signed in at /admin; posts as a browser does, with its Origin."""

    def __init__(self, stack, language="en"):
        super().__init__(stack.http_url, language)
        self.session.auth = (ORGANISER, stack.at.make_secret("organiser"))
        self.session.headers["Origin"] = stack.http_url
        self.session.headers["Sec-Fetch-Site"] = "same-origin"

    def do(self, ref, what, **fields):
        """Presses a button of a booking's page; returns the answer."""
        asks = what in ("cancel", "erase")
        answer = self.get(f"/admin/b/{ref}" + (f"/{what}" if asks else ""))
        assert answer.status_code == 200, answer.url
        page = Page(answer.text)
        revision = {"revision": page.fields["revision"]} \
            if "revision" in page.fields else {}
        return self.post(revision | fields, f"/admin/b/{ref}/{what}")
