# SPDX-License-Identifier: MIT
"""What a service asks, on organisers' pages."""

import datetime
import secrets
import threading
import urllib.parse

import pytest
from stack.markup import faults
from stack.offering import audit_of, service_fields
from stack.organiser import Organiser
from stack.visitor import Page, Visitor, at_once, new_key, unique_address

GOOD = {"kind": "choice", "label": "Quel menu\u00a0?",
        "options": "Poisson\r\n\r\n Viande ", "required": "yes",
        "per_seat": "no", "name": ""}


@pytest.fixture(name="anna")
def anna_(stack):
    return Organiser(stack)


@pytest.fixture(name="slug")
def slug_(anna):
    fields = service_fields(language="fr")
    assert anna.post(fields, "/admin/services/new").status_code == 303
    return fields["slug"]


def ask(anna, slug, **changes):
    answer = anna.post(GOOD | changes, f"/admin/services/{slug}/question")
    assert answer.status_code == 303, Page(answer.text).text
    assert answer.headers["Location"] == \
        f"/admin/services/{slug}?done=question_added"


def box(anna, slug, label):
    ask(anna, slug, kind="box", label=label, options="")


def asked(tables, slug):
    return tables.rows(
        "SELECT q.name, q.kind, q.required, q.label, q.options"
        " FROM question q JOIN service s ON s.id = q.service_id"
        " WHERE s.slug = %s AND retired_at IS NULL"
        " ORDER BY q.position, q.id", slug)


def test_a_question_is_added_shown_and_changed(anna, slug, tables):
    before = anna.page(f"/admin/services/{slug}")
    assert "asks for name and e-mail address only" in before.text
    assert f"/admin/services/{slug}/question" in before.links
    form = anna.page(f"/admin/services/{slug}/question")
    assert form.fields["name"] == "" and form.fields["position"] == "0"
    ask(anna, slug)
    assert asked(tables, slug) == (
        ("quel_menu", 2, 1, "Quel menu\u00a0?", "Poisson\nViande"),)
    page = anna.page(f"/admin/services/{slug}?done=question_added")
    assert "The question was added." in page.text
    one = f"/admin/services/{slug}/questions/quel_menu"
    assert one in page.links
    assert "Choice from a list · must be answered" in page.text
    shown = anna.page(one)
    assert "answers.quel_menu" in shown.text
    assert not {"name", "kind", "per_seat"} & set(shown.fields)
    answer = anna.post({"label": "Menu", "options": "Poisson\nViande\nRien",
                        "required": "no"}, one)
    assert answer.headers["Location"].endswith("?done=question_changed")
    assert asked(tables, slug) == (
        ("quel_menu", 2, 0, "Menu", "Poisson\nViande\nRien"),)
    assert "question_added" in audit_of(tables, slug)
    assert "question changed" in anna.page("/admin/log").text


def test_visitors_are_asked_what_was_added(anna, slug, stack, tables):
    ask(anna, slug)
    assert anna.post({"starts_at": "2031-06-03T09:00", "minutes": "30",
                      "capacity": "2"},
                     f"/admin/services/{slug}/slots/new").status_code == 303
    slot = tables.value("SELECT t.id FROM slot t JOIN service s ON s.id ="
                        " t.service_id WHERE s.slug = %s", slug)
    page = Visitor(stack.http_url).page(f"/s/{slug}/{slot}")
    assert "answers.quel_menu" in page.fields


@pytest.mark.parametrize("language, sentence", [
    ("en", "Enter the question"), ("fr", "Saisissez la question")])
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
        stack, slug, tables, language, sentence):
    anna = Organiser(stack, language)
    typed = GOOD | {"label": " ", "options": "<b>\nA\nA", "name": "É",
                    "position": "soon", "kind": "choice"}
    answer = anna.post(typed, f"/admin/services/{slug}/question")
    assert answer.status_code == 422
    page = Page(answer.text)
    assert sentence in page.text
    for name in ("label", "options", "name", "position"):
        assert f"#{name}" in page.links
        assert f'id="{name}-error"' in answer.text
    assert page.fields["name"] == "É" and page.fields["position"] == "soon"
    assert "&lt;b&gt;\nA\nA</textarea>" in answer.text
    assert '<option value="choice" selected>' in answer.text
    # What is wrong is not folded away.
    assert "<details open>" in answer.text
    assert not faults(answer.text)
    assert asked(tables, slug) == ()
    ask(anna, slug, name="menu")
    for path, fields in (("question", GOOD | {"name": "menu"}),
                         ("questions/menu", {"label": "", "options": "x"})):
        answer = anna.post(fields, f"/admin/services/{slug}/{path}")
        assert answer.status_code == 422
        assert not faults(answer.text)
    assert len(asked(tables, slug)) == 1


def test_their_order_is_changed(anna, slug, tables):
    for label in ("A", "B", "C", "D"):
        box(anna, slug, label)

    def order():
        return "".join(row[3] for row in asked(tables, slug))

    assert order() == "ABCD"
    page = anna.page(f"/admin/services/{slug}")
    up = f"/admin/services/{slug}/questions/{{}}/raise"
    assert up.format("a") not in page.actions
    for name, wanted in (("c", "ACBD"), ("c", "CABD"), ("d", "CADB"),
                         ("c", "CADB")):
        answer = anna.post({}, up.format(name))
        assert answer.headers["Location"].endswith("?done=question_raised")
        assert order() == wanted
    # A new one comes last, also behind those that were moved.
    box(anna, slug, "E")
    assert order() == "CADBE"
    # The number can be written, too.
    assert anna.post({"position": "0"},
                     f"/admin/services/{slug}/questions/b").status_code == 303
    assert order() == "BCADE"


def test_it_is_asked_no_more_and_stays_known(anna, slug, tables):
    ask(anna, slug)
    one = f"/admin/services/{slug}/questions/quel_menu"
    assert one + "/retire" in anna.page(one).links
    sure = anna.page(one + "/retire")
    assert "Quel menu" in sure.text and one + "/retire" in sure.actions
    assert asked(tables, slug)
    for done in ("question_retired", "meanwhile"):
        answer = anna.post({}, one + "/retire")
        assert answer.headers["Location"] == \
            f"/admin/services/{slug}?done={done}"
    assert asked(tables, slug) == ()
    page = anna.page(f"/admin/services/{slug}")
    assert "Questions no longer asked Quel menu" in page.text
    # Whoever had its page open is told.
    for path in (one, one + "/retire"):
        assert anna.get(path).headers["Location"].endswith("?done=meanwhile")
    assert anna.post({"label": "X"}, one).headers["Location"].endswith(
        "?done=meanwhile")
    answer = anna.post(GOOD, f"/admin/services/{slug}/question")
    assert answer.status_code == 422 and "once was" in answer.text


def test_what_was_retired_can_be_asked_again(anna, slug, tables):
    ask(anna, slug)
    one = f"/admin/services/{slug}/questions/quel_menu"
    was = asked(tables, slug)
    anna.post({}, one + "/retire")
    assert one + "/restore" in anna.page(f"/admin/services/{slug}").actions
    answer = anna.post({}, one + "/restore")
    assert answer.headers["Location"] == \
        f"/admin/services/{slug}?done=question_restored"
    assert "is asked again" in anna.page(answer.headers["Location"]).text
    assert asked(tables, slug) == was
    assert "no longer asked" not in anna.page(f"/admin/services/{slug}").text
    # Pressed twice, on an older page: it is as it was wished.
    assert anna.post({}, one + "/restore").status_code == 303
    assert audit_of(tables, slug)[-1] == "question_restored"


def test_no_more_than_twenty_are_asked_again(anna, slug, tables):
    box(anna, slug, "Q 0")
    anna.post({}, f"/admin/services/{slug}/questions/q_0/retire")
    for number in range(1, 21):
        box(anna, slug, f"Q {number}")
    page = anna.page(f"/admin/services/{slug}")
    assert not [one for one in page.actions if one.endswith("/restore")]
    answer = anna.post({}, f"/admin/services/{slug}/questions/q_0/restore")
    assert answer.headers["Location"].endswith("?done=question_many")
    assert "twenty" in anna.page(answer.headers["Location"]).text
    assert len(asked(tables, slug)) == 20


def test_other_languages_have_their_own_texts(anna, slug, tables):
    ask(anna, slug)
    one = f"/admin/services/{slug}/questions/quel_menu"
    assert one + "?texts=en" in anna.page(one).links
    assert one + "?texts=fr" not in anna.page(one).links
    assert "not translated yet" in anna.page(one).text
    page = anna.page(one + "?texts=en")
    assert page.fields["text_lang"] == "en" and "required" not in page.fields
    answer = anna.post({"text_lang": "en", "label": "Dish", "options": "Fish"},
                       one)
    assert answer.status_code == 422
    assert Page(answer.text).fields["label"] == "Dish"
    assert Page(answer.text).fields["text_lang"] == "en"
    assert anna.post({"text_lang": "en", "label": "Dish",
                      "options": "Fish\r\nMeat"}, one).status_code == 303
    assert tables.rows("SELECT t.lang, t.label, t.options FROM question_text t"
                       " JOIN question q ON q.id = t.question_id JOIN service"
                       " s ON s.id = q.service_id WHERE s.slug = %s",
                       slug) == (("en", "Dish", "Fish\nMeat"),)
    assert asked(tables, slug)[0][3] == "Quel menu\u00a0?"
    assert "Dish" in anna.page(one).text


def test_twenty_are_the_most_also_at_once(anna, slug, tables):
    for number in range(15):
        box(anna, slug, f"q{number}")
    codes = at_once(12, lambda n: Organiser.post(anna, GOOD | {
        "kind": "box", "options": "", "name": f"z{n}"},
        f"/admin/services/{slug}/question").status_code)
    assert sorted(codes) == [303] * 5 + [422] * 7
    assert len(asked(tables, slug)) == 20
    assert f"/admin/services/{slug}/question" not in anna.page(
        f"/admin/services/{slug}").links


def test_a_crowd_books_while_the_questions_change(anna, stack, slug, tables):
    """Each booking has the answers to what it was asked, or is refused."""
    ask(anna, slug, name="menu")
    day = datetime.date.today() + datetime.timedelta(days=100)
    assert anna.post({"starts_at": f"{day}T09:00", "minutes": "30",
                      "capacity": "25"}, f"/admin/services/{slug}/slots/new"
                     ).status_code == 303
    slot = tables.value("SELECT t.id FROM slot t JOIN service s ON s.id ="
                        " t.service_id WHERE s.slug = %s", slug)
    form = Visitor(stack.http_url).form(f"/s/{slug}/{slot}")
    over = threading.Event()
    codes = []

    def organiser():
        number = 0
        while not over.is_set():
            number += 1
            name = f"q{number}"
            for path, fields in (
                    ("", GOOD | {"kind": "text", "options": "", "name": name,
                                 "required": "no"}),
                    (f"s/{name}/raise", {}),
                    (f"s/{name}", {"label": f"Q {number}"}),
                    (f"s/{name}/retire", {})):
                codes.append(anna.post(
                    fields, f"/admin/services/{slug}/question{path}"
                    ).status_code)

    def visitor(number):
        return Visitor(stack.http_url).post(form | {
            "key": new_key(), "email": unique_address("asked"),
            "answers.menu": "Poisson" if number % 4 else "Tofu"}).status_code

    desk = threading.Thread(target=organiser)
    desk.start()
    try:
        answers = at_once(40, visitor, 12)
    finally:
        over.set()
        desk.join()
    assert codes and set(codes) == {303}
    assert set(answers) <= {303, 409, 422} and answers.count(303) == 25
    assert tables.rows(
        "SELECT COUNT(*), SUM(a.text = 'Poisson') FROM booking b LEFT JOIN"
        " answer a ON a.booking_id = b.id AND a.question_id = (SELECT q.id"
        " FROM question q JOIN service s ON s.id = q.service_id"
        " WHERE s.slug = %s AND q.name = 'menu') WHERE b.slot_id = %s",
        slug, slot)[0] == (25, 25)
    assert len(asked(tables, slug)) == 1


def test_who_may_not_and_what_is_not_there(stack, anna, slug, tables):
    ask(anna, slug)
    forged = Organiser(stack)
    forged.session.headers["Origin"] = "https://evil.example"
    forged.session.headers["Sec-Fetch-Site"] = "cross-site"
    base = f"/admin/services/{slug}/question"
    for who, status in ((Visitor(stack.http_url), 401), (forged, 403)):
        for path in ("", "s/quel_menu", "s/quel_menu/raise",
                     "s/quel_menu/retire", "s/quel_menu/restore"):
            assert who.post(GOOD, base + path).status_code == status, path
    for path in (f"{base}s/none", f"{base}s/none/retire", f"{base}s/None",
                 "/admin/services/nowhere/question",
                 "/admin/services/nowhere/questions/a",
                 f"{base}s/" + urllib.parse.quote("é")):
        assert anna.get(path).status_code == 404, path
        assert anna.post({}, path).status_code == 404, path
    for word in ("raise", "restore"):
        assert anna.post({}, f"{base}s/none/{word}").status_code == 404
    assert len(asked(tables, slug)) == 1
    # An address that only takes a form leads to the page above it.
    assert anna.get(f"{base}s/quel_menu/raise").headers[
        "Location"].endswith("/questions/quel_menu")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_markup_of_their_pages(stack, anna, slug, language):
    ask(anna, slug)
    ask(anna, slug, name=f"more_{secrets.token_hex(2)}")
    box(anna, slug, "Z")
    assert anna.post({}, f"/admin/services/{slug}/questions/z/retire"
                     ).status_code == 303
    reader = Organiser(stack, language)
    base = f"/admin/services/{slug}"
    for path in ("", "/question", "/questions/quel_menu",
                 "/questions/quel_menu?texts=en",
                 "/questions/quel_menu/retire"):
        answer = reader.get(base + path)
        assert answer.status_code == 200
        assert not faults(answer.text), path
