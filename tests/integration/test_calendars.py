# SPDX-License-Identifier: MIT
"""What a calendar makes of our mails, in whatever order they come.

The calendar here is one of our own making, after RFC 5546: it knows an event by
its UID, hears only the organiser that invited, and takes what has the higher
SEQUENCE or, if that is the same, the later DTSTAMP.
"""

import email
import email.policy
import itertools

import icalendar
import pytest
from stack.visitor import Visitor, unique_address, wait_until


class Calendar:
    """Somebody's, with what they see of it."""

    def __init__(self):
        self.events = {}
        self.ignored = []

    def apply(self, raw):
        calendar = icalendar.Calendar.from_ical(raw)
        event, = calendar.walk("VEVENT")
        known = self.events.get(str(event["UID"]))
        if known and (self.who(known) != self.who(event)
                      or self.age(known) >= self.age(event)):
            self.ignored.append(event)
            return
        self.events[str(event["UID"])] = event

    @staticmethod
    def who(event):
        return str(event["ORGANIZER"]).lower()

    @staticmethod
    def age(event):
        return int(event["SEQUENCE"]), event["DTSTAMP"].dt

    def shown(self):
        """(start, place) of what is not cancelled."""
        return [(event["DTSTART"].dt, str(event.get("LOCATION", "")))
                for event in self.events.values()
                if str(event["STATUS"]) != "CANCELLED"]


def in_any_order(invitations):
    """The calendars that come of all orders, each with one event."""
    for order in itertools.permutations(invitations):
        calendar = Calendar()
        for one in order:
            calendar.apply(one)
        assert len(calendar.events) == 1, sorted(calendar.events)
        assert len({Calendar.who(event) for event in calendar.ignored}
                   | {Calendar.who(event)
                      for event in calendar.events.values()}) == 1
        yield calendar


def mails_of(mailbox, address, count):
    names = wait_until(
        lambda: (found := mailbox.mails_to(address)) and len(found) >= count
        and found, 30, f"{count} mails to {address}", 0.05)
    return [email.message_from_bytes(mailbox.raw(name),
                                     policy=email.policy.default)
            for name in names]


def invitation(mail):
    """The calendar of a mail; the attachment is the same."""
    parts = [part for part in mail.walk() if part.get_content_type()
             in ("text/calendar", "application/ics")]
    texts = [part.get_payload(decode=True) for part in parts]
    assert len(texts) == 2 and texts[0] == texts[1]
    return texts[0]


def slot_of(place):
    return int(place.partition("?")[0].rpartition("/")[2])


def nothing(_stack, _tables):
    pass


def other_sender(stack, _tables):
    for name in ("booking", "maild"):
        stack.overrides[name]["mail_from_address"] = \
            "rendezvous@elsewhere.example"
        stack.restart(name)


def other_domain(stack, _tables):
    for name in ("booking", "maild"):
        stack.overrides[name]["message_domain"] = "elsewhere.example"
        stack.restart(name)


def booked_before(_stack, tables):
    """By the program before, that kept nothing; nothing has changed since."""
    tables.rows("UPDATE booking SET calendar_domain = NULL,"
                " calendar_sender = NULL ORDER BY id DESC LIMIT 1")


@pytest.mark.parametrize("change", [nothing, other_sender, other_domain,
                                    booked_before])
def test_in_any_order_a_calendar_ends_right(whole, mailbox, tables, change):
    here, there = tables.add_slot(1), tables.add_slot(1)
    address = unique_address("calendar")
    visitor = Visitor(whole.http_url)
    place = visitor.book(here, email=address)
    first = mails_of(mailbox, address, 1)[0]
    change(whole, tables)
    visitor = Visitor(whole.http_url)
    page = visitor.get(place + "/calendar.ics").content
    assert visitor.post({"slot": slot_of(there)},
                        place + "/move").status_code == 303
    moved = mails_of(mailbox, address, 2)[1]
    later = visitor.get(place + "/calendar.ics").content
    start, = tables.rows("SELECT starts_at FROM slot WHERE id = %s",
                         slot_of(there))[0]
    for calendar in in_any_order([invitation(first), invitation(moved)]):
        (at, _where), = calendar.shown()
        assert at.replace(tzinfo=None) == start
    for calendar in in_any_order([invitation(first), page, later]):
        (at, _where), = calendar.shown()
        assert at.replace(tzinfo=None) == start
    if change is other_sender:
        assert "rendezvous@elsewhere.example" in moved["From"]

    assert visitor.post({}, place + "/cancel").status_code == 303
    mails = mails_of(mailbox, address, 3)
    for calendar in in_any_order([invitation(mail) for mail in mails]):
        assert not calendar.shown()


def test_what_a_calendar_is_told_opens_nothing_and_says_how_to_cancel(
        stack, mailbox, tables):
    address = unique_address("calendar")
    visitor = Visitor(stack.http_url, "en")
    place = visitor.book(tables.add_slot(1), email=address)
    mail, = mails_of(mailbox, address, 1)
    event, = icalendar.Calendar.from_ical(invitation(mail)).walk("VEVENT")
    own, = icalendar.Calendar.from_ical(
        visitor.get(place + "/calendar.ics").content).walk("VEVENT")
    for name in ("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY",
                 "LOCATION", "DESCRIPTION", "ORGANIZER"):
        assert event[name].to_ical() == own[name].to_ical(), name
    assert "does not cancel the booking" in event["DESCRIPTION"]
    for text in (mail.get_body(("plain",)).get_content(),
                 mail.get_body(("html",)).get_content()):
        assert "Declining it does not cancel the booking: to cancel" in text
    organiser, = tables.rows("SELECT v.organiser_email FROM service v"
                             " ORDER BY v.id LIMIT 1")[0]
    assert mail["Reply-To"].addresses[0].addr_spec == organiser


def test_erasing_says_what_becomes_of_the_calendar(stack, tables):
    visitor = Visitor(stack.http_url, "en")
    place = visitor.book(tables.add_slot(1))
    assert "The entry in your calendar will remain" in \
        visitor.page(place + "/erase").text
