# SPDX-License-Identifier: MIT
"""Numbers: helpers in C, medians, CPU and memory of processes, the noise."""

import contextlib
import os
import shlex
import statistics
import subprocess
import time
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.realpath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")
CALM_SHARE = 0.10       # of the machine, used by others


class Trouble(Exception):
    """A benchmark could not be run; the text is for people."""


@dataclass
class Line:
    """One comparison: what was measured beside its ceiling."""
    name: str
    ours: str
    ceiling: str = ""
    ratio: float = None
    goal: str = ""
    met: bool = None        # None: there is no goal
    gate: bool = False      # a gate that is not met fails the run
    note: str = ""


@dataclass
class Report:
    """What a run has found; lines are shown as they come."""
    lines: list = field(default_factory=list)
    raw: dict = field(default_factory=dict)

    def section(self, text):
        print(f"\n{text}", flush=True)

    def note(self, text):
        print(f"  {text}", flush=True)

    def add(self, line):
        self.lines.append(line)
        words = [f"  {line.name}: {line.ours}"]
        if line.ceiling:
            words.append(f"beside {line.ceiling}")
        if line.ratio is not None:
            words.append(f"ratio {line.ratio:.2f}")
        if line.goal:
            kind = "gate" if line.gate else "goal"
            words.append(f"{kind} {line.goal}: "
                         + ("met" if line.met else "NOT MET"))
        if line.note:
            words.append(line.note)
        print(", ".join(words), flush=True)

    def at_least(self, name, ours, ceiling, ratio, goal, note=""):
        self.add(Line(name, ours, ceiling, ratio, f">= {goal:g}",
                      ratio >= goal, note=note))

    def at_most(self, name, ours, ceiling, ratio, goal, note=""):
        self.add(Line(name, ours, ceiling, ratio, f"<= {goal:g}",
                      ratio <= goal, note=note))

    def bounded(self, name, value, unit, goal):
        """A number of ours that has a bound and no ceiling."""
        self.add(Line(name, f"{value:.2f} {unit}", goal=f"<= {goal:g}",
                      met=value <= goal))

    def gates_hold(self):
        return all(line.met for line in self.lines if line.gate)


def compile_helper(directory, name, packages=()):
    """Builds tests/bench/NAME.c with lanes.c; returns the program's path."""
    program = os.path.join(directory, name)
    flags = []
    if packages:
        flags = shlex.split(subprocess.run(
            ["pkg-config", "--cflags", "--libs", *packages], check=True,
            capture_output=True, text=True).stdout)
    result = subprocess.run(
        [os.environ.get("CC", "cc"), "-std=gnu11", "-D_GNU_SOURCE", "-O2",
         "-o", program, os.path.join(HERE, name + ".c"),
         os.path.join(HERE, "lanes.c"), *flags],
        capture_output=True, text=True, check=False)
    if result.returncode:
        raise Trouble(f"cannot build {name}:\n{result.stderr}")
    return program


def spread(values):
    """'0.61-0.72' of some ratios."""
    return f"{min(values):.2f}-{max(values):.2f}"


def median(values):
    return statistics.median(values)


def pairs(count, first, second):
    """Runs A B A B ...; returns the two lists of results."""
    a, b = [], []
    for _ in range(count):
        a.append(first())
        b.append(second())
    return a, b


# ---- processes ------------------------------------------------------------


def read_text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def family(pid):
    """A process and all that came from it and live."""
    found = [pid]
    for word in read_text(f"/proc/{pid}/task/{pid}/children").split():
        found += family(int(word))
    return found


def cpu_s(pid):
    """CPU seconds of a family, with those of its reaped children."""
    total = 0
    for one in family(pid):
        words = read_text(f"/proc/{one}/stat").rpartition(")")[2].split()
        if words:
            total += sum(int(word) for word in words[11:15])
    return total / TICKS


def _rollup_kb(pid, name):
    total = 0
    for one in family(pid):
        for line in read_text(f"/proc/{one}/smaps_rollup").splitlines():
            if line.startswith(name + ":"):
                total += int(line.split()[1])
    return total


def pss_kb(pid):
    """Proportional memory of a family, in kB.

    It changes with what other programs use the same libraries.
    """
    return _rollup_kb(pid, "Pss")


def own_kb(pid):
    """What the processes of a family have written and share with none."""
    return _rollup_kb(pid, "Private_Dirty")


def open_files(pid):
    """Descriptors of a family."""
    return sum(len(os.listdir(f"/proc/{one}/fd")) for one in family(pid))


@contextlib.contextmanager
def running(argv, log, **options):
    """A program that runs for the length of a with block, ended by pid."""
    with open(log, "ab") as output:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                 stdout=output, stderr=output, **options)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_until(condition, limit_s, what, pause_s=0.005):
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            raise Trouble(f"{what}: not within {limit_s:g} s")
        time.sleep(pause_s)


# ---- the machine ----------------------------------------------------------


def _busy_and_all():
    words = [int(word) for word in read_text("/proc/stat").split()[1:9]]
    return sum(words) - words[3] - words[4], sum(words)


def foreign_share(seconds=0.3):
    """The part of the machine that others use, while we do nothing."""
    busy, everything = _busy_and_all()
    time.sleep(seconds)
    busy_now, everything_now = _busy_and_all()
    return (busy_now - busy) / max(1, everything_now - everything)


def wait_for_calm(report, limit_s):
    """Waits until others leave the machine alone, and says how it is."""
    end = time.monotonic() + limit_s
    share = foreign_share()
    while share > CALM_SHARE and time.monotonic() < end:
        share = foreign_share()
    word = "calm" if share <= CALM_SHARE else "DISTURBED"
    report.note(f"machine {word}: others use {share:.0%} of "
                f"{os.cpu_count()} cores")
    return share
