# SPDX-License-Identifier: MIT
"""What tests with Chromium have in common."""

from selenium.common.exceptions import (NoSuchElementException,
                                        StaleElementReferenceException)
from selenium.webdriver.common.by import By


def text_of(browser):
    """What the page says; "" while it gives way to the next one."""
    try:
        return browser.find_element(By.TAG_NAME, "body").text
    except (NoSuchElementException, StaleElementReferenceException):
        return ""
