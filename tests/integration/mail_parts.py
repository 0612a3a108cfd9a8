# SPDX-License-Identifier: MIT
"""What a mail's parts must be: its page, its text, its invitation."""

import json
from datetime import datetime, timedelta

import html5lib
import icalendar

# What an instant of the mail is said to be: "Wednesday 3 December 2025, 14:30".
SHOWN = ("name", "ref", "service", "place", "date", "time", "end_time",
         "zone", "utc_offset", "until", "was", "reason", "description",
         "notes", "manage_url", "again_url", "desk_url")
STATUS = {"REQUEST": "CONFIRMED", "CANCEL": "CANCELLED"}


def require(cond, *sentence):
    """Like assert, but also under python -O."""
    if not cond:
        raise AssertionError(" ".join(str(part) for part in sentence))


def same(what, got, want):
    require(got == want, f"{what} is {got!r}, not {want!r}")


def _words(text):
    return " ".join(text.split())


# ---- the page ------------------------------------------------------------------

class Page:
    """The visible text, the links and the JSON-LD of a page, which must be
    HTML by the letter of its standard."""

    def __init__(self, markup):
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        self.root = parser.parse(markup)
        self.text, self.links, self.jsonld = [], [], []
        self.lang = self.root.get("lang")
        self._walk(self.root)
        self.visible = _words("".join(self.text))

    def _walk(self, element):
        tag = element.tag
        if isinstance(tag, str):
            require(tag not in ("img", "iframe", "object", "form", "link",
                                "video", "audio", "base"),
                    f"<{tag}> in the mail")
            require(not any(name.startswith("on") or name == "src"
                            for name in element.keys()),
                    f"<{tag}> does or loads something")
            if tag == "a":
                self.links.append(element.get("href"))
            if tag == "script":
                same("script type", element.get("type"),
                     "application/ld+json")
                self.jsonld.append(element.text)
            elif tag == "style":
                require("url(" not in element.text and
                        "@import" not in element.text,
                        "a style that loads something")
            elif tag != "title":
                self.text.append(element.text or "")
        for child in element:
            self._walk(child)
            self.text.append(child.tail or "")


def check_jsonld(page, method, expected):
    same("number of JSON-LD blocks", len(page.jsonld), 1)
    reservation = json.loads(page.jsonld[0])
    same("@context", reservation["@context"].rstrip("/")
         .replace("http:", "https:"), "https://schema.org")
    same("@type", reservation["@type"], "EventReservation")
    same("reservationStatus", reservation["reservationStatus"],
         "https://schema.org/Reservation" + STATUS[method].capitalize())
    if expected.get("ref"):
        same("reservationNumber", reservation["reservationNumber"],
             expected["ref"])
    same("underName", reservation["underName"]["@type"], "Person")
    if expected.get("name"):
        same("underName", reservation["underName"]["name"], expected["name"])
    event = reservation["reservationFor"]
    same("reservationFor", event["@type"], "Event")
    for what, where in (("service", event["name"]),
                        ("place", event.get("location", {}).get("name"))):
        if expected.get(what):
            same(f"{what} in JSON-LD", where, expected[what])
    for what, name in (("start", "startDate"), ("end", "endDate")):
        at = datetime.fromisoformat(event[name])
        require(at.tzinfo, f"{name} without offset")
        if what in expected:
            same(name, at, expected[what])


def check_page(markup, method, expected):
    page = Page(markup)
    if "language" in expected:
        same("lang of the page", page.lang, expected["language"])
    if method and expected.get("jsonld"):
        check_jsonld(page, method, expected)
    else:
        same("number of JSON-LD blocks", len(page.jsonld), 0)
    return page


def check_words(text, page, expected):
    """What people read, in the text as in the page."""
    for what in SHOWN:
        if expected.get(what):
            wanted = _words(expected[what])
            require(wanted in _words(text),
                    f"{what} {wanted!r} is not in the text:\n{text}")
            require(wanted in page.visible or what == "desk_url",
                    f"{what} {wanted!r} is not in the page:\n{page.visible}")
        if what.endswith("_url") and what in expected:
            require(expected[what] in page.links,
                    f"{expected[what]} is not linked: {page.links}")
    require("{{" not in text and "{{" not in page.visible,
            "an unfilled template")


def check_calendar_bytes(raw):
    """The form of RFC 5545: CRLF, 75 octets, folded between characters."""
    require(raw.endswith(b"\r\n"), "the calendar's last line has no end")
    for line in raw.split(b"\r\n")[:-1]:
        require(b"\n" not in line and b"\r" not in line, f"{line} is broken")
        require(len(line) <= 75, f"a line of {len(line)} octets: {line}")
        line.decode("utf-8")


def check_calendar(raw, method, sender, expected):
    check_calendar_bytes(raw)
    calendar = icalendar.Calendar.from_ical(raw)
    same("METHOD", str(calendar["METHOD"]), method)
    same("VERSION", str(calendar["VERSION"]), "2.0")
    require(str(calendar["PRODID"]), "no PRODID")
    events = calendar.walk("VEVENT")
    same("number of events", len(events), 1)
    event = events[0]
    require(not event.errors, f"calendar: {event.errors}")
    for name in ("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY",
                 "ORGANIZER", "ATTENDEE", "STATUS"):
        require(name in event, f"no {name} in the calendar")
        require(not isinstance(event[name], list), f"more than one {name}")
    for name in ("DTSTAMP", "DTSTART", "DTEND"):
        require(event[name].dt.utcoffset() == timedelta(0),
                f"{name} is not UTC: {event[name].dt}")
    require(event["DTEND"].dt > event["DTSTART"].dt, "it ends before it starts")
    for what, name in (("start", "DTSTART"), ("end", "DTEND")):
        if what in expected:
            same(name, event[name].dt, expected[what])
    for what, name in (("uid", "UID"), ("service", "SUMMARY"),
                       ("place", "LOCATION")):
        if expected.get(what):
            same(name, str(event[name]), expected[what])
    same("SEQUENCE", int(event["SEQUENCE"]), expected.get("sequence", 0))
    same("STATUS", str(event["STATUS"]), STATUS[method])

    organizer, attendee = event["ORGANIZER"], event["ATTENDEE"]
    same("ORGANIZER", str(organizer).lower(),
         "mailto:" + expected.get("organizer", sender).lower())
    if "to_email" in expected and "%" not in attendee:
        same("ATTENDEE", str(attendee), "mailto:" + expected["to_email"])
    same("PARTSTAT", str(attendee.params["PARTSTAT"]), "ACCEPTED")
    same("RSVP", str(attendee.params["RSVP"]), "FALSE")
    if expected.get("to_name"):
        same("CN", str(attendee.params["CN"]),
             expected["to_name"].replace('"', "'"))

    # Calendars are shared, a link in them would be too.
    unfolded = raw.replace(b"\r\n ", b"").decode("utf-8")
    if "manage_url" in expected:
        capability = expected["manage_url"].rsplit("/", 1)[-1]
        require(capability not in unfolded, "the link is in the calendar")
    require("/b/" not in unfolded and "/w/" not in unfolded,
            "a booking's link is in the calendar")
    return event
