#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Takes the pictures of README: a form, a day and a mail of a real stack."""

import base64
import datetime
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests"))

from selenium import webdriver                          # noqa: E402
from selenium.webdriver.chrome.service import Service   # noqa: E402
from selenium.webdriver.common.by import By             # noqa: E402
from stack.layout import Options                        # noqa: E402
from stack.procs import Trouble             # noqa: E402
from stack.stack import Stack                           # noqa: E402
from stack.visitor import Mailbox, Visitor              # noqa: E402

PICTURES = os.path.join(TOP, "doc", "pictures")
LARGEST_BYTES = 40_000
# Name, seats, telephone; there is room left.
TOUR = [("Zoé Martin", 2, "06 12 34 56 78"), ("Amira Haddad", 1, ""),
        ("Jonas Keller", 2, "+49 171 5550123"),
        ("Claire Fontaine", 1, "07 98 76 54 32")]
VISITS = [("Tomás Pereira", 1), ("Lucie Bernard", 1)]


def address(name):
    plain = name.lower().translate(str.maketrans("éá", "ea"))
    return plain.replace(" ", ".") + "@example.org"


def chromium(directory):
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu",
                 "--disable-dev-shm-usage", "--no-first-run",
                 "--hide-scrollbars", f"--user-data-dir={directory}",
                 "--accept-lang=en", "--lang=en"):
        options.add_argument(word)
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"),
                              options=options)
    driver.set_page_load_timeout(30)
    return driver


def window(driver, width, height):
    """So many pixels of a style sheet; a telephone has more of its own."""
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "mobile": width < 500,
        "deviceScaleFactor": 2 if width < 500 else 1.25})


def picture(driver, name):
    """What the window shows, as well as the size of the file allows."""
    data = b""
    for quality in range(80, 10, -10):
        data = base64.b64decode(driver.execute_cdp_cmd(
            "Page.captureScreenshot",
            {"format": "webp", "quality": quality})["data"])
        if len(data) <= LARGEST_BYTES:
            break
    else:
        raise Trouble(f"{name}: {len(data)} bytes")
    path = os.path.join(PICTURES, name + ".webp")
    with open(path, "wb") as file:
        file.write(data)
    print(f"{os.path.relpath(path, TOP)}: {len(data)} bytes")


def slots_of(visitor, service, day):
    page = visitor.page(f"/s/{service}?day={day}&lang=en")
    return [link for link in page.links
            if re.match(rf"/s/{service}/\d+", link)]


def next_weekday():
    """When there are slots of all samples."""
    day = datetime.date.today() + datetime.timedelta(days=1)
    while day.weekday() != 2:
        day += datetime.timedelta(days=1)
    return day.isoformat()


def ask_for_telephone(stack):
    for words in (("add", "--kind", "phone", "--label", "Téléphone"),
                  ("change", "--lang", "en", "--label", "Telephone")):
        subprocess.run(
            [stack.env["BOOKCTL"], "-c", stack.env["BOOKING_CONF"], "question",
             words[0], "--service", "visite", "--name", "phone", *words[1:]],
            check=True, stdout=subprocess.DEVNULL)


def book_all(visitor, day):
    """Returns the page of the guided tour's slot."""
    tour = slots_of(visitor, "visite", day)[0]
    for name, seats, phone in TOUR:
        visitor.book(tour, name=name, seats=str(seats), email=address(name),
                     **{"answers.phone": phone})
    for slot, (name, seats) in zip(slots_of(visitor, "consultation", day)[1:],
                                   VISITS):
        visitor.book(slot, name=name, seats=str(seats), email=address(name))
    return tour


def take(stack, driver):
    visitor = Visitor(stack.http_url, "en")
    day = next_weekday()
    ask_for_telephone(stack)
    tour = book_all(visitor, day)
    window(driver, 390, 844)
    driver.get(stack.http_url + tour)
    driver.find_element(By.ID, "name").send_keys("Lena Fischer")
    picture(driver, "form")
    mailbox = Mailbox(stack.at.mail)
    for name, *_ in [*TOUR, *VISITS]:
        mailbox.wait_for(address(name))
    window(driver, 820, 1000)
    user = f"{stack.env['ADMIN_USER']}:{stack.env['ADMIN_PASSWORD']}"
    driver.get(stack.env["ADMIN_URL"].replace("://", f"://{user}@")
               + f"?day={day}")
    picture(driver, "day")
    driver.get(f"{stack.mail_url}mail/"
               + mailbox.mails_to(address(TOUR[0][0]))[0])
    picture(driver, "mail")


def main():
    os.makedirs(PICTURES, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="reservoir-") as directory:
        stack = Stack(os.path.join(directory, "stack"),
                      Options(asan="--asan" in sys.argv), quiet=True)
        try:
            stack.up()
            driver = chromium(os.path.join(directory, "browser"))
            try:
                take(stack, driver)
            finally:
                driver.quit()
        finally:
            stack.down()


if __name__ == "__main__":
    main()
