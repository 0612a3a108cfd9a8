# SPDX-License-Identifier: MIT
"""What a visitor does with a booking: cancel, move, correct, erase."""

import email
import email.policy
import re

import icalendar
import pytest
from stack.visitor import Page, Visitor, at_once, unique_address, wait_until


@pytest.fixture
def service(tables):
    """The service of the tests' slots, its rules put back at the end."""
    columns = ("notice_minutes", "reminder_minutes", "organiser_mails",
               "offer_minutes")
    before = tables.rows(f"SELECT {', '.join(columns)} FROM service"
                         " ORDER BY id LIMIT 1")[0]

    def change(**values):
        for name, value in values.items():
            assert name in columns
            tables.rows(f"UPDATE service SET {name} = %s"
                        " ORDER BY id LIMIT 1", value)

    yield change
    change(**dict(zip(columns, before)))


def slot_of(place):
    return int(place.partition("?")[0].rpartition("/")[2])


def booked_of(tables, slot):
    return tables.value("SELECT booked FROM slot_inventory"
                        " WHERE slot_id = %s", slot)


def mails_of(mailbox, address, count):
    """The mails to an address once there are so many, in order."""
    names = wait_until(
        lambda: (found := mailbox.mails_to(address)) and len(found) >= count
        and found, 30, f"{count} mails to {address}", 0.05)
    return [email.message_from_bytes(mailbox.raw(name),
                                     policy=email.policy.default)
            for name in names]


def calendar_of(mail):
    part = next(one for one in mail.walk()
                if one.get_content_type() == "text/calendar")
    calendar = icalendar.Calendar.from_ical(part.get_content())
    return calendar, next(one for one in calendar.walk("VEVENT"))


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def ref_of(place):
    return place.rpartition("/")[2].partition(".")[0]


# ---- cancel -----------------------------------------------------------------

def test_cancelling_is_shown_by_get_and_done_by_post(visitor, tables,
                                                     mailbox):
    slot_page = tables.add_slot(2)
    address = unique_address("cancel")
    place = visitor.book(slot_page, email=address)
    first = mails_of(mailbox, address, 1)[0]
    # A mail scanner follows every link of the mail and of the page.
    for path in [place] + [link for link in visitor.page(place).links
                           if link.startswith(place)]:
        assert visitor.get(path).status_code == 200, path
    assert booked_of(tables, slot_of(slot_page)) == 1

    page = visitor.page(place + "/cancel")
    assert page.actions == [place + "/cancel"]
    answer = visitor.post({}, place + "/cancel")
    assert (answer.status_code, answer.headers["Location"]) == (303, place)
    assert "annulée" in visitor.page(place).text
    assert booked_of(tables, slot_of(slot_page)) == 0

    second = mails_of(mailbox, address, 2)[1]
    calendar, event = calendar_of(second)
    _, asked = calendar_of(first)
    assert calendar["METHOD"] == "CANCEL"
    assert event["STATUS"] == "CANCELLED"
    assert event["UID"] == asked["UID"]
    assert event["SEQUENCE"] == asked["SEQUENCE"] + 1
    assert second["References"] == first["Message-ID"]
    assert "/b/" not in text_of(second)


def test_cancelling_twice_frees_one_place(stack, tables):
    slot_page = tables.add_slot(5)
    visitor = Visitor(stack.http_url)
    visitor.book(slot_page)
    place = visitor.book(slot_page)
    answers = at_once(8, lambda _: Visitor(stack.http_url).post(
        {}, place + "/cancel").status_code)
    assert set(answers) == {303}
    assert booked_of(tables, slot_of(slot_page)) == 1
    assert tables.value(
        "SELECT COUNT(*) FROM booking_event e JOIN booking b"
        " ON b.id = e.booking_id WHERE b.ref = %s", ref_of(place)) == 1


@pytest.mark.parametrize("language, seats, words", [
    ("fr", "1", "Votre place sera libérée"),
    ("fr", "3", "Vos 3 places seront libérées"),
    ("en", "1", "Your place will be freed"),
    ("en", "3", "Your 3 places will be freed")])
def test_cancelling_says_how_many_places_it_frees(stack, tables, language,
                                                  seats, words):
    visitor = Visitor(stack.http_url, language)
    place = visitor.book(tables.add_slot(5), seats=seats)
    assert words in visitor.page(place + "/cancel").text


def test_after_the_notice_only_the_organiser_can_help(visitor, tables,
                                                      service):
    slot_page = tables.add_slot(2)
    service(notice_minutes=1)
    until = "modifiable ou annulable jusqu’au"
    assert until in visitor.page(slot_page).text
    place = visitor.book(slot_page)
    assert until in visitor.page(place).text
    service(notice_minutes=60 * 24 * 365)
    # Who books now is told before, not only afterwards.
    told = visitor.page(slot_page).text
    assert "ne pourra plus être déplacée" in told and until not in told
    for what in ("cancel", "move", "erase"):
        page = visitor.get(f"{place}/{what}")
        assert page.status_code == 200
        assert not Page(page.text).actions
        answer = visitor.post({}, f"{place}/{what}")
        assert answer.status_code == 409
        assert "mailto:" in answer.text
    assert booked_of(tables, slot_of(slot_page)) == 1
    # The address may still be wrong.
    assert Page(visitor.get(place + "/email").text).actions


def test_a_booking_that_has_begun_stays_as_it_was(visitor, tables):
    slot_page = tables.add_slot(1)
    place = visitor.book(slot_page)
    tables.rows("UPDATE slot SET starts_at = NOW() - INTERVAL 10 MINUTE"
                " WHERE id = %s", slot_of(slot_page))
    for what in ("cancel", "move", "email", "resend"):
        assert visitor.post({"email": unique_address()},
                            f"{place}/{what}").status_code == 409
    assert booked_of(tables, slot_of(slot_page)) == 1


# ---- move ---------------------------------------------------------------------

def test_moving_takes_the_new_place_and_frees_the_old(visitor, tables,
                                                      mailbox):
    here, there = tables.add_slot(1), tables.add_slot(1)
    address = unique_address("move")
    place = visitor.book(here, email=address)
    links = [link for link in visitor.page(place + "/move").links
             if "/move?slot=" in link]
    assert links
    page = visitor.page(f"{place}/move?slot={slot_of(there)}")
    assert page.fields["slot"] == str(slot_of(there))
    answer = visitor.post(page.fields, place + "/move")
    assert answer.headers["Location"] == place
    assert booked_of(tables, slot_of(here)) == 0
    assert booked_of(tables, slot_of(there)) == 1

    first, second = mails_of(mailbox, address, 2)
    calendar, event = calendar_of(second)
    assert calendar["METHOD"] == "REQUEST"
    assert event["SEQUENCE"] == calendar_of(first)[1]["SEQUENCE"] + 1
    assert event["UID"] == calendar_of(first)[1]["UID"]
    assert event["DTSTART"].dt > calendar_of(first)[1]["DTSTART"].dt
    assert "Avant" in text_of(second)


def test_moving_to_a_full_time_changes_nothing(visitor, tables):
    here, there = tables.add_slot(1), tables.add_slot(1)
    place = visitor.book(here)
    visitor.book(there)
    answer = visitor.post({"slot": slot_of(there)}, place + "/move")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert booked_of(tables, slot_of(here)) == 1
    assert booked_of(tables, slot_of(there)) == 1


@pytest.mark.parametrize("slot", ["", "x", "0", "-1", "999999999", "1 OR 1"])
def test_moving_to_no_time_changes_nothing(visitor, tables, slot):
    here = tables.add_slot(1)
    place = visitor.book(here)
    assert visitor.post({"slot": slot},
                        place + "/move").status_code in (404, 409)
    assert booked_of(tables, slot_of(here)) == 1


def test_a_crowd_that_swaps_places_never_overbooks(stack, tables):
    here, there = tables.add_slot(6), tables.add_slot(6)
    visitor = Visitor(stack.http_url)
    places = [(visitor.book(here), there) for _ in range(4)] + \
        [(visitor.book(there), here) for _ in range(4)]

    def move(number):
        place, target = places[number]
        return Visitor(stack.http_url).post(
            {"slot": slot_of(target)}, place + "/move").status_code

    answers = at_once(8, move)
    assert set(answers) <= {303, 409}
    for slot in (slot_of(here), slot_of(there)):
        assert booked_of(tables, slot) == tables.value(
            "SELECT COALESCE(SUM(seats), 0) FROM booking WHERE slot_id = %s"
            " AND cancelled_at IS NULL", slot)


# ---- the address, once more ------------------------------------------------------

def test_another_language_keeps_the_address_and_corrects_nothing(visitor,
                                                                tables):
    place = visitor.book(tables.add_slot(1))
    answer = visitor.post({"email": "half@", "show": "en"}, place + "/email")
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.fields["email"] == "half@" and 'role="alert"' not in answer.text
    assert "Correct the e-mail address" in page.text
    assert Page(visitor.get(place + "/email").text).fields["email"] != "half@"


def test_a_mistyped_address_is_corrected(whole, visitor, tables, mailbox):
    whole.stop("smtp")
    wrong, right = unique_address("wrong"), unique_address("right")
    place = visitor.book(email=wrong)
    assert visitor.page(place + "/email").fields["email"] == wrong
    answer = visitor.post({"email": "no"}, place + "/email")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    answer = visitor.post({"email": right}, place + "/email")
    assert answer.status_code == 303
    assert answer.headers["Location"] != place
    # What may be in a stranger's mailbox opens nothing any more.
    assert visitor.get(place).status_code == 404
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM notification n JOIN booking b"
        " ON b.id = n.booking_id WHERE b.email = %s AND n.state = 4"
        " AND n.due_at IS NULL", right) == 1, 20, "a mail taken back")
    whole.start("smtp")
    mails_of(mailbox, right, 1)
    assert right in visitor.page(answer.headers["Location"]).text
    assert not mailbox.mails_to(wrong)


# ---- what just happened -----------------------------------------------------

def test_the_page_says_what_just_happened(stack, tables):
    visitor = Visitor(stack.http_url, "en")
    here, there = tables.add_slot(2), tables.add_slot(2)
    place = visitor.book(here)
    page = visitor.get(place)
    assert "You are booked" in page.text and "<s>" not in page.text
    was = re.search(r"<b>(\w+ \d+ \w+ \d+)</b><br><time[^>]*>([\d:]+)<",
                    page.text)
    visitor.post({"slot": slot_of(there)}, place + "/move")
    text = visitor.get(place).text
    assert "<title>Your booking has been moved" in text
    assert f"Before: <s>{was[1]}, {was[2]}</s>" in text
    address = unique_address("new")
    place = visitor.post({"email": address},
                         place + "/email").headers["Location"]
    text = visitor.get(place).text
    assert "<title>Address corrected" in text and address in text
    assert "<s>" not in text
    wait_until(lambda: visitor.get(place + "/resend").text.count("<button") > 0
               and visitor.post({}, place + "/resend").status_code == 303,
               60, "a mail that may be sent again")
    assert "is being sent again" in visitor.page(place).title
    # Later it is a booking like any other.
    tables.rows("UPDATE booking_event e JOIN booking b ON b.id = e.booking_id"
                " SET e.at = e.at - INTERVAL 11 MINUTE WHERE b.ref = %s",
                ref_of(place))
    assert "You are booked" in visitor.page(place).text
    visitor.post({}, place + "/cancel")
    assert "Cancelled at your request" in visitor.page(place).text


@pytest.mark.parametrize("query", ["just=moved", "done=moved", "moved=1",
                                   "just=%3Cb%3E", "what=cancelled"])
def test_an_address_cannot_say_what_did_not_happen(stack, tables, query):
    visitor = Visitor(stack.http_url, "en")
    place = visitor.book(tables.add_slot(1))
    page = visitor.page(f"{place}?{query}")
    assert page.title.startswith("Your booking –")
    assert "You are booked" in page.text


# ---- erase --------------------------------------------------------------------------

def test_erasing_leaves_nothing_that_names_anybody(visitor, tables, mailbox):
    slot_page = tables.add_slot(1)
    address = unique_address("erase")
    place = visitor.book(slot_page, email=address, name="Zoé Effacée",
                         notes="chut")
    mails_of(mailbox, address, 1)
    answer = visitor.post({}, place + "/erase")
    assert answer.headers["Location"].startswith("/done/erased?at=")
    assert visitor.get(answer.headers["Location"]).status_code == 200
    assert visitor.get(place).status_code == 404
    assert booked_of(tables, slot_of(slot_page)) == 0
    row = tables.rows("SELECT name, email, notes, idem_key FROM booking"
                      " WHERE ref = %s", ref_of(place))[0]
    assert row == ("", "", "", None)
    assert tables.value("SELECT COUNT(*) FROM notification"
                        " WHERE reply LIKE %s", f"%{address}%") == 0
    assert len(mailbox.mails_to(address)) == 1


# ---- calendar, reminders, the organiser ------------------------------------------------

def test_the_calendar_file_opens_nothing(visitor, tables):
    place = visitor.book(tables.add_slot(1))
    answer = visitor.get(place + "/calendar.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert "attachment" in answer.headers["Content-Disposition"]
    calendar = icalendar.Calendar.from_ical(answer.content)
    event = next(iter(calendar.walk("VEVENT")))
    assert calendar["METHOD"] == "PUBLISH"
    assert event["UID"].startswith(ref_of(place) + "@")
    assert "ATTENDEE" not in event
    assert place.rpartition(".")[2] not in answer.text


def test_a_reminder_waits_and_goes_with_the_booking(visitor, tables, service,
                                                    mailbox):
    service(reminder_minutes=30)
    address = unique_address("remind")
    place = visitor.book(tables.add_slot(1), email=address)
    state = ("SELECT n.state, n.begins_at = s.starts_at - INTERVAL 30 MINUTE"
             " FROM notification n JOIN booking b ON b.id = n.booking_id"
             " JOIN slot s ON s.id = b.slot_id"
             " WHERE b.ref = %s AND n.kind = 'booking.reminder'")
    assert tables.rows(state, ref_of(place)) == ((0, 1),)
    visitor.post({}, place + "/cancel")
    assert tables.rows(state, ref_of(place)) == ((4, 1),)
    # One whose time has come is sent.
    address = unique_address("remind")
    place = visitor.book(tables.add_slot(1), email=address)
    mails_of(mailbox, address, 1)
    tables.rows("UPDATE notification n JOIN booking b ON b.id = n.booking_id"
                " SET n.begins_at = NOW(3), n.due_at = NOW(3)"
                " WHERE b.ref = %s AND n.kind = 'booking.reminder'",
                ref_of(place))
    mail = mails_of(mailbox, address, 2)[1]
    assert "Pour mémoire" in text_of(mail)
    assert place in text_of(mail)


def test_the_organiser_hears_of_it_with_the_notes(visitor, tables, service,
                                                  mailbox):
    service(organiser_mails=1)
    organiser = tables.value("SELECT organiser_email FROM service"
                             " ORDER BY id LIMIT 1")
    address = unique_address("heard")
    # What an earlier test did may still be on its way to them.
    wait_until(lambda: tables.open_rows() == 0, 60, "a quiet stack")
    before = len(mailbox.mails_to(organiser))
    place = visitor.book(tables.add_slot(1), email=address,
                         notes="près de la fenêtre")
    mail = mails_of(mailbox, organiser, before + 1)[-1]
    assert mail["Reply-To"].addresses[0].addr_spec == address
    assert "près de la fenêtre" in text_of(mail)
    assert re.findall(r"\S*/b/\S*", text_of(mail)) == [
        f"{visitor.url}/admin/b/{ref_of(place)}"]
    visitor.post({}, place + "/cancel")
    mail = mails_of(mailbox, organiser, before + 2)[-1]
    assert "Réservation annulée" in text_of(mail)


def test_old_bookings_are_erased_by_age(whole, visitor, tables):
    slot_page = tables.add_slot(1)
    place = visitor.book(slot_page, email=unique_address("old"))
    tables.rows("UPDATE slot SET starts_at = NOW() - INTERVAL 101 DAY,"
                " ends_at = NOW() - INTERVAL 100 DAY WHERE id = %s",
                slot_of(slot_page))
    # What is old is looked for when the program starts.
    whole.stop("booking")
    whole.start("booking")
    wait_until(lambda: tables.value("SELECT email FROM booking WHERE ref = %s",
                                    ref_of(place)) == "", 20, "an erased row")


# ---- limits ------------------------------------------------------------------------------

def test_an_address_gets_so_many_mails_and_no_more(whole, visitor, tables):
    whole.overrides["booking"].update({"address_mails_a_day": "3"})
    whole.stop("booking")
    whole.start("booking")
    slot_page = tables.add_slot(20)
    address = unique_address("limit")
    answers = [visitor.post(visitor.form(slot_page, email=address))
               for _ in range(5)]
    assert [one.status_code for one in answers] == [303] * 3 + [429] * 2
    assert Page(answers[-1].text).fields["email"] == address
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert visitor.post(visitor.form(slot_page)).status_code == 303
    # Nothing waits for a Redis that is away.
    whole.stop("redis")
    assert visitor.post(visitor.form(
        slot_page, email=address)).status_code == 303


def test_keys_are_forgotten_after_a_day(whole, visitor, tables):
    form = visitor.form(tables.add_slot(3))
    assert visitor.post(form).status_code == 303
    assert visitor.post(form | {"name": "Tom"}).status_code == 422
    tables.rows("UPDATE booking SET created_at = created_at - INTERVAL 25"
                " HOUR WHERE email = %s", form["email"])
    # What is old is looked for when the program starts.
    whole.stop("booking")
    whole.start("booking")
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM booking WHERE email = %s AND idem_key IS NULL",
        form["email"]) == 1, 20, "a key that is forgotten")
    assert visitor.post(form | {"name": "Tom"}).status_code == 303
