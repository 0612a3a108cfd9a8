#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Says whether a mail is what Reservoir promises, by parsers that are not ours.

check_mail() reads the mail with Python's email package, its page with html5lib
and the invitation with python3-icalendar, and raises AssertionError with a
sentence for the first promise that is broken.  What is expected is given by keyword;
what is not given is only checked for its form.

Run as a program it checks each file named and prints what it found.
"""

import email
import email.policy
import re
import sys
from datetime import datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime

from mail_parts import (check_calendar, check_page, check_words, require,
                        same)

SINGLE_HEADERS = (
    "From", "To", "Subject", "Date", "Message-ID", "X-Reservoir-Id",
    "MIME-Version", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language",
    "Content-Type",
)
KNOWN = {
    "from_name", "from_address", "to_name", "to_email", "reply_to", "subject",
    "envelope_id", "message_domain", "language", "ref", "name", "service",
    "place", "date", "time", "end_time", "zone", "utc_offset", "manage_url",
    "uid", "sequence", "start", "end", "now", "references", "until", "was",
    "reason", "again_url", "desk_url", "description", "notes", "return_path",
    "jsonld", "organizer",
}


# How the subject begins, and the line that mailboxes show under it: an inbox
# tells a cancellation from a confirmation.
EVENTS = {
    "fr": {"confirm": ("Confirmation\u00a0:", "Votre réservation est confirmée"),
           "moved": ("Nouveau créneau\u00a0:",
                     "Votre réservation a été déplacée"),
           "cancel": ("Annulation\u00a0:", "Votre réservation est annulée"),
           "reminder": ("Rappel\u00a0:", "Rappel de votre réservation")},
    "en": {"confirm": ("Confirmed:", "Your booking is confirmed"),
           "moved": ("Moved:", "Your booking has been moved"),
           "cancel": ("Cancelled:", "Your booking is cancelled"),
           "reminder": ("Reminder:", "A reminder of your booking")}}


def zone_words(language, zone):
    """For zones whose place has the same name in both languages."""
    place = zone.rpartition("/")[2].replace("_", " ")
    return f"heure de {place}" if language == "fr" else f"{place} time"


def _events(message):
    """What the mail's event is called: in the subject, below it."""
    word = message["Message-ID"].split(".")[1]
    return EVENTS[message["Content-Language"]].get(word, ("", ""))


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


def one_mailbox(message, name):
    boxes = message[name].addresses
    same(f"number of addresses in {name}", len(boxes), 1)
    return boxes[0]


def _name_in(message, name):
    """The name of a mailbox.  Not by email.policy.default, whose names have a
    blank wherever two encoded words meet (RFC 2047 section 6.2 has none)."""
    raw = dict(message.raw_items())[name].replace("\r\n", "").replace("\n", "")
    return str(make_header(decode_header(parseaddr(raw)[0])))


def check_headers(message, expected):
    for name in SINGLE_HEADERS:
        same(f"number of {name}", len(message.get_all(name, [])), 1)
    for name in ("Bcc", "Cc", "Resent-To", "Sender"):
        require(message[name] is None, f"there is a {name}")

    sender = one_mailbox(message, "From")
    to = one_mailbox(message, "To")
    if "from_name" in expected:
        same("name in From", _name_in(message, "From"),
             expected["from_name"])
    if "from_address" in expected:
        same("From", sender.addr_spec, expected["from_address"])
    if "to_name" in expected:
        same("name in To", _name_in(message, "To"), expected["to_name"])
    if "to_email" in expected:
        same("To", to.addr_spec, expected["to_email"])
    if "reply_to" in expected:
        if expected["reply_to"]:
            same("Reply-To", one_mailbox(message, "Reply-To").addr_spec,
                 expected["reply_to"])
        else:
            require(message["Reply-To"] is None, "there is a Reply-To")

    subject = str(message["Subject"])
    require(subject and not re.search(r"[\x00-\x1f\x7f]", subject),
            f"Subject is {subject!r}")
    if "subject" in expected:
        same("Subject", subject, expected["subject"])
    elif {"service", "date", "time"} <= expected.keys():
        same("Subject", subject, "{} {service}, {date}, {time}".format(
            _events(message)[0], **expected))

    now = expected.get("now", datetime.now(timezone.utc))
    date = parsedate_to_datetime(message["Date"])
    require(abs(now - date) < timedelta(hours=1), f"Date is {date}")

    match = re.fullmatch(r"<([A-Za-z0-9_.-]{1,64})@([A-Za-z0-9.-]+)>",
                         message["Message-ID"].strip())
    require(match, f"Message-ID is {message['Message-ID']!r}")
    same("X-Reservoir-Id", message["X-Reservoir-Id"], match[1])
    if "envelope_id" in expected:
        same("left side of Message-ID", match[1], expected["envelope_id"])
    if "message_domain" in expected:
        same("domain of Message-ID", match[2], expected["message_domain"])
    if expected.get("ref"):
        require(match[1].startswith(expected["ref"].replace("-", "")),
                f"Message-ID {match[1]} is not of {expected['ref']}")
    if "return_path" in expected:
        same("Return-Path", message["Return-Path"],
             f"<{expected['return_path']}>")
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


def check_structure(message, method):
    """Returns text, HTML and the invitation (None without a method)."""
    texts = ["multipart/alternative", "text/plain", "text/html"]
    same("structure", _shape(message), texts if not method else [
        "multipart/mixed", texts + ["text/calendar"], "application/ics"])
    alternative, *attachments = (message.iter_parts() if method
                                 else [message])
    plain, html, *calendars = alternative.iter_parts()
    for part, encoding in ((plain, "quoted-printable"),
                           (html, "quoted-printable"),
                           *((part, "base64")
                             for part in calendars + attachments)):
        same(f"encoding of {part.get_content_type()}",
             part["Content-Transfer-Encoding"], encoding)
    for part in (plain, html, *calendars):
        same(f"charset of {part.get_content_type()}",
             part.get_param("charset"), "utf-8")
        require(part.get_filename() is None, "a part with a file name")
    if not method:
        return plain, html, None
    (calendar,), (attachment,) = calendars, attachments
    same("method of text/calendar", calendar.get_param("method"), method)
    same("disposition", attachment.get_content_disposition(), "attachment")
    same("file name", attachment.get_filename(), "invitation.ics")
    same("attached calendar", attachment.get_content(),
         calendar.get_payload(decode=True))
    return plain, html, attachment


def check_mail(raw, *, method="REQUEST", wire=True, **expected):
    """Checks a mail of any kind; returns (message, calendar event or None).

    method is the invitation's: "REQUEST", "CANCEL", or "" for a mail that has
    none, and then no JSON-LD.  wire=False spares the bytes as they go over SMTP
    (for mails that a catcher has stored with LF).  start, end and now are aware
    datetimes, ref is as shown to people ("RK7F-3M2Q"), reply_to="" means that
    there is none.
    """
    require(expected.keys() <= KNOWN, f"unknown: {expected.keys() - KNOWN}")
    if wire:
        check_wire(raw)
    message = _parse(raw)
    check_headers(message, expected)
    plain, html, attachment = check_structure(message, method)
    page = check_page(html.get_content(), method, expected)
    check_words(plain.get_content(), page, expected)
    if "subject" not in expected and "service" in expected:
        require(page.visible.startswith(_events(message)[1]),
                f"a mailbox shows: {page.visible[:80]}")
    event = check_calendar(
        attachment.get_content(), method,
        one_mailbox(message, "From").addr_spec, expected) if method else None
    return message, event


if __name__ == "__main__":
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            found, _ = check_mail(file.read(), wire=False)
        print(f"{path}: {found['To']}: {found['Subject']}")
