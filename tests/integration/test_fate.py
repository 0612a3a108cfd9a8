# SPDX-License-Identifier: MIT
"""What is heard of a mail after a mail server took it: real receipts through
Redis into the tables, and onto every face."""

import itertools
import re
import secrets
import time

import redis
import requests
from stack.visitor import Visitor, unique_address, wait_until

LIMIT_S = 30
FATES = ("delivered", "delayed", "returned", "complained")


def push(stack, *lines):
    """Puts receipts where maild leaves them."""
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as client:
        client.rpush(stack.env["QUEUE_PREFIX"] + "receipts", *lines)


def report(stack, mail, fate="returned", sure=1, text="550 5.1.1 nobody"):
    push(stack, f"B|{mail}|{fate}|{sure}|{time.time_ns() // 10**6}|{text}")


def receipts_left(stack):
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as client:
        prefix = stack.env["QUEUE_PREFIX"]
        return client.llen(prefix + "receipts") + client.llen(
            prefix + "receipts:p")


def all_taken(stack):
    wait_until(lambda: receipts_left(stack) == 0, LIMIT_S, "taken receipts")


def fate_of(tables, mail):
    return tables.rows("SELECT state, fate, fate_sure, fate_text FROM"
                       " notification WHERE envelope_id = %s", mail)[0]


def heard(tables, mail, fate, sure=1):
    wait_until(lambda: fate_of(tables, mail)[1:3] == (
        FATES.index(fate) + 1, sure), LIMIT_S, f"{fate} of {mail}")


class Sent:
    """A booking whose confirmation a mail server has taken."""

    def __init__(self, stack, tables, language="fr", slot=None, **answers):
        self.slot = slot or tables.add_slot(5)
        self.visitor = Visitor(stack.http_url, language)
        self.email = answers.setdefault("email", unique_address("back"))
        self.place = self.visitor.book(self.slot, **answers)
        self.ref = self.place.rpartition("/")[2][:8]
        self.tables = tables
        self.mail = self.newest()
        self.wait_sent(self.mail)

    def newest(self):
        return self.tables.value(
            "SELECT n.envelope_id FROM notification n JOIN booking b"
            " ON b.id = n.booking_id WHERE b.ref = %s AND n.kind ="
            " 'booking.confirmed' ORDER BY n.id DESC LIMIT 1", self.ref)

    def wait_sent(self, mail):
        wait_until(lambda: fate_of(self.tables, mail)[0] == 1, LIMIT_S,
                   f"the verdict on {mail}")


def metric(stack, fate):
    text = requests.get(stack.http_url + "/metrics", timeout=20).text
    return int(re.search(
        rf'^reservoir_mail_fate_total{{fate="{fate}"}} (\d+)$', text,
        re.MULTILINE)[1])


# ---- what becomes of the row --------------------------------------------------

def weight(fate, sure):
    return (sure, ("delivered", "delayed", "complained", "returned")
            .index(fate))


def test_the_heavier_report_wins_in_whatever_order_they_come(stack, tables):
    reports = list(itertools.product(FATES, (0, 1)))
    mark = secrets.token_hex(4)
    want = {}
    lines = []
    for number, (first, second) in enumerate(
            itertools.permutations(reports, 2)):
        mail = f"rank-{mark}-{number}"
        want[mail] = max(first, second, key=lambda one: weight(*one))
        tables.rows("INSERT INTO notification (envelope_id, kind, state,"
                    " attempts, checks, reply, created_at, final_at) VALUES"
                    " (%s, 'operators.digest', 1, 1, 0, '', NOW(3), NOW(3)"
                    " - INTERVAL 9 DAY)", mail)
        # Each twice: a batch may come again.
        lines += [f"B|{mail}|{fate}|{sure}|{1760000000000 + number}|{fate}"
                  for fate, sure in (first, second, first, second)]
    push(stack, *lines)
    all_taken(stack)
    for mail, (fate, sure) in want.items():
        assert fate_of(tables, mail) == (
            1, FATES.index(fate) + 1, sure, fate), mail
    tables.rows("DELETE FROM notification WHERE envelope_id LIKE %s",
                f"rank-{mark}-%")


def test_receipts_that_nobody_understands_stop_no_other(stack, tables):
    """As a relay of the version before meets the ones of this: they are
    dropped, and what else is in the batch is done."""
    one, two = Sent(stack, tables), Sent(stack, tables)
    before = metric(stack, "returned")
    push(stack, f"Z|{one.mail}|returned|1|1760000000000|later version",
         f"B|{one.mail}|eaten|1|1760000000000|", f"B|{one.mail}|returned|2|1|",
         f"B|{one.mail}|returned|1|x|", f"B|{one.mail}|returned|1",
         f"B|{one.mail}", "B|", "B", "", "B||returned|1|1|",
         f"B|{'x' * 70}|returned|1|1|", "B|nobody.of.that.name|returned|1|1|",
         "B|" + "|" * 300, f"B|{two.mail}|returned|1|1760000000000|a|b")
    heard(tables, two.mail, "returned")
    all_taken(stack)
    assert fate_of(tables, one.mail) == (1, 0, 0, "")
    assert fate_of(tables, two.mail)[3] == "a|b"
    # A time that cannot be is now.
    push(stack, *(f"B|{one.mail}|{fate}|1|{at}|" for fate, at in (
        ("delivered", 0), ("delayed", 9223372036854775807),
        ("complained", 253402300800000))))
    heard(tables, one.mail, "complained")
    assert tables.value("SELECT ABS(UNIX_TIMESTAMP() - UNIX_TIMESTAMP(fate_at))"
                        " FROM notification WHERE envelope_id = %s",
                        one.mail) < 60
    assert tables.value("SELECT UNIX_TIMESTAMP(fate_at) FROM notification"
                        " WHERE envelope_id = %s", two.mail) == 1760000000
    wait_until(lambda: metric(stack, "returned") == before + 1, LIMIT_S,
               "the count of one")
    # The same again is no news.
    push(stack, f"B|{two.mail}|returned|1|1760000000000|a|b")
    all_taken(stack)
    assert metric(stack, "returned") == before + 1
