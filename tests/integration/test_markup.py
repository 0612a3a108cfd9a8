# SPDX-License-Identifier: MIT
"""The HTML of every page, also of those that come back, is without fault."""

import glob
import os
import re

import pytest
from stack.layout import TOP
from stack.markup import faults
from stack.organiser import Organiser
from stack.pages import all_pages, desk_pages
from stack.visitor import Visitor, new_key, unique_address


def shell(body):
    return ("<!DOCTYPE html><html lang=en><head><title>x</title></head><body>"
            f"<h1>x</h1>{body}</body></html>")


@pytest.mark.parametrize("body", [
    "<ul></ul>", "<ul>\n</ul>", "<nav aria-label=x>\n</nav>",
    "<nav aria-label=x><ul></ul></nav>", "<p class=''>x</p>",
    "<input id=a aria-describedby=''>", "<input aria-describedby='b'>",
    "<label for=c>x</label>", "<a href='#d'>x</a>", "<a href=x></a>",
    "<p id=e>x</p><p id=e>x</p>", "<input type=date value=x>",
    "<input type=number value=1x>", "<input type=number maxlength=3>",
    "<input type=text max=3>", "<h1>x</h1>", "<h2></h2>", "<q lang=en></q>",
    "<select required><option value=1>x</option></select>",
    "<select></select>", "<time>soon</time>", "<img src=x>", "<p><p></b>",
    "<table><tbody></tbody></table>", "<dl></dl>"])
def test_the_checker_sees_what_is_wrong(body):
    assert not faults(shell("<p>x</p>"))
    assert faults(shell(body)), body


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_of_visitors(stack, tables, language):
    visitor = Visitor(stack.http_url, language)
    wrong = []
    for name, path in all_pages(stack, visitor, tables):
        wrong += [f"{name}: {one}" for one in faults(visitor.get(path).text)]
    assert not wrong, "\n".join(wrong)


NONSENSE = {"name": "", "email": "no", "seats": "two\"", "notes": "x" * 1200}


def wrong_posts(tables, visitor):
    """(name, answer) of forms that come back."""
    slot_page, full = tables.add_slot(5), tables.add_slot(1)
    place = visitor.book(slot_page)
    visitor.book(full)
    form = visitor.page(slot_page).fields
    yield "nonsense", visitor.post(form | NONSENSE)
    yield "no key", visitor.post({"slot": form["slot"]})
    yield "no time", visitor.post(form | NONSENSE | {"slot": ""})
    yield "no time, else right", visitor.post(form | {
        "slot": "", "name": "Zoé", "email": "zoe@example.org", "seats": "1"})
    yield "gone", visitor.post(form | {
        "slot": "999999999", "name": "Zoé", "email": "zoe@example.org"})
    yield "unknown", visitor.post({
        "slot": "999999999", "name": "Zoé", "email": "zoe@example.org",
        "key": new_key()})
    late = visitor.page(full + "/wait").fields
    yield "wait", visitor.post(late | NONSENSE, full + "/wait")
    yield "full", visitor.post(visitor.page(tables.add_slot(2)).fields | {
        "slot": full.rpartition("/")[2], "name": "Zoé", "seats": "1",
        "email": unique_address()})
    for what in ("email", "move"):
        yield what, visitor.post({"email": "no", "slot": "x"},
                                 f"{place}/{what}")
    yield "full to move", visitor.post(
        {"slot": full.rpartition("/")[2]}, place + "/move")


def test_every_form_that_comes_back(stack, tables):
    visitor = Visitor(stack.http_url, "en")
    wrong = []
    for name, answer in wrong_posts(tables, visitor):
        assert answer.status_code >= 400, name
        wrong += [f"{name}: {one}" for one in faults(answer.text)]
    assert not wrong, "\n".join(wrong)


def admin_pages(stack, visitor, tables):
    slot_page = tables.add_slot(5)
    ref = visitor.book(slot_page, notes="Fauteuil").rpartition("/")[2][:8]
    service = f"/admin/services/{slot_page.split('/')[2]}"
    pages = ["/admin", "/admin?day=2001-01-01", "/admin/search",
             "/admin/search?q=a", "/admin/search?q=Martin", f"/admin/b/{ref}",
             f"/admin/b/{ref}?done=resend", "/admin/mails",
             "/admin/mails?state=sent", "/admin/log", "/admin/export",
             "/admin/export.csv?from=x&until=y&service=no", "/admin/feeds",
             "/admin/services", "/admin/services/new", service,
             service + "?texts=en", service + "?texts=fr",
             service + "/slots", service + "/slots/new",
             service + "/slots/plan", service + "/slots?from=2999-01-01",
             f"/admin/b/{ref}/cancel", f"/admin/b/{ref}/erase",
             "/admin/templates",
             "/admin/templates/fr/booking.confirmed"]
    return pages + [path for _, path in desk_pages(stack, tables, pages)]


def wrong_admin_posts(desk, slug, slot):
    service = f"/admin/services/{slug}"
    for path in (service, "/admin/services/new", service + "/slots/new",
                 service + "/slots/plan", f"/admin/slots/{slot}/capacity",
                 f"/admin/slots/{slot}/wait", "/admin/feeds"):
        page = desk.page(path.replace("/capacity", ""))
        for value in ("", "x\"", "2026-02-30", "12"):
            answer = desk.post(
                {name: was if page.kinds[name] == "hidden" else value
                 for name, was in page.fields.items()}, path)
            if answer.status_code != 303:
                yield path, answer


def test_every_page_of_organisers(stack, tables):
    desk = Organiser(stack)
    wrong = []
    visitor = Visitor(stack.http_url)
    for path in admin_pages(stack, visitor, tables):
        wrong += [f"{path}: {one}" for one in faults(desk.get(path).text)]
    slug, slot = tables.add_slot(3).split("/")[2:]
    for path, answer in wrong_admin_posts(desk, slug, slot):
        wrong += [f"POST {path}: {one}" for one in faults(answer.text)]
    assert not wrong, "\n".join(wrong)


def test_without_an_organisation_nothing_is_asked_for(stack):
    markup = Visitor(stack.http_url, "en").get("/privacy").text
    assert "/colours/" not in markup and "<img" not in markup
    assert "responsible" not in markup


def test_pages_of_the_web_server():
    wrong = []
    for path in glob.glob(os.path.join(TOP, "nginx", "errors", "*.html")):
        with open(path, encoding="utf-8") as file:
            markup = re.sub("<!--#.*?-->", "", file.read())     # nginx's own
        wrong += [f"{os.path.basename(path)}: {one}"
                  for one in faults(markup)]
    assert not wrong, "\n".join(wrong)


def test_each_kind_of_field_has_a_look_of_ours():
    """A telephone's was as small as browsers make fields by themselves."""
    kinds, sheets = set(), ""
    for path in glob.glob(os.path.join(TOP, "templates/web/*.html")):
        with open(path, encoding="utf-8") as file:
            kinds |= set(re.findall(r'<input[^>]* type="(\w+)"', file.read()))
    for path in glob.glob(os.path.join(TOP, "nginx/static/*.css")):
        with open(path, encoding="utf-8") as file:
            sheets += file.read()
    bare = {kind for kind in kinds - {"hidden", "checkbox", "radio"}
            if f'input[type="{kind}"]' not in sheets}
    assert kinds and not bare, bare
