# SPDX-License-Identifier: MIT
"""Lists stay quick when there are many bookings: what is read is counted."""

import secrets

import pytest
from stack.contract import Contract
from stack.keys import add_api_key, bookctl_says
from stack.visitor import Tables, rows_read, wait_for_keys

MANY = 10000		# bookings, each of a slot of its own
MOST = 8000		# rows that one page may cost
EACH = 8		# and so many for each booking of other tests before them
DIGITS = "(SELECT 0 AS d" + "".join(
    f" UNION ALL SELECT {n}" for n in range(1, 10)) + ")"
NUMBERS = ("(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n FROM "
           f"{DIGITS} a, {DIGITS} b, {DIGITS} c, {DIGITS} e)")


@pytest.fixture(scope="module")
def contract(stack):
    return Contract(stack.http_url, add_api_key(stack, "many"))


@pytest.fixture(scope="module")
def many(stack):
    """(slug, name): a service with MANY bookings, as many mails and people
    who have left the line, and what stands in the name of each of them, in
    the order of neither their slots nor their ids."""
    slug, name = f"many-{secrets.token_hex(4)}", f"crowd{secrets.token_hex(4)}"
    with Tables(stack.env) as tables:
        with tables.together():
            services = fill(tables, slug, name)
        wait_for_keys(tables)
        # The server gathers these by itself, but later; until then it guesses
        # at what an index saves, now so, now so.
        tables.rows("ANALYZE TABLE service, slot, slot_inventory, booking,"
                    " notification, waiting")
        yield slug, name
        remove(tables, *services)


def fill(tables, slug, name):
    tables.rows("INSERT INTO service (slug, name, description, place, zone,"
                " organiser_name, organiser_email) VALUES"
                " (%s, 'Many', '', '', 'UTC', '', '')", slug)
    service = tables.value("SELECT id FROM service WHERE slug = %s", slug)
    # As many of another one before them, of which no page of this one tells.
    tables.rows("INSERT INTO service (slug, name, description, place, zone,"
                " organiser_name, organiser_email) VALUES"
                " (%s, 'Others', '', '', 'UTC', '', '')", "before-" + slug)
    other = tables.value("SELECT id FROM service WHERE slug = %s",
                         "before-" + slug)
    for one, begin in (service, "2031-01-01"), (other, "2029-01-01"):
        tables.rows("INSERT INTO slot (service_id, starts_at, ends_at, zone)"
                    " SELECT %s, %s + INTERVAL n HOUR,"
                    " %s + INTERVAL n + 1 HOUR, 'UTC'"
                    f" FROM {NUMBERS} n", one, begin, begin)
    tables.rows("INSERT INTO slot_inventory (slot_id, capacity, booked)"
                " SELECT id, 1, 1 FROM slot WHERE service_id = %s", service)
    # Times an odd number: no two of them are the same, in no order of theirs.
    tables.rows("INSERT INTO booking (ref, version, slot_id, seats, name,"
                " email, locale, notes, req_hash, created_at)"
                " SELECT LPAD(HEX((CAST(id %% 4294967296 AS UNSIGNED)"
                " * 2654435761 + %s) %% 4294967296), 8, '0'), 0, id, 1,"
                " CONCAT('One of ', %s), CONCAT('p', id, '@example.org'),"
                " 'en', '', REPEAT('x', 32), NOW(3) FROM slot"
                " WHERE service_id = %s ORDER BY MD5(id)",
                secrets.randbelow(2 ** 32), name, service)
    tables.rows("INSERT INTO notification (booking_id, envelope_id, kind,"
                " state, attempts, checks, reply, created_at)"
                " SELECT b.id, CONCAT(b.ref, '.confirm.0'),"
                " 'booking.confirmed', 1, 1, 0, '250 Ok', NOW(3) FROM slot s"
                " JOIN booking b ON b.slot_id = s.id"
                " WHERE s.service_id = %s", service)
    tables.rows("INSERT INTO waiting (ref, slot_id, seats, name, email,"
                " locale, state, created_at) SELECT b.ref, s.id, 1, 'W',"
                " b.email, 'en', 4, NOW(3) FROM slot s"
                " JOIN booking b ON b.slot_id = s.id"
                " WHERE s.service_id = %s", service)
    return service, other


def remove(tables, service, other):
    of_them = "JOIN booking b ON b.id = {} JOIN slot s ON s.id = b.slot_id"
    for rows in ("DELETE w FROM waiting w JOIN slot s ON s.id = w.slot_id",
                 "DELETE n FROM notification n "
                 + of_them.format("n.booking_id"),
                 "DELETE e FROM booking_event e "
                 + of_them.format("e.booking_id"),
                 "DELETE b FROM booking b JOIN slot s ON s.id = b.slot_id",
                 "DELETE i FROM slot_inventory i JOIN slot s"
                 " ON s.id = i.slot_id"):
        tables.rows(f"{rows} WHERE s.service_id = %s", service)
    for one in service, other:
        tables.rows("DELETE FROM slot WHERE service_id = %s", one)
        tables.rows("DELETE FROM service WHERE id = %s", one)


def page(contract, tables, **asked):
    """One page, and that it was read without all that is not on it.

    But for slots without a booking: those before the first one of a name that
    many have are walked over, up to 20,000 of them.
    """
    most = MOST + EACH * (tables.value("SELECT COUNT(*) FROM booking") - MANY)
    before = rows_read(tables)
    answer = contract.call("GET", "/admin/bookings", params=asked)
    cost = rows_read(tables) - before
    assert answer.status_code == 200, answer.text
    if "text" in asked:
        most += 6 * MANY
    assert cost < most, f"{asked}: {cost} rows were read"
    return answer.json()


@pytest.mark.parametrize("asked", ["service", "text", "all"])
def test_a_page_costs_what_stands_on_it(contract, tables, many, asked):
    """By service, by a name that many have, and all: page after page."""
    slug, name = many
    query = {"service": {"service": slug}, "text": {"text": name},
             "all": {"from": "2031-01-01"}}[asked]
    wanted = [row[0] for row in tables.rows(
        "SELECT b.email FROM booking b JOIN slot s ON s.id = b.slot_id"
        " JOIN service v ON v.id = s.service_id WHERE v.slug = %s"
        " ORDER BY s.starts_at, b.id LIMIT 60", slug)]
    found, cursor, short = [], "", 0
    while len(found) < len(wanted):
        told = page(contract, tables, limit=20, cursor=cursor, **query)
        found += [one["email"] for one in told["bookings"]]
        cursor = told["next"]
        short += len(told["bookings"]) < 20
        assert cursor and short <= (2 if asked == "text" else 0)
    assert found == wanted


def test_few_are_found_among_many(contract, tables, many):
    """One address, by its beginning; and nothing behind the last one."""
    address = tables.value(
        "SELECT b.email FROM booking b JOIN slot s ON s.id = b.slot_id"
        " JOIN service v ON v.id = s.service_id WHERE v.slug = %s"
        " ORDER BY s.starts_at DESC LIMIT 1", many[0])
    told = contract.call("GET", "/admin/bookings",
                         params={"text": address}).json()
    assert [one["email"] for one in told["bookings"]] == [address]
    assert "next" not in told


# What it erases is found no more.
@pytest.mark.last
def test_retention_reads_what_is_old(stack, tables, many):
    """Nothing else is read for 250 that are too old; and all of them go."""
    old = ("FROM booking b JOIN slot s ON s.id = b.slot_id JOIN service v"
           " ON v.id = s.service_id WHERE v.slug = %s AND s.ends_at < '2010-01-01'")
    assert bookctl_says(stack, "retention")[0] == 0
    before = rows_read(tables)
    assert bookctl_says(stack, "retention")[0] == 0
    cost = rows_read(tables) - before
    assert cost < MOST, f"{cost} rows were read for nothing"
    tables.rows("UPDATE slot s JOIN service v ON v.id = s.service_id SET"
                " s.starts_at = s.starts_at - INTERVAL 30 YEAR,"
                " s.ends_at = s.ends_at - INTERVAL 30 YEAR WHERE v.slug = %s"
                " AND s.starts_at < '2031-01-01' + INTERVAL 250 HOUR", many[0])
    assert tables.value(f"SELECT COUNT(*) {old}", many[0]) == 250
    assert bookctl_says(stack, "retention")[0] == 0
    assert tables.value(f"SELECT COUNT(*) {old} AND b.erased_at IS NULL",
                        many[0]) == 0
