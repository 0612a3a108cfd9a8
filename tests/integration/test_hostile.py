# SPDX-License-Identifier: MIT
"""Hostile input: a clear 4xx, nothing stored, nothing logged raw."""

import os
import socket
import urllib.parse

import pytest
from stack.visitor import new_key, unique_address


@pytest.fixture
def form(visitor):
    return visitor.form()


@pytest.fixture(autouse=True)
def nothing_is_stored(tables):
    before = tables.value("SELECT COUNT(*) FROM booking")
    yield
    assert tables.value("SELECT COUNT(*) FROM booking") == before


def raw_post(visitor, body, **headers):
    """A POST of exactly these bytes."""
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return visitor.session.post(visitor.url + "/bookings", data=body,
                                headers=headers, timeout=30,
                                allow_redirects=False)


def test_bytes_that_are_not_utf8(visitor, form):
    body = urllib.parse.urlencode(form | {"name": "@@"}).replace(
        "%40%40", "%ff%fe%80")
    for bytes_ in (body, body.encode().replace(b"%ff%fe%80",
                                               b"\xff\xfe\x80")):
        answer = raw_post(visitor, bytes_)
        assert answer.status_code == 422    # shown again, to be looked at
        assert 'value="ÿþ€"' in answer.text


@pytest.mark.parametrize("name", [
    "Zoé\r\nBcc: all@example.org", "Zoé\nX: y", "Zoé\0null", "\x1b[31mred",
    "https://evil.example", "www.evil.example", "zoe@example.org", "x" * 81,
    "   ", "\u2028line", "\u00a0", "\u3000", "...", "\u0301", "Zo\u00ade",
    "\U000e0041", "a\uffff", "a\ue000", "a\u200db", "a\ufe0f", "\u2800",
    "\u3164", "a\u202eb", "\ufeffZoe"])
def test_names_that_no_mail_may_carry(visitor, form, name):
    answer = visitor.post(form | {"name": name})
    assert answer.status_code in (400, 422)


def test_markup_is_shown_as_text(visitor, form):
    answer = visitor.post(form | {"name": "<script>alert(1)</script>",
                                  "email": "no"})
    assert answer.status_code == 422
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize("address", [
    "zoe", "zoe@", "@example.org", "zoe@example", "a b@example.org",
    "zoe@example.org\r\nBcc: all@example.org", '"zoe"@example.org',
    "zoé@example.org", "zoe@exa_mple.org", "a" * 65 + "@example.org",
    "zoe@example.org, b@example.org", "zoe@" + "a." * 130 + "org",
    "<zoe@example.org> zoe", "zoe@[127.0.0.1]", "a..b@example.org",
    ".a@example.org", "a.@example.org", "a@192.0.2.1", "a@example.1"])
def test_addresses_that_are_none(visitor, form, address):
    assert visitor.post(form | {"email": address}).status_code == 422


def test_a_body_of_ten_megabytes(visitor):
    answer = raw_post(visitor, b"name=" + b"x" * 10_000_000)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_body_just_too_large_for_the_site(visitor):
    assert raw_post(visitor, b"x" * 65537).status_code == 413


@pytest.mark.parametrize("slot", ["999999999", "0", "-1", "abc", "1e3",
                                  "9" * 40, "1 OR 1=1", ""])
def test_a_slot_that_is_none(visitor, form, slot):
    answer = visitor.post(form | {"slot": slot})
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("seats", ["0", "-1", "1000000", "two", "1.5", ""])
def test_seats_that_are_none(visitor, form, seats):
    assert visitor.post(form | {"seats": seats}).status_code in (409, 422)


@pytest.mark.parametrize("field", ["slot", "name", "email"])
def test_a_missing_field(visitor, form, field):
    del form[field]
    assert visitor.post(form).status_code == 422


@pytest.mark.parametrize("name", ["email", "slot", "lang", "name", "seats"])
def test_a_repeated_field(visitor, form, name):
    fields = list(form.items()) + [(name, form[name])]
    assert visitor.post(fields).status_code == 422


def json_post(visitor, body, path="/api/v1/bookings", **headers):
    headers.setdefault("Content-Type", "application/json")
    return visitor.session.post(visitor.url + path, data=body,
                                headers=headers, timeout=30)


@pytest.mark.parametrize("more", [
    '"email": "b@example.org"', '"slot": 1', '"lang": "fr"', '"name": null',
    '"\\u006eame": "Tom"'])
def test_a_member_that_is_there_twice(visitor, form, more):
    body = (f'{{"slot": {form["slot"]}, "name": "Zoe", "lang": "fr", '
            f'"email": "{form["email"]}", {more}}}')
    answer = json_post(visitor, body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize("text", [
    "\\ud800", "\\udc00", "a\\ud800b", "\\ud800\\ud800", "\\udc00\\ud800"])
def test_half_a_surrogate_pair(visitor, form, text):
    body = (f'{{"slot": {form["slot"]}, "name": "Zoe {text}", '
            f'"email": "{form["email"]}"}}')
    assert json_post(visitor, body).status_code == 400


@pytest.mark.parametrize("change", [{"lang": "xx"}, {"lang": ""},
                                    {"lang": ["fr"]}])
def test_a_language_that_is_none(visitor, form, change):
    answer = visitor.session.post(visitor.url + "/api/v1/bookings", json={
        "slot": int(form["slot"]), "name": "Zoe", "email": form["email"]
        } | change, timeout=30)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/lang"


@pytest.mark.parametrize("query", ["from=x", "from=", "from=2025-13-01",
                                   "free=2", "free=", "free=1&free=1"])
def test_a_query_for_slots_that_is_none(visitor, tables, query):
    slug = tables.value("SELECT slug FROM service ORDER BY id LIMIT 1")
    answer = visitor.get(f"/api/v1/services/{slug}/slots?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_an_empty_key_is_no_key(visitor, form):
    body = (f'{{"slot": {form["slot"]}, "name": "Zoe", '
            f'"email": "{form["email"]}"}}')
    assert json_post(visitor, body,
                     **{"Idempotency-Key": ""}).status_code == 400


def test_too_many_fields(visitor, form):
    fields = list(form.items()) + [(f"f{n}", "x") for n in range(100)]
    assert visitor.post(fields).status_code in (400, 413, 422)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_wrong_method(visitor, method):
    answer = visitor.session.request(method, visitor.url + "/bookings",
                                     timeout=20)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_get_books_nothing(visitor, form):
    answer = visitor.session.get(visitor.url + "/bookings", params=form,
                                 timeout=20, allow_redirects=False)
    # Nothing of what was typed goes on, but for the language.
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/?lang={form['lang']}"


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "",
                                  "application/x-www-form-urlencodedx"])
def test_a_type_that_is_no_form(visitor, form, kind):
    answer = raw_post(visitor, urllib.parse.urlencode(form),
                      **{"Content-Type": kind})
    assert answer.status_code == 415


def test_a_file_is_not_a_field(visitor, form):
    answer = visitor.session.post(
        visitor.url + "/bookings", data=form, timeout=20,
        files={"notes": ("a.txt", b"hello")}, allow_redirects=False)
    assert answer.status_code == 415


def test_a_broken_multipart_body(visitor):
    answer = raw_post(visitor, b"--x\r\nContent-Disposition: form-data",
                      **{"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", [
    "/b/", "/b/x", "/b/../../etc/passwd", "/b/%00", "/s/%2e%2e/1",
    "/s/x/1/2/3", "/" + "a" * 3000, "/static/../../conf/booking.conf"])
def test_paths_that_lead_nowhere(stack, path):
    with socket.create_connection(("127.0.0.1", stack.http_port), 10) as one:
        one.sendall(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        answer = b""
        while chunk := one.recv(65536):
            answer += chunk
    status = int(answer.split()[1])
    assert status in (400, 404, 414)
    assert b"mysql_password" not in answer and b"root:" not in answer


@pytest.mark.parametrize("what", ["cancel", "move", "email", "resend",
                                  "erase"])
def test_a_forged_link_changes_nothing(visitor, what):
    answer = visitor.post({"email": unique_address()},
                          f"/b/RK7F3M2Q.{'A' * 22}/{what}")
    assert answer.status_code == 404


def test_logs_hold_no_raw_bytes_and_no_addresses(stack, visitor, form):
    address = unique_address("log")
    visitor.post(form | {"name": "Zoé\r\nadmin logged in", "email": address})
    visitor.post(form | {"name": "\x1b[2J", "key": new_key()})
    for name in ("booking", "maild"):
        path = os.path.join(stack.at.log, name + ".log")
        with open(path, "rb") as file:
            text = file.read()
        assert b"admin logged in" not in text
        assert b"\x1b" not in text
        assert b"@example.org" not in text, name
