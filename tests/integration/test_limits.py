# SPDX-License-Identifier: MIT
"""How many mails a visitor may cause, by whatever way."""

from urllib.parse import urlencode

import pymysql
import pytest
import redis
import requests
from stack import fastcgi
from stack.keys import add_form_key
from stack.organiser import Organiser
from stack.visitor import (Page, Visitor, at_once, new_key, unique_address,
                           wait_until)
from test_change import booked_of, ref_of, service, slot_of

SITE = "https://site.example"
__all__ = ["service"]


@pytest.fixture
def limits(whole):
    """Sets limits; whoever calls it begins with none of them used up."""
    def change(**values):
        whole.overrides["booking"].update(
            {name: str(value) for name, value in values.items()})
        whole.restart("booking")
    return change


class Client:
    """A visitor or program behind an address of its own."""

    def __init__(self, stack, key=""):
        self.url = stack.http_url
        self.key = key

    def send(self, path, form, json=False, **headers):
        way = {"json": form} if json else {"data": form}
        return requests.post(self.url + path, timeout=30, headers={
            "Accept-Language": "en", **headers}, allow_redirects=False,
            **way)

    def book(self, slot, email, key=None):
        return self.send("/bookings", {
            "slot": slot, "email": email, "name": "Zoé", "seats": "1",
            "key": key or new_key()})

    def api_book(self, slot, email, key=None):
        return self.send("/api/v1/bookings", {
            "slot": slot, "email": email, "name": "Zoé"}, json=True,
            **{"Idempotency-Key": key or new_key()})

    def site_book(self, slot, email, key=None):
        return self.send(f"/f/{self.key}", {
            "slot": slot, "email": email, "name": "Zoé"}, Origin=SITE,
            **({"Idempotency-Key": key} if key else {}))

    def wait(self, slot_page, email, key=None):
        return self.send(slot_page + "/wait", {
            "slot": slot_of(slot_page), "email": email, "name": "Zoé",
            "seats": "1", "key": key or new_key()})


@pytest.fixture(scope="module")
def client(stack):
    return Client(stack, add_form_key(stack, [SITE]))


def statuses(answers):
    return [one.status_code for one in answers]


# ---- moves ------------------------------------------------------------------

def move_by(way, visitor, place, slot):
    if way == "page":
        return visitor.post({"slot": slot, "lang": "en"}, place + "/move")
    token = place.rpartition("/")[2]
    return requests.post(f"{visitor.url}/api/v1/bookings/{token}/move",
                         json={"slot": slot}, timeout=30,
                         headers={"Accept-Language": "en"})


@pytest.mark.parametrize("way", ["page", "API"])
def test_a_booking_is_moved_so_often_and_no_more(limits, visitor, tables,
                                                 mailbox, service, way):
    service(organiser_mails=1)
    limits(moves_max=3)
    organiser = tables.value("SELECT organiser_email FROM service"
                             " ORDER BY id LIMIT 1")
    # What an earlier test did may still be on its way to them.
    wait_until(lambda: tables.open_rows() == 0, 60, "a quiet stack")
    heard = len(mailbox.mails_to(organiser))
    slots = [slot_of(tables.add_slot(1)) for _ in range(8)]
    address = unique_address("moves")
    place = visitor.book(tables.add_slot(1), email=address)
    answers = [move_by(way, visitor, place, slot) for slot in slots]
    good = 303 if way == "page" else 200
    assert statuses(answers) == [good] * 3 + [409] * 5
    if way == "page":
        page = Page(answers[-1].text)
        assert "moved too often" in page.text
        assert "A booking can be moved 3 times." in page.text
        assert "mailto:" in answers[-1].text
        looked = visitor.get(place + "/move?lang=fr")
        assert looked.status_code == 200
        assert "peut être déplacée 3 fois" in Page(looked.text).text
    else:
        assert answers[-1].json()["type"].endswith("/moved-too-often")
    wait_until(lambda: tables.open_rows() == 0, 30, "all mails' fate")
    # What was on its way when the next came is taken back.
    assert 1 <= len(mailbox.mails_to(address)) <= 4
    assert len(mailbox.mails_to(organiser)) == heard + 4
    # What is left to do is as it was.
    assert visitor.post({}, place + "/cancel").status_code == 303


def test_moves_at_once_are_no_more_than_that(limits, stack, tables, visitor):
    limits(moves_max=3)
    slots = [slot_of(tables.add_slot(50)) for _ in range(12)]
    place = visitor.book(tables.add_slot(1))
    for _ in range(4):
        answers = at_once(12, lambda n: move_by(
            "API", Visitor(stack.http_url), place, slots[n]))
        assert set(statuses(answers)) <= {200, 409}
    assert tables.value("SELECT COUNT(*) FROM booking_event e JOIN booking b"
                        " ON b.id = e.booking_id WHERE b.ref = %s"
                        " AND e.action = 'moved'", ref_of(place)) == 3
    assert sum(booked_of(tables, slot) for slot in slots) == 1


def test_one_move_is_said_in_the_singular(limits, visitor, tables):
    limits(moves_max=1)
    place = visitor.book(tables.add_slot(1))
    there = [slot_of(tables.add_slot(1)) for _ in range(2)]
    assert move_by("page", visitor, place, there[0]).status_code == 303
    answer = move_by("page", visitor, place, there[1])
    assert "A booking can be moved once." in Page(answer.text).text


def test_no_limit_of_moves(limits, visitor, tables):
    limits(moves_max=0)
    slots = [slot_of(tables.add_slot(1)) for _ in range(2)]
    place = visitor.book(tables.add_slot(1))
    assert statuses(move_by("page", visitor, place, slots[n % 2])
                    for n in range(12)) == [303] * 12


# ---- every act ---------------------------------------------------------------

def mailed_to(tables, address):
    """All mails that were to be sent now to whoever has this address."""
    return tables.value(
        "SELECT COUNT(*) FROM notification n"
        " LEFT JOIN booking b ON b.id = n.booking_id"
        " LEFT JOIN waiting w ON w.id = n.waiting_id"
        " WHERE n.kind NOT IN ('booking.reminder', 'organiser.notice')"
        " AND n.created_at > NOW() - INTERVAL 1 HOUR"
        " AND COALESCE(b.email, w.email) = %s", address)


ACTS = ["book", "API book", "site book", "move", "API move", "email",
        "API email", "resend", "site again", "wait"]


def act_for(name, stack, client, visitor, tables, address):
    """Something that can be done often, each time with a mail to address."""
    wide = tables.add_slot(50)
    slot = slot_of(wide)
    others = [slot_of(tables.add_slot(9)) for _ in range(5)]
    place = visitor.book(wide, email=address)
    token = place.rpartition("/")[2]
    api = f"/api/v1/bookings/{token}/"
    full = tables.add_slot(1)
    visitor.book(full)
    wait_until(lambda: tables.open_rows() == 0, 30, "all mails' fate")
    strangers = [visitor.book(wide) for _ in range(9)] \
        if name.endswith("email") else []

    def change(n, json):
        other = strangers[n]
        if json:
            return client.send(f"/api/v1/bookings/{other[3:]}/email",
                               {"email": address}, json=True)
        return client.send(other + "/email", {"email": address})

    def again(n, act):
        wait_until(lambda: tables.open_rows() == 0, 30, "all mails' fate")
        return act()

    return {
        "book": lambda n: client.book(slot, address),
        "API book": lambda n: client.api_book(slot, address),
        "site book": lambda n: client.site_book(slot, address, new_key()),
        "move": lambda n: client.send(place + "/move",
                                      {"slot": others[n]}),
        "API move": lambda n: client.send(api + "move",
                                          {"slot": others[n]}, json=True),
        "email": lambda n: change(n, False),
        "API email": lambda n: change(n, True),
        "resend": lambda n: again(n, lambda: client.send(place + "/resend",
                                                         {})),
        "site again": lambda n: again(n, lambda: client.site_book(slot,
                                                                  address)),
        "wait": lambda n: client.wait(full, address),
    }[name]


@pytest.mark.parametrize("limit", ["address_mails_a_day",
                                   "client_mails_an_hour"])
@pytest.mark.parametrize("name", ACTS)
def test_each_act_that_mails_is_counted(limits, stack, client, visitor,
                                        tables, name, limit):
    limits()
    address = unique_address("act")
    act = act_for(name, stack, client, visitor, tables, address)
    tables.rows("UPDATE notification SET created_at ="
                " created_at - INTERVAL 1 DAY")
    forget_counts(stack)
    limits(**{limit: 2})
    answers = statuses(act(n) for n in range(5))
    if name == "site again":
        assert set(answers) == {303}    # it only says that it is booked
    else:
        assert answers[:2] in ([303] * 2, [200] * 2, [201] * 2)
        assert answers[2:] == [429] * 3
    assert mailed_to(tables, address) <= 2
    # Another one does the same in another order: used up is used up.
    if limit == "address_mails_a_day":
        slot = slot_of(tables.add_slot(9))
        assert client.api_book(slot, address).status_code == 429
        assert client.api_book(slot, unique_address()).status_code == 201


def forget_counts(stack):
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as server:
        for key in server.scan_iter(stack.env["QUEUE_PREFIX"] + "cap:*"):
            server.delete(key)


def test_cancelling_is_never_refused_and_never_mails_more(
        limits, stack, visitor, tables, client):
    limits(address_mails_a_day=3)
    slot = slot_of(tables.add_slot(9))
    address = unique_address("cancels")
    places = [client.book(slot, address).headers["Location"]
              for _ in range(3)]
    for place in places:
        assert visitor.post({}, place + "/cancel").status_code == 303
        assert "annulée" in visitor.page(place + "?lang=fr").text
    assert booked_of(tables, slot) == 0
    assert mailed_to(tables, address) == 3


def test_organisers_have_no_limit(limits, stack, visitor, tables):
    limits(address_mails_a_day=1, client_mails_an_hour=1)
    forget_counts(stack)
    place = visitor.book(tables.add_slot(1))
    organiser = Organiser(stack, "fr")
    for _ in range(4):
        page = organiser.page(f"/admin/b/{ref_of(place)}")
        answer = organiser.post({"revision": page.fields["revision"]},
                                f"/admin/b/{ref_of(place)}/resend")
        assert answer.status_code == 303


@pytest.mark.parametrize("what", ["move", "email"])
def test_nothing_typed_is_lost_by_a_limit(limits, stack, visitor, tables,
                                          what):
    limits(client_mails_an_hour=1)
    forget_counts(stack)
    place = visitor.book(tables.add_slot(1))
    there = str(slot_of(tables.add_slot(1)))
    typed = {"email": unique_address("typed"), "slot": there, "lang": "fr"}
    answer = visitor.post(typed, f"{place}/{what}")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    page = Page(answer.text)
    assert "Trop de demandes" in page.text
    name = "slot" if what == "move" else "email"
    assert page.fields[name] == typed[name]
    assert page.actions == [f"{place}/{what}"]


# ---- refusals and repetitions -------------------------------------------------

@pytest.mark.parametrize("way", ["book", "api_book", "site_book"])
@pytest.mark.parametrize("what", ["full", "past", "unknown"])
def test_a_refusal_uses_up_nothing(limits, stack, client, tables, visitor,
                                   way, what):
    limits(address_mails_a_day=2, client_mails_an_hour=3)
    forget_counts(stack)
    page = tables.add_slot(1)
    slot = slot_of(page)
    if what == "full":
        tables.rows("UPDATE slot_inventory SET booked = 1"
                    " WHERE slot_id = %s", slot)
    elif what == "past":
        # By its number alone: two slots cannot begin in the same second.
        tables.rows("UPDATE slot SET starts_at = '2021-01-01' + INTERVAL %s"
                    " SECOND WHERE id = %s", slot % 10 ** 7, slot)
    else:
        slot = 999999999
    address = unique_address("refused")
    book = getattr(client, way)
    answers = statuses(at_once(8, lambda _: book(slot, address)) +
                       [book(slot, address) for _ in range(8)])
    # Those at once may find the others' counts, for a moment.
    assert set(answers[:8]) <= {404, 409, 422, 429}
    assert set(answers[8:]) <= {404, 409, 422}
    free = slot_of(tables.add_slot(9))
    assert statuses(client.book(free, address) for _ in range(3)) == \
        [303, 303, 429]


@pytest.mark.parametrize("way", ["book", "api_book", "site_book"])
def test_the_same_request_again_is_no_other_one(limits, stack, client, tables,
                                                way):
    """Also when nothing is left, and when all of them come at once."""
    limits(address_mails_a_day=1, client_mails_an_hour=1)
    forget_counts(stack)
    slot = slot_of(tables.add_slot(9))
    address, key = unique_address("again"), new_key()
    book = getattr(client, way)
    answers = at_once(6, lambda _: book(slot, address, key)) + \
        [book(slot, address, key) for _ in range(3)]
    assert set(statuses(answers)) <= {200, 201, 303}
    assert tables.bookings_of(address) == 1
    assert book(slot, address, new_key()).status_code == 429


@pytest.mark.parametrize("way", ["book", "api_book", "site_book"])
def test_erasing_and_sending_again_is_counted(limits, stack, client, visitor,
                                              tables, mailbox, way):
    """What is erased has forgotten its key: the same form books anew."""
    limits(address_mails_a_day=3)
    slot = slot_of(tables.add_slot(9))
    address = unique_address("anew")
    key = None if way == "site_book" else new_key()
    answers = []
    for _ in range(8):
        answers.append(getattr(client, way)(slot, address, key))
        if answers[-1].status_code == 429:
            continue
        place = answers[-1].headers["Location"]
        place = "/b/" + place.partition("?")[0].rpartition("/")[2]
        mailbox_count = len(answers)
        wait_until(lambda: len(mailbox.mails_to(address)) == mailbox_count,
                   30, "its mail")
        assert visitor.post({}, place + "/erase").status_code == 303
    assert 429 in statuses(answers[3:5])
    assert statuses(answers[5:]) == [429] * 3
    assert len(mailbox.mails_to(address)) <= 4


def test_another_form_with_a_known_key_books_nothing(limits, client, tables):
    limits(address_mails_a_day=1)
    slots = [slot_of(tables.add_slot(9)) for _ in range(2)]
    address, key = unique_address("reused"), new_key()
    assert client.book(slots[0], address, key).status_code == 303
    assert client.book(slots[1], address, key).status_code == 422
    assert client.book(slots[0], unique_address(), key).status_code == 422
    assert tables.bookings_of(address) == 1
    assert client.book(slots[1], address).status_code == 429


def test_a_limit_that_is_reached_does_not_tell_who_has_booked(
        limits, stack, client, tables):
    limits(address_mails_a_day=0, client_mails_an_hour=2)
    forget_counts(stack)
    slot = slot_of(tables.add_slot(9))
    address = unique_address("known")
    assert client.site_book(slot, address).status_code == 303
    assert client.site_book(slot, unique_address()).status_code == 303

    def probe(email):
        return client.send(f"/f/{client.key}", {
            "slot": slot, "email": email, "name": "Zoé", "seats": "2"},
            Origin=SITE).status_code

    assert [probe(address), probe(unique_address())] == [429, 429]
    # But a second click is the same request.
    assert client.site_book(slot, address).status_code == 303
    assert tables.bookings_of(address) == 1


def test_what_stands_behind_a_plus_is_the_same_mailbox(limits, stack, client,
                                                       tables):
    limits(address_mails_a_day=2, client_mails_an_hour=0)
    forget_counts(stack)
    slot = slot_of(tables.add_slot(9))
    name, _, domain = unique_address("tagged").partition("@")
    assert statuses(client.book(slot, f"{name}{tag}@{domain}")
                    for tag in ("+a", "", "+b", "+a+b")) == \
        [303, 303, 429, 429]


def test_nobody_books_more_places_at_once_than_one_may(limits, client, tables,
                                                       visitor):
    limits(seats_max=2)
    page = tables.add_slot(9)
    slot = slot_of(page)
    assert 'max="2"' in visitor.get(page).text

    def asked(seats):
        form = {"slot": slot, "email": unique_address(), "name": "Zoé",
                "seats": str(seats)}
        return [
            client.send("/bookings", form | {"key": new_key()}),
            client.send("/api/v1/bookings", form, json=True,
                        **{"Idempotency-Key": new_key()}),
            client.send(f"/f/{client.key}", form, Origin=SITE),
            client.send(page + "/wait", form | {"key": new_key()}),
            client.send("/api/v1/waiting", form, json=True,
                        **{"Idempotency-Key": new_key()})]

    refused = asked(3)
    assert statuses(refused) == [422] * 5
    assert refused[1].json()["errors"][0]["code"] == "seats_over"
    assert "more than 2 places" in refused[0].text
    assert tables.value("SELECT booked FROM slot_inventory WHERE slot_id = %s",
                        slot) == 0
    assert set(statuses(asked(2))) <= {201, 202, 303, 409}
    # One that has fewer says so.
    assert client.send("/bookings", {
        "slot": slot_of(tables.add_slot(1)), "email": unique_address(),
        "name": "Zoé", "seats": "2", "key": new_key()}).status_code == 422


def test_nobody_uses_up_what_another_network_may(limits, stack, visitor,
                                                 tables):
    """As nginx tells it: only its socket may name another client."""
    limits(address_mails_a_day=2)
    slot = slot_of(tables.add_slot(20))
    address = unique_address("shared")
    book = fastcgi_client(stack)

    def tried(client, count):
        return [book(client, slot, address) for _ in range(count)]

    assert tried("192.0.2.1", 3) == [303, 303, 429]
    assert tried("192.0.2.2", 3) == [303, 303, 429]
    # One home is one IPv4 address, or one /64.
    assert tried("::ffff:192.0.2.1", 1) == [429]
    assert tried("::ffff:192.0.2.3", 3) == [303, 303, 429]
    assert tried("2001:db8:1:1::1", 2) == [303, 303]
    assert tried("2001:db8:1:1:ffff::2", 1) == [429]
    assert tried("2001:db8:1:2::1", 1) == [303]


def fastcgi_client(stack):
    """Speaks FastCGI as nginx does: books for a client's address."""
    def book(client, slot, address):
        body = urlencode({"slot": slot, "email": address, "name": "Zoé",
                          "seats": "1", "key": new_key()}).encode()
        return fastcgi.status(fastcgi.ask(stack, fastcgi.request(
            "POST", "/bookings", body, REMOTE_ADDR=client,
            CONTENT_TYPE="application/x-www-form-urlencoded",
            REQUEST_ID=new_key())))

    return book


# ---- without the tables -----------------------------------------------------

@pytest.fixture
def no_bookings(stack):
    """Takes the table of bookings away, and leaves the others."""
    root = pymysql.connect(unix_socket=stack.env["MYSQL_SOCKET"], user="root",
                           database=stack.env["MYSQL_DATABASE"],
                           autocommit=True)
    moved = []
    with root, root.cursor() as cursor:
        def away():
            moved.append(cursor.execute(
                "RENAME TABLE booking TO booking_elsewhere"))
        yield away
        if moved:
            cursor.execute("RENAME TABLE booking_elsewhere TO booking")


@pytest.mark.parametrize("way", ["over the limit", "without a key"])
def test_a_booking_that_cannot_be_looked_up_is_logged(
        limits, whole, client, tables, no_bookings, way):
    limits(address_mails_a_day=1)
    slot = slot_of(tables.add_slot(5))
    address = unique_address("unlogged")
    key = None if way == "without a key" else new_key()
    assert client.site_book(slot, address, key).status_code == 303
    no_bookings()
    again = client.site_book(slot, address, key and new_key())
    assert again.status_code >= 500
    with open(whole.at.log_file("booking"), encoding="utf-8") as log:
        assert f"could not book slot={slot} " in log.read()
