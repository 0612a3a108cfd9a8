# SPDX-License-Identifier: MIT
"""The admin interface for programs, by doc/openapi.json and by the tables."""

import json
import secrets

import pytest
from stack.contract import Contract
from stack.keys import add_api_key, bookctl_says
from stack.organiser import Organiser
from stack.visitor import Visitor, unique_address, wait_until


@pytest.fixture(scope="module")
def contract(stack):
    return Contract(stack.http_url, add_api_key(stack, "contract"))


@pytest.fixture
def anna(stack):
    return Organiser(stack)


def problem_of(answer):
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "no-store" in answer.headers["Cache-Control"]
    problem = answer.json()
    assert problem["status"] == answer.status_code
    return problem["type"].rpartition("/")[2]


def test_stats_are_those_of_bookctl(contract, stack):
    def same():
        answer = contract.call("GET", "/admin/stats")
        assert answer.status_code == 200
        return answer.json() == json.loads(
            bookctl_says(stack, "stats", "--json")[1])

    # Mails of other tests are sent meanwhile.
    wait_until(same, 30, "the same figures twice")


@pytest.fixture
def booked(contract, visitor, tables):
    """A booking: (reference, address, slot's page)."""
    page = tables.add_slot(3)
    address = unique_address("api")
    ref = visitor.book(page, email=address).rpartition("/")[2][:8]
    return ref, address, page


def path_of(ref, rest=""):
    return f"/admin/bookings/{ref}{rest}"


def test_bookings_are_found_page_by_page(contract, visitor, tables):
    """Five of two slots, seen two by two, are the five, in order of time."""
    name = f"Réunion {secrets.token_hex(4)}"
    refs = {visitor.book(page, name=name, seats="1").rpartition("/")[2][:8]
            for page in [tables.add_slot(3)] * 3 + [tables.add_slot(2)] * 2}
    found, cursor = [], ""
    for pages in range(1, 4):
        answer = contract.call("GET", "/admin/bookings", params={
            "text": name[3:], "limit": 2, "cursor": cursor}).json()
        found += answer["bookings"]
        cursor = answer.get("next")
        assert (cursor is None) == (pages == 3)
    assert {one["reference"].replace("-", "") for one in found} == refs
    assert len(found) == 5
    starts = [one["starts_at"] for one in found]
    assert starts == sorted(starts)
    assert {one["name"] for one in found} == {name}


def test_bookings_are_found_by_day_service_and_reference(contract, booked,
                                                         tables):
    ref, address, page = booked
    service = page.split("/")[2]

    def search(**params):
        answer = contract.call("GET", "/admin/bookings", params=params)
        assert answer.status_code == 200
        return [one["reference"].replace("-", "")
                for one in answer.json()["bookings"]]

    assert search(ref=ref) == search(ref=f"{ref[:4]}-{ref[4:]}".lower()) == [
        ref]
    assert search(text=address[:12].upper()) == [ref]
    assert search(text="%" + address[1:]) == []
    row = contract.call("GET", "/admin/bookings", params={
        "ref": ref}).json()["bookings"][0]
    day = row["starts_at"][:10]
    assert (row["service"], row["email"]) == (service, address)
    for params, there in (
            ({"service": service, "from": day, "until": day}, True),
            ({"service": service, "until": "2020-01-01"}, False),
            ({"from": "2099-01-01"}, False), ({"until": "9999-12-31"}, True),
            ({"from": "1970-01-01"}, True)):
        assert (ref in search(ref=ref, **params)) == there, params


@pytest.mark.parametrize("path,query,fields", [
    ("/admin/bookings", "limit=0&from=x&until=2025-13-01&ref=!&text=a"
     "&cursor=x&service=nowhere",
     {"/limit", "/from", "/until", "/ref", "/text", "/cursor", "/service"}),
    ("/admin/bookings", "limit=201", {"/limit"}),
    ("/admin/bookings", "service=Zo%C3%A9", {"/service"}),
    ("/admin/bookings", "text=ab&text=cd", {"/text"}),
    ("/admin/bookings", "cursor=1-", {"/cursor"}),
    ("/admin/bookings", "cursor=99999999999999999999-1", {"/cursor"}),
    ("/admin/outbox", "state=lost&limit=x&cursor=0&cause=" + "x" * 65,
     {"/state", "/limit", "/cursor", "/cause"})])
def test_nothing_is_guessed(contract, path, query, fields):
    answer = contract.call("GET", f"{path}?{query}")
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert {one["pointer"] for one in errors} == fields
    assert all(one["detail"] and one["detail"] != one["code"]
               for one in errors)


@pytest.mark.parametrize("path", ["/admin/bookings", "/admin/outbox"])
@pytest.mark.parametrize("query", ["text=%ff", "state=a%00b", "x&" * 70])
def test_a_query_that_cannot_be_read_lists_nothing(contract, path, query):
    answer = contract.call("GET", f"{path}?{query}")
    assert answer.status_code == 400
    assert problem_of(answer) == "bad-request"


def test_a_story_tells_from_the_request_to_the_queue_id(contract, stack,
                                                        visitor, tables,
                                                        mailbox):
    address = unique_address("story")
    answer = visitor.post(visitor.form(tables.add_slot(1), email=address))
    ref = answer.headers["Location"].rpartition("/")[2][:8]
    mailbox.wait_for(address)
    wait_until(lambda: contract.call("GET", path_of(ref)).json()["messages"]
               [0]["state"] == "sent", 30, "the verdict")
    story = contract.call("GET", path_of(ref.lower())).json()
    assert story["request_id"] == answer.headers["X-Request-Id"]
    assert story["email"] == address and story["revision"] == 0
    mail = story["messages"][0]
    assert mail["id"] == f"{ref}.confirm.0" and mail["attempts"] == 1
    assert mail["job"]["state"] == "S" and mail["job"]["relay"] == "local"
    assert mail["reply"].startswith("250")
    told = json.loads(bookctl_says(stack, "trace", ref, "--json")[1])
    assert told == story
    for other in ("ZZZZZZZZ", "x", "%27"):
        assert contract.call("GET", path_of(other)).status_code == 404


def test_a_program_changes_a_booking_as_an_organiser_does(contract, booked,
                                                          mailbox, tables):
    ref, address, _ = booked
    new = unique_address("corrected")
    for body in ({}, {"email": "zoe@nowhere"}, {"email": ["a@example.org"]}):
        answer = contract.call("POST", path_of(ref, "/email"), json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/email"
    story = contract.call("POST", path_of(ref, "/email"),
                          json={"email": new, "revision": 0}).json()
    assert (story["email"], story["revision"]) == (new, 1)
    mailbox.wait_for(new)
    for rest, body in (("/resend", {}), ("/cancel", {"reason": "x"}),
                       ("/email", {"email": address})):
        answer = contract.call("POST", path_of(ref, rest),
                               json=body | {"revision": 0})
        assert answer.status_code == 409
        assert problem_of(answer) == "changed-meanwhile"
    assert contract.call("POST", path_of(ref, "/resend")).json()[
        "revision"] == 2
    for reason in ("x" * 501, "abc\u202edef", ["x"]):
        assert contract.call("POST", path_of(ref, "/cancel"),
                             json={"reason": reason}).status_code == 422
    for _ in range(2):
        story = contract.call("POST", path_of(ref, "/cancel"),
                              json={"reason": " Dr Été est absent "}).json()
        assert story["cancelled_by"] == "organiser"
        assert story["cancel_reason"] == "Dr Été est absent"
    wait_until(lambda: any("absent" in mailbox.mail(one).get_body(
        ("plain",)).get_content() for one in mailbox.mails_to(new)), 30,
        "the mail that says why")
    assert [(one["actor"], one["action"]) for one in story["history"]] == [
        ("key:contract", one) for one in ("readdressed", "resent",
                                          "cancelled")]
    for rest, body in (("/resend", {}), ("/email", {"email": address})):
        answer = contract.call("POST", path_of(ref, rest), json=body)
        assert problem_of(answer) == "booking-cancelled"


def test_what_is_over_or_erased_gets_no_mail(contract, booked, tables, stack,
                                             anna):
    ref, address, page = booked
    slot = page.rpartition("/")[2]
    seen = {"revision": 0, "email": address}
    tables.rows("UPDATE slot SET starts_at = '2020-02-01', ends_at ="
                " '2020-02-02' WHERE id = %s", slot)
    bodies = (("/resend", {}), ("/email", {"email": address}))
    for rest, body in bodies:
        answer = contract.call("POST", path_of(ref, rest), json=body)
        assert problem_of(answer) == "already-begun"
        assert anna.post(seen, f"/admin/b/{ref}{rest}").headers[
            "Location"].endswith("done=meanwhile")
    assert bookctl_says(stack, "erase", ref)[0] == 0
    for rest, body in bodies + (("/cancel", {}),):
        answer = contract.call("POST", path_of(ref, rest), json=body)
        assert problem_of(answer) == "booking-erased"
    assert contract.call("POST", path_of(ref, f"/mails/{ref}.confirm.0/retry")
                         ).status_code == 409


def test_mails_are_listed_retried_and_given_up(contract, whole, visitor,
                                               tables, mailbox):
    # First, so that no verdict comes but those of this test.
    whole.stop("smtp")
    page = tables.add_slot(3)
    address = unique_address("api")
    ref = visitor.book(page, email=address).rpartition("/")[2][:8]
    mail = f"{ref}.confirm.0"
    wait = unique_address("later")
    other = Visitor(whole.http_url).book(page, email=wait)
    other = other.rpartition("/")[2][:8]
    wait_until(lambda: contract.call("GET", path_of(other)).json()
               ["queue_answers"], 20, "the queue")
    assert contract.call("POST", path_of(
        other, f"/mails/{other}.confirm.0/abort")).json()["messages"][0][
            "state"] == "aborted"
    tables.rows("UPDATE notification SET state = 2, due_at = NULL,"
                " final_at = NOW(3), reply = 'rejected: 550 5.1.1 no'"
                " WHERE envelope_id = %s", mail)
    dead = contract.call("GET", "/admin/outbox", params={
        "state": "dead", "cause": "rejected"}).json()
    row = next(one for one in dead["mails"] if one["id"] == mail)
    assert row["reference"] == f"{ref[:4]}-{ref[4:]}"
    assert row["reply"] == "rejected: 550 5.1.1 no"
    assert any(one["state"] == "dead" and one["cause"] == "rejected" and
               one["count"] >= 1 for one in dead["counts"])
    seen, cursor = [], ""
    while cursor is not None and len(seen) < 6:
        answer = contract.call("GET", "/admin/outbox", params={
            "limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [one["id"] for one in answer["mails"]]
        cursor = answer.get("next")
    assert len(seen) == len(set(seen)) and f"{other}.confirm.0" in seen
    retried = contract.call("POST", path_of(ref, f"/mails/{mail}/retry"))
    assert retried.json()["messages"][0]["state"] == "open"
    assert contract.call("POST", path_of(
        ref, f"/mails/{mail}/retry")).status_code == 409
    for verb in ("retry", "abort"):
        assert contract.call("POST", path_of(
            ref, f"/mails/{other}.confirm.0/{verb}")).status_code == 404
    assert contract.call("POST", path_of(
        other, f"/mails/{other}.confirm.0/abort")).status_code == 409
    whole.start("smtp")
    mailbox.wait_for(address)


def test_bodies_that_are_none(contract, booked, stack):
    ref = booked[0]
    headers = {"Content-Type": "application/json"}
    reader = add_api_key(stack, f"r{secrets.token_hex(4)}", read_only=True)
    for path, method, _ in contract.operations(admin=True):
        if method != "post" or "{ref}" not in path:
            continue
        there = path.replace("{ref}", ref).replace("{id}", f"{ref}.confirm.0")
        for data, more, status in ((b"x", {}, 415), (b"x", headers, 400),
                                   (b"x" * 70000, headers, 413),
                                   (b'{"revision": "x"}', headers, 422),
                                   (b"{}", headers | reader, 403)):
            assert contract.call("POST", there, data=data,
                                 headers=more).status_code == status, there
        assert contract.call("POST", path.replace("{ref}", "ZZZZZZZZ").replace(
            "{id}", "x"), data=b"{}", headers=headers).status_code == 404
    assert contract.call("GET", path_of(ref)).json()["revision"] == 0


def test_each_address_wants_a_key_and_its_own_methods(contract):
    for path, method, _ in contract.operations(admin=True):
        path = path.replace("{", "").replace("}", "")
        assert contract.call(method, path, headers={
            "Authorization": "Bearer none"}).status_code == 401
        assert contract.call("PUT", path).status_code == 405


def test_without_the_database(whole, contract):
    whole.stop("mariadb")
    try:
        for path, method, _ in contract.operations(admin=True):
            path = path.replace("{ref}", "ZZZZZZZZ").replace("{id}", "x")
            assert contract.call(method, path, json={}
                                 ).status_code == 503, path
    finally:
        whole.start("mariadb")


@pytest.mark.last
def test_nothing_is_described_that_was_not_seen(contract):
    """The last one: all before it have asked."""
    assert contract.not_seen(admin=True) == set()
