# SPDX-License-Identifier: MIT
"""The end of a request: the connection is closed, and no answer is cut."""

import datetime
from urllib.parse import urlencode

import pytest
from stack import fastcgi, parts
from stack.visitor import new_key, unique_address
from test_change import slot_of

FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
READERS = 20    # more than there are workers


@pytest.fixture(scope="module")
def large(stack):
    """A page with so many times that a socket has no room for all of it."""
    day = datetime.date.today() + datetime.timedelta(days=20)
    parts.bookctl(stack, "service", "add", "--slug", "closing", "--name",
                  "Closing", "--zone", "UTC")
    parts.bookctl(stack, "slots", "add", "--service", "closing", "--start",
                  f"{day}T00:00", "--duration", "2min", "--capacity", "3",
                  "--count", "700")
    return f"/s/closing?day={day}"


def form(tables, **more):
    return urlencode({"slot": slot_of(tables.add_slot(5)), "name": "Zoé",
                      "email": unique_address("closing"), "seats": "1",
                      "key": new_key()} | more).encode()


def test_slow_readers_get_the_whole_page(stack, large):
    whole = fastcgi.body(fastcgi.ask(stack, fastcgi.request("GET", large)))
    assert len(whole) > 100_000
    slow = [fastcgi.connect(stack) for _ in range(READERS)]
    for one in slow:
        one.sendall(fastcgi.request("GET", large))
    for one in slow:
        with one:
            answer = fastcgi.output(fastcgi.rest(one, part=512))
        assert fastcgi.body(answer) == whole


def test_an_answer_waits_for_who_reads_it_later(stack, visitor, tables):
    """The program has closed the connection long before."""
    with fastcgi.connect(stack) as one:
        one.sendall(fastcgi.request("POST", "/bookings", form(tables), **FORM))
        for _ in range(3 * READERS):
            assert visitor.get("/").status_code == 200
        assert fastcgi.status(fastcgi.output(fastcgi.rest(one, 10))) == 303


def test_a_body_in_many_records_is_read_whole(stack, tables):
    body = form(tables, padding="p" * 60_000)
    answer = fastcgi.ask(stack, fastcgi.request("POST", "/bookings", body,
                                                **FORM))
    assert fastcgi.status(answer) == 303


def test_what_is_refused_unread_is_answered_all_the_same(stack):
    """More than the program reads is still on its way to it."""
    text = fastcgi.request("POST", "/bookings", b"x" * 120_000, **FORM)
    for _ in range(READERS):
        answer = fastcgi.ask(stack, text)
        assert fastcgi.status(answer) == 413
        assert fastcgi.body(answer)


@pytest.mark.parametrize("said", [-1, 1])
def test_a_body_of_another_length_books_nothing(stack, tables, said):
    body = form(tables)
    answer = fastcgi.ask(stack, fastcgi.request(
        "POST", "/bookings", body, CONTENT_LENGTH=str(len(body) + said),
        **FORM))
    assert fastcgi.status(answer) == 400


def test_who_goes_away_costs_no_worker(stack, visitor, large):
    for _ in range(READERS):
        with fastcgi.connect(stack) as one:
            one.sendall(fastcgi.request("GET", large))
    assert visitor.get("/").status_code == 200
