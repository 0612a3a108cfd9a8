# SPDX-License-Identifier: MIT
"""A person in Chromium, with a keyboard and nothing else.

Pictures of what was seen are left in build/screenshots.
"""

import os
import re

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from stack.browsers import text_of
from stack.layout import TOP
from stack.visitor import unique_address, wait_until

PICTURES = os.path.join(TOP, "build", "screenshots")


@pytest.fixture(params=["fr", "en"])
def language(request):
    return request.param


@pytest.fixture
def browser(tmp_path, language):
    """Chromium without a script engine: the site must not need one."""
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu",
                 "--disable-dev-shm-usage", "--no-first-run",
                 "--window-size=1000,1100", f"--user-data-dir={tmp_path}",
                 f"--accept-lang={language}", f"--lang={language}"):
        options.add_argument(word)
    options.add_experimental_option("prefs", {
        "intl.accept_languages": language,
        "webkit.webprefs.javascript_enabled": False,
        "profile.managed_default_content_settings.javascript": 2})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"),
                              options=options)
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()


def picture(browser, name):
    os.makedirs(PICTURES, exist_ok=True)
    browser.save_screenshot(os.path.join(PICTURES, name + ".png"))


def press(browser, *keys):
    ActionChains(browser).send_keys(*keys).perform()


def focused(browser):
    return browser.switch_to.active_element


def tab_to(browser, wanted, what):
    """Presses Tab until wanted(element) is true of what has the focus."""
    for _ in range(120):
        press(browser, Keys.TAB)
        element = focused(browser)
        if wanted(element):
            return element
    raise AssertionError(f"Tab never leads to {what}")


def follow_link(browser, pattern):
    """Tab to the first link whose address matches, then Enter."""
    before = browser.current_url
    tab_to(browser, lambda e: e.tag_name == "a" and re.search(
        pattern, e.get_attribute("href") or ""), f"a link {pattern}")
    press(browser, Keys.ENTER)
    wait_until(lambda: browser.current_url != before, 10, "the next page")
    wait_until(lambda: browser.find_elements(By.TAG_NAME, "footer"), 10,
               "the whole page")


def fill(browser, name, text):
    tab_to(browser, lambda e: e.get_attribute("name") == name, name)
    press(browser, text)


def submit(browser):
    tab_to(browser, lambda e: e.get_attribute("type") == "submit" and
           e.get_attribute("name") != "show", "a button")
    press(browser, Keys.ENTER)


def test_a_booking_by_keyboard_alone(whole, browser, language, mailbox):
    address = unique_address("keys")
    browser.get(whole.http_url + "/")
    assert browser.find_element(By.TAG_NAME, "html").get_attribute(
        "lang") == language
    picture(browser, f"{language}-1-services")
    follow_link(browser, r"/s/[a-z0-9-]+$")
    picture(browser, f"{language}-2-slots")
    follow_link(browser, r"/s/[a-z0-9-]+/\d+$")
    picture(browser, f"{language}-3-form")

    # First a mistake: the page says so, names the field, keeps the rest.
    fill(browser, "name", "Zoé Martin")
    fill(browser, "email", address + "@")
    submit(browser)
    wait_until(lambda: browser.find_elements(
        By.CSS_SELECTOR, "[role=alert]") or browser.find_elements(
        By.CSS_SELECTOR, ":invalid"), 10, "a word about the mistake")
    picture(browser, f"{language}-4-mistake")
    field = browser.find_element(By.NAME, "email")
    assert browser.find_element(By.NAME, "name").get_attribute(
        "value") == "Zoé Martin"

    # The browser's own check leaves the focus on the field; the site's
    # page begins anew.
    if focused(browser) != field:
        tab_to(browser, lambda e: e.get_attribute("name") == "email", "email")
    ActionChains(browser).key_down(Keys.CONTROL).send_keys("a").key_up(
        Keys.CONTROL).send_keys(address).perform()
    whole.stop("maild")
    submit(browser)
    wait_until(lambda: "/b/" in browser.current_url, 10, "a confirmation")
    picture(browser, f"{language}-5-booked")
    wait_until(lambda: "Zoé Martin" in text_of(browser), 10, "the name")

    # The page comes to rest by itself: nobody touches anything.
    whole.start("maild")
    words = {"fr": "E-mail envoyé à ", "en": "E-mail sent to "}
    wait_until(lambda: words[language] in text_of(browser), 30,
               "a page that says accepted", 0.3)
    picture(browser, f"{language}-6-accepted")
    assert address.encode() in mailbox.wait_for(address)


def test_another_language_keeps_what_was_typed(stack, browser, language,
                                               visitor):
    other = {"fr": "en", "en": "fr"}[language]
    browser.get(stack.http_url + visitor.slot_pages()[0])
    fill(browser, "name", "Zoé Martin")
    fill(browser, "notes", "Au 2e étage\nà gauche")
    browser.find_element(By.CSS_SELECTOR,
                         f"[name=show][value={other}]").send_keys(Keys.ENTER)
    wait_until(lambda: browser.find_elements(
        By.CSS_SELECTOR, f"html[lang={other}]"), 10, "the other language")
    # Nothing is blamed on who is not done yet.
    assert not browser.find_elements(By.CSS_SELECTOR, "[role=alert]")
    assert browser.find_element(By.NAME, "notes").get_attribute(
        "value") == "Au 2e étage\nà gauche"
    # Enter in a field books; it is not a button of the languages.
    fill(browser, "email", unique_address("polyglot") + Keys.ENTER)
    wait_until(lambda: "/b/" in browser.current_url, 10, "a confirmation")
    assert browser.find_element(By.TAG_NAME, "html").get_attribute(
        "lang") == other
    assert "Zoé Martin" in text_of(browser)


def test_the_form_fits_a_narrow_screen(stack, browser, language, visitor):
    browser.set_window_size(500, 900)   # Chromium's narrowest window
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": 320, "height": 900, "deviceScaleFactor": 1,
        "mobile": False})
    browser.get(stack.http_url + visitor.slot_pages()[0])
    picture(browser, f"{language}-narrow")
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
    assert size["cssContentSize"]["width"] <= 320


def test_the_mailbox_shows_the_mail(stack, browser, language, visitor,
                                    mailbox):
    address = unique_address("box")
    visitor.book(email=address)
    mailbox.wait_for(address)
    browser.get(stack.mail_url)
    assert address in text_of(browser)
    picture(browser, f"{language}-mailbox")
    name = mailbox.mails_to(address)[0]
    browser.get(f"{stack.mail_url}mail/{name}")
    picture(browser, f"{language}-mail")
    (frame,) = browser.find_elements(By.TAG_NAME, "iframe") or [None]
    assert frame, text_of(browser)
    assert "allow-scripts" not in frame.get_attribute("sandbox")


def test_cancelling_by_keyboard_alone(stack, browser, language, tables,
                                      visitor):
    place = visitor.book(tables.add_slot(1))
    browser.get(f"{stack.http_url}{place}?lang={language}")
    follow_link(browser, r"/cancel(\?|$)")
    submit(browser)
    words = {"fr": "Réservation annulée", "en": "Booking cancelled"}
    wait_until(lambda: words[language] in text_of(browser), 10,
               "a page that says it is cancelled")
    assert tables.value(
        "SELECT cancelled_by FROM booking WHERE ref = %s",
        place.rpartition("/")[2].partition(".")[0]) == 1


def test_moving_by_keyboard_alone(stack, browser, language, tables, visitor):
    place = visitor.book(tables.add_slot(1))
    tables.add_slot(1)
    browser.get(f"{stack.http_url}{place}?lang={language}")
    follow_link(browser, r"/move(\?|$)")
    follow_link(browser, r"/move\?slot=")
    submit(browser)
    wait_until(lambda: browser.current_url.startswith(
        stack.http_url + place) and "/move" not in browser.current_url, 10,
        "the booking's page")
    assert tables.value(
        "SELECT sequence FROM booking WHERE ref = %s",
        place.rpartition("/")[2].partition(".")[0]) == 1
