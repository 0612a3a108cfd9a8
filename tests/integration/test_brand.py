# SPDX-License-Identifier: MIT
"""The organisation's own name, logo and colour on pages and in mails."""

import os
import re

import pytest
from stack.layout import write_text
from stack.markup import faults
from stack.visitor import Visitor, unique_address
from test_change import mails_of
from test_check import Check

NAME = "Mairie d’Été <&> fils"
SAFE = "Mairie d’Été &lt;&amp;&gt; fils"
YELLOW = "#ffcc00"


@pytest.fixture(scope="module")
def branded(stack):
    """The stack of an organisation, behind https as its visitors see it."""
    conf = stack.overrides["booking"]
    conf.update(site_name=NAME, site_logo="/brand/logo.svg",
                site_colour=YELLOW, site_contact="dpo@example.org",
                base_url="https://rdv.example.fr")
    shelf = os.path.join(stack.at.share, "brand")
    os.makedirs(shelf, exist_ok=True)
    write_text(os.path.join(shelf, "logo.svg"),
               '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"/>',
               0o644)
    stack.restart("booking")
    yield stack
    conf.clear()
    stack.restart("booking")


def test_pages_show_name_logo_and_colour(branded):
    visitor = Visitor(branded.http_url, "en")
    markup = visitor.get("/").text
    assert f" – {SAFE}</title>" in markup
    assert f'<img class="logo" src="/brand/logo.svg" alt="{SAFE}">' in markup
    assert not faults(markup)
    logo = visitor.get("/brand/logo.svg")
    assert logo.status_code == 200
    assert logo.headers["Content-Type"] == "image/svg+xml"
    sheet = re.search(r'href="(/colours/ffcc00\.css)"', markup)
    answer = visitor.get(sheet[1])
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "--accent:#" in answer.text
    # Yellow cannot be read on white: it is darkened there, and only there.
    light, dark = answer.text.splitlines()
    assert YELLOW not in light and YELLOW in dark


@pytest.mark.parametrize("file", [
    "ffcc0.css", "ffcc00", "ffcc0g.css", "ffcc00.csss", "ffcc00.css%0a",
    "..%2f..css", "ffcc00.cs"])
def test_no_other_style_sheet_is_made(branded, file):
    assert Visitor(branded.http_url).get("/colours/" + file).status_code == 404


@pytest.mark.parametrize("language, words", [
    ("fr", "est responsable de ces données"),
    ("en", "is responsible for this data")])
def test_the_page_about_privacy_says_who_answers(branded, language, words):
    page = Visitor(branded.http_url, language).page("/privacy")
    assert f"{NAME} {words}" in page.text
    assert "mailto:dpo@example.org" in page.links


def test_mails_are_of_the_same_family(branded, mailbox):
    visitor = Visitor(branded.http_url, "en")
    address = unique_address("brand")
    visitor.book(email=address)
    mail = mails_of(mailbox, address, 1)[0]
    html = mail.get_body(("html",)).get_content()
    accent = re.search("--accent:(#[0-9a-f]{6})", visitor.get(
        "/colours/ffcc00.css").text)[1]
    assert f"background:{accent}" in re.sub(r"\s+", "", html)
    assert f'src="https://rdv.example.fr/brand/logo.svg" alt="{SAFE}"' in html
    assert "#0b5d6b" not in html
    # What is shown beside the subject is what has happened, not a picture.
    assert html.index("display:none") < html.index("<img")


@pytest.fixture
def check(tmp_path):
    return Check(str(tmp_path), "booking")


@pytest.mark.parametrize("setting, value, words", [
    ("site_colour", "teal", "is not #rrggbb"),
    ("ref_prefix", "i", "is not made of 0-9 and A-Z without I, L, O and U"),
    ("ref_prefix", "ABC", "longer than 2"),
    ("site_colour", "#0b5d6", "is not #rrggbb"),
    ("site_logo", "logo.png", "is not a path"),
    ("site_logo", "//elsewhere.example/x.png", "is not a path"),
    ("site_logo", "/brand/../x.png", "is not a path"),
    ("site_logo", "/a\"b.png", "is not a path"),
    ("site_contact", "somebody", "neither an address nor https"),
    ("site_contact", "javascript:alert(1)", "neither an address nor https"),
    ("site_contact", "http://example.org/", "neither an address nor https")])
def test_a_start_refuses_what_cannot_be_shown(check, setting, value, words):
    result = check.run("-t", **{setting: value})
    assert result.returncode == 78
    assert setting in result.stderr and words in result.stderr


def test_t_says_when_a_colour_is_too_bright(check):
    result = check.run("-t", site_colour=YELLOW)
    assert result.returncode == 0, result.stderr
    assert "less than 4.5:1 on light pages" in result.stderr
    assert "dark pages" not in result.stderr
    result = check.run("-t", site_colour="#808080")
    assert "light pages" in result.stderr and "dark pages" in result.stderr
