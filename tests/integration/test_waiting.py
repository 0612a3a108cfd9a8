# SPDX-License-Identifier: MIT
"""The waiting list: a place that becomes free is kept for who is next."""

import re

import pytest
from stack.visitor import Page, Visitor, at_once, unique_address, wait_until
from test_change import booked_of, mails_of, slot_of, text_of


@pytest.fixture
def full(visitor, tables):
    """A full slot: its page, and the booking that fills it."""
    slot_page = tables.add_slot(1)
    return slot_page, visitor.book(slot_page)


def wait_for(visitor, slot_page, **answers):
    """Joins the list; returns (path of the place in line, address)."""
    page = visitor.page(slot_page + "/wait")
    fields = page.fields | {"name": "Léa Attend", "email":
                            unique_address("lea"), "seats": "1"} | answers
    answer = visitor.post(fields, page.actions[0])
    assert answer.status_code == 303, Page(answer.text).text
    return answer.headers["Location"], fields["email"]


def state_of(tables, address):
    return tables.value("SELECT state FROM waiting WHERE email = %s", address)


def test_the_full_page_leads_to_the_waiting_list(visitor, full):
    answer = visitor.get(full[0])
    assert answer.status_code == 409
    page = Page(answer.text)
    assert full[0] + "/wait" in page.links
    # Who only looks has not lost a race.
    assert "entre-temps" not in page.text


def test_a_freed_place_is_offered_kept_and_taken(visitor, tables, mailbox,
                                                 full):
    slot_page, place = full
    slot = slot_of(slot_page)
    line, address = wait_for(visitor, slot_page)
    assert "liste d’attente" in visitor.page(line).text
    visitor.post({}, place + "/cancel")
    mail = mails_of(mailbox, address, 1)[0]
    # It says what there is to do, unlike a confirmation's neutral subject.
    assert str(mail["Subject"]).startswith("Une place est libre")
    link = re.search(r"http\S+/w/\S+", text_of(mail))[0]
    assert link.endswith(line)
    # Nobody else can take it meanwhile, and GET takes nothing either.
    assert booked_of(tables, slot) == 1
    assert visitor.get(slot_page).status_code == 409
    assert line + "/take" in visitor.page(line).actions
    answer = visitor.post({}, line + "/take")
    assert answer.status_code == 303
    booked = answer.headers["Location"]
    assert booked.startswith("/b/")
    assert "Léa Attend" in visitor.page(booked).text
    # The old link leads on to the booking.
    assert "Voir votre réservation" in visitor.page(line).text
    assert visitor.post({}, line + "/take").headers["Location"] == booked
    assert booked_of(tables, slot) == 1
    mails_of(mailbox, address, 2)


def test_an_offer_lapses_and_goes_to_the_next(visitor, tables, mailbox, full):
    slot_page, place = full
    first, lea = wait_for(visitor, slot_page)
    second, tom = wait_for(visitor, slot_page)
    visitor.post({}, place + "/cancel")
    mails_of(mailbox, lea, 1)
    assert state_of(tables, tom) == 0
    tables.rows("UPDATE waiting SET offer_until = NOW(3)"
                " WHERE email = %s", lea)
    mails_of(mailbox, tom, 1)
    assert state_of(tables, lea) == 3
    assert visitor.post({}, first + "/take").status_code == 409
    assert visitor.post({}, second + "/take").status_code == 303
    assert booked_of(tables, slot_of(slot_page)) == 1


def test_leaving_leaves_nothing_and_passes_the_offer_on(visitor, tables,
                                                        mailbox, full):
    slot_page, place = full
    first, lea = wait_for(visitor, slot_page)
    _, tom = wait_for(visitor, slot_page)
    visitor.post({}, place + "/cancel")
    mails_of(mailbox, lea, 1)
    assert visitor.post({}, first + "/leave").status_code == 303
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s",
                        lea) == 0
    assert visitor.get(first).status_code == 404
    mails_of(mailbox, tom, 1)
    assert booked_of(tables, slot_of(slot_page)) == 1


def test_more_places_are_offered_too(visitor, tables, mailbox, full):
    slot_page, _ = full
    _, address = wait_for(visitor, slot_page)
    tables.rows("UPDATE slot_inventory SET capacity = 2 WHERE slot_id = %s",
                slot_of(slot_page))
    mails_of(mailbox, address, 1)
    assert booked_of(tables, slot_of(slot_page)) == 2


def test_joining_twice_is_one_place_in_line(visitor, tables, full):
    first, address = wait_for(visitor, full[0])
    again, _ = wait_for(visitor, full[0], email=address)
    assert first == again
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s",
                        address) == 1


def test_who_wants_two_does_not_hold_up_who_wants_one(visitor, tables,
                                                      mailbox):
    slot_page = tables.add_slot(2)
    place = visitor.book(slot_page)
    visitor.book(slot_page)
    _, pair = wait_for(visitor, slot_page, seats="2")
    _, single = wait_for(visitor, slot_page)
    visitor.post({}, place + "/cancel")
    mails_of(mailbox, single, 1)
    assert state_of(tables, pair) == 0


def test_a_crowd_around_a_freed_place_never_overbooks(stack, tables, full):
    slot_page, place = full
    visitor = Visitor(stack.http_url)
    form = Visitor(stack.http_url).form(tables.add_slot(1))
    slot = slot_of(slot_page)
    lines = [wait_for(visitor, slot_page)[0] for _ in range(4)]

    def act(number):
        one = Visitor(stack.http_url)
        if number == 0:
            return one.post({}, place + "/cancel").status_code
        if number < 5:
            return one.post({}, lines[number - 1] + "/take").status_code
        return one.post(form | {"slot": slot, "email": unique_address(),
                                "key": f"{number:032x}"}).status_code

    assert set(at_once(12, act)) <= {303, 409}
    held = tables.value("SELECT COALESCE(SUM(seats), 0) FROM booking"
                        " WHERE slot_id = %s AND cancelled_at IS NULL",
                        slot) + \
        tables.value("SELECT COALESCE(SUM(seats), 0) FROM waiting"
                     " WHERE slot_id = %s AND state = 1", slot)
    assert booked_of(tables, slot) == held <= 1


@pytest.mark.parametrize("fields", [
    {"name": ""}, {"email": "no"}, {"slot": "1"}, {"seats": "0"},
    {"seats": "99"}, {"name": "\u00ad"}])
def test_a_wrong_form_joins_nothing(visitor, tables, full, fields):
    page = visitor.page(full[0] + "/wait")
    before = tables.value("SELECT COUNT(*) FROM waiting")
    answer = visitor.post(page.fields | {
        "name": "Léa", "email": unique_address(), "seats": "1"} | fields,
        page.actions[0])
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert tables.value("SELECT COUNT(*) FROM waiting") == before


def test_another_language_joins_nothing_and_keeps_what_was_typed(
        visitor, tables, full):
    page = visitor.page(full[0] + "/wait")
    before = tables.value("SELECT COUNT(*) FROM waiting")
    answer = visitor.post(page.fields | {
        "name": "Léa", "email": unique_address(), "show": "en"},
        page.actions[0])
    assert answer.status_code == 200
    assert '<html lang="en"' in answer.text
    assert 'role="alert"' not in answer.text
    assert Page(answer.text).fields["name"] == "Léa"
    assert tables.value("SELECT COUNT(*) FROM waiting") == before


@pytest.mark.parametrize("path", ["/w/x", "/w/RK7F3M2Q." + "A" * 22,
                                  "/w/x/take"])
def test_a_place_that_is_none(visitor, path):
    answer = visitor.post({}, path) if path.endswith("take") \
        else visitor.get(path)
    assert answer.status_code == 404


def test_a_bookings_link_is_no_place_in_line(visitor, full):
    assert visitor.get(full[1].replace("/b/", "/w/")).status_code == 404


def test_erasing_a_booking_erases_its_place_in_line(visitor, tables, mailbox,
                                                    full):
    slot_page, place = full
    line, address = wait_for(visitor, slot_page)
    visitor.post({}, place + "/cancel")
    mails_of(mailbox, address, 1)
    booked = visitor.post({}, line + "/take").headers["Location"]
    assert visitor.post({}, booked + "/erase").status_code == 303
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s",
                        address) == 0
