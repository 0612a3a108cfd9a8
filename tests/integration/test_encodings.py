# SPDX-License-Identifier: MIT
"""Forms of ours in another encoding: a page to check, and nothing is lost."""

import urllib.parse

import pytest
from stack.markup import faults
from stack.offering import service_fields
from stack.organiser import Organiser
from stack.visitor import Page, Visitor, line_of, unique_address

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SAID = {"fr": "Vérifiez les lettres", "en": "Check the letters"}


def post_as(who, encoding, fields, path):
    """Posts as a browser would whose page is in that encoding."""
    body = urllib.parse.urlencode(fields, encoding=encoding)
    return who.session.post(who.url + path, data=body, headers=FORM,
                            timeout=30, allow_redirects=False)


def sent_again(who, answer, **changes):
    """Presses the button of the page that came back."""
    page = Page(answer.text)
    [action] = [one for one in page.actions if one != ""]
    return who.post(page.fields | changes, action)


def is_shown_again(answer, fields, language="fr"):
    assert answer.status_code == 400
    assert not faults(answer.text)
    page = Page(answer.text)
    assert SAID[language] in page.text
    assert {name: page.fields.get(name) for name in fields
            if "\n" not in fields[name]} == {
                name: text for name, text in fields.items()
                if "\n" not in text}
    # What may be wrong is seen, the rest goes along.
    for name, text in fields.items():
        assert (page.kinds[name] == "hidden") == text.isascii(), name
    return page


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_waiting_list_keeps_what_was_typed(stack, tables, language):
    visitor = Visitor(stack.http_url, language)
    full = tables.add_slot(1)
    visitor.book(full)
    fields = visitor.page(full + "/wait").fields | {
        "name": "Zoé Lefèvre", "email": unique_address("line"), "seats": "1"}
    answer = post_as(visitor, "cp1252", fields, full + "/wait")
    page = is_shown_again(answer, fields, language)
    assert page.kinds["name"] == "text"
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s",
                        fields["email"]) == 0
    assert sent_again(visitor, answer).status_code == 303
    assert line_of(stack, fields["email"])
    assert tables.value("SELECT name FROM waiting WHERE email = %s",
                        fields["email"]) == "Zoé Lefèvre"


def test_what_its_label_names_is_read_as_it_is(stack, tables):
    visitor = Visitor(stack.http_url)
    full = tables.add_slot(1)
    visitor.book(full)
    fields = visitor.page(full + "/wait").fields | {
        "name": "Łukasz", "email": unique_address("line"), "seats": "1",
        "_charset_": "iso-8859-2"}
    answer = post_as(visitor, "iso-8859-2", fields, full + "/wait")
    assert answer.status_code == 303
    assert tables.value("SELECT name FROM waiting WHERE email = %s",
                        fields["email"]) == "Łukasz"


def test_organisers_forms_keep_what_was_typed(stack, tables):
    anna = Organiser(stack)
    fields = service_fields(name="Poterie d’été", place="<b>&\"Café",
                            description="Deux\nsoirées")
    answer = post_as(anna, "cp1252", fields, "/admin/services/new")
    page = is_shown_again(answer, fields, "en")
    assert "Place" in page.text and "/admin" in page.links
    assert tables.value("SELECT COUNT(*) FROM service WHERE slug = %s",
                        fields["slug"]) == 0
    answer = sent_again(anna, answer, description="Deux\nsoirées")
    assert answer.status_code == 303, Page(answer.text).text
    slug = fields["slug"]
    assert tables.rows("SELECT name, place, description FROM service WHERE"
                       " slug = %s", slug) == (
        (fields["name"], fields["place"], fields["description"]),)
    for path, more in (
            (f"/admin/services/{slug}", {"place": "Été"}),
            (f"/admin/services/{slug}/question",
             {"kind": "box", "label": "Été"}),
            ("/admin/feeds", {"name": f"Été {slug}"}),
            (f"/admin/services/{slug}/slots/plan", {"closed": "Été"})):
        answer = post_as(anna, "cp1252", more, path)
        is_shown_again(answer, more, "en")
        assert sent_again(anna, answer).status_code in (200, 303, 422), path
    assert tables.value("SELECT place FROM service WHERE slug = %s",
                        slug) == "Été"


def test_a_reason_and_an_address_are_kept(stack, visitor, tables):
    ref = visitor.book(tables.add_slot(2)).rpartition("/")[2][:8]
    anna = Organiser(stack)
    fields = anna.page(f"/admin/b/{ref}/cancel").fields | {
        "reason": "Salle fermée"}
    answer = post_as(anna, "cp1252", fields, f"/admin/b/{ref}/cancel")
    is_shown_again(answer, fields, "en")
    assert tables.value("SELECT cancelled_at IS NULL FROM booking WHERE"
                        " ref = %s", ref) == 1
    assert sent_again(anna, answer).status_code == 303
    assert tables.value("SELECT cancelled_at IS NULL FROM booking WHERE"
                        " ref = %s", ref) == 0


def test_what_is_no_form_of_ours_still_is_none(visitor):
    """Odd names and many fields: shown, never done, never broken."""
    for body in ("%e9=%e9", "lang=%e9", "=%e9", "form.title=%e9",
                 "&".join(f"f{n}=%e9" for n in range(64)),
                 "name=" + "%e9" * 9000, "title=%e9&kind=%e9"):
        answer = visitor.session.post(
            visitor.url + "/find", data=body, headers=FORM, timeout=30)
        assert answer.status_code == 400, body
        assert not faults(answer.text), body
    answer = visitor.session.post(
        visitor.url + "/find", headers=FORM, timeout=30,
        data="&".join(f"f{n}=%e9" for n in range(65)))
    assert answer.status_code == 400
