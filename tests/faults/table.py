# SPDX-License-Identifier: MIT
"""Many seeds: one campaign each, some at once, one line each, the sums."""

import collections
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

from report import ZEROES

MORE_S = 600            # for a campaign's start, drain and verdict
HEAD = ("seed", "relay by", "faults", "kinds", "bookings", "mails", "lost",
        "false sent", "duplicates", "unexplained", "dead", "without reason",
        "recovery", "verdict")


def cells(result):
    """One line of the table."""
    faults = result["faults"]
    return (result["seed"], result["way"],
            sum(one["times"] for one in faults.values()), len(faults),
            result["bookings"], result["mails"], result["lost"],
            result["marked sent and not accepted"],
            sum(result["duplicates"].values()),
            result["accepted twice, unexplained"],
            sum(result["dead"].values()), result["dead without a reason"],
            f"{result['slowest_recovery_s']:.1f} s",
            "FAILED" if result["bad"] else "ok")


def line(values):
    return "| " + " | ".join(str(value) for value in values) + " |"


def broken(seed, text):
    """The result of a campaign that came to no result."""
    return {"seed": seed, "way": "?", "faults": {}, "bookings": 0, "mails": 0,
            **{name: 0 for name in ZEROES}, "duplicates": {}, "dead": {},
            "slowest_recovery_s": 0, "bad": {"no result": text}}


def sums(results):
    """What all campaigns came to, together."""
    faults = collections.defaultdict(lambda: [0, 0.0])
    total = collections.Counter()
    duplicates, dead = collections.Counter(), collections.Counter()
    for result in results:
        for kind, one in result["faults"].items():
            faults[kind][0] += one["times"]
            faults[kind][1] = max(faults[kind][1], one["recovery_s"])
        for name in ("bookings", "mails", *ZEROES):
            total[name] += result[name]
        duplicates.update(result["duplicates"])
        dead.update(result["dead"])
    return {"seeds": len(results),
            "failed": [result["seed"] for result in results
                       if result["bad"]],
            "faults": {kind: {"times": times, "recovery_s": slowest}
                       for kind, (times, slowest) in sorted(faults.items())},
            **total, "duplicates": dict(duplicates), "dead": dict(dead)}


def say_sums(total):
    faults = total["faults"]
    print(f"\n{total['seeds']} seeds, "
          f"{sum(one['times'] for one in faults.values())} faults of "
          f"{len(faults)} kinds, {total.get('bookings', 0)} bookings, "
          f"{total.get('mails', 0)} mails")
    for name in ZEROES:
        print(f"{name}: {total.get(name, 0)}")
    for title in ("duplicates", "dead"):
        print(f"{title}: {sum(total[title].values())}")
        for why, count in sorted(total[title].items()):
            print(f"  {count:6}  {why}")
    print("  times  slowest recovery  fault")
    for kind, one in faults.items():
        print(f"  {one['times']:5}  {one['recovery_s']:14.1f} s  {kind}")
    print("failed seeds: " + (" ".join(map(str, total["failed"])) or "none"))


class Table:
    """The campaigns' processes; each has a stack and a log of its own."""

    def __init__(self, options, scratch):
        self.options = options
        self.scratch = scratch
        self.left = list(options.seeds)
        self.results = {}
        self.children = {}          # seed: Popen
        self.stop = False
        self.lock = threading.Lock()

    def _argv(self, seed, path):
        options = self.options
        words = [sys.executable, os.path.join(
            os.path.dirname(os.path.realpath(__file__)), "run.py"),
            "--seed", str(seed), "--duration", str(options.duration),
            "--json", path]
        for name in ("only", "without"):
            for kind in getattr(options, name):
                words += ["--" + name, kind]
        if options.way:
            words += ["--way", options.way]
        return words + (["--asan"] if options.asan else [])

    def worker(self):
        while True:
            with self.lock:
                if self.stop or not self.left:
                    return
                seed = self.left.pop(0)
            result = self._campaign(seed)
            with self.lock:
                self.results[seed] = result
                print(line(cells(result)), flush=True)

    def _campaign(self, seed):
        path = os.path.join(self.scratch, f"{seed}.json")
        log = os.path.join(self.scratch, f"{seed}.log")
        with open(log, "wb") as output:
            child = subprocess.Popen(
                self._argv(seed, path), stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)
        self.children[seed] = child
        try:
            child.wait(self.options.duration + MORE_S)
        except subprocess.TimeoutExpired:
            child.terminate()
            child.wait()
            return broken(seed, f"not within its time: see {log}")
        try:
            with open(path, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return broken(seed, f"status {child.returncode}: see {log}")

    def end(self):
        self.stop = True
        for child in self.children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)


def run(options):
    """All seeds; returns the exit code."""
    scratch = tempfile.mkdtemp(prefix="reservoir-table.")
    begun = time.monotonic()
    table = Table(options, scratch)
    print(f"logs: {scratch}\n" + line(HEAD) + "\n"
          + line(["---"] * len(HEAD)), flush=True)
    threads = [threading.Thread(target=table.worker)
               for _ in range(options.jobs)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        table.end()
        for thread in threads:
            thread.join()
        return 130
    results = [table.results[seed] for seed in sorted(table.results)]
    total = sums(results)
    say_sums(total)
    for result in results:
        for name, value in result["bad"].items():
            print(f"FAILED: seed {result['seed']}: {name}: {value}")
    print(f"in {time.monotonic() - begun:.0f} s")
    if options.json:
        with contextlib.suppress(OSError), \
                open(options.json, "w", encoding="utf-8") as file:
            json.dump({"total": total, "campaigns": results}, file, indent=1)
    return 1 if total["failed"] else 0
