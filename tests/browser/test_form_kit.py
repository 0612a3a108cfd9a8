# SPDX-License-Identifier: MIT
"""The copy-and-paste kit, on a page of another origin, in Chromium."""

import datetime
import functools
import http.server
import os
import re
import subprocess
import threading
import zoneinfo

import pytest
import requests
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from stack.browsers import text_of
from stack.keys import add_form_key
from stack.layout import TOP
from stack.visitor import unique_address, wait_until

KIT = os.path.join(TOP, "doc", "form-kit")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(stack, tables, tmp_path):
    """The kit as a web designer leaves it: served, with its words replaced."""
    handler = functools.partial(Quiet, directory=tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    # Another host name, not only another port.
    origin = f"http://localhost:{server.server_port}"
    key = add_form_key(stack, [origin], [origin + "/thanks.html",
                                         origin + "/thanks.fr.html"])
    service, slot = tables.add_slot(3).split("/")[2:]
    # Among the first, as the script asks for a limited number.
    tables.rows("UPDATE slot SET starts_at = UTC_TIMESTAMP() +"
                " INTERVAL 1 DAY + INTERVAL id %% 3600 SECOND, ends_at ="
                " UTC_TIMESTAMP() + INTERVAL 2 DAY WHERE id = %s", slot)
    for name in os.listdir(KIT):
        with open(os.path.join(KIT, name), encoding="utf-8") as file:
            text = file.read()
        for word, real in (("https://booking.example", stack.http_url),
                           ("https://www.example.org", origin),
                           ("/FORMKEY", "/" + key), ('"SLOT"', f'"{slot}"'),
                           ('"SERVICE"', f'"{service}"')):
            text = text.replace(word, real)
        with open(tmp_path / name, "w", encoding="utf-8") as file:
            file.write(text)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield origin, slot
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[False, True], ids=["plain", "script"])
def browser(request, tmp_path):
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu",
                 "--disable-dev-shm-usage", "--no-first-run",
                 f"--user-data-dir={tmp_path}/profile"):
        options.add_argument(word)
    if not request.param:
        options.add_experimental_option("prefs", {
            "webkit.webprefs.javascript_enabled": False,
            "profile.managed_default_content_settings.javascript": 2})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"),
                              options=options)
    driver.set_page_load_timeout(30)
    driver.with_script = request.param
    yield driver
    driver.quit()


def fill(browser, name, text):
    field = browser.find_element(By.NAME, name)
    field.clear()
    field.send_keys(text)


def submit(browser):
    browser.find_element(By.CSS_SELECTOR, "[type=submit]").click()


def choose(browser, slot):
    """With script the times are there when ours is among them."""
    if not browser.with_script:
        return
    wait_until(lambda: len(browser.find_elements(
        By.CSS_SELECTOR, "select option")) > 1, 20, "the free times")
    browser.find_element(By.CSS_SELECTOR, f'option[value="{slot}"]').click()


def test_a_visitor_books_from_another_site(browser, site, tables):
    origin, slot = site
    address = unique_address("kit")
    page = "script" if browser.with_script else "plain"
    browser.get(f"{origin}/{page}.html")
    trap = browser.find_element(By.CLASS_NAME, "trap")
    assert trap.location["x"] + trap.size["width"] < 0
    choose(browser, slot)
    fill(browser, "name", "Zoé Martin")
    fill(browser, "email", address)
    submit(browser)
    wait_until(lambda: browser.current_url.startswith(
        origin + "/thanks.html?ref="), 20, "the site's own page")
    assert tables.bookings_of(address) == 1
    assert tables.value("SELECT slot_id FROM booking WHERE email = %s",
                        address) == int(slot)


def test_what_is_wrong_is_said_and_corrected(browser, site, tables):
    origin, slot = site
    address = unique_address("kit")
    page = "script" if browser.with_script else "plain"
    browser.get(f"{origin}/{page}.html")
    choose(browser, slot)
    fill(browser, "name", "www.evil.example")
    fill(browser, "email", address)
    submit(browser)
    wait_until(lambda: browser.find_elements(By.ID, "name-error"), 20,
               "the error beside the field")
    assert browser.current_url.startswith(origin) == browser.with_script
    fill(browser, "name", "Zoé Martin")
    submit(browser)
    wait_until(lambda: tables.bookings_of(address) == 1, 20, "the booking")
    if browser.with_script:
        wait_until(lambda: browser.current_url.startswith(
            origin + "/thanks.html?ref="), 20, "the site's own page")
    else:
        wait_until(lambda: browser.find_elements(
            By.CSS_SELECTOR, f'a[href="{origin}/thanks.html"]'), 20,
            "the way back")
        browser.find_element(By.CSS_SELECTOR,
                             f'a[href="{origin}/thanks.html"]').click()
        wait_until(lambda: browser.current_url.startswith(
            origin + "/thanks.html"), 20, "the site's own page")


def test_a_time_that_fills_up_meanwhile_leads_to_others(browser, site, stack):
    origin, slot = site
    page = "script" if browser.with_script else "plain"
    browser.get(f"{origin}/{page}.html")
    choose(browser, slot)
    fill(browser, "name", "Zoé Martin")
    fill(browser, "email", unique_address("kit"))
    taken = requests.post(f"{stack.http_url}/api/v1/bookings", timeout=20, json={
        "slot": int(slot), "seats": 3, "name": "Léa Première",
        "email": unique_address("first")})
    assert taken.status_code == 201
    submit(browser)
    if browser.with_script:
        # Nothing is chosen: nobody books by mistake what stands first.
        wait_until(lambda: browser.find_element(By.NAME, "slot")
                   .get_property("value") == "", 20, "a new list")
        assert not browser.find_elements(
            By.CSS_SELECTOR, f'option[value="{slot}"]')
        said = browser.find_element(By.CSS_SELECTOR, "[role=status]")
        assert said.text.startswith("Not enough places left")
        assert said == browser.switch_to.active_element
        assert said.find_element(By.TAG_NAME, "a").get_attribute(
            "href").endswith(f"/{slot}/wait")
    else:
        wait_until(lambda: browser.title.startswith("Not enough places left"),
                   20, "our page")
    assert browser.find_element(By.NAME, "name").get_property(
        "value") == "Zoé Martin"


@pytest.mark.parametrize("browser", [True], ids=["script"], indirect=True)
def test_the_list_of_a_full_time_is_joined_from_the_page(browser, site, stack,
                                                         tables):
    origin, slot = site
    address = unique_address("kit")
    browser.get(f"{origin}/script.html")
    choose(browser, slot)
    fill(browser, "name", "Zoé Martin")
    fill(browser, "email", address)
    fill(browser, "seats", "2")
    tables.rows("UPDATE slot_inventory SET booked = capacity"
                " WHERE slot_id = %s", slot)
    submit(browser)
    wait_until(lambda: browser.find_elements(
        By.CSS_SELECTOR, "[role=status] a"), 20, "the offer").pop().click()
    wait_until(lambda: "you keep your position" in browser.find_element(
        By.CSS_SELECTOR, "[role=status]").text, 20, "the answer")
    assert browser.current_url == f"{origin}/script.html"
    assert tables.rows("SELECT slot_id, seats, name FROM waiting"
                       " WHERE email = %s", address) == (
        (int(slot), 2, "Zoé Martin"),)
    assert tables.bookings_of(address) == 0


@pytest.mark.parametrize("browser", [True], ids=["script"], indirect=True)
def test_who_waits_for_the_answer_is_told(browser, site, tables):
    """And a second press meanwhile books nothing more."""
    origin, slot = site
    address = unique_address("kit")
    browser.get(f"{origin}/script.html")
    choose(browser, slot)
    fill(browser, "name", "Zoé Martin")
    fill(browser, "email", address)
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", {
        "offline": False, "latency": 2000, "downloadThroughput": -1,
        "uploadThroughput": -1})
    submit(browser)
    wait_until(lambda: browser.find_element(
        By.CSS_SELECTOR, "[role=status]").text.startswith("One moment"), 5,
        "the word that it is under way")
    submit(browser)
    wait_until(lambda: browser.current_url.startswith(
        origin + "/thanks.html?ref="), 30, "the site's own page")
    assert tables.bookings_of(address) == 1


@pytest.mark.parametrize("browser", [True], ids=["script"], indirect=True)
def test_no_answer_is_told_and_nothing_is_lost(browser, site):
    origin, slot = site
    browser.get(f"{origin}/script.html")
    choose(browser, slot)
    fill(browser, "name", "Zoé Martin")
    fill(browser, "email", unique_address("kit"))
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", {
        "offline": True, "latency": 0, "downloadThroughput": -1,
        "uploadThroughput": -1})
    submit(browser)
    wait_until(lambda: browser.find_element(
        By.CSS_SELECTOR, "[role=status]").text.startswith("No answer came"),
        20, "the word that there is no answer")
    assert browser.find_element(By.NAME, "name").get_property(
        "value") == "Zoé Martin"


# ---- browsers that lack something, and what stands in the script's way ------

OLD = """
delete window.fetch; delete window.AbortController; delete window.AbortSignal;
delete Object.fromEntries; delete Object.entries; delete window.URLSearchParams;
delete Element.prototype.append; delete Element.prototype.before;
delete Element.prototype.remove; delete Element.prototype.replaceChildren;
delete NodeList.prototype.forEach; delete FormData.prototype.entries;
delete FormData.prototype[Symbol.iterator];
delete window.Intl;
"""
NONE = "delete window.XMLHttpRequest; delete window.fetch;"
REFUSING = "XMLHttpRequest.prototype.send = () => { throw new Error('no'); };"
ABORTING = """
XMLHttpRequest.prototype.send = function () {
    setTimeout(() => this.dispatchEvent(new ProgressEvent("abort")));
};
"""
# A machine with nothing but its loopback is offline, as browsers see it.
ONLINE = """
Object.defineProperty(Navigator.prototype, "onLine", {get: () => true});
"""
with_script = pytest.mark.parametrize("browser", [True], ids=["script"],
                                      indirect=True)


def before_each_page(browser, script):
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument",
                            {"source": script})


def book(browser, site, address):
    fill(browser, "name", "Zoé Łukasik")
    fill(browser, "email", address)
    submit(browser)


def read_as_es5(path, tmp_path):
    """What MuJS says, which knows nothing that came after ES5."""
    reader = tmp_path / "reader.js"
    reader.write_text("Function(read(scriptArgs[0]));", encoding="ascii")
    done = subprocess.run(["mujs", str(reader), str(path)], timeout=20,
                          capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def test_the_script_is_one_that_old_browsers_can_read(tmp_path):
    """A syntax error would stop it all."""
    newer = tmp_path / "newer.js"
    for text in ("let a = 1;", "f(() => 1);", "a = `b`;", "a = b ?? c;",
                 "a = {b() {}};", "for (a of b) {}"):
        newer.write_text(text, encoding="ascii")
        assert "SyntaxError" in read_as_es5(newer, tmp_path), text
    assert read_as_es5(os.path.join(KIT, "form.js"), tmp_path) == ""


@with_script
def test_an_old_browser_books_and_stays_on_the_page(browser, site, tables):
    origin, slot = site
    address = unique_address("kit")
    before_each_page(browser, OLD)
    browser.get(f"{origin}/script.html")
    choose(browser, slot)
    book(browser, site, address)
    wait_until(lambda: browser.current_url.startswith(
        origin + "/thanks.html?ref="), 20, "the site's own page")
    assert tables.bookings_of(address) == 1
    assert [line for line in browser.get_log("browser")
            if line["source"] != "network"] == []


@with_script
@pytest.mark.parametrize("way", ["without any", "throws", "aborted", "policy"])
def test_what_the_script_cannot_do_the_form_does(browser, site, tables, way,
                                                 tmp_path):
    origin, _ = site
    address = unique_address("kit")
    before_each_page(browser, ONLINE)
    if way == "policy":
        page = tmp_path / "script.html"
        page.write_text(page.read_text(encoding="utf-8").replace(
            "<head>", "<head><meta http-equiv=\"Content-Security-Policy\""
            " content=\"connect-src 'none'\">"), encoding="utf-8")
    else:
        before_each_page(browser, {"without any": NONE, "throws": REFUSING,
                                   "aborted": ABORTING}[way])
    browser.get(f"{origin}/script.html")
    book(browser, site, address)
    wait_until(lambda: tables.bookings_of(address) == 1, 20, "the booking")
    wait_until(lambda: browser.current_url.startswith(
        origin + "/thanks.html?ref="), 20, "the site's own page")
    assert tables.value("SELECT name FROM booking WHERE email = %s",
                        address) == "Zoé Łukasik"


def test_a_trap_that_a_password_manager_fills_in_leaves_a_way_on(
        browser, site, tables, stack):
    origin, _ = site
    address = unique_address("kit")
    page = "script" if browser.with_script else "plain"
    browser.get(f"{origin}/{page}.html")
    trap = browser.find_element(By.NAME, "_gotcha")
    for name in ("data-1p-ignore", "data-bwignore", "data-lpignore",
                 "data-form-type"):
        assert trap.get_dom_attribute(name) is not None
    trap.send_keys("Zoé")
    book(browser, site, address)
    wait_until(lambda: browser.current_url.startswith(stack.http_url), 20,
               "our page")
    assert "Nothing is booked yet" in browser.find_element(
        By.CSS_SELECTOR, "[role=alert]").text
    assert tables.bookings_of(address) == 0
    submit(browser)
    wait_until(lambda: tables.bookings_of(address) == 1, 20, "the booking")


def local_day(tables, slot):
    starts, zone = tables.rows("SELECT starts_at, zone FROM slot"
                               " WHERE id = %s", slot)[0]
    return starts.replace(tzinfo=datetime.timezone.utc).astimezone(
        zoneinfo.ZoneInfo(zone)).date()


@with_script
@pytest.mark.parametrize("page, zone, free", [
    ("script", "time)", "3 places free"),
    ("script.fr", "(heure ", "3 places libres")])
def test_times_are_written_as_on_the_booking_site(browser, site, stack, tables,
                                                  page, zone, free):
    origin, slot = site
    browser.get(f"{origin}/{page}.html")
    choose(browser, slot)
    text = browser.find_element(By.CSS_SELECTOR,
                                f'option[value="{slot}"]').text
    assert text.endswith(" · " + free)
    assert zone in browser.find_element(By.CLASS_NAME, "zone").text
    service = browser.find_element(By.NAME, "service").get_property("value")
    lang = browser.find_element(By.NAME, "_lang").get_property("value")
    # Its month, which near the end of one is not the first that is shown.
    day = local_day(tables, slot)
    ours = requests.get(f"{stack.http_url}/s/{service}?lang={lang}&day={day}",
                        timeout=20).text
    assert text.partition(", ")[0] in ours


def test_the_french_page_books_in_french(browser, site, tables):
    origin, slot = site
    address = unique_address("kit")
    page = "script.fr" if browser.with_script else "plain.fr"
    browser.get(f"{origin}/{page}.html")
    choose(browser, slot)
    fill(browser, "seats", "2")
    book(browser, site, address)
    wait_until(lambda: browser.current_url.startswith(
        origin + "/thanks.fr.html?ref="), 20, "the site's own page")
    assert tables.rows("SELECT seats, locale FROM booking WHERE email = %s",
                       address) == ((2, "fr"),)


# ---- in a frame --------------------------------------------------------------

@pytest.mark.parametrize("sandbox", [
    "", ' sandbox="allow-forms allow-same-origin'
    ' allow-top-navigation-by-user-activation"'], ids=["open", "sandboxed"])
def test_a_visitor_books_in_a_frame_of_the_site(browser, site, tables, stack,
                                                tmp_path, sandbox):
    origin, slot = site
    address = unique_address("kit")
    key = re.search("/f/([0-9a-f]{16})", (tmp_path / "plain.html").read_text(
        encoding="utf-8"))[1]
    (tmp_path / "frame.html").write_text(
        f'<iframe src="{stack.http_url}/f/{key}?slot={slot}" width="400"'
        f' height="900"{sandbox}></iframe>', encoding="utf-8")
    browser.get(f"{origin}/frame.html")
    browser.switch_to.frame(0)
    book(browser, site, address)
    browser.switch_to.default_content()
    wait_until(lambda: browser.current_url.startswith(stack.http_url + "/b/"),
               20, "the booking, in the whole window")
    assert tables.bookings_of(address) == 1


@pytest.mark.parametrize("browser", [False], ids=["plain"], indirect=True)
def test_a_framed_kit_page_that_stays_in_its_frame_ends_well(
        browser, site, tables, tmp_path):
    origin, _ = site
    address = unique_address("kit")
    text = (tmp_path / "plain.html").read_text(encoding="utf-8")
    text = re.sub(' target="_top"|<input [^>]*name="_next"[^>]*>', "", text)
    (tmp_path / "inner.html").write_text(text, encoding="utf-8")
    (tmp_path / "frame.html").write_text(
        '<iframe src="inner.html" width="400" height="900"></iframe>',
        encoding="utf-8")
    browser.get(f"{origin}/frame.html")
    browser.switch_to.frame(0)
    book(browser, site, address)
    wait_until(lambda: tables.bookings_of(address) == 1, 20, "the booking")
    wait_until(lambda: "Your booking is recorded" in text_of(browser), 20,
               "our page in the frame")


@pytest.mark.parametrize("browser", [False], ids=["plain"], indirect=True)
def test_a_sandbox_that_hides_the_page_leaves_a_way_on(browser, site, tables,
                                                       stack, tmp_path):
    origin, slot = site
    address = unique_address("kit")
    text = (tmp_path / "plain.html").read_text(encoding="utf-8")
    (tmp_path / "inner.html").write_text(text.replace(' target="_top"', ""),
                                         encoding="utf-8")
    (tmp_path / "frame.html").write_text(
        '<iframe src="inner.html" width="400" height="900"'
        ' sandbox="allow-forms allow-popups"></iframe>', encoding="utf-8")
    browser.get(f"{origin}/frame.html")
    browser.switch_to.frame(0)
    book(browser, site, address)
    wait_until(lambda: "named no page" in text_of(browser), 20,
               "why it cannot be")
    assert tables.bookings_of(address) == 0
    browser.find_element(By.CSS_SELECTOR,
                         f'a[href^="{stack.http_url}/s/"]').click()
    wait_until(lambda: len(browser.window_handles) == 2, 20, "a window")
    browser.switch_to.window(browser.window_handles[1])
    wait_until(lambda: f"/{slot}" in browser.current_url, 20, "the form")


# ---- the chosen time ---------------------------------------------------------

def seen(browser):
    return browser.find_element(By.NAME, "slot").get_property("value")


@with_script
def test_a_list_that_comes_late_changes_no_choice(browser, site, tables,
                                                  tmp_path, stack):
    origin, slot = site
    service = tables.value("SELECT s.slug FROM service s JOIN slot t ON"
                           " t.service_id = s.id WHERE t.id = %s", slot)
    first = tables.value("SELECT MIN(id) FROM slot WHERE id <> %s AND"
                         " service_id = (SELECT service_id FROM slot WHERE"
                         " id = %s)", slot, slot)
    page = tmp_path / "script.html"
    page.write_text(page.read_text(encoding="utf-8").replace(
        "<option", f'<option value="{first}">Another</option><option'),
        encoding="utf-8")
    # The list is held back until the visitor has chosen.
    before_each_page(browser, """
        const send = XMLHttpRequest.prototype.send;
        XMLHttpRequest.prototype.send = function (body) {
            if (body) return send.call(this, body);
            window.go = () => send.call(this, body);
        };""")
    browser.get(f"{origin}/script.html")
    browser.find_element(By.CSS_SELECTOR, f'option[value="{slot}"]').click()
    browser.execute_script("go()")
    wait_until(lambda: browser.find_elements(By.CLASS_NAME, "zone"), 20,
               "the list")
    assert seen(browser) == slot
    assert browser.find_element(By.CSS_SELECTOR, "[role=status]").text == ""
    # One that has been taken meanwhile: nothing is chosen, and that is said.
    browser.get(f"{origin}/script.html")
    browser.find_element(By.CSS_SELECTOR, f'option[value="{slot}"]').click()
    taken = requests.post(f"{stack.http_url}/api/v1/bookings", timeout=20, json={
        "slot": int(slot), "seats": 3, "name": "Léa Première",
        "email": unique_address("first")})
    assert taken.status_code == 201 and service
    browser.execute_script("go()")
    wait_until(lambda: browser.find_elements(By.CLASS_NAME, "zone"), 20,
               "the list")
    assert seen(browser) == ""
    assert browser.find_element(By.CSS_SELECTOR, "[role=status]").text \
        .startswith("The time you had chosen is no longer free")


@with_script
def test_who_comes_back_finds_the_chosen_time(browser, site):
    origin, slot = site
    # As browsers do that keep no page in memory.
    before_each_page(browser, "addEventListener('unload', () => {});")
    browser.get(f"{origin}/script.html")
    choose(browser, slot)
    assert seen(browser) == slot
    browser.get(f"{origin}/thanks.html")
    browser.back()
    wait_until(lambda: browser.find_elements(By.CLASS_NAME, "zone"), 20,
               "the list")
    assert seen(browser) == slot


# ---- pages in another encoding -------------------------------------------------

@pytest.mark.parametrize("browser", [False], ids=["plain"], indirect=True)
@pytest.mark.parametrize("kit", [True, False], ids=["kit", "without"])
def test_a_page_in_windows_1252_books_by_the_right_name(browser, site, tables,
                                                        tmp_path, kit):
    origin, _ = site
    address = unique_address("kit")
    page = tmp_path / "plain.html"
    text = page.read_text(encoding="utf-8").replace("utf-8\">\n<meta",
                                                    "windows-1252\">\n<meta")
    if not kit:     # a form from before it said its encoding
        text = text.replace('accept-charset="utf-8"', "").replace(
            '<input type="hidden" name="_charset_">', "")
    page.write_text(text, encoding="cp1252")
    browser.get(f"{origin}/plain.html")
    book(browser, site, address)
    if not kit:
        wait_until(lambda: browser.find_elements(By.ID, "name-error"), 20,
                   "our page")
        assert browser.find_element(By.NAME, "name").get_property(
            "value") == "Zoé Łukasik"
        submit(browser)
    wait_until(lambda: tables.bookings_of(address) == 1, 20, "the booking")
    assert tables.value("SELECT name FROM booking WHERE email = %s",
                        address) == "Zoé Łukasik"
