# SPDX-License-Identifier: MIT
"""On paper there is nothing to press: actions are not printed."""

import os
import re
from html.parser import HTMLParser

from stack.layout import TOP
from stack.organiser import Organiser
from stack.pages import all_pages
from stack.visitor import Visitor
from test_markup import admin_pages

ACTIONS = re.compile(
    r"/(find|erase|cancel|move|email|resend|again|leave|take|calendar\.ics|"
    r"remove|retire|raise|restore|new|plan|question)$")
VOID = {"meta", "link", "img", "input", "br", "hr", "base", "wbr"}


def hidden():
    """Elements and classes that the style sheet keeps off paper."""
    with open(os.path.join(TOP, "nginx", "static", "reservoir.css"),
              encoding="utf-8") as file:
        paper = file.read().partition("@media print")[2]
    lists = re.findall(r"([^{}]+)\{\s*display: none;", paper)
    return {one.strip() for text in lists for one in text.split(",")}


class Printed(HTMLParser):
    """What is left of a page's links and buttons."""

    def __init__(self, markup, off):
        super().__init__()
        self.off = off
        self.open = []
        self.left = []
        self.feed(markup)

    def _is_off(self):
        names = [{tag, *(f".{one}" for one in classes)}
                 for tag, classes in self.open]
        for selector in self.off:
            *above, last = selector.split()
            for at, own in enumerate(names):
                if last in own and all(
                        any(one in outer for outer in names[:at])
                        for one in above):
                    return True
        return False

    def handle_starttag(self, tag, attrs):
        if tag in VOID:
            return
        values = dict(attrs)
        self.open.append((tag, (values.get("class") or "").split()))
        # Days and times to choose from lead to the page that they are on.
        path, _, query = (values.get("href") or "").partition("?")
        if any(one in query for one in ("day=", "month=", "slot=")):
            return
        if (tag == "button" or ACTIONS.search(path)) and not self._is_off():
            self.left.append(path or values.get("name", tag))

    def handle_endtag(self, tag):
        while self.open and tag not in VOID:
            if self.open.pop()[0] == tag:
                return


def test_no_page_prints_what_can_only_be_pressed(stack, tables):
    off = hidden()
    assert "form" in off and ".button" in off
    visitor = Visitor(stack.http_url, "en")
    wrong = []
    for name, path in all_pages(stack, visitor, tables):
        left = Printed(visitor.get(path).text, off).left
        wrong += [f"{name}: {one}" for one in left]
    anna = Organiser(stack)
    for path in admin_pages(stack, visitor, tables):
        left = Printed(anna.get(path).text, off).left
        wrong += [f"{path}: {one}" for one in left]
    assert not wrong, "\n".join(wrong)


def test_the_test_finds_what_would_be_printed():
    page = ('<main><p class="small">x <a href="/b/x/erase?lang=en">y</a></p>'
            '<form><button>z</button></form><div class="top"><b class="away">'
            '<a href="/find">f</a></b></div><button name="more">m</button>')
    assert Printed(page, {"form", ".top .away"}).left == [
        "/b/x/erase", "more"]
