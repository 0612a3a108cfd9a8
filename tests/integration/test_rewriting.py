# SPDX-License-Identifier: MIT
"""Behind a proxy that rewrites pages, drops headers and sends forms twice."""

import json
import pathlib

import pytest
from stack.keys import add_form_key
from stack.organiser import Organiser
from stack.rewriting import Meddler
from stack.visitor import Page, Visitor, line_of, unique_address

TREE = pathlib.Path(__file__).parents[2]
LANGUAGES = ("en", "fr")


@pytest.fixture
def proxy(stack):
    with Meddler(stack.http_url) as one:
        yield one


def said(language, *names):
    """A text of the catalogue, as Page shows it."""
    text = json.loads((TREE / f"locale/{language}.json").read_text(
        encoding="utf-8"))["web"]
    for name in names:
        text = text[name]
    return " ".join(text.split())


def press(visitor, path, **typed):
    """Sends the form of that page; the page that it leads to, and where."""
    page = visitor.page(path)
    answer = visitor.post(page.fields | typed, page.actions[-1])
    assert answer.status_code == 303, Page(answer.text).text
    place = answer.headers["Location"]
    return visitor.page(place), place


@pytest.mark.parametrize("repeats", [False, True], ids=["once", "twice"])
def test_one_form_is_one_deed(proxy, tables, repeats):
    proxy.repeats = repeats
    first, other = tables.add_slot(2), tables.add_slot(2)
    visitor, address = Visitor(proxy.url, "en"), unique_address("proxy")
    page, place = press(visitor, first, name="Zoé + Łukasik", email=address,
                        notes="50 % + 1\n\n  à gauche")
    assert "Zoé + Łukasik" in page.text
    assert tables.rows("SELECT name, notes FROM booking WHERE email = %s",
                       address) == (
        ("Zoé + Łukasik", "50 % + 1\n\n  à gauche"),)
    slot = other.rpartition("/")[2]
    page, _ = press(visitor, f"{place}/move?slot={slot}")
    assert "Your booking has been moved" in page.text
    page, _ = press(visitor, place + "/cancel")
    assert "Booking cancelled" in page.text
    assert [kind for kind, in tables.rows(
        "SELECT n.kind FROM notification n JOIN booking b ON b.id ="
        " n.booking_id WHERE b.email = %s AND n.kind <> 'booking.reminder'"
        " ORDER BY n.id", address)] == [
        "booking.confirmed", "booking.moved", "booking.cancelled"]
    assert len(proxy.first) == (3 if repeats else 0)


@pytest.mark.parametrize("repeats", [False, True], ids=["once", "twice"])
def test_a_line_is_joined_once(proxy, tables, visitor, repeats):
    proxy.repeats = repeats
    full, address = tables.add_slot(1), unique_address("line")
    visitor.book(full)
    page, _ = press(Visitor(proxy.url, "en"), full + "/wait",
                    name="Léa", email=address)
    assert "You are on the waiting list" in page.text
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s",
                        address) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_that_ends_its_link_and_comes_twice(proxy, stack, tables,
                                                   visitor, language):
    """The second one finds nothing: that it was done may not look like a
    mistake."""
    full, address = tables.add_slot(1), unique_address("left")
    place = visitor.book(full)
    page = visitor.page(full + "/wait")
    visitor.post(page.fields | {"name": "Léa", "email": address},
                 page.actions[0])
    proxy.repeats = True
    words, behind = said(language, "sent_twice"), Visitor(proxy.url, language)
    for path, fields in ((line_of(stack, address) + "/leave", {}),
                         (place + "/email", {"email": unique_address()}),
                         (visitor.book(tables.add_slot(1)) + "/erase", {})):
        answer = behind.post(fields, f"{path}?lang={language}")
        assert (proxy.first[-1], answer.status_code) == (303, 404)
        assert words in Page(answer.text).text, path
        # Who only looks has done nothing.
        answer = behind.get(path.rpartition("/")[0])
        assert words not in Page(answer.text).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_organisers_are_told_why_their_form_was_refused(proxy, stack, tables,
                                                        visitor, language):
    ref = visitor.book(tables.add_slot(1)).rpartition("/")[2][:8]
    anna = Organiser(stack, language)
    anna.url = proxy.url
    answer = anna.do(ref, "resend")
    assert answer.status_code == 403
    words = said(language, "problem", "form-elsewhere", "detail")
    assert words in Page(answer.text).text
    assert "Origin" in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_whose_page_nobody_names_leads_to_ours(proxy, stack, tables,
                                                      language):
    key = add_form_key(stack, ["https://site.example"], [])
    slot = tables.add_slot(1)
    answer = Visitor(proxy.url, language).post(
        {"slot": slot.rpartition("/")[2], "name": "Zoé",
         "email": unique_address(), "_lang": language}, f"/f/{key}")
    assert answer.status_code == 403
    page = Page(answer.text)
    assert "proxy" in page.text
    onward = next(link for link in page.links if link.endswith(slot))
    assert onward == stack.http_url + slot
    assert press(Visitor(proxy.url, language), slot, name="Zoé",
                 email=unique_address())
