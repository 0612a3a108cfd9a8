# SPDX-License-Identifier: MIT
"""Lists that nginx keeps for a second: for crowds, and nobody's but theirs."""

import glob
import itertools
import os
import re
import threading
import time

import pytest
import requests
from stack import fastcgi
from stack.visitor import (Page, Visitor, at_once, new_key, unique_address,
                           wait_until)
from test_change import slot_of

LISTS = ("/", "/s/{slug}", "/s/{slug}?day=2035-09-01", "/s/{slug}?lang=fr",
         "/api/v1/services", "/api/v1/services/{slug}/slots?free=1")
ASKED = 5000
CROWD = 16      # threads


@pytest.fixture(scope="module")
def kept(stack):
    stack.keep_lists(True)
    yield stack
    stack.keep_lists(False)


@pytest.fixture
def slug(tables):
    return tables.value("SELECT slug FROM service ORDER BY id LIMIT 1")


def made(stack):
    """How many answers the program has made."""
    page = fastcgi.body(fastcgi.ask(stack, fastcgi.request(
        "GET", "/metrics", RESERVOIR_METRICS="1"))).decode()
    return sum(int(count) for count in re.findall(
        r'^reservoir_http_responses_total\{[^}]*\} (\d+)$', page, re.M))


def apart(answer):
    """What may not depend on who asked before."""
    return (answer.status_code, answer.text,
            {name: value for name, value in answer.headers.items()
             if name not in ("Date", "X-Request-Id", "Connection")})


def as_made(url, headers):
    """What the program makes of it now: a cookie passes by what is kept."""
    return requests.get(url, timeout=30, headers=headers | {"Cookie": "a=1"})


def test_a_crowd_costs_one_rendering_a_second(kept, tables, slug):
    slot = tables.add_slot(3)
    path = f"{kept.http_url}/s/{slug}"
    before, begun = made(kept), time.monotonic()
    answers = []

    def reload(_):
        with requests.Session() as session:
            for _ in range(ASKED // CROWD):
                answers.append(session.get(path, timeout=60).status_code)

    at_once(CROWD, reload)
    lasted_s = time.monotonic() - begun
    assert set(answers) == {200} and len(answers) >= ASKED - CROWD
    assert made(kept) - before <= lasted_s + 3
    assert slot


def test_what_nobody_has_asked_for_is_made_once_for_all(kept, slug):
    """Nothing is kept yet, and all come in the same moment."""
    path = f"{kept.http_url}/s/{slug}?x={new_key()}"
    before, begun = made(kept), time.monotonic()
    answers = []
    at_once(40, lambda _: answers.append(
        requests.get(path, timeout=60).status_code))
    assert answers == [200] * 40
    assert made(kept) - before <= time.monotonic() - begun + 3


def test_who_says_who_they_are_gets_an_answer_of_their_own(kept, slug):
    own = ({"Cookie": "session=1"}, {"Cookie": ""},
           {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer x"})
    for path, headers in itertools.product(LISTS, own):
        url = kept.http_url + path.format(slug=slug)
        requests.get(url, timeout=30)
        before = made(kept)
        for _ in range(4):
            assert requests.get(url, timeout=30,
                                headers=headers).status_code == 200
        made_now = made(kept) - before
        assert made_now >= (4 if any(headers.values()) else 0), (path, headers)


def test_what_one_asks_with_is_kept_from_others(kept, slug):
    """A mark in anything that is sent is shown to nobody who has not sent it.

    And each gets what the program makes of what they sent themselves.
    """
    mark = new_key()
    odd = ("fr", "en", "fr-FR,fr;q=0.9,en;q=0.8", "en-US,en;q=0.5", "FR",
           "fr;q=0.1,en", "en;q=0,fr", "de,fr", "fr-x-" + mark, "fr,\ten",
           "*", "en\\nGET", "fr " + mark, "", "x" * 2000, "fr-CH-1996,en")
    sent = [{"Accept-Language": value} for value in odd] + [
        {"Origin": "https://" + mark + ".example"}, {"Origin": "null"},
        {"Origin": "https://a.example fr", "Accept-Language": ""},
        {"Origin": "https://a.example", "Accept-Language": "fr"},
        {"Host": "evil.example"}, {"Host": mark + ".example:81"},
        {"X-Forwarded-Host": mark}, {"X-Forwarded-For": "192.0.2.9"},
        {"Referer": "https://" + mark + ".example/"},
        {"Accept": "application/json"}, {"If-None-Match": "*"},
        {"Sec-Fetch-Dest": "iframe"}, {"Accept-Encoding": "gzip"},
        {"Range": "bytes=0-10"}, {"User-Agent": mark},
        {"X-Accel-Expires": "1000"}, {"Cache-Control": "no-cache"}]
    for path in LISTS:
        url = kept.http_url + path.format(slug=slug)
        for headers in sent + sent[::-1]:
            got = requests.get(url, timeout=30, headers=headers)
            if "Range" in headers or "If-None-Match" in headers:
                continue        # nginx answers these from what it keeps
            right = as_made(url, headers)
            assert apart(got) == apart(right), (path, headers)
        assert mark not in requests.get(url, timeout=30).text


def test_queries_are_other_addresses(kept, slug):
    """However they are ordered, doubled or written."""
    tails = ("?lang=fr&day=2035-09-01", "?day=2035-09-01&lang=fr",
             "?lang=fr&lang=en", "?lang=en&lang=fr", "?lang=en%26lang=fr",
             "?lang=fr#en", "?%6cang=fr", "?lang=xx", "?", "?lang=FR",
             "?lang=en;lang=fr")
    for _ in range(2):
        for tail in tails:
            url = f"{kept.http_url}/s/{slug}{tail}"
            got = requests.get(url, timeout=30)
            assert apart(got) == apart(as_made(url, {})), tail


def test_a_head_is_no_list_without_its_text(kept, slug):
    url = f"{kept.http_url}/s/{slug}?y={new_key()}"
    assert requests.head(url, timeout=30).text == ""
    assert "</html>" in requests.get(url, timeout=30).text
    assert requests.head(url, timeout=30).text == ""


def test_nothing_but_lists_is_kept(kept, visitor, tables, slug):
    slot = tables.add_slot(5)
    first, again = (visitor.form(slot) for _ in range(2))
    assert first["key"] != again["key"]
    place = visitor.book(slot, email=unique_address("kept"))
    secret = place.rpartition("/")[2]
    paths = (place, place + "/cancel", place + "/move", "/find", "/privacy",
             f"/api/v1/bookings/{secret}", f"/feed/{secret}", slot,
             slot + "/wait", "/healthz", "/done/cancelled")
    for path in paths * 2:
        before = made(kept)
        requests.get(kept.http_url + path, timeout=30)
        assert made(kept) > before, path
    requests.get(f"{kept.http_url}/s/{slug}", timeout=30)
    files = glob.glob(os.path.join(kept.at.path("nginx"), "lists", "*"))
    assert files
    for name in files:
        with open(name, "rb") as file:
            text = file.read()
        assert secret.encode() not in text
        key = text[text.index(b"KEY: "):].split(b"\n")[3].decode()
        assert re.match(r"/(\?|$)|/s/[^/]+$|/api/v1/services(/[^/]+/slots)?"
                        r"(\?|$)", key), key


def test_only_lists_say_that_they_may_be_kept(stack, visitor, tables, slug):
    """The program's own word, whatever stands before it."""
    slot = tables.add_slot(5)
    place = visitor.book(slot, email=unique_address("kept"))

    def may(method, path):
        head = fastcgi.ask(stack, fastcgi.request(method, path)).partition(
            b"\r\n\r\n")[0]
        return b"X-Accel-Expires: 1\r\n" in head + b"\r\n"

    for path in LISTS:
        assert may("GET", path.format(slug=slug)), path
        assert not may("HEAD", path.format(slug=slug)), path
    assert may("GET", "/s/no-such-service")
    for path in (slot, slot + "/wait", place, "/find", "/no-such-page",
                 "/api/v1/services/x/slots?free=perhaps", "/metrics",
                 "/privacy", "/api/v1/bookings/x", "/feed/x", "/admin"):
        assert not may("GET", path), path


def test_lists_are_shown_while_the_database_is_away(kept, whole, slug):
    """And nothing is booked by them."""
    paths = [kept.http_url + path.format(slug=slug) for path in LISTS]
    shown = [requests.get(path, timeout=30) for path in paths]
    whole.stop("mariadb")
    try:
        # Past the second for which they are fresh.
        wait_until(lambda: as_made(paths[0], {}).status_code == 503, 30,
                   "the database's absence")
        end = time.monotonic() + 3
        while time.monotonic() < end:
            for path, before in zip(paths, shown):
                answer = requests.get(path, timeout=30)
                assert (answer.status_code, answer.text) == \
                    (200, before.text), path
        assert requests.get(f"{kept.http_url}/s/{slug}?z={new_key()}",
                            timeout=30).status_code == 503
        answer = requests.post(kept.http_url + "/bookings", timeout=30, data={
            "slot": "1", "name": "Zoé", "email": unique_address("away"),
            "seats": "1", "key": new_key()})
        assert answer.status_code == 503
    finally:
        whole.start("mariadb")
    wait_until(lambda: as_made(paths[0], {}).status_code == 200, 30,
               "the database")


def test_a_crowd_that_reads_kept_lists_books_what_there_is(kept, tables,
                                                           slug):
    slots = [tables.add_slot(3) for _ in range(4)]
    answers = []
    lock = threading.Lock()

    def visit(number):
        visitor = Visitor(kept.http_url)
        assert visitor.get(f"/s/{slug}").status_code == 200
        page = visitor.get(slots[number % len(slots)])
        if page.status_code == 200:
            answer = visitor.post(Page(page.text).fields | {
                "name": "Zoé", "email": unique_address("kept"), "seats": "1"})
            with lock:
                answers.append(answer.status_code)

    at_once(40, visit)
    assert answers.count(303) == 3 * len(slots)
    for slot in slots:
        assert tables.value("SELECT booked FROM slot_inventory WHERE"
                            " slot_id = %s", slot_of(slot)) == 3


def test_whoever_has_booked_soon_sees_it_in_the_list(kept, tables, slug):
    """At once on their own page; in the list after a second at most."""
    slot = tables.add_slot(1)
    visitor = Visitor(kept.http_url)
    link = f'href="{slot}"'
    day = tables.value("SELECT DATE(starts_at) FROM slot WHERE id = %s",
                       slot_of(slot))
    path = f"/s/{slug}?day={day}"
    wait_until(lambda: link in visitor.get(path).text, 10, "the new slot")
    place = visitor.book(slot, email=unique_address("own"))
    booked = time.monotonic()
    assert visitor.get(place).status_code == 200
    wait_until(lambda: link not in visitor.get(path).text, 10, "the list")
    # A second, the rest of the one that nginx counts in, and a slow machine.
    assert time.monotonic() - booked < 5
