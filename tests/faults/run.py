#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A campaign of faults: bookings flow while things die; nothing is lost.

usage: run.py [--seed N] [--duration SECONDS] [--only KIND] [--asan]

Every one to three seconds the seed chooses a fault.  Then all faults stop,
everything must drain, and bookings, rows and what the mail server accepted
are joined.  Exit code 1 when a booking has no mail, a row says sent and the
server never took it, a mail came twice without a fault that explains it, or
something does not drain.
"""

import argparse
import collections
import os
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

import kinds                                            # noqa: E402
import redis                                            # noqa: E402
import requests                                         # noqa: E402
from stack.faulty import FaultySmtp                     # noqa: E402
from stack.layout import Options                        # noqa: E402
from stack.procs import Trouble, wait_until             # noqa: E402
from stack.stack import Stack                           # noqa: E402
from stack.visitor import (Tables, Visitor, new_key,    # noqa: E402
                           unique_address)

CLIENTS = 4
PAUSE_S = 0.02          # between two posts of a client
DRAIN_S = 180
SETTINGS = {
    "booking": {"outbox_delay": "1s"},
    "maild": {"workers": "4", "breaker_max": "500ms", "retry_min": "200ms",
              "retry_max": "2s", "greeting_timeout": "2s",
              "envelope_timeout": "2s", "final_timeout": "2s",
              "crash_pause": "500ms", "host_lease": "5s",
              "session_idle": "100ms", "stop_grace": "5s"},
}


class Campaign:
    """One stack, one mail server that fails, one flow of bookings."""

    def __init__(self, directory, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.server = FaultySmtp()
        self.stack = Stack(directory, Options(
            asan=options.asan, smtp=f"127.0.0.1:{self.server.port}"),
            quiet=True)
        for part, values in SETTINGS.items():
            self.stack.overrides[part].update(values)
        self.faults = []                # (begun, ended, kind)
        self.statuses = collections.Counter()
        self.stop = threading.Event()

    # ---- the flow of bookings ------------------------------------------------

    def client(self, form):
        session = requests.Session()
        while not self.stop.is_set():
            answers = form | {"key": new_key(), "email": unique_address("f")}
            try:
                status = session.post(
                    self.stack.http_url + "/bookings", data=answers,
                    timeout=30, allow_redirects=False).status_code
            except requests.RequestException:
                status = 0
            self.statuses[status] += 1
            time.sleep(PAUSE_S)

    def run(self):
        self.stack.up()
        with Tables(self.stack.env) as tables:
            slots = [tables.add_slot(1000000) for _ in range(3)]
        forms = [Visitor(self.stack.http_url).form(slot) for slot in slots]
        clients = [threading.Thread(target=self.client, daemon=True,
                                    args=(forms[n % len(forms)],))
                   for n in range(CLIENTS)]
        for client in clients:
            client.start()
        chosen = [kind for kind in kinds.KINDS
                  if self.options.only in (None, kind)]
        end = time.monotonic() + self.options.duration
        while time.monotonic() < end:
            time.sleep(self.random.uniform(1, 3))
            kind = self.random.choice(chosen)
            begun = time.time()
            kinds.KINDS[kind](self)
            self.faults.append((begun, time.time(), kind))
        self.stop.set()
        for client in clients:
            client.join()
        self.heal()

    def heal(self):
        """Everything is up and the mail server takes what it gets."""
        self.server.plan = lambda step, session, mail: None
        for name in self.stack.dead_parts():
            self.stack.start(name)

    # ---- the end --------------------------------------------------------------

    def left(self, tables, client):
        """What has not drained yet: {name: count}."""
        prefix = self.stack.env["QUEUE_PREFIX"]
        held = sum(client.llen(key)
                   for key in client.scan_iter(prefix + "p:*"))
        counts = {"open rows": tables.open_rows(), "claimed": held,
                  "intake": client.llen(prefix + "intake"),
                  "ready": client.llen(prefix + "ready"),
                  "retry": client.zcard(prefix + "retry")}
        return {name: count for name, count in counts.items() if count}

    def drain(self):
        """Returns (seconds, what is left)."""
        begun = time.monotonic()
        with Tables(self.stack.env) as tables, redis.Redis(
                unix_socket_path=self.stack.env["REDIS_SOCKET"]) as client:
            try:
                wait_until(lambda: not self.left(tables, client), DRAIN_S,
                           "drain", 0.2)
            except Trouble:
                return DRAIN_S, self.left(tables, client)
        return time.monotonic() - begun, {}

    def explained(self, first, second):
        """The fault that may have cost the first 250, or None."""
        for begun, ended, kind in self.faults:
            if kind in kinds.MAY_DUPLICATE and \
                    begun - 1 <= second and ended + 10 >= first:
                return kind
        return None

    def join(self):
        """Compares rows with what the server took; returns the verdict."""
        with Tables(self.stack.env) as tables:
            rows = {row[0]: (row[1], row[2]) for row in tables.rows(
                "SELECT envelope_id, state, reply FROM notification")}
            bookings = tables.value("SELECT COUNT(*) FROM booking")
        took = collections.defaultdict(list)
        for (message, _, _), at in zip(self.server.accepted,
                                       self.server.accepted_at):
            took[message.partition("@")[0]].append(at)
        twice = {name: self.explained(times[0], times[1])
                 for name, times in took.items() if len(times) > 1}
        dead = {name: reply for name, (state, reply) in rows.items()
                if state != 1}
        return {
            "bookings": bookings, "rows": len(rows),
            "mails": sum(len(times) for times in took.values()),
            "lost": [name for name in rows
                     if name not in took and name not in dead],
            "sent but not taken": [name for name, (state, _) in rows.items()
                                   if state == 1 and name not in took],
            "dead": dead,
            "dead without a reason": [
                name for name, reply in dead.items()
                if not reply.startswith(kinds.DEAD_REASONS)],
            "twice, explained": [name for name, why in twice.items() if why],
            "twice, unexplained": [name for name, why in twice.items()
                                   if not why],
        }

    def longest_pause(self):
        times = sorted(self.server.accepted_at)
        return max((later - sooner for sooner, later
                    in zip(times, times[1:])), default=0)


BAD = ("lost", "sent but not taken", "dead without a reason",
       "twice, unexplained")


def report(campaign, seconds, left):
    """Prints the tables; returns the exit code."""
    verdict = campaign.join()
    options = campaign.options
    print(f"\nseed {options.seed}, {options.duration} s")
    for kind, count in sorted(collections.Counter(
            kind for _, _, kind in campaign.faults).items()):
        print(f"  {count:4}  {kind}")
    print("answers:", dict(sorted(campaign.statuses.items())))
    for name, value in verdict.items():
        print(f"{name}: {value if isinstance(value, int) else len(value)}")
    print(f"longest pause between two mails: {campaign.longest_pause():.1f} s,"
          f" drained in {seconds:.1f} s")
    bad = {name: verdict[name] for name in BAD if verdict[name]}
    if verdict["rows"] != verdict["bookings"]:
        bad["bookings without a row"] = (verdict["bookings"], verdict["rows"])
    if left:
        bad["did not drain"] = left
    reports = campaign.stack.sanitizer_reports()
    if reports:
        bad["sanitizer"] = reports
    for name, value in bad.items():
        print(f"FAILED: {name}: {str(value)[:2000]}")
    if bad:
        print(f"logs stay in {campaign.stack.at.log}")
    print("again: ./dev faults"
          f" --seed {options.seed} --duration {options.duration}"
          + (f" --only '{options.only}'" if options.only else "")
          + (" --asan" if options.asan else ""))
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--duration", type=int, default=60)
    parser.add_argument("--only", choices=kinds.KINDS)
    parser.add_argument("--asan", action="store_true")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.randrange(1000000)
    directory = tempfile.mkdtemp(prefix="reservoir-faults.")
    campaign = Campaign(directory, options)
    code = 1
    try:
        campaign.run()
        code = report(campaign, *campaign.drain())
    finally:
        campaign.stop.set()
        campaign.stack.down()
        campaign.server.close()
        if code == 0:
            shutil.rmtree(directory)
    return code


if __name__ == "__main__":
    sys.exit(main())
