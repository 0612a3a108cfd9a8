# SPDX-License-Identifier: MIT
"""bookctl migrate, cut off between any two statements, and in one."""

import os

import pytest
from stack.database import LIMIT_S, SCHEMA, Database
from stack.visitor import wait_until

FILES = sorted(set(os.listdir(SCHEMA)) - {"grants.sql"})
# What the first version of the program wrote.
ROWS = (
    "INSERT INTO service VALUES (1, 's', 'S', '', '', 'Europe/Paris', '', '')",
    "INSERT INTO slot VALUES (1, 1, '2031-05-06 08:00', '2031-05-06 08:30')",
    "INSERT INTO slot_inventory VALUES (1, 2, 1)",
    "INSERT INTO booking VALUES (1, 'ABCD2345', 1, 1, 1, 'Zoé',"
    " 'zoe@example.org', 'fr', '', NULL, REPEAT('x', 32), NOW(3), NULL)",
    "INSERT INTO notification VALUES (1, 1, 'ABCD2345.confirm.0',"
    " 'booking.confirmed', 0, 0, 0, '', NOW(3), NULL, NOW(3))",
)
LEFT = (
    "SELECT b.ref, b.name, b.email, b.version, b.cancelled_at, i.booked,"
    " n.envelope_id, n.state, n.due_at IS NOT NULL, s.zone, n.was_zone,"
    " n.fate, n.fate_sure, n.fate_at, n.fate_text"
    " FROM booking b JOIN slot s ON s.id = b.slot_id"
    " JOIN slot_inventory i ON i.slot_id = b.slot_id"
    " JOIN notification n ON n.booking_id = b.id",
    (("ABCD2345", "Zoé", "zoe@example.org", 1, None, 1,
      "ABCD2345.confirm.0", 0, 1, "Europe/Paris", "", 0, 0, None, ""),))


def statements(name):
    """As bookctl splits it: the files hold no semicolon at a line's end in a
    comment or a text."""
    with open(os.path.join(SCHEMA, name), encoding="utf-8") as file:
        return [part + ";\n" for part in file.read().split(";\n")
                if part.strip()]


@pytest.fixture
def database(stack, tmp_path):
    made = []

    def make(name):
        made.append(Database(stack, tmp_path, name))
        return made[-1]
    yield make
    for one in made:
        one.close()


def whole_shape(database):
    one = database("in_one_go")
    for name in FILES:
        one.give(name)
    one.migrate()
    return one.shape()


def test_a_cut_between_any_two_statements_is_made_good(database):
    """Each cut leaves what those before it left, plus one statement, so the
    last run has seen a database cut off everywhere."""
    want = whole_shape(database)
    one = database("cut_off")
    for number, name in enumerate(FILES, 1):
        parts_of_it = statements(name)
        for count in range(len(parts_of_it) + 1):
            one.give(name, "".join(parts_of_it[:count]) + "HERE IT ENDS;\n")
            assert "HERE IT ENDS" in one.migrate(status=78)
            if number > 1:
                assert one.version() == number - 1
        one.give(name)
        assert f"applied {name}" in one.migrate()
        assert one.version() == number
        if number == 1:
            for row in ROWS:
                one.ask(row)
    assert one.shape() == want
    assert "nothing to do" in one.migrate()
    assert one.ask(LEFT[0]) == LEFT[1]
    assert one.ask("SELECT LENGTH(nonce), old_link FROM booking") == ((16, 1),)


def test_killed_in_the_middle_of_a_statement(database):
    want = whole_shape(database)
    one = database("killed")
    one.give(FILES[0])
    one.migrate()
    for row in ROWS:
        one.ask(row)
    for name in FILES[1:]:
        one.give(name)
    # Who reads the table keeps ALTER TABLE waiting.
    reader = one.connect(one.name)
    reader.begin()
    with reader.cursor() as cursor:
        cursor.execute("SELECT * FROM booking")
    process = one.begin("migrate")
    wait_until(lambda: one.ask(
        "SELECT id FROM information_schema.processlist WHERE db = %s AND"
        " state = 'Waiting for table metadata lock'", one.name), LIMIT_S,
        "an ALTER TABLE in the middle")
    process.kill()
    process.communicate(timeout=LIMIT_S)
    again = one.begin("migrate")
    reader.rollback()
    reader.close()
    words, _ = again.communicate(timeout=2 * LIMIT_S)
    assert again.returncode == 0, words
    assert one.version() == len(FILES)
    assert one.shape() == want
    assert one.ask(LEFT[0]) == LEFT[1]


# The statement of the program that knew nothing of nonces.
OLD_BOOKING = (
    "INSERT INTO booking (ref, version, slot_id, seats, name, email, locale,"
    " notes, idem_key, req_hash, created_at, request_id) SELECT"
    " LPAD(n, 8, %s), 0, 1, 1, 'Zoé', 'zoe@example.org', 'fr', '', NULL,"
    " REPEAT('x', 32), NOW(3), '' FROM (WITH RECURSIVE one AS (SELECT 1 AS n"
    " UNION ALL SELECT n + 1 FROM one WHERE n < %s) SELECT n FROM one) all_n")
DRAWN = "SELECT id, nonce FROM booking WHERE nonce IS NOT NULL ORDER BY id"


def test_rows_of_before_get_something_drawn_for_each(database):
    """Cut off between two batches, and with the old program beside it."""
    one = database("nonces")
    for name in FILES[:10]:
        one.give(name)
    one.migrate()
    for row in ROWS[:2]:
        one.ask(row.replace("VALUES (1, 's', 'S', '', '', 'Europe/Paris', '',"
                            " '')", "(id, slug, name, description, place,"
                            " zone, organiser_name, organiser_email) VALUES"
                            " (1, 's', 'S', '', '', 'Europe/Paris', '', '')")
                .replace("slot VALUES (1, 1, '2031-05-06 08:00',"
                         " '2031-05-06 08:30')", "slot VALUES (1, 1,"
                         " '2031-05-06 08:00', '2031-05-06 08:30', 'UTC')"))
    one.ask(OLD_BOOKING, "0", 900)
    one.ask(OLD_BOOKING, "A", 900)
    one.ask("INSERT INTO waiting (ref, slot_id, seats, name, email, locale,"
            " state, created_at) VALUES ('00000001', 1, 1, 'Léa', 'l@x.org',"
            " 'fr', 0, NOW(3))")
    columns = statements(FILES[10])
    one.give(FILES[10], "".join(columns) + "HERE IT ENDS;\n")
    one.migrate(status=78)
    for name in FILES[10:]:
        one.give(name)
    holder = one.connect(one.name)
    holder.begin()
    with holder.cursor() as cursor:
        cursor.execute("SELECT * FROM booking WHERE id = 1500 FOR UPDATE")
    process = one.begin("migrate")
    try:
        drawn = wait_until(lambda: one.ask(DRAWN), LIMIT_S,
                           "the first batch")
    finally:
        process.kill()
        process.communicate(timeout=LIMIT_S)
        holder.rollback()
        holder.close()
    one.ask(OLD_BOOKING, "B", 1)
    assert 1000 <= len(drawn) < 1801 and one.version() == 10
    one.migrate()
    again = one.ask(DRAWN)
    assert again[:len(drawn)] == drawn
    assert len({nonce for _, nonce in again}) == len(again) == 1801
    assert all(len(nonce) == 16 for _, nonce in again)
    assert one.ask("SELECT LENGTH(nonce), old_link, offers FROM waiting") == \
        ((16, 1, 0),)
    # It still writes beside the new one; so do its links then.
    one.ask(OLD_BOOKING, "C", 1)
    assert one.ask("SELECT old_link, COUNT(*) FROM booking GROUP BY 1") == \
        ((1, 1802),)
    # What calendars knew is kept with what is ahead.
    assert one.ask("SELECT calendar_domain, calendar_sender, COUNT(*)"
                   " FROM booking GROUP BY 1, 2 ORDER BY 1") == \
        ((None, None, 1),
         ("reservoir.example", "bookings@reservoir.example", 1801))
