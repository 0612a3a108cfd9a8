# SPDX-License-Identifier: MIT
"""A page says only what was done: whoever writes its address cannot make it."""

import json
import pathlib
import re
import secrets
import time

import pytest
from stack.keys import add_form_key
from stack.offering import service_fields
from stack.organiser import Organiser
from stack.stamps import done_page, foreign_done
from stack.visitor import Page, Visitor

TREE = pathlib.Path(__file__).parents[2]
TEXTS = json.loads((TREE / "locale/en.json").read_text(encoding="utf-8"))
DONE = TEXTS["web"]["admin"]["done"]
# That nothing was done is true.
NOTHING = {"meanwhile", "question_many", "waiting_on_its_way"}


@pytest.fixture(name="anna")
def anna_(stack):
    return Organiser(stack)


@pytest.fixture
def places(anna, visitor, tables):
    """Each page of organisers that says what was done, by its path."""
    slot_page = tables.add_slot(2)
    ref = visitor.book(slot_page).rpartition("/")[2][:8]
    fields = service_fields(language="en")
    tables.rows("DELETE FROM audit WHERE actor = 'anna'")
    slug = fields["slug"]
    tables.rows("INSERT INTO service (slug, name, description, place, zone,"
                " organiser_name, organiser_email, language) VALUES"
                " (%s, 'S', '', '', 'Europe/Paris', '', '', 'en')", slug)
    return {"booking": f"/admin/b/{ref}", "service": f"/admin/services/{slug}",
            "slots": f"/admin/services/{slug}/slots", "feeds": "/admin/feeds",
            "slot": f"/admin/slots/{slot_page.rpartition('/')[2]}"}


def said(page):
    found = re.search(r'role="status">([^<]*)<', page)
    return found[1].strip() if found else ""


def test_no_address_makes_organisers_pages_say_something(anna, places):
    for path in places.values():
        for word in DONE:
            text = said(anna.get(f"{path}?done={word}").text)
            assert text in {""} | {DONE[one] for one in NOTHING}, (path, word)
        for word in ("", ".", "x" * 200, "a.b", "%s", "slot_closed%00"):
            assert said(anna.get(f"{path}?done={word}").text) == ""


def test_what_was_done_is_said_where_it_was_done(anna, places, tables):
    ref = places["booking"].rpartition("/")[2]
    first = anna.do(ref, "resend").headers["Location"]
    assert said(anna.get(first).text) == DONE["resend"]
    closed = anna.post({}, places["slot"] + "/close").headers["Location"]
    assert said(anna.get(closed).text) == DONE["slot_closed"]
    # Of another thing the same was not done, nor another thing here, ...
    other = tables.add_slot(2).rpartition("/")[2]
    for path in (f"/admin/slots/{other}?done=slot_closed",
                 places["slot"] + "?done=slot_opened",
                 places["booking"] + "?done=cancel",
                 places["booking"] + "?done=slot_closed",
                 places["slot"] + "?done=resend"):
        assert said(anna.get(path).text) == "", path
    # ... nor is it said for ever.
    tables.rows("UPDATE booking_event e JOIN booking b ON b.id = e.booking_id"
                " SET e.at = e.at - INTERVAL 11 MINUTE WHERE b.ref = %s", ref)
    assert said(anna.get(first).text) == ""


@pytest.mark.parametrize("what", ["erased", "left", "sought", "waiting"])
def test_visitors_are_told_nothing_by_strangers_links(stack, what):
    visitor = Visitor(stack.http_url, "en")
    text = TEXTS["web"]["done"][what]["detail"]
    assert visitor.get(done_page(stack, what)).status_code == 200
    assert text in visitor.page(done_page(stack, what)).text
    other = done_page(stack, "left" if what != "left" else "sought")
    stamp = other.partition("?")[2]
    now = int(time.time())
    for path in (f"/done/{what}", f"/done/{what}?at=", f"/done/{what}?{stamp}",
                 f"/done/{what}?at={now}.AAAAAAAAAAAAAAAAAAAAAA",
                 done_page(stack, what, now - 700),
                 done_page(stack, what, now + 700)):
        answer = visitor.get(path)
        assert answer.status_code == 404, path
        assert text not in Page(answer.text).text


def test_another_language_keeps_what_was_said(stack):
    visitor = Visitor(stack.http_url, "en")
    page = visitor.page(done_page(stack, "erased"))
    link = next(one for one in page.links if "lang=fr" in one)
    assert visitor.get(link).status_code == 200


@pytest.mark.parametrize("what", ["booked", "again", "already",
                                  "unconfirmed", "waiting"])
def test_nor_by_links_to_a_form_on_another_site(stack, what):
    key = add_form_key(stack, ["https://site.example"])
    other = add_form_key(stack, ["https://other.example"],
                         name=secrets.token_hex(4))
    visitor = Visitor(stack.http_url, "en")
    whole = foreign_done(stack, key, what)
    stamp = foreign_done(stack, other, what).partition("&")[2]
    assert visitor.get(whole).status_code == 200
    for path in (f"/f/{key}/done?what={what}",
                 f"/f/{key}/done?what={what}&{stamp}",
                 foreign_done(stack, key, what, int(time.time()) - 700)):
        assert visitor.get(path).status_code == 404, path
