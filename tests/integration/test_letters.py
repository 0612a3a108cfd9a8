# SPDX-License-Identifier: MIT
"""Every kind of mail in both languages, read by parsers that are not ours."""

import mail_oracle
import pytest
from stack.visitor import Visitor, unique_address
from test_change import mails_of, ref_of, slot_of
from test_waiting import wait_for


@pytest.fixture(params=["fr", "en"])
def visitor(stack, request):
    one = Visitor(stack.http_url, request.param)
    one.language = request.param
    return one


def expected_of(tables, visitor, address, ref, **more):
    service, place = tables.rows("SELECT name, place FROM service"
                                 " ORDER BY id LIMIT 1")[0]
    return {"language": visitor.language, "to_email": address,
            "ref": f"{ref[:4]}-{ref[4:]}", "service": service,
            "place": place, "message_domain": "reservoir.example"} | more


def last_of(mailbox, address, count):
    mails_of(mailbox, address, count)
    return mailbox.raw(mailbox.mails_to(address)[count - 1])


def threaded(ref):
    return {"references": f"<{ref}.confirm.0@reservoir.example>",
            "uid": f"{ref}@reservoir.example", "name": "Zoé Martin"}


def test_moved_then_cancelled(visitor, tables, mailbox):
    address = unique_address("letters")
    place = visitor.book(tables.add_slot(1), email=address)
    ref = ref_of(place)
    mails_of(mailbox, address, 1)
    visitor.post({"slot": slot_of(tables.add_slot(1))}, place + "/move")
    message, _ = mail_oracle.check_letter(
        last_of(mailbox, address, 2), status="Confirmed", **expected_of(
            tables, visitor, address, ref, sequence=1, **threaded(ref)))
    assert place in message.get_body(("plain",)).get_content()
    visitor.post({}, place + "/cancel")
    message, _ = mail_oracle.check_letter(
        last_of(mailbox, address, 3), status="Cancelled", **expected_of(
            tables, visitor, address, ref, sequence=2, **threaded(ref)))
    words = {"fr": "a été annulée", "en": "has been cancelled"}
    assert words[visitor.language] in message.get_body(
        ("plain",)).get_content()


def test_a_reminder(visitor, tables, mailbox):
    address = unique_address("letters")
    place = visitor.book(tables.add_slot(1), email=address)
    ref = ref_of(place)
    mails_of(mailbox, address, 1)
    tables.rows("UPDATE notification n JOIN booking b ON b.id = n.booking_id"
                " SET n.begins_at = NOW(3), n.due_at = NOW(3)"
                " WHERE b.ref = %s AND n.kind = 'booking.reminder'", ref)
    mail_oracle.check_letter(last_of(mailbox, address, 2), **expected_of(
        tables, visitor, address, ref, **threaded(ref)))


def test_a_place_that_is_free(visitor, tables, mailbox):
    slot_page = tables.add_slot(1)
    place = visitor.book(slot_page)
    line, address = wait_for(visitor, slot_page)
    visitor.post({}, place + "/cancel")
    message, _ = mail_oracle.check_letter(
        last_of(mailbox, address, 1), **expected_of(
            tables, visitor, address, ref_of(line), name="Léa Attend"))
    assert line in message.get_body(("plain",)).get_content()


def test_the_organisers(visitor, tables, mailbox):
    """In the service's language, whatever the visitor's."""
    organiser = tables.value("SELECT organiser_email FROM service"
                             " ORDER BY id LIMIT 1")
    before = len(mailbox.mails_to(organiser))
    tables.rows("UPDATE service SET organiser_mails = 1"
                " ORDER BY id LIMIT 1")
    address = unique_address("letters")
    try:
        place = visitor.book(tables.add_slot(1), email=address, notes="<b>&")
        raw = last_of(mailbox, organiser, before + 1)
    finally:
        tables.rows("UPDATE service SET organiser_mails = 0"
                    " ORDER BY id LIMIT 1")
    message, _ = mail_oracle.check_letter(raw, **expected_of(
        tables, visitor, organiser, ref_of(place), language="fr",
        reply_to=address, name="Zoé Martin"))
    assert "<b>&" in message.get_body(("plain",)).get_content()
    assert "&lt;b&gt;&amp;" in message.get_body(("html",)).get_content()
