# SPDX-License-Identifier: MIT
"""A visitor has a mail sent again: how often, how soon."""

import re
import subprocess

from stack.visitor import Page, unique_address, wait_until


def ref_of(place):
    return place.rpartition("/")[2].partition(".")[0]


def wait_for_mails(mailbox, address, count):
    wait_until(lambda: len(mailbox.mails_to(address)) == count, 30,
               f"{count} mails to {address}", 0.05)


def test_a_mail_is_sent_again_three_times_at_most(visitor, mailbox):
    address = unique_address("again")
    place = visitor.book(email=address)
    for count in (1, 2, 3):
        wait_for_mails(mailbox, address, count)
        wait_until(lambda: not visitor.page(place).refresh, 20,
                   "a page that rests")
        assert visitor.post({}, place + "/resend").status_code == 303
    wait_for_mails(mailbox, address, 4)
    wait_until(lambda: not visitor.page(place).refresh, 20,
               "a page that rests")
    assert visitor.post({}, place + "/resend").status_code == 429


def test_a_mail_sent_just_now_is_not_sent_again_at_once(
        whole, visitor, mailbox, tables):
    whole.overrides["booking"]["resend_pause"] = "1min"
    whole.restart("booking")
    address = unique_address("soon")
    place = visitor.book(email=address)
    wait_until(lambda: not visitor.page(place).refresh, 20,
               "a page that rests")
    looked = visitor.get(place + "/resend?lang=en")
    answer = visitor.post({"lang": "en"}, place + "/resend")
    assert (looked.status_code, answer.status_code) == (200, 429)
    assert 30 < int(answer.headers["Retry-After"]) <= 60
    for page in (looked, answer):
        text = Page(page.text).text
        assert "has only just been sent" in text
        told = re.search(r"sent again from (\d\d):(\d\d) "
                         r"\(Paris time\)", text)
        sent = tables.value("SELECT n.created_at FROM notification n JOIN"
                            " booking b ON b.id = n.booking_id"
                            " WHERE b.email = %s", address)
        wait_min = (int(told[2]) - sent.minute) % 60
        assert wait_min in (1, 2)
    # The organiser need not wait; then the visitor waits for that one.
    subprocess.run([whole.env["BOOKCTL"], "-c", whole.env["BOOKING_CONF"],
                    "resend", ref_of(place)], check=True, timeout=60,
                   capture_output=True)
    wait_for_mails(mailbox, address, 2)
    tables.rows("UPDATE notification n JOIN booking b ON b.id = n.booking_id"
                " SET n.created_at = n.created_at - INTERVAL 59 SECOND"
                " WHERE b.email = %s", address)
    wait_until(lambda: visitor.post({}, place + "/resend").status_code == 303,
               20, "the end of the pause", 0.2)
    wait_for_mails(mailbox, address, 3)


def test_a_mail_on_its_way_is_not_sent_twice(whole, visitor):
    whole.stop("maild")
    place = visitor.book()
    assert visitor.post({}, place + "/resend").status_code == 409
    assert "déjà en route" in Page(visitor.get(place + "/resend").text).text
