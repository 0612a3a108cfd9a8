# SPDX-License-Identifier: MIT
"""Time zones that change, or go, after people have booked.

The system's zones are replaced by a copy of the test's own, for bookctl and
booking.fcgi alone.  Only ZONE differs in it, a zone that no other test uses:
what others have promised on this stack stays true.
"""

import datetime
import json
import os
import re
import shutil
import subprocess
import time
import zoneinfo

import icalendar
import pytest
from stack import parts
from stack.organiser import Organiser
from stack.visitor import Visitor, unique_address, wait_until
from test_calendars import in_any_order, invitation, mails_of, slot_of

ZONE = "Europe/Madrid"
WINTER = f"Zone {ZONE} 1:00 - CET\n"
GONE = ""


def summer_day():
    """A day on which today's rules have summer time."""
    zone = zoneinfo.ZoneInfo(ZONE)
    day = datetime.datetime.combine(
        datetime.date.today() + datetime.timedelta(15), datetime.time(12))
    while day.replace(tzinfo=zone).utcoffset() != datetime.timedelta(hours=2):
        day += datetime.timedelta(1)
    return day.date()


@pytest.fixture
def zones(whole, tmp_path):
    """Has booking.fcgi and bookctl read other zones, until the end."""
    def use(rules):
        directory = tmp_path / f"zones-{time.time_ns():x}"
        shutil.copytree("/usr/share/zoneinfo", directory)
        (directory / ZONE).unlink()
        source = tmp_path / "rules"
        source.write_text(rules)
        subprocess.run(["/usr/sbin/zic", "-d", str(directory), str(source)],
                       check=True, timeout=60)
        whole.at.more_env["TZDIR"] = str(directory)
        whole.restart("booking")
        return str(directory)

    yield use
    whole.at.more_env.pop("TZDIR", None)
    whole.restart("booking")


@pytest.fixture
def bookctl(stack):
    def run(*words, status=0, zones=None):
        env = dict(os.environ)
        if zones:
            env["TZDIR"] = zones
        done = subprocess.run(
            [stack.env["BOOKCTL"], "-c", stack.env["BOOKING_CONF"], *words],
            capture_output=True, text=True, timeout=60, check=False, env=env)
        assert done.returncode == status or (
            status is None and done.returncode in (0, 1)), done
        assert "Sanitizer" not in done.stderr
        return done.stdout if status in (None, 0, 1) else done.stderr
    return run


@pytest.fixture
def summer(bookctl):
    """A service with three slots in summer, one behind the other."""
    slug = f"summer-{time.time_ns():x}"
    bookctl("service", "add", "--slug", slug, "--name", "Summer", "--zone",
            ZONE, "--place", "Garden", "--reminder", "2h")
    slots = bookctl("slots", "add", "--service", slug, "--start",
                    f"{summer_day()}T14:30", "--duration", "1h", "--capacity",
                    "2", "--count", "3").split()
    return slug, [f"/s/{slug}/{slot}" for slot in slots]


def lines_of(said, slug):
    return [line for line in said.splitlines() if slug in line]


def alerts(stack, key):
    with open(stack.at.log_file("booking"), encoding="utf-8") as log:
        return re.findall(rf"alert key={key}: (.*)", log.read())


def starts_of(tables, slug):
    return [row[0] for row in tables.rows(
        "SELECT s.starts_at FROM slot s JOIN service v ON v.id = s.service_id"
        " WHERE v.slug = %s ORDER BY s.starts_at", slug)]


def test_a_country_abolishes_summer_time(whole, tables, mailbox, bookctl,
                                         zones, summer):
    slug, pages = summer
    day = summer_day()
    visitor = Visitor(whole.http_url, "en")
    address = unique_address("summer")
    place = visitor.book(pages[0], email=address)
    first = mails_of(mailbox, address, 1)[0]
    assert ", 14:30" in first["Subject"]
    before = starts_of(tables, slug)
    assert [at.hour for at in before] == [12, 13, 14]
    reminder = ("SELECT n.begins_at FROM notification n JOIN booking b ON"
                " b.id = n.booking_id WHERE b.email = %s"
                " AND n.kind = 'booking.reminder'")
    reminded = tables.value(reminder, address)

    own = zones(WINTER)
    visitor = Visitor(whole.http_url, "en")
    assert "13:30" in visitor.page(place).text
    wait_until(lambda: alerts(whole, "clocks-moved"), 30, "an alert")
    said = lines_of(bookctl("doctor", status=1, zones=own), slug)
    assert len(said) == 3
    assert said[0].startswith(
        f"clocks: slot {slot_of(pages[0])} of {slug} (1 taken): promised for "
        f"{day}T14:30, clocks now show {day}T13:30: ")
    dry = bookctl("slots", "realign", "--service", slug, "--dry-run",
                  status=1, zones=own)
    assert dry.count(": not moved") == 3
    assert starts_of(tables, slug) == before

    moved = json.loads(bookctl("slots", "realign", "--service", slug,
                               "--tell", "--json", zones=own))
    assert [(one["was"], one["promised"], one["moved"]) for one in moved] == [
        (f"{day}T{hour}:30:00+01:00", f"{day}T{hour + 1}:30:00+01:00", True)
        for hour in (13, 14, 15)]
    hour = datetime.timedelta(hours=1)
    assert starts_of(tables, slug) == [at + hour for at in before]
    assert tables.value(reminder, address) == reminded + hour
    # Slots of other tests may not fit.
    assert not lines_of(bookctl("doctor", status=None, zones=own), slug)
    assert bookctl("slots", "realign", "--service", slug, zones=own) == ""

    second = mails_of(mailbox, address, 2)[1]
    assert second["Subject"].startswith("Changed: Summer") and \
        ", 14:30" in second["Subject"]
    for text in (second.get_body(("plain",)).get_content(),
                 second.get_body(("html",)).get_content()):
        assert "stays at the time that you were told" in text
    for calendar in in_any_order([invitation(first), invitation(second)]):
        (at, _where), = calendar.shown()
        assert at.replace(tzinfo=None) == before[0] + hour
    entry, = icalendar.Calendar.from_ical(visitor.get(
        place + "/calendar.ics").content).walk("VEVENT")
    assert entry["SEQUENCE"] == 1
    wait_until(lambda: "14:30" in Visitor(whole.http_url, "en").page(
        place).text, 10, "the promised time")
    # And back again, without a word: the last slot has to go first no more.
    assert bookctl("slots", "realign", "--service", slug).count("->") == 3
    assert starts_of(tables, slug) == before
    visitor.post({}, place + "/cancel")
    mails = mails_of(mailbox, address, 3)
    for calendar in in_any_order([invitation(mail) for mail in mails]):
        assert not calendar.shown()


def test_a_slot_that_is_in_the_way_stays(whole, tables, bookctl, zones,
                                         summer):
    slug, pages = summer
    # Promised for that very hour by nobody; and a time that clocks skip.
    tables.rows("UPDATE slot SET wall_at = wall_at + INTERVAL 1 HOUR"
                " WHERE id = %s", slot_of(pages[1]))
    tables.rows("UPDATE slot SET wall_at = '2031-03-30 02:30'"
                " WHERE id = %s", slot_of(pages[2]))
    said = bookctl("slots", "realign", "--service", slug, status=1)
    assert said.count(": not moved") == 2
    assert "-> a time that clocks skip" in said
    tables.rows("UPDATE slot SET wall_at = NULL WHERE id IN (%s, %s)",
                slot_of(pages[1]), slot_of(pages[2]))
    # What was not written down is, at the start of booking.fcgi.
    whole.restart("booking")
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM slot s JOIN service v ON v.id = s.service_id"
        " WHERE v.slug = %s AND HOUR(s.wall_at) = HOUR(s.starts_at) + 2",
        slug) == 3, 30, "walls")
    assert bookctl("slots", "realign", "--service", slug) == ""


def test_a_zone_that_is_gone_is_utc_and_says_so(whole, mailbox, bookctl,
                                                zones, summer):
    slug, pages = summer
    address = unique_address("gone")
    place = Visitor(whole.http_url, "en").book(pages[0], email=address)
    mails_of(mailbox, address, 1)
    own = zones(GONE)
    visitor = Visitor(whole.http_url, "en")
    utc = "12:30\u00a0UTC".split()
    for path in (place, pages[1], place + "/cancel", f"/s/{slug}"):
        text = visitor.get(path).text
        assert re.search(r"1[23]:30\u00a0UTC", text), path
        assert not re.search(r"\d:30(?!\u00a0UTC|:)", re.sub(
            r"<[^>]*>", "", text)), path
        assert "Madrid time" not in text, path
    organiser = Organiser(whole)
    for path in ("/admin/services", f"/admin/services/{slug}/slots",
                 f"/admin/slots/{slot_of(pages[0])}",
                 f"/admin/b/{place.rpartition('/')[2][:8]}"):
        assert f"does not know this time zone: {ZONE}" in \
            organiser.page(path).text, path
    plan = ("slots", "generate", "--service", slug, "--from",
            str(summer_day()), "--until", str(summer_day()), "--hours",
            "mon-sun 09:00-12:00", "--capacity", "1")
    assert "does not know the time zone" in bookctl(*plan, status=65,
                                                    zones=own)
    said = bookctl("doctor", status=1, zones=own)
    assert [line[:5] for line in lines_of(said, slug)] == ["zone:"]
    assert "slots ahead are in a zone that" in said and ZONE in said
    wait_until(lambda: alerts(whole, "zone-lost"), 30, "an alert")
    tried = subprocess.run(
        [parts.program(whole.at, "booking"), "-t", "-c",
         whole.env["BOOKING_CONF"]], capture_output=True, text=True,
        timeout=60, check=False, env=dict(os.environ, TZDIR=own))
    assert tried.returncode == 0
    assert f"note: service {slug}: no time zone {ZONE} in {own}: " \
        in tried.stderr
    visitor.post({}, place + "/cancel")
    mail = mails_of(mailbox, address, 2)[1]
    assert " ".join(mail["Subject"].split()).endswith(", " + " ".join(utc))
