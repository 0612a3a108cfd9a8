# SPDX-License-Identifier: MIT
"""Each process dies at each of its labelled steps; nothing is lost.

The programs of build/crash know their points: RESERVOIR_CRASH_LIST makes them
say which.  A point that this file cannot have visited fails, so a new one
needs at most a stimulus here.
"""

import contextlib
import glob
import os
import re
import signal
import subprocess
import threading

import pytest
import redis
from stack.faulty import FaultySmtp
from stack.layout import Layout, Options, write_text
from stack.places import disagreements
from stack.procs import Trouble, alive
from stack.stack import Stack
from stack.visitor import Tables, Visitor, new_key, wait_until

PROGRAMS = ("maild/maild", "fcgi-app/booking.fcgi")
BOOKINGS = 3
LIMIT_S = 20            # to come to a point
DRAIN_S = 60            # after it; a mail past its dot waits for 10 s, and
                        # for 25 s if all of its maild was killed
# Past the gate and not yet in the ring: the one window for a duplicate
# (invariant 11).
# workers_die() may find a worker in it, too.
MAYBE_SENT = {"worker: past the gate", "worker: 250 heard",
              "maild: reclaimed", "maild: reclaiming"}
SETTINGS = {
    "booking": {"outbox_delay": "1s", "workers": "2"},
    "maild": {"workers": "2", "breaker_max": "300ms", "retry_min": "200ms",
              "retry_max": "500ms", "storm_hold": "300ms",
              "crash_pause": "100ms",
              "host_lease": "5s", "session_idle": "100ms",
              "greeting_timeout": "2s", "envelope_timeout": "3s",
              "transfer_timeout": "3s", "final_timeout": "4s",
              "stop_grace": "5s"},
}


def points():
    """All labels of all programs; a tree that is not built has one: none."""
    found = set()
    at = Layout("/", crash=True)
    for name in PROGRAMS:
        with contextlib.suppress(OSError):
            found |= set(subprocess.run(
                [at.program(name)], check=True, capture_output=True,
                text=True, timeout=30, env={"RESERVOIR_CRASH_LIST": "1"},
            ).stdout.splitlines())
    return sorted(found) or ["(build/crash is not built)"]


class Field:
    """The stack on which processes die, and what is done there."""

    def __init__(self, directory):
        self.server = FaultySmtp()
        self.stack = Stack(directory, Options(
            crash=True, smtp=f"127.0.0.1:{self.server.port}"), quiet=True)
        for part, values in SETTINGS.items():
            self.stack.overrides[part].update(values)
        self.stack.up()
        with Tables(self.stack.env) as tables:
            self.form = Visitor(self.stack.http_url).form(
                tables.add_slot(100000))
        self.redis = redis.Redis(
            unix_socket_path=self.stack.env["REDIS_SOCKET"],
            decode_responses=True)
        self.prefix = self.stack.env["QUEUE_PREFIX"]
        self.count = 0
        self.erased = []        # their references
        self.kept = None        # slot of which addresses are confirmed
        self.confirmed = []     # addresses that were, each once
        self.file = self.stack.at.path("crash")

    def close(self):
        self.redis.close()
        self.stack.down()
        self.server.close()

    # ---- what brings a process to a point ---------------------------------

    def arm(self, point, visit=1):
        write_text(self.file, f"{point} {visit}")

    def armed(self):
        return os.path.exists(self.file)

    def has_fallen(self):
        """True when whoever came to the point is dead, not only about to be."""
        found = glob.glob(self.file + ".*")
        if not found or alive(int(found[0].rpartition(".")[2])):
            return False
        os.unlink(found[0])
        return True

    def revive(self):
        """Whom a point killed is started again, as init would."""
        for name in self.stack.dead_parts():
            with contextlib.suppress(Trouble):
                self.stack.start(name)

    def book(self):
        """Books a few, each until its 303; returns the addresses."""
        addresses = []
        for _ in range(BOOKINGS):
            self.count += 1
            addresses.append(f"c{self.count}@example.org")
            visitor = Visitor(self.stack.http_url)
            form = self.form | {"key": new_key(), "email": addresses[-1]}

            def is_booked(visitor=visitor, form=form):
                with contextlib.suppress(OSError):
                    if visitor.post(form).status_code == 303:
                        return True
                self.revive()
                return False
            wait_until(is_booked, 30, "a 303", 0.1)
        return addresses

    def keep(self):
        """Asks for a place that is to be confirmed; (address, its page)."""
        with Tables(self.stack.env) as tables:
            if not self.kept:
                self.kept = _slot_to_confirm(tables)
        self.count += 1
        address = f"k{self.count}@example.org"
        visitor = Visitor(self.stack.http_url)
        form = self.form | {"key": new_key(), "email": address,
                            "slot": str(self.kept)}
        self.until(lambda: visitor.post(form).status_code == 202, "a 202")
        mail = wait_until(lambda: self.revive() or
                          self.server.texts.get(address), 30, "its mail")
        return address, re.search(r"/w/[0-9A-Z]{8}\.[\w-]{22}", mail.replace(
            "=\r\n", ""))[0]

    def until(self, act, what):
        """Does it until it is so, whoever dies meanwhile."""
        def is_so():
            with contextlib.suppress(OSError):
                if act():
                    return True
            self.revive()
            return False
        wait_until(is_so, 30, what, 0.1)

    def spoil(self, step, wish, times):
        """The next so many of these steps go wrong; then all is well."""
        left = [times]

        def plan(now, _session, _mail):
            if now != step or left[0] == 0:
                return None
            left[0] -= 1
            return wish
        self.server.plan = plan

    def child(self, part, word):
        found = self.stack.children(part)
        return next((found[title] for title in sorted(found)
                     if title.startswith(word)), 0)

    def signal_child(self, part, word, number):
        pid = wait_until(lambda: self.child(part, word), 10, word)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    # ---- what must be true afterwards ----------------------------------------

    def is_drained(self):
        self.revive()
        lists = ["intake", "ready", "ready:bulk"] + [
            name[len(self.prefix):] for name in self.redis.scan_iter(
                self.prefix + "p:*", count=1000)]
        with Tables(self.stack.env) as tables:
            return not tables.open_rows() and \
                not self.redis.zcard(self.prefix + "retry") and \
                not any(self.redis.llen(self.prefix + name)
                        for name in lists)

    def copies(self, address):
        return sum(to == address for _, to, _ in self.server.accepted)

    def states(self, addresses):
        with Tables(self.stack.env) as tables:
            return {address: tables.value(
                "SELECT n.state FROM booking b JOIN notification n"
                " ON n.booking_id = b.id WHERE b.email = %s", address)
                for address in addresses}


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    one = Field(tmp_path_factory.mktemp("crash"))
    yield one
    one.close()


def _slot_to_confirm(tables):
    """A slot of a service of its own, which has addresses confirmed."""
    page = tables.add_slot(100000)
    slot = page.rpartition("/")[2]
    tables.rows("INSERT INTO service (slug, name, description, place, zone,"
                " organiser_name, organiser_email, confirm_minutes)"
                " SELECT 'kept', name, description, place, zone,"
                " organiser_name, organiser_email, 30 FROM service"
                " ORDER BY id LIMIT 1")
    tables.rows("UPDATE slot SET service_id = (SELECT id FROM service"
                " WHERE slug = 'kept') WHERE id = %s", slot)
    return slot


# ---- stimuli: each returns the addresses that it booked -------------------------

def book(field):
    return field.book()


def redis_lost_all(field):
    """The relay has to ask, and to publish; the dispatcher to replay."""
    field.spoil("banner", "421 4.3.2 busy", 1000000)
    addresses = field.book()
    field.redis.flushall()
    # What dies on the way is started again meanwhile.
    wait_until(lambda: not field.armed(), LIMIT_S, "the point", 0.05)
    field.revive()
    field.server.plan = lambda *_: None
    return addresses


def redis_restarts(field):
    field.stack.kill("redis")
    field.stack.start("redis")
    return field.book()


def refused(step, wish, times=1):
    def act(field):
        field.spoil(step, wish, times)
        addresses = field.book()
        # Mails that went over a session kept by the one before met no banner.
        with contextlib.suppress(Trouble):
            wait_until(lambda: not field.armed(), LIMIT_S / 4, "the step")
        return addresses if not field.armed() else addresses + field.book()
    return act


def workers_die(field):
    """They die while the server lets one of them wait for its 354."""
    held, done = threading.Event(), threading.Event()

    def plan(step, _session, _mail):
        if step == "data" and not held.is_set():
            held.set()
            done.wait(LIMIT_S)
            return "close"
        return None
    field.server.plan = plan
    booking = []
    thread = threading.Thread(target=lambda: booking.extend(field.book()))
    thread.start()
    assert held.wait(LIMIT_S)
    for title, pid in field.stack.children("maild").items():
        if title.startswith("worker"):
            os.kill(pid, signal.SIGKILL)
    done.set()
    thread.join()
    return booking


def erases(field):
    """Somebody whose mail has arrived has their data erased."""
    addresses = field.book()
    visitor = Visitor(field.stack.http_url)
    gone = f"gone{field.count}@example.org"
    place = visitor.post(field.form | {"key": new_key(), "email": gone}
                         ).headers["Location"]
    wait_until(lambda: field.copies(gone) == 1, LIMIT_S, "a mail")
    assert visitor.post({}, place + "/erase").status_code == 303
    field.erased.append(place.rpartition("/")[2].partition(".")[0])
    return addresses


def confirms(field):
    """One place is confirmed, and one lapses."""
    addresses = field.book()
    address, link = field.keep()
    visitor = Visitor(field.stack.http_url)
    field.until(lambda: visitor.post({}, link + "/take").status_code == 303,
                "a 303")
    field.confirmed.append(address)
    address, link = field.keep()
    with Tables(field.stack.env) as tables:
        tables.rows("UPDATE waiting SET told_at = NOW(3),"
                    " offer_until = NOW(3) WHERE email = %s", address)
        field.until(lambda: tables.value(
            "SELECT state FROM waiting WHERE email = %s", address) == 3,
            "its end")
    return addresses


def signalled(part, number):
    def act(field):
        field.stack.kill(part, number)
        return field.book()
    return act


def child_ends(part, word, number=signal.SIGTERM):
    def act(field):
        addresses = field.book()
        field.signal_child(part, word, number)
        return addresses
    return act


STIMULI = {
    "booking: child gone": child_ends("booking", "worker"),
    "booking: reloaded": signalled("booking", signal.SIGHUP),
    "booking: reloading": signalled("booking", signal.SIGHUP),
    "dispatcher: another generation": redis_lost_all,
    "hold: place written": confirms,
    "dispatcher: replayed": redis_lost_all,
    "maild: reclaimed": workers_die,
    "maild: reclaiming": workers_die,
    "maild: reloaded": signalled("maild", signal.SIGHUP),
    "maild: reloading": signalled("maild", signal.SIGHUP),
    "relay: all rows due": redis_lost_all,
    "relay: another generation": redis_lost_all,
    "relay: asked": redis_lost_all,
    "relay: decided": redis_lost_all,
    "relay: job forgotten": erases,
    "relay: published": redis_lost_all,
    "relay: rows written": redis_lost_all,
    "waiting: offer ended": confirms,
    "waiting: offer taken": confirms,
    "worker: buried": refused("rcpt", "550 5.1.1 no such user"),
    "worker: burying": refused("rcpt", "550 5.1.1 no such user", 2),
    "worker: claimed": book,
    "worker: deferred": refused("rcpt", "450 4.7.1 later"),
    "worker: deferring": refused("rcpt", "450 4.7.1 later"),
    "worker: giving back": child_ends("maild", "worker"),
    "worker: reclaimed": redis_restarts,
    "worker: registered": redis_restarts,
    "worker: released": refused("banner", "421 4.3.2 busy"),
    "worker: releasing": refused("banner", "421 4.3.2 busy"),
    "worker: replayed": redis_restarts,
}


@pytest.mark.parametrize("point", points())
def test_a_death_loses_nothing(field, point):
    field.server.plan = lambda *_: None
    field.arm(point)
    try:
        addresses = STIMULI.get(point, book)(field)
        wait_until(field.has_fallen, LIMIT_S, point, 0.01)
    finally:
        if field.armed():
            os.unlink(field.file)
        field.server.plan = lambda *_: None
    wait_until(field.is_drained, DRAIN_S, "drained", 0.1)
    states = field.states(addresses)
    for address in addresses:
        copies = field.copies(address)
        if states[address] == 2:
            assert "bur" in point and copies == 0       # 550: rejected
            continue
        assert states[address] == 1
        assert copies == 1 or copies == 2 and point in MAYBE_SENT, address
    with Tables(field.stack.env) as tables:
        for address in field.confirmed:
            assert tables.bookings_of(address) == 1
        assert not field.kept or tables.value(
            "SELECT booked FROM slot_inventory WHERE slot_id = %s",
            field.kept) == len(field.confirmed)
    assert not disagreements(field.redis, field.prefix)
    # A worker may tell a Redis that lost its data of them once more.
    for ref in field.erased:
        key = f"{field.prefix}j:{ref}.confirm.0"
        wait_until(lambda key=key: not field.redis.hget(key, "rep") and
                   not field.redis.hexists(key, "at"), LIMIT_S,
                   f"{ref} forgotten", 0.1)
    assert not field.stack.dead_parts()


def test_unknown_points_are_not_waited_for():
    """A label that no program has any more has no stimulus either."""
    assert set(STIMULI) <= set(points())
