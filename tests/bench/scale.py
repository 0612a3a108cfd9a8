#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What so many bookings a day take: doc/scale.md's table, from what was measured.

usage: scale.py            prints the table
       scale.py --check    fails unless doc/scale.md has it as it is printed, and
                           doc/performance.md each figure as it stands here
"""

import math
import os
import re
import sys

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))

# What doc/performance.md says, word for word, and the number in it.
MEASURED = {
    "database_us": "MariaDB 272 us",
    "program_us": "booking.fcgi 201",
    "nginx_us": "nginx 95",
    "redis_us": "Redis 33.",
    "lists_per_s": "| days of a service | 1,199/s",
    "maild_us": "CPU for one mail at 4 workers: maild 152 us",
    "mail_redis_us": "Redis 111, smtp-sink",
    "far_mails_per_s": "| 50 ms, 16 workers | 98/s",
    "row_bytes": "| a booking's rows, with their indexes | 1,950 bytes",
    "record_bytes": "| a mail that was sent, in Redis | 232 bytes",
}
LIST_CORES = 2          # of the machine that those lists were measured on
FAR_WORKERS = 16

# Nobody has measured these: they are what a site of yours may change.
BUSY_HOUR = 0.1         # of a day's bookings
BUSY_MINUTE = 3         # times that hour's mean
LISTS = 5               # pages of days that are looked at for a booking
MAILS = 2.5             # a confirmation, a reminder, now and then a change
KEPT_DAYS = 90          # after which bookings are erased
REMEMBERED_DAYS = 8     # sent_memory
CELL = 5_000_000        # bookings a day that one cell is to take

STEPS = (10_000, 100_000, 1_000_000, 5_000_000, 20_000_000, 100_000_000)

HEAD = ("bookings a day", "mean, worst minute", "cores: booking",
        "cores: lists", "mails, busy hour", "cores: mails",
        "workers at 50 ms", f"rows, {KEPT_DAYS} days", "Redis", "cells")


def figures():
    """{name: number} of what was measured."""
    return {name: int(re.findall(r"(?<![\w,])\d[\d,]*", words)[-1]
                      .replace(",", ""))
            for name, words in MEASURED.items()}


def rate(per_s):
    return f"{per_s:,.1f}" if per_s < 10 else f"{per_s:,.0f}"


def size(count):
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= scale:
            return f"{count / scale:.{0 if count >= 10 * scale else 1}f} {unit}"
    return "below 1 MB"


def cores(used):
    if used < 0.01:
        return "below 0.01"
    return f"{used:.2f}" if used < 1 else f"{used:.0f}"


def row(day, is_measured):
    f = is_measured
    mean = day / 86400
    hour = day * BUSY_HOUR / 3600
    worst = hour * BUSY_MINUTE
    mails = hour * MAILS        # a minute's wait in the queue
    booking_us = f["database_us"] + f["program_us"] + f["nginx_us"] + \
        f["redis_us"]
    return (f"{day:,}", f"{rate(mean)}/s, {rate(worst)}/s",
            cores(worst * booking_us / 1e6),
            cores(worst * LISTS * LIST_CORES / f["lists_per_s"]),
            f"{rate(mails)}/s",
            cores(mails * (f["maild_us"] + f["mail_redis_us"]) / 1e6),
            f"{math.ceil(mails * FAR_WORKERS / f['far_mails_per_s']):,}",
            size(day * KEPT_DAYS * f["row_bytes"]),
            size(day * MAILS * REMEMBERED_DAYS * f["record_bytes"]),
            f"{math.ceil(day / CELL)}")


def table():
    lines = [HEAD, ("---",) * len(HEAD), *(row(day, figures())
                                           for day in STEPS)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def read(name):
    with open(os.path.join(TOP, "doc", name), encoding="utf-8") as file:
        return file.read()


def check():
    """What differs, a line each."""
    performance = " ".join(read("performance.md").split())
    for words in MEASURED.values():
        if words not in performance:
            yield f"doc/performance.md does not say \"{words}\""
    if table() not in read("scale.md"):
        yield "doc/scale.md has another table than scale.py prints"


def main():
    if sys.argv[1:] == ["--check"]:
        wrong = list(check())
        print("\n".join(wrong), end="\n" if wrong else "")
        return 1 if wrong else 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 64
    print(table(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
