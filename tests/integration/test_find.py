# SPDX-License-Identifier: MIT
"""Whoever has lost a link has it sent, and learns nothing else."""

import re

import pytest
import redis
from hostile_texts import ADDRESSES, BROKEN, NAMES
from stack.stamps import unstamped
from stack.visitor import (Page, Visitor, line_of, new_key, unique_address,
                           wait_until)
from test_change import mails_of, ref_of, text_of


def forget_counts(stack):
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as server:
        for key in server.scan_iter(stack.env["QUEUE_PREFIX"] + "cap:*"):
            server.delete(key)


@pytest.fixture
def quick(whole):
    """Links may be sent again at once; nobody has asked yet."""
    whole.overrides["booking"].update({"resend_pause": "0s"})
    whole.restart("booking")
    forget_counts(whole)
    return whole


@pytest.fixture
def booked(quick, tables, mailbox):
    """(reference, address) of a booking whose mail has arrived."""
    address = unique_address("lost")
    place = Visitor(quick.http_url).book(tables.add_slot(3), email=address)
    mails_of(mailbox, address, 1)
    sent(tables, ref_of(place))
    return ref_of(place), address


def sent(tables, ref):
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM notification WHERE envelope_id LIKE %s"
        " AND state = 0 AND begins_at IS NULL", ref + ".%") == 0, 30,
        "the mails' fate")


def ask(stack, ref, email):
    visitor = Visitor(stack.http_url, "en")
    answer = visitor.post({"ref": ref, "email": email}, "/find")
    hidden = ("Date", "X-Request-Id")
    return (answer.status_code, unstamped(answer.text),
            {name: unstamped(value) for name, value in answer.headers.items()
             if name not in hidden})


def rows_of(tables, ref):
    return tables.value("SELECT COUNT(*) FROM notification"
                        " WHERE envelope_id LIKE %s", ref + ".confirm.%")


def logged(stack, which):
    with open(stack.at.log_file("booking"), encoding="utf-8") as file:
        return file.read().count(f"sought sent={which}")


# ---- finding ----------------------------------------------------------------

def test_pages_and_mails_lead_there(stack, mailbox, tables):
    address = unique_address("lost")
    slot = tables.add_slot(3)
    place = Visitor(stack.http_url, "en").book(slot, lang="en", email=address)
    visitor = Visitor(stack.http_url, "en")
    for path in ("/", slot, place, "/privacy"):
        assert any(link.startswith("/find") for link in
                   visitor.page(path).links), path
    lost = visitor.get("/b/AAAAAAAA.0123456789abcdefghijkl")
    assert lost.status_code == 404
    assert any(link.startswith("/find") for link in Page(lost.text).links)
    mail, = mails_of(mailbox, address, 1)
    for kind in ("plain", "html"):
        link = re.search(r"https?://[^\s\"<]+/find\?lang=en",
                         mail.get_body((kind,)).get_content())
        assert link, kind
    assert visitor.page("/find?lang=en").fields.keys() >= {"ref", "email"}


def test_the_link_comes_by_mail_and_by_mail_alone(quick, booked, mailbox):
    ref, address = booked
    page = Visitor(quick.http_url, "en").page("/")
    assert "/find" in page.links
    visitor = Visitor(quick.http_url, "en")
    form = visitor.page("/find")
    answer = visitor.post(form.fields | {
        "ref": f" {ref[:4].lower()}-{ref[4:].lower()} ",
        "email": address.upper()}, form.actions[0])
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/done/sought")
    told = visitor.get(answer.headers["Location"]).text
    assert ref not in told and address not in told and "/b/" not in told
    mail = mails_of(mailbox, address, 2)[1]
    link = re.search(r"http\S+/b/\S+", text_of(mail))[0]
    assert "is being sent again" in visitor.page(link + "?lang=en").text


def test_what_is_not_theirs_is_answered_alike_and_not_mailed(
        quick, booked, tables, mailbox):
    ref, address = booked
    over = Visitor(quick.http_url)
    gone = over.book(tables.add_slot(1), email=address)
    over.post({}, gone + "/cancel")
    past_page = tables.add_slot(1)
    past = ref_of(over.book(past_page, email=address))
    tables.rows("UPDATE slot SET starts_at = '2019-01-01', ends_at ="
                " '2019-01-02' WHERE id = %s", past_page.rpartition("/")[2])
    for one in (ref_of(gone), past):
        sent(tables, one)
    before = logged(quick, "no")
    rows = {one: rows_of(tables, one) for one in (ref, ref_of(gone), past)}
    wrong = [("ZZZZZZZZ", address), (ref, "other@example.org"),
             (ref, address + ".x"), (ref_of(gone), address), (past, address)]
    answers = [ask(quick, *one) for one in wrong]
    wait_until(lambda: logged(quick, "no") == before + len(wrong), 20,
               "all of them to be looked for")
    assert rows == {one: rows_of(tables, one) for one in rows}
    right = ask(quick, ref, address)
    assert all(one == right for one in answers)
    assert right[0] == 303


def test_a_booking_is_looked_for_after_the_answer(quick, booked, tables):
    """Who cannot tell when it is written cannot tell whether it is there."""
    ref, address = booked
    tables.connection.begin()
    try:
        with tables.connection.cursor() as cursor:
            cursor.execute("SELECT id FROM booking WHERE ref = %s FOR UPDATE",
                           (ref,))
        # Waits for that row, and has answered all the same.
        assert ask(quick, ref, address)[0] == 303
        assert rows_of(tables, ref) == 1
    finally:
        tables.connection.rollback()
    wait_until(lambda: rows_of(tables, ref) == 2, 20, "the second mail")


def test_nobody_is_mailed_more_than_a_few_times(quick, booked, tables):
    ref, address = booked
    for number in range(6):
        done = logged(quick, "yes") + logged(quick, "no")
        assert ask(quick, ref, address)[0] == 303
        wait_until(lambda n=done: logged(quick, "yes") + logged(quick, "no")
                   == n + 1, 20, f"wish {number}")
        sent(tables, ref)
    assert rows_of(tables, ref) == 1 + 3


def test_a_mail_that_has_just_been_sent_is_not_sent_again(whole, tables,
                                                          mailbox):
    whole.overrides["booking"]["resend_pause"] = "10min"
    whole.restart("booking")
    forget_counts(whole)
    address = unique_address("soon")
    ref = ref_of(Visitor(whole.http_url).book(tables.add_slot(1),
                                              email=address))
    mails_of(mailbox, address, 1)
    before = logged(whole, "no")
    assert ask(whole, ref, address)[0] == 303
    wait_until(lambda: logged(whole, "no") == before + 1, 20, "the search")
    assert rows_of(tables, ref) == 1


def test_wishes_are_counted_whether_there_is_a_booking_or_not(
        quick, booked, tables):
    ref, address = booked
    quick.overrides["booking"].update({"client_mails_an_hour": "3"})
    quick.restart("booking")
    said = []
    for one in ((ref, address), ("ZZZZZZZZ", address), (ref, "a@example.org")):
        forget_counts(quick)
        said.append([ask(quick, *one)[0] for _ in range(5)])
    assert said == [[303] * 3 + [429] * 2] * 3


def test_a_place_in_line_is_found_too(quick, tables, mailbox):
    slot_page = tables.add_slot(1)
    visitor = Visitor(quick.http_url)
    visitor.book(slot_page)
    address = unique_address("line")
    page = visitor.page(slot_page + "/wait")
    assert visitor.post(page.fields | {
        "name": "Léa", "email": address, "seats": "1", "key": new_key()},
        page.actions[0]).status_code == 303
    line = line_of(quick, address)
    mails_of(mailbox, address, 1)
    ref = ref_of(line)
    sent(tables, ref)
    assert ask(quick, ref, "other@example.org") == ask(quick, ref, address)
    assert line in text_of(mails_of(mailbox, address, 2)[1])
    # Who has left is not put back.
    visitor.post({}, line + "/leave")
    before = logged(quick, "no")
    ask(quick, ref, address)
    wait_until(lambda: logged(quick, "no") == before + 1, 20, "the search")
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s",
                        address) == 0


def test_a_link_that_is_no_longer_good_leads_there(stack):
    for path in ("/b/ABCDEFGH.x", "/b/ABCDEFGH.x/cancel", "/w/ABCDEFGH.x"):
        answer = Visitor(stack.http_url, "en").get(path)
        assert answer.status_code == 404
        assert 'class="button" href="/find"' in answer.text
    answer = Visitor(stack.http_url, "en").get("/no-such-page")
    assert 'class="button" href="/find"' not in answer.text


# ---- what is typed ----------------------------------------------------------

def test_mistakes_are_said_beside_the_field_and_kept(visitor):
    answer = visitor.post({"ref": "x", "email": "half@"}, "/find")
    assert answer.status_code == 422
    page = Page(answer.text)
    assert (page.fields["ref"], page.fields["email"]) == ("x", "half@")
    assert answer.text.count('aria-invalid="true"') == 2
    assert "#ref" in page.links and "#email" in page.links
    answer = visitor.post({"ref": "x", "email": "half@", "show": "en"},
                          "/find")
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.fields["ref"] == "x" and 'role="alert"' not in answer.text
    assert "Find my booking" in page.text


HOSTILE = NAMES | ADDRESSES


@pytest.mark.parametrize("what", sorted(HOSTILE))
def test_no_text_does_harm(whole, visitor, what):
    forget_counts(whole)
    text = HOSTILE[what]
    for form in ({"ref": text, "email": "a@example.org"},
                 {"ref": "ZZZZZZZZ", "email": text}):
        answer = visitor.post(form, "/find")
        assert answer.status_code in (303, 422)
        assert "<script" not in answer.text.lower()


@pytest.mark.parametrize("what", sorted(BROKEN))
def test_no_body_does_harm(visitor, what):
    media, body, _ = BROKEN[what]
    answer = visitor.session.post(visitor.url + "/find", data=body,
                                  headers={"Content-Type": media}, timeout=30,
                                  allow_redirects=False)
    assert answer.status_code in (400, 413, 415, 422)
