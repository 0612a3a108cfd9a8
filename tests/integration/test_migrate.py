# SPDX-License-Identifier: MIT
"""bookctl migrate, cut off between any two statements, and in one."""

import os
import shutil
import subprocess

import pymysql
import pytest
from stack import confs, parts
from stack.layout import TOP, write_text
from stack.visitor import wait_until

LIMIT_S = 60
SCHEMA = os.path.join(TOP, "schema")
FILES = sorted(os.listdir(SCHEMA))
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
    " n.envelope_id, n.state, n.due_at IS NOT NULL, s.zone, n.was_zone"
    " FROM booking b JOIN slot s ON s.id = b.slot_id"
    " JOIN slot_inventory i ON i.slot_id = b.slot_id"
    " JOIN notification n ON n.booking_id = b.id",
    (("ABCD2345", "Zoé", "zoe@example.org", 1, None, 1,
      "ABCD2345.confirm.0", 0, 1, "Europe/Paris", ""),))
SHAPE = (
    "SELECT table_name, column_name, column_type, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = %s",
    "SELECT table_name, index_name, seq_in_index, column_name, non_unique"
    " FROM information_schema.statistics WHERE table_schema = %s",
    "SELECT table_name, constraint_name, constraint_type"
    " FROM information_schema.table_constraints WHERE table_schema = %s",
)


def statements(name):
    """As bookctl splits it: the files hold no semicolon at a line's end in a
    comment or a text."""
    with open(os.path.join(SCHEMA, name), encoding="utf-8") as file:
        return [part + ";\n" for part in file.read().split(";\n")
                if part.strip()]


class Database:
    """An empty database of its own, and a bookctl that migrates it."""

    def __init__(self, stack, directory, name):
        self.stack, self.name = stack, name
        self.connection = self.connect("mysql")
        for words in (f"DROP DATABASE IF EXISTS {name}",
                      f"CREATE DATABASE {name} CHARACTER SET utf8mb4",
                      f"GRANT ALL ON {name}.* TO reservoir_owner@localhost"):
            self.ask(words)
        self.connection.select_db(name)
        self.data = directory / f"share-{name}"
        shutil.copytree(stack.at.share, self.data,
                        ignore=shutil.ignore_patterns("schema"))
        (self.data / "schema").mkdir()
        self.conf = str(directory / f"{name}.conf")
        with open(stack.env["OWNER_CONF"], encoding="utf-8") as file:
            text = file.read().replace(
                f"mysql_database = {confs.DATABASE}\n",
                f"mysql_database = {name}\n").replace(
                f"data_dir = {stack.at.share}\n", f"data_dir = {self.data}\n")
        assert name in text and str(self.data) in text
        write_text(self.conf, text)

    def connect(self, database):
        return pymysql.connect(unix_socket=self.stack.env["MYSQL_SOCKET"],
                               user="root", database=database,
                               charset="utf8mb4", autocommit=True)

    def ask(self, words, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(words, values)
            return cursor.fetchall()

    def give(self, name, text=None):
        """Puts a migration in its place, or another text under its name."""
        path = self.data / "schema" / name
        if text is None:
            shutil.copy(os.path.join(SCHEMA, name), path)
        else:
            path.write_text(text, encoding="utf-8")

    def begin(self):
        return subprocess.Popen(
            [self.stack.env["BOOKCTL"], "-c", self.conf, "migrate"],
            env=parts.environment(self.stack.at), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def migrate(self, status=0):
        process = self.begin()
        words, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == status, words
        return words

    def version(self):
        return self.ask("SELECT MAX(version) FROM schema_version")[0][0]

    def shape(self):
        return [sorted(self.ask(words, self.name), key=repr)
                for words in SHAPE]

    def close(self):
        self.ask(f"DROP DATABASE {self.name}")
        self.connection.close()


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
    process = one.begin()
    wait_until(lambda: one.ask(
        "SELECT id FROM information_schema.processlist WHERE db = %s AND"
        " state = 'Waiting for table metadata lock'", one.name), LIMIT_S,
        "an ALTER TABLE in the middle")
    process.kill()
    process.communicate(timeout=LIMIT_S)
    again = one.begin()
    reader.rollback()
    reader.close()
    words, _ = again.communicate(timeout=2 * LIMIT_S)
    assert again.returncode == 0, words
    assert one.version() == len(FILES)
    assert one.shape() == want
    assert one.ask(LEFT[0]) == LEFT[1]
