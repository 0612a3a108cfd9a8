# SPDX-License-Identifier: MIT
"""A visitor in Firefox, without a script engine: the whole way, by clicks.

Pictures of what was seen are left in build/screenshots.
"""

import datetime
import os
import re
import secrets

import pytest
from stack.firefox import Firefox
from stack.layout import TOP
from stack.visitor import Visitor, unique_address, wait_until

PICTURES = os.path.join(TOP, "build", "screenshots")
WORDS = {
    "en": {"booked": "You are booked", "moved": "moved", "wrong": "Correct",
           "cancelled": "cancelled", "waits": "waiting list",
           "asked": "How did you hear of us?", "sent": "e-mail"},
    "fr": {"booked": "C’est réservé", "moved": "déplacé",
           "wrong": "Corrigez", "cancelled": "annulé",
           "waits": "liste d’attente", "asked": "Comment nous avez-vous connus",
           "sent": "e-mail"},
}


@pytest.fixture(params=["fr", "en"])
def language(request):
    return request.param


@pytest.fixture
def firefox(tmp_path, language):
    one = Firefox(tmp_path / "firefox", language)
    yield one
    one.close()


@pytest.fixture
def asking(bookctl):
    """A service that asks something, with two slots for one person each."""
    slug = f"fox-{secrets.token_hex(4)}"
    bookctl("service", "add", "--slug", slug, "--name", "Atelier",
            "--zone", "Europe/Paris", "--language", "fr")
    bookctl("service", "change", "--slug", slug, "--lang", "en", "--name",
            "Workshop")
    bookctl("question", "add", "--service", slug, "--name", "heard", "--kind",
            "text", "--label", WORDS["fr"]["asked"] + " ?", "--required",
            "yes")
    bookctl("question", "change", "--service", slug, "--name", "heard",
            "--lang", "en", "--label", WORDS["en"]["asked"])
    day = (datetime.date.today() + datetime.timedelta(9)).isoformat()
    slots = bookctl("slots", "add", "--service", slug, "--start",
                    f"{day}T10:00", "--capacity", "1", "--count", "2").split()
    return slug, slots


def picture(firefox, name):
    os.makedirs(PICTURES, exist_ok=True)
    firefox.picture(os.path.join(PICTURES, f"firefox-{name}.png"))


def press(firefox):
    """The form's own button; then the next page is there."""
    firefox.click("#form button[type=submit]:not([name])"
                  if firefox.all("#form") else
                  "main form button[type=submit]")


def says(firefox, words):
    wait_until(lambda: firefox.all("footer") and
               words.lower() in firefox.text().lower(), 20, words, 0.1)


def test_a_visitor_books_moves_cancels_and_waits(firefox, language, stack,
                                                 asking):
    slug, (first, second) = asking
    words = WORDS[language]
    firefox.window(420, 900)
    firefox.open(f"{stack.http_url}/s/{slug}")
    assert ("Workshop" if language == "en" else "Atelier") in firefox.text("h1")
    firefox.click(f'a[href*="/s/{slug}/{first}"]')
    says(firefox, words["asked"])
    picture(firefox, f"form-{language}")
    press(firefox)
    says(firefox, words["wrong"])
    assert firefox.all("[aria-invalid=true]")
    picture(firefox, f"wrong-{language}")
    address = unique_address("fox")
    firefox.type("#name", "Zoé Martin")
    firefox.type("#email", address)
    firefox.type('[name="answers.heard"]', "Par une amie")
    press(firefox)
    says(firefox, words["booked"])
    picture(firefox, f"booked-{language}")
    booking = re.match(r".*/b/[^/?]+", firefox.url)[0]
    assert "Par une amie" in firefox.text()

    # Somebody else finds it full, and waits.
    firefox.open(f"{stack.http_url}/s/{slug}")
    firefox.click(f'a[href*="/s/{slug}/{first}"]')
    says(firefox, words["waits"])
    press_wait = firefox.all('button[formaction*="/wait"], form[action*="/wait"]'
                             ' button:not([name])')
    assert press_wait
    picture(firefox, f"full-{language}")

    firefox.open(booking + "/move")
    firefox.click(f'[name="slot"][value="{second}"], '
                  f'button[value="{second}"], a[href*="{second}"]')
    picture(firefox, f"move-{language}")
    press(firefox)
    says(firefox, words["moved"])
    firefox.open(booking + "/cancel")
    press(firefox)
    says(firefox, words["cancelled"])
    picture(firefox, f"cancelled-{language}")


def test_a_lost_link_is_asked_for(firefox, language, stack):
    firefox.open(stack.http_url + "/find")
    picture(firefox, f"find-{language}")
    firefox.type("#email", unique_address("lost"))
    press(firefox)
    says(firefox, WORDS[language]["sent"])


def test_pages_hold_at_twice_the_size_and_in_forced_colours(tmp_path, stack):
    """Nothing is cut off: no page scrolls sideways, and colours are theirs."""
    slot = Visitor(stack.http_url, "en").slot_pages()[0]
    for name, settings in (
            ("large", {"layout.css.devPixelsPerPx": "2.0"}),
            ("forced", {"browser.display.document_color_use": 2}),
            ("dark", {"ui.systemUsesDarkTheme": 1,
                      "layout.css.prefers-color-scheme.content-override": 0})):
        firefox = Firefox(tmp_path / name, "en", **settings)
        try:
            firefox.window(640, 800)
            for path, what in ((slot, "form"), ("/", "services")):
                firefox.open(stack.http_url + path)
                picture(firefox, f"{name}-{what}")
                inside = firefox.do(
                    "WebDriver:ExecuteScript", sandbox="system", args=[],
                    script="return [document.documentElement.scrollWidth,"
                    " document.documentElement.clientWidth];")
                assert inside[0] <= inside[1], (name, path, inside)
        finally:
            firefox.close()
