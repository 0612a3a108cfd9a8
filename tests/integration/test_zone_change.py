# SPDX-License-Identifier: MIT
"""Another time zone for a service: what is there keeps the one it had."""

import csv
import datetime
import email
import email.policy
import io
import json
import os
import re
import subprocess
import time
import zoneinfo

from stack.confs import ORGANISER
from stack.visitor import Visitor, line_of, unique_address, wait_until

OLD = "Europe/Paris"
NEW = "Pacific/Auckland"
OLD_SAID, NEW_SAID = "Paris time", "Auckland time"


def organiser_of(stack):
    one = Visitor(stack.http_url, "en")
    one.session.auth = (ORGANISER, stack.at.make_secret("organiser"))
    return one


def day(ahead):
    """A date that is the same day for all clocks of the test."""
    return (datetime.date.today() + datetime.timedelta(ahead)).isoformat()


def slot_add(bookctl, slug, start, capacity=1, count=1):
    return bookctl("slot-add", "--service", slug, "--start", start,
                   "--capacity", str(capacity),
                   "--count", str(count)).split()


def shown(stack, bookctl, slug, slot, place, waiting):
    """All that is said of a booking and of its slot, by its heading."""
    visitor = Visitor(stack.http_url, "en")
    organiser = organiser_of(stack)
    said = {}

    for part in ("", "/cancel", "/move", "/email", "/resend"):
        text = visitor.page(place + part).text
        said[part] = text.partition("Move to another slot")[0] \
            if part == "/move" else text
    said["waiting"] = visitor.page(waiting).text
    said["form"] = visitor.page(f"/s/{slug}/{slot}/wait").text
    said["ics"] = visitor.get(place + "/calendar.ics").text
    ref = place.rpartition("/")[2]
    said["api"] = {name: value for name, value in visitor.get(
        f"/api/v1/bookings/{ref}").json().items() if name != "service"}
    said["slots"] = visitor.get(f"/api/v1/services/{slug}/slots").json()[
        "slots"]
    said["trace"] = json.loads(bookctl("trace", ref[:8], "--json"))
    said["export"] = bookctl("export", "--service", slug)
    said["list"] = bookctl("slots", "list", "--service", slug)
    said["admin"] = organiser.page(f"/admin/b/{ref[:8]}").text
    said["search"] = organiser.page(f"/admin/search?q={ref[:8]}").text
    return said


def mail_texts(mailbox, address, count):
    names = wait_until(
        lambda: len(mailbox.mails_to(address)) >= count
        and mailbox.mails_to(address), 30, f"{count} mails to {address}")
    mails = [email.message_from_bytes(mailbox.raw(name),
                                      policy=email.policy.default)
             for name in names]
    return [(mail["Subject"], mail.get_body(("plain",)).get_content(),
             mail.get_body(("html",)).get_content()) for mail in mails]


def test_another_zone_relabels_nothing(stack, bookctl, tables, mailbox):
    slug = f"zones-{time.time_ns():x}"
    visitor = Visitor(stack.http_url, "en")
    address = unique_address("zones")
    bookctl("service-add", "--slug", slug, "--name", "Zones", "--zone", OLD,
            "--notice", "1h", "--reminder", "0min")
    # 23:30 in Paris is the next day in Auckland.
    slot, = slot_add(bookctl, slug, f"{day(5)}T23:30")
    free, = slot_add(bookctl, slug, f"{day(6)}T15:30")
    place = visitor.book(f"/s/{slug}/{slot}?lang=en", email=address)
    waits = unique_address("waits")
    assert visitor.post(
        {"slot": slot, "name": "Ann", "email": waits, "seats": "1"},
        f"/s/{slug}/{slot}/wait?lang=en").status_code == 303
    waiting = line_of(stack, waits)
    first = mail_texts(mailbox, address, 1)[0]
    assert f"({OLD_SAID}, UTC+0" in first[1] and "23:30" in first[1]
    wait_until(lambda: json.loads(bookctl(
        "trace", place.rpartition("/")[2][:8], "--json"))["messages"][0][
            "state"] == "sent", 30, "the verdict")
    before = shown(stack, bookctl, slug, slot, place, waiting)
    assert OLD_SAID in before[""] and OLD_SAID in before["waiting"]

    bookctl("service-change", "--slug", slug, "--zone", NEW)
    assert shown(stack, bookctl, slug, slot, place, waiting) == before
    text = organiser_of(stack).page("/admin/services").text
    assert re.search(rf"23:30 \({OLD_SAID}\) · {NEW_SAID}", text), text
    made, = slot_add(bookctl, slug, f"{day(6)}T09:00")
    # Before and after the free one, which in Paris is on the day before.
    later = [slot_add(bookctl, slug, f"{day(7)}T{at}")[0]
             for at in ("00:30", "08:00")]
    assert int(tables.value("SELECT COUNT(*) FROM slot s JOIN service v"
                            " ON v.id = s.service_id WHERE v.slug = %s AND"
                            " s.zone = %s", slug, NEW)) == 3

    slots = {str(s["id"]): s for s in visitor.get(
        f"/api/v1/services/{slug}/slots").json()["slots"]}
    assert slots[free] == before["slots"][1]
    assert slots[made]["time_zone"] == NEW
    assert slots[made]["starts_at"].startswith(f"{day(6)}T09:00:00+1")
    rows = {row["reference"]: row for row in csv.DictReader(
        io.StringIO(bookctl("export", "--service", slug)))}
    assert [row["time_zone"] for row in rows.values()] == [OLD]

    # Each day says its own zone, and each slot is below its own day.
    sections = re.findall(r'<section class="day".*?</section>',
                          visitor.get(f"/s/{slug}").text, re.DOTALL)
    seen = [(re.search(r"<b>([A-Z]\w+ time)</b>", section)[1],
             re.findall(rf"/s/{slug}/(\d+)", section),
             [when[:10] for when in re.findall(r'datetime="([^"]+)"',
                                               section)])
            for section in sections]
    assert seen == [(NEW_SAID, [made], [day(6)]),
                    (OLD_SAID, [slot], [day(5)]),
                    (NEW_SAID, later, [day(7)] * 2),
                    (OLD_SAID, [free], [day(6)])]

    # Once more the same mail; then another time, told with both zones.
    visitor.post({}, place + "/resend")
    again = mail_texts(mailbox, address, 2)[1]
    assert again == first
    moved = visitor.post({"slot": made}, place + "/move")
    assert moved.status_code == 303
    subject, plain, html = mail_texts(mailbox, address, 3)[2]
    instant = datetime.datetime.fromisoformat(f"{day(6)}T09:00").replace(
        tzinfo=zoneinfo.ZoneInfo(NEW))
    hours = int(instant.utcoffset().total_seconds() // 3600)
    for text in (plain, html):
        assert f"{NEW_SAID}, UTC+{hours:02d}:00" in text
        assert f"23:30 ({OLD_SAID})" in text
    assert "09:00" in subject
    assert NEW_SAID in visitor.page(place).text


def test_a_zone_without_a_change_is_said_once(stack, bookctl):
    slug = f"one-zone-{time.time_ns():x}"
    bookctl("service-add", "--slug", slug, "--name", "One", "--zone", OLD)
    slot_add(bookctl, slug, f"{day(5)}T10:00", count=2)
    slot_add(bookctl, slug, f"{day(6)}T10:00")
    text = Visitor(stack.http_url, "en").page(f"/s/{slug}").text
    assert text.count(OLD_SAID) == 1


def test_a_zone_that_the_system_has_lost_is_told_once(stack, tmp_path):
    slots = subprocess.run(
        [stack.env["BOOKCTL"], "-c", stack.env["BOOKING_CONF"], "slots",
         "list", "--service", "consultation"], capture_output=True, text=True,
        env=os.environ | {"TZDIR": str(tmp_path)}, timeout=60, check=True)
    assert len(slots.stdout.splitlines()) > 1
    assert slots.stderr.count("its times are shown in UTC") == 1
    assert f"unknown time zone={OLD} in {tmp_path}: " in slots.stderr
