# SPDX-License-Identifier: MIT
"""Services and their times on organisers' pages."""

import html
import re
import secrets

import pytest
from stack.offering import (AUTUMN, SPRING, YEAR, ZONE, audit_of,
                            service_fields, slots_of)
from stack.organiser import Organiser
from stack.visitor import (Page, Visitor, at_once, unique_address,
                           wait_until)


@pytest.fixture
def anna(stack):
    return Organiser(stack)


@pytest.fixture
def slug(anna):
    """A service that was added on the pages."""
    fields = service_fields()
    answer = anna.post(fields, "/admin/services/new")
    assert answer.status_code == 303, Page(answer.text).text
    return fields["slug"]


def add_slot(anna, slug, **changes):
    return anna.post({"starts_at": f"{YEAR}-01-15T09:00", "minutes": "30",
                      "capacity": "2"} | changes,
                     f"/admin/services/{slug}/slots/new")


# ---- services ---------------------------------------------------------------

def test_a_service_is_added_shown_and_changed(anna, stack, tables):
    fields = service_fields()
    slug = fields["slug"]
    answer = anna.post(fields, "/admin/services/new")
    assert answer.status_code == 303
    assert answer.headers["Location"] == \
        f"/admin/services/{slug}?done=service_added"
    page = anna.page(answer.headers["Location"])
    assert "The service was added" in page.text
    assert f"/admin/services/{slug}/slots" in page.links
    for name in ("name", "place", "organiser_email", "time_zone"):
        assert page.fields[name] == fields[name]
    assert page.fields["notice_minutes"] == "2"
    assert "slug" not in page.fields
    assert tables.rows(
        "SELECT name, description, notice_minutes, reminder_minutes,"
        " offer_minutes, organiser_mails FROM service WHERE slug = %s",
        slug) == (("Poterie", "Deux heures\nau tour", 120, 1440, 30, 0),)
    # Visitors see it at once, and organisers in their list.
    assert f"/s/{slug}" in Visitor(stack.http_url).page("/").links
    listed = anna.page("/admin/services")
    assert f"/admin/services/{slug}" in listed.links
    assert "0 upcoming slots" in listed.text

    # What is not sent stays; and what was sent is there.
    answer = anna.post({"name": "Poterie d’été", "notice_minutes": "45"},
                       f"/admin/services/{slug}")
    assert answer.status_code == 303
    assert tables.rows(
        "SELECT name, place, notice_minutes FROM service WHERE slug = %s",
        slug) == (("Poterie d’été", "Cour, porte 3", 45),)
    assert audit_of(tables, slug) == ["service_added", "service_changed"]
    assert "service changed" in anna.page("/admin/log").text


@pytest.mark.parametrize("language, sentence", [
    ("en", "There is no such time zone"), ("fr", "Ce fuseau horaire")])
def test_mistakes_are_said_beside_the_field_and_nothing_is_lost(
        stack, tables, language, sentence):
    anna = Organiser(stack, language)
    before = tables.value("SELECT COUNT(*) FROM service")
    fields = service_fields(
        name="", slug="Été", time_zone="Mars/Olympus",
        description='<b>"&amp;</b>', notice_minutes="soon",
        organiser_email="anna@nowhere", organiser_mails="yes")
    answer = anna.post(fields, "/admin/services/new")
    assert answer.status_code == 422
    page = Page(answer.text)
    assert sentence in page.text
    for name in ("name", "slug", "time_zone", "notice_minutes",
                 "organiser_email"):
        assert f'href="#{name}"' in answer.text
        assert re.search(rf'id="{name}"[^>]*aria-invalid="true"'
                         rf'[^>]*aria-describedby="{name}-error', answer.text)
        assert page.fields[name] == fields[name]
    assert html.escape(fields["description"], quote=False).replace(
        '"', "&quot;") in answer.text
    assert re.search('value="yes" selected', answer.text)
    assert tables.value("SELECT COUNT(*) FROM service") == before
    # The same in a change: what is kept is as it was.
    answer = anna.post({"time_zone": "UTC+1", "name": "Autre"},
                       "/admin/services/visite")
    assert answer.status_code == 422
    assert Page(answer.text).fields["name"] == "Autre"
    assert tables.value("SELECT zone FROM service WHERE slug = 'visite'") \
        == ZONE


def test_a_name_is_enough_for_a_new_service(anna, tables):
    page = anna.page("/admin/services/new")
    zone = page.fields["time_zone"]
    assert zone != ""
    answer = anna.get("/admin/services/new").text
    assert 'list="zones"' in answer
    assert "<option>Europe/Paris</option>" in answer
    assert "<details>" in answer
    word = secrets.token_hex(4)
    fields = {name: text for name, text in page.fields.items()
              if page.kinds[name] != "select"} | {"name": f"Été {word}"}
    answer = anna.post(fields, "/admin/services/new")
    assert answer.status_code == 303, Page(answer.text).text
    assert answer.headers["Location"].startswith(
        f"/admin/services/ete-{word}?")
    assert tables.value("SELECT zone FROM service WHERE slug = %s",
                        f"ete-{word}") == zone
    # What is wrong is not folded away.
    again = anna.post(fields, "/admin/services/new")
    assert again.status_code == 422
    assert "<details open>" in again.text
    assert "#slug" in Page(again.text).links


def test_the_site_s_zone_is_offered(stack, anna):
    stack.overrides["booking"]["default_zone"] = "America/Martinique"
    stack.restart("booking")
    try:
        page = anna.page("/admin/services/new")
        assert page.fields["time_zone"] == "America/Martinique"
    finally:
        del stack.overrides["booking"]["default_zone"]
        stack.restart("booking")


def test_a_short_name_is_there_once(anna, slug):
    answer = anna.post(service_fields(slug=slug), "/admin/services/new")
    assert answer.status_code == 422
    assert "already has this short name" in Page(answer.text).text
    assert anna.post(service_fields(slug="new"),
                     "/admin/services/new").status_code == 422
    fields = service_fields()
    answers = at_once(4, lambda _: Organiser.post(
        anna, fields, "/admin/services/new").status_code)
    assert sorted(answers) == [303, 422, 422, 422]


def test_who_is_not_signed_in_or_comes_from_elsewhere_changes_nothing(
        stack, tables, slug):
    before = slots_of(tables, slug)
    forged = Organiser(stack)
    forged.session.headers["Origin"] = "https://evil.example"
    forged.session.headers["Sec-Fetch-Site"] = "cross-site"
    for who, status in ((Visitor(stack.http_url), 401), (forged, 403)):
        for path in ("/admin/services/new", f"/admin/services/{slug}",
                     f"/admin/services/{slug}/slots/new",
                     f"/admin/services/{slug}/slots/plan",
                     "/admin/slots/1/capacity", "/admin/slots/1/remove",
                     "/admin/slots/1/close", "/admin/slots/1/open"):
            assert who.post({"name": "X", "capacity": "9"},
                            path).status_code == status, path
    assert slots_of(tables, slug) == before
    assert tables.value("SELECT name FROM service WHERE slug = %s",
                        slug) == "Poterie"
    anna = Organiser(stack)
    for path in ("/admin/services/nowhere", "/admin/services/nowhere/slots",
                 "/admin/slots/999999999", "/admin/slots/x",
                 "/admin/services/nowhere/slots/plan"):
        assert anna.get(path).status_code == 404, path


# ---- single times -----------------------------------------------------------

def test_a_time_is_added_once_and_by_the_clocks_of_the_place(anna, tables,
                                                            slug):
    assert add_slot(anna, slug).status_code == 303
    again = add_slot(anna, slug)
    assert again.status_code == 422
    assert "a slot that begins then" in Page(again.text).text
    assert Page(again.text).fields["starts_at"] == f"{YEAR}-01-15T09:00"
    # Skipped by the clocks; shown twice: the first one.
    skipped = add_slot(anna, slug, starts_at=f"{SPRING}T02:30")
    assert skipped.status_code == 422
    assert "the clocks skip this time" in Page(skipped.text).text
    assert add_slot(anna, slug,
                    starts_at=f"{AUTUMN}T02:30").status_code == 303
    past = add_slot(anna, slug, starts_at="2025-01-15T09:00")
    assert "has passed" in Page(past.text).text
    assert [(row[1].isoformat(), row[2]) for row in slots_of(tables, slug)] \
        == [(f"{YEAR}-01-15T08:00:00", 2), (f"{AUTUMN}T00:30:00", 2)]
    page = anna.page(f"/admin/services/{slug}/slots")
    assert "0 of 2 taken" in page.text
    assert audit_of(tables, slug)[1:] == ["slots_added"] * 2


def test_places_are_never_fewer_than_taken(anna, stack, tables, slug):
    add_slot(anna, slug, capacity="3")
    slot = slots_of(tables, slug)[0][0]
    visitor = Visitor(stack.http_url)
    visitor.book(f"/s/{slug}/{slot}", seats="2")

    def capacity(value):
        return anna.post({"capacity": value}, f"/admin/slots/{slot}/capacity")

    refused = capacity("1")
    assert refused.status_code == 422
    assert "2 places are taken" in Page(refused.text).text
    assert Page(refused.text).fields["capacity"] == "1"
    for value in ("0", "-1", "x", "", "1000001"):
        assert capacity(value).status_code == 422, value
    assert slots_of(tables, slug)[0][2:] == (3, 2)
    assert capacity("2").status_code == 303
    assert capacity("2").status_code == 303
    assert visitor.get(f"/s/{slug}/{slot}").status_code == 409
    assert capacity("40").status_code == 303
    assert slots_of(tables, slug)[0][2:] == (40, 2)
    assert "2 of 40 taken" in anna.page(f"/admin/slots/{slot}").text
    assert audit_of(tables, slug).count("slot_capacity") == 2


def test_fewer_places_and_many_visitors_at_once_never_overbook(
        anna, stack, tables, slug):
    add_slot(anna, slug, capacity="30")
    slot = slots_of(tables, slug)[0][0]
    form = Visitor(stack.http_url).form(f"/s/{slug}/{slot}")

    def one(number):
        if number % 3 == 0:
            return anna.post({"capacity": str(30 - number)},
                             f"/admin/slots/{slot}/capacity").status_code
        return Visitor(stack.http_url).post(form | {
            "key": secrets.token_hex(16),
            "email": unique_address("many")}).status_code

    statuses = at_once(24, one, workers=8)
    assert set(statuses) <= {303, 409, 422}
    _, _, capacity, booked = slots_of(tables, slug)[0]
    assert booked <= capacity
    assert booked == tables.value(
        "SELECT SUM(seats) FROM booking WHERE slot_id = %s", slot)


def test_only_a_time_that_nobody_booked_is_removed(anna, stack, tables, slug):
    for start in ("09:00", "10:00"):
        add_slot(anna, slug, starts_at=f"{YEAR}-01-15T{start}")
    free, taken = (row[0] for row in slots_of(tables, slug))
    visitor = Visitor(stack.http_url)
    place = visitor.book(f"/s/{slug}/{taken}")
    assert "closed but not removed" in anna.page(f"/admin/slots/{taken}").text
    refused = anna.post({}, f"/admin/slots/{taken}/remove")
    assert refused.status_code == 422
    # Nor when it was cancelled: the booking's page still tells of it.
    visitor.post({}, place + "/cancel")
    assert anna.post({}, f"/admin/slots/{taken}/remove").status_code == 422
    # A form that was open before: the time is gone, and nothing is booked.
    form = visitor.form(f"/s/{slug}/{free}")
    answer = anna.post({}, f"/admin/slots/{free}/remove")
    assert answer.status_code == 303
    assert "The slot was removed" in anna.page(answer.headers["Location"]).text
    assert visitor.get(f"/s/{slug}/{free}").status_code == 404
    assert visitor.post(form).status_code in (404, 409, 422)
    assert [row[0] for row in slots_of(tables, slug)] == [taken]
    assert audit_of(tables, slug)[-1] == "slot_removed"


def test_a_closed_time_takes_nobody_until_it_is_opened(anna, stack, tables,
                                                       slug):
    for start in ("09:00", "10:00"):
        add_slot(anna, slug, starts_at=f"{YEAR}-01-15T{start}")
    one, other = (row[0] for row in slots_of(tables, slug))
    page = f"/s/{slug}/{one}"
    visitor = Visitor(stack.http_url, "en")
    place = visitor.book(page)
    elsewhere = visitor.book(f"/s/{slug}/{other}")
    late = visitor.form(page)
    move = visitor.page(f"{elsewhere}/move?slot={one}")
    for _ in range(2):
        answer = anna.post({}, f"/admin/slots/{one}/close")
        assert answer.status_code == 303
    assert "Closed" in anna.page(f"/admin/slots/{one}").text
    assert "Closed" in anna.page(f"/admin/services/{slug}/slots").text
    # Not shown, not booked, also by a form that was open; no move; no line.
    gone = visitor.get(page)
    assert gone.status_code == 404
    assert "no longer offered" in Page(gone.text).text
    assert page not in visitor.page(f"/s/{slug}").links
    refused = visitor.post(late | {"name": "Zoé Martin"})
    assert refused.status_code == 404
    assert "no longer offered" in Page(refused.text).text
    assert Page(refused.text).fields["name"] == "Zoé Martin"
    assert f"/s/{slug}/{one}/wait" not in refused.text
    # Its places are nobody's any more, whatever else is wrong with the form.
    for more in ({}, {"email": "half@"}):
        assert 'id="seats-hint"' not in visitor.post(late | more).text
    assert visitor.post(move.fields, move.actions[0]).status_code == 409
    assert visitor.get(page + "/wait").status_code == 404
    free = [row["free"] for row in visitor.get(
        f"/api/v1/services/{slug}/slots").json()["slots"]
        if row["id"] == one]
    assert free in ([], [0])
    # What was booked stays; a place that becomes free is nobody's.
    assert visitor.get(place).status_code == 200
    visitor.post({}, place + "/cancel")
    assert visitor.get(page).status_code == 404
    assert slots_of(tables, slug)[0][2:] == (2, 0)
    assert anna.post({}, f"/admin/slots/{one}/open").status_code == 303
    assert visitor.get(page).status_code == 200
    visitor.book(page)
    assert audit_of(tables, slug)[-2:] == ["slot_closed", "slot_opened"]


@pytest.mark.parametrize("verb", ["close", "remove"])
def test_who_types_for_the_waiting_list_of_a_time_that_goes_keeps_the_text(
        anna, stack, tables, slug, verb):
    for start in ("09:00", "10:00"):
        add_slot(anna, slug, starts_at=f"{YEAR}-01-15T{start}", capacity="1")
    one, other = (row[0] for row in slots_of(tables, slug))
    visitor = Visitor(stack.http_url, "en")
    tables.rows("UPDATE slot_inventory SET booked = 1 WHERE slot_id = %s", one)
    page = visitor.page(f"/s/{slug}/{one}/wait")
    tables.rows("UPDATE slot_inventory SET booked = 0 WHERE slot_id = %s", one)
    assert anna.post({}, f"/admin/slots/{one}/{verb}").status_code == 303
    address = unique_address("typed")
    answer = visitor.post(page.fields | {
        "name": "Léa Attend", "email": address, "seats": "1"},
        page.actions[0])
    assert answer.status_code == 404
    again = Page(answer.text)
    assert (again.fields["name"], again.fields["email"]) == (
        "Léa Attend", address)
    # The form that comes back books the other time.
    assert again.actions == ["/bookings"]
    assert f'value="{other}"' in answer.text
    assert visitor.post(again.fields | {"slot": other},
                        "/bookings").status_code == 303


def test_who_waits_for_a_closed_time_waits_until_it_is_opened(anna, stack,
                                                              tables, slug):
    add_slot(anna, slug, capacity="1")
    slot = slots_of(tables, slug)[0][0]
    visitor = Visitor(stack.http_url)
    place = visitor.book(f"/s/{slug}/{slot}")
    page = visitor.page(f"/s/{slug}/{slot}/wait")
    address = unique_address("attend")
    assert visitor.post(page.fields | {
        "name": "Léa", "email": address, "seats": "1"},
        page.actions[0]).status_code == 303

    def state():
        return tables.value("SELECT state FROM waiting WHERE email = %s",
                            address)

    anna.post({}, f"/admin/slots/{slot}/close")
    visitor.post({}, place + "/cancel")
    assert (state(), slots_of(tables, slug)[0][3]) == (0, 0)
    anna.post({}, f"/admin/slots/{slot}/open")
    wait_until(lambda: state() == 1, 30, "the offer")
    assert slots_of(tables, slug)[0][3] == 1
