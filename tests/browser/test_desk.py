# SPDX-License-Identifier: MIT
"""A service and its times, made by keyboard; axe-core on each page."""

import datetime
import secrets

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from test_access import LARGE, look


def keys(desk, *words):
    """Types as somebody without a mouse does."""
    chain = ActionChains(desk)
    for word in words:
        chain.send_keys(word)
    chain.perform()


def wait_for(desk, selector):
    """The element, once the page that has it is there."""
    return WebDriverWait(desk, 20).until(
        lambda _: desk.find_element("css selector", selector),
        f"no {selector} on {desk.current_url}")


def wait_done(desk, word):
    WebDriverWait(desk, 20).until(
        lambda _: f"done={word}" in desk.current_url,
        f"{word} was not done")
    return wait_for(desk, "[role=status]")


def focused(desk):
    return desk.switch_to.active_element.get_attribute("name")


def test_a_service_and_its_times_by_keyboard_alone(stack, tables, desk,
                                                   language, axe):
    wrong = []
    year = datetime.date.today().year + 1
    slug = f"clavier-{secrets.token_hex(3)}"
    title = slug.replace("-", " ").title()

    def seen(name):
        look(desk, axe, f"{language}-admin-{name}", wrong, LARGE)

    desk.get(stack.http_url + "/admin/services")
    seen("services")
    desk.get(stack.http_url + "/admin/services/new")
    seen("service-new")
    # A mistake first: the summary has the focus, its link leads to the field.
    name = desk.find_element("id", "name")
    name.send_keys(title)
    keys(desk, Keys.TAB)
    assert focused(desk) == "description"
    keys(desk, "Deux heures au tour", Keys.TAB, "Cour", Keys.TAB)
    assert focused(desk) == "time_zone"
    # What stood there is selected, as by anybody's Tab.
    keys(desk, "Europe/Pari", Keys.ENTER)
    alert = wait_for(desk, "[role=alert]")
    assert desk.switch_to.active_element == alert
    seen("service-mistake")
    alert.find_element("tag name", "a").send_keys(Keys.ENTER)
    assert desk.current_url.endswith("#time_zone")
    zone = desk.find_element("id", "time_zone")
    assert zone.get_attribute("value") == "Europe/Pari"
    assert desk.find_element("id", "place").get_attribute("value") == "Cour"
    zone.send_keys(Keys.END, "s", Keys.ENTER)
    assert wait_done(desk, "service_added").text
    seen("service")
    # Generate slots (opening hours): look first, then add.
    base = f"{stack.http_url}/admin/services/{slug}/slots"
    desk.get(base + "/plan")
    seen("plan")
    day = f"{year}-03-01"
    for field in ("from", "until"):
        desk.execute_script("document.getElementById(arguments[0]).value ="
                            " arguments[1]", field, day)
    monday = desk.find_element("id", "hours_mon")
    for one in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        desk.find_element("id", f"hours_{one}").send_keys("9h-12h")
    monday.send_keys(Keys.ENTER)
    status = wait_for(desk, "section[role=status]")
    assert "6" in status.text
    desk.find_element("css selector", "summary").send_keys(Keys.ENTER)
    seen("plan-preview")
    desk.find_element("css selector", "form.bare button").send_keys(
        Keys.ENTER)
    wait_done(desk, "slots_added")
    seen("slots")
    desk.find_element("css selector", "a.slot").send_keys(Keys.ENTER)
    wait_for(desk, "#capacity")
    seen("slot")
    desk.find_element("id", "capacity").send_keys(
        Keys.END, Keys.BACKSPACE, "0", Keys.ENTER)
    wait_for(desk, "[role=alert]")
    seen("slot-mistake")
    desk.find_element("id", "capacity").send_keys(
        Keys.END, Keys.BACKSPACE, "12", Keys.ENTER)
    wait_done(desk, "slot_capacity")
    wait_for(desk, "button#close").send_keys(Keys.ENTER)
    wait_done(desk, "slot_closed")
    seen("slot-closed")
    wait_for(desk, "button#open").send_keys(Keys.ENTER)
    wait_done(desk, "slot_opened")
    # A single one.
    desk.get(base + "/new")
    seen("slot-new")
    desk.execute_script("document.getElementById('starts_at').value ="
                        " arguments[0]", f"{day}T08:00")
    desk.find_element("id", "capacity").send_keys(Keys.ENTER)
    wait_done(desk, "slot_added")
    assert tables.rows(
        "SELECT COUNT(*), SUM(i.capacity) FROM slot s JOIN slot_inventory i"
        " ON i.slot_id = s.id JOIN service v ON v.id = s.service_id"
        " WHERE v.slug = %s", slug) == ((7, 18),)
    desk.get(base)
    desk.find_element("css selector", "a.slot").send_keys(Keys.ENTER)
    wait_for(desk, "a#remove").send_keys(Keys.ENTER)
    wait_for(desk, "button.danger")
    seen("slot-remove")
    desk.find_element("css selector", "button.danger").send_keys(Keys.ENTER)
    wait_done(desk, "slot_removed")
    desk.get(stack.http_url + "/admin/services")
    seen("services-listed")
    assert not wrong, "\n".join(wrong)
