# SPDX-License-Identifier: MIT
"""What a process remembers of a service decides nothing.

Each worker keeps a slot with its service for a minute; each of these fills that
memory in all of them before the service is changed.
"""

import datetime
import secrets

import pytest
import requests
from stack.keys import add_form_key, bookctl_says
from stack.visitor import Page, at_once, new_key, unique_address
from test_change import mails_of

ROUNDS = 16


class Changing:
    """A service of its own, one of whose slots every worker knows."""

    def __init__(self, stack, visitor):
        self.stack = stack
        self.visitor = visitor
        self.slug = f"changing-{secrets.token_hex(4)}"
        self.run("service", "add", "--slug", self.slug, "--name", "Before",
                 "--zone", "Europe/Paris", "--language", "en")
        day = datetime.date.today() + datetime.timedelta(30)
        self.slot = self.run("slots", "add", "--service", self.slug,
                             "--start", f"{day}T10:00", "--capacity",
                             "400").strip()
        self.remember()

    def run(self, *words):
        status, out, err = bookctl_says(self.stack, *map(str, words))
        assert status == 0, (words, err)
        return out

    def change(self, *words):
        self.run("service", "change", "--slug", self.slug, *words)

    def form(self, **more):
        return {"slot": self.slot, "name": "Zoé Martin", "seats": "1",
                "email": unique_address("remembered"), "key": new_key(),
                **more}

    def remember(self):
        for answer in self.book():
            assert answer.status_code == 303, Page(answer.text).text

    def book(self, **more):
        return at_once(ROUNDS, lambda _: self.visitor.post(self.form(**more)))

    def by_program(self, **more):
        def one(_):
            form = self.form(**more)
            return requests.post(
                f"{self.visitor.url}/api/v1/bookings", timeout=30,
                headers={"Idempotency-Key": form.pop("key")},
                json={**form, "slot": int(self.slot), "seats": 1})
        return at_once(ROUNDS, one)

    def by_kit(self, **more):
        key = add_form_key(self.stack, ["https://site.example"])

        def one(_):
            form = self.form(**more)
            form.pop("key")
            return requests.post(
                f"{self.visitor.url}/f/{key}", timeout=30, data=form,
                allow_redirects=False, headers={
                    "Origin": "https://site.example",
                    "Accept": "application/json"})
        return at_once(ROUNDS, one)

    def booked(self, tables):
        return tables.value("SELECT booked FROM slot_inventory"
                            " WHERE slot_id = %s", self.slot)


@pytest.fixture
def changing(stack, visitor):
    return Changing(stack, visitor)


@pytest.mark.parametrize("way", ["book", "by_program", "by_kit"])
def test_addresses_are_confirmed_from_the_moment_that_is_switched_on(
        tables, changing, way):
    changing.change("--confirm", "30min")
    for answer in getattr(changing, way)():
        assert answer.status_code == 202, answer.text
    assert tables.value(
        "SELECT COUNT(*) FROM booking WHERE slot_id = %s",
        changing.slot) == ROUNDS
    assert changing.booked(tables) == 2 * ROUNDS


def test_and_no_longer_when_it_is_switched_off(tables, changing):
    changing.change("--confirm", "30min")
    for answer in changing.book():
        assert answer.status_code == 202
    changing.change("--confirm", "0")
    for answer in changing.book():
        assert answer.status_code == 303


@pytest.mark.parametrize("way", ["book", "by_program", "by_kit"])
def test_a_question_is_asked_from_the_moment_that_it_is_there(
        tables, changing, way):
    changing.run("question", "add", "--service", changing.slug, "--name",
                 "diet", "--kind", "text", "--label", "Your diet",
                 "--required", "yes")
    before = changing.booked(tables)
    for answer in getattr(changing, way)():
        assert answer.status_code == 422, answer.text
        # The page shows what it asks for.
        assert way != "book" or 'name="answers.diet"' in answer.text
        assert "diet" in answer.text
    assert changing.booked(tables) == before
    for answer in changing.book(**{"answers.diet": "none"}):
        assert answer.status_code == 303


def test_one_that_is_no_longer_asked_does_not_hold_anybody_up(changing):
    changing.run("question", "add", "--service", changing.slug, "--name",
                 "diet", "--kind", "text", "--label", "Your diet",
                 "--required", "yes")
    for answer in changing.book(**{"answers.diet": "none"}):
        assert answer.status_code == 303
    changing.run("question", "retire", "--service", changing.slug, "--name",
                 "diet")
    for answer in changing.book():
        assert answer.status_code == 303, Page(answer.text).text


def test_mails_and_pages_have_the_name_that_it_has_now(
        changing, mailbox):
    changing.change("--name", "After")
    fields = changing.form()
    answer = changing.visitor.post(fields)
    assert "After" in changing.visitor.page(answer.headers["Location"]).text
    assert "After" in str(mails_of(mailbox, fields["email"], 1)[0]["Subject"])


def test_more_seats_can_be_asked_for_once_there_are_more(
        stack, visitor, changing):
    changing.run("slots", "capacity", changing.slot, "--capacity", "500")
    for answer in changing.book(seats="1")[:1]:
        assert answer.status_code == 303
    answer = visitor.post(changing.form(seats="450"))
    assert answer.status_code == 303, Page(answer.text).text
