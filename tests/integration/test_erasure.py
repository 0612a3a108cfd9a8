# SPDX-License-Identifier: MIT
"""Erased is erased: no table and no key says anything of the person."""

import json
import secrets
import threading
import time

import pytest
import redis
from stack.faulty import FaultySmtp
from stack.visitor import Visitor, line_of, wait_until

LIMIT_S = 30
HELD_S = 300        # a mail, by the server, while all else is done


class Server:
    """A mail server that quotes whom it refuses; the name says what to do."""

    def __init__(self, port):
        self.kind = True        # to organisers
        self.going_on = threading.Event()
        self.smtp = FaultySmtp(self.plan, port)
        self.reached = {}

    def plan(self, step, session, _mail):
        if step not in ("rcpt", "reply"):
            return None
        with self.smtp.lock:
            lines = [line for number, line in self.smtp.commands
                     if number == session]
        address = [line for line in lines if line.upper().startswith(
            "RCPT TO:")][-1].partition("<")[2].partition(">")[0]
        word = address.partition(".")[0]
        self.reached[address] = self.reached.get(address, 0) + 1
        if step == "reply":
            return f"250 2.0.0 Ok, queued for <{address}>"
        if word == "dead":
            return f"550 5.1.1 <{address}>: nobody of that name"
        if word == "slow":
            self.going_on.wait(HELD_S)
        if word in ("later", "slow") or (word == "boss" and not self.kind):
            return f"451 4.7.1 <{address}>: come back later"
        return None


class Person:
    """Somebody with an address, a name and notes that stand nowhere else."""

    def __init__(self, word):
        self.mark = f"q{secrets.token_hex(6)}"
        self.email = f"{word}.{self.mark}@example.org"
        self.name = f"Zoé {self.mark}"
        self.place = ""

    @property
    def ref(self):
        return self.place.rpartition("/")[2].partition(".")[0]

    def book(self, visitor, slot_page):
        self.place = visitor.book(slot_page, email=self.email, name=self.name,
                                  notes=f"private {self.mark}")
        return self


def keys_with(stack, words):
    """Where in Redis one of the words stands, in whatever type."""
    found = []
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"],
                     decode_responses=True) as client:
        read = {"string": client.get, "hash": client.hgetall,
                "list": lambda key: client.lrange(key, 0, -1),
                "set": client.smembers, "none": str,
                "zset": lambda key: client.zrange(key, 0, -1)}
        for key in client.scan_iter(count=1000):
            text = f"{key} {read[client.type(key)](key)}"
            found += [f"{key}: {text}" for word in words if word in text]
    return found


def rows_with(tables, words):
    """Where in MySQL one of the words stands, in whatever column."""
    found = []
    for (table,) in tables.rows(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = DATABASE()"):
        for row in tables.rows(f"SELECT * FROM {table}"):
            found += [f"{table}: {row}" for word in words if word in str(row)]
    return found


def forgotten(stack, tables, people):
    words = [person.mark for person in people]
    assert rows_with(tables, words) == []
    wait_until(lambda: not keys_with(stack, words), LIMIT_S,
               "a Redis that knows them no more")
    # What comes back late is not written down either.
    wait_until(lambda: tables.value("SELECT COUNT(*) FROM notification"
                                    " WHERE forget = 1") == 0, LIMIT_S,
               "all jobs forgotten")
    assert keys_with(stack, words) == []
    assert rows_with(tables, words) == []


@pytest.fixture
def server(whole, tables):
    whole.overrides["maild"]["retry_min"] = "1h"
    whole.overrides["maild"]["retry_max"] = "1h"
    whole.overrides["maild"]["envelope_timeout"] = f"{HELD_S}s"
    whole.restart("maild")
    whole.stop("smtp")
    one = Server(int(whole.smtp.rpartition(":")[2]))
    yield one
    one.going_on.set()
    one.smtp.close()
    # Nothing is left waiting for other tests.
    for name in whole.dead_parts():
        whole.start(name)
    retry = whole.env["QUEUE_PREFIX"] + "retry"
    with redis.Redis(unix_socket_path=whole.env["REDIS_SOCKET"]) as client:
        wait_until(lambda: [client.zadd(retry, {name: 1}) for name
                            in client.zrange(retry, 0, -1)] == []
                   and tables.open_rows() == 0, LIMIT_S, "all rows final",
                   0.2)


@pytest.fixture
def shop(bookctl):
    """A service whose organiser hears of everything; adds a slot."""
    slug = f"erasure-{time.time_ns():x}"
    boss = f"boss.{secrets.token_hex(6)}@example.org"
    bookctl("service-add", "--slug", slug, "--name", "Erasure", "--zone",
            "UTC", "--organiser-email", boss, "--organiser-mails", "yes",
            "--organiser-name", "Boss")
    count = iter(range(1, 28))

    def slot(capacity=1):
        day = time.strftime("%Y-%m-%d", time.gmtime(
            time.time() + next(count) * 86400))
        number = bookctl("slot-add", "--service", slug, "--start",
                         f"{day}T10:00", "--capacity", str(capacity)).strip()
        return f"/s/{slug}/{number}"
    slot.boss = boss
    return slot


def state_of(stack, name):
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"],
                     decode_responses=True) as client:
        return client.hget(stack.env["QUEUE_PREFIX"] + "j:" + name, "st")


def reaches(stack, name, states):
    wait_until(lambda: state_of(stack, name) in tuple(states), LIMIT_S,
               f"{name} in {states}")


def test_nothing_is_left_of_who_was_erased(whole, server, shop, tables,
                                           bookctl):
    visitor = Visitor(whole.http_url, "en")
    people = {word: Person(word) for word in (
        "sent", "dead", "later", "slow", "intake", "aged", "waits", "fixed")}
    server.kind = False     # the organiser's mails wait, full of their words
    slots = {word: shop() for word in people}
    for word, letters in (("sent", "S"), ("dead", "X"), ("later", "R"),
                          ("slow", "P"), ("aged", "S")):
        person = people[word].book(visitor, slots[word])
        reaches(whole, f"{person.ref}.confirm.0", letters)
        reaches(whole, f"{person.ref}.organiser.0", "R")
    # One who had typed another address first.
    fixed = people["fixed"]
    wrong = f"dead.{fixed.mark}@example.org"
    fixed.place = visitor.book(slots["fixed"], email=wrong, name=fixed.name)
    reaches(whole, f"{fixed.ref}.confirm.0", "X")
    fixed.place = visitor.post({"email": fixed.email},
                               fixed.place + "/email").headers["Location"]
    # One who was offered a place, and does not want it any more.
    waits = people["waits"]
    waits.email = waits.email.replace("waits.", "later.")
    taker = Person("sent").book(visitor, slots["waits"])
    assert visitor.post({
        "slot": slots["waits"].rpartition("/")[2], "name": waits.name,
        "email": waits.email, "seats": "1"}, slots["waits"] + "/wait"
        ).status_code == 303
    waits.place = line_of(whole, waits.email)
    people["taker"] = taker
    visitor.post({}, taker.place + "/cancel")
    reaches(whole, f"{waits.ref}.place.0", "R")
    # Until here the server's words have come back, too.
    quoted = f"5.1.1 <{people['dead'].email}>"
    wait_until(lambda: rows_with(tables, [quoted]), LIMIT_S,
               "a reply that quotes somebody")
    assert all(keys_with(whole, [person.mark]) for word, person
               in people.items() if word != "intake")

    assert visitor.post({}, people["slow"].place + "/erase"
                        ).status_code == 303
    slow = f"{people['slow'].ref}.confirm.0"
    assert state_of(whole, slow) == "P"
    server.going_on.set()
    forgotten(whole, tables, [people["slow"]])
    assert server.reached[people["slow"].email] == 1

    whole.stop("maild")
    intake = people["intake"].book(visitor, slots["intake"])
    assert keys_with(whole, [intake.mark])
    assert visitor.post({}, people["sent"].place + "/erase"
                        ).status_code == 303
    assert visitor.post({}, intake.place + "/erase").status_code == 303
    bookctl("erase", people["dead"].ref)
    assert json.loads(bookctl("erase", "--address", people["later"].email,
                              "--json")) == {"bookings": 1, "waiting": 0}
    bookctl("erase", fixed.ref)
    bookctl("erase", taker.ref)
    assert visitor.post({}, waits.place + "/leave").status_code == 303
    tables.rows("UPDATE slot SET starts_at = NOW() - INTERVAL 101 DAY, ends_at"
                " = NOW() - INTERVAL 100 DAY WHERE id = %s",
                slots["aged"].rpartition("/")[2])
    bookctl("retention")
    forgotten(whole, tables, people.values())

    # The organiser is told all the same, without a word of them.
    server.kind = True
    whole.start("maild")
    news = {f"{people[word].ref}.organiser.0@reservoir.example"
            for word in ("sent", "dead", "later", "fixed", "aged")}
    wait_until(lambda: news <= {mail for mail, address, _ in
                                server.smtp.accepted if address == shop.boss},
               LIMIT_S, "the organiser's mails")
    assert not any(person.mark in str(server.smtp.accepted)
                   for word, person in people.items()
                   if word in ("dead", "later", "intake"))
    forgotten(whole, tables, people.values())


def test_erased_while_redis_was_away(whole, server, shop, tables):
    visitor = Visitor(whole.http_url, "en")
    people = [Person(word).book(visitor, shop())
              for word in ("dead", "later", "sent")]
    for person, letters in zip(people, "XRS"):
        reaches(whole, f"{person.ref}.confirm.0", letters)
    whole.stop("redis")
    for person in people:
        assert visitor.post({}, person.place + "/erase").status_code == 303
    assert rows_with(tables, [person.mark for person in people]) == []
    whole.start("redis")
    # They were there when it came back.
    forgotten(whole, tables, people)


def test_looked_at_once_more_when_redis_came_back_older(whole, server, shop,
                                                        tables):
    """Redis may lose its last second, and with it what it had forgotten."""
    visitor = Visitor(whole.http_url, "en")
    person = Person("later").book(visitor, shop())
    reaches(whole, f"{person.ref}.confirm.0", "R")
    with redis.Redis(unix_socket_path=whole.env["REDIS_SOCKET"]) as client:
        name = f"{whole.env['QUEUE_PREFIX']}j:{person.ref}.confirm.0"
        record = client.hgetall(name)
        assert visitor.post({}, person.place + "/erase").status_code == 303
        forgotten(whole, tables, [person])
        client.hset(name, mapping=record)
        client.zadd(whole.env["QUEUE_PREFIX"] + "retry",
                    {f"{person.ref}.confirm.0": 1e13})
        assert keys_with(whole, [person.mark])
    whole.restart("redis")
    forgotten(whole, tables, [person])
    row = "SELECT forget, due_at, state FROM notification WHERE envelope_id = %s"
    assert tables.rows(row, f"{person.ref}.confirm.0") == ((3, None, 4),)
    # A verdict that comes now is taken, but not what a server said; and twice,
    # when a worker tells it a Redis that lost its data.
    for _ in range(2):
        with redis.Redis(unix_socket_path=whole.env["REDIS_SOCKET"]) as client:
            client.hset(name, mapping={
                "st": "S", "n": 1, "rep": f"250 Ok for <{person.email}>"})
            client.rpush(whole.env["QUEUE_PREFIX"] + "receipts",
                         f"S|{person.ref}.confirm.0|1|"
                         f"{int(time.time() * 1000)}|"
                         f"250 Ok for <{person.email}>")
        forgotten(whole, tables, [person])
        assert tables.rows(row, f"{person.ref}.confirm.0")[0][2] == 1


@pytest.mark.parametrize("setting, english, french", [
    ("30d", "30 days after the date you booked", "30 jours après"),
    ("1d", "One day after the date you booked", "Un jour après"),
    ("0s", "until you, or the organiser, erase", "jusqu’à ce que")])
def test_the_page_about_privacy_says_what_is_set(whole, setting, english,
                                                 french):
    whole.overrides["booking"]["retention"] = setting
    whole.restart("booking")
    for language, words, answers in (("en", english, "your answers"),
                                     ("fr", french, "vos réponses")):
        text = Visitor(whole.http_url, language).page("/privacy").text
        assert words in text and answers in text, text
