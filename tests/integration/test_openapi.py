# SPDX-License-Identifier: MIT
"""doc/openapi.json against the running program.

Each operation's real answers, errors too, are validated by jsonschema; what is
in an answer and not in the file fails, and so does an operation or a status of
the file that no test has brought about.
"""

import collections
import copy
import json
import os
import re

import jsonschema
import pytest
import requests
from stack.layout import TOP
from stack.visitor import new_key, unique_address

BASE = "/api/v1"
# What no request of a test brings about without harm to the others.
UNSEEN = {("getDescription", "500"), ("createBooking", "429"),
          ("correctAddress", "429")}

seen = collections.defaultdict(set)


def closed(schema):
    """The same, with members that are not described forbidden."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: closed(value) for name, value in schema.items()}
    if result.get("type") == "object" and isinstance(
            result.get("properties"), dict):
        result["additionalProperties"] = False
    return result


class Contract:
    def __init__(self, url):
        self.url = url
        self.doc = requests.get(url + BASE + "/openapi.json",
                                timeout=20).json()
        self.patterns = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"), item)
            for path, item in self.doc["paths"].items()]

    def _resolve(self, node):
        while "$ref" in node:
            target = self.doc
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def _schema(self, schema):
        whole = closed({"components": self.doc["components"],
                        "allOf": [copy.deepcopy(schema)]})
        return jsonschema.Draft202012Validator(
            whole, format_checker=jsonschema.FormatChecker())

    def operation(self, method, path):
        path = path.partition("?")[0]
        for pattern, item in self.patterns:
            if pattern.match(path):
                # Other methods are refused in the way of any operation.
                own = item.get(method.lower())
                return own or next(value for name, value in item.items()
                                   if name != "parameters")
        raise AssertionError(f"{path} is not described")

    def call(self, method, path, **more):
        """Asks, and checks the answer by the file."""
        path = path.removeprefix(self.url + BASE)
        answer = requests.request(method, self.url + BASE + path, timeout=20,
                                  **more)
        operation = self.operation(method, path)
        status = str(answer.status_code)
        assert status in operation["responses"], (method, path, answer.text)
        wanted = self._resolve(operation["responses"][status])
        seen[operation["operationId"]].add(status)
        media = answer.headers.get("Content-Type", "")
        content = wanted.get("content", {})
        if not content:
            assert answer.content == b""
            return answer
        assert media in content
        self._schema(content[media]["schema"]).validate(answer.json())
        for name in wanted.get("headers", {}):
            assert name in answer.headers, (path, name)
        return answer


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
                assert contract._resolve(node)
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
    with open(os.path.join(TOP, "fcgi-app", "web.c"),
              encoding="utf-8") as file:
        routes = re.findall(r'\{ "(\w+)", "/api/v1(/[^"]*)"', file.read())
    described = {(method.upper(), re.sub(r"\{\w+\}", "{}", path))
                 for path, item in contract.doc["paths"].items()
                 for method in item if method != "parameters"}
    assert {(method, re.sub(r"\{\w+\}", "{}", path))
            for method, path in routes} == described


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
    for path in contract.doc["paths"]:
        path = path.replace("{service}", "x").replace("{capability}", "x")
        assert contract.call("DELETE", path).status_code == 405


def test_without_the_database(whole, contract, own, wish):
    whole.stop("mariadb")
    answers = [contract.call("GET", "/services"),
               contract.call("GET", "/services/x/slots"),
               contract.call("POST", "/bookings", json=wish),
               contract.call("GET", own)]
    answers += [contract.call("POST", own + verb, json={})
                for verb in ("/cancel", "/move", "/email")]
    whole.start("mariadb")
    assert {one.status_code for one in answers} == {503}


def test_nothing_is_described_that_was_not_seen(contract):
    """The last one: all before it have asked."""
    for item in contract.doc["paths"].values():
        for name, operation in item.items():
            if name == "parameters":
                continue
            operation_id = operation["operationId"]
            missing = {(operation_id, status)
                       for status in set(operation["responses"])
                       - seen[operation_id]}
            assert missing <= UNSEEN, missing
