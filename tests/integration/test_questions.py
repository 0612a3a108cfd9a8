# SPDX-License-Identifier: MIT
"""What a service asks: defined, answered on every face, told, erased."""

import csv
import datetime
import io
import json
import secrets
import subprocess
import urllib.parse

import pytest
import requests
from stack.organiser import Organiser
from stack.visitor import (Page, Tables, Visitor, at_once, line_of, new_key,
                           unique_address, wait_until)
from test_change import booked_of, slot_of, text_of

PHONE = "+33 (0)6 12 34 56 78"
DAY = datetime.date.today() + datetime.timedelta(days=185)


def run(stack, *words, status=0):
    done = subprocess.run(
        [stack.env["BOOKCTL"], "-c", stack.env["BOOKING_CONF"], *words],
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == status, (words, done.stdout, done.stderr)
    return done.stdout if status == 0 else done.stderr


class Asking:
    """A service of its own with a question of each kind, and its slots."""

    def __init__(self, stack, tables, capacity=3):
        self.stack, self.tables = stack, tables
        self.slug = f"ask-{secrets.token_hex(4)}"
        self.organiser = unique_address("boss")
        run(stack, "service", "add", "--slug", self.slug, "--name", "Repas",
            "--zone", "Europe/Paris", "--language", "fr",
            "--organiser-email", self.organiser, "--organiser-mails", "yes")
        self.ask("phone", "phone", "Votre téléphone", "--required", "yes")
        self.ask("menu", "choice", "Plat", "--options", "Poisson; Viande")
        self.ask("terms", "box", "J’accepte", "--required", "yes")
        self.ask("who", "text", "Noms", "--per-seat", "yes")
        self.ask("more", "lines", "Allergies")
        run(stack, "question", "change", "--service", self.slug, "--name",
            "menu", "--lang", "en", "--label", "Dish", "--options",
            "Fish;Meat")
        self.slot = self.add(capacity)

    def ask(self, name, kind, label, *more):
        run(self.stack, "question", "add", "--service", self.slug, "--name",
            name, "--kind", kind, "--label", label, *more)

    def add(self, capacity):
        hour = f"{secrets.randbelow(12) + 8:02}:{secrets.randbelow(60):02}"
        number = run(self.stack, "slots", "add", "--service", self.slug,
                     "--start", f"{DAY}T{hour}", "--capacity", str(capacity))
        return f"/s/{self.slug}/{number.strip()}"

    def answers(self, booking):
        return dict(self.tables.rows(
            "SELECT CONCAT(q.name, '/', a.seat), a.text FROM answer a"
            " JOIN question q ON q.id = a.question_id"
            " JOIN booking b ON b.id = a.booking_id WHERE b.ref = %s",
            ref_of(booking)))


GOOD = {"answers.phone": PHONE, "answers.menu": "Viande",
        "answers.terms": "yes", "answers.who": "Zoé\r\nMax",
        "answers.more": "noix\r\nœufs", "seats": "2"}
API = {"phone": PHONE, "menu": "Viande", "terms": True,
       "who": ["Zoé", "Max"], "more": "noix\nœufs"}
KEPT = {"phone/0": PHONE, "menu/0": "Viande", "terms/0": "yes",
        "who/1": "Zoé", "who/2": "Max", "more/0": "noix\nœufs"}


@pytest.fixture(name="asking", scope="module")
def asking_(stack):
    with Tables(stack.env) as tables:
        yield Asking(stack, tables, 40)


def ref_of(place):
    return place.rpartition("/")[2].partition(".")[0]


def api(stack, body, key=None):
    return requests.post(stack.http_url + "/api/v1/bookings", json=body,
                         headers={"Idempotency-Key": key or new_key()},
                         timeout=20)


def request_of(asking, **more):
    return {"slot": int(slot_of(asking.slot)), "name": "Zoé Martin",
            "email": unique_address(), "lang": "fr", "seats": 2} | more


def test_the_form_asks_and_keeps_what_was_answered(visitor, asking):
    page = visitor.page(asking.slot)
    assert page.kinds["answers.phone"] == "tel"
    assert page.kinds["answers.terms"] == "checkbox"
    assert page.kinds["answers.who"] == "textarea"
    place = visitor.book(asking.slot, **GOOD)
    assert asking.answers(place) == KEPT
    shown = visitor.page(place).text
    for text in ("Votre téléphone", PHONE, "Viande", "Zoé Max", "Oui"):
        assert text in shown


def test_what_is_wrong_is_said_twice_and_kept(visitor, asking):
    fields = visitor.form(asking.slot, **GOOD) | {
        "answers.phone": "no", "answers.menu": "Tofu"}
    del fields["answers.terms"]
    answer = visitor.post(fields)
    assert answer.status_code == 422
    page = Page(answer.text)
    for name in ("phone", "menu", "terms"):
        assert f"#answers.{name}" in page.links
        assert f'id="answers.{name}-error"' in answer.text
    assert "Votre téléphone – Ce n’est pas un numéro" in page.text
    assert page.fields["answers.phone"] == "no"
    assert "noix\nœufs</textarea>" in answer.text.replace("\r", "")
    # And then it is booked by the same form.
    good = page.fields | GOOD
    assert visitor.post(good).status_code == 303


def test_another_language_keeps_what_was_answered(stack, asking):
    visitor = Visitor(stack.http_url)
    answer = visitor.post(visitor.form(asking.slot, **GOOD) | {"show": "en"})
    assert answer.status_code == 200
    assert '<option value="Viande" selected' in answer.text
    page = Page(answer.text)
    assert "Dish" in page.text and "Meat" in page.text
    assert page.fields["answers.phone"] == PHONE
    assert 'value="yes" checked' in answer.text


def test_a_full_slot_s_page_keeps_the_answers(visitor, asking):
    small = asking.add(1)
    other = {name: value for name, value in GOOD.items() if name != "seats"}
    fields = visitor.form(small, **other | {"answers.who": "Zoé"})
    visitor.book(small, **other | {"answers.who": "Max"})
    answer = visitor.post(fields)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert page.fields["answers.phone"] == PHONE
    assert 'value="Viande" selected' in answer.text


def test_the_api_lists_and_takes_answers(stack, asking):
    url = f"{stack.http_url}/api/v1/services/{asking.slug}/slots"
    asked = requests.get(url, headers={"Accept-Language": "en"},
                         timeout=20).json()["service"]["questions"]
    assert [q["name"] for q in asked] == ["phone", "menu", "terms", "who",
                                         "more"]
    assert asked[1]["label"] == "Dish"
    assert asked[1]["options"][1] == {"value": "Viande", "label": "Meat"}
    services = requests.get(stack.http_url + "/api/v1/services",
                            timeout=20).json()["services"]
    assert [len(s["questions"]) for s in services
            if s["slug"] == asking.slug] == [5]
    answer = api(stack, request_of(asking, answers=API))
    assert answer.status_code == 201, answer.text
    assert answer.json()["answers"] == API
    again = requests.get(answer.json()["links"]["self"].replace(
        answer.json()["links"]["self"].split("/api/")[0], stack.http_url),
        timeout=20)
    assert again.json()["answers"] == API


def test_the_api_points_at_what_is_wrong(stack, asking):
    answer = api(stack, request_of(
        asking, answers={"phone": "x", "who": ["a", "b", "c"],
                         "nobody": "y", "menu": 7}))
    assert answer.status_code == 422
    errors = {e["pointer"]: e["code"] for e in answer.json()["errors"]}
    assert errors == {"/answers/phone": "phone_broken",
                      "/answers/menu": "wrong_type",
                      "/answers/terms": "box_required",
                      "/answers/who": "answer_seats",
                      "/answers": "answer_unknown"}
    answer = api(stack, request_of(asking))
    assert {e["pointer"] for e in answer.json()["errors"]} == {
        "/answers/phone", "/answers/terms"}


def test_other_answers_with_the_same_key_are_another_request(stack, asking):
    key, body = new_key(), request_of(asking, answers=API)
    assert api(stack, body, key).status_code == 201
    same = api(stack, body, key)
    assert same.status_code == 200 and same.json()["answers"] == API
    body["answers"] = API | {"menu": "Poisson"}
    assert api(stack, body, key).status_code == 422


def test_the_organiser_reads_them_in_mail_page_and_shell(stack, visitor,
                                                         mailbox, asking):
    place = visitor.book(asking.slot, **GOOD)
    ref = ref_of(place)
    mails = wait_until(
        lambda: [m for m in map(mailbox.mail, mailbox.mails_to(
            asking.organiser)) if f"{ref[:4]}-{ref[4:]}" in text_of(m)],
        60, "the organiser's mail")
    text = text_of(mails[0])
    for line in ("Votre téléphone", PHONE, "Plat", "Viande", "Zoé", "Max",
                 "noix", "œufs", "J’accepte", "Oui"):
        assert line in text
    story = json.loads(run(stack, "trace", ref, "--json"))
    assert story["answers"] == API
    shown = run(stack, "trace", ref)
    assert PHONE in shown and "menu: Viande" in shown
    page = Organiser(stack).get(f"/admin/b/{ref}").text
    assert 'href="tel:+33612345678"' in page


def test_a_telephone_is_on_the_day_and_found(stack, visitor, asking):
    mine = f"+33 6 {secrets.randbelow(10**8):08}"
    place = visitor.book(asking.slot, **GOOD | {"answers.phone": mine})
    anna = Organiser(stack)
    link = f'href="tel:{mine.replace(" ", "")}"'
    assert link in anna.get(f"/admin?day={DAY}").text
    digits = mine.replace(" ", "")[3:]
    for term in (mine, "0" + digits, digits[-6:], f"0033 {digits}",
                 "0" + " ".join(digits)):
        found = anna.get("/admin/search?q=" + urllib.parse.quote(term)).text
        assert link in found and ref_of(place) in found, term
    wrong = str((int(digits) + 1) % 10**9)
    assert link not in anna.get(f"/admin/search?q=0{wrong}").text


def test_the_export_has_a_column_for_each_question(stack, visitor, asking):
    ref = ref_of(visitor.book(asking.slot, **GOOD))
    text = run(stack, "export", "--service", asking.slug)
    rows = list(csv.DictReader(io.StringIO(text)))
    row = [row for row in rows if row["reference"] == ref][0]
    # A number in front of which a spreadsheet would calculate is guarded.
    assert {name.removeprefix("answers."): text for name, text in row.items()
            if name.startswith("answers.")} == {
        "phone": "'" + PHONE, "menu": "Viande", "terms": "yes",
        "who": "Zoé\nMax", "more": "noix\nœufs"}
    sheet = Organiser(stack).get(
        f"/admin/export.csv?service={asking.slug}").content.decode("utf-8-sig")
    assert ref in [row["reference"] for row in
                   csv.DictReader(io.StringIO(sheet))
                   if row["answers.who"] == "Zoé\nMax"]
    lines = map(json.loads, run(stack, "export", "--service", asking.slug,
                                "--json").splitlines())
    assert [line["answers"]["who"] for line in lines
            if line["reference"] == ref] == ["Zoé\nMax"]


def test_forms_on_other_sites_answer_by_the_same_names(stack, asking):
    site = "https://kit.example"
    key = run(stack, "key", "add", "--form", f"kit-{secrets.token_hex(3)}",
              "--origin", site).split()[0]
    url = f"{stack.http_url}/f/{key}"
    form = GOOD | {"slot": str(slot_of(asking.slot)), "name": "Zoé",
                   "email": unique_address(), "_gotcha": "", "_lang": "en",
                   "service": asking.slug}
    bad = requests.post(url, data=form | {"answers.phone": "no"}, timeout=20,
                        headers={"Origin": site}, allow_redirects=False)
    assert bad.status_code == 422
    page = Page(bad.text)
    assert "#answers.phone" in page.links
    assert page.fields["answers.phone"] == "no"
    # A script sends the same names in JSON.
    said = requests.post(url, json=form | {"answers.phone": "no"}, timeout=20,
                         headers={"Origin": site})
    assert [e["pointer"] for e in said.json()["errors"]] == ["/answers/phone"]
    good = requests.post(url, data=form, timeout=20, allow_redirects=False,
                         headers={"Origin": site})
    assert good.status_code == 303, Page(good.text).text
    ref = asking.tables.value("SELECT ref FROM booking WHERE email = %s",
                              form["email"])
    assert asking.answers("/b/" + ref) == KEPT


def test_a_crowd_leaves_no_half_booking_and_none_too_many(stack, tables,
                                                          asking):
    small = asking.add(10)
    other = {name: value for name, value in GOOD.items() if name != "seats"}
    form = Visitor(stack.http_url).form(small, **other | {
        "answers.who": "Zoé"})

    def book(number):
        # Each third one is refused for its answer.
        answer = {"answers.phone": "no"} if number % 3 == 0 else {}
        return Visitor(stack.http_url).post(form | answer | {
            "key": new_key(), "email": unique_address("crowd")}).status_code

    codes = at_once(40, book, 12)
    assert sorted(set(codes)) == [303, 409, 422]
    assert codes.count(303) == 10
    slot = slot_of(small)
    assert booked_of(tables, slot) == 10
    assert tables.rows(
        "SELECT COUNT(DISTINCT b.id), COUNT(*) FROM booking b JOIN answer a"
        " ON a.booking_id = b.id WHERE b.slot_id = %s", slot)[0] == (10, 50)
    # What was rolled back left nothing.
    assert tables.value("SELECT COUNT(*) FROM answer a LEFT JOIN booking b"
                        " ON b.id = a.booking_id WHERE b.id IS NULL") == 0


def test_erased_they_are_gone(stack, visitor, tables, asking):
    place = visitor.book(asking.slot, **GOOD)
    assert asking.answers(place)
    visitor.post({}, place + "/erase")
    assert asking.answers(place) == {}
    assert tables.value("SELECT erased_at IS NOT NULL FROM booking WHERE"
                        " ref = %s", ref_of(place)) == 1


def test_whoever_waits_is_asked_when_the_place_is_kept(stack, visitor, tables,
                                                       asking):
    small = asking.add(1)
    other = {name: value for name, value in GOOD.items() if name != "seats"}
    one = {"answers.who": "Zoé"}
    place = visitor.book(small, **other | one)
    form = visitor.page(small + "/wait").fields
    assert not [name for name in form if name.startswith("answers.")]
    email = unique_address("lea")
    assert visitor.post(form | {"name": "Léa", "email": email, "seats": "1"},
                        small + "/wait").status_code == 303
    line = line_of(stack, email)
    visitor.post({}, place + "/cancel")
    wait_until(lambda: line + "/take" in visitor.page(line).actions, 30,
               "the offer")
    assert "answers.phone" in visitor.page(line).fields
    answer = visitor.post({"answers.phone": "no", "answers.terms": "yes"},
                          line + "/take")
    assert answer.status_code == 422
    assert "#answers.phone" in Page(answer.text).links
    assert tables.bookings_of(email) == 0
    answer = visitor.post(other | one, line + "/take")
    assert answer.status_code == 303
    assert asking.answers(answer.headers["Location"])["phone/0"] == PHONE


def test_a_retired_question_keeps_its_answers_and_its_name(stack, visitor,
                                                           tables):
    asking = Asking(stack, tables)
    before = visitor.form(asking.slot, **GOOD)
    place = visitor.book(asking.slot, **GOOD | {"seats": "1",
                                                "answers.who": "Zoé"})
    run(stack, "question", "retire", "--service", asking.slug, "--name",
        "phone")
    assert "answers.phone" not in visitor.page(asking.slot).fields
    assert PHONE in visitor.page(place).text
    # A form that was open before is taken, without what is asked no more.
    answer = visitor.post(before)
    assert answer.status_code == 303, Page(answer.text).text
    assert "phone/0" not in asking.answers(answer.headers["Location"])
    said = run(stack, "question", "add", "--service", asking.slug, "--name",
               "phone", "--kind", "phone", "--label", "Tél", status=65)
    assert "once was" in said
    assert "retired" in run(stack, "question", "list", "--service",
                            asking.slug)
    # Asked again, it is the same one.
    for _ in range(2):
        run(stack, "question", "restore", "--service", asking.slug, "--name",
            "phone")
    assert "retired" not in run(stack, "question", "list", "--service",
                                asking.slug)
    assert "no question" in run(stack, "question", "restore", "--service",
                                asking.slug, "--name", "none", status=65)


def test_a_question_that_is_new_is_asked_of_an_open_form(stack, visitor,
                                                         tables):
    """Each worker may know an older service for a minute."""
    asking = Asking(stack, tables)
    for _ in range(8):      # every worker keeps the service
        visitor.post(visitor.form(asking.slot))
    asking.ask("age", "text", "Âge")
    for _ in range(2):
        place = visitor.book(asking.slot, **GOOD | {
            "seats": "1", "answers.who": "Zoé", "answers.age": "7"})
        assert asking.answers(place)["age/0"] == "7"


def test_twenty_questions_are_the_most(stack, tables):
    asking = Asking(stack, tables)
    for number in range(15):
        asking.ask(f"q{number}", "text", f"Q {number}")
    said = run(stack, "question", "add", "--service", asking.slug, "--name",
               "z", "--kind", "text", "--label", "Z", status=65)
    assert "at most 20" in said
    # And a body of all of them is read.
    body = request_of(asking, seats=1, answers=API | {"who": ["a"]} | {
        f"q{n}": "x" * 200 for n in range(15)})
    assert api(stack, body).status_code == 201
