# SPDX-License-Identifier: MIT
"""Who waits, as bookctl, the admin interface and exports show it."""

import csv
import datetime
import io
import json
import secrets

import pytest
import requests
from stack.keys import add_api_key, bookctl_says
from stack.organiser import Organiser
from stack.visitor import line_of, unique_address, wait_until


class Line:
    """A service whose only slot is full, and one who waits for it."""

    def __init__(self, stack, visitor, name):
        self.stack = stack
        self.visitor = visitor
        self.slug = f"line-{secrets.token_hex(4)}"
        self.run("service", "add", "--slug", self.slug, "--name", "Cours",
                 "--zone", "Europe/Paris", "--language", "fr")
        self.day = datetime.date.today() + datetime.timedelta(30)
        self.slot = self.run("slots", "add", "--service", self.slug,
                             "--start", f"{self.day}T10:00", "--capacity",
                             "1").strip()
        self.page = f"/s/{self.slug}/{self.slot}"
        self.holder = visitor.book(self.page)
        self.email = unique_address("line")
        form = visitor.page(self.page + "/wait").fields | {
            "name": name, "email": self.email, "seats": "1"}
        assert visitor.post(form, self.page + "/wait").status_code == 303
        self.link = line_of(stack, self.email)

    def run(self, *words):
        status, out, err = bookctl_says(self.stack, *map(str, words))
        assert status == 0, (words, err)
        return out

    def listed(self, *words):
        return json.loads(self.run("waiting", "--service", self.slug,
                                   "--json", *words))

    def exported(self, *words):
        return list(csv.DictReader(io.StringIO(self.run(
            "export", "--service", self.slug, *words))))


@pytest.fixture
def line(stack, visitor):
    return Line(stack, visitor, "-Léa=")


def test_bookctl_lists_who_waits(line):
    row, = line.listed()
    assert row["state"] == "in_line" and row["kept_until"] == ""
    assert (row["email"], row["name"]) == (line.email, "-Léa=")
    assert row["slot"] == int(line.slot)
    assert row["starts_at"].startswith(f"{line.day}T10:00")
    assert row["reference"].replace("-", "") in line.link
    text = line.run("waiting", "--service", line.slug)
    assert text.count("\n") == 1 and f"<{line.email}>" in text
    later = line.day + datetime.timedelta(1)
    assert line.listed("--from", later) == []
    assert line.listed("--from", line.day, "--until", line.day) == [row]
    line.visitor.post({}, line.holder + "/cancel")
    wait_until(lambda: line.listed()[0]["state"] == "offered", 30, "an offer")
    assert line.listed()[0]["kept_until"]
    line.visitor.post({}, line.link + "/leave")
    assert line.listed() == []


def test_bookctl_refuses_what_is_no_list(line):
    for words in (("--service", "nowhere"), (), ("--service", line.slug,
                                                 "--limit", "0"),
                  ("--service", line.slug, "--from", "tomorrow")):
        status, out, err = bookctl_says(line.stack, "waiting", *words)
        assert status != 0 and out == "" and err, words


def test_a_booking_that_is_to_be_confirmed_is_listed_too(line, visitor):
    line.run("service", "change", "--slug", line.slug, "--confirm", "30min")
    line.run("slots", "capacity", line.slot, "--capacity", "3")
    wait_until(lambda: line.listed()[0]["state"] == "offered", 30, "an offer")
    email = unique_address("held")
    answer = visitor.post(visitor.form(line.page, email=email))
    assert answer.status_code == 202
    assert {(row["email"], row["state"]) for row in line.listed()} == {
        (line.email, "offered"), (email, "unconfirmed")}
    assert {(row["email"], row["state"])
            for row in line.exported("--waiting")[1:]} == {
                (line.email, "offered"), (email, "unconfirmed")}


def test_exports_have_who_waits_only_if_that_is_wished(stack, line):
    assert [row["state"] for row in line.exported()] == ["booked"]
    booked, waiting = line.exported("--waiting")
    assert (booked["state"], waiting["state"]) == ("booked", "waiting")
    assert waiting["email"] == line.email
    # A spreadsheet must not take it for a formula.
    assert waiting["name"] == "'-Léa="
    rows = [json.loads(row) for row in line.run(
        "export", "--service", line.slug, "--waiting", "--json").splitlines()]
    assert [row["state"] for row in rows] == ["booked", "waiting"]
    anna = Organiser(stack)
    assert "waiting" in anna.page("/admin/export").fields
    page = f"/admin/export.csv?service={line.slug}&separator=semicolon"
    assert line.email not in anna.get(page).text
    text = anna.get(page + "&waiting=1").content.decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["State"] for row in table] == ["Booked", "Waiting"]
    assert table[1]["E-mail address"] == line.email


def test_programs_list_who_waits(stack, line):
    key = add_api_key(stack, f"line-{secrets.token_hex(4)}")
    base = stack.http_url + "/api/v1/admin"

    def ask(path):
        return requests.get(base + path, headers=key, timeout=20)

    whole = ask(f"/services/{line.slug}/waiting").json()
    assert whole == {"waiting": line.listed(), "complete": True}
    assert ask(f"/slots/{line.slot}/waiting").json() == whole
    day = line.day + datetime.timedelta(1)
    assert ask(f"/services/{line.slug}/waiting?from={day}"
               ).json()["waiting"] == []
    assert ask(f"/services/{line.slug}/waiting?from=x").status_code == 422
    for path in ("/services/nowhere/waiting", "/slots/1/waiting"):
        assert ask(path).status_code == 404
        assert requests.get(base + path, timeout=20).status_code == 401
