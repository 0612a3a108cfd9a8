# SPDX-License-Identifier: MIT
"""Mail scanners follow every link before the reader does."""

import re
from html.parser import HTMLParser

import pytest
import requests
from stack.keys import bookctl_says
from stack.routes import routes
from stack.untouched import at_rest, content_of
from stack.visitor import at_once, unique_address
from test_change import mails_of, ref_of, slot_of
from test_waiting import wait_for

KINDS = {"booking.confirmed", "booking.moved", "booking.cancelled",
         "booking.reminder", "place.free", "place.removed", "place.waiting",
         "organiser.notice"}


class Links(HTMLParser):
    """Every address that a page or an HTML mail names, forms' too."""

    def __init__(self, markup):
        super().__init__()
        self.found = set()
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.found.update(value for name, value in attrs if value and name in (
            "href", "src", "action", "formaction"))


def links_of_mail(mail):
    """Those of all its parts: a scanner unpacks calendars, too."""
    found = set()
    for part in mail.walk():
        if part.get_content_maintype() == "text" \
                or part.get_content_subtype() == "ics":
            text = part.get_content()
            text = text.decode() if isinstance(text, bytes) else text
            if part.get_content_subtype() == "html":
                found |= Links(text).found
            found |= set(re.findall(r"https?://[^\s\"'<>\\]+", text))
    return found


@pytest.fixture
def mails(stack, visitor, tables, mailbox):
    """One mail of each kind, and what there is behind them."""
    addresses = {name: unique_address(name) for name in (
        "moved", "gone", "kept", "remind", "off")}
    tables.rows("UPDATE service SET organiser_mails = 1 ORDER BY id LIMIT 1")
    try:
        moved = visitor.book(tables.add_slot(2), email=addresses["moved"])
        visitor.book(tables.add_slot(2), email=addresses["kept"], notes="a")
        remind = visitor.book(tables.add_slot(2), email=addresses["remind"])
    finally:
        tables.rows("UPDATE service SET organiser_mails = 0"
                    " ORDER BY id LIMIT 1")
    full = tables.add_slot(1)
    gone = visitor.book(full, email=addresses["gone"])
    line, addresses["line"] = wait_for(stack, visitor, full)
    off, addresses["off"] = wait_for(stack, visitor, full)
    bookctl_says(stack, "waiting", "remove", ref_of(off))
    visitor.post({"slot": slot_of(tables.add_slot(1))}, moved + "/move")
    visitor.post({}, gone + "/cancel")
    tables.rows("UPDATE notification n JOIN booking b ON b.id = n.booking_id"
                " SET n.begins_at = NOW(3), n.due_at = NOW(3)"
                " WHERE b.ref = %s AND n.kind = 'booking.reminder'",
                ref_of(remind))
    for name, count in (("moved", 2), ("gone", 2), ("kept", 1),
                        ("remind", 2), ("line", 2), ("off", 2)):
        mails_of(mailbox, addresses[name], count)
    at_rest(tables)
    organiser = tables.value("SELECT organiser_email FROM service"
                             " ORDER BY id LIMIT 1")
    found = sum((mails_of(mailbox, one, 1) for one in
                 [*addresses.values(), organiser]), [])
    kinds = {kind for (kind,) in tables.rows(
        "SELECT DISTINCT kind FROM notification WHERE state = 1")}
    assert kinds >= KINDS
    assert any(line in url for mail in found for url in links_of_mail(mail))
    return found


def test_a_scanner_that_follows_every_link_changes_nothing(stack, tables,
                                                           mails):
    """GET and HEAD, as the mail has them and one page further."""
    before = content_of(tables)
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=8))
    seen = {}

    def ours(url):
        """The address on this stack, None for other sites and mailto."""
        url = url.partition("#")[0].replace("&amp;", "&")
        if url.startswith("/"):
            return stack.http_url + url
        return url if url.startswith(stack.http_url) else None

    def visit(url):
        answer = session.get(url, timeout=30, allow_redirects=False)
        head = session.head(url, timeout=30, allow_redirects=False)
        seen[url] = (answer.status_code, head.status_code)
        html = answer.headers.get("Content-Type", "").startswith("text/html")
        return Links(answer.text).found if html else set()

    wave = set().union(*map(links_of_mail, mails))
    for _ in range(2):
        urls = sorted({ours(url) for url in wave} - {None} - seen.keys())
        wave = set().union(*at_once(len(urls), lambda n: visit(urls[n]), 8))
    # Whatever a link leads to has these pages below it.
    found = [re.match(rf"{re.escape(stack.http_url)}/[bw]/[\w.-]+", url)
             for url in seen]
    links = {match[0] for match in found if match}
    assert {link.split("/")[3] for link in links} == {"b", "w"}
    urls = {link + path.partition("{cap}")[2] for link in links
            for _, path in routes()
            if path.startswith(f"/{link.split('/')[3]}/{{cap}}")}
    urls = sorted(urls - seen.keys())
    at_once(len(urls), lambda n: visit(urls[n]), 8)
    assert len(seen) >= 40, sorted(seen)
    assert any(url.endswith("/cancel") for url in seen)
    assert any(url.endswith("/take") for url in seen)
    # A form's address takes POST alone; organisers' pages want a password.
    assert {status for pair in seen.values() for status in pair} <= \
        {200, 303, 401, 404, 405, 409}, seen
    for url, (got, head) in seen.items():
        assert got == head, url
    assert content_of(tables) == before
