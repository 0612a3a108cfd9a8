# SPDX-License-Identifier: MIT
"""The JSON interface: what a program can do that books for people."""

import datetime

import pytest
import requests
from stack.visitor import new_key, unique_address, wait_until

PROBLEM = "application/problem+json"


@pytest.fixture
def client(stack):
    """A session and the address that all paths begin with."""
    session = requests.Session()
    session.headers["Accept-Language"] = "en"
    base = stack.http_url + "/api/v1"

    def call(method, path, **more):
        url = path if path.startswith("http") else base + path
        return session.request(method, url, timeout=20, **more)

    return call


@pytest.fixture
def wish(tables):
    """A body that books, for a slot of its own."""
    place = tables.add_slot(5)
    return {"slot": int(place.rpartition("/")[2]), "seats": 2, "lang": "en",
            "name": "Zoé Martin", "email": unique_address("api")}


def test_services_and_slots_are_listed_with_their_zone(client):
    services = client("GET", "/services").json()["services"]
    assert services
    slots = client("GET", f"/services/{services[0]['slug']}/slots?free=1"
                   ).json()["slots"]
    assert slots
    first = datetime.datetime.fromisoformat(slots[0]["starts_at"])
    assert first.utcoffset() is not None
    assert slots[0]["time_zone"] == services[0]["time_zone"]
    assert slots[0]["free"] > 0


def test_slots_come_as_people_read_them_too(client, tables):
    slug, slot = tables.add_slot(5).split("/")[2:]
    slug_of = f"/services/{slug}/slots?free=1&texts=1"

    def text(path, **headers):
        answer = client("GET", path, headers=headers)
        assert answer.status_code == 200
        return answer, next(row["text"] for row in answer.json()["slots"]
                            if row["id"] == int(slot))

    tables.rows("UPDATE slot SET starts_at = UTC_TIMESTAMP() + INTERVAL 1 DAY,"
                " ends_at = UTC_TIMESTAMP() + INTERVAL 2 DAY WHERE id = %s",
                slot)
    french, said = text(slug_of + "&lang=fr", **{"Accept-Language": "en"})
    assert said.endswith(" · 5 places libres")
    assert french.headers["Content-Language"] == "fr"
    assert "Accept-Language" in french.headers["Vary"]
    assert french.json()["zone_text"].startswith("heure de ")
    assert text(slug_of, **{"Accept-Language": "en"})[1].endswith(
        " · 5 places free")
    tables.rows("UPDATE slot SET zone = 'America/New_York' WHERE id = %s",
                slot)
    assert "(New York time) · 5" in text(slug_of + "&lang=en")[1]
    plain = client("GET", f"/services/{slug}/slots?texts=0").json()
    assert "zone_text" not in plain and "text" not in plain["slots"][0]
    assert client("GET", f"/services/{slug}/slots?texts=x"
                  ).status_code == 422


def test_a_booking_and_its_state(client, wish, mailbox):
    made = client("POST", "/bookings", json=wish)
    assert made.status_code == 201
    assert made.json()["seats"] == 2
    place = made.headers["Location"]
    assert place.startswith("/api/v1/bookings/")
    mailbox.wait_for(wish["email"])

    def accepted():
        seen = client("GET", made.json()["links"]["self"])
        assert seen.status_code == 200
        return seen.json()["messages"][0]["state"] == "accepted"

    wait_until(accepted, 20, "a message that is accepted")


def test_the_same_key_replays_the_answer(client, wish, tables):
    word = new_key()
    key = {"Idempotency-Key": f'"{word}"'}
    first = client("POST", "/bookings", json=wish, headers=key)
    # In quotes, as the draft wants it, or as it is; a name that was copied
    # along with the address is not part of the address.
    again = client("POST", "/bookings", headers={"Idempotency-Key": word},
                   json=wish | {"email": f"Zoé <{wish['email']}>\u200b"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json()["ref"] == again.json()["ref"]
    other = client("POST", "/bookings", json=wish | {"seats": 1}, headers=key)
    assert other.status_code == 422
    assert tables.bookings_of(wish["email"]) == 1


def test_wrong_members_are_named(client, wish):
    answer = client("POST", "/bookings",
                    json=wish | {"email": "no", "name": ""})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith(PROBLEM)
    problem = answer.json()
    assert problem["status"] == 422
    assert problem["type"].startswith("/problems/")
    assert {error["pointer"] for error in problem["errors"]} == \
        {"/email", "/name"}
    assert all(error["detail"] for error in problem["errors"])


def test_a_full_slot_is_a_conflict(client, wish):
    assert client("POST", "/bookings",
                  json=wish | {"seats": 5}).status_code == 201
    answer = client("POST", "/bookings", json=wish)
    assert answer.status_code == 409
    assert answer.headers["Content-Type"].startswith(PROBLEM)


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b'{"slot": 1} x', b'{"name": "\xff"}', b"null",
    b'{"name": "a\\u0000b"}', b"[" * 5000])
def test_bodies_that_are_no_object(client, body):
    answer = client("POST", "/bookings", data=body,
                    headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"].startswith(PROBLEM)


def test_other_types_are_refused(client, wish):
    answer = client("POST", "/bookings", data=wish)
    assert answer.status_code == 415
    assert "application/json" in answer.headers["Accept-Post"]


@pytest.mark.parametrize("path", ["/bookings/x", "/nothing", "/services/x/"
                                  "slots", "/bookings/RK7F3M2Q.AAAAAAAAAAAA"])
def test_unknown_paths_are_problems_too(client, path):
    answer = client("GET", path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith(PROBLEM)


def test_a_wrong_method_names_the_right_one(client):
    answer = client("DELETE", "/bookings")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def book(client, wish, **more):
    made = client("POST", "/bookings", json=wish | more)
    assert made.status_code == 201, made.text
    return made.json()


def test_a_booking_is_moved_and_cancelled(client, wish, tables):
    there = int(tables.add_slot(2).rpartition("/")[2])
    own = book(client, wish)["links"]["self"]
    moved = client("POST", own + "/move", json={"slot": there})
    assert moved.status_code == 200
    assert moved.json()["slot"]["id"] == there
    kinds = [one["kind"] for one in moved.json()["messages"]]
    assert "booking.moved" in kinds and "organiser.notice" not in kinds
    for _ in range(2):
        gone = client("POST", own + "/cancel")
        assert gone.status_code == 200
        assert gone.json()["state"] == "cancelled"
    again = client("POST", own + "/move", json={"slot": wish["slot"]})
    assert again.status_code == 409
    assert again.json()["type"] == "/problems/booking-cancelled"


@pytest.mark.parametrize("path, body, status", [
    ("/move", {}, 422), ("/move", {"slot": 999999999}, 422),
    ("/move", {"slot": "x"}, 422), ("/move", {"slot": [1]}, 422),
    ("/email", {}, 422), ("/email", {"email": "no"}, 422),
    ("/email", {"email": 7}, 422)])
def test_a_change_that_is_none(client, wish, path, body, status):
    own = book(client, wish)["links"]["self"]
    answer = client("POST", own + path, json=body)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(PROBLEM)
    assert answer.json()["errors"][0]["pointer"] in ("/slot", "/email")


def test_a_corrected_address_has_new_links(client, wish, mailbox):
    before = book(client, wish)["links"]["self"]
    right = unique_address("right")
    answer = client("POST", before + "/email", json={"email": right})
    assert answer.status_code == 200
    assert answer.json()["email"] == right
    assert client("GET", before).status_code == 404
    assert client("GET", answer.json()["links"]["self"]).status_code == 200
    mailbox.wait_for(right)


def test_a_full_time_is_no_place_to_go_to(client, wish, tables):
    full = int(tables.add_slot(1).rpartition("/")[2])
    book(client, wish, slot=full, seats=1, email=unique_address())
    own = book(client, wish, seats=1)["links"]["self"]
    answer = client("POST", own + "/move", json={"slot": full})
    assert (answer.status_code, answer.json()["type"]) == \
        (409, "/problems/slot-full")


def test_a_waiting_mail_says_what_is_known_of_it(whole, client, wish):
    whole.stop("smtp")
    own = book(client, wish)["links"]["self"]

    def first():
        return client("GET", own).json()["messages"][0]

    wait_until(lambda: first()["state"] == "unreached", 20, "an attempt")
    assert "final_at" not in first()
    # The queue is asked, and when it is away the rest is told.
    whole.stop("redis")
    assert first()["state"] == "waiting"


def test_slots_that_are_the_same_need_not_be_sent_again(client, tables):
    slug = tables.value("SELECT slug FROM service ORDER BY id LIMIT 1")
    first = client("GET", f"/services/{slug}/slots")
    tag = first.headers["ETag"]
    again = client("GET", f"/services/{slug}/slots",
                   headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    tables.add_slot(1)
    assert client("GET", f"/services/{slug}/slots?from=2020-01-01",
                  headers={"If-None-Match": '"other"'}).status_code == 200
