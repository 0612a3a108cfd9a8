# SPDX-License-Identifier: MIT
"""A service's name, description and place in the language of whoever reads."""

import datetime
import secrets

import icalendar
import pytest
import requests
from stack.keys import add_api_key
from stack.organiser import Organiser
from stack.visitor import Page, Visitor, unique_address
from test_calendars import (a_minute_later, changed_mails, invitation, mails_of,
                            none_to_be_told)


@pytest.fixture
def tour(bookctl):
    """A French service with some English texts: (slug, pages of two slots).

    At the end its name is nobody else's: the first page shows all services.
    """
    slug = f"tour-{secrets.token_hex(4)}"
    bookctl("service", "add", "--slug", slug, "--name", "Visite du jardin",
            "--zone", "Europe/Paris", "--language", "fr", "--place",
            "Porte nord", "--description", "Prévoyez de bonnes chaussures.",
            "--reminder", "0min")
    bookctl("service", "change", "--slug", slug, "--lang", "en", "--name",
            "Garden tour", "--place", "North gate")
    day = (datetime.date.today() + datetime.timedelta(9)).isoformat()
    slots = bookctl("slots", "add", "--service", slug, "--start",
                    f"{day}T10:00", "--capacity", "5", "--count", "2").split()
    yield slug, [f"/s/{slug}/{slot}" for slot in slots]
    bookctl("service", "change", "--slug", slug, "--name", slug)
    bookctl("service", "change", "--slug", slug, "--lang", "en", "--name", "")


def booked(stack, page, language):
    address = unique_address(language)
    answer = Visitor(stack.http_url, language).book(page, email=address)
    return address, answer.partition("?")[0]


def event_of(calendar):
    event, = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    return event


def test_pages_say_it_in_the_readers_language(stack, tour):
    slug, pages = tour
    french, english = (Visitor(stack.http_url, tag) for tag in ("fr", "en"))
    _, booking = booked(stack, pages[0], "en")
    for path in ("/", f"/s/{slug}", pages[0], booking, booking + "/cancel",
                 booking + "/move"):
        page = english.page(path + "?lang=en")
        assert "Garden tour" in page.text and "Visite du" not in page.text, path
        page = french.page(path + "?lang=fr")
        assert "Visite du jardin" in page.text and \
            "Garden tour" not in page.text
    assert Page(english.get(f"/s/{slug}").text).title.startswith("Garden tour")
    # What is not translated is marked as what it is.
    markup = english.get(f"/s/{slug}").text
    assert 'lang="fr">Prévoyez' in markup and ">Garden tour</h1>" in markup
    assert 'lang="fr">Garden' not in markup and "North gate" in markup
    event = event_of(english.get(booking + "/calendar.ics").content)
    assert (event["SUMMARY"], event["LOCATION"]) == ("Garden tour",
                                                     "North gate")


def test_mails_speak_the_language_of_the_booking(stack, mailbox, tour):
    _, pages = tour
    for language, name, place in (("en", "Garden tour", "North gate"),
                                  ("fr", "Visite du jardin", "Porte nord")):
        address, _ = booked(stack, pages[0], language)
        mail, = mails_of(mailbox, address, 1)
        assert name in mail["Subject"]
        text = mail.get_body(("plain",)).get_content()
        assert place in text and "bonnes chaussures" in text
        event = event_of(invitation(mail))
        assert (event["SUMMARY"], event["LOCATION"]) == (name, place)


def test_programs_ask_for_a_language(stack, tour):
    slug, pages = tour
    for language, name in (("en", "Garden tour"), ("fr", "Visite du jardin")):
        answer = requests.get(
            f"{stack.http_url}/api/v1/services", timeout=20,
            headers={"Accept-Language": language}).json()
        one, = [row for row in answer["services"] if row["slug"] == slug]
        assert one["name"] == name
        _, booking = booked(stack, pages[0], "fr")
        answer = requests.get(f"{stack.http_url}/api/v1/bookings/"
                              + booking.split("/")[2],
                              params={"lang": language}, timeout=20).json()
        assert answer["service"]["name"] == name


def test_only_those_who_read_it_are_told_of_a_change(stack, mailbox, tables,
                                                     tour, bookctl):
    slug, pages = tour
    english, _ = booked(stack, pages[0], "en")
    french, _ = booked(stack, pages[1], "fr")
    before, = mails_of(mailbox, english, 1)
    assert bookctl("service", "change", "--slug", slug, "--lang", "en",
                   "--place", "South gate", "--tell") == \
        "bookings ahead: 1; their people are told by e-mail\n"
    a_minute_later(tables, slug)
    none_to_be_told(tables, slug)
    assert changed_mails(tables, slug) == 1
    _, after = mails_of(mailbox, english, 2)
    old, new = (event_of(invitation(mail)) for mail in (before, after))
    assert new["SEQUENCE"] == old["SEQUENCE"] + 1
    assert new["LOCATION"] == "South gate"
    # Its own name: English readers have another one.
    bookctl("service", "change", "--slug", slug, "--name", "Le jardin",
            "--tell")
    a_minute_later(tables, slug)
    none_to_be_told(tables, slug)
    assert changed_mails(tables, slug) == 2
    _, told = mails_of(mailbox, french, 2)
    assert "Le jardin" in told["Subject"]
    # A description is in no calendar's title.
    assert bookctl("service", "change", "--slug", slug, "--lang", "en",
                   "--description", "Wear good shoes.", "--tell") == ""


def test_two_changes_at_once_are_told_to_all(stack, tables, tour, bookctl):
    slug, pages = tour
    for language in ("en", "fr"):
        booked(stack, pages[0], language)
    bookctl("service", "change", "--slug", slug, "--lang", "en", "--name",
            "Tour", "--tell")
    bookctl("service", "change", "--slug", slug, "--place", "Cour", "--tell")
    a_minute_later(tables, slug)
    none_to_be_told(tables, slug)
    assert changed_mails(tables, slug) == 2


def test_organisers_write_them_on_a_page(stack, tables, tour):
    slug, pages = tour
    booked(stack, pages[0], "en")
    organiser = Organiser(stack)
    path = f"/admin/services/{slug}"
    page = organiser.page(path)
    link, = [one for one in page.links if "?texts=" in one]
    assert "?texts=en" in link and page.fields["name"] == "Visite du jardin"
    form = organiser.page(link).fields
    assert (form["name"], form["place"], form["text_lang"]) == \
        ("Garden tour", "North gate", "en")
    assert "time_zone" not in form
    form = {name: form[name] for name in ("name", "description", "place",
                                          "text_lang", "lang")}
    # Too long: nothing is lost, and still it is the English one.
    answer = organiser.post(form | {"name": "x" * 201}, path)
    assert answer.status_code == 422
    assert Page(answer.text).fields["text_lang"] == "en"
    answer = organiser.post(form | {"place": "East gate"}, path)
    asked = Page(answer.text)
    assert "1 person has booked" in asked.text
    assert (asked.fields["text_lang"], asked.fields["place"]) == ("en",
                                                                  "East gate")
    assert organiser.post(form | {"place": "East gate", "asked": "1"},
                          path).status_code == 303
    assert tables.value("SELECT place FROM service WHERE slug = %s",
                        slug) == "Porte nord"
    assert "East gate" in Visitor(stack.http_url, "en").page(
        pages[0]).text
    # Emptied, it is shown in the service's own language again.
    assert organiser.post({"text_lang": "en", "name": "", "place": "",
                           "asked": "1"}, path).status_code == 303
    assert "not translated" in organiser.page(path).text
    assert "Porte nord" in Visitor(stack.http_url, "en").page(pages[1]).text


def test_programs_write_them(stack, tour):
    slug, _ = tour
    key = add_api_key(stack, slug)
    path = f"{stack.http_url}/api/v1/admin/services/{slug}"
    one = requests.get(path, headers=key, timeout=20).json()
    assert one["name"] == "Visite du jardin"
    assert one["texts"] == {"en": {"name": "Garden tour", "description": "",
                                   "place": "North gate"}}
    one = requests.patch(path, headers=key, timeout=20, json={
        "text_lang": "de", "name": "Gartenführung"}).json()
    assert one["texts"]["de"]["name"] == "Gartenführung"
    assert one["texts"]["en"]["name"] == "Garden tour"
    answer = requests.patch(path, headers=key, timeout=20,
                            json={"text_lang": "?", "name": "A"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/text_lang"
