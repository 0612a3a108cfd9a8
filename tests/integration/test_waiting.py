# SPDX-License-Identifier: MIT
"""The waiting list: a place that becomes free is kept for who is next."""

import datetime
import re
import secrets

import pytest
from stack.faulty import FaultySmtp
from stack.organiser import Organiser
from stack.stamps import unstamped
from stack.visitor import (Page, Visitor, at_once, line_of, new_key,
                           unique_address, wait_until)
from test_change import booked_of, mails_of, slot_of, text_of


@pytest.fixture
def full(visitor, tables):
    """A full slot: its page, and the booking that fills it."""
    slot_page = tables.add_slot(1)
    return slot_page, visitor.book(slot_page)


def wait_form(visitor, slot_page, **answers):
    """The fields of the list's form, filled in."""
    return visitor.page(slot_page + "/wait").fields | {
        "name": "Léa Attend", "email": unique_address("lea"),
        "seats": "1"} | answers


def wait_for(stack, visitor, slot_page, **answers):
    """Joins the list; returns (path of the place in line, address)."""
    fields = wait_form(visitor, slot_page, **answers)
    answer = visitor.post(fields, slot_page + "/wait")
    assert answer.status_code == 303, Page(answer.text).text
    assert answer.headers["Location"].startswith("/done/waiting")
    return line_of(stack, fields["email"]), fields["email"]


def state_of(tables, address):
    return tables.value("SELECT state FROM waiting WHERE email = %s", address)


def lapse(tables, address):
    """Ends an offer's time, once it runs: when the mail was taken."""
    wait_until(lambda: tables.value(
        "SELECT told_at FROM waiting WHERE email = %s", address), 30,
        "its time to run")
    tables.rows("UPDATE waiting SET offer_until = NOW(3)"
                " WHERE email = %s", address)


def test_the_full_page_leads_to_the_waiting_list(visitor, full):
    answer = visitor.get(full[0])
    assert answer.status_code == 409
    page = Page(answer.text)
    assert full[0] + "/wait" in page.links
    # Who only looks has not lost a race; who comes back may have won it.
    assert "entre-temps" not in page.text
    assert "vous venez vous-même de réserver" in page.text


def test_full_times_stay_and_lead_to_the_list_in_two_taps(
        visitor, tables, mailbox):
    """From the service's page: the time, then the form's one button."""
    slot_page = tables.add_slot(1)
    day = re.search(r'datetime="([\d-]{10})', visitor.get(slot_page).text)[1]
    list_page = f"{slot_page.rpartition('/')[0]}?day={day}"
    assert slot_page in visitor.page(list_page).links
    visitor.book(slot_page)
    page = visitor.page(list_page)
    assert "complet, liste d’attente" in page.text
    assert slot_page not in page.links
    (link,) = [one for one in page.links if one == slot_page + "/wait"]
    form = visitor.page(link)
    address = unique_address("lea")
    answer = visitor.post(form.fields | {"name": "Léa", "email": address},
                          form.actions[0])
    assert answer.headers["Location"].startswith("/done/waiting")
    assert "Vous êtes actuellement n° 1 sur la liste." in \
        text_of(mails_of(mailbox, address, 1)[0])


def test_the_place_in_line_is_told_and_moves_up(stack, visitor, tables, full):
    slot_page, _ = full
    lines = [wait_for(stack, visitor, slot_page)[0] for _ in range(3)]
    assert ["n° 3 sur" in visitor.page(line).text for line in lines] == [
        False, False, True]
    visitor.post({}, lines[0] + "/leave")
    assert "n° 2 sur" in visitor.page(lines[2]).text
    assert "n° 1 sur" in visitor.page(lines[1]).text


def test_what_was_typed_goes_from_the_lost_race_to_the_list(visitor, tables):
    """With other times to choose from, and without any."""
    for others in (1, 0):
        slot_page = tables.add_slot(1)
        if others:
            tables.add_slot(1)
        form = visitor.form(slot_page, name="Léa Attend")
        visitor.book(slot_page)
        answer = visitor.post(form)
        assert answer.status_code == 409
        page = Page(answer.text)
        target = slot_page + "/wait"
        assert f'action="{target}"' in answer.text
        shown = Page(visitor.post(page.fields | {"show": "fr"}, target).text)
        assert shown.actions == [target]
        assert (shown.fields["name"], shown.fields["email"]) == (
            "Léa Attend", form["email"])


def test_a_freed_place_is_offered_kept_and_taken(stack, visitor, tables,
                                                 mailbox, full):
    slot_page, place = full
    slot = slot_of(slot_page)
    line, address = wait_for(stack, visitor, slot_page)
    assert "liste d’attente" in visitor.page(line).text
    visitor.post({}, place + "/cancel")
    mail = mails_of(mailbox, address, 2)[1]
    # It says what there is to do, unlike a confirmation's neutral subject.
    assert str(mail["Subject"]).startswith("Une place est libre")
    link = re.search(r"http\S+/w/\S+", text_of(mail))[0]
    assert link.endswith(line)
    # Nobody else can take it meanwhile, and GET takes nothing either.
    assert booked_of(tables, slot) == 1
    assert visitor.get(slot_page).status_code == 409
    assert line + "/take" in visitor.page(line).actions
    answer = visitor.post({}, line + "/take")
    assert answer.status_code == 303
    booked = answer.headers["Location"]
    assert booked.startswith("/b/")
    assert "Léa Attend" in visitor.page(booked).text
    # The old link leads on to the booking.
    used = visitor.page(line)
    assert "Voir votre réservation" in used.text
    assert line + "/leave" not in used.actions
    # Nor does a page from before erase anything, and say so.
    assert visitor.post({}, line + "/leave").status_code == 200
    assert state_of(tables, address) == 2
    assert visitor.post({}, line + "/take").headers["Location"] == booked
    assert booked_of(tables, slot) == 1
    mails_of(mailbox, address, 3)


def test_an_offer_lapses_and_goes_to_the_next(stack, visitor, tables, mailbox,
                                              full):
    slot_page, place = full
    first, lea = wait_for(stack, visitor, slot_page)
    second, tom = wait_for(stack, visitor, slot_page)
    visitor.post({}, place + "/cancel")
    mails_of(mailbox, lea, 2)
    assert state_of(tables, tom) == 0
    lapse(tables, lea)
    mails_of(mailbox, tom, 2)
    assert state_of(tables, lea) == 3
    # Who waits no longer has no list to leave.
    page = visitor.page(first)
    assert first + "/leave" in page.actions
    assert "Effacer mon nom" in page.text
    assert "Quitter la liste" not in page.text
    assert visitor.post({}, first + "/take").status_code == 409
    assert visitor.post({}, second + "/take").status_code == 303
    assert booked_of(tables, slot_of(slot_page)) == 1


def test_leaving_leaves_nothing_and_passes_the_offer_on(stack, visitor, tables,
                                                        mailbox, full):
    slot_page, place = full
    first, lea = wait_for(stack, visitor, slot_page)
    _, tom = wait_for(stack, visitor, slot_page)
    visitor.post({}, place + "/cancel")
    mails_of(mailbox, lea, 2)
    assert visitor.post({}, first + "/leave").status_code == 303
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s",
                        lea) == 0
    assert visitor.get(first).status_code == 404
    mails_of(mailbox, tom, 2)
    assert booked_of(tables, slot_of(slot_page)) == 1


def test_more_places_are_offered_too(stack, visitor, tables, mailbox, full):
    slot_page, _ = full
    _, address = wait_for(stack, visitor, slot_page)
    tables.rows("UPDATE slot_inventory SET capacity = 2 WHERE slot_id = %s",
                slot_of(slot_page))
    mails_of(mailbox, address, 2)
    assert booked_of(tables, slot_of(slot_page)) == 2


def answer_of(stack, path, form):
    """What a browser of its own is told, without what differs each time."""
    one = Visitor(stack.http_url)
    answer = one.post(form, path)
    told = {name: unstamped(value) for name, value in answer.headers.items()
            if name not in ("Date", "X-Request-Id")}
    page = one.get(answer.headers["Location"])
    return (answer.status_code, told, unstamped(answer.text),
            unstamped(page.text))


@pytest.mark.parametrize("seats", ["1", "2"])
@pytest.mark.parametrize("state", ["in line", "offered", "lapsed", "booked"])
def test_a_stranger_sees_nothing_of_who_waits(stack, visitor, tables, mailbox,
                                              state, seats):
    """No link, and no difference between who waits and who does not."""
    slot_page = tables.add_slot(2)
    holder = visitor.book(slot_page, seats="2")
    line, victim = wait_for(stack, visitor, slot_page, seats="2")
    if state != "in line":
        visitor.post({}, holder + "/cancel")
        mails_of(mailbox, victim, 2)
    if state == "booked":
        assert visitor.post({}, line + "/take").status_code == 303
    if state == "lapsed":
        lapse(tables, victim)
        wait_until(lambda: state_of(tables, victim) == 3, 30, "its end")
        visitor.book(slot_page, seats="2")
    form = {"name": "Eve", "seats": seats, "lang": "fr",
            "slot": slot_of(slot_page)}
    told = [answer_of(stack, slot_page + "/wait",
                      form | {"email": email, "key": new_key()})
            for email in (victim, unique_address("nobody"), victim)]
    assert told[0] == told[1] == told[2]
    status, headers, body, page = told[0]
    assert status == 303
    assert "/w/" not in body + page + "".join(headers.values())
    for secret in (line, victim, "Léa"):
        assert secret not in body + page


def test_a_stranger_takes_nobodys_place(stack, visitor, tables, mailbox,
                                        full):
    """Also one who waited with the address before its owner did."""
    slot_page, holder = full
    victim = unique_address("victim")
    eve = Visitor(stack.http_url)
    seen = [eve.post(wait_form(eve, slot_page, email=victim, name="Eve"),
                     slot_page + "/wait")]
    own, _ = wait_for(stack, visitor, slot_page, email=victim)
    visitor.post({}, holder + "/cancel")
    mails_of(mailbox, victim, 2)
    seen.append(eve.post(wait_form(eve, slot_page, email=victim),
                         slot_page + "/wait"))
    for answer in seen:
        page = eve.get(answer.headers["Location"])
        assert "/w/" not in answer.headers["Location"] + page.text
        assert "/b/" not in page.text
    assert visitor.post({}, own + "/take").status_code == 303


def test_joining_twice_is_one_place_in_line(stack, visitor, tables, mailbox,
                                            full):
    """The link is sent again to whom it belongs, but not without end."""
    line, address = wait_for(stack, visitor, full[0])
    for count in (2, 3, 4):
        mails_of(mailbox, address, count - 1)
        wait_until(lambda: tables.open_rows() == 0, 30, "the mail's fate")
        again, _ = wait_for(stack, visitor, full[0], email=address,
                            name="Eve")
        assert again == line
    mails = mails_of(mailbox, address, 4)
    assert len({str(mail["Message-ID"]) for mail in mails}) == 4
    for mail in mails:
        assert re.search(r"http\S+/w/\S+", text_of(mail))[0].endswith(line)
        assert "Eve" not in str(mail)
    wait_until(lambda: tables.open_rows() == 0, 30, "the mail's fate")
    wait_for(stack, visitor, full[0], email=address)
    assert tables.value(
        "SELECT COUNT(*) FROM notification n JOIN waiting w"
        " ON w.id = n.waiting_id WHERE w.email = %s", address) == 4
    assert tables.rows("SELECT name FROM waiting WHERE email = %s",
                       address) == (("Léa Attend",),)


def test_two_clicks_at_once_are_one_place_and_one_mail(stack, visitor, tables,
                                                       full):
    form = wait_form(visitor, full[0])
    assert len(form["key"]) == 32
    answers = at_once(6, lambda _: Visitor(stack.http_url).post(
        form, full[0] + "/wait"))
    assert {(one.status_code, one.headers["Location"].partition("?")[0])
            for one in answers} == {(303, "/done/waiting")}
    assert tables.value("SELECT COUNT(*) FROM notification n JOIN waiting w"
                        " ON w.id = n.waiting_id WHERE w.email = %s",
                        form["email"]) == 1


def test_who_is_offered_a_place_gets_that_mail_again(stack, visitor, tables,
                                                     mailbox, full):
    slot_page, holder = full
    line, address = wait_for(stack, visitor, slot_page)
    visitor.post({}, holder + "/cancel")
    mails_of(mailbox, address, 2)
    wait_until(lambda: tables.open_rows() == 0, 30, "the mail's fate")
    wait_for(stack, visitor, slot_page, email=address)
    mail = mails_of(mailbox, address, 3)[2]
    assert str(mail["Subject"]).startswith("Une place est libre")
    assert line in text_of(mail)
    assert state_of(tables, address) == 1


def test_who_wants_two_does_not_hold_up_who_wants_one(stack, visitor, tables,
                                                      mailbox):
    slot_page = tables.add_slot(2)
    place = visitor.book(slot_page)
    visitor.book(slot_page)
    _, pair = wait_for(stack, visitor, slot_page, seats="2")
    _, single = wait_for(stack, visitor, slot_page)
    visitor.post({}, place + "/cancel")
    mails_of(mailbox, single, 2)
    assert state_of(tables, pair) == 0


def test_however_many_want_two_they_do_not_hold_up_who_wants_one(
        stack, visitor, tables, mailbox):
    slot_page = tables.add_slot(2)
    places = [visitor.book(slot_page) for _ in "12"]
    pair = wait_for(stack, visitor, slot_page, seats="2")[1]
    for number in range(120):
        tables.rows(
            "INSERT INTO waiting (ref, slot_id, seats, name, email, locale,"
            " state, created_at, nonce, in_line) SELECT %s, slot_id, 2, name, %s,"
            " locale, state, created_at, nonce, 1 FROM waiting WHERE email = %s",
            secrets.token_hex(4).upper(), f"{number}.{pair}", pair)
    _, single = wait_for(stack, visitor, slot_page)
    visitor.post({}, places[0] + "/cancel")
    lapse(tables, single)   # who was told; then it is the first pair's turn
    visitor.post({}, places[1] + "/cancel")
    mails_of(mailbox, pair, 2)
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE state = 1"
                        " AND email LIKE %s", f"%{pair}") == 1


def test_a_crowd_around_a_freed_place_never_overbooks(stack, tables, full):
    slot_page, place = full
    visitor = Visitor(stack.http_url)
    form = Visitor(stack.http_url).form(tables.add_slot(1))
    slot = slot_of(slot_page)
    lines = [wait_for(stack, visitor, slot_page)[0] for _ in range(4)]

    def act(number):
        one = Visitor(stack.http_url)
        if number == 0:
            return one.post({}, place + "/cancel").status_code
        if number < 5:
            return one.post({}, lines[number - 1] + "/take").status_code
        return one.post(form | {"slot": slot, "email": unique_address(),
                                "key": f"{number:032x}"}).status_code

    assert set(at_once(12, act)) <= {303, 409}
    held = tables.value("SELECT COALESCE(SUM(seats), 0) FROM booking"
                        " WHERE slot_id = %s AND cancelled_at IS NULL",
                        slot) + \
        tables.value("SELECT COALESCE(SUM(seats), 0) FROM waiting"
                     " WHERE slot_id = %s AND state = 1", slot)
    assert booked_of(tables, slot) == held <= 1


def test_a_hundred_at_once_never_overbook(stack, visitor, tables):
    """Cancelling, taking, leaving, booking and joining, all in one moment."""
    slot_page = tables.add_slot(5)
    slot = slot_of(slot_page)
    form = visitor.page(slot_page).fields
    places = [visitor.book(slot_page) for _ in range(5)]
    join = visitor.page(slot_page + "/wait").fields
    lines = [wait_for(stack, visitor, slot_page)[0] for _ in range(5)]
    acts = [(place + "/cancel", {}) for place in places] \
        + [(line + "/take", {}) for line in lines * 4] \
        + [(lines[0] + "/leave", {})] \
        + [("/bookings", form)] * 50 + [(slot_page + "/wait", join)] * 24
    acts.sort(key=lambda _: secrets.randbits(32))

    def act(number):
        path, fields = acts[number]
        if fields:
            fields = fields | {"name": "Léa", "email": unique_address(),
                               "seats": "1", "key": new_key()}
        return Visitor(stack.http_url).post(fields, path).status_code

    assert set(at_once(len(acts), act)) <= {200, 303, 404, 409}

    def held():
        return tables.rows(
            "SELECT i.booked, (SELECT COALESCE(SUM(b.seats), 0) FROM booking b"
            " WHERE b.slot_id = i.slot_id AND b.cancelled_at IS NULL),"
            " (SELECT COALESCE(SUM(w.seats), 0) FROM waiting w"
            " WHERE w.slot_id = i.slot_id AND w.state = 1)"
            " FROM slot_inventory i WHERE i.slot_id = %s", slot)[0]

    booked, taken, kept = held()
    assert booked == taken + kept <= 5
    # What is left of the line gets what is left of the places.
    wait_until(lambda: held()[0] == 5 or not tables.value(
        "SELECT COUNT(*) FROM waiting WHERE slot_id = %s AND state = 0", slot),
        30, "the offers")
    booked, taken, kept = held()
    assert booked == taken + kept <= 5


@pytest.mark.parametrize("fields", [
    {"name": ""}, {"email": "no"}, {"slot": "1"}, {"seats": "0"},
    {"seats": "99"}, {"name": "\u00ad"}])
def test_a_wrong_form_joins_nothing(visitor, tables, full, fields):
    page = visitor.page(full[0] + "/wait")
    before = tables.value("SELECT COUNT(*) FROM waiting")
    answer = visitor.post(page.fields | {
        "name": "Léa", "email": unique_address(), "seats": "1"} | fields,
        page.actions[0])
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert tables.value("SELECT COUNT(*) FROM waiting") == before


def test_another_language_joins_nothing_and_keeps_what_was_typed(
        visitor, tables, full):
    page = visitor.page(full[0] + "/wait")
    before = tables.value("SELECT COUNT(*) FROM waiting")
    answer = visitor.post(page.fields | {
        "name": "Léa", "email": unique_address(), "show": "en"},
        page.actions[0])
    assert answer.status_code == 200
    assert '<html lang="en"' in answer.text
    assert 'role="alert"' not in answer.text
    assert Page(answer.text).fields["name"] == "Léa"
    assert tables.value("SELECT COUNT(*) FROM waiting") == before


@pytest.mark.parametrize("path", ["/w/x", "/w/RK7F3M2Q." + "A" * 22,
                                  "/w/x/take"])
def test_a_place_that_is_none(visitor, path):
    answer = visitor.post({}, path) if path.endswith("take") \
        else visitor.get(path)
    assert answer.status_code == 404


def test_a_bookings_link_is_no_place_in_line(visitor, full):
    assert visitor.get(full[1].replace("/b/", "/w/")).status_code == 404


def test_erasing_a_booking_erases_its_place_in_line(stack, visitor, tables,
                                                    mailbox, full):
    slot_page, place = full
    line, address = wait_for(stack, visitor, slot_page)
    visitor.post({}, place + "/cancel")
    mails_of(mailbox, address, 2)
    booked = visitor.post({}, line + "/take").headers["Location"]
    assert visitor.post({}, booked + "/erase").status_code == 303
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s",
                        address) == 0


# ---- what organisers see ------------------------------------------------------

def test_organisers_see_who_waits_everywhere(stack, visitor, tables, full):
    slot_page, place = full
    slot = slot_of(slot_page)
    name = "Zélie " + new_key()[:8]
    line, address = wait_for(stack, visitor, slot_page, name=name)
    _, second = wait_for(stack, visitor, slot_page)
    anna = Organiser(stack)
    page = anna.page(f"/admin/slots/{slot}")
    assert "2 people are waiting" in page.text
    assert page.text.index(name) < page.text.index(second)
    day = next(link for link in page.links if "/admin?day=" in link)
    for path in (day, f"/admin/search?q={name[:9]}",
                 f"/admin/search?q={address[:-4]}",
                 f"/admin/search?q={line[3:11]}"):
        found = anna.page(path)
        assert name in found.text and address in found.text, path
        assert f"/admin/slots/{slot}" in "".join(found.links)
    start = day.partition("day=")[2][:10]
    slots = anna.page(f"/admin/services/{slot_page.split('/')[2]}/slots"
                      f"?from={start}")
    assert "1 of 1 taken · 2 waiting" in slots.text
    # Whom a place is kept for stays on the list until it is theirs.
    visitor.post({}, place + "/cancel")
    assert "A place is kept until" in anna.page(f"/admin/slots/{slot}").text
    visitor.post({}, line + "/take")
    text = anna.page(f"/admin/slots/{slot}").text
    assert "1 person is waiting" in text and name not in text
    visitor.post({}, f"{line_of(stack, second)}/leave")
    assert "is waiting" not in anna.page(f"/admin/slots/{slot}").text


# ---- how long a place is kept ---------------------------------------------


def refusing(whole, name):
    """A mail server in place of the stack's: it knows nobody of that name."""
    def plan(step, session, _mail):
        asked = [line for of, line in server.commands
                 if of == session and line.upper().startswith("RCPT")]
        if step == "rcpt" and f"<{name}." in asked[-1]:
            return "550 5.1.1 no such user"
        return None
    server = FaultySmtp(plan, port=int(whole.env["SMTP_PORT"]))
    return server


def clock_of(tables, address):
    """(state, told, until, made, untold) of who waits."""
    return tables.rows("SELECT state, told_at, offer_until, offered_at, untold"
                       " FROM waiting WHERE email = %s", address)[0]


def test_its_time_runs_from_the_mail_and_not_before(whole, tables, mailbox):
    """Also if the mail server was away for longer than it is kept."""
    visitor = Visitor(whole.http_url)
    slot_page = tables.add_slot(1)
    place = visitor.book(slot_page)
    line, address = wait_for(whole, visitor, slot_page)
    mails_of(mailbox, address, 1)
    whole.stop("smtp")
    visitor.post({}, place + "/cancel")
    state, told, until, made, _ = clock_of(tables, address)
    assert (state, told) == (1, None)
    assert until - made == datetime.timedelta(hours=12)
    assert "Gardée pour vous jusqu’au" not in visitor.page(line).text
    tables.rows("UPDATE waiting SET offered_at = offered_at - INTERVAL 5 HOUR,"
                " offer_until = offer_until - INTERVAL 5 HOUR"
                " WHERE email = %s", address)
    whole.start("smtp")
    mails_of(mailbox, address, 2)
    wait_until(lambda: clock_of(tables, address)[1], 30, "its time to run")
    state, told, until, _, untold = clock_of(tables, address)
    assert (state, untold) == (1, 0)
    # Two hours, as the service says, and the night if there is one in them.
    assert until - told >= datetime.timedelta(hours=2)
    assert "Gardée pour vous jusqu’au" in visitor.page(line).text
    assert visitor.post({}, line + "/take").status_code == 303


def test_the_mail_says_how_long_and_which_hours_do_not_count(
        stack, visitor, tables, mailbox, full):
    slot_page, place = full
    _, address = wait_for(stack, visitor, slot_page)
    visitor.post({}, place + "/cancel")
    text = " ".join(text_of(mails_of(mailbox, address, 2)[1]).split())
    assert ("Gardée pour vous pendant 2 heures après cet e-mail ; la nuit,"
            " de 22:00 à 07:00, ne compte pas.") in text


def test_the_night_does_not_count(whole, tables, mailbox):
    """With quiet hours all day but for its last minute, nothing ends today."""
    whole.overrides["booking"]["quiet_hours"] = "00:01-00:00"
    whole.restart("booking")
    visitor = Visitor(whole.http_url)
    slot_page = tables.add_slot(1)
    place = visitor.book(slot_page)
    _, address = wait_for(whole, visitor, slot_page)
    visitor.post({}, place + "/cancel")
    wait_until(lambda: clock_of(tables, address)[1], 30, "its time to run")
    _, told, until, _, _ = clock_of(tables, address)
    # A minute a day runs: 120 days of them, or until the slot begins.
    assert until - told > datetime.timedelta(hours=2)


def test_who_cannot_be_told_waits_again_and_then_lapses(whole, tables):
    """A mail server that does not answer costs nobody their turn at once."""
    visitor = Visitor(whole.http_url)
    slot_page = tables.add_slot(1)
    place = visitor.book(slot_page)
    _, lea = wait_for(whole, visitor, slot_page)
    _, tom = wait_for(whole, visitor, slot_page)
    wait_until(lambda: tables.open_rows() == 0, 30, "the mails")
    whole.stop("smtp")
    visitor.post({}, place + "/cancel")
    assert [clock_of(tables, who)[0] for who in (lea, tom)] == [1, 0]
    # The half day is over: it is the next one's turn.
    tables.rows("UPDATE waiting SET offer_until = NOW(3) WHERE email = %s",
                lea)
    wait_until(lambda: clock_of(tables, tom)[0] == 1, 30, "the next one")
    assert (clock_of(tables, lea)[0], clock_of(tables, lea)[4]) == (0, 1)
    # And then again the first one's, as long as anybody can be told.
    for state_lea, untold in ((1, 1), (0, 2), (1, 2), (3, 3)):
        tables.rows("UPDATE waiting SET offer_until = NOW(3) WHERE state = 1"
                    " AND email IN (%s, %s)", lea, tom)
        wait_until(lambda s=state_lea, u=untold: (
            clock_of(tables, lea)[0], clock_of(tables, lea)[4]) == (s, u), 30,
            f"state {state_lea} after {untold}")
    assert booked_of(tables, slot_of(slot_page)) <= 1
    whole.start("smtp")


def test_an_address_that_is_refused_does_not_hold_up_the_line(whole, tables):
    visitor = Visitor(whole.http_url)
    slot_page = tables.add_slot(1)
    place = visitor.book(slot_page)
    _, lea = wait_for(whole, visitor, slot_page)
    _, tom = wait_for(whole, visitor, slot_page, email=unique_address("tom"))
    wait_until(lambda: tables.open_rows() == 0, 30, "the mails")
    whole.stop("smtp")
    with refusing(whole, "lea") as server:
        visitor.post({}, place + "/cancel")
        wait_until(lambda: clock_of(tables, tom)[1], 60, "the next one's turn")
        assert clock_of(tables, lea)[0] == 0 and clock_of(tables, lea)[4] == 1
        assert tom in [to for _, to, _ in server.accepted]
    whole.start("smtp")
    assert booked_of(tables, slot_of(slot_page)) == 1
