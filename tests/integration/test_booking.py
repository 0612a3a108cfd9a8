# SPDX-License-Identifier: MIT
"""A booking's whole way, and what happens to those that may not be."""

import collections
import os
import datetime
import re
import time
import zoneinfo

import mail_oracle
import pytest
from stack.visitor import (Page, Visitor, at_once, new_key, unique_address,
                           wait_until)

ACCEPTED = {"fr": "E-mail envoyé à ", "en": "E-mail sent to "}


def expected_of(tables, address):
    """What the tables say that the mail to this address must hold."""
    row = tables.rows(
        "SELECT b.ref, b.locale, s.name, s.place, s.zone, s.organiser_email,"
        " t.starts_at, t.ends_at, n.envelope_id FROM booking b"
        " JOIN slot t ON t.id = b.slot_id"
        " JOIN service s ON s.id = t.service_id"
        " JOIN notification n ON n.booking_id = b.id"
        " WHERE b.email = %s", address)[0]
    ref, locale, service, place, zone, organiser, start, end, letter = row
    start, end = (when.replace(tzinfo=datetime.timezone.utc)
                  for when in (start, end))
    local = start.astimezone(zoneinfo.ZoneInfo(zone))
    return {"ref": f"{ref[:4]}-{ref[4:]}", "language": locale,
            "service": service, "place": place,
            "zone": mail_oracle.zone_words(locale, zone),
            "reply_to": organiser, "start": start, "end": end,
            "time": local.strftime("%H:%M"), "envelope_id": letter,
            "message_domain": "reservoir.example",
            "uid": f"{ref}@reservoir.example"}


def never_put_off(visitor, place):
    """Is the mail accepted?  Until then it is waiting, nothing else."""
    state = re.search(r'data-state="(\w+)"', visitor.get(place).text)[1]
    assert state in ("waiting", "accepted")
    return state == "accepted"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_booking_ends_as_a_mail_and_a_page_that_says_so(
        stack, mailbox, tables, language):
    visitor = Visitor(stack.http_url, language)
    address = unique_address()
    place = visitor.book(name="Zoé Martin", email=address, seats="1")
    assert "Zoé Martin" in visitor.page(place).text
    # The first attempt, and what was sent but not yet noted, is no refusal.
    wait_until(lambda: never_put_off(visitor, place), 20, "an accepted mail")

    raw = mailbox.wait_for(address)
    mail_oracle.check_mail(
        raw, name="Zoé Martin", to_name="Zoé Martin",
        to_email=address, manage_url=stack.http_url + place,
        from_address="bookings@reservoir.example",
        **expected_of(tables, address))
    wait_until(lambda: tables.rows(
        "SELECT 1 FROM notification n JOIN booking b ON b.id = n.booking_id"
        " WHERE b.email = %s AND n.due_at IS NULL", address), 20,
        "a final row")
    page = wait_until(lambda: says(visitor.page(place), ACCEPTED[language]),
                      10, "a page that says the mail is accepted")
    assert not page.refresh
    assert len(mailbox.mails_to(address)) == 1


def says(page, words):
    return page if words in page.text else None


def test_the_waiting_page_refreshes_itself(whole, visitor, mailbox):
    whole.stop("maild")
    address = unique_address()
    place = visitor.book(email=address)
    page = visitor.page(place)
    assert page.refresh
    # Whoever reads slowly stops it, and looks again by hand.
    (still,) = [link for link in page.links if "still=1" in link]
    assert not visitor.page(still).refresh
    assert place in visitor.page(still).links
    whole.start("maild")
    mailbox.wait_for(address)
    wait_until(lambda: not visitor.page(place).refresh, 20,
               "a page that rests")


def test_the_confirmation_page_is_nobody_elses(visitor):
    place = visitor.book()
    answer = visitor.get(place)
    # Kept by nobody, and no proxy puts its own words where addresses are.
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    wrong = place[:-1] + ("A" if place[-1] != "A" else "B")
    assert visitor.get(wrong).status_code == 404
    assert visitor.get("/b/RK7F3M2Q.AAAAAAAAAAAAAAAAAAAAAA").status_code == 404


def test_the_same_form_twice_is_one_booking(visitor, tables):
    form = visitor.form()
    first = visitor.post(form)
    second = visitor.post(form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert tables.bookings_of(form["email"]) == 1


def test_the_same_key_with_another_wish_is_refused(visitor, tables):
    form = visitor.form()
    assert visitor.post(form).status_code == 303
    other = unique_address()
    assert visitor.post(form | {"email": other}).status_code == 422
    assert tables.bookings_of(other) == 0


def test_a_slot_of_ten_takes_ten_of_two_hundred(stack, tables):
    place = tables.add_slot(10)
    form = Visitor(stack.http_url).form(place)

    def post(number):
        return Visitor(stack.http_url).post(form | {
            "key": new_key(), "email": unique_address(f"v{number}")})

    answers = collections.Counter(
        answer.status_code for answer in at_once(200, post))
    assert answers == {303: 10, 409: 190}
    slot = int(place.rpartition("/")[2])
    assert tables.value("SELECT booked FROM slot_inventory"
                        " WHERE slot_id = %s", slot) == 10
    assert tables.value("SELECT COUNT(*) FROM booking WHERE slot_id = %s",
                        slot) == 10


def test_the_last_place_goes_to_one_of_a_hundred(stack, tables):
    """The others are told at once, and led to the waiting list."""
    # Workers without a past: one that an earlier test cut off from Redis says
    # so at its next booking, which its relay then pushes.
    stack.restart("booking")
    place = tables.add_slot(1)
    form = Visitor(stack.http_url).form(place)
    visitors = [Visitor(stack.http_url) for _ in range(100)]
    log = os.path.join(stack.at.log, "booking.log")
    size = os.path.getsize(log)
    answers = at_once(100, lambda number: visitors[number].post(form | {
        "key": new_key(), "email": unique_address(f"last{number}")}))
    assert collections.Counter(one.status_code for one in answers) == \
        {303: 1, 409: 99}
    for answer in answers:
        if answer.status_code == 409:
            page = Page(answer.text)
            assert page.title.startswith("Plus assez de places")
            assert f'action="{place}/wait"' in answer.text
    assert tables.value("SELECT COUNT(*) FROM booking WHERE slot_id = %s",
                        int(place.rpartition("/")[2])) == 1
    with open(log, encoding="utf-8") as file:
        file.seek(size)
        told = file.read()
    assert told.count(": booked ref=") == 1, told
    # That Redis is slow on a busy machine may be said, not that they are late.
    bad = [line for line in told.splitlines()
           if re.search(" (warning|error): ", line)
           and "no answer in time" not in line]
    assert not bad, bad


def test_another_language_books_nothing(visitor, tables):
    place = tables.add_slot(1)
    fields = visitor.form(place)
    answer = visitor.post(fields | {"show": "en"})
    assert answer.status_code == 200
    assert Page(answer.text).fields["name"] == fields["name"]
    assert 'role="alert"' not in answer.text
    assert visitor.get(place).status_code == 200        # still free
    # The other times stay on offer while none is chosen.
    tables.add_slot(1)
    visitor.book(place)
    full = Page(visitor.post(fields).text)
    again = visitor.post(full.fields | {"slot": "", "show": "en"})
    assert again.status_code == 409
    assert 'type="radio" name="slot"' in again.text
    assert "Choose another slot" in again.text


def test_a_full_slot_says_so_and_offers_others(visitor, tables):
    place = tables.add_slot(1)
    form = visitor.form(place)
    assert visitor.post(form).status_code == 303
    answer = visitor.post(form | {"key": new_key(),
                                  "email": unique_address()})
    assert answer.status_code == 409
    assert any("/s/" in link for link in Page(answer.text).links)
    assert visitor.get(place).status_code == 409


def test_a_time_that_is_gone_loses_nothing_that_was_typed(visitor, tables):
    """Whether the program still remembers the time or not."""
    for number in ("", "987654321987"):
        page = tables.add_slot(1)
        form = visitor.form(page, notes="par l'arrière")
        for table, name in (("slot_inventory", "slot_id"), ("slot", "id")):
            tables.rows(f"DELETE FROM {table} WHERE {name} = %s",
                        page.rpartition("/")[2])
        answer = visitor.post(form | ({"slot": number} if number else {}))
        again = Page(answer.text)
        assert answer.status_code == 404 and "Créneau introuvable" in again.text
        assert "par l'arrière" in again.text
        assert again.fields["email"] == form["email"]
        assert again.kinds["slot"] == "radio"
        # Of a form that does not say which service it is about.
        answer = visitor.post({name: value for name, value in form.items()
                               if name != "service"})
        assert answer.status_code == 404
        for text in ("par l'arrière", form["email"], "Ce que vous aviez"):
            assert text in Page(answer.text).text
        assert visitor.post(again.fields).status_code == 303


def test_errors_are_shown_in_place_and_nothing_typed_is_lost(visitor):
    answer = visitor.post(visitor.form(name="", email="not an address",
                                       notes="près de la fenêtre"))
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.fields["email"] == "not an address"
    assert "près de la fenêtre" in page.text
    assert 'role="alert"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert len(page.fields["key"]) >= 22


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz"])
def test_plain_pages_answer(visitor, path):
    assert visitor.get(path).status_code == 200


def test_a_database_that_is_down_costs_nobody_what_was_typed(whole, visitor,
                                                             tables):
    form = visitor.form(notes="au calme")
    whole.stop("mariadb")
    begun = time.monotonic()
    answer = visitor.post(form)
    assert answer.status_code == 503
    assert time.monotonic() - begun < 10
    assert int(answer.headers["Retry-After"]) > 0
    page = Page(answer.text)
    assert page.fields["email"] == form["email"]
    assert page.fields["key"] == form["key"]
    whole.start("mariadb")
    wait_until(lambda: visitor.post(form).status_code == 303, 20,
               "a booking once the database is back")
    assert tables.bookings_of(form["email"]) == 1


def test_a_page_that_cannot_be_read_now_offers_another_try(whole, tables):
    visitor = Visitor(whole.http_url, "en")
    paths = ["/", tables.add_slot(1), visitor.book(tables.add_slot(1))]
    whole.stop("mariadb")
    for path in paths:
        answer = visitor.get(path + "?from=2026-01-01&lang=en")
        assert answer.status_code == 503
        # Nobody typed anything; the link is this address, whatever it is.
        assert "typed" not in Page(answer.text).text
        assert '<a class="button" href="">Try again</a>' in answer.text


@pytest.mark.parametrize("path, above", [
    ("/bookings", "/"), ("/bookings?name=Zo%C3%A9&slot=1", "/"),
    ("/bookings?lang=en", "/?lang=en"), ("/w/RK7F3M2Q.x/take", "/w/RK7F3M2Q.x"),
    ("/w/RK7F3M2Q.x/leave", "/w/RK7F3M2Q.x")])
def test_a_tab_that_comes_back_with_a_forms_address_finds_a_page(
        visitor, path, above):
    for method in ("GET", "HEAD"):
        answer = visitor.session.request(method, visitor.url + path,
                                         timeout=20, allow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["Location"] == above


def test_each_type_of_problem_is_listed(visitor):
    listed = [link for link in visitor.page("/problems").links
              if link.startswith("/problems/")]
    assert len(listed) > 25 and len(set(listed)) == len(listed)
    for link in listed:
        assert "/problems" in visitor.page(link).links


def test_a_program_that_is_down_leaves_a_page(whole, visitor):
    whole.stop("booking")
    answer = visitor.get("/")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("name", [
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0646\u062f",
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3", "\u845b\U000e0100\u57ce", "7"])
def test_names_that_need_their_joiners_arrive_whole(visitor, mailbox, name):
    address = unique_address("joined")
    place = visitor.book(name=f"\u00a0{name}\u3000", email=address)
    assert name in visitor.page(place).text
    mailbox.wait_for(address)
    mail = mailbox.mail(mailbox.mails_to(address)[0])
    assert mail["To"].addresses[0].display_name == name


@pytest.mark.parametrize("reply, words", [
    ("550 5.1.1 no such user", "n\u2019existe pas"),
    ("552 5.2.2 over quota", "est pleine"),
    ("554 5.7.1 looks like spam", "refus\u00e9 l\u2019e-mail")])
def test_a_dead_letter_says_why_in_plain_words(whole, visitor, tables, reply,
                                               words):
    place = visitor.book()
    ref = place.rpartition("/")[2].partition(".")[0]
    # The page knows before the row does, which would be written again.
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM notification n JOIN booking b ON b.id ="
        " n.booking_id WHERE b.ref = %s AND n.state = 1", ref), 20,
        "the verdict")
    wait_until(lambda: not visitor.page(place).refresh, 20, "a final state")
    for reason, said in ((f"rejected: {reply}", words),
                         ("poison: no template", "survenu de notre"),
                         ("uncertain: maybe sent", "peut-\u00eatre"),
                         ("expired: too old", "n\u2019essayons plus"),
                         ("cancelled: by hand", "plus envoy\u00e9")):
        tables.rows("UPDATE notification n JOIN booking b"
                    " ON b.id = n.booking_id SET n.state = 2, n.reply = %s"
                    " WHERE b.ref = %s AND n.kind = 'booking.confirmed'",
                    reason, ref)
        text = visitor.page(place).text
        assert said in text
        assert reason.partition(":")[0] + ":" not in text
        assert (reply in text) == reason.startswith("rejected")


def test_texts_in_another_language_say_so(visitor):
    page = visitor.get("/?lang=en").text
    assert page.count('lang="fr"') > 1
    assert ' lang="en">Consultation' not in page
