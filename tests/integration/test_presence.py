# SPDX-License-Identifier: MIT
"""Nobody else is told who has booked: whoever has a form's key asks for an
address that is not theirs."""

import difflib
import re

import pytest
import requests
from stack.keys import add_form_key
from stack.visitor import Page, unique_address, wait_until
from test_foreign import THANKS, bookings, form, form_key, post
from test_hold import checked_, hold, link_of, told
from test_change import mails_of

__all__ = ["checked_", "form", "form_key", "post"]


def answers_to(post, form, other):
    """What the person in the form and somebody else are answered, as a page
    and as JSON: equal but for what they typed."""
    def told(fields, **way):
        answer = post(None if "json" in way else fields, **way)
        body = re.sub(r'(at=|value="|Ref: )[\w.:-]*', r"\1", answer.text)
        for name in ("email", "name"):
            body = body.replace(fields[name], "")
        headers = {name: value for name, value in answer.headers.items()
                   if name not in ("Date", "Content-Length", "X-Request-Id",
                                   "ETag")}
        return answer.status_code, headers, body

    return [[told(fields), told(fields | {"_next": THANKS}),
             told(fields, json=fields),
             told(fields, headers={"Sec-Fetch-Dest": "iframe"})]
            for fields in (form, other)]


@pytest.mark.parametrize("why, status", [
    ("too many", 409), ("full", 409), ("past", 409), ("closed", 409)])
def test_nobody_is_told_who_has_booked_what_cannot_be_booked(
        post, form, tables, why, status):
    assert post(form).status_code == 303
    slot = form["slot"]
    seats = "5" if why == "too many" else "1"
    if why == "full":
        tables.rows("UPDATE slot_inventory SET booked = 5"
                    " WHERE slot_id = %s", slot)
    elif why == "past":
        tables.rows("UPDATE slot SET starts_at = '2021-02-01' + INTERVAL %s"
                    " SECOND WHERE id = %s", int(slot) % 10 ** 7, slot)
    elif why == "closed":
        tables.rows("UPDATE slot_inventory SET closed = 1"
                    " WHERE slot_id = %s", slot)
    form |= {"seats": seats}
    known, unknown = answers_to(post, form, form | {
        "email": unique_address("site")})
    for one, other in zip(known, unknown):
        assert not list(difflib.unified_diff(one[2].split("\n"),
                                             other[2].split("\n"), n=0))
        assert one == other and one[0] == status
    assert bookings(tables, form) == 1


def test_who_clicks_twice_for_the_last_place_is_told_to_look_for_a_mail(
        post, form, tables, mailbox):
    tables.rows("UPDATE slot_inventory SET booked = 4 WHERE slot_id = %s",
                form["slot"])
    assert post(form).status_code == 303
    again = post(form)
    assert again.status_code == 409
    assert "just booked it yourself" in Page(again.text).text
    assert "just booked it yourself" in post(None, json=form).json()["detail"]
    mailbox.wait_for(form["email"])


def test_a_form_elsewhere_does_not_tell_who_has_booked(
        stack, visitor, tables, mailbox, checked):
    """Nothing counts before the address is confirmed: so there is one answer,
    and the owner of the address has a mail."""
    page = checked.slot(9)
    key = add_form_key(stack, ["https://site.example"])
    answer, fields = hold(visitor, page)
    assert answer.status_code == 202
    address = fields["email"]
    link = link_of(mailbox, address)
    told(tables, address)
    assert visitor.post(visitor.page(link).fields, link + "/take"
                        ).status_code == 303
    mails_of(mailbox, address, 2)
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM notification n JOIN booking b"
        " ON b.id = n.booking_id WHERE b.email = %s AND n.state = 1",
        address) == 1, 30, "the receipt")
    answers = []
    for email in (address, unique_address("site")):
        form = {name: value for name, value in fields.items()
                if name not in ("key", "lang")} | {"email": email.upper()}
        for way in ({"data": form}, {"json": form}):
            one = requests.post(
                f"{stack.http_url}/f/{key}", timeout=30,
                allow_redirects=False, headers={
                    "Origin": "https://site.example", "Accept": "text/html"
                    if "data" in way else "application/json"}, **way)
            text = re.sub(r"at=[\w.:-]*", "", one.text)
            local = email.partition("@")[0]
            answers.append((one.status_code, one.headers.get(
                "Idempotency-Replayed"), re.sub(
                    local, "", text, flags=re.IGNORECASE)))
    assert answers[0] == answers[2]
    assert {one[0] for one in answers} == {202}
    mails_of(mailbox, address, 3)
