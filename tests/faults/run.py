#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A campaign of faults: bookings flow while things die; nothing is lost.

Every one to three seconds the seed chooses a fault.  Then all faults stop,
everything must drain, and bookings, rows and what the mail server accepted
are joined.  Exit code 1 when a booking has no mail, a row says sent and the
server never took it, a mail came twice without a fault that explains it,
something does not drain, or a process died that nobody killed.
"""

import argparse
import collections
import fnmatch
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

import kinds                                            # noqa: E402
import redis                                            # noqa: E402
import requests                                         # noqa: E402
from server import MailServer                           # noqa: E402
from stack.layout import Options                        # noqa: E402
from stack.procs import Trouble, wait_until             # noqa: E402
from stack.stack import Stack                           # noqa: E402
from stack.visitor import Tables, Visitor               # noqa: E402
from verdict import Verdict                             # noqa: E402

CLIENTS = 4
PAUSE_S = 0.02          # between two posts of a client
ANSWER_S = 60           # for a 303 once all faults are over
DRAIN_S = 180           # a 4xx to MAIL alone waits for 60 s
SETTINGS = {
    "booking": {"outbox_delay": "1s"},
    "maild": {"workers": "4", "breaker_max": "500ms", "retry_min": "200ms",
              "retry_max": "2s", "greeting_timeout": "2s",
              "envelope_timeout": "2s", "final_timeout": "2s",
              "crash_pause": "500ms", "host_lease": "5s",
              "session_idle": "100ms", "stop_grace": "5s"},
}


class Harm:
    """One fault of a campaign: what it was, and when (Unix time)."""

    def __init__(self, seed, number, kind):
        self.number = number
        self.kind = kind
        self.random = random.Random(f"{seed} {number}")
        self.pids = []
        self.begun = self.ended = 0.0


class Campaign:
    """One stack, one mail server that fails, one flow of bookings."""

    def __init__(self, directory, options):
        self.options = options
        self.server = MailServer()
        self.stack = Stack(directory, Options(
            asan=options.asan, smtp=f"127.0.0.1:{self.server.port}"),
            quiet=True)
        for part, values in SETTINGS.items():
            self.stack.overrides[part].update(values)
        self.faults = []                # Harm, in order
        self.found_dead = []            # parts that nobody killed
        self.statuses = collections.Counter()
        self.booked = {}                # address: when its 303 came
        self.unanswered = []            # addresses
        self.stop = threading.Event()
        self.give_up_at = None          # monotonic, once faults are over

    # ---- the flow of bookings ------------------------------------------------

    def client(self, number, form):
        """Books until told to stop; a form goes again until its 303."""
        choice = random.Random(f"{self.options.seed} client {number}")
        session = requests.Session()
        count = 0
        while not self.stop.is_set():
            count += 1
            address = f"f{number}.{count}@example.org"
            answers = form | {"key": f"{choice.getrandbits(128):032x}",
                              "email": address}
            while not self._post(session, answers):
                if self.give_up_at and time.monotonic() > self.give_up_at:
                    self.unanswered.append(address)
                    return
                time.sleep(0.2)
            self.booked[address] = time.time()
            time.sleep(PAUSE_S)

    def _post(self, session, answers):
        try:
            status = session.post(
                self.stack.http_url + "/bookings", data=answers,
                timeout=30, allow_redirects=False).status_code
        except requests.RequestException:
            status = 0
        self.statuses[status] += 1
        return status == 303

    def run(self):
        self.stack.up()
        with Tables(self.stack.env) as tables:
            slots = [tables.add_slot(1000000) for _ in range(3)]
        forms = [Visitor(self.stack.http_url).form(slot) for slot in slots]
        clients = [threading.Thread(target=self.client, daemon=True,
                                    args=(n, forms[n % len(forms)]))
                   for n in range(CLIENTS)]
        for client in clients:
            client.start()
        self.harm()
        self.stop.set()
        self.revive()
        self.give_up_at = time.monotonic() + ANSWER_S
        for client in clients:
            client.join()

    def harm(self):
        """One fault after the other, all of them chosen by the seed."""
        choice = random.Random(self.options.seed)
        begun = time.monotonic()
        end = begun + self.options.duration
        while True:
            time.sleep(choice.uniform(1, 3))
            if time.monotonic() > end:
                return
            one = Harm(self.options.seed, len(self.faults),
                       kinds.choose(choice, self.options.kinds))
            self.revive()
            print(f"{time.monotonic() - begun:7.1f} s  {one.kind}",
                  flush=True)
            self.faults.append(one)
            one.begun = time.time()
            kinds.KINDS[one.kind](self, one)
            one.ended = time.time()

    def revive(self):
        """Starts what is down; no fault leaves a part down."""
        for name in self.stack.dead_parts():
            self.found_dead.append(name)
            self.stack.start(name)

    # ---- the end --------------------------------------------------------------

    def left(self, tables, client):
        """What has not drained yet: {name: count}."""
        prefix = self.stack.env["QUEUE_PREFIX"]
        held = sum(client.llen(key) for key in client.scan_iter(
            prefix + "p:*", count=1000))
        counts = {"open rows": tables.open_rows(), "claimed": held,
                  "intake": client.llen(prefix + "intake"),
                  "ready": client.llen(prefix + "ready"),
                  "retry": client.zcard(prefix + "retry")}
        return {name: count for name, count in counts.items() if count}

    def drain(self, client):
        """Returns (seconds, what is left)."""
        begun = time.monotonic()
        with Tables(self.stack.env) as tables:
            try:
                wait_until(lambda: not self.left(tables, client), DRAIN_S,
                           "drain", 0.2)
            except Trouble:
                return DRAIN_S, self.left(tables, client)
        return time.monotonic() - begun, {}

    def longest_pause(self):
        times = sorted(self.server.accepted_at)
        return max((later - sooner for sooner, later
                    in zip(times, times[1:])), default=0)


def again(options):
    """The command that repeats this campaign."""
    words = f"./dev faults --seed {options.seed} --duration {options.duration}"
    for name in ("only", "without"):
        words += "".join(f" --{name} '{kind}'"
                         for kind in getattr(options, name))
    return words + (" --asan" if options.asan else "")


def report(campaign):
    """Drains, joins, prints the tables; returns the exit code."""
    with redis.Redis(unix_socket_path=campaign.stack.env["REDIS_SOCKET"],
                     decode_responses=True) as client:
        seconds, left = campaign.drain(client)
        verdict = Verdict(campaign, client)
    if left:
        verdict.bad["did not drain"] = left
    slowest = verdict.recovery()
    options = campaign.options
    print(f"\nseed {options.seed}, {options.duration} s\n"
          "  times  all sent after  fault")
    for kind, count in sorted(collections.Counter(
            harm.kind for harm in campaign.faults).items()):
        print(f"  {count:5}  {slowest[kind]:12.1f} s  {kind}")
    found = {name: len(verdict.bad.get(name, ())) for name in (
        "lost", "marked sent and not accepted", "accepted twice, unexplained",
        "dead without a reason")}
    print(f"answers: {dict(sorted(campaign.statuses.items()))}\n"
          f"bookings: {verdict.bookings}, mails: {verdict.mails}, "
          f"lost: {found['lost']}, marked sent and not accepted: "
          f"{found['marked sent and not accepted']}\n"
          f"duplicates explained: {sum(verdict.why.values())} "
          f"{dict(verdict.why)}, unexplained: "
          f"{found['accepted twice, unexplained']}\n"
          f"dead letters: {verdict.buried} ({verdict.buried_accepted} of them "
          "accepted all the same), without a reason: "
          f"{found['dead without a reason']}\n"
          f"slowest recovery: {max(slowest.values(), default=0):.1f} s, "
          "longest pause between two mails: "
          f"{campaign.longest_pause():.1f} s, drained in {seconds:.1f} s")
    if not verdict.bookings:
        verdict.bad["bookings"] = "none: nothing was tried"
    for name, value in verdict.bad.items():
        print(f"FAILED: {name}: {str(value)[:2000]}")
    for line in verdict.history():
        print("  |", line)
    if verdict.bad:
        print(f"logs stay in {campaign.stack.at.log}")
    print("again:", again(options))
    return 1 if verdict.bad else 0


def arguments():
    parser = argparse.ArgumentParser(
        prog="./dev faults", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="kinds: " + ", ".join(kinds.KINDS))
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().randrange(1000000))
    parser.add_argument("--duration", type=int, default=60, metavar="SECONDS")
    parser.add_argument("--only", action="append", default=[],
                        metavar="KIND", help="these alone; * is a wildcard")
    parser.add_argument("--without", action="append", default=[],
                        metavar="KIND", help="not these")
    parser.add_argument("--asan", action="store_true",
                        help="the programs of build/asan")
    options = parser.parse_args()
    for pattern in options.only + options.without:
        if not fnmatch.filter(kinds.KINDS, pattern):
            parser.error(f"no such kind of fault: {pattern}")
    options.kinds = [
        kind for kind in kinds.KINDS
        if any(fnmatch.fnmatchcase(kind, one) for one in options.only or "*")
        and not any(fnmatch.fnmatchcase(kind, one)
                    for one in options.without)]
    if not options.kinds:
        parser.error("no kind of fault is left")
    return options


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    options = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    directory = tempfile.mkdtemp(prefix="reservoir-faults.")
    campaign = Campaign(directory, options)
    code = 1
    try:
        campaign.run()
        code = report(campaign)
    except Trouble as trouble:
        print(f"FAILED: {trouble}\nlogs stay in {campaign.stack.at.log}\n"
              f"again: {again(options)}")
    except KeyboardInterrupt:
        code = 130
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        campaign.stop.set()
        campaign.stack.down()
        campaign.server.close()
        if code != 1:
            shutil.rmtree(directory)
    return code


if __name__ == "__main__":
    sys.exit(main())
