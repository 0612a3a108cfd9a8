# SPDX-License-Identifier: MIT
"""Organisers' calendars and spreadsheets, made on their pages."""

import csv
import datetime
import html
import io
import re
import urllib.parse
import zoneinfo

import pytest
import requests
from stack.keys import bookctl_says
from stack.organiser import ORGANISER, Organiser
from stack.visitor import Page, unique_address


@pytest.fixture
def anna(stack):
    return Organiser(stack)


def address_in(answer):
    """The path of the address that a page shows."""
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    found = re.findall(r"/feed/rsv_[-\w]{43}\.ics", answer.text)
    assert len(found) == 1
    return found[0]


def opens(stack, path):
    status = requests.get(stack.http_url + path, timeout=20).status_code
    assert status in (200, 404)
    return status == 200


def versions(anna):
    """What the pages that ask before a new address say, by name."""
    text = anna.get("/admin/feeds").text
    names = {html.unescape(one) for one in re.findall(
        r'name="name" value="([^"]+)">\s*<button', text)}
    return {name: Page(anna.get(
        f"/admin/feeds/rotate?name={urllib.parse.quote(name)}").text).fields[
            "version"] for name in names}


def test_a_calendar_is_made_turned_and_ended(anna, stack, visitor, tables):
    page = tables.add_slot(1)
    visitor.book(page, name="Zoé Visible")
    form = {"name": " Téléphone d’Anna & Cie ", "names": "1",
            "service": page.split("/")[2]}
    made = anna.post(form, "/admin/feeds")
    first = address_in(made)
    assert "Téléphone d’Anna &amp; Cie" in made.text
    text = requests.get(stack.http_url + first, timeout=20).text
    assert "Zoé Visible" in text.replace("\r\n ", "")
    again = anna.post(form, "/admin/feeds")
    assert again.status_code == 422 and 'href="#name"' in again.text
    assert Page(again.text).fields["name"] == form["name"]
    assert 'name="names" value="1" checked' in again.text
    assert "rsv_" not in anna.get("/admin/feeds").text
    name = "Téléphone d’Anna & Cie"
    assert versions(anna)[name] == "0"
    turn = {"name": form["name"].strip(), "version": "0"}
    second = address_in(anna.post(turn, "/admin/feeds/rotate"))
    assert opens(stack, second) and not opens(stack, first)
    # The same button again gives nothing away, and breaks nothing.
    assert anna.post(turn, "/admin/feeds/rotate").headers[
        "Location"] == "/admin/feeds?done=meanwhile"
    assert opens(stack, second)
    for done in ("feed_revoked", "meanwhile"):
        answer = anna.post({"name": turn["name"]}, "/admin/feeds/revoke")
        assert answer.headers["Location"] == "/admin/feeds?done=" + done
        assert 'role="status"' in anna.get(answer.headers["Location"]).text
    assert not opens(stack, second) and name not in versions(anna)
    assert [row[:2] for row in tables.rows(
        "SELECT actor, action FROM audit WHERE detail = %s ORDER BY id",
        turn["name"])] == [(ORGANISER, "feed_added"),
                           (ORGANISER, "feed_rotated"),
                           (ORGANISER, "feed_revoked")]


@pytest.mark.parametrize("form", [
    {}, {"name": "..."}, {"name": "x" * 81}, {"name": "a\u202eb"},
    {"name": "right", "service": "nowhere"}])
def test_a_calendar_that_cannot_be_is_said(anna, tables, form):
    before = tables.value("SELECT COUNT(*) FROM feed")
    answer = anna.post(form, "/admin/feeds")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text and 'id="name-error"' in answer.text
    assert tables.value("SELECT COUNT(*) FROM feed") == before


def test_no_other_site_makes_or_ends_calendars(anna, stack):
    assert bookctl_says(stack, "feed", "add", "kept")[0] == 0
    anna.session.headers["Origin"] = "https://evil.example"
    for what in ("", "/rotate", "/revoke"):
        assert anna.post({"name": "kept", "version": "0"},
                         "/admin/feeds" + what).status_code == 403
    assert '"kept"' in bookctl_says(stack, "feed", "list", "--json")[1]


# ---- spreadsheets -----------------------------------------------------------

def test_a_spreadsheet_is_what_the_shell_exports(anna, stack, visitor, tables):
    page = tables.add_slot(2)
    service = page.split("/")[2]
    address = unique_address("csv")
    visitor.book(page, name="Zoé, dite « Zed »", email=address,
                 notes="=1+1\nsecond line")
    starts_at, zone = tables.rows(
        "SELECT starts_at, zone FROM slot WHERE id = %s",
        page.rpartition("/")[2])[0]
    # The table's times are UTC's, the days those of the service's clocks.
    day = starts_at.replace(tzinfo=datetime.timezone.utc).astimezone(
        zoneinfo.ZoneInfo(zone)).date()
    path = f"/admin/export.csv?lang=fr&service={service}&from={day}&until={day}"
    answer = anna.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert re.fullmatch(
        r'attachment; filename="bookings-\d{4}-\d\d-\d\d\.csv"',
        answer.headers["Content-Disposition"])
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    told = bookctl_says(stack, "export", "--service", service, "--from",
                        str(day), "--until", str(day))[1]
    assert answer.content[3:].decode().replace("\r\n", "\n") == told.replace(
        "\r\n", "\n")
    rows = [row for row in csv.DictReader(io.StringIO(
        answer.content.decode("utf-8-sig"), newline=""))
        if row["email"] == address]
    assert rows[0]["name"] == "Zoé, dite « Zed »"
    assert rows[0]["notes"] == "'=1+1\nsecond line"
    line = tables.rows("SELECT actor, object, detail FROM audit WHERE action"
                       " = 'exported' AND actor = %s ORDER BY id DESC LIMIT 1",
                       ORGANISER)[0]
    assert line[1] == service and re.fullmatch(r"\d+ bookings", line[2])
    assert len(anna.get("/admin/export.csv?service=&from=&until=")
               .content) >= len(answer.content)
    assert anna.get("/admin/export.csv?until=1970-01-02").content.count(
        b"\r\n") == 1


HEADINGS = {
    "en": ("Reference", "Date", "Time", "Start (ISO 8601)", "State", "Booked"),
    "fr": ("Référence", "Date", "Heure", "Début (ISO 8601)", "État",
           "Réservée")}


# Excel splits at the list separator of its region, and takes a file for UTF-8
# by its first bytes alone.
@pytest.mark.parametrize("lang,separator,char", [
    ("fr", "semicolon", ";"), ("en", "comma", ","), ("fr", "comma", ",")])
def test_a_spreadsheet_opens_in_the_readers_language(
        anna, visitor, tables, lang, separator, char):
    page = tables.add_slot(2)
    service = page.split("/")[2]
    ref = visitor.book(page, notes="=1+1;2,3").rpartition("/")[2][:8]
    # The form proposes the language's own.
    form = anna.get(f"/admin/export?lang={lang}").text
    assert re.search('value="%s" checked' % (
        "semicolon" if lang == "fr" else "comma"), form)
    text = anna.get(f"/admin/export.csv?lang={lang}&service={service}"
                    f"&separator={separator}").content
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""),
                           delimiter=char, strict=True))
    assert all(len(row) == len(rows[0]) for row in rows)
    names = HEADINGS[lang]
    cells = next(row for row in rows if row[0] == f"{ref[:4]}-{ref[4:]}")
    one = dict(zip(rows[0], cells))
    assert names[0] in one
    at, zone = tables.rows("SELECT starts_at, zone FROM slot WHERE id = %s",
                           page.rpartition("/")[2])[0]
    local = at.replace(tzinfo=datetime.timezone.utc).astimezone(
        zoneinfo.ZoneInfo(zone))
    assert (one[names[1]], one[names[2]]) == (
        local.strftime("%Y-%m-%d"), local.strftime("%H:%M"))
    assert datetime.datetime.fromisoformat(one[names[3]]) == local.replace(
        microsecond=0)
    assert one[names[4]] == names[5]
    assert "'=1+1;2,3" in cells


def test_a_shell_may_ask_for_semicolons(stack, visitor, tables):
    page = tables.add_slot(1)
    visitor.book(page)
    asked = ("export", "--service", page.split("/")[2])
    status, text, _ = bookctl_says(stack, *asked, "--separator", "semicolon")
    assert status == 0
    plain = csv.reader(io.StringIO(bookctl_says(stack, *asked)[1]))
    assert list(csv.reader(io.StringIO(text), delimiter=";")) == list(plain)
    assert bookctl_says(stack, *asked, "--separator", ";")[0] == 65


@pytest.mark.parametrize("query,wrong", [
    ("separator=tab", "separator"), ("from=2025-2-3", "from"), ("until=x", "until"),
    ("from=2025-02-03&until=2025-02-02", "until"),
    ("from=2025-02-03&from=2025-02-04", "from"), ("service=nowhere", ""),
    ("service=Zo%C3%A9", "")])
def test_days_that_are_none_are_said(anna, tables, query, wrong):
    before = tables.value("SELECT COUNT(*) FROM audit")
    answer = anna.get("/admin/export.csv?" + query)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("text/html")
    assert 'role="alert"' in answer.text
    assert (f'href="#{wrong}"' in answer.text) == bool(wrong)
    assert tables.value("SELECT COUNT(*) FROM audit") == before


def test_a_query_that_cannot_be_read_exports_nothing(anna):
    answer = anna.get("/admin/export.csv?service=%ff")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")
