# SPDX-License-Identifier: MIT
"""Every zone that this system knows, around the changes of its clocks.

The answers of domain/zone.c and domain/plan.c are compared with those of
Python's zoneinfo, which reads the same files in its own way.  By itself the
test looks at some changes of each zone, chosen by a seed that it prints;
ZONES_SEED=n repeats that, ZONES=all looks at all of them, 30,000 or so (some minutes).
"""

import bisect
import datetime
import os
import random
import struct
import subprocess
import zoneinfo

import pytest
from stack.layout import Options
from stack.procs import made
from stack.stack import Stack

FIRST, LAST = 1970, 2037
SAMPLE = 1              # changes of each zone, besides the famous ones
UTC = datetime.timezone.utc
EPOCH = datetime.date(1970, 1, 1)
HOUR = 3600
# What no sample may miss: (zone, a day at or near which clocks change).
FAMOUS = {
    "Pacific/Apia": "2011-12-30",           # no such day
    "Pacific/Kwajalein": "1993-08-21",      # nor this one
    "Europe/Moscow": "2014-10-26",          # an hour twice, never summer time
    "Europe/Dublin": "2025-10-26",          # winter time is the exception
    "Australia/Lord_Howe": "2025-10-05",    # half an hour
    "America/St_Johns": "2006-10-29",       # at one minute past midnight
    "America/Sao_Paulo": "2017-10-15",      # over midnight
    "Asia/Beirut": "2025-03-30",            # the same, to this day
    "Africa/Casablanca": "2025-02-23",      # Ramadan
    "Asia/Kathmandu": "1986-01-01",         # a quarter of an hour
    "Africa/Monrovia": "1972-01-07",        # 44 minutes and a half
    "Antarctica/Troll": "2025-03-30",       # two hours
}


def instant(year):
    return int(datetime.datetime(year, 1, 1, tzinfo=UTC).timestamp())


def names():
    """The names that are places in the system's own directory."""
    found = []
    for name in sorted(zoneinfo.available_timezones()):
        path = os.path.join("/usr/share/zoneinfo", name)
        if os.path.isfile(path) and name not in ("localtime", "posixrules"):
            found.append(name)
    return found


def changes_in_file(name):
    """The instants in a TZif file's second part, after RFC 8536, and whether
    its rule for the time after them knows a summer time."""
    with open(os.path.join("/usr/share/zoneinfo", name), "rb") as file:
        data = file.read()
    assert data[:4] == b"TZif" and data[4:5] >= b"2"

    def counts(at):
        return struct.unpack(">6l", data[at + 20:at + 44])

    isutc, isstd, leap, times, types, chars = counts(0)
    second = 44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isutc
    times = counts(second)[3]
    at = second + 44
    rule = data.rstrip(b"\n").rpartition(b"\n")[2]
    return struct.unpack(f">{times}q", data[at:at + 8 * times]), b"," in rule


def local(zone, at):
    return datetime.datetime.fromtimestamp(at, zone)


def offset(zone, at):
    return int(local(zone, at).utcoffset().total_seconds())


def changes(name, zone):
    """The instants from which clocks show something else."""
    in_file, goes_on = changes_in_file(name)
    found = {at for at in in_file
             if instant(FIRST) <= at < instant(LAST + 1)
             and offset(zone, at) != offset(zone, at - 1)}
    last = max([*found, instant(FIRST)])
    for week in range(last, instant(LAST + 1) if goes_on else last,
                      7 * 24 * HOUR):
        before, after = week, week + 7 * 24 * HOUR
        if offset(zone, before) == offset(zone, after):
            continue
        while after - before > 1:
            middle = (before + after) // 2
            if offset(zone, middle) == offset(zone, week):
                before = middle
            else:
                after = middle
        found.add(after)
    return sorted(found)


def instants_of(zone, wall):
    """All instants at which clocks show that, the first one first."""
    found = set()
    for fold in (0, 1):
        at = wall.replace(tzinfo=zone, fold=fold).timestamp()
        if at == int(at) and local(zone, at).replace(tzinfo=None,
                                                     fold=0) == wall:
            found.add(int(at))
    return sorted(found)


class Questions:
    """Lines for zonecall, each with what is right to answer."""

    def __init__(self):
        self.lines = []
        self.checks = []

    def ask(self, line, check):
        self.lines.append(line)
        self.checks.append(check)

    def local(self, name, zone, at):
        shown = local(zone, at)
        off = int(shown.utcoffset().total_seconds())
        sign, minutes = "-" if off < 0 else "+", abs(off) // 60
        want = (f"{shown:%Y-%m-%d %H:%M:%S} {off} "
                f"{sign}{minutes // 60:02}:{minutes % 60:02}")
        self.ask(f"local {name} {at}", lambda got: got == want or want)

    def instant(self, name, zone, wall):
        found = instants_of(zone, wall)
        want = str(found[0]) if found else "none"
        self.ask(f"instant {name} {wall:%Y-%m-%d %H:%M:%S}",
                 lambda got: got == want or want)

    def day(self, name, zone, date):
        """It begins with the first instant that shows it or a later one."""
        def check(got):
            at = int(got)
            good = (local(zone, at).date() >= date
                    and local(zone, at - 1).date() < date)
            return good or (f"{local(zone, at - 1)} is before it, "
                            f"{local(zone, at)} is it")
        self.ask(f"day {name} {date}", check)

    def plan(self, name, zone, day, minutes, hours):
        """Slots of a day: where clocks show them, each apart from the next,
        and none left out but by the clocks."""
        def check(got):
            end = 0
            for word in got.split():
                number, _, rest = word.partition("+")
                start, _, at = rest.partition("=")
                wall = datetime.datetime.combine(
                    EPOCH + datetime.timedelta(int(number)),
                    datetime.time()) + datetime.timedelta(minutes=int(start))
                found = instants_of(zone, wall)
                if at == "none":
                    if found and found[0] >= end:
                        return f"{wall} is left out"
                    continue
                if not found or int(at) != found[0]:
                    return f"{wall} is {found}"
                if int(at) < end:
                    return f"{wall} begins before the one in front ends"
                end = int(at) + 60 * minutes
            return bool(got) or "nothing"
        first = (day - EPOCH).days
        week = "sun-sat"
        self.ask(f"plan {name} {first} {first} {minutes} {week} {hours}",
                 check)


def around(questions, name, zone, at, dice):
    """Everything near one change of the clocks."""
    for near in (0, -1, 1, -HOUR, HOUR, -24 * HOUR, 24 * HOUR,
                 dice.randrange(-90 * 24 * HOUR, 90 * 24 * HOUR)):
        questions.local(name, zone, at + near)
    # From well before the earlier to well behind the later reading.
    walls = sorted(local(zone, at - 1).replace(tzinfo=None, fold=0)
                   + datetime.timedelta(seconds=1 + shift)
                   for shift in (0, offset(zone, at) - offset(zone, at - 1)))
    for begin in walls:
        for minutes in (-61, -30, -1, 0, 1, 15, 29, 30, 31, 59, 60, 90, 120,
                        dice.randrange(-1440, 1440)):
            questions.instant(name, zone,
                              begin + datetime.timedelta(minutes=minutes))
        questions.instant(name, zone, begin - datetime.timedelta(seconds=1))
    date = local(zone, at - 1).date()
    for days in (-1, 0, 1, 2):
        questions.day(name, zone, date + datetime.timedelta(days))
    for days in (0, 1):
        questions.plan(name, zone, date + datetime.timedelta(days),
                       dice.choice((5, 15, 20, 30, 45, 60, 75, 90)),
                       dice.choice(("00:00-24:00", "00:10-12:00 12:15-24:00",
                                    "00:30-06:20")))


def chosen(name, found, dice):
    if os.environ.get("ZONES") == "all":
        return found
    some = dice.sample(found, min(SAMPLE, len(found)))
    if name in FAMOUS:
        day = datetime.datetime.fromisoformat(FAMOUS[name] + "T00:00+00:00")
        some.append(found[max(0, bisect.bisect(
            found, int(day.timestamp()) + 36 * HOUR) - 1)])
    return some


@pytest.fixture(scope="module")
def zonecall(tmp_path_factory):
    asan = os.environ.get("RESERVOIR_ASAN") == "1"
    build = Stack(tmp_path_factory.mktemp("zones"), Options(asan=asan),
                  quiet=True).at.build
    program = made(build, "tests/tools/zonecall")

    def answers(lines):
        done = subprocess.run([program],
                              input="\n".join(lines) + "\n", text=True,
                              capture_output=True, timeout=1200, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split("\n")[:-1]
    return answers


def test_clocks_of_all_zones_are_read_as_others_read_them(zonecall):
    seed = int(os.environ.get("ZONES_SEED") or random.randrange(1 << 32))
    print(f"ZONES_SEED={seed}")
    dice = random.Random(seed)
    all_names = names()
    assert len(all_names) > 400 and set(FAMOUS) <= set(all_names)
    looked_at = 0
    questions = Questions()
    for name in all_names:
        zone = zoneinfo.ZoneInfo(name)
        found = changes(name, zone)
        for at in chosen(name, found, dice) or [
                dice.randrange(instant(FIRST), instant(LAST))]:
            around(questions, name, zone, at, dice)
            looked_at += 1
    got = zonecall(questions.lines)
    assert len(got) == len(questions.lines)
    print(f"{len(all_names)} zones, {looked_at} changes, {len(got)} answers")
    wrong = [f"{line}: {answer[:200]}, but {verdict}"
             for line, answer, check in zip(questions.lines, got,
                                            questions.checks)
             if (verdict := check(answer)) is not True]
    assert not wrong, "\n".join([f"{len(wrong)} wrong", *wrong[:40]])


@pytest.mark.parametrize("zone, date, hours", [
    ("Pacific/Apia", "2011-12-29", 24), ("Pacific/Apia", "2011-12-30", 0),
    ("Pacific/Apia", "2011-12-31", 24), ("Europe/Paris", "2025-03-30", 23),
    ("Europe/Paris", "2025-10-26", 25), ("Asia/Beirut", "2025-03-30", 23),
    ("Australia/Lord_Howe", "2025-10-05", 23.5), ("UTC", "2025-06-01", 24)])
def test_days_are_as_long_as_clocks_make_them(zonecall, zone, date, hours):
    day = datetime.date.fromisoformat(date)
    begin, end = map(int, zonecall([
        f"day {zone} {day}", f"day {zone} {day + datetime.timedelta(1)}"]))
    assert (end - begin) / HOUR == hours
