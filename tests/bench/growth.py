# SPDX-License-Identifier: MIT
"""How each path behaves as what is stored grows: curves that should be flat.

A point is a rate while so much is there; a curve says how much slower its last
point is than its first.  What fills a table or the queue is not measured.
"""

import os
import secrets

import booking
import mailrig
import plot
from measure import Line, Trouble, wait_for_calm

from stack.visitor import Visitor                       # noqa: E402

BENDS = 0.5             # of the first point's rate, at the last one
STEPS = (0, 1000, 10000, 100000, 1000000, 10000000)
SLOT_STEPS = (10, 100, 1000, 10000, 50000)
WORKER_STEPS = (1, 2, 4, 8, 16, 32, 64)
CONNECTIONS = 8
FILL_AT_ONCE = 200000
# Outbox rows of before: sent, or open and not due in this run.
SENT, OPEN = "1", "0"


def steps(options, all_steps=STEPS):
    return [step for step in all_steps if step <= options.largest]


def sequence(rig, first, count):
    """A table to select n from; MariaDB has it, MySQL has not."""
    if "MariaDB" not in rig.sql("SELECT VERSION()"):
        raise Trouble("growth fills tables by MariaDB's sequences")
    return f"(SELECT seq AS n FROM seq_{first}_to_{first + count - 1}) q"


def fill(rig, slots, total, state):
    """Adds bookings of before until there are so many, each with its mail."""
    have = int(rig.sql("SELECT COUNT(*) FROM booking"))
    word = secrets.token_hex(2)
    while have < total:
        count = min(FILL_AT_ONCE, total - have)
        # A reference has 40 bits; an odd factor gives each n another one, in
        # no order.
        rig.sql(f"""
            SET unique_checks = 0; SET foreign_key_checks = 0;
            INSERT IGNORE INTO booking (ref, version, slot_id, seats, name,
                email, locale, notes, idem_key, req_hash, created_at,
                request_id, nonce, old_link, calendar_domain)
            SELECT LPAD(CONV((n * 654435761 + {secrets.randbelow(2 ** 30)})
                MOD 1099511627776, 10, 32), 8, '0'), 0,
                {slots[0]} + n MOD {slots[1] - slots[0] + 1}, 1,
                CONCAT('Of before ', n), CONCAT(n, '@{word}.example.org'),
                'en', '', RANDOM_BYTES(16), RANDOM_BYTES(32), NOW(3), '',
                RANDOM_BYTES(16), 0, 'bench.example.org'
            FROM {sequence(rig, have + 1, count)};
            INSERT IGNORE INTO booking_namekey (booking_id, number, begins)
            SELECT b.id, k.n, CASE k.n WHEN 0 THEN b.name
                WHEN 1 THEN CONCAT(SUBSTRING(b.name, 4), ' Of')
                ELSE CONCAT(SUBSTRING(b.name, 11), ' Of before') END
            FROM booking b LEFT JOIN notification n ON n.booking_id = b.id
            CROSS JOIN (SELECT 0 AS n UNION SELECT 1 UNION SELECT 2) k
            WHERE n.id IS NULL;
            INSERT INTO notification (booking_id, envelope_id, kind, detail,
                created_at, due_at, state, attempts, checks, reply)
            SELECT b.id, CONCAT(b.ref, '.confirm.0'), 'booking.confirmed', '',
                NOW(3), IF({state} = {OPEN}, NOW(3) + INTERVAL 1 DAY, NULL),
                {state}, 1, 0, ''
            FROM booking b LEFT JOIN notification n ON n.booking_id = b.id
            WHERE n.id IS NULL;
            """, limit_s=3600)
        have = int(rig.sql("SELECT COUNT(*) FROM booking"))
    rig.sql("ANALYZE TABLE booking, notification, slot", limit_s=600)


class Curve:
    """Points of one path, and what they say."""

    def __init__(self, report, name, unit):
        self.report, self.name, self.unit = report, name, unit
        self.points = []

    def add(self, at, result):
        if result.get("other"):
            raise Trouble(f"{self.name}: answered {result['other_code']}")
        rate = result["rate"]
        self.points.append((at, rate))
        self.report.note(f"{self.name}, {at} {self.unit}: {rate:.0f}/s")

    def close(self, directory):
        (_, first), (largest, last) = self.points[0], self.points[-1]
        self.report.at_least(f"{self.name}, {largest} {self.unit}",
                             f"{last:.0f}/s", f"{first:.0f}/s with "
                             f"{self.points[0][0]}", last / first, BENDS)
        self.report.raw["growth " + self.name] = self.points
        if directory:
            plot.write(os.path.join(directory, f"{plot.slug(self.name)}.svg"),
                       f"{self.name}, by {self.unit}", self.points)


def by_bookings(rig, options, report, state, unit):
    """Posts, lists, a booking's page and story, as rows are added."""
    slots = rig.add_slots(1000, 1000000)
    visitor = Visitor(rig.stack.http_url)
    place = visitor.book(rig.path_of(slots[0]))
    ref = place.rpartition("/")[2].partition(".")[0]
    own = rig.organisers_header()
    paths = [("a booking's page", place, ""),
             ("a form", rig.path_of(slots[0]), ""),
             ("the services", "/", ""),
             ("organisers: the day", "/admin", own),
             ("organisers: search", "/admin/search?q=before", own),
             ("organisers: a story", f"/admin/b/{ref}", own)]
    post = Curve(report, "POST" + unit[0], unit[1])
    curves = [Curve(report, what + unit[0], unit[1]) for what, _, _ in paths]
    for total in steps(options):
        fill(rig, slots, total, state)
        rig.http(CONNECTIONS, slots, seconds=1)
        wait_for_calm(report, options.calm)
        post.add(total, rig.http(CONNECTIONS, slots))
        for curve, (_, path, header) in zip(curves, paths):
            curve.add(total, rig.page(path, header))
    for curve in (post, *curves):
        curve.close(options.plots)


def bookings(directory, options, report):
    report.section("growth: paths by what is stored in the database")
    with booking.Rig(directory, options) as rig:
        by_bookings(rig, options, report, SENT, ("", "bookings"))


def outbox(directory, options, report):
    report.section("growth: paths by open rows of the outbox")
    with booking.Rig(directory, options) as rig:
        by_bookings(rig, options, report, OPEN, (", open", "open mails"))


def slots(directory, options, report):
    report.section("growth: pages of a service by its slots")
    with booking.Rig(directory, options) as rig:
        curves = None
        have = 0
        for total in steps(options, SLOT_STEPS):
            last = rig.add_slots(total - have, 4)
            have = total
            paths = [("days of a service", "/s/bench"),
                     ("form of a slot", rig.path_of(last[1])),
                     ("API: free slots",
                      "/api/v1/services/bench/slots?free=1")]
            curves = curves or [Curve(report, what, "slots")
                                for what, _ in paths]
            wait_for_calm(report, options.calm)
            for curve, (_, path) in zip(curves, paths):
                curve.add(total, rig.page(path))
        for curve in curves:
            curve.close(options.plots)


def backlog(directory, options, report):
    with mailrig.Rig(directory, options.build) as rig:
        text, size = mailrig.notice_of(rig, mailrig.MAIL_BYTES)
        report.section(f"growth: drain of mails of {size} bytes by how many "
                       "wait behind them, and Redis' memory for one of those")
        curve = Curve(report, "drain", "mails behind")
        for total in steps(options)[1:]:
            wait_for_calm(report, options.calm)
            rig.redis.flushall()
            empty = rig.redis.info("memory")["used_memory"]
            rig.queue(text, total)
            each = (rig.redis.info("memory")["used_memory"] - empty) / total
            report.note(f"{total} in the intake: {each - size_of(text):.0f} "
                        f"bytes for a mail beside its {size_of(text)}")
            with rig.maild(4) as pid:
                curve.add(total, rig.drain_first(pid, min(
                    total, options.mails)))
        curve.close(options.plots)


def size_of(text):
    return len(text.encode())


def workers(directory, options, report):
    with mailrig.Rig(directory, options.build) as rig:
        text, _ = mailrig.notice_of(rig, mailrig.MAIL_BYTES)
        report.section("growth: drain by workers")
        curve = Curve(report, "drain by workers", "workers")
        for count in WORKER_STEPS:
            wait_for_calm(report, options.calm)
            with rig.maild(count) as pid:
                rig.drain(pid, text, 20 * count)
                result = rig.drain(pid, text, options.mails)
            curve.add(count, result)
            report.add(Line(f"memory with {count} workers",
                            f"{result['pss_mb']:.1f} MB PSS"))
        curve.close(options.plots)


BENCHMARKS = {"growth-bookings": bookings, "growth-outbox": outbox,
              "growth-slots": slots, "growth-backlog": backlog,
              "growth-workers": workers}


def run(names, directory, options, report):
    """Runs the named ones, each on servers of its own."""
    if options.plots:
        os.makedirs(options.plots, exist_ok=True)
    for name in names:
        place = os.path.join(directory, name)
        os.mkdir(place, 0o711)
        BENCHMARKS[name](place, options, report)
