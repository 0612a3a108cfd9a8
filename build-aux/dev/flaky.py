#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Repeats tests in random order, every second round under load, and says
which of them are unsteady.

usage: flaky.py [--times N] [--load N] [--jobs N] [--seed N] [TEST ...]

TEST is what pytest takes (a file, a directory, file::test), or "unit" for the
unit tests, each a process of its own; without one, all of them.  --times is
how many rounds (10), --load how many processes keep the cores busy in every
second round (as many as there are cores), --jobs how many tests run at a time
(as many as cores).  The order of round K comes from the seed (1) and K; what
a round printed stays in build/flaky/.  The status is 0 only if every test
passed in every round.
"""

import argparse
import contextlib
import glob
import os
import random
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
TREE = os.path.join(TOP, "build", "asan")
PLACE = os.path.join(TOP, "build", "flaky")
ALL = ["tests/faults", "tests/gate", "tests/integration", "tests/packaging",
       "tests/browser", "tests/crash"]
UNIT_LIMIT_S = 600
ROUND_LIMIT_S = 3 * 3600
ENVIRONMENT = {"REQUIRE_SERVERS": "1", "RESERVOIR_ASAN": "1",
               "RESERVOIR_EVERYDAY": "1", "PYTHONDONTWRITEBYTECODE": "1"}


@contextlib.contextmanager
def load(count):
    """So many processes that want a core, as long as the block runs."""
    busy = [subprocess.Popen(
        [sys.executable, "-c", "while True: pass"], stdin=subprocess.DEVNULL)
        for _ in range(count)]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


class Tally:
    """What became of each test in all rounds."""

    def __init__(self):
        self.runs = {}          # name -> how often it ran
        self.bad = {}           # name -> [(round, first line of why)]

    def add(self, name, why, turn):
        """One test of a round; why is empty when it passed."""
        self.runs[name] = self.runs.get(name, 0) + 1
        if why:
            self.bad.setdefault(name, []).append((turn, why))

    def report(self):
        for name, bad in sorted(self.bad.items()):
            print(f"{'BROKEN' if len(bad) == self.runs[name] else 'UNSTEADY'}"
                  f" {name}: failed {len(bad)} of {self.runs[name]}")
            for turn, why in bad:
                print(f"    round {turn}: {why}")
        print(f"\n{len(self.runs) - len(self.bad)} passed,"
              f" {len(self.bad)} failed", flush=True)


def first_words(text):
    """The line of a failure's text that says most, cut to fit."""
    lines = [line.strip() for line in (text or "").splitlines()]
    lines = [line for line in lines if line]
    said = [line for line in lines if line.startswith("E ")] or lines
    return said[0].removeprefix("E").strip()[:200] if said else "no reason"


def pytest_round(words, options, turn, tally):
    """One run of pytest, in an order of its own."""
    report = os.path.join(PLACE, f"round-{turn}.xml")
    log = os.path.join(PLACE, f"round-{turn}.log")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(report)
    with open(log, "w", encoding="utf-8") as file, \
            contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            ["/usr/bin/python3", "-m", "pytest", "-q", "-rs", "-p",
             "no:cacheprovider", "-n", str(options.jobs), "--dist=loadfile",
             f"--junitxml={report}", *words], cwd=TOP,
            env=os.environ | ENVIRONMENT | {
                "RESERVOIR_ORDER": str(options.seed * 1000 + turn)},
            stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
            check=False, timeout=ROUND_LIMIT_S)
    try:
        root = xml.etree.ElementTree.parse(report).getroot()
    except (OSError, xml.etree.ElementTree.ParseError):
        tally.add("pytest itself", f"see {log}", turn)
        return
    if root.find(".//testcase") is None:
        tally.add("pytest itself", f"no test ran: see {log}", turn)
    for case in root.iter("testcase"):
        if case.find("skipped") is not None:
            continue
        name = f"{case.get('classname', '').replace('.', '/')}.py::" \
               f"{case.get('name')}"
        bad = [child for child in case if child.tag in ("failure", "error")]
        tally.add(name, first_words(bad[0].text or bad[0].get("message"))
                  if bad else "", turn)


def unit_round(options, turn, tally):
    """Each program of make check once, jobs at a time."""
    programs = [path for path in glob.glob(TREE + "/tests/unit/*/t_*")
                if os.access(path, os.X_OK) and "." not in
                os.path.basename(path)]
    random.Random(options.seed * 1000 + turn).shuffle(programs)
    running = {}
    while programs or running:
        while programs and len(running) < options.jobs:
            path = programs.pop()
            log = os.path.join(PLACE, f"{os.path.basename(path)}-{turn}.log")
            with open(log, "w", encoding="utf-8") as file:
                running[path] = (log, time.monotonic(), subprocess.Popen(
                    [path], cwd=TREE, env=os.environ | {"srcdir": TOP},
                    stdin=subprocess.DEVNULL, stdout=file,
                    stderr=subprocess.STDOUT))
        for path, (log, begun, process) in list(running.items()):
            if process.poll() is None:
                if time.monotonic() - begun < UNIT_LIMIT_S:
                    continue
                process.kill()
                process.wait()
            del running[path]
            with open(log, encoding="utf-8", errors="replace") as file:
                said = re.search(r"^\[  ERROR.*\n(.*)", file.read(), re.M)
            tally.add(f"unit {os.path.basename(path)}",
                      (said[1] if said else f"see {log}")
                      if process.returncode else "", turn)
        time.sleep(0.02)


def main():
    parser = argparse.ArgumentParser(
        prog="./dev flaky", description=__doc__.partition("\n\n")[0])
    cores = os.cpu_count() or 1
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--load", type=int, default=cores)
    parser.add_argument("--jobs", type=int, default=cores)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("tests", nargs="*", metavar="TEST")
    options = parser.parse_args()
    if options.times < 1 or options.jobs < 1 or options.load < 0:
        parser.error("--times and --jobs are at least 1, --load at least 0")
    # What it started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tests = options.tests or ["unit", *ALL]
    words = [test for test in tests if test != "unit"]
    tally = Tally()
    os.makedirs(PLACE, exist_ok=True)
    for turn in range(1, options.times + 1):
        busy = 0 if turn % 2 else options.load
        print(f"== round {turn} of {options.times}, {busy} busy processes"
              " beside it", flush=True)
        begun = time.monotonic()
        before = sum(map(len, tally.bad.values()))
        with load(busy):
            if "unit" in tests:
                unit_round(options, turn, tally)
            if words:
                pytest_round(words, options, turn, tally)
        print(f"-- round {turn}: "
              f"{sum(map(len, tally.bad.values())) - before} failed, "
              f"{time.monotonic() - begun:.0f} s", flush=True)
    tally.report()
    return 1 if tally.bad or not tally.runs else 0


if __name__ == "__main__":
    sys.exit(main())
