#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Says whether a mail is what Reservoir promises, by parsers that are not ours.

check_confirmation() reads the mail with Python's email package and the
invitation with python3-icalendar, and raises AssertionError with a sentence
for the first promise that is broken.  What is expected is given by keyword;
what is not given is only checked for its form.

Run as a program it checks each file named and prints what it found.
"""

import email
import email.policy
import json
import re
import sys
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

import icalendar

SINGLE_HEADERS = (
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version",
    "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language",
    "Content-Type",
)
KNOWN = {
    "from_name", "from_address", "to_name", "to_email", "reply_to", "subject",
    "envelope_id", "message_domain", "language", "ref", "name", "service",
    "place", "date", "time", "end_time", "zone", "utc_offset", "manage_url",
    "uid", "sequence", "start", "end", "now", "references",
}


def require(cond, *sentence):
    """Like assert, but also under python -O."""
    if not cond:
        raise AssertionError(" ".join(str(part) for part in sentence))


def same(what, got, want):
    require(got == want, f"{what} is {got!r}, not {want!r}")


class _Html(HTMLParser):
    """Collects the visible text, the links and the JSON-LD of a page."""

    VOID = {"meta", "br", "hr", "img", "link", "input"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.links, self.jsonld = [], [], []
        self.open, self.lang = [], None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "html":
            self.lang = attrs.get("lang")
        if tag == "a":
            self.links.append(attrs.get("href"))
        require(tag not in ("img", "iframe", "object", "form"),
                f"<{tag}> in the mail")
        require(not any(name.startswith("on") for name in attrs),
                "an event handler in the mail")
        if tag == "script":
            same("script type", attrs.get("type"), "application/ld+json")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        require(self.open and self.open[-1] == tag,
                f"</{tag}> closes {self.open[-1:]}")
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.jsonld.append(data)
        elif not self.open or self.open[-1] not in ("style", "title"):
            self.text.append(data)


def _words(text):
    return " ".join(text.split())


def check_wire(raw):
    """What goes over SMTP: 7-bit, CRLF only, no long lines."""
    require(raw.endswith(b"\r\n"), "the last line has no end")
    for number, line in enumerate(raw.split(b"\n")[:-1], 1):
        require(line.endswith(b"\r"), f"line {number} ends in a bare LF")
        line = line[:-1]
        require(b"\r" not in line, f"line {number} has a bare CR")
        require(len(line) <= 998, f"line {number} has {len(line)} bytes")
        require(all(byte < 0x80 for byte in line), f"line {number} is 8-bit")
        require(b"\0" not in line, f"line {number} has a NUL")


def _parse(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        require(not part.defects, f"{part.get_content_type()}: "
                f"{part.defects}")
        for name, value in part.items():
            require(not getattr(value, "defects", ()),
                    f"{name}: {value}: {value.defects}")
    return message


def _one_mailbox(message, name):
    boxes = message[name].addresses
    same(f"number of addresses in {name}", len(boxes), 1)
    return boxes[0]


def check_headers(message, expected):
    for name in SINGLE_HEADERS:
        same(f"number of {name}", len(message.get_all(name, [])), 1)
    for name in ("Bcc", "Cc", "Resent-To", "Sender"):
        require(message[name] is None, f"there is a {name}")

    sender = _one_mailbox(message, "From")
    to = _one_mailbox(message, "To")
    if "from_name" in expected:
        same("name in From", sender.display_name, expected["from_name"])
    if "from_address" in expected:
        same("From", sender.addr_spec, expected["from_address"])
    if "to_name" in expected:
        same("name in To", to.display_name, expected["to_name"])
    if "to_email" in expected:
        same("To", to.addr_spec, expected["to_email"])
    if "reply_to" in expected:
        if expected["reply_to"]:
            same("Reply-To", _one_mailbox(message, "Reply-To").addr_spec,
                 expected["reply_to"])
        else:
            require(message["Reply-To"] is None, "there is a Reply-To")

    subject = str(message["Subject"])
    require(subject and not re.search(r"[\x00-\x1f\x7f]", subject),
            f"Subject is {subject!r}")
    if "subject" in expected:
        same("Subject", subject, expected["subject"])
    elif {"service", "date", "time"} <= expected.keys():
        same("Subject", subject, "{service}, {date}, {time}"
             .format(**expected))

    now = expected.get("now", datetime.now(timezone.utc))
    date = parsedate_to_datetime(message["Date"])
    require(abs(now - date) < timedelta(hours=1), f"Date is {date}")

    match = re.fullmatch(r"<([A-Za-z0-9_.-]{1,64})@([A-Za-z0-9.-]+)>",
                         message["Message-ID"].strip())
    require(match, f"Message-ID is {message['Message-ID']!r}")
    if "envelope_id" in expected:
        same("left side of Message-ID", match[1], expected["envelope_id"])
    if "message_domain" in expected:
        same("domain of Message-ID", match[2], expected["message_domain"])
    if expected.get("ref"):
        require(match[1].startswith(expected["ref"].replace("-", "")),
                f"Message-ID {match[1]} is not of {expected['ref']}")
    if expected.get("references"):
        same("References", message["References"].strip(),
             expected["references"])
    else:
        require(message["References"] is None,
                "a first mail with References")

    same("Auto-Submitted", message["Auto-Submitted"], "auto-generated")
    same("X-Auto-Response-Suppress", message["X-Auto-Response-Suppress"],
         "OOF, AutoReply")
    same("MIME-Version", message["MIME-Version"], "1.0")
    language = message["Content-Language"]
    require(re.fullmatch(r"[A-Za-z0-9-]+", language), language)
    if "language" in expected:
        same("Content-Language", language, expected["language"])


def _shape(part):
    if part.is_multipart():
        return [part.get_content_type(), *map(_shape, part.iter_parts())]
    return part.get_content_type()


def check_structure(message):
    same("structure", _shape(message), [
        "multipart/mixed",
        ["multipart/alternative", "text/plain", "text/html",
         "text/calendar"],
        "application/ics"])
    alternative, attachment = message.iter_parts()
    plain, html, calendar = alternative.iter_parts()
    for part, encoding in ((plain, "quoted-printable"),
                           (html, "quoted-printable"),
                           (calendar, "base64"), (attachment, "base64")):
        same(f"encoding of {part.get_content_type()}",
             part["Content-Transfer-Encoding"], encoding)
    for part in (plain, html, calendar):
        same(f"charset of {part.get_content_type()}",
             part.get_param("charset"), "utf-8")
        require(part.get_filename() is None, "a part with a file name")
    same("method of text/calendar", calendar.get_param("method"), "REQUEST")
    same("disposition", attachment.get_content_disposition(), "attachment")
    same("file name", attachment.get_filename(), "invitation.ics")
    same("attached calendar", attachment.get_content(),
         calendar.get_payload(decode=True))
    return plain, html, attachment


def check_texts(plain, html, expected):
    text = plain.get_content()
    page = _Html()
    page.feed(html.get_content())
    page.close()
    same("elements left open", page.open, [])
    visible = _words("".join(page.text))
    for what in ("name", "ref", "service", "place", "date", "time",
                 "end_time", "zone", "utc_offset", "manage_url"):
        if expected.get(what):
            require(_words(expected[what]) in _words(text),
                    f"{what} {expected[what]!r} is not in the text:\n{text}")
            require(_words(expected[what]) in visible,
                    f"{what} {expected[what]!r} is not in the page:\n"
                    f"{visible}")
    require("{{" not in text and "{{" not in visible, "an unfilled template")
    if "manage_url" in expected:
        require(expected["manage_url"] in page.links,
                f"{expected['manage_url']} is not linked: {page.links}")
    if "language" in expected:
        same("lang of the page", page.lang, expected["language"])
    same("number of JSON-LD blocks", len(page.jsonld), 1)
    reservation = json.loads(page.jsonld[0])
    same("@context", reservation["@context"].rstrip("/")
         .replace("http:", "https:"), "https://schema.org")
    same("@type", reservation["@type"], "EventReservation")
    if expected.get("ref"):
        same("reservationNumber", reservation["reservationNumber"],
             expected["ref"])
    event = reservation["reservationFor"]
    require(datetime.fromisoformat(event["startDate"]).tzinfo,
            "startDate without offset")
    if "start" in expected:
        same("startDate", datetime.fromisoformat(event["startDate"]),
             expected["start"])


def check_calendar_bytes(raw):
    """The form of RFC 5545: CRLF, 75 octets, folded between characters."""
    require(raw.endswith(b"\r\n"), "the calendar's last line has no end")
    for line in raw.split(b"\r\n")[:-1]:
        require(b"\n" not in line and b"\r" not in line, f"{line} is broken")
        require(len(line) <= 75, f"a line of {len(line)} octets: {line}")
        line.decode("utf-8")


def check_calendar(raw, message, expected):
    check_calendar_bytes(raw)
    calendar = icalendar.Calendar.from_ical(raw)
    same("METHOD", str(calendar["METHOD"]), "REQUEST")
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
    same("STATUS", str(event["STATUS"]), "CONFIRMED")

    organizer, attendee = event["ORGANIZER"], event["ATTENDEE"]
    same("ORGANIZER", str(organizer).lower(),
         "mailto:" + _one_mailbox(message, "From").addr_spec.lower())
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
    require("/b/" not in unfolded, "a booking's link is in the calendar")
    return event


def check_confirmation(raw, *, wire=False, **expected):
    """Checks a confirmation mail; returns the parsed message.

    wire=True also checks the bytes as they go over SMTP (not for mails that a
    catcher has stored with LF).  start, end and now are aware datetimes, ref
    is as shown to people ("RK7F-3M2Q"), reply_to="" means that there is none.
    """
    require(expected.keys() <= KNOWN, f"unknown: {expected.keys() - KNOWN}")
    if wire:
        check_wire(raw)
    message = _parse(raw)
    check_headers(message, expected)
    plain, html, attachment = check_structure(message)
    check_texts(plain, html, expected)
    check_calendar(attachment.get_content(), message, expected)
    return message


def check_letter(raw, *, status=None, **expected):
    """Checks a mail that is not a confirmation; returns (message, event).

    status is that of its JSON-LD and calendar: "Confirmed", "Cancelled", or
    None if it has neither.
    """
    check_wire(raw)
    message = _parse(raw)
    check_headers(message, expected)
    plain = message.get_body(("plain",)).get_content()
    page = _Html()
    page.feed(message.get_body(("html",)).get_content())
    page.close()
    same("elements left open", page.open, [])
    same("lang of the page", page.lang, expected["language"])
    visible = _words("".join(page.text))
    for what in ("name", "ref", "service", "place", "time"):
        if expected.get(what):
            require(expected[what] in _words(plain), f"no {what} in the text")
            require(expected[what] in visible, f"no {what} in the page")
    require("{{" not in plain and "{{" not in visible, "an unfilled template")
    if status is None:
        same("number of JSON-LD blocks", len(page.jsonld), 0)
        same("structure", _shape(message),
             ["multipart/alternative", "text/plain", "text/html"])
        return message, None
    same("reservationStatus", json.loads(page.jsonld[0])["reservationStatus"],
         f"https://schema.org/Reservation{status}")
    raw_calendar = next(part for part in message.walk() if
                        part.get_content_type() == "application/ics"
                        ).get_content()
    check_calendar_bytes(raw_calendar)
    calendar = icalendar.Calendar.from_ical(raw_calendar)
    same("METHOD", str(calendar["METHOD"]),
         "CANCEL" if status == "Cancelled" else "REQUEST")
    event = calendar.walk("VEVENT")[0]
    same("STATUS", str(event["STATUS"]), status.upper())
    same("SEQUENCE", int(event["SEQUENCE"]), expected["sequence"])
    same("UID", str(event["UID"]), expected["uid"])
    require(b"/b/" not in raw_calendar.replace(b"\r\n ", b""),
            "a booking's link is in the calendar")
    return message, event


if __name__ == "__main__":
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            found = check_confirmation(file.read())
        print(f"{path}: {found['To']}: {found['Subject']}")
