# SPDX-License-Identifier: MIT
"""A crowd on last places, while an organiser changes what there is."""

import collections
import random
import threading

import pytest
import requests
from stack.keys import add_api_key, add_form_key
from stack.stamps import line_page
from stack.visitor import (Page, Tables, Visitor, at_once, new_key,
                           unique_address)

VISITORS = 60
STEPS = 8
SITE = "https://crowd.example"


class Crowd:
    """Two services with few places, one of which has addresses confirmed; what
    everybody did to them was answered."""

    def __init__(self, stack):
        self.stack = stack
        self.url = stack.http_url
        self.key = add_api_key(stack, "crowd")
        self.form = f"{self.url}/f/{add_form_key(stack, [SITE])}"
        self.answers = collections.Counter()    # (what, status) -> how many
        self.over = threading.Event()
        self.slots = {}         # number -> its service
        for slug, minutes in ("crowd", 0), ("crowd-checked", 30):
            self._ask("POST", "services", {
                "slug": slug, "name": "Crowd", "time_zone": "Europe/Paris",
                "confirm_minutes": minutes})
            for slot in self._ask("POST", f"services/{slug}/slots", {
                    "starts_at": "2035-09-01T08:00", "capacity": 3,
                    "count": 6}).json()["slots"]:
                self.slots[slot["id"]] = slug

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
            slot = chance.choice(list(self.slots))
            if chance.random() < .4:
                self._take_off(chance, slot)
                continue
            self._ask("PATCH", f"slots/{slot}", chance.choice([
                {"capacity": chance.randrange(1, 5)}, {"closed": True},
                {"closed": False}, {"closed": False, "capacity": 3}]))

    def _take_off(self, chance, slot):
        """Somebody in line, or whose booking is to be confirmed."""
        line = self._ask("GET", f"slots/{slot}/waiting", None).json()
        if line["waiting"]:
            ref = chance.choice(line["waiting"])["reference"]
            self._note("take off", requests.delete(
                f"{self.url}/api/v1/admin/slots/{slot}/waiting/{ref}",
                headers=self.key, timeout=30))

    def _line(self, tables):
        """The page of somebody's place: in line, kept or to be confirmed."""
        rows = tables.rows(
            "SELECT ref, nonce FROM waiting WHERE slot_id IN %s AND state < 2"
            " ORDER BY state DESC, RAND() LIMIT 1", tuple(self.slots))
        return line_page(self.stack, *rows[0]) if rows else None

    def _join(self, visitor, slot, seats):
        answer = visitor.get(f"/s/{self.slots[slot]}/{slot}/wait")
        self._note("list", answer)
        if answer.status_code != 200:
            return
        page = Page(answer.text)
        answer = visitor.post(page.fields | {
            "name": "Léa Attend", "email": unique_address("wait"),
            "seats": str(seats)}, page.actions[0])
        self._note("wait", answer)

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
        with Tables(self.stack.env) as tables:
            self._visit(random.Random(number), Visitor(self.url), tables)

    def _visit(self, chance, visitor, tables):
        mine = []
        for _ in range(STEPS):
            what = chance.random()
            slot = chance.choice(list(self.slots))
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
            line = self._line(tables) if chance.random() < .4 else None
            if line:
                act = chance.choice(["take", "take", "take", "leave"])
                self._note(act, visitor.post({}, f"{line}/{act}"))


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
    allowed = {200, 201, 202, 303, 404, 409, 422}
    assert {one: count for one, count in crowd.answers.items()
            if one[1] not in allowed} == {}
    assert crowd.answers["book", 201] and crowd.answers["book", 409]
    assert crowd.answers["cancel", 200] and crowd.answers["wait", 303]
    assert crowd.answers["book", 202] and crowd.answers["take", 303]
    assert crowd.answers["take off", 200] and crowd.answers["leave", 303]
    # In one statement, so that the relay's offers are in all sums or none.
    rows = tables.rows(
        "SELECT i.slot_id, i.capacity, i.booked,"
        " (SELECT COALESCE(SUM(b.seats), 0) FROM booking b"
        "  WHERE b.slot_id = i.slot_id AND b.cancelled_at IS NULL)"
        " + (SELECT COALESCE(SUM(w.seats), 0) FROM waiting w"
        "  WHERE w.slot_id = i.slot_id AND w.state = 1)"
        " FROM slot_inventory i JOIN slot s ON s.id = i.slot_id"
        " JOIN service v ON v.id = s.service_id"
        " WHERE v.slug IN ('crowd', 'crowd-checked')")
    assert len(rows) == len(crowd.slots)
    assert [row for row in rows if row[2] != row[3] or row[2] > row[1]] == []
    assert sum(row[2] for row in rows) > 0
