# SPDX-License-Identifier: MIT
"""What a page reads does not grow with what is stored: rows are counted.

Those that workers read, of which other pages may read some, too: so the least
of some turns counts, and a little more is borne.
"""

import secrets
from urllib.parse import quote

import pytest
from stack.contract import Contract
from stack.keys import add_api_key
from stack.organiser import Organiser
from stack.visitor import rows_read, wait_for_keys

FEW, MANY = 1000, 20000
SLOTS = 500
TURNS = 3
MORE = 400              # what others read meanwhile, at most
DIGITS = "(SELECT 0 AS d" + "".join(
    f" UNION ALL SELECT {n}" for n in range(1, 10)) + ")"
NUMBERS = ("(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 1"
           f" AS n FROM {DIGITS} a, {DIGITS} b, {DIGITS} c, {DIGITS} e,"
           f" {DIGITS} f HAVING n BETWEEN %s AND %s)")
WORDS = ("Of", "before", "Tal")


class Crowd:
    """A service with SLOTS slots, and bookings of them that are added."""

    def __init__(self, tables):
        self.tables, self.have = tables, 0
        self.word = secrets.token_hex(2)
        tables.rows("INSERT INTO service (slug, name, description, place,"
                    " zone, organiser_name, organiser_email) VALUES"
                    " (%s, 'Crowd', '', '', 'UTC', '', '')", self.word)
        self.service = tables.value("SELECT id FROM service WHERE slug = %s",
                                    self.word)
        tables.rows("INSERT INTO slot (service_id, starts_at, ends_at, zone)"
                    " SELECT %s, '2034-05-01' + INTERVAL n HOUR,"
                    " '2034-05-01' + INTERVAL n + 1 HOUR, 'UTC'"
                    f" FROM {NUMBERS % (1, SLOTS)} q", self.service)
        tables.rows("INSERT INTO slot_inventory (slot_id, capacity, booked)"
                    " SELECT id, 1000, 0 FROM slot WHERE service_id = %s",
                    self.service)
        self.slot = tables.value("SELECT MIN(id) FROM slot"
                                 " WHERE service_id = %s", self.service)

    def grow(self, count):
        """Until there are so many, each with its mail, sent long ago."""
        with self.tables.together():
            self.add(count)
        wait_for_keys(self.tables)
        self.tables.rows("ANALYZE TABLE booking, booking_namekey,"
                         " notification")

    def add(self, count):
        rows = self.tables.rows
        numbers = NUMBERS % (self.have + 1, count)
        self.have = count
        rows("INSERT INTO booking (ref, version, slot_id, seats, name,"
             " email, locale, notes, req_hash, created_at, nonce, old_link)"
             " SELECT LPAD(CONCAT(%s, HEX(n)), 8, 'Z'), 0,"
             f" {self.slot} + n %% {SLOTS}, 1,"
             " CONCAT('Of before Tal', n), CONCAT('crowd', n, '@example.org'),"
             " 'en', '', REPEAT('x', 32), NOW(3), UNHEX(MD5(n)), 0"
             f" FROM {numbers} q ORDER BY n", self.word[:2].upper())
        new = (f"FROM {self.booked()} AND NOT EXISTS"
               " (SELECT 1 FROM notification n WHERE n.booking_id = b.id)")
        rows("INSERT INTO notification (booking_id, envelope_id, kind, state,"
             " attempts, checks, reply, created_at) SELECT b.id, CONCAT(b.ref,"
             f" '.confirm.0'), 'booking.confirmed', 1, 1, 0, '', NOW(3) {new}")
        rows("UPDATE slot_inventory i JOIN slot s ON s.id = i.slot_id SET"
             " i.booked = %s WHERE s.service_id = %s", count // SLOTS,
             self.service)

    def booked(self):
        return ("slot s JOIN booking b ON b.slot_id = s.id"
                f" WHERE s.service_id = {self.service}")

    def remove(self):
        for what in ("n FROM notification n JOIN booking b"
                     " ON b.id = n.booking_id JOIN slot s",
                     "b FROM booking b JOIN slot s"):
            self.tables.rows(f"DELETE {what} ON s.id = b.slot_id"
                             " WHERE s.service_id = %s", self.service)
        self.tables.rows("DELETE i FROM slot_inventory i JOIN slot s ON s.id ="
                         " i.slot_id WHERE s.service_id = %s", self.service)
        self.tables.rows("DELETE FROM slot WHERE service_id = %s",
                         self.service)
        self.tables.rows("DELETE FROM service WHERE id = %s", self.service)


@pytest.fixture
def crowd(tables):
    one = Crowd(tables)
    yield one
    one.remove()


def test_organisers_find_people_without_reading_all_others(stack, tables,
                                                           crowd):
    """By an address, a whole name, any word of it, one that all have, one that
    nobody has; on the page and by the interface."""
    anna = Organiser(stack)
    program = Contract(stack.http_url, add_api_key(stack, "growth"))
    terms = ("crowd777@", "of before tal777", "TAL777", "tal777 of",
             "Before", "of be", "nobody-at-all", "crowd")

    def find(term):
        return anna.get("/admin/search?q=" + quote(term)).text

    def list_them(term):
        # Slots of other tests would be walked over.
        return program.call("GET", "/admin/bookings", params={
            "text": term, "limit": 20, "from": "2034-05-01"}).json()["bookings"]

    def costs():
        said = {}
        for face in (find, list_them):
            for term in terms:
                took = []
                for _ in range(TURNS):
                    before = rows_read(tables)
                    face(term)
                    took.append(rows_read(tables) - before)
                said[face.__name__, term] = min(took)
        return said

    crowd.grow(FEW)
    few = costs()
    crowd.grow(MANY)
    many = costs()
    grown = {what: (few[what], many[what]) for what in few
             if many[what] > 1.5 * few[what] + MORE}
    assert not grown
    wanted = tables.value("SELECT ref FROM booking WHERE email ="
                          " 'crowd777@example.org' AND slot_id >= %s",
                          crowd.slot)
    for term in terms[:4]:
        assert f"/admin/b/{wanted}" in find(term), term
        assert wanted in [one["reference"].replace("-", "")
                          for one in list_them(term)], term
    assert len(list_them("before")) == 20


def test_who_is_erased_is_found_by_no_key(stack, tables, visitor):
    place = visitor.book(tables.add_slot(1), name="Zora Keyless")
    ref = place.rpartition("/")[2].partition(".")[0]
    keys = ("SELECT k.begins FROM booking_namekey k JOIN booking b"
            " ON b.id = k.booking_id WHERE b.ref = %s ORDER BY k.number")
    wait_for_keys(tables)
    assert [row[0] for row in tables.rows(keys, ref)] == [
        "Zora Keyless", "Keyless Zora"]
    anna = Organiser(stack)
    assert f"/admin/b/{ref}" in anna.get("/admin/search?q=keyless%20z").text
    assert anna.do(ref, "erase").status_code == 303
    wait_for_keys(tables)
    assert tables.rows(keys, ref) == ()
