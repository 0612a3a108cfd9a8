# SPDX-License-Identifier: MIT
"""Services and slots for organisers' programs, by doc/openapi.json."""

import datetime
import secrets

import pytest
from stack.contract import Contract
from stack.keys import add_api_key
from stack.offering import AUTUMN, SPRING, YEAR, slots_of
from stack.visitor import Visitor, unique_address

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def contract(stack):
    return Contract(stack.http_url, add_api_key(stack, "offering"))


@pytest.fixture
def wish():
    return {"slug": f"api-{secrets.token_hex(4)}", "name": "Poterie",
            "time_zone": "Europe/Paris"}


@pytest.fixture
def slug(contract, wish):
    assert contract.call("POST", "/admin/services",
                         json=wish).status_code == 201
    return wish["slug"]


def errors_of(answer):
    assert answer.status_code == 422, answer.text
    return [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


def path_of(slug, rest=""):
    return f"/admin/services/{slug}{rest}"


def test_a_service_is_added_read_and_changed(contract, wish, tables):
    made = contract.call("POST", "/admin/services", json=wish | {
        "notice_minutes": 90, "organiser_mails": True,
        "organiser_email": "anna@example.org"})
    assert made.status_code == 201
    assert made.headers["Location"] == "/api/v1" + path_of(wish["slug"])
    one = contract.call("GET", path_of(wish["slug"])).json()
    assert one == made.json()
    assert one == wish | {
        "description": "", "place": "", "language": "", "notice_minutes": 90,
        "reminder_minutes": 1440, "offer_minutes": 120,
        "confirm_minutes": 0, "organiser_name": "",
        "organiser_email": "anna@example.org", "organiser_mails": True,
        "noun": "", "texts": {}}
    changed = contract.call("PATCH", path_of(wish["slug"]), json={
        "place": "Cour", "organiser_mails": False}).json()
    now = one | {"place": "Cour", "organiser_mails": False}
    assert changed == now | {"booked_ahead": 0, "told": 0}
    # Sent back as it was read: the same.
    assert contract.call("PATCH", path_of(wish["slug"]),
                         json=changed).json() == changed
    listed = [row for row in contract.call(
        "GET", "/admin/services").json()["services"]
        if row["slug"] == wish["slug"]]
    assert listed == [now | {"slots_ahead": 0, "places_ahead": 0,
                                 "places_booked": 0}]
    assert [row[0] for row in tables.rows(
        "SELECT action FROM audit WHERE actor = 'key:offering' AND object ="
        " %s ORDER BY id", wish["slug"])] == [
            "service_added"] + ["service_changed"] * 2


def test_a_name_is_enough(contract, tables):
    word = secrets.token_hex(4)
    made = contract.call("POST", "/admin/services",
                         json={"name": f"L’été {word}"})
    assert made.status_code == 201
    assert made.json()["slug"] == f"l-ete-{word}"
    zone = contract.call("GET", path_of(f"l-ete-{word}")).json()["time_zone"]
    assert zone == tables.value("SELECT zone FROM service WHERE slug = %s",
                                f"l-ete-{word}") != ""
    assert errors_of(contract.call("POST", "/admin/services", json={
        "name": f"l ete {word}", "slug": ""})) == [("/slug", "slug_taken")]


def test_what_is_wrong_is_told_field_by_field(contract, wish, slug, tables):
    before = tables.value("SELECT COUNT(*) FROM service")
    assert errors_of(contract.call("POST", "/admin/services",
                                   json=wish)) == [("/slug", "slug_taken")]
    assert errors_of(contract.call("POST", "/admin/services", json={})) == [
        ("/name", "service_name_required")]
    assert errors_of(contract.call("POST", "/admin/services", json={
        "name": "\u674e", "time_zone": ""})) == [
        ("/time_zone", "zone_required"), ("/slug", "slug_required")]
    assert errors_of(contract.call("POST", "/admin/services", json=wish | {
        "slug": "A", "time_zone": "x", "name": ["a"], "place": "a\u202eb",
        "offer_minutes": 0, "organiser_mails": "maybe"})) == [
        ("/name", "wrong_type"), ("/slug", "slug_broken"),
        ("/place", "text_control"), ("/time_zone", "zone_unknown"),
        ("/offer_minutes", "minutes_one"),
        ("/organiser_mails", "flag_wrong")]
    assert errors_of(contract.call("PATCH", path_of(slug), json={
        "slug": "other"})) == [("/slug", "slug_fixed")]
    assert errors_of(contract.call("PATCH", path_of(slug), json={
        "organiser_mails": True})) == [
            ("/organiser_email", "mails_need_address")]
    assert tables.value("SELECT COUNT(*) FROM service") == before


def test_slots_are_added_listed_changed_and_removed(contract, slug, tables,
                                                   stack):
    slots = path_of(slug, "/slots")
    made = contract.call("POST", slots, json={
        "starts_at": f"{AUTUMN}T02:30", "minutes": 60, "capacity": 2,
        "count": 2})
    assert made.status_code == 201
    assert [(one["starts_at"], one["ends_at"]) for one in
            made.json()["slots"]] == [
        (f"{AUTUMN}T02:30:00+02:00", f"{AUTUMN}T02:30:00+01:00"),
        (f"{AUTUMN}T02:30:00+01:00", f"{AUTUMN}T03:30:00+01:00")]
    listed = contract.call("GET", slots).json()
    assert listed == made.json()
    assert contract.call("GET", slots + f"?from={AUTUMN}&until={AUTUMN}"
                         ).json() == listed
    after = AUTUMN + datetime.timedelta(days=1)
    assert contract.call("GET", f"{slots}?from={after}").json() == {
        "slots": [], "complete": True}
    assert errors_of(contract.call("GET", slots + "?from=x&until=y")) == [
        ("/from", "from_date"), ("/until", "until_date")]
    # One that is there, by its offset; one that the clocks skip; none.
    for body, wrong in (
            ({"starts_at": f"{AUTUMN}T00:30Z", "capacity": 1},
             [("/starts_at", "time_there")]),
            ({"starts_at": f"{SPRING}T02:30", "capacity": 1},
             [("/starts_at", "time_skipped")]),
            ({"starts_at": "2025-01-01T10:00", "capacity": 1},
             [("/starts_at", "time_past")]),
            ({}, [("/starts_at", "time_required"),
                  ("/capacity", "capacity_wrong")])):
        assert errors_of(contract.call("POST", slots, json=body)) == wrong
    assert len(slots_of(tables, slug)) == 2

    first, second = (f"/admin/slots/{one['id']}"
                     for one in listed["slots"])
    Visitor(stack.http_url).book(
        f"/s/{slug}/{listed['slots'][0]['id']}", seats="2")
    assert contract.call("GET", first).json()["booked"] == 2
    assert errors_of(contract.call("PATCH", first, json={
        "capacity": 1})) == [("/capacity", "capacity_booked")]
    assert errors_of(contract.call("PATCH", first, json={})) == [
        ("/capacity", "capacity_wrong")]
    assert contract.call("PATCH", first, json={
        "capacity": 5}).json() == listed["slots"][0] | {
            "capacity": 5, "booked": 2}
    closed = contract.call("PATCH", first, json={"closed": True}).json()
    assert (closed["closed"], closed["capacity"]) == (True, 5)
    assert contract.call("PATCH", first, json={
        "closed": False, "capacity": 5}).json()["closed"] is False
    assert errors_of(contract.call("PATCH", first, json={
        "closed": "maybe", "capacity": 1})) == [("/closed", "flag_wrong")]
    refused = contract.call("DELETE", first)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/problems/slot-in-use")
    assert contract.call("DELETE", second).json() == listed["slots"][1]
    assert contract.call("GET", second).status_code == 404
    assert [row[2:] for row in slots_of(tables, slug)] == [(5, 2)]
    assert tables.value(
        "SELECT GROUP_CONCAT(action ORDER BY id) FROM audit WHERE actor ="
        " 'key:offering' AND object = %s", slug) == (
            "service_added,slots_added,slot_capacity,slot_closed,slot_opened,"
            "slot_removed")


def test_opening_hours_are_looked_at_and_added(contract, slug, tables):
    plan = path_of(slug, "/slots/plan")
    body = {"from": str(SPRING), "until": str(SPRING), "capacity": 3,
            "hours": "sun 01:30-04:00", "dry_run": True}
    look = {"added": 3, "there": 0, "skipped": 2, "dry_run": True}
    assert contract.call("POST", plan, json=body).json() == look
    assert slots_of(tables, slug) == ()
    assert contract.call("POST", plan, json=body | {"dry_run": False}
                         ).json() == look | {"dry_run": False}
    assert contract.call("POST", plan, json=body).json() == look | {
        "added": 0, "there": 3}
    assert len(slots_of(tables, slug)) == 3
    for wrong, errors in (
            ({"hours": "sun 9-10"}, [("/hours", "hours_wrong")]),
            ({"until": f"{YEAR - 1}-01-01"}, [("/until", "until_before")]),
            ({"from": "2025-01-01", "until": "2025-01-02"},
             [("/from", "day_past")]),
            ({"until": f"{YEAR + 1}-12-31", "minutes": 1,
              "hours": "mon-sun 00:00-24:00"}, [("/until", "plan_many")]),
            ({"closed": "never", "dry_run": 1},
             [("/closed", "closed_wrong"), ("/dry_run", "flag_wrong")])):
        assert errors_of(contract.call("POST", plan,
                                       json=body | wrong)) == errors


def test_questions_are_added_read_changed_and_retired(contract, slug, tables):
    questions = path_of(slug, "/questions")
    made = contract.call("POST", questions, json={
        "kind": "choice", "label": "Quel menu ?", "options":
        ["Poisson", "Viande"], "required": True})
    assert made.status_code == 201
    menu = {"name": "quel_menu", "kind": "choice", "label": "Quel menu ?",
            "options": ["Poisson", "Viande"], "required": True,
            "per_seat": False, "position": 0, "retired": False,
            "translations": {}}
    assert made.json() == menu
    one = questions + "/quel_menu"
    assert made.headers["Location"] == "/api/v1" + one
    assert contract.call("GET", one).json() == menu
    # Sent back as it was read: the same.
    assert contract.call("PATCH", one, json=menu).json() == menu
    contract.call("POST", questions, json={
        "name": "phone", "kind": "phone", "label": "Téléphone"})
    menu["translations"] = {"en": {"label": "Dish", "options":
                                   ["Fish", "Meat"]}}
    assert contract.call("PATCH", one, json={
        "text_lang": "en", "label": "Dish", "options": "Fish\nMeat"}
        ).json() == menu
    menu |= {"position": 7, "required": False}
    assert contract.call("PATCH", one, json={
        "position": 7, "required": False}).json() == menu
    assert [q["name"] for q in contract.call("GET", questions).json()[
        "questions"]] == ["phone", "quel_menu"]
    assert [q["name"] for q in contract.call(
        "GET", f"/services/{slug}/slots").json()["service"]["questions"]
        ] == ["phone", "quel_menu"]
    menu["retired"] = True
    for _ in range(2):
        assert contract.call("DELETE", one).json() == menu
    assert contract.call("GET", one).json() == menu
    assert contract.call("PATCH", one, json={}).status_code == 404
    menu["retired"] = False
    for _ in range(2):
        assert contract.call("POST", one + "/restore").json() == menu
    assert contract.call("GET", one).json() == menu
    assert contract.call("POST", questions + "/none/restore"
                         ).status_code == 404
    assert tables.rows(
        "SELECT action, COUNT(*) FROM audit WHERE actor = 'key:offering' AND"
        " object = %s AND action LIKE 'question%%' GROUP BY action"
        " ORDER BY action", slug) == (
            ("question_added", 2), ("question_changed", 3),
            ("question_restored", 1), ("question_retired", 1))


def test_nobody_waits_for_what_is_new(contract, slug):
    slot = contract.call("POST", path_of(slug, "/slots"), json={
        "starts_at": f"{YEAR}-02-03T10:00", "capacity": 1}
        ).json()["slots"][0]["id"]
    nobody = {"waiting": [], "complete": True}
    assert contract.call("GET", path_of(slug, "/waiting")).json() == nobody
    assert contract.call("GET", f"/admin/slots/{slot}/waiting"
                         ).json() == nobody
    assert contract.call("GET", path_of(slug, "/waiting?from=x")
                         ).status_code == 422


def test_a_line_is_filled_and_cleared(contract, slug, tables):
    slot = contract.call("POST", path_of(slug, "/slots"), json={
        "starts_at": f"{YEAR}-02-03T10:00", "capacity": 1}
        ).json()["slots"][0]["id"]
    path = f"/admin/slots/{slot}/waiting"
    ada = {"name": "Ada", "email": unique_address("desk"), "lang": "en"}
    answers = [contract.call("POST", path, json=ada) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]
    assert [one.json()["added"] for one in answers] == [True, False]
    row, = contract.call("GET", path).json()["waiting"]
    ref = answers[0].json()["reference"]
    assert (row["email"], row["reference"]) == (ada["email"], ref)
    assert set(errors_of(contract.call("POST", path, json=ada | {
        "slot": 1, "seats": 2, "lang": "xx"}))) == {
            ("/seats", "seats_many"), ("/lang", "lang_unknown"),
            ("/slot", "slot_unknown")}
    assert contract.call("DELETE", f"{path}/{ref.lower()}").json() == {
        "reference": ref, "state": "removed"}
    assert contract.call("DELETE", f"{path}/{ref}").status_code == 404
    tables.rows("UPDATE slot SET starts_at = NOW() - INTERVAL 1 MINUTE"
                " WHERE id = %s", slot)
    assert contract.call("POST", path, json=ada).status_code == 409


def test_no_more_than_twenty_are_asked_again(contract, slug):
    questions = path_of(slug, "/questions")
    for number in range(20):
        contract.call("POST", questions, json={
            "name": f"q{number}", "kind": "box", "label": "Q"})
    contract.call("DELETE", questions + "/q3")
    contract.call("POST", questions, json={"name": "new", "kind": "box",
                                           "label": "Q"})
    assert errors_of(contract.call("POST", questions + "/q3/restore")) == [
        ("/name", "questions_many")]
    # One that is asked is told so, however many others are.
    assert contract.call("POST", questions + "/q4/restore").status_code == 200
    contract.call("DELETE", questions + "/new")
    assert contract.call("POST", questions + "/q3/restore"
                         ).json()["retired"] is False


def test_what_is_wrong_with_a_question_is_told(contract, slug):
    questions = path_of(slug, "/questions")
    assert errors_of(contract.call("POST", questions, json={})) == [
        ("/kind", "question_kind"), ("/label", "question_label")]
    good = {"name": "a", "kind": "text", "label": "A"}
    assert contract.call("POST", questions, json=good).status_code == 201
    assert errors_of(contract.call("POST", questions, json=good)) == [
        ("/name", "question_taken")]
    for more, wrong in (
            ({"kind": "choice", "options": ["B", 1]},
             [("/options", "wrong_type")]),
            ({"kind": "choice", "options": ["B", "C\nD"]},
             [("/options", "wrong_type")]),
            ({"kind": "choice", "options": ["B", "B"]},
             [("/options", "option_double")]),
            ({"options": ["B"]}, [("/options", "options_none")]),
            ({"label": ["A"]}, [("/label", "wrong_type")]),
            ({"label": "a\u202eb"}, [("/label", "text_control")]),
            ({"position": -1, "required": "maybe", "text_lang": "../x"},
             [("/text_lang", "language_broken"), ("/required", "flag_wrong"),
              ("/position", "question_position")])):
        assert errors_of(contract.call(
            "POST", questions, json=good | {"name": "b"} | more)) == wrong
    assert errors_of(contract.call("PATCH", questions + "/a", json={
        "name": "b", "kind": "box"})) == [
            ("/name", "question_fixed"), ("/kind", "question_fixed")]
    for number in range(1, 20):
        assert contract.call("POST", questions, json=good | {
            "name": f"a{number}"}).status_code == 201
    assert errors_of(contract.call("POST", questions, json=good | {
        "name": "b"})) == [("/name", "questions_many")]


def fill(path, slug, slot):
    return path.replace("{service}", slug).replace("{slot}", str(slot)) \
        .replace("{question}", "asked")


def test_bodies_that_are_none_and_who_may_not(contract, stack, slug, tables):
    reader = add_api_key(stack, f"r{secrets.token_hex(4)}", read_only=True)
    slot = contract.call("POST", path_of(slug, "/slots"), json={
        "starts_at": f"{YEAR}-02-01T10:00", "capacity": 1}
        ).json()["slots"][0]["id"]
    contract.call("POST", path_of(slug, "/questions"), json={
        "name": "asked", "kind": "text", "label": "A"})
    for path, method, _ in contract.operations(admin=True, offered=True):
        there = fill(path, slug, slot)
        assert contract.call(method, there, headers={
            "Authorization": "Bearer none"}).status_code == 401
        assert contract.call("PUT", there).status_code == 405
        if method != "get":
            assert contract.call(method, there, headers=reader,
                                 json={}).status_code == 403
        if "{" in path:
            assert contract.call(method, fill(path, "nowhere", 999999999),
                                 json={}).status_code == 404
        if method in ("post", "patch"):
            for data, more, status in ((b"x", {}, 415), (b"x", JSON, 400),
                                       (b"x" * 70000, JSON, 413),
                                       (b"{\"name\": [], \"label\": [], \"capacity\": {}}",
                                        JSON, 422)):
                if status == 422 and path.endswith("/restore"):
                    continue    # it needs no body
                assert contract.call(method, there, data=data, headers=more
                                     ).status_code == status, there
    assert [row[0] for row in slots_of(tables, slug)] == [slot]


def test_without_the_database(whole, contract):
    whole.stop("mariadb")
    try:
        for path, method, _ in contract.operations(admin=True, offered=True):
            assert contract.call(method, fill(path, "visite", 1), json={}
                                 ).status_code == 503, path
    finally:
        whole.start("mariadb")


@pytest.mark.last
def test_nothing_is_described_that_was_not_seen(contract):
    """The last one: all before it have asked."""
    assert contract.not_seen(admin=True, offered=True) == set()
