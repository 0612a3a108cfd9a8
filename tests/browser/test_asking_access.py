# SPDX-License-Identifier: MIT
"""Questions of each kind: where they are made, asked and answered, by axe."""

import datetime
import functools
import html
import http.server
import re
import secrets
import threading

import pytest
from selenium.webdriver.common.by import By
from stack.keys import add_form_key
from stack.layout import TOP
from stack.markup import faults
from stack.offering import service_fields
from stack.organiser import Organiser
from stack.visitor import Visitor, unique_address
from test_access import LARGE, look
from test_admin_access import appears

KINDS = {
    "phone": {"label": "Votre téléphone", "required": "yes"},
    "choice": {"label": "Plat", "options": "Poisson\nViande"},
    "box": {"label": "J’accepte le règlement de la maison, que j’ai lu en "
                     "entier avant de réserver", "required": "yes"},
    "text": {"label": "Noms", "per_seat": "yes"},
    "lines": {"label": "Allergies"},
}


@pytest.fixture(name="asking")
def asking_(stack, tables):
    """A service that asks something of each kind; (slug, slot's page)."""
    anna = Organiser(stack)
    fields = service_fields(language="fr")
    slug = fields["slug"]
    assert anna.post(fields, "/admin/services/new").status_code == 303
    base = f"/admin/services/{slug}"
    for kind, more in KINDS.items():
        assert anna.post({"kind": kind, "name": f"a_{kind}"} | more,
                         base + "/question").status_code == 303
    assert anna.post({"text_lang": "en", "label": "Dish", "options":
                      "Fish\nMeat"}, base + "/questions/a_choice"
                     ).status_code == 303
    # A form to copy is for a time of the next 400 days.
    day = datetime.date.today() + datetime.timedelta(days=200)
    assert anna.post({"starts_at": f"{day}T09:00", "minutes": "30",
                      "capacity": "9"}, base + "/slots/new"
                     ).status_code == 303
    slot = tables.value("SELECT t.id FROM slot t JOIN service s ON s.id ="
                        " t.service_id WHERE s.slug = %s", slug)
    return slug, f"/s/{slug}/{slot}"


def test_the_form_that_asks_is_for_everybody(stack, browser, language, axe,
                                             asking):
    slug, slot = asking
    wrong = []
    place = Visitor(stack.http_url, language).book(slot, **{
        "answers.a_phone": "+33 6 12 34 56 78", "answers.a_choice": "Viande",
        "answers.a_box": "yes", "answers.a_text": "Zoé\nMax",
        "answers.a_lines": "noix", "seats": "2"})
    for name, path in (("asks", slot), ("answered", place)):
        wrong += faults(Visitor(stack.http_url, language).get(path).text)
        browser.get(stack.http_url + path)
        look(browser, axe, f"{language}-{name}", wrong, LARGE)
    browser.get(stack.http_url + slot)
    browser.execute_script(
        "document.getElementById('email').value = 'zoe@example.org';"
        "document.getElementById('answers.a_phone').value = 'no';"
        "document.getElementById('answers.a_text').value = 'a\\nb\\nc';"
        "document.getElementById('email').form.submit();")
    appears(browser, "[role=alert]")
    for field in ("a_phone", "a_box", "a_text"):
        assert browser.find_elements(By.ID, f"answers.{field}-error"), field
    look(browser, axe, f"{language}-asks-mistake", wrong)
    key = add_form_key(stack, ["https://site.example"])
    browser.get(f"{stack.http_url}/f/{key}?slot={slot.rpartition('/')[2]}")
    assert browser.find_elements(By.ID, "answers.a_phone")
    look(browser, axe, f"{language}-foreign-asks", wrong)
    assert not wrong, "\n".join(wrong)


def test_where_questions_are_made_is_for_everybody(stack, desk, language, axe,
                                                   asking):
    slug, _ = asking
    wrong = []
    base = f"{stack.http_url}/admin/services/{slug}"
    assert Organiser(stack).post({}, f"/admin/services/{slug}/questions/"
                                 "a_lines/retire").status_code == 303
    for name, path in (
            ("service-asks", "?done=question_added"), ("ask", "/question"),
            ("question", "/questions/a_choice"),
            ("question-seats", "/questions/a_text"),
            ("question-in", "/questions/a_choice?texts=en"),
            ("question-retire", "/questions/a_choice/retire")):
        desk.get(base + path)
        for one in desk.find_elements(By.TAG_NAME, "summary"):
            one.click()
        look(desk, axe, f"{language}-admin-{name}", wrong, LARGE)
    desk.get(base + "/question")
    desk.find_element(By.CSS_SELECTOR, "main button[type=submit]").click()
    alert = appears(desk, "[role=alert]")
    assert desk.switch_to.active_element == alert
    look(desk, axe, f"{language}-admin-ask-mistake", wrong)
    assert not wrong, "\n".join(wrong)


# As the kit's README has them, for the same kinds.
ASKED = re.compile(r"```html\n(.*?)```", re.S)


def kit_answers():
    with open(f"{TOP}/doc/form-kit/README.md", encoding="utf-8") as file:
        markup = ASKED.search(file.read())[1]
    for was, now in (("phone", "a_phone"), ("menu", "a_choice"),
                     ("terms", "a_box"), ("guests", "a_text")):
        markup = markup.replace(f"answers.{was}", f"answers.{now}")
    return markup


@pytest.fixture(name="site")
def site_(tmp_path):
    """Pages of another origin; (origin, a function that writes one)."""
    root = tmp_path / "site"
    root.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=root))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def write(name, language, body):
        (root / name).write_text(
            f'<!DOCTYPE html><html lang="{language}"><head><meta charset='
            '"utf-8"><meta name="viewport" content="width=device-width">'
            "<title>Site</title></head><body><main><h1>Site</h1>"
            f"{body}</main></body></html>", encoding="utf-8")

    yield f"http://localhost:{server.server_port}", write
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_snippet_with_questions_is_for_everybody_and_books(
        stack, tables, browser, language, axe, asking, site):
    slug, _ = asking
    origin, write = site
    wrong = []
    key = add_form_key(stack, [origin])
    page = Organiser(stack, language).get(f"/admin/services/{slug}").text
    snippet = html.unescape(re.search(
        rf'<textarea id="form-{key}"[^>]*>\n?([^<]*)</textarea>', page)[1])
    at = snippet.index("<p><button")
    write("form.html", language, snippet[:at] + kit_answers() + snippet[at:])
    browser.get(f"{origin}/form.html")
    look(browser, axe, f"{language}-kit-asks", wrong)
    address = unique_address(f"snippet-{secrets.token_hex(2)}")
    for name, text in (("name", "Zoé Martin"), ("email", address),
                       ("answers.a_phone", "06 12 34 56 78"),
                       ("answers.a_text", "Zoé")):
        browser.find_element(By.NAME, name).send_keys(text)
    browser.find_element(By.NAME, "answers.a_choice").send_keys("Meat")
    browser.find_element(By.NAME, "answers.a_box").click()
    browser.find_element(By.CSS_SELECTOR, "[type=submit]").click()
    appears(browser, "main h1")
    assert tables.bookings_of(address) == 1
    assert {row[0] for row in tables.rows(
        "SELECT a.text FROM answer a JOIN booking b ON b.id = a.booking_id"
        " WHERE b.email = %s", address)} == {
            "06 12 34 56 78", "Zoé", "Viande", "yes"}
    assert not wrong, "\n".join(wrong)


def test_letters_to_be_checked_are_for_everybody(stack, browser, language, axe,
                                                 site):
    """A page in another encoding that has a form of ours."""
    origin, write = site
    wrong = []
    write("other.html", language,
          f'<form method="post" action="{stack.http_url}/find"'
          ' accept-charset="windows-1252"><input type="hidden" name="lang"'
          f' value="{language}"><input name="email" value="zoé@example.org">'
          '<textarea name="ref">Zoé\nÉté</textarea><button>x</button></form>')
    browser.get(f"{origin}/other.html")
    browser.find_element(By.TAG_NAME, "button").click()
    field = appears(browser, "#letters-1")
    assert field.get_attribute("value") == "zoé@example.org"
    look(browser, axe, f"{language}-letters", wrong)
    assert not wrong, "\n".join(wrong)
