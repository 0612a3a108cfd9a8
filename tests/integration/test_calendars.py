# SPDX-License-Identifier: MIT
"""What a calendar makes of our mails, in whatever order they come.

The calendar here is one of our own making, after RFC 5546: it knows an event by
its UID, hears only the organiser that invited, and takes what has the higher
SEQUENCE or, if that is the same, the later DTSTAMP.
"""

import datetime
import email
import email.policy
import itertools
import time

import icalendar
import mail_parts
import pytest
import requests
from stack.keys import add_api_key
from stack.organiser import Organiser
from stack.visitor import Page, Visitor, unique_address, wait_until


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


def other_place(_stack, tables):
    """By a program that tells nobody; the last booking's service."""
    tables.rows("UPDATE service v SET v.changes = v.changes + 1,"
                " v.changed_at = NOW(3), v.place = CONCAT(v.place, '!')"
                " ORDER BY v.id LIMIT 1")


def booked_before(_stack, tables):
    """By the program before, that kept nothing; nothing has changed since."""
    tables.rows("UPDATE booking SET calendar_domain = NULL,"
                " calendar_sender = NULL ORDER BY id DESC LIMIT 1")


@pytest.fixture
def as_before(tables):
    """The service of the tests' slots, put back at the end."""
    before = tables.rows("SELECT place, changes, changed_at FROM service"
                         " ORDER BY id LIMIT 1")[0]
    yield
    tables.rows("UPDATE service SET place = %s, changes = %s, changed_at = %s"
                " ORDER BY id LIMIT 1", *before)


@pytest.mark.usefixtures("as_before")
@pytest.mark.parametrize("change", [nothing, other_sender, other_domain,
                                    other_place, booked_before])
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
    assert moved["References"] == first["Message-ID"]
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


def test_programs_are_told_where_that_is_set(whole, mailbox, tables):
    def page_of(**settings):
        whole.overrides["booking"].update(settings)
        whole.restart("booking")
        address = unique_address("jsonld")
        Visitor(whole.http_url).book(tables.add_slot(1), email=address)
        mail, = mails_of(mailbox, address, 1)
        return mail_parts.Page(mail.get_body(("html",)).get_content())

    assert page_of().jsonld == []
    mail_parts.check_jsonld(page_of(mail_jsonld="yes"), "REQUEST",
                            {"name": "Zoé Martin"})


def test_erasing_says_what_becomes_of_the_calendar(stack, tables):
    visitor = Visitor(stack.http_url, "en")
    place = visitor.book(tables.add_slot(1))
    assert "The entry in your calendar will remain" in \
        visitor.page(place + "/erase").text


# ---- a service that changes ---------------------------------------------------------

@pytest.fixture
def house(stack, bookctl):
    """A service of one's own with three slots; (slug, their pages)."""
    slug = f"house-{time.time_ns():x}"
    bookctl("service", "add", "--slug", slug, "--name", "House", "--zone",
            "Europe/Paris", "--place", "Room 1", "--reminder", "0min")
    day = (datetime.date.today() + datetime.timedelta(9)).isoformat()
    slots = bookctl("slots", "add", "--service", slug, "--start",
                    f"{day}T10:00", "--capacity", "2", "--count",
                    "3").split()
    return slug, [f"/s/{slug}/{slot}" for slot in slots]


def booked(stack, pages):
    """Bookings with their addresses, the last one cancelled."""
    found = []
    for page in pages:
        address = unique_address("house")
        found.append((address, Visitor(stack.http_url, "en").book(
            page, email=address)))
    Visitor(stack.http_url).post({}, found[-1][1] + "/cancel")
    return found


def a_minute_later(tables, slug):
    """All that happened to the service did so two minutes ago."""
    tables.rows("UPDATE service SET changed_at = changed_at - INTERVAL 2"
                " MINUTE WHERE slug = %s", slug)
    tables.rows("UPDATE booking b JOIN slot s ON s.id = b.slot_id"
                " JOIN service v ON v.id = s.service_id SET b.created_at ="
                " b.created_at - INTERVAL 2 MINUTE WHERE v.slug = %s", slug)


def none_to_be_told(tables, slug):
    wait_until(lambda: not tables.value(
        "SELECT COUNT(*) FROM service WHERE slug = %s"
        " AND tell_from IS NOT NULL", slug), 30, "everybody told")


def changed_mails(tables, slug):
    return tables.value(
        "SELECT COUNT(*) FROM notification n JOIN booking b"
        " ON b.id = n.booking_id JOIN slot s ON s.id = b.slot_id"
        " JOIN service v ON v.id = s.service_id WHERE v.slug = %s"
        " AND n.kind = 'booking.changed'", slug)


def test_the_page_asks_whether_to_tell(stack, mailbox, tables, house):
    slug, pages = house
    people = booked(stack, [*pages, pages[0], pages[1]])
    for address, _place in people:
        mails_of(mailbox, address, 1)
    organiser = Organiser(stack)
    path = f"/admin/services/{slug}"
    form = {name: value for name, value in organiser.page(path).fields.items()
            if not name.endswith("_unit") and "minutes" not in name
            and name not in ("q", "organiser_mails", "language")}

    def post(**more):
        return organiser.post(form | more, path)

    # What calendars do not show asks nothing.
    assert post(description="Other words").status_code == 303
    answer = post(place="Room 2")
    assert answer.status_code == 200
    page = Page(answer.text)
    assert "4 people have booked. Tell them?" in page.text
    assert page.kinds["tell"] == "checkbox"
    assert page.fields["place"] == "Room 2"
    assert tables.value("SELECT place FROM service WHERE slug = %s",
                        slug) == "Room 1"
    # Not ticked: nobody is.
    answer = post(place="Room 2", asked="1")
    assert answer.headers["Location"].partition("?")[2].startswith(
        "done=service_untold")
    assert "are not told" in organiser.page(answer.headers["Location"]).text
    none_to_be_told(tables, slug)
    assert changed_mails(tables, slug) == 0
    entry, = icalendar.Calendar.from_ical(Visitor(stack.http_url).get(
        people[0][1] + "/calendar.ics").content).walk("VEVENT")
    assert (entry["SEQUENCE"], str(entry["LOCATION"])) == (1, "Room 2")

    answer = post(place="Room 3", name="Bigger House", asked="1", tell="yes")
    assert answer.headers["Location"].partition("?")[2].startswith(
        "done=service_told")
    a_minute_later(tables, slug)
    for address, place in people[:-1]:
        first, second = mails_of(mailbox, address, 2)
        assert second["Subject"].startswith("Changed: Bigger House")
        for text in (second.get_body(("plain",)).get_content(),
                     second.get_body(("html",)).get_content()):
            assert "The place of your booking has changed." in text
            assert "has a new name" in text and "Room 3" in text
        for calendar in in_any_order([invitation(first),
                                      invitation(second)]):
            (_at, where), = calendar.shown()
            assert where == "Room 3"
        assert "E-mail about the change" in \
            Visitor(stack.http_url, "en").page(place).text
    none_to_be_told(tables, slug)
    assert changed_mails(tables, slug) == 4
    # Moved and cancelled after that, everything in any order.
    address, place = people[0]
    visitor = Visitor(stack.http_url, "en")
    visitor.post({"slot": slot_of(pages[2])}, place + "/move")
    mails_of(mailbox, address, 3)
    visitor.post({}, place + "/cancel")
    for calendar in in_any_order([invitation(mail) for mail in
                                  mails_of(mailbox, address, 4)]):
        assert not calendar.shown()


def test_bookctl_and_programs_have_the_same_choice(stack, tables, house,
                                                   bookctl):
    slug, pages = house
    key = add_api_key(stack, slug)
    booked(stack, pages)
    change = ("service", "change", "--slug", slug)
    assert bookctl(*change, "--description", "New") == ""
    assert bookctl(*change, "--place", "Room 2") == \
        "bookings ahead: 2; their people are not told (--tell)\n"
    assert changed_mails(tables, slug) == 0
    assert bookctl(*change, "--place", "Room 3", "--tell") == \
        "bookings ahead: 2; their people are told by e-mail\n"
    a_minute_later(tables, slug)
    none_to_be_told(tables, slug)
    assert changed_mails(tables, slug) == 2

    for body, told in (({"place": "Room 4"}, 0),
                       ({"place": "Room 5", "tell": True}, 2)):
        answer = requests.patch(
            f"{stack.http_url}/api/v1/admin/services/{slug}", json=body,
            headers=key, timeout=20).json()
        assert (answer["booked_ahead"], answer["told"]) == (2, told)
    a_minute_later(tables, slug)
    none_to_be_told(tables, slug)
    assert changed_mails(tables, slug) == 4
    assert tables.value("SELECT changes FROM service WHERE slug = %s",
                        slug) == 4


def test_who_books_in_the_minute_after_a_change_is_told(stack, tables, house,
                                                        bookctl):
    """The process that confirms it may still have the old place in mind."""
    slug, pages = house
    Visitor(stack.http_url).book(pages[0])
    bookctl("service", "change", "--slug", slug, "--place", "Hall", "--tell")
    Visitor(stack.http_url).book(pages[1])
    assert changed_mails(tables, slug) == 0
    a_minute_later(tables, slug)
    # One who comes when every process has the new place.
    Visitor(stack.http_url).book(pages[2])
    none_to_be_told(tables, slug)
    assert changed_mails(tables, slug) == 2


def test_a_subscribed_calendar_hears_of_it_too(stack, tables, house, bookctl):
    slug, pages = house
    booked(stack, pages[:2])
    address = bookctl("feed", "add", slug, "--service", slug).strip()

    def events():
        text = requests.get(address, timeout=20).content
        return icalendar.Calendar.from_ical(text).walk("VEVENT")

    # A calendar counts whole seconds.
    tables.rows("UPDATE booking SET created_at = created_at - INTERVAL 1"
                " MINUTE WHERE slot_id = %s", slot_of(pages[0]))
    before, = events()
    bookctl("service", "change", "--slug", slug, "--place", "Room 2")
    after, = events()
    assert str(after["LOCATION"]) == "Room 2"
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt


def test_many_are_told_once_each_whatever_dies(stack, tables, house, bookctl):
    slug, pages = house
    Visitor(stack.http_url).book(pages[0])
    # Rows as bookings are, but for the mails that they had.
    tables.rows("UPDATE slot_inventory SET capacity = 400, booked = 351"
                " WHERE slot_id = %s", slot_of(pages[0]))
    tables.rows(
        "INSERT INTO booking (ref, version, slot_id, seats, name, email,"
        " locale, notes, req_hash, created_at, nonce, old_link)"
        " SELECT CONCAT(LEFT(b.ref, 4), LPAD(q.seq, 4, '0')), 0, b.slot_id, 1,"
        " 'Zoe', CONCAT('crowd', q.seq, '@', SUBSTRING_INDEX(b.email, '@',"
        " -1)), 'en', '', REPEAT('x', 32), b.created_at,"
        " UNHEX(LEFT(SHA2(q.seq, 256), 32)), 0 FROM booking b"
        " JOIN (WITH RECURSIVE one AS (SELECT 1 AS seq UNION ALL"
        " SELECT seq + 1 FROM one WHERE seq < 350) SELECT seq FROM one) q"
        " WHERE b.slot_id = %s", slot_of(pages[0]))
    bookctl("service", "change", "--slug", slug, "--place", "Hall", "--tell")
    a_minute_later(tables, slug)
    for _ in range(4):
        stack.kill("booking")
        stack.start("booking")
    none_to_be_told(tables, slug)
    assert changed_mails(tables, slug) == 351
    assert tables.value(
        "SELECT COUNT(DISTINCT n.booking_id) FROM notification n JOIN booking b"
        " ON b.id = n.booking_id WHERE b.slot_id = %s"
        " AND n.kind = 'booking.changed'", slot_of(pages[0])) == 351
