# SPDX-License-Identifier: MIT
"""From right to left: a catalogue of its own, and names in other scripts."""

import json
import os

import pytest
from stack.keys import bookctl_says
from stack.layout import TOP, write_text
from stack.markup import faults
from stack.visitor import Visitor, unique_address
from test_change import mails_of

# "Appointments", "Book", "Your details" in Arabic; a name in Hebrew.
TEXTS = {"site": {"name": "مواعيد", "skip": "إلى المحتوى", "languages": "اللغة"},
         "form": {"title": "احجز", "submit": "احجز", "you": "بياناتك",
                  "name": "الاسم", "email": "البريد الإلكتروني"}}
HEBREW = "זוהר כהן (7)"


def catalogue(**head):
    with open(os.path.join(TOP, "locale", "en.json"),
              encoding="utf-8") as file:
        english = json.load(file)
    return {name: english[name] for name in
            ("plural", "months", "days", "date", "first_day", "time")} | {
        "tag": "ar", "name": "العربية", "web": TEXTS} | head


@pytest.fixture(scope="module")
def arabic(stack):
    path = os.path.join(stack.at.path("locale"), "ar.json")
    write_text(path, json.dumps(catalogue(dir="rtl")), 0o644)
    stack.restart("booking")
    yield Visitor(stack.http_url, "ar")
    os.unlink(path)
    stack.restart("booking")


def test_a_page_turns_with_its_language(arabic, tables):
    slot_page = tables.add_slot(5)
    for path in ("/", slot_page.rpartition("/")[0], slot_page, "/privacy"):
        markup = arabic.get(path).text
        assert '<html lang="ar" dir="rtl">' in markup, path
        assert not faults(markup)
        assert 'dir="rtl"' not in arabic.get(path + "?lang=fr").text
    assert "احجز" in arabic.page(slot_page).text


def test_what_is_written_in_another_script_disturbs_no_sentence(
        arabic, stack, tables, mailbox):
    assert arabic.page("/").text
    visitor = Visitor(stack.http_url, "fr")
    address = unique_address("bidi")
    place = visitor.book(tables.add_slot(5), name=HEBREW, email=address)
    assert f"<bdi>{HEBREW}</bdi>" in visitor.get(place).text
    html = mails_of(mailbox, address, 1)[0].get_body(("html",)).get_content()
    assert f"Bonjour <bdi>{HEBREW}</bdi>," in html
    # Each text of a service says of itself which way it goes.
    assert 'dir="auto"' in visitor.get("/").text


@pytest.mark.parametrize("value", ["up", "", 1])
def test_no_other_direction_is_taken(arabic, stack, value):
    path = os.path.join(stack.at.path("locale"), "he.json")
    write_text(path, json.dumps(catalogue(tag="he", dir=value)), 0o644)
    try:
        _, said, more = bookctl_says(stack, "check-templates")
    finally:
        os.unlink(path)
    assert 'he.json: "dir" is missing or wrong' in said + more
    # It may be there, or not; nobody takes it for a mistake.
    assert 'nobody asks for "dir"' not in said + more
