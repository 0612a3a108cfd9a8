# SPDX-License-Identifier: MIT
"""Bookings through nginx beside the same transactions from a C client."""

import base64
import datetime
import glob
import json
import os
import subprocess
import sys

from measure import Line, compile_helper, median, pairs, spread, wait_for_calm

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

from stack.layout import Options, free_port             # noqa: E402
from stack.organiser import ORGANISER                   # noqa: E402
from stack.procs import read_text                       # noqa: E402
from stack.stack import Stack                           # noqa: E402

WORKERS = 16
CONNECTIONS = (4, 8, 16)
SLOTS = 1000
CAPACITY = 1000000
GOAL_RATE = 0.65
GOAL_REFUSAL = 5


class Rig:
    """A stack without mail: only requests, database and queue work."""

    def __init__(self, directory, options):
        self.options = options
        self.txload = compile_helper(directory, "txload", ["libmariadb"])
        self.httpload = compile_helper(directory, "httpload")
        # No mail server: maild is stopped, as all its work is drain's.
        self.stack = Stack(os.path.join(directory, "stack"), Options(
            smtp=f"127.0.0.1:{free_port()}", workers=1,
            booking_workers=WORKERS, sample=False), quiet=True)
        self.stack.at.build = os.path.realpath(options.build)
        # The relay's rounds must find nothing due: it is not measured.
        self.stack.overrides["booking"]["outbox_delay"] = "1h"
        self.seed = options.seed
        self.next_slot = 1
        self.start = datetime.datetime(
            datetime.date.today().year + 2, 1, 1, 8)

    def __enter__(self):
        self.stack.up()
        self.stack.stop("maild")
        self.bookctl("service", "add", "--slug", "bench", "--name",
                     "Benchmark", "--zone", "UTC", "--place", "12 Queue Road",
                     # What txload.c writes is for a service like this.
                     "--reminder", "0min")
        self.many = self.add_slots(SLOTS, CAPACITY)
        return self

    def __exit__(self, *_):
        self.stack.down()

    def bookctl(self, *words):
        return subprocess.run(
            [self.stack.env["BOOKCTL"], "-c", self.stack.env["OWNER_CONF"],
             *words], check=True, capture_output=True, text=True,
            timeout=60).stdout

    def add_slots(self, count, capacity):
        """Adds slots; returns the first and the last of their numbers, which
        are made to follow each other: the clients draw one between them.
        """
        drawn = ",".join(self.bookctl(
            "slots", "add", "--service", "bench", "--start",
            self.start.strftime("%Y-%m-%dT%H:%M"), "--duration", "30min",
            "--capacity", str(capacity), "--count", str(count)).split())
        self.start += datetime.timedelta(minutes=30 * count)
        first = self.next_slot
        self.next_slot += count
        self.sql(f"""
            SET foreign_key_checks = 0;
            CREATE TEMPORARY TABLE bench_slot AS SELECT id, CAST({first} - 1
                + ROW_NUMBER() OVER (ORDER BY starts_at) AS SIGNED) AS number
                FROM slot WHERE id IN ({drawn});
            UPDATE slot_inventory AS i JOIN bench_slot AS b ON b.id = i.slot_id
                SET i.slot_id = b.number;
            UPDATE slot AS s JOIN bench_slot AS b ON b.id = s.id
                SET s.id = b.number;
            """)
        return first, first + count - 1

    def path_of(self, slot):
        return f"/s/bench/{slot}"

    def organisers_header(self):
        secret = f"{ORGANISER}:{self.stack.at.make_secret('organiser')}"
        return "Authorization: Basic " + base64.b64encode(
            secret.encode()).decode()

    def sql(self, text, limit_s=60):
        cnf = os.path.join(self.stack.at.conf, "mariadb.cnf")
        return subprocess.run(
            ["/usr/bin/mariadb", f"--defaults-file={cnf}", "--batch",
             "--skip-column-names", "reservoir"], input=text, check=True,
            capture_output=True, text=True, timeout=limit_s).stdout

    def counter(self, name):
        return int(self.sql(f"SHOW GLOBAL STATUS LIKE '{name}'").split()[1])

    def _run(self, argv, *more):
        self.seed += 1
        result = subprocess.run([*argv, str(self.seed), *more], check=True,
                                stdout=subprocess.PIPE, text=True,
                                timeout=self.options.seconds + 60)
        return json.loads(result.stdout)

    def http(self, connections, slots, kind="form", status=303, seconds=0,
             port=0):
        self._forget_jobs()
        return self._run([
            self.httpload, str(port or self.stack.http_port), kind, str(status),
            str(connections), str(seconds or self.options.seconds),
            *map(str, slots)])

    def page(self, path, header=""):
        return self._run([
            self.httpload, str(self.stack.http_port), path, "200",
            str(WORKERS), str(self.options.seconds), "1", "1"], header)

    def raw(self, connections, slots, mode="book", seconds=0):
        env = self.stack.env
        return self._run([
            self.txload, env["MYSQL_SOCKET"], env["MYSQL_USER"],
            env["MYSQL_PASSWORD_FILE"], env["MYSQL_DATABASE"], mode,
            str(connections), str(seconds or self.options.seconds),
            *map(str, slots)])

    def _forget_jobs(self):
        """Nobody drains: the intake must not grow from run to run."""
        env = self.stack.env
        subprocess.run(["/usr/bin/redis-cli", "-s", env["REDIS_SOCKET"],
                        "UNLINK", env["QUEUE_PREFIX"] + "intake"],
                       check=True, capture_output=True, timeout=10)

    def complaints(self):
        """Lines of booking.fcgi's log that tell of trouble."""
        count = 0
        for path in glob.glob(self.stack.at.log_file("booking")):
            count += sum("could not book" in line or "publishing failed" in
                         line for line in read_text(path).splitlines())
        return count


def described(result):
    return (f"{result['rate']:.0f}/s p50 {result['p50_us'] / 1000:.1f} "
            f"p99 {result['p99_us'] / 1000:.1f} ms")


def middle(results):
    """The result with the median rate."""
    return sorted(results, key=lambda one: one["rate"])[len(results) // 2]


def ratios(ours, ceiling):
    return [a["rate"] / b["rate"] for a, b in zip(ours, ceiling)]


def bookings(rig, report):
    report.section("booking: POST through nginx, beside the same transactions "
                   "from a C client")
    # Connects and prepares everywhere.
    rig.http(WORKERS, rig.many, seconds=1)
    for connections in rig.options.connections or CONNECTIONS:
        wait_for_calm(report, rig.options.calm)
        ours, raw = pairs(rig.options.pairs,
                          lambda n=connections: rig.http(n, rig.many),
                          lambda n=connections: rig.raw(n, rig.many))
        of_pairs = ratios(ours, raw)
        report.at_least(
            f"{connections} connections", described(middle(ours)),
            described(middle(raw)), median(of_pairs), GOAL_RATE,
            f"pairs {spread(of_pairs)}")
        report.raw[f"booking_{connections}"] = {"http": ours, "raw": raw}
        lost = sum(one["other"] for one in ours)
        if lost:
            report.note(f"{lost} answers were no 303, the last one "
                        f"{max(one['other_code'] for one in ours)}")


def hot_slot(rig, report):
    report.section("hot slot: 16 connections want the same one")
    slot = rig.add_slots(1, CAPACITY)
    wait_for_calm(report, rig.options.calm)
    deadlocks = rig.counter("Innodb_deadlocks")
    complaints = rig.complaints()
    ours, raw = pairs(max(1, rig.options.pairs // 2),
                      lambda: rig.http(WORKERS, slot),
                      lambda: rig.raw(WORKERS, slot))
    of_pairs = ratios(ours, raw)
    report.add(Line("hot slot", described(middle(ours)),
                    described(middle(raw)), median(of_pairs)))
    deadlocks = rig.counter("Innodb_deadlocks") - deadlocks
    complaints = rig.complaints() - complaints
    retries = sum(one["retries"] for one in raw)
    others = sum(one["other"] for one in ours + raw)
    # A lock wait that runs out takes 3 s: no answer may be as late.
    slowest_ms = max(one["max_us"] for one in ours) / 1000
    wrong = deadlocks + complaints + retries + others
    report.add(Line(
        "lock retries", f"{deadlocks} deadlocks, {retries} retries, "
        f"{others} other answers, {complaints} complaints, slowest answer "
        f"{slowest_ms:.0f} ms", goal="0, and below 3000 ms",
        met=not wrong and slowest_ms < 3000, gate=True))
    booked = rig.sql(
        "SELECT i.booked, (SELECT SUM(b.seats) FROM booking b WHERE "
        "b.slot_id = i.slot_id), (SELECT COUNT(*) FROM notification n JOIN "
        "booking b ON b.id = n.booking_id WHERE b.slot_id = i.slot_id "
        "AND n.kind = 'booking.confirmed') "
        f"FROM slot_inventory i WHERE i.slot_id = {slot[0]}").split()
    report.add(Line("counter, seats and outbox agree", " = ".join(booked),
                    goal="equal", met=len(set(booked)) == 1, gate=True))
    report.raw["hot"] = {"http": ours, "raw": raw, "deadlocks": deadlocks}


def sold_out(rig, report):
    report.section("sold out: refusals of a full slot, 16 connections")
    slot = rig.add_slots(1, 1)
    rig.sql("UPDATE slot_inventory SET booked = capacity "
            f"WHERE slot_id = {slot[0]}")
    wait_for_calm(report, rig.options.calm)
    count = max(1, rig.options.pairs // 2)
    peek, refuse = pairs(count,
                         lambda: rig.raw(WORKERS, slot, "peek"),
                         lambda: rig.raw(WORKERS, slot, "refuse"))
    of_pairs = ratios(peek, refuse)
    report.at_least("read before BEGIN", described(middle(peek)),
                    "the transaction's refusal " + described(middle(refuse)),
                    median(of_pairs), GOAL_REFUSAL,
                    f"pairs {spread(of_pairs)}")
    report.raw["sold_out"] = {"peek": peek, "refuse": refuse}
    for kind, what in (("json", "409 as JSON"),
                       ("form", "409 as a page with other times")):
        http = rig.http(WORKERS, slot, kind, 409)
        report.add(Line(f"through HTTP, {what}", described(http),
                        "the transaction's refusal "
                        + described(middle(refuse)),
                        http["rate"] / middle(refuse)["rate"]))
        report.raw["sold_out"][kind] = http
        if http["other"]:
            report.note(f"{http['other']} answers were no 409, the last one "
                        f"{http['other_code']}")


BENCHMARKS = {"booking": bookings, "hot": hot_slot, "soldout": sold_out}


def run(names, directory, options, report):
    """Runs the named ones on one stack."""
    with Rig(directory, options) as rig:
        for name in names:
            BENCHMARKS[name](rig, report)
