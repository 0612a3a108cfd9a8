# SPDX-License-Identifier: MIT
"""Pages that only the answer to a form shows, by axe: no address has them."""

import datetime

import pytest
from selenium.webdriver.common.by import By
from stack.offering import service_fields
from stack.organiser import Organiser
from stack.visitor import Visitor, unique_address
from test_access import LARGE, look
from test_admin_access import appears


@pytest.fixture
def own(stack, tables):
    """Makes a service with a slot; (its slug, the slot's number)."""
    anna = Organiser(stack)
    day = datetime.date.today() + datetime.timedelta(days=30)

    def make(capacity, **fields):
        fields = service_fields(**fields)
        slug = fields["slug"]
        for form, path in ((fields, "/admin/services/new"),
                           ({"starts_at": f"{day}T09:00", "minutes": "30",
                             "capacity": capacity},
                            f"/admin/services/{slug}/slots/new")):
            assert anna.post(form, path).status_code == 303
        return slug, tables.value(
            "SELECT t.id FROM slot t JOIN service s ON s.id = t.service_id"
            " WHERE s.slug = %s", slug)

    return make


def send(browser, **fields):
    """Fills in the page's form and sends it."""
    for name, text in fields.items():
        browser.find_element(By.ID, name).send_keys(text)
    browser.find_element(By.CSS_SELECTOR, "main form [type=submit]").click()


def test_a_place_that_went_meanwhile(stack, browser, language, axe, own):
    slug, slot = own("1")
    wrong = []
    browser.get(f"{stack.http_url}/s/{slug}/{slot}")
    Visitor(stack.http_url).book(f"/s/{slug}/{slot}")
    send(browser, name="Zoé Martin", email=unique_address("late"))
    assert appears(browser, "[role=alert]").text
    look(browser, axe, f"{language}-form-taken", wrong, LARGE)
    assert not wrong, "\n".join(wrong)


def test_a_booking_that_waits_to_be_confirmed(stack, browser, language, axe,
                                              own):
    slug, slot = own("9", confirm_minutes="30", confirm_minutes_unit="min")
    wrong = []
    browser.get(f"{stack.http_url}/s/{slug}/{slot}")
    send(browser, name="Zoé Martin", email=unique_address("held"))
    again = appears(browser, "button[name=again]")
    look(browser, axe, f"{language}-to-confirm", wrong, LARGE)
    again.click()
    assert appears(browser, "[role=status]").text
    look(browser, axe, f"{language}-to-confirm-again", wrong, LARGE)
    assert not wrong, "\n".join(wrong)


def test_organisers_mistakes(stack, desk, language, axe, own):
    slug, slot = own("9")
    wrong = []
    for name, path in (("wait", f"/admin/slots/{slot}/wait"),
                       ("slot-new", f"/admin/services/{slug}/slots/new"),
                       ("plan", f"/admin/services/{slug}/slots/plan")):
        desk.get(stack.http_url + path)
        desk.execute_script(
            "const f = document.querySelector('main form');"
            "for (const i of f.querySelectorAll('input:not([type=hidden])'))"
            " i.value = '';"
            "f.submit();")
        assert appears(desk, "[role=alert]").text
        look(desk, axe, f"{language}-admin-{name}-mistake", wrong, LARGE)
    assert not wrong, "\n".join(wrong)
