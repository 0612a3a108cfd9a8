# SPDX-License-Identifier: MIT
"""What a campaign has left behind, read into plain values for the verdict."""

import calendar
import collections
import glob
import re
import time
from dataclasses import dataclass, field

from stack.places import disagreements
from stack.procs import read_text
from stack.visitor import Tables

DELIVERED = re.compile(
    r"^(\S+)\.(\d{3})Z \S+ info: .*?\bdelivered job=(\S+) ", re.MULTILINE)
LOST = re.compile(r"^(\S+)\.(\d{3})Z .*\blost (\S+)=\d+ pid=(\d+) "
                  r"(signal|status)=(\d+)(.*)$", re.MULTILINE)


@dataclass
class Row:
    """A notification row and its booking."""
    address: str
    state: int
    reply: str = ""
    booked_at: float = 0.0


@dataclass
class Facts:
    """All that the verdict looks at; times are Unix times."""
    rows: dict = field(default_factory=dict)        # id: Row
    attempts: dict = field(default_factory=dict)    # id: [Attempt], in order
    delivered: dict = field(default_factory=dict)   # id: [when maild said so]
    harms: list = field(default_factory=list)       # Harm, in order
    answered: dict = field(default_factory=dict)    # address: when its 303
    wrong: dict = field(default_factory=dict)       # what is wrong by itself
    deaths: list = field(default_factory=list)      # (at, what, pid, rest)
    found_dead: list = field(default_factory=list)  # parts that nobody killed
    final_timeout_s: float = 2.0


def _moment(stamp, millis):
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%S")) \
        + int(millis) / 1000


def _rows(facts, tables):
    without = []
    for ref, address, name, state, reply, made in tables.rows(
            "SELECT b.ref, b.email, n.envelope_id, n.state, n.reply,"
            " UNIX_TIMESTAMP(n.created_at) FROM booking b"
            " LEFT JOIN notification n ON n.booking_id = b.id"
            " AND n.kind = 'booking.confirmed'"):
        if name is None:
            without.append(ref)
        else:
            facts.rows[name] = Row(address, state, reply, float(made))
    facts.wrong["bookings without a row"] = without


def _bookings(facts, tables):
    found = collections.Counter(row[0] for row in tables.rows(
        "SELECT email FROM booking"))
    facts.wrong["answered 303 and not booked"] = [
        address for address in facts.answered if not found[address]]
    facts.wrong["booked twice with one key"] = [
        address for address, count in found.items() if count > 1]
    facts.wrong["slots whose count is wrong"] = list(tables.rows(
        "SELECT i.slot_id, i.booked, COALESCE(SUM(b.seats), 0) AS seats"
        " FROM slot_inventory i LEFT JOIN booking b"
        " ON b.slot_id = i.slot_id AND b.cancelled_at IS NULL"
        " GROUP BY i.slot_id, i.booked HAVING i.booked <> seats"))


def _attempts(facts, server):
    """By the recipient: each booking of a campaign has one of its own."""
    by_address = {row.address: name for name, row in facts.rows.items()}
    strangers, wrong_ids = [], []
    for attempt in list(server.attempts):
        name = by_address.get(attempt.recipient)
        if name is None:
            strangers.append(attempt.recipient)
            continue
        if attempt.message not in ("", name):
            wrong_ids.append((name, attempt.message))
        facts.attempts.setdefault(name, []).append(attempt)
    facts.wrong["mails of no booking"] = strangers
    facts.wrong["another's Message-ID"] = wrong_ids


def _log(stack, part):
    """All that a part has logged, also into files that were moved since."""
    log = stack.at.log_file(part)
    return "".join(map(read_text, [*sorted(glob.glob(log + ".*")), log]))


def _logs(facts, stack):
    log = _log(stack, "maild")
    for stamp, millis, name in DELIVERED.findall(log):
        facts.delivered.setdefault(name, []).append(_moment(stamp, millis))
    for part in ("booking", "maild"):
        for stamp, millis, what, pid, how, number, rest in LOST.findall(
                _log(stack, part)):
            facts.deaths.append((_moment(stamp, millis), part, what, int(pid),
                                 f"{how}={number}{rest}"))


def collect(campaign, client):
    """Reads tables, queue, server and logs of a campaign that has drained."""
    facts = Facts(harms=campaign.faults, answered=campaign.booked,
                  found_dead=campaign.found_dead,
                  final_timeout_s=campaign.final_timeout_s)
    with Tables(campaign.stack.env) as tables:
        _rows(facts, tables)
        _bookings(facts, tables)
    _attempts(facts, campaign.server)
    _logs(facts, campaign.stack)
    facts.wrong["never answered 303"] = campaign.unanswered
    facts.wrong["strange answers"] = campaign.strange_answers()
    facts.wrong["strange faults"] = campaign.broken_faults
    prefix = campaign.stack.env["QUEUE_PREFIX"]
    facts.wrong["state and place disagree"] = disagreements(client, prefix)
    facts.wrong["records not final"] = [
        name for name in client.scan_iter(prefix + "j:*", count=1000)
        if client.hget(name, "st") not in ("S", "X", None)]
    facts.wrong["malformed envelopes"] = client.lrange(
        prefix + "malformed", 0, 9)
    facts.wrong["sanitizer"] = campaign.stack.sanitizer_reports()
    return facts
