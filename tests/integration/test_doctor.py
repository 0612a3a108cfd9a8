# SPDX-License-Identifier: MIT
"""bookctl doctor, in a database of its own: what it finds, what it mends."""

import json
import os

import pytest
from stack.database import SCHEMA, Database

FITS = "all rows fit\n"
BOOKING = (
    "INSERT INTO booking (ref, version, slot_id, seats, name, email, locale,"
    " notes, req_hash, created_at, nonce, old_link) VALUES (%s, 0, %s, 1,"
    " 'Zoé', 'zoe@example.org', 'fr', '', REPEAT('x', 32), NOW(3),"
    " UNHEX(MD5(%s)), 0)")
MAIL = (
    "INSERT INTO notification (booking_id, envelope_id, kind, state, attempts,"
    " checks, reply, created_at, due_at) VALUES (%s, %s, 'booking.confirmed',"
    " %s, 0, 0, '', NOW(3), {})")


@pytest.fixture
def own(stack, tmp_path):
    """A database with one booking in one slot of three places."""
    one = Database(stack, tmp_path, "doctor")
    for name in sorted(set(os.listdir(SCHEMA)) - {"grants.sql"}):
        one.give(name)
    one.migrate()
    one.bookctl("service", "add", "--slug", "s", "--name", "S", "--zone",
                "Europe/Paris")
    one.slot = int(one.bookctl("slots", "add", "--service", "s", "--start",
                               "2040-05-06T08:00", "--capacity", "3"))
    one.ask(BOOKING, "0000000A", one.slot, "a")
    one.ask("UPDATE slot_inventory SET booked = 1")
    one.booking = one.ask("SELECT id FROM booking")[0][0]
    one.ask(MAIL.format("NULL"), one.booking, "0000000A.confirm.0", 1)
    assert one.bookctl("doctor") == FITS
    yield one
    one.close()


def checks(said):
    return [line.partition(":")[0] for line in said.splitlines()]


def test_it_only_looks_unless_it_is_to_mend(own):
    own.ask("UPDATE slot_inventory SET booked = 3")
    own.ask("UPDATE booking SET nonce = NULL, old_link = 1")
    own.ask(MAIL.format("NULL"), own.booking, "0000000A.confirm.1", 0)
    own.ask(MAIL.format("NULL"), None, "nobody.confirm.0", 2)
    said = own.bookctl("doctor", status=1)
    assert checks(said) == ["links", "seats", "nobody", "unwatched"]
    assert f"{own.slot} (3 counted, 1 taken, 3 there)" in said
    assert said.count("--mend") == 4 and "mended" not in said
    assert own.bookctl("doctor", status=1) == said
    found = json.loads(own.bookctl("doctor", "--json", status=1))
    assert (found["found"], found["left"]) == (4, 4)
    assert [one["check"] for one in found["findings"]] == checks(said)
    assert all(one["todo"] and one["found"] and one["mended"] is False
               for one in found["findings"])

    said = own.bookctl("doctor", "--mend")
    assert checks(said) == ["links", "seats", "nobody", "unwatched"]
    assert all(line.endswith(": mended") for line in said.splitlines())
    assert own.bookctl("doctor") == FITS
    assert own.ask("SELECT booked FROM slot_inventory") == ((1,),)
    assert own.ask("SELECT LENGTH(nonce), old_link FROM booking") == \
        ((16, 1),)
    assert own.ask("SELECT due_at IS NOT NULL FROM notification"
                   " WHERE state = 0") == ((1,),)
    assert json.loads(own.bookctl("doctor", "--json")) == {
        "findings": [], "found": 0, "left": 0}


def test_an_open_mail_of_nobody_is_first_taken_out_of_the_queue(own):
    own.ask(MAIL.format("NOW(3)"), None, "nobody.confirm.0", 0)
    assert ": mended" in own.bookctl("doctor", "--mend")
    row = "SELECT state, due_at IS NULL FROM notification WHERE" \
        " envelope_id = 'nobody.confirm.0'"
    assert own.ask(row) == ((4, 0),)
    assert "nobody" in own.bookctl("doctor", "--mend", status=1)
    own.ask("UPDATE notification SET due_at = NULL WHERE state = 4")
    own.bookctl("doctor", "--mend")
    assert own.ask(row) == ()


def test_places_that_are_kept_for_who_waits_are_taken(own):
    own.ask("INSERT INTO waiting (ref, slot_id, seats, name, email, locale,"
            " state, created_at, nonce) VALUES ('0000000W', %s, 2, 'Léa',"
            " 'l@example.org', 'fr', 1, NOW(3), UNHEX(MD5('w')))", own.slot)
    assert "1 counted, 3 taken" in own.bookctl("doctor", status=1)
    own.bookctl("doctor", "--mend")
    assert own.ask("SELECT booked FROM slot_inventory") == ((3,),)
    own.ask("UPDATE booking SET cancelled_at = NOW(3)")
    assert "3 counted, 2 taken" in own.bookctl("doctor", status=1)


def test_more_taken_than_there_are_is_for_people_to_settle(own):
    for name in "BC":
        own.ask(BOOKING, "0000000" + name, own.slot, name)
    own.ask("UPDATE slot_inventory SET capacity = 2")
    said = own.bookctl("doctor", "--mend", status=1)
    assert checks(said) == ["seats"] and "more places" in said
    own.bookctl("slots", "capacity", str(own.slot), "--capacity", "3")
    assert "mended" in own.bookctl("doctor", "--mend")
    assert own.bookctl("doctor") == FITS


def test_half_a_restore_is_told(own):
    own.ask("SET FOREIGN_KEY_CHECKS = 0")
    own.ask(BOOKING, "0000000B", 73, "b")
    own.ask("INSERT INTO booking_event (booking_id, at, actor, action, detail,"
            " request_id) VALUES (77, NOW(3), 'x', 'moved', '', '')")
    own.ask("INSERT INTO waiting (ref, slot_id, seats, name, email, locale,"
            " state, created_at, nonce) VALUES ('0000000W', 76, 2, 'Léa',"
            " 'l@example.org', 'fr', 0, NOW(3), UNHEX(MD5('w')))")
    own.ask("INSERT INTO slot (id, service_id, starts_at, ends_at, zone)"
            " VALUES (75, 74, NOW(), NOW() + INTERVAL 1 DAY, 'UTC')")
    said = own.bookctl("doctor", status=1)
    assert checks(said) == ["counter", "counter", "booking", "waiting",
                            "slot", "history"]
    assert said.count("whole backup") == 4
    assert "next row of service gets number 2, but 74 was given out" in said
    # Nothing was given out that is not there, but numbers can be.
    assert checks(own.bookctl("doctor", "--mend", status=1))[:2] == \
        ["counter", "counter"]
    assert "counter" not in checks(own.bookctl("doctor", status=1))


def test_many_rows_of_a_sort_are_counted_and_some_named(own):
    for number in range(230):
        own.ask(MAIL.format("NULL"), None, f"nobody.confirm.{number}", 2)
    said = own.bookctl("doctor", status=1).splitlines()
    assert len(said) == 21 and said[-1].startswith("nobody: 210 more")
    assert json.loads(own.bookctl("doctor", "--json", status=1))["left"] == 230
    own.bookctl("doctor", "--mend")
    assert own.bookctl("doctor") == FITS


def test_only_the_owner_of_the_tables_can_raise_counters(stack, own):
    before = own.ask("SHOW CREATE TABLE booking")
    text = open(own.conf, encoding="utf-8").read()
    own.ask(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {own.name}.*"
            " TO reservoir@localhost")
    with open(stack.env["BOOKING_CONF"], encoding="utf-8") as file:
        account = [line for line in file if line.startswith(
            ("mysql_user", "mysql_password_file"))]
    lines = [line for line in text.splitlines(True) if not line.startswith(
        ("mysql_user", "mysql_password_file"))]
    with open(own.conf, "w", encoding="utf-8") as file:
        file.writelines(account + lines)
    try:
        assert "ALTER" in own.bookctl("restored", status=78)
        assert own.ask("SHOW CREATE TABLE booking") == before
        assert own.bookctl("doctor") == FITS
    finally:
        # Other tests look at what this account may do.
        own.ask(f"REVOKE ALL ON {own.name}.* FROM reservoir@localhost")


def test_after_a_restore_every_number_is_a_new_one(own):
    own.bookctl("restored")
    first = own.ask("SELECT revision, sequence FROM booking")[0]
    assert first[0] > 1e8 and first[0] == first[1]
    own.ask(BOOKING, "0000000B", own.slot, "b")
    own.ask("UPDATE slot_inventory SET booked = 2")
    number = own.ask("SELECT MAX(id) FROM booking")[0][0]
    assert 1e15 < number < 2 ** 53
    # More than once, and never less.
    assert json.loads(own.bookctl("restored", "--json")) == {"raised": 2}
    assert own.ask("SELECT MIN(revision) FROM booking")[0][0] > first[0] - 1
    own.ask(BOOKING, "0000000C", own.slot, "c")
    assert own.ask("SELECT MAX(id) FROM booking")[0][0] > number
    drawn = int(own.bookctl("slots", "add", "--service", "s", "--start",
                            "2040-05-07T08:00", "--capacity", "1"))
    assert 2 ** 32 <= drawn < 2 ** 50
    own.ask("INSERT INTO slot (service_id, starts_at, ends_at, zone) SELECT"
            " id, NOW(), NOW() + INTERVAL 1 DAY, 'UTC' FROM service")
    assert own.ask("SELECT MAX(id) FROM slot")[0][0] > 1e15
    assert "restored" in own.bookctl("log")
