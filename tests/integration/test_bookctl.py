# SPDX-License-Identifier: MIT
"""bookctl: one booking's story and changes, exports, counts, retention."""

import csv
import datetime
import getpass
import io
import json
import re
import subprocess
import time

import pytest
from stack.console import Console
from stack.visitor import Tables, unique_address, wait_until

NEXT = datetime.date.today().year + 1
DAY = datetime.timedelta(1)


def last_sunday(month):
    """Of that month, which has 31 days, next year: clocks change in Europe."""
    last = datetime.date(NEXT, month, 31)
    return last - DAY * (last.isoweekday() % 7)


SPRING, AUTUMN = last_sunday(3), last_sunday(10)


@pytest.fixture
def bookctl(stack):
    def run(*words, status=0):
        done = subprocess.run(
            [stack.env["BOOKCTL"], "-c", stack.env["BOOKING_CONF"], *words],
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == status, (words, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr
    return run


def ref_of(place):
    return place.rpartition("/")[2].partition(".")[0]


def test_trace_tells_the_whole_story(bookctl, visitor, tables, mailbox):
    address = unique_address("trace")
    ref = ref_of(visitor.book(tables.add_slot(1), email=address))
    mailbox.wait_for(address)
    wait_until(lambda: json.loads(bookctl("trace", ref, "--json"))
               ["messages"][0]["state"] == "sent", 30, "the verdict")
    story = json.loads(bookctl("trace", f"{ref[:4]}-{ref[4:]}".lower(),
                               "--json"))
    assert story["reference"] == f"{ref[:4]}-{ref[4:]}"
    assert re.fullmatch("[0-9a-f]{32}", story["request_id"])
    assert story["email"] == address
    assert story["queue_answers"] is True
    mail = story["messages"][0]
    assert mail["id"] == f"{ref}.confirm.0"
    assert mail["attempts"] == 1 and mail["reply"].startswith("250")
    assert mail["job"]["state"] == "S" and mail["job"]["relay"] == "local"
    for when in (story["created_at"], mail["created_at"], mail["final_at"]):
        assert re.fullmatch(r"[-0-9]{10}T[:0-9]{8}\+0[12]:00", when)
    text = bookctl("trace", ref)
    assert story["request_id"] in text and address in text


def test_an_unknown_reference_is_said(bookctl):
    for command in ("email", "retry", "abort"):
        assert "no booking" in bookctl(command, "ZZZZZZZZ", "--address"
                                       if command == "email" else "--mail",
                                       "a@example.org", status=65)
        assert "usage" in bookctl(command, "ZZZZZZZZ", status=64)
    for command in ("trace", "resend", "cancel", "erase"):
        for ref in ("ZZZZZZZZ", "x", "' OR 1=1"):
            assert "no booking" in bookctl(command, ref, status=65)
        assert "usage" in bookctl(command, status=64)
        assert "usage" in bookctl(command, "ZZZZZZZZ", "more", status=64)


def test_a_name_with_accents_is_one_that_nothing_has(bookctl):
    for words in (("bookings", "--service", "Zoé"), ("trace", "Zoé"),
                  ("export", "--service", "Zoé"), ("key", "revoke", "é"),
                  ("slots", "list", "--service", "Zoé"),
                  ("key", "revoke", "--api", "é")):
        assert "collation" not in bookctl(*words, status=65)


def test_resend_and_cancel_leave_a_name_in_the_history(bookctl, visitor,
                                                       tables, mailbox):
    slot_page = tables.add_slot(1)
    address = unique_address("shell")
    ref = ref_of(visitor.book(slot_page, email=address))
    assert json.loads(bookctl("resend", ref, "--json")) == {
        "reference": ref, "done": "resent"}
    assert bookctl("cancel", ref, "--reason", "Malade & absent") == \
        f"{ref} cancelled\n"
    assert "nothing was done" in bookctl("cancel", ref, status=65)
    assert "nothing was done" in bookctl("resend", ref, status=65)
    assert "--reason" in bookctl("cancel", ref, "--reason", "a\nb", status=65)
    story = json.loads(bookctl("trace", ref, "--json"))
    assert [one["action"] for one in story["history"]] == [
        "resent", "cancelled"]
    assert all(one["actor"].startswith("shell:") for one in story["history"])
    assert getpass.getuser() in story["history"][0]["actor"] or \
        story["history"][0]["actor"] != "shell:?"
    assert (story["cancelled_by"], story["cancel_reason"]) == (
        "organiser", "Malade & absent")
    wait_until(lambda: any(
        "Malade" in mailbox.mail(name).get_body(("plain",)).get_content()
        for name in mailbox.mails_to(address)), 30, "the mail that says why")
    assert tables.value("SELECT booked FROM slot_inventory WHERE slot_id = %s",
                        slot_page.rpartition("/")[2]) == 0


def test_a_mail_about_what_is_over_is_not_sent_again(bookctl, visitor, tables):
    slot_page = tables.add_slot(1)
    ref = ref_of(visitor.book(slot_page))
    tables.rows("UPDATE slot SET starts_at = '2020-03-01', ends_at ="
                " '2020-03-02' WHERE id = %s", slot_page.rpartition("/")[2])
    assert "nothing was done" in bookctl("resend", ref, status=65)
    assert json.loads(bookctl("trace", ref, "--json"))["history"] == []


def test_bookings_mails_and_the_log_are_listed(bookctl, visitor, tables,
                                               mailbox):
    slot_page = tables.add_slot(2)
    slug = slot_page.split("/")[2]
    address = unique_address("liste")
    ref = ref_of(visitor.book(slot_page, name="Gaëlle Liste", email=address))
    gone = ref_of(visitor.book(slot_page, email="x" + address))
    shown = f"{ref[:4]}-{ref[4:]}"
    mailbox.wait_for(address)
    bookctl("cancel", gone)
    found = json.loads(bookctl("bookings", "--text", address, "--json"))
    assert [(one["reference"], one["service"], one["name"], one["cancelled"])
            for one in found] == [(shown, slug, "Gaëlle Liste", False)]
    day = found[0]["starts_at"][:10]
    that_day = bookctl("bookings", "--service", slug, "--from", day,
                       "--until", day)
    assert f"{shown} {found[0]['starts_at']} {slug} seats=1" in that_day
    assert f"Gaëlle Liste <{address}>" in that_day
    assert f"{gone[:4]}-{gone[4:]}" in that_day and " cancelled" in that_day
    assert not bookctl("bookings", "--until", "1999-12-31")
    assert len(bookctl("bookings", "--limit", "1").splitlines()) == 1

    wait_until(lambda: f"{ref}.confirm.0" in bookctl("mails", "--state",
                                                     "sent"), 30, "a verdict")
    mail = next(one for one in json.loads(bookctl("mails", "--json"))
                if one["id"] == f"{ref}.confirm.0")
    assert (mail["reference"], mail["kind"]) == (shown, "booking.confirmed")
    actions = [(one["action"], one["object"]) for one in
               json.loads(bookctl("log", "--limit", "5", "--json"))]
    assert ("cancelled", gone) in actions
    assert "cancelled by shell:" in bookctl("log")
    for words in (("bookings", "--from", "2025-2-3"),
                  ("bookings", "--limit", "501"), ("mails", "--limit", "0"),
                  ("bookings", "--service", "x"), ("mails", "--state", "x")):
        bookctl(*words, status=65)
    assert json.loads(bookctl("migrate", "--json"))["applied"] == []


def test_an_address_is_corrected_and_a_mail_withdrawn_and_tried_again(
        whole, bookctl, visitor, tables, mailbox):
    slot_page = tables.add_slot(1)
    ref = ref_of(visitor.book(slot_page, email=unique_address("faux")))
    right = unique_address("juste")
    assert "--address" in bookctl("email", ref, "--address", "x", status=65)
    whole.stop("maild")
    assert json.loads(bookctl("email", ref, "--address", right, "--json"))[
        "done"] == "readdressed"
    mail = next(one["id"] for one in
                json.loads(bookctl("trace", ref, "--json"))["messages"]
                if one["id"] == f"{ref}.confirm.1")
    assert "nothing was done" in bookctl("retry", ref, "--mail", mail,
                                         status=65)
    assert "nothing was done" in bookctl("abort", ref, "--mail", mail + "é",
                                         status=65)
    assert bookctl("abort", ref, "--mail", mail) == f"{ref} aborted\n"
    assert "nothing was done" in bookctl("abort", ref, "--mail", mail,
                                         status=65)
    # As a mail server's refusal leaves it.
    tables.rows("UPDATE notification SET state = 2, due_at = NULL,"
                " final_at = NOW(3), reply = 'rejected: 550'"
                " WHERE envelope_id = %s", mail)
    assert bookctl("retry", ref, "--mail", mail) == f"{ref} retried\n"
    whole.start("maild")
    mailbox.wait_for(right)
    assert "nothing was done" in bookctl("retry", ref, "--mail", "x",
                                         status=65)


def test_erasing_by_reference_and_by_address(bookctl, visitor, tables):
    slot_page = tables.add_slot(3)
    address = unique_address("oubli")
    refs = [ref_of(visitor.book(slot_page, email=address)) for _ in range(2)]
    other = ref_of(visitor.book(slot_page))
    assert bookctl("erase", refs[0]) == f"{refs[0]} erased\n"
    assert json.loads(bookctl("erase", "--address", address, "--json")) == {
        "bookings": 1, "waiting": 0}
    assert json.loads(bookctl("erase", "--address", address, "--json")) == {
        "bookings": 0, "waiting": 0}
    assert tables.bookings_of(address) == 0
    story = json.loads(bookctl("trace", refs[1], "--json"))
    assert (story["erased"], story["cancelled"], story["name"]) == (
        True, True, "")
    assert json.loads(bookctl("trace", other, "--json"))["erased"] is False
    assert tables.value("SELECT booked FROM slot_inventory WHERE slot_id = %s",
                        slot_page.rpartition("/")[2]) == 1
    bookctl("erase", "--address", "", status=0)
    bookctl("erase", other, "--address", address, status=64)


def test_the_export_is_read_back_and_holds_no_formula(bookctl, visitor,
                                                      tables):
    slot_page = tables.add_slot(2)
    notes = '=HYPERLINK("https://evil.example", "click")'
    ref = ref_of(visitor.book(slot_page, name="Zoé, dite « Zed »",
                              notes=notes))
    gone = ref_of(visitor.book(slot_page, notes="+33 6\nsecond line"))
    bookctl("cancel", gone)
    slug = slot_page.split("/")[2]
    rows = {row["reference"]: row for row in csv.DictReader(
        io.StringIO(bookctl("export", "--service", slug), newline=""))}
    assert rows[ref]["name"] == "Zoé, dite « Zed »"
    assert rows[ref]["notes"] == "'" + notes
    assert (rows[ref]["state"], rows[gone]["state"]) == (
        "booked", "cancelled")
    assert rows[gone]["notes"] == "'+33 6\nsecond line"
    assert rows[ref]["starts_at"].endswith(("+01:00", "+02:00"))
    objects = [json.loads(line) for line in
               bookctl("export", "--json").splitlines()]
    assert next(one for one in objects if one["reference"] == ref)[
        "notes"] == notes
    assert not bookctl("export", "--json", "--until", "1970-01-02")
    assert "--from: This must be a date" in bookctl(
        "export", "--from", "2025-2-3", status=65)
    assert "--service: There is no such service" in bookctl(
        "export", "--service", "x", status=65)
    assert "--service: There is no such service" in bookctl(
        "export", "--service", "Zoé", status=65)
    assert tables.value("SELECT COUNT(*) FROM audit WHERE action ="
                        " 'exported' AND actor LIKE 'shell:%%'") >= 3


def test_stats_count_what_is_there(bookctl, visitor, tables):
    visitor.book(tables.add_slot(1))
    stats = json.loads(bookctl("stats", "--json"))
    assert stats["services"] == tables.value("SELECT COUNT(*) FROM service")
    assert stats["bookings"] == tables.value(
        "SELECT COUNT(*) FROM booking WHERE cancelled_at IS NULL")
    assert 0 < stats["places_booked"] < stats["places_ahead"]
    assert {one["state"] for one in stats["mails"]} >= {"open"}
    assert "bookings" in bookctl("stats")


def test_stats_count_no_places_that_nobody_can_have(bookctl, tables):
    """A closed slot has as many places as are taken in it: here none."""
    slot = tables.add_slot(7).rpartition("/")[2]
    before = json.loads(bookctl("stats", "--json"))["places_ahead"]
    bookctl("slots", "close", slot)
    after = json.loads(bookctl("stats", "--json"))["places_ahead"]
    assert after == before - 7


def test_retention_is_done_at_once(bookctl, visitor, tables):
    slot_page = tables.add_slot(1)
    ref = ref_of(visitor.book(slot_page))
    tables.rows("UPDATE slot SET starts_at = '2001-01-01 10:00:00' +"
                " INTERVAL id %% 86400 SECOND, ends_at = '2001-01-01 11:00:00' +"
                " INTERVAL id %% 86400 SECOND WHERE id = %s",
                slot_page.rpartition("/")[2])
    json.loads(bookctl("retention", "--json"))
    # Whether this or the relay came first: nothing is left.
    assert json.loads(bookctl("trace", ref, "--json"))["erased"] is True
    assert bookctl("retention") == "erased: 0\n"


def test_slots_come_from_opening_hours_over_changes_of_the_clock(bookctl,
                                                                tables):
    bookctl("service", "add", "--slug", "guichet", "--name", "Guichet",
            "--zone", "Europe/Paris")
    # Clocks skip 02:00 to 03:00 on that Sunday.
    made = ("slots", "generate", "--service", "guichet", "--from",
            f"{SPRING - DAY}", "--until", f"{SPRING + DAY}", "--hours",
            "sat-mon 01:30-04:00", "--closed", f"{SPRING + DAY}",
            "--capacity", "3", "--json")
    assert json.loads(bookctl(*made, "--dry-run")) == {
        "added": 8, "there": 0, "skipped": 2, "dry_run": True}
    assert json.loads(bookctl("slots", "list", "--service", "guichet",
                              "--json")) == []
    assert json.loads(bookctl(*made))["added"] == 8
    assert json.loads(bookctl(*made)) == {
        "added": 0, "there": 8, "skipped": 2, "dry_run": False}
    slots = json.loads(bookctl("slots", "list", "--service", "guichet",
                               "--json"))
    assert [one["starts_at"] for one in slots[5:]] == [
        f"{SPRING}T01:30:00+01:00", f"{SPRING}T03:00:00+02:00",
        f"{SPRING}T03:30:00+02:00"]
    assert slots[5]["ends_at"] == slots[6]["starts_at"]
    assert slots[0]["capacity"] == 3 and slots[0]["booked"] == 0
    # In October 02:30 comes twice and is offered once.
    autumn = list(made)
    autumn[5], autumn[7] = str(AUTUMN), str(AUTUMN)
    assert json.loads(bookctl(*autumn)) == {
        "added": 5, "there": 0, "skipped": 0, "dry_run": False}
    listed = bookctl("slots", "list", "--service", "guichet", "--from",
                     f"{NEXT}-10-01")
    assert len(listed.splitlines()) == 5
    assert tables.value("SELECT COUNT(*) FROM audit WHERE action ="
                        " 'slots_added' AND object = 'guichet'") == 2


def test_days_are_whole_days_of_the_services_zone(bookctl):
    """In Auckland a day begins while it is the day before in UTC."""
    bookctl("service", "add", "--slug", "antipode", "--name", "Antipode",
            "--zone", "Pacific/Auckland")
    day = f"{NEXT}-03-02"
    for time in ("00:30", "23:30"):
        bookctl("slots", "add", "--service", "antipode", "--start",
                f"{day}T{time}", "--capacity", "1")

    def listed(first, last):
        return len(bookctl("slots", "list", "--service", "antipode", "--from",
                           first, "--until", last).splitlines())

    assert listed(day, day) == 2
    assert listed(f"{NEXT}-03-01", f"{NEXT}-03-01") == 0
    assert listed(f"{NEXT}-03-03", f"{NEXT}-03-03") == 0
    assert "--until" in bookctl("slots", "list", "--service", "antipode",
                                "--until", "tomorrow", status=65)


@pytest.mark.parametrize("words", [
    ("slots", "list", "--service", "visite"), ("bookings",), ("export",),
    ("waiting", "--service", "visite")])
@pytest.mark.parametrize("option", ["--from", "--until"])
def test_a_day_that_no_calendar_has_is_refused(bookctl, words, option):
    assert option in bookctl(*words, option, f"{NEXT}-02-30", status=65)


@pytest.mark.parametrize("name, value", [
    ("--hours", "mon 9-10"), ("--closed", "2025-02-30"),
    ("--service", "nowhere")])
def test_hours_that_cannot_be_read_add_nothing(bookctl, name, value):
    words = {"--service": "visite", "--from": f"{NEXT}-03-01", "--until":
             f"{NEXT}-03-02", "--hours": "mon 09:00-10:00", "--capacity": "1"}
    words[name] = value
    bookctl("slots", "generate", *sum(map(list, words.items()), []),
            status=65)


def test_a_service_is_changed_where_it_was_told_to_be(bookctl, tables):
    bookctl("service", "add", "--slug", "atelier", "--name", "Atelier",
            "--zone", "Europe/Paris", "--place", "Cour", "--notice", "2h")

    def atelier():
        return next(one for one in json.loads(bookctl(
            "service", "list", "--json")) if one["slug"] == "atelier")

    before = atelier()
    bookctl("service", "change", "--slug", "atelier", "--name", "Atelier d’été",
            "--reminder", "0min")
    assert atelier() == before | {"name": "Atelier d’été",
                                  "reminder_minutes": 0}
    bookctl("service", "change", "--slug", "atelier", "--zone", "Mars/Olympus",
            status=65)
    bookctl("service", "change", "--slug", "nowhere", status=65)
    bookctl("service", "change", status=64)
    assert atelier()["time_zone"] == "Europe/Paris"
    assert "atelier: Atelier d’été (Europe/Paris)" in bookctl(
        "service", "list")
    assert tables.value("SELECT COUNT(*) FROM audit WHERE action ="
                        " 'service_changed' AND object = 'atelier'") == 1


def test_services_and_slots_are_shown_as_json_by_every_command(bookctl,
                                                               tables):
    made = json.loads(bookctl(
        "service", "add", "--slug", "poterie", "--name", "Poterie",
        "--zone", "Europe/Paris", "--notice", "2d", "--organiser-email",
        "a@example.fr", "--organiser-mails", "yes", "--json"))
    assert made == json.loads(bookctl("service", "show", "poterie", "--json"))
    assert made["notice_minutes"] == 2880 and made["organiser_mails"] is True
    changed = json.loads(bookctl("service", "change", "--slug", "poterie",
                                 "--place", "Cour", "--json"))
    assert changed == made | {"place": "Cour", "booked_ahead": 0, "told": 0}
    assert "place: Cour" in bookctl("service", "show", "poterie")
    # What is wrong is told by the option's name.
    for words, told in (
            (("--notice", "61d"), "--notice: "), (("--zone", "x"), "--zone: "),
            (("--organiser-email", "x"), "--organiser-email: "),
            (("--organiser-mails", "maybe"), "--organiser-mails: "),
            (("--description", "a\x01"), "--description: ")):
        assert told in bookctl("service", "change", "--slug", "poterie",
                               *words, status=65)
    # Clocks skip 02:30 on that day; 02:30 comes twice in October.
    one = ("slots", "add", "--service", "poterie", "--capacity", "2",
           "--json", "--start")
    assert "--start: " in bookctl(*one, f"{SPRING}T02:30", status=65)
    slots = json.loads(bookctl(*one, f"{AUTUMN}T02:30"))
    assert [slots[0][name] for name in ("starts_at", "ends_at", "booked")] \
        == [f"{AUTUMN}T02:30:00+02:00", f"{AUTUMN}T02:00:00+01:00", 0]
    # In a row: all or none.
    assert "none was added" in bookctl(*one, f"{AUTUMN}T02:00", "--count",
                                       "3", status=65)
    assert len(bookctl("slots", "list", "--service", "poterie",
                       "--from", f"{AUTUMN - DAY}").splitlines()) == 1
    slot = str(slots[0]["id"])
    assert json.loads(bookctl("slots", "capacity", slot, "--capacity", "5",
                              "--json")) == slots[0] | {"capacity": 5}
    assert bookctl("slots", "close", slot).endswith("0 of 5 closed\n")
    assert json.loads(bookctl("slots", "open", slot, "--json")) == \
        slots[0] | {"capacity": 5}
    for verb in (("capacity", slot), ("close",), ("remove",),
                 ("close", slot, "--capacity", "3"),
                 ("capacity", slot, "--capacity", "0")):
        bookctl("slots", *verb, status=64)
    for verb in (("capacity", "--capacity", "1"), ("close",), ("remove",)):
        assert "no slot" in bookctl("slots", *verb, "999999999", status=65)
    bookctl("slots", "remove", slot)
    assert bookctl("slots", "list", "--service", "poterie") == ""
    # The names that these commands had before.
    assert bookctl("service-list") == bookctl("service", "list")
    assert "usage" in bookctl("service-add", status=64)
    assert "usage" in bookctl("slots", "lose", status=64)
    assert tables.value("SELECT GROUP_CONCAT(action ORDER BY id) FROM audit"
                        " WHERE object = 'poterie'") == (
        "service_added,service_changed,slots_added,slot_capacity,slot_closed,"
        "slot_opened,slot_removed")


@pytest.mark.parametrize("watched", [True, False], ids=["terminal", "pipe"])
def test_long_work_shows_how_far_it_is_on_a_terminal_alone(stack, visitor,
                                                           tables, watched):
    """Held up for longer than work that says nothing takes, by one row."""
    address, console = unique_address("long"), Console(stack)
    console.program = stack.env["BOOKCTL"]
    console.conf = stack.env["BOOKING_CONF"]
    ref = ref_of(visitor.book(tables.add_slot(1), email=address))
    with Tables(stack.env) as other:
        with other.together():
            other.rows("SELECT id FROM booking WHERE ref = %s FOR UPDATE", ref)
            begun = time.monotonic()
            if watched:
                one = console.terminal("erase", "--address", address)
            else:
                one = subprocess.Popen(
                    console.argv(["erase", "--address", address]),
                    env=console.env, text=True, stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE)
            # Less often than every 0.1 s: until then the server tells of what
            # it has looked up before.
            wait_until(lambda: time.monotonic() - begun > 1.2 and tables.value(
                "SELECT COUNT(*) FROM information_schema.innodb_lock_waits"),
                       20, "work that takes its time", 0.2)
    if watched:
        status, said = one.end()
        # It is taken back in the end.
        assert "\r\x1b[Kerased: 1\r\x1b[K" in said
    else:
        said, wrong = one.communicate(timeout=30)
        status = one.returncode
        assert wrong == ""
    assert status == 0 and "bookings: 1" in said
