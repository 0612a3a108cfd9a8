# SPDX-License-Identifier: MIT
"""doc/openapi.json against the running program.

Those for everybody; test_api_admin.py has those for organisers.  Each
operation's real answers, errors too, are validated by jsonschema; what is
in an answer and not in the file fails, and so does an operation or a status of
the file that no test has brought about.
"""

import json
import os
import re
import secrets

import jsonschema
import pytest
import redis
import requests
from stack.contract import Contract
from stack.keys import bookctl_says
from stack.layout import TOP
from stack.routes import routes
from stack.visitor import line_of, new_key, unique_address, wait_until

# What no request of a test brings about without harm to the others.
UNSEEN = {("getDescription", "500")}


@pytest.fixture(scope="module")
def contract(stack):
    return Contract(stack.http_url)


@pytest.fixture
def wish(tables):
    return {"slot": int(tables.add_slot(5).rpartition("/")[2]), "lang": "fr",
            "name": "Zoé Martin", "email": unique_address("contract")}


@pytest.fixture
def own(contract, wish):
    return contract.call("POST", "/bookings", json=wish).json()["links"]["self"]


def test_what_is_served_is_the_file(contract):
    with open(os.path.join(TOP, "doc", "openapi.json"),
              encoding="utf-8") as file:
        assert json.load(file) == contract.doc
    contract.call("GET", "/openapi.json")


def test_the_file_is_sound(contract):
    """Each reference leads somewhere, each schema is one, ids are unique."""
    ids = []

    def walk(node):
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if "$ref" in node:
                assert contract.resolve(node)
            if "operationId" in node:
                ids.append(node["operationId"])
            if "schema" in node:
                jsonschema.Draft202012Validator.check_schema(node["schema"])
            for one in node.values():
                walk(one)

    walk(contract.doc)
    for schema in contract.doc["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert contract.doc["openapi"] == "3.1.0"
    assert len(ids) == len(set(ids))
    for path, item in contract.doc["paths"].items():
        named = {one["name"] for one in item.get("parameters", [])
                 if one["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))


def test_each_route_of_the_program_is_described(contract):
    api = [(method, path.removeprefix("/api/v1"))
           for method, path in routes() if path.startswith("/api/v1/")]
    described = {(method.upper(), re.sub(r"\{\w+\}", "{}", path))
                 for path, item in contract.doc["paths"].items()
                 for method in item if method != "parameters"}
    assert {(method, re.sub(r"\{\w+\}", "{}", path))
            for method, path in api} == described


def test_each_problem_type_has_its_page(contract):
    pattern = contract.doc["components"]["schemas"]["Problem"]["properties"][
        "type"]["pattern"]
    types = re.search(r"\((.*)\)", pattern)[1].split("|")
    assert len(types) > 15
    for name in types:
        answer = requests.get(f"{contract.url}/problems/{name}", timeout=20)
        assert answer.status_code == 200, name


def test_services_and_slots(contract, wish):
    services = contract.call("GET", "/services").json()["services"]
    path = f"/services/{services[0]['slug']}/slots"
    first = contract.call("GET", path + "?free=1&from=2026-01-01")
    contract.call("GET", path)
    again = contract.call("GET", path + "?free=1&from=2026-01-01", headers={
        "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert contract.call("GET", path + "?free=x").status_code == 422
    assert contract.call("GET", path + "?from=x&from=y").status_code == 422
    assert contract.call("GET", "/services/none/slots").status_code == 404


def test_booking(contract, wish, tables):
    key = {"Idempotency-Key": new_key()}
    for status in (201, 200):
        assert contract.call("POST", "/bookings", json=wish,
                             headers=key).status_code == status
    other = wish | {"name": "Other"}
    assert contract.call("POST", "/bookings", json=other,
                         headers=key).status_code == 422
    for body in ({}, wish | {"email": 1, "lang": "xx", "seats": "none"},
                 wish | {"name": "www.evil.example", "notes": "x" * 501},
                 wish | {"seats": 99}, wish | {"slot": 999999999}):
        assert contract.call("POST", "/bookings",
                             json=body).status_code == 422
    assert contract.call("POST", "/bookings", data="[").status_code == 415
    assert contract.call(
        "POST", "/bookings", data="[",
        headers={"Content-Type": "application/json"}).status_code == 400
    assert contract.call("POST", "/bookings", json={
        "notes": "x" * 70000}).status_code == 413
    tables.rows("UPDATE slot_inventory SET booked = capacity"
                " WHERE slot_id = %s", wish["slot"])
    assert contract.call("POST", "/bookings", json=wish | {
        "email": unique_address()}).status_code == 409


def test_one_that_is_to_be_confirmed(stack, contract, wish):
    slug = f"checked-{secrets.token_hex(4)}"
    for words in (["service", "add", "--slug", slug, "--name", "Repas",
                   "--zone", "Europe/Paris", "--confirm", "30min"],
                  ["slots", "add", "--service", slug, "--start",
                   "2030-06-03T10:00", "--capacity", "2"]):
        status, out, err = bookctl_says(stack, *words)
        assert status == 0, err
    wish |= {"slot": int(out), "email": unique_address()}
    headers = {"Idempotency-Key": new_key()}
    answers = [contract.call("POST", "/bookings", json=wish, headers=headers)
               for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202]


def test_a_booking_s_life(contract, own, tables):
    there = int(tables.add_slot(2).rpartition("/")[2])
    assert contract.call("GET", own).status_code == 200
    assert contract.call("POST", own + "/move",
                         json={"slot": there}).status_code == 200
    right = contract.call("POST", own + "/email",
                          json={"email": unique_address("right")})
    assert right.status_code == 200
    assert contract.call("GET", own).status_code == 404
    new = right.json()["links"]["self"]
    for _ in range(2):
        assert contract.call("POST", new + "/cancel").status_code == 200
    for verb, body in (("/move", {"slot": there}),
                       ("/email", {"email": unique_address()})):
        assert contract.call("POST", new + verb, json=body
                             ).status_code == 409
    tables.rows("UPDATE booking b JOIN slot s ON s.id = b.slot_id"
                " SET b.cancelled_at = NULL, s.starts_at = '2020-01-01'"
                " WHERE b.slot_id = %s", there)
    assert contract.call("POST", new + "/cancel").status_code == 409


@pytest.fixture
def line(stack, contract, wish, tables):
    """A place in the waiting list of a full slot."""
    tables.rows("UPDATE slot_inventory SET booked = capacity"
                " WHERE slot_id = %s", wish["slot"])
    joined = contract.call("POST", "/waiting", json=wish)
    assert joined.status_code == 202 and joined.json()["state"] == "waiting"
    assert "/w/" not in joined.text and "ref" not in joined.json()
    return "/waiting/" + line_of(stack, wish["email"]).rpartition("/")[2]


def test_a_place_in_line(contract, line, wish, tables):
    place = contract.call("GET", line).json()
    assert (place["state"], place["position"]) == ("in_line", 1)
    assert place["links"]["self"].endswith(line)
    assert contract.call("POST", line + "/take").status_code == 409
    assert contract.call("POST", "/waiting", json=wish).status_code == 202
    tables.rows("UPDATE slot_inventory SET booked = 0 WHERE slot_id = %s",
                wish["slot"])
    wait_until(lambda: contract.call("GET", line).json()["state"] ==
               "offered", 30, "the place")
    assert contract.call("GET", line).json()["kept_until"]
    for _ in range(2):
        taken = contract.call("POST", line + "/take")
        assert taken.status_code == 200
        assert taken.json()["state"] == "active"
    assert contract.call("GET", line).json()["state"] == "booked"
    assert contract.call("POST", line + "/leave").status_code == 409


def test_a_place_is_left(contract, line, wish, tables):
    assert contract.call("POST", line + "/leave").json() == {"state": "left"}
    assert contract.call("GET", line).status_code == 404
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s",
                        wish["email"]) == 0


def test_places_that_are_refused(contract, line, wish, tables):
    headers = {"Content-Type": "application/json"}
    for path in ("/waiting", line + "/take", line + "/leave"):
        for data, more, status in (("x", {}, 415), ("x", headers, 400),
                                   (b"x" * 70000, headers, 413)):
            assert contract.call("POST", path, data=data,
                                 headers=more).status_code == status
    for verb in ("/take", "/leave"):
        assert contract.call("POST", "/waiting/none" + verb,
                             json={}).status_code == 404
    for body in ({}, wish | {"email": 1, "lang": "xx"}, wish | {"seats": 99},
                 wish | {"slot": 999999999}):
        assert contract.call("POST", "/waiting", json=body
                             ).status_code == 422
    assert contract.call("POST", "/waiting", json=wish, headers={
        "Idempotency-Key": "short"}).status_code == 400
    slug = tables.value("SELECT v.id FROM service v JOIN slot s"
                        " ON s.service_id = v.id WHERE s.id = %s",
                        wish["slot"])
    tables.rows("INSERT INTO question (service_id, name, kind, required,"
                " per_seat, position, label, options)"
                " VALUES (%s, 'must_be', 0, 1, 0, 0, 'Must', '')", slug)
    try:
        tables.rows("UPDATE slot_inventory SET booked = 0 WHERE slot_id = %s",
                    wish["slot"])
        wait_until(lambda: contract.call("GET", line).json()["state"] ==
                   "offered", 30, "the place")
        assert contract.call("GET", line).json()["service"]["questions"]
        assert contract.call("POST", line + "/take").status_code == 422
        assert contract.call("POST", line + "/take", json={
            "answers": {"must_be": "a"}}).status_code == 200
    finally:
        tables.rows("DELETE a FROM answer a JOIN question q"
                    " ON q.id = a.question_id WHERE q.name = 'must_be'")
        tables.rows("DELETE FROM question WHERE name = 'must_be'")
    tables.rows("UPDATE slot SET starts_at = '2018-05-01' WHERE id = %s",
                wish["slot"])
    assert contract.call("POST", "/waiting", json=wish).status_code == 409


@pytest.mark.parametrize("verb", ["/cancel", "/move", "/email"])
def test_changes_that_are_refused(contract, own, verb):
    headers = {"Content-Type": "application/json"}
    assert contract.call("POST", own + verb, data="x").status_code == 415
    assert contract.call("POST", own + verb, data="x",
                         headers=headers).status_code == 400
    assert contract.call("POST", own + verb, data=b"x" * 70000,
                         headers=headers).status_code == 413
    if verb != "/cancel":
        assert contract.call("POST", own + verb, json={}).status_code == 422
    assert contract.call("POST", "/bookings/none" + verb,
                         json={}).status_code == 404


def test_other_methods(contract):
    for path in {path for path, _, _ in contract.operations(admin=False)}:
        path = path.replace("{service}", "x").replace("{capability}", "x")
        assert contract.call("DELETE", path).status_code == 405


def test_without_the_database(whole, contract, own, wish):
    whole.stop("mariadb")
    answers = [contract.call("GET", "/services"),
               contract.call("GET", "/services/x/slots"),
               contract.call("POST", "/bookings", json=wish),
               contract.call("GET", own),
               contract.call("POST", "/waiting", json=wish)]
    place = "/waiting/" + own.rpartition("/")[2]
    answers += [contract.call("GET", place)]
    answers += [contract.call("POST", place + verb, json={})
                for verb in ("/take", "/leave")]
    answers += [contract.call("POST", own + verb, json={})
                for verb in ("/cancel", "/move", "/email")]
    whole.start("mariadb")
    assert {one.status_code for one in answers} == {503}


def test_limits(whole, contract, wish, tables):
    whole.overrides["booking"].update({"client_mails_an_hour": "2",
                                       "moves_max": "1"})
    whole.restart("booking")
    with redis.Redis(unix_socket_path=whole.env["REDIS_SOCKET"]) as server:
        for key in server.scan_iter(whole.env["QUEUE_PREFIX"] + "cap:*"):
            server.delete(key)
    slots = [int(tables.add_slot(5).rpartition("/")[2]) for _ in range(2)]
    place = contract.call("POST", "/bookings", json=wish).json()["links"][
        "self"]
    assert contract.call("POST", place + "/move",
                         json={"slot": slots[0]}).status_code == 200
    again = contract.call("POST", place + "/move", json={"slot": slots[1]})
    assert again.status_code == 409
    assert again.json()["type"].endswith("/moved-too-often")
    whole.overrides["booking"]["moves_max"] = "9"
    whole.restart("booking")
    for path, fields in (("/bookings", wish), ("/waiting", wish),
                         (place + "/move", {"slot": slots[1]}),
                         (place + "/email", {"email": unique_address()})):
        assert contract.call("POST", path, json=fields).status_code == 429
    assert contract.call("POST", place + "/cancel").status_code == 200


@pytest.mark.last
def test_nothing_is_described_that_was_not_seen(contract):
    """The last one: all before it have asked."""
    assert contract.not_seen(admin=False) <= UNSEEN
