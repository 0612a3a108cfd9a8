# SPDX-License-Identifier: MIT
"""What a service calls its bookings: on pages, in mails, in calendars."""

import json
import os

import pytest
from stack.layout import TOP
from stack.visitor import Visitor, unique_address
from test_change import mails_of

NOUNS = ("appointment", "visit", "place", "places")
# Noun, seats, and what the page of the booking, the mail and the calendar say.
SAID = {
    "fr": [
        ("", "1", "C’est réservé", "Votre réservation est confirmée.",
         "Réservation "),
        ("appointment", "1", "Votre rendez-vous est pris",
         "Votre rendez-vous est confirmé.", "Rendez-vous "),
        ("visit", "1", "Votre visite est réservée",
         "Votre visite est confirmée.", "Visite "),
        ("place", "1", "Votre place est réservée",
         "Votre place est réservée.", "n’annule pas votre place"),
        ("place", "2", "Vos places sont réservées",
         "Vos places sont réservées.", "n’annule pas vos places")],
    "en": [
        ("", "1", "You are booked", "Your booking is confirmed.", "Booking "),
        ("appointment", "1", "Your appointment is booked",
         "Your appointment is confirmed.", "Appointment "),
        ("visit", "1", "Your visit is booked", "Your visit is confirmed.",
         "Visit "),
        ("place", "1", "Your place is booked", "Your place is booked.",
         "does not cancel your place"),
        ("place", "2", "Your places are booked", "Your places are booked.",
         "does not cancel your places")],
}


@pytest.fixture
def noun(tables):
    """Sets the noun of the service that add_slot() adds to."""
    page = tables.add_slot(5)
    slug = page.split("/")[2]

    def change(word):
        tables.rows("UPDATE service SET noun = %s WHERE slug = %s", word, slug)
    yield change
    change("")


def keys(group, path=()):
    """The places of all texts; the forms of a count are one text."""
    for name, value in group.items():
        if isinstance(value, dict) and "other" not in value:
            yield from keys(value, path + (name,))
        else:
            yield path + (name,)


def test_both_languages_have_the_same_sentences_for_each_noun():
    texts = {}
    for language in ("fr", "en"):
        path = os.path.join(TOP, "locale", language + ".json")
        with open(path, encoding="utf-8") as file:
            texts[language] = json.load(file)
    assert tuple(texts["fr"]["nouns"]) == NOUNS == tuple(texts["en"]["nouns"])
    for word in NOUNS:
        ours = {language: set(keys(one["nouns"][word]))
                for language, one in texts.items()}
        # English needs no other word where French bends a participle.
        extra = ours["fr"] ^ ours["en"]
        assert not extra, (word, extra)
        for language, one in texts.items():
            assert ours[language] <= set(keys(one)), (language, word)


@pytest.mark.parametrize("language, row", [
    (language, row) for language, rows in SAID.items()
    for row in range(len(rows))])
def test_page_mail_and_calendar_call_it_the_same(
        stack, tables, mailbox, noun, language, row):
    word, seats, heading, sentence, entry = SAID[language][row]
    noun(word)
    visitor = Visitor(stack.http_url, language)
    address = unique_address("noun")
    place = visitor.book(tables.add_slot(5), email=address, seats=seats)
    page = visitor.page(place)
    assert heading in page.text
    mail = mails_of(mailbox, address, 1)[0]
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert sentence in text.splitlines()
    assert sentence.rstrip(".") in html
    assert "{{" not in text + html and "noun" not in text + html
    if word:
        neutral = SAID[language][0][3]
        assert neutral not in text and neutral.rstrip(".") not in html
    calendar = visitor.get(place + "/calendar.ics").text
    assert entry in calendar.replace("\r\n ", "")


def test_a_form_in_another_language_keeps_the_noun(stack, tables, noun):
    noun("appointment")
    visitor = Visitor(stack.http_url, "fr")
    slot_page = tables.add_slot(5)
    assert "Prendre rendez-vous" in visitor.page(slot_page).text
    answer = visitor.post(visitor.form(slot_page) | {"show": "en"})
    assert "Book an appointment" in answer.text
    wrong = visitor.post(visitor.form(slot_page, email="no"))
    assert "Vos données ne servent qu’à ce rendez-vous." in wrong.text
