# SPDX-License-Identifier: MIT
"""Chromium for the tests that look at pages with axe-core."""

import base64
import fcntl
import os
import subprocess

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from stack.layout import TOP
from stack.organiser import ORGANISER

AXE = os.path.join(TOP, "build", "axe")


@pytest.fixture(scope="session")
def axe():
    """axe-core's source, fetched once into build/axe."""
    script = os.path.join(AXE, "node_modules", "axe-core", "axe.min.js")
    os.makedirs(AXE, exist_ok=True)
    # Several workers want it at the same moment, and two npm that write into
    # one folder leave half of it there.
    with open(os.path.join(AXE, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(script):
            try:
                subprocess.run(["npm", "install", "--no-audit", "--no-fund",
                                "--fetch-retries=1",
                                "--prefix", AXE, "axe-core@4"], check=True,
                               capture_output=True, timeout=120)
            except (OSError, subprocess.SubprocessError) as trouble:
                pytest.skip(f"not to be had: axe-core, of npm: {trouble}")
    with open(script, encoding="utf-8") as file:
        return file.read()


@pytest.fixture(params=["fr", "en"], scope="module")
def language(request):
    return request.param


@pytest.fixture(scope="module")
def chromium(tmp_path_factory, language):
    """Chromium; here the checker needs scripts, the pages have none."""
    profile = tmp_path_factory.mktemp("chromium")
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu",
                 "--disable-dev-shm-usage", "--no-first-run",
                 "--window-size=1000,1300", f"--user-data-dir={profile}",
                 f"--lang={language}"):
        options.add_argument(word)
    options.add_experimental_option("prefs", {
        "intl.accept_languages": language})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"),
                              options=options)
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium):
    """A tab of a test's own, which knows nothing of the one before."""
    (before,) = chromium.window_handles
    chromium.switch_to.new_window("tab")
    yield chromium
    chromium.close()
    chromium.switch_to.window(before)


@pytest.fixture
def desk(browser, stack):
    """The browser, signed in."""
    word = f"{ORGANISER}:{stack.at.make_secret('organiser')}"
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {
        "Authorization": "Basic " + base64.b64encode(word.encode()).decode()}})
    return browser
