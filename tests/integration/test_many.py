# SPDX-License-Identifier: MIT
"""Lists stay quick when there are many bookings: what is read is counted."""

import secrets

import pytest
from stack.contract import Contract
from stack.keys import add_api_key

MANY = 10000		# bookings, each of a slot of its own
MOST = 4000		# rows that one page, and asking for this, may cost
DIGITS = "(SELECT 0 AS d" + "".join(
    f" UNION ALL SELECT {n}" for n in range(1, 10)) + ")"
NUMBERS = ("(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n FROM "
           f"{DIGITS} a, {DIGITS} b, {DIGITS} c, {DIGITS} e)")


@pytest.fixture(scope="module")
def contract(stack):
    return Contract(stack.http_url, add_api_key(stack, "many"))


@pytest.fixture
def many(tables):
    """(slug, name): a service with MANY bookings, and what stands in the name
    of each of them, in the order of neither their slots nor their ids."""
    slug, name = f"many-{secrets.token_hex(4)}", f"crowd{secrets.token_hex(4)}"
    tables.rows("INSERT INTO service (slug, name, description, place, zone,"
                " organiser_name, organiser_email) VALUES"
                " (%s, 'Many', '', '', 'UTC', '', '')", slug)
    service = tables.value("SELECT id FROM service WHERE slug = %s", slug)
    tables.rows("INSERT INTO slot (service_id, starts_at, ends_at, zone)"
                " SELECT %s, '2031-01-01' + INTERVAL n HOUR,"
                " '2031-01-01' + INTERVAL n + 1 HOUR, 'UTC'"
                f" FROM {NUMBERS} n", service)
    tables.rows("INSERT INTO slot_inventory (slot_id, capacity, booked)"
                " SELECT id, 1, 1 FROM slot WHERE service_id = %s", service)
    tables.rows("INSERT INTO booking (ref, version, slot_id, seats, name,"
                " email, locale, notes, req_hash, created_at)"
                " SELECT UPPER(LEFT(MD5(CONCAT(id, %s)), 8)), 0, id, 1,"
                " CONCAT('One of ', %s), CONCAT('p', id, '@example.org'),"
                " 'en', '', REPEAT('x', 32), NOW(3) FROM slot"
                " WHERE service_id = %s ORDER BY MD5(id)",
                slug, name, service)
    yield slug, name
    for rows in ("DELETE b FROM booking b JOIN slot s ON s.id = b.slot_id",
                 "DELETE i FROM slot_inventory i JOIN slot s"
                 " ON s.id = i.slot_id"):
        tables.rows(f"{rows} WHERE s.service_id = %s", service)
    tables.rows("DELETE FROM slot WHERE service_id = %s", service)
    tables.rows("DELETE FROM service WHERE id = %s", service)


def rows_read(tables):
    return sum(int(value) for _, value in tables.rows(
        "SHOW GLOBAL STATUS LIKE 'Handler_read%%'"))


def page(contract, tables, **asked):
    """One page, and that it was read without all that is not on it."""
    before = rows_read(tables)
    answer = contract.call("GET", "/admin/bookings", params=asked)
    cost = rows_read(tables) - before
    assert answer.status_code == 200, answer.text
    assert cost < MOST, f"{asked}: {cost} rows were read"
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
    found, cursor = [], ""
    for _ in range(3):
        told = page(contract, tables, limit=20, cursor=cursor, **query)
        found += [one["email"] for one in told["bookings"]]
        cursor = told["next"]
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
