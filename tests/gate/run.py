#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Instructions of one booking and of one mail, beside those on record.

usage: run.py [--record] [--keep DIR]

A booking is what a worker of booking.fcgi does from the request's headers to
the end of its answer; a mail is what a worker of maild does from one ack to the
next: claim, compose, send, ack.  Other processes do not count.  --record writes
this system's numbers to instructions.tsv; --keep leaves the profiles in DIR,
which must not exist yet, for callgrind_annotate.

Each one is counted separately, many times, and the median is taken, so that
neither start-up nor a reply that arrived in two pieces counts.  The processor's
extensions are hidden from the libraries, which would choose other code for
them.
"""

import argparse
import datetime
import os
import platform
import re
import sys
import tempfile

import redis

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import callgrind                                        # noqa: E402
import growth                                           # noqa: E402
from stack import parts                                 # noqa: E402
from stack.faulty import FaultySmtp                     # noqa: E402
from stack.layout import Options                        # noqa: E402
from stack.procs import Trouble, wait_until             # noqa: E402
from stack.stack import Stack                           # noqa: E402
from stack.visitor import (Tables, Visitor, new_key,    # noqa: E402
                           unique_address)

TABLE = os.path.join(HERE, "instructions.tsv")
WARM = 9        # the first ones connect, prepare statements, fill caches
COUNTED = 31
SEND_LIMIT_S = 60
# The functions of ours at which a piece of work ends, and its profile with it.
BOOKING = ("--toggle-collect=web_answer", "--dump-after=web_answer")
MAIL = ("--dump-before=queue_ack",)
PLAIN_PROCESSOR = {
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=" + ",".join(
        f"-{word}{used}" for used in ("", "_Usable") for word in (
            "AVX", "AVX2", "BMI2", "ERMS", "FSRM", "SSE4_1", "SSE4_2",
            "SSSE3", "AVX_Fast_Unaligned_Load")),
    "OPENSSL_ia32cap": "0", "OPENSSL_armcap": "0"}


def system(program):
    """What numbers hold for: an architecture, a compiler, and a release of a
    distribution, which stands for the versions of all libraries.
    """
    with open(program, "rb") as file:
        # From the debugging information: "GNU C17 12.2.0 -mtune=... -O2 ..."
        built = re.search(rb"GNU C\d+ (\d+)\.[^\0]*? (-O\w+)", file.read())
    about = platform.freedesktop_os_release()
    compiler = " ".join(word.decode() for word in built.groups()) \
        if built else "?"
    return " ".join((about["ID"], about.get("VERSION_ID", "?"),
                     platform.machine(), "gcc", compiler))


def book(stack):
    """Books, often enough to be counted."""
    parts.bookctl(stack, "service", "add", "--slug", "gate", "--name", "Gate",
                  "--zone", "Europe/Paris", "--place", "12 Queue Road")
    # A date whose words are as long whenever the test runs, since the mail
    # has it many times: a Wednesday in the middle of January.
    day = datetime.date(datetime.date.today().year + 2, 1, 10)
    day += datetime.timedelta(days=(2 - day.weekday()) % 7)
    parts.bookctl(stack, "slots", "add", "--service", "gate", "--start",
                  f"{day}T10:00", "--duration", "30min", "--capacity", "1000",
                  "--count", "1")
    with Tables(stack.env) as tables:
        slot = tables.value("SELECT MAX(id) FROM slot")
    visitor = Visitor(stack.http_url)
    form = visitor.form(f"/s/gate/{slot}")
    for _ in range(WARM + COUNTED):
        answer = visitor.post(form | {"key": new_key(),
                                      "email": unique_address()})
        if answer.status_code != 303:
            raise Trouble(f"a booking was answered {answer.status_code}")


def send(stack, server):
    """Has maild send the mails of these bookings, all queued at its start."""
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as client:
        queued = client.llen(stack.env["QUEUE_PREFIX"] + "intake")
    stack.start("maild")
    wait_until(lambda: len(server.accepted) >= queued, SEND_LIMIT_S,
               f"{queued} mails")


def cost(pattern, program):
    """The median of what was counted."""
    files = callgrind.dumps(pattern)
    if len(files) < WARM + COUNTED // 2:
        raise Trouble(
            f"{os.path.basename(program)}: {len(files)} profiles instead of "
            f"{WARM + COUNTED}: are the functions that tests/gate/run.py names "
            "for callgrind still there?")
    costs = []
    for path in files[WARM:]:
        with open(path, encoding="utf-8", errors="replace") as file:
            costs.append(callgrind.read(file, program))
    return callgrind.median(costs)


def measure(scratch, keep):
    """Returns {work: cost} and the system that they hold for."""
    server = FaultySmtp()
    stack = Stack(os.path.join(scratch, "stack"), Options(
        smtp=f"127.0.0.1:{server.port}", workers=1, booking_workers=1,
        sample=False), quiet=True)
    # Only the request publishes; the relay's rounds find nothing due.
    stack.overrides["booking"]["outbox_delay"] = "1h"
    stack.at.more_env.update(PLAIN_PROCESSOR)
    booking, mail = (os.path.join(keep, name) for name in ("booking", "mail"))
    stack.before["booking"] = callgrind.command(booking, *BOOKING)
    try:
        stack.up()
        stack.stop("maild")
        book(stack)
        stack.stop("booking")
        stack.before["maild"] = callgrind.command(mail, *MAIL)
        send(stack, server)
    finally:
        stack.down()
        server.close()
    maild = parts.program(stack.at, "maild")
    return {"booking": cost(booking, parts.program(stack.at, "booking")),
            "mail": cost(mail, maild)}, system(maild)


def main():
    options = argparse.ArgumentParser(
        prog="./dev gate", description=__doc__.split("\n", 1)[0])
    options.add_argument("--record", action="store_true",
                         help="put these numbers on record for this system")
    options.add_argument("--keep", metavar="DIR",
                         help="leave callgrind's profiles in this new folder")
    options = options.parse_args()
    if options.keep:
        os.makedirs(options.keep)
    try:
        with tempfile.TemporaryDirectory(prefix="reservoir-gate-") as scratch:
            costs, here = measure(scratch, os.path.realpath(
                options.keep or scratch))
    except Trouble as trouble:
        print(f"not ok - instructions: {trouble}")
        return 1
    table = growth.load(TABLE)
    if options.record:
        table[here] = costs
        growth.save(TABLE, table)
    lines = growth.lines(costs, table.get(here), here)
    print("\n".join(lines), flush=True)
    return int(any(line.startswith("not ok") for line in lines))


if __name__ == "__main__":
    sys.exit(main())
