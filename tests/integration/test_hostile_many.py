# SPDX-License-Identifier: MIT
"""Hostile requests by the thousand, to whatever writes: nothing changes."""

import base64
import html
import os
import re
import socket
import time
import types

import pytest
import requests
from hostile import booking_cases, place_cases
from hostile_answers import ASKED, answer_cases
from hostile_desk import desk_cases, setup_cases
from hostile_routes import route_cases
from hostile_texts import FORGED
from stack.keys import add_api_key, add_form_key
from stack.organiser import ORGANISER
from stack.untouched import at_rest, content_of, jobs_of
from stack.visitor import (Tables, Visitor, at_once, line_of,
                           unique_address)

SITE = "https://hostile.example"
CLIENTS = 6
LOG_LINE = re.compile(
    rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [a-z.]+\[\d+\] "
    rb"(error|warning|info|debug): [ -~]*")


def service_that_asks(stack, program):
    """A service with twenty questions; the number of its slot."""
    admin = stack.http_url + "/api/v1/admin/services"

    def add(path, wish):
        answer = requests.post(admin + path, json=wish, headers=program,
                               timeout=20)
        assert answer.status_code == 201, answer.text
        return answer.json()

    add("", {"slug": "hostile-asks", "name": "Repas",
             "time_zone": "Europe/Paris"})
    for name, kind, more in ASKED:
        add("/hostile-asks/questions",
            {"name": name, "kind": kind, "label": name} | more)
    slot = add("/hostile-asks/slots",
               {"starts_at": "2031-06-03T09:00", "capacity": 50})
    return str(slot["slots"][0]["id"])


@pytest.fixture(scope="module")
def context(stack):
    """What real links and keys there are to be bent."""
    visitor = Visitor(stack.http_url)
    with Tables(stack.env) as tables:
        slot, full = tables.add_slot(50), tables.add_slot(1)
        place = visitor.book(slot, email=unique_address("real"))
        visitor.book(full, email=unique_address("full"))
        page = visitor.page(full + "/wait")
        waits = unique_address("line")
        assert visitor.post(page.fields | {
            "name": "Léa", "email": waits, "seats": "1"},
            page.actions[0]).status_code == 303
        line = line_of(stack, waits)
    program = add_api_key(stack, "hostile")
    asking = service_that_asks(stack, program)
    # The day of a key's last use is kept: it is today, from here on.
    assert requests.get(stack.http_url + "/api/v1/admin/stats",
                        headers=program, timeout=20).status_code == 200
    password = stack.at.make_secret("organiser")
    basic = base64.b64encode(f"{ORGANISER}:{password}".encode()).decode()
    return types.SimpleNamespace(
        url=stack.http_url, slot=slot.rpartition("/")[2], full=full,
        slug=slot.split("/")[2], asking=asking,
        cap=place.rpartition("/")[2], line=line.rpartition("/")[2],
        ref=place.rpartition("/")[2][:8], origin=SITE,
        key=add_form_key(stack, [SITE], [SITE + "/thanks"]),
        organiser={"Authorization": "Basic " + basic},
        program=program)


def send(session, url, case):
    request = requests.Request(case.method, url, data=case.body, headers={
        "Accept-Language": "fr", "Accept": "text/html"} | {
            name: value.encode("latin-1") if value.isascii()
            else value.encode() for name, value in case.headers.items()})
    ready = session.prepare_request(request)
    ready.url = url + case.path         # as it is, dots and all
    ready.headers.pop("Content-Type", None)
    if case.kind:
        ready.headers["Content-Type"] = case.kind
    return session.send(ready, timeout=60, allow_redirects=False)


def complaint(case, answer):
    """What is wrong with an answer, or None."""
    if answer.status_code not in case.statuses:
        return f"{answer.status_code}, not {case.statuses}"
    if "X-Evil" in answer.headers or FORGED in str(answer.headers):
        return f"its headers: {answer.headers}"
    kind = answer.headers.get("Content-Type", "")
    if "<center>nginx" in answer.text:
        return "nginx's own page"
    if kind.startswith("text/html"):
        if 'lang="fr"' not in answer.text:
            return "not in the visitor's language"
        if case.echo and html.escape(case.echo) != case.echo \
                and case.echo in answer.text:
            return "not escaped"
    elif kind.startswith("application/problem+json"):
        if answer.json()["status"] != answer.status_code:
            return "another status in its body"
    elif answer.status_code not in (200, 303, 401):
        return f"a body of type {kind!r}"
    return None


def test_thousands_of_hostile_requests_change_nothing(stack, context, tables):
    cases = [*booking_cases(context), *place_cases(context),
             *desk_cases(context), *setup_cases(context),
             *answer_cases(context), *route_cases(context)]
    assert len({(one.path, one.body, one.kind, str(one.headers))
                for one in cases}) >= 2500
    at_rest(tables)
    before = content_of(tables)
    jobs = jobs_of(stack)
    begun = time.monotonic()
    sessions = [requests.Session() for _ in range(CLIENTS)]

    def client(number):
        found = []
        for case in cases[number::CLIENTS]:
            answer = send(sessions[number], stack.http_url, case)
            what = complaint(case, answer)
            if what:
                found.append(f"{case.name}: {what}")
        return found

    wrong = sum(at_once(CLIENTS, client), [])
    print(f"{len(cases)} requests, {time.monotonic() - begun:.1f} s")
    assert wrong == [], f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong)
    after = content_of(tables)
    assert {name: (before[name], after[name]) for name in after
            if after[name] != before[name]} == {}
    assert jobs_of(stack) == jobs


RAW = {
    "two lengths": "POST /bookings HTTP/1.1\r\nHost: x\r\n"
                   "Content-Length: 4\r\nContent-Length: 5\r\n\r\na=bc",
    "length and chunks": "POST /bookings HTTP/1.1\r\nHost: x\r\nContent-"
                         "Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    "negative length": "POST /bookings HTTP/1.1\r\nHost: x\r\n"
                       "Content-Length: -1\r\n\r\n",
    "odd length": "POST /bookings HTTP/1.1\r\nHost: x\r\n"
                  "Content-Length: 0x4\r\n\r\na=bc",
    "huge length": "POST /bookings HTTP/1.1\r\nHost: x\r\n"
                   "Content-Length: " + "9" * 30 + "\r\n\r\n",
    "odd encoding": "POST /bookings HTTP/1.1\r\nHost: x\r\n"
                    "Transfer-Encoding: gzip, chunked\r\n\r\n",
    "broken chunk": "POST /bookings HTTP/1.1\r\nHost: x\r\n"
                    "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "chunked": "POST /bookings HTTP/1.1\r\nHost: x\r\nContent-Type: "
               "application/json\r\nTransfer-Encoding: chunked\r\n"
               "Connection: close\r\n\r\n3\r\n{]}\r\n0\r\n\r\n",
    "two hosts": "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "no host": "GET / HTTP/1.1\r\n\r\n",
    "nul in a header": "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "nul in the path": "GET /s/\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no such version": "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "long header": "GET / HTTP/1.1\r\nHost: x\r\nX: " + "a" * 40000
                   + "\r\n\r\n",
    "long method": "A" * 5000 + " / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no method": " / HTTP/1.1\r\nHost: x\r\n\r\n",
    "up": "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    "tunnel": "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "trace": "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "tls": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


@pytest.mark.parametrize("what", RAW)
def test_requests_that_are_no_http(stack, tables, what):
    at_rest(tables)
    before = content_of(tables)
    with socket.create_connection(("127.0.0.1", stack.http_port), 20) as one:
        one.sendall(RAW[what].encode("latin-1"))
        answer = b""
        while b"</html>" not in answer:
            chunk = one.recv(65536)
            if not chunk:
                break
            answer += chunk
    status = int(answer.split()[1])
    assert 400 <= status < 500, answer
    assert b"<center>nginx" not in answer, answer
    assert b'<html lang="' in answer or b'"status":' in answer, answer
    assert content_of(tables) == before


def test_no_log_line_is_broken_or_forged(stack):
    for name in ("booking", "maild"):
        with open(os.path.join(stack.at.log, name + ".log"), "rb") as file:
            lines = file.read().splitlines()
        assert lines
        for line in lines:
            assert LOG_LINE.fullmatch(line), line
            assert FORGED.encode() not in line, line
            assert b"zoe@example.org" not in line, line
