# SPDX-License-Identifier: MIT
"""Calendar feeds of organisers, read by an independent library."""

import hashlib
import json
import os
from datetime import timezone

import icalendar
import pytest
import requests
from stack.keys import bookctl_says
from stack.visitor import unique_address, wait_until


def feed(stack, *words, status=0):
    code, out, err = bookctl_says(stack, "feed", *words)
    assert code == status, (words, out, err)
    return out.strip() or err


def subscribe(stack, *words):
    """Makes a feed; its path."""
    address = feed(stack, "add", *words)
    start = address.index("/feed/")
    return address[start:]


def read(stack, path, **headers):
    return requests.get(stack.http_url + path, timeout=20, headers=headers)


def events(answer):
    """By id of the event."""
    assert answer.status_code == 200
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert not calendar.errors and "METHOD" not in calendar
    for line in answer.content.split(b"\r\n"):
        assert len(line) <= 75
        line.lstrip(b" ").decode()          # no fold inside a character
    found = {str(one["UID"]): one for one in calendar.walk("VEVENT")}
    assert all(not one.errors for one in found.values())
    return found


def test_a_feed_has_what_is_booked_and_only_asked_for_names(
        stack, visitor, tables):
    page = tables.add_slot(4)
    service, slot = page.split("/")[2:]
    name = "Zoé Ångström-" + "longue" * 10
    address = unique_address("feed")
    ref = visitor.book(page, name=name, email=address, seats="2",
                       notes="secret note").rpartition("/")[2]
    gone = visitor.book(page, name="Noé Parti")
    visitor.post({}, gone + "/cancel")
    shown = f"{ref[:4]}-{ref[4:8]}"
    plain = subscribe(stack, f"all {slot}")
    named = subscribe(stack, f"named {slot}", "--service", service, "--names")
    uid = f"slot-{slot}@"
    for path in (plain, named):
        answer = read(stack, path)
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        text = answer.text.replace("\r\n ", "")
        for absent in (address, "secret note", "/b/", ref, "Parti", "mailto"):
            assert absent not in text, absent
        event = next(one for key, one in events(answer).items()
                     if key.startswith(uid))
        starts, ends = tables.rows(
            "SELECT starts_at, ends_at FROM slot WHERE id = %s", slot)[0]
        assert event["DTSTART"].dt == starts.replace(tzinfo=timezone.utc)
        assert event["DTEND"].dt == ends.replace(tzinfo=timezone.utc)
        assert shown in event["DESCRIPTION"]
        assert "(2/4)" in event["SUMMARY"]
        assert (name in event["DESCRIPTION"]) == (path == named)
        assert (name in event["SUMMARY"]) == (path == named)


def test_a_cancelled_booking_leaves_and_a_moved_one_moves(stack, visitor,
                                                          tables):
    page, there = tables.add_slot(1), tables.add_slot(1)
    path = subscribe(stack, f"moving {there}")

    def slots():
        return {key.partition("@")[0] for key in events(read(stack, path))}

    place = visitor.book(page)
    first, second = (f"slot-{one.rpartition('/')[2]}" for one in (page, there))
    assert first in slots() and second not in slots()
    form = visitor.page(f"{place}/move?slot={there.rpartition('/')[2]}")
    visitor.post(form.fields, place + "/move")
    assert second in slots() and first not in slots()
    visitor.post({}, place + "/cancel")
    assert second not in slots()


def test_the_same_calendar_is_not_sent_again(stack, visitor, tables):
    path = subscribe(stack, "again")
    first = read(stack, path)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == (
        "private, no-cache, no-transform")
    for seen in (tag, f'"x", W/{tag}', "*"):
        answer = read(stack, path, **{"If-None-Match": seen})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == tag
    assert read(stack, path, **{"If-None-Match": '"x"'}).content == \
        first.content
    visitor.book(tables.add_slot(1))
    answer = read(stack, path, **{"If-None-Match": tag})
    assert answer.status_code == 200 and answer.headers["ETag"] != tag
    # Others' bookings may change between the two.
    wait_until(lambda: requests.head(stack.http_url + path, timeout=20)
               .headers["ETag"] == read(stack, path).headers["ETag"], 20,
               "the same tag")


def test_what_opens_no_feed_is_not_found(stack):
    path = subscribe(stack, "secret")
    token = path[len("/feed/"):-len(".ics")]
    new = feed(stack, "rotate", "secret").partition("/feed/")[2]
    assert read(stack, "/feed/" + new).status_code == 200
    answers = [read(stack, f"/feed/{one}") for one in (
        token + ".ics", token, new[:-4], new + "x", "x.ics", ".ics",
        new[:-5] + ("A" if new[-5] != "A" else "Q") + ".ics")]
    feed(stack, "revoke", "secret")
    answers.append(read(stack, "/feed/" + new))
    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers}) == 1
    assert requests.post(stack.http_url + path, timeout=20).status_code == 405


def test_the_address_is_kept_and_logged_nowhere(stack, tables):
    path = subscribe(stack, "Anna’s telephone")
    token = path[len("/feed/"):-len(".ics")]
    read(stack, path)
    read(stack, path + "?from=reader")
    read(stack, path.replace("/feed/", "/%66eed/"))
    assert tables.rows("SELECT token_hash, used_on = UTC_DATE() FROM feed"
                       " WHERE name = 'Anna’s telephone'")[0] == (
        hashlib.sha256(token.encode()).digest(), 1)
    with open(os.path.join(stack.at.log, "access.log"),
              encoding="utf-8") as file:
        assert '"GET /feed/- HTTP' in file.read()
    for name in os.listdir(stack.at.log):
        with open(os.path.join(stack.at.log, name), "rb") as file:
            assert token[8:].encode() not in file.read(), name


def test_bookctl_feed_speaks_json_and_is_in_the_record(stack, tables):
    made = json.loads(feed(stack, "add", "json", "--names", "--json"))
    assert made["name"] == "json" and "/feed/rsv_" in made["address"]
    assert "already" in feed(stack, "add", "JSON", status=65)
    # As on the page: blanks around a name are none of it.
    assert "already" in feed(stack, "add", " json ", status=65)
    turned = json.loads(feed(stack, "rotate", "json", "--json"))
    assert turned["address"] != made["address"]
    row = next(one for one in json.loads(feed(stack, "list", "--json"))
               if one["name"] == "json")
    assert row | {"created_ms": 0} == {
        "name": "json", "service": "", "names": True, "version": 1,
        "created_ms": 0, "used_on": ""}
    assert "json: all services, with names" in feed(stack, "list")
    assert json.loads(feed(stack, "revoke", "json", "--json")) == {
        "name": "json", "revoked": True}
    for verb in ("rotate", "revoke"):
        assert "no feed" in feed(stack, verb, "json", status=65)
    assert [one[0] for one in tables.rows(
        "SELECT action FROM audit WHERE detail = 'json' AND action LIKE"
        " 'feed%%' ORDER BY id")] == [
            "feed_added", "feed_rotated", "feed_revoked"]


@pytest.mark.parametrize("words", [
    ("add",), ("add", ""), ("add", "..."), ("add", "x" * 81),
    ("add", "a\nb"), ("add", "a\u202eb"), ("add", "a", "--service", "none"),
    ("add", "a", "b"), ("list", "x"), ("rotate",), ("revoke",), ()])
def test_bookctl_feed_says_no_to_what_makes_no_sense(stack, words):
    assert bookctl_says(stack, "feed", *words)[0] in (64, 65)
