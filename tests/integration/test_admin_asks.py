# SPDX-License-Identifier: MIT
"""What cannot be undone is asked first: a GET shows, only a POST acts."""

import html
import re

import pytest
from stack.keys import bookctl_says
from stack.organiser import Organiser
from stack.visitor import Page, unique_address

NAME = "Téléphone d’Anna & Cie +1"


@pytest.fixture
def anna(stack):
    return Organiser(stack)


def ref_of(place):
    return place.rpartition("/")[2].partition(".")[0]


def state_of(tables):
    """All that these pages could change."""
    return (tables.value("SELECT COUNT(*) FROM slot"),
            tables.value("SELECT COUNT(*) FROM audit"),
            tables.value("SELECT COUNT(*) FROM notification"),
            tables.rows("SELECT name, version FROM feed ORDER BY name"),
            tables.value("SELECT SUM(revision) FROM booking"),
            tables.value("SELECT COUNT(*) FROM booking WHERE erased_at IS"
                         " NOT NULL OR cancelled_at IS NOT NULL"))


def press(anna, page):
    """Posts the only form of a page that asks."""
    answer = anna.get(page)
    assert answer.status_code == 200
    form = Page(answer.text)
    [action] = [one for one in form.actions if "/admin/" in one]
    return anna.post(form.fields, action)


def seen_at(answer):
    """Where an answer leads, without the language that the form named."""
    assert answer.status_code == 303
    return answer.headers["Location"].partition("&lang=")[0]


def booking(visitor, tables):
    return ref_of(visitor.book(tables.add_slot(2), name="Zoé Visible",
                               email=unique_address("ask")))


def says_meanwhile(anna, path):
    """Leads back to where one sees how it is now."""
    answer = anna.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("done=meanwhile")
    return "current state" in anna.get(answer.headers["Location"]).text


def links(answer):
    return [html.unescape(one) for one in Page(answer.text).links]


# ---- bookings ---------------------------------------------------------------

def test_cancelling_and_erasing_are_links_to_a_question(anna, visitor, tables):
    ref = booking(visitor, tables)
    story = anna.get(f"/admin/b/{ref}")
    assert not re.search(r'action="[^"]*/(cancel|erase)"', story.text)
    for what in ("cancel", "erase"):
        assert f"/admin/b/{ref}/{what}" in links(story)
        before = state_of(tables)
        page = anna.get(f"/admin/b/{ref}/{what}")
        assert f"{ref[:4]}-{ref[4:]}" in page.text
        assert "Zoé Visible" in page.text
        assert f"/admin/b/{ref}" in links(page)
        assert state_of(tables) == before


def test_a_reason_is_asked_with_the_cancelling(anna, visitor, tables):
    ref = booking(visitor, tables)
    assert Page(anna.get(f"/admin/b/{ref}/cancel").text).kinds["reason"]
    answer = anna.do(ref, "cancel", reason="a\u202eb")
    assert answer.status_code == 422
    assert 'href="#reason"' in answer.text and "Error:" in answer.text
    again = Page(answer.text)
    assert again.fields["reason"] == "a\u202eb"
    assert again.actions[-1].endswith(f"/admin/b/{ref}/cancel")
    done = anna.post(again.fields | {"reason": "Malade"}, again.actions[-1])
    assert seen_at(done) == f"/admin/b/{ref}?done=cancel"
    assert "Malade" in anna.get(done.headers["Location"]).text


@pytest.mark.parametrize("ahead", [True, False])
def test_an_organiser_erases_what_a_visitor_asks_to(anna, visitor, tables,
                                                    ahead):
    ref = booking(visitor, tables)
    if not ahead:
        anna.do(ref, "cancel")
    asked = anna.get(f"/admin/b/{ref}/erase")
    assert ("booking is cancelled" in asked.text) == ahead
    done = press(anna, f"/admin/b/{ref}/erase")
    assert seen_at(done) == f"/admin/b/{ref}?done=erase"
    story = anna.get(done.headers["Location"])
    assert 'role="status"' in story.text and "Zoé" not in story.text
    assert tables.rows("SELECT name, email, cancelled_at IS NOT NULL FROM"
                       " booking WHERE ref = %s", ref) == (("", "", 1),)
    assert not [one for one in links(story) if re.search("cancel|erase", one)]


def test_what_is_over_is_not_asked(anna, visitor, tables):
    ref = booking(visitor, tables)
    anna.do(ref, "cancel")
    assert says_meanwhile(anna, f"/admin/b/{ref}/cancel")
    anna.do(ref, "erase")
    assert says_meanwhile(anna, f"/admin/b/{ref}/erase")
    assert anna.get("/admin/b/RK7F3M2Q/erase").status_code == 404


def test_a_question_answered_twice_acts_once(anna, visitor, tables):
    ref = booking(visitor, tables)
    seen = Page(anna.get(f"/admin/b/{ref}/erase").text).fields
    anna.do(ref, "email", email=unique_address("other"))
    answer = anna.post(seen, f"/admin/b/{ref}/erase")
    assert seen_at(answer).endswith("done=meanwhile")
    assert tables.value("SELECT name FROM booking WHERE ref = %s",
                        ref) == "Zoé Visible"


# ---- slots and calendars ----------------------------------------------------

def test_a_slot_is_removed_by_post_alone(anna, visitor, tables):
    page = tables.add_slot(2)
    slot = page.rpartition("/")[2]
    before = state_of(tables)
    assert f"/admin/slots/{slot}/remove" in links(
        anna.get(f"/admin/slots/{slot}"))
    assert anna.get(f"/admin/slots/{slot}/remove").status_code == 200
    assert state_of(tables) == before
    assert "done=slot_removed" in press(
        anna, f"/admin/slots/{slot}/remove").headers["Location"]
    assert anna.get(f"/admin/slots/{slot}/remove").status_code == 404
    taken = tables.add_slot(2)
    visitor.book(taken)
    assert says_meanwhile(
        anna, f"/admin/slots/{taken.rpartition('/')[2]}/remove")


@pytest.mark.parametrize("what", ["rotate", "revoke"])
def test_a_calendars_address_ends_by_post_alone(anna, stack, tables, what):
    assert bookctl_says(stack, "feed", "add", NAME)[0] == 0
    listed = anna.get("/admin/feeds")
    assert re.search(f'method="get" action="[^"]*/admin/feeds/{what}"',
                     listed.text)
    before = state_of(tables)
    page = anna.session.get(stack.http_url + f"/admin/feeds/{what}",
                            params={"name": NAME}, timeout=20)
    assert html.escape(NAME) in page.text
    # The other language asks about the same calendar.
    french = next(one for one in links(page) if "lang=fr" in one
                  and "name=" in one)
    assert "agenda" in anna.get(french).text
    assert html.escape(NAME) in anna.get(french).text
    assert state_of(tables) == before
    done = press(anna, french)
    if what == "rotate":
        assert done.status_code == 200 and "rsv_" in done.text
        assert bookctl_says(stack, "feed", "revoke", NAME)[0] == 0
    else:
        assert "done=feed_revoked" in done.headers["Location"]
    assert not tables.rows("SELECT name FROM feed WHERE name = %s", NAME)
    assert says_meanwhile(anna, f"/admin/feeds/{what}?name=nobody")
