# SPDX-License-Identifier: MIT
"""Each page in both languages: axe-core finds nothing, 320 px are enough."""

import os
import re

from stack.layout import TOP
from stack.pages import all_pages
from stack.routes import pages_without
from stack.visitor import Visitor

PICTURES = os.path.join(TOP, "build", "screenshots")
RULES = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(
    r => done(r.violations.map(v => v.id + ": " + v.help + " " +
        v.nodes.map(n => n.html).join(" | "))),
    e => done(["axe failed: " + e]));
"""

LARGE = ("100%", "200%")


def screen(browser, width, scheme):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 1300, "deviceScaleFactor": 1,
        "mobile": False})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"}]})


def look(browser, axe, name, wrong, sizes=("100%",)):
    """Wide and light, then narrow and dark; no wider with text so large."""
    os.makedirs(PICTURES, exist_ok=True)
    for width, scheme in ((1000, "light"), (320, "dark")):
        screen(browser, width, scheme)
        for size in sizes:
            browser.execute_script(
                "document.documentElement.style.fontSize = arguments[0]",
                size)
            page = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
            if page["cssContentSize"]["width"] > width:
                wrong.append(f"{name}: wider than {width}, text {size}")
        browser.execute_script(
            "document.documentElement.removeAttribute('style')")
        # Both are slow, so each page has the checker once, and pictures are
        # taken for whoever runs one file, and of what is wrong.
        if not browser.execute_script("return 'axe' in window"):
            browser.execute_script(axe)
        found = browser.execute_async_script(RULES)
        if found or os.environ.get("RESERVOIR_EVERYDAY") != "1":
            browser.save_screenshot(os.path.join(
                PICTURES, f"{name}-{scheme}.png"))
        wrong += [f"{name} {scheme}: {one}" for one in found]


def test_every_page_is_for_everybody(stack, tables, browser, language, axe):
    visitor = Visitor(stack.http_url, language)
    wrong = []
    pages = all_pages(stack, visitor, tables)
    assert [route for route in pages_without(path for _, path in pages)
            if not route.startswith("/admin")] == []
    for name, path in pages:
        markup = visitor.get(path).text
        assert "<script" not in markup
        assert "style=" not in markup
        # The texts of the language are all there: no key, no hole.
        assert not re.search(r"<(h1|h2|button|legend|label)[^>]*>\s*</",
                             markup), path
        browser.get(stack.http_url + path)
        assert f'<html lang="{language}"' in browser.page_source, path
        look(browser, axe, f"{language}-{name}", wrong, LARGE)
    assert not wrong, "\n".join(wrong)


def test_mistakes_are_for_everybody_too(stack, tables, browser, language,
                                        axe):
    """Forms that come back are shown from the answer itself."""
    visitor = Visitor(stack.http_url, language)
    place = visitor.book(tables.add_slot(2))
    full = tables.add_slot(1)
    visitor.book(full)
    wrong = []
    for name, path in (("form", tables.add_slot(3)),
                       ("wait-form", full + "/wait"),
                       ("email", place + "/email")):
        browser.get(stack.http_url + path)
        browser.execute_script(
            "const f = document.querySelector('form');"
            "for (const i of f.querySelectorAll('input:not([type=hidden])'))"
            " i.value = '';"
            "f.submit();")
        browser.find_element("css selector", "[role=alert]")
        look(browser, axe, f"{language}-{name}-mistake", wrong, LARGE)
    assert not wrong, "\n".join(wrong)
