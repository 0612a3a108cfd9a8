# SPDX-License-Identifier: MIT
"""A crowd on last places, while an organiser changes what there is."""

import collections
import random
import threading

import pytest
import requests
from stack.keys import add_api_key, add_form_key
from stack.visitor import Page, Visitor, at_once, new_key, unique_address

VISITORS = 60
STEPS = 8
SITE = "https://crowd.example"


class Crowd:
    """One service with few places; what everybody did to it was answered."""

    def __init__(self, stack):
        self.url = stack.http_url
        self.key = add_api_key(stack, "crowd")
        self.form = f"{self.url}/f/{add_form_key(stack, [SITE])}"
        self.answers = collections.Counter()    # (what, status) -> how many
        self.lines = []         # places in a waiting list
        self.over = threading.Event()
        self._ask("POST", "services", {
            "slug": "crowd", "name": "Crowd", "time_zone": "Europe/Paris"})
        self.slots = [slot["id"] for slot in self._ask(
            "POST", "services/crowd/slots", {
                "starts_at": "2035-09-01T08:00", "capacity": 3,
                "count": 12}).json()["slots"]]

    def _ask(self, method, path, wish):
        answer = requests.request(
            method, f"{self.url}/api/v1/admin/{path}", json=wish,
            headers=self.key, timeout=30)
        self._note("organiser", answer)
        return answer

    def _note(self, what, answer):
        self.answers[what, answer.status_code] += 1

    def organiser(self):
        chance = random.Random(7)
        while not self.over.is_set():
            slot = chance.choice(self.slots)
            self._ask("PATCH", f"slots/{slot}", chance.choice([
                {"capacity": chance.randrange(1, 5)}, {"closed": True},
                {"closed": False}, {"closed": False, "capacity": 3}]))

    def _join(self, visitor, slot, seats):
        answer = visitor.get(f"/s/crowd/{slot}/wait")
        self._note("list", answer)
        if answer.status_code != 200:
            return
        page = Page(answer.text)
        answer = visitor.post(page.fields | {
            "name": "Léa Attend", "email": unique_address("wait"),
            "seats": str(seats)}, page.actions[0])
        self._note("wait", answer)
        if "/w/" in answer.headers.get("Location", ""):
            self.lines.append(answer.headers["Location"])

    def _book(self, visitor, slot, seats, from_site):
        """Returns the booking's address in the interface, or None."""
        wish = {"slot": slot, "name": "Zoé Martin", "seats": seats,
                "email": unique_address("crowd")}
        if from_site:
            answer = requests.post(self.form, json=wish, timeout=30,
                                   headers={"Origin": SITE})
        else:
            answer = requests.post(
                f"{self.url}/api/v1/bookings", json=wish, timeout=30,
                headers={"Idempotency-Key": new_key()})
        self._note("book", answer)
        if answer.status_code == 409:
            self._join(visitor, slot, seats)
        return answer.json()["links"]["self"] \
            if answer.status_code == 201 and not from_site else None

    def visitor(self, number):
        chance = random.Random(number)
        visitor = Visitor(self.url)
        mine = []
        for _ in range(STEPS):
            what = chance.random()
            slot = chance.choice(self.slots)
            if what < .5 or not mine:
                mine.append(self._book(visitor, slot, chance.choice([1, 1, 2]),
                                       chance.random() < .3))
                mine = [one for one in mine if one]
            elif what < .8:
                self._note("cancel", requests.post(mine.pop() + "/cancel",
                                                   timeout=30))
            else:
                self._note("move", requests.post(
                    mine[0] + "/move", json={"slot": slot}, timeout=30))
            if self.lines and chance.random() < .3:
                self._note("take", visitor.post(
                    {}, chance.choice(self.lines)
                    + chance.choice(["/take", "/take", "/leave"])))


@pytest.fixture
def crowd(stack):
    return Crowd(stack)


def test_no_place_is_lost_or_sold_twice(crowd, tables):
    """Booked is what bookings and offers have, never more than there is."""
    desk = threading.Thread(target=crowd.organiser)
    desk.start()
    try:
        at_once(VISITORS, crowd.visitor)
    finally:
        crowd.over.set()
        desk.join()
    # 404: closed meanwhile, or an offer that is over.  422: fewer places.
    allowed = {200, 201, 303, 404, 409, 422}
    assert {one: count for one, count in crowd.answers.items()
            if one[1] not in allowed} == {}
    assert crowd.answers["book", 201] and crowd.answers["book", 409]
    assert crowd.answers["cancel", 200] and crowd.answers["wait", 303]
    # In one statement, so that the relay's offers are in all sums or none.
    rows = tables.rows(
        "SELECT i.slot_id, i.capacity, i.booked,"
        " (SELECT COALESCE(SUM(b.seats), 0) FROM booking b"
        "  WHERE b.slot_id = i.slot_id AND b.cancelled_at IS NULL)"
        " + (SELECT COALESCE(SUM(w.seats), 0) FROM waiting w"
        "  WHERE w.slot_id = i.slot_id AND w.state = 1)"
        " FROM slot_inventory i JOIN slot s ON s.id = i.slot_id"
        " JOIN service v ON v.id = s.service_id WHERE v.slug = 'crowd'")
    assert len(rows) == len(crowd.slots)
    assert [row for row in rows if row[2] != row[3] or row[2] > row[1]] == []
    assert sum(row[2] for row in rows) > 0
