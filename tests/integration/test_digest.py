# SPDX-License-Identifier: MIT
"""The operators' daily mail: once a day, by the way of all mails."""

import datetime
import re

import mail_oracle
import pytest
import redis
from stack.organiser import Organiser
from stack.visitor import Visitor, unique_address, wait_until


@pytest.fixture
def digest(whole):
    """Has booking.fcgi send one to an address of its own."""
    def start(**settings):
        address = unique_address("ops")
        whole.overrides["booking"].update(digest_to=address, **settings)
        whole.restart("booking")
        return address
    return start


def forget_today(stack, tables):
    """As if the digests of these days had not been sent yet.

    maild remembers what it sent and rightly tells a Redis that lost it, so it
    ends first.
    """
    stack.stop("maild")
    tables.rows("DELETE FROM notification WHERE kind = 'operators.digest'")
    tables.rows("UPDATE notification SET final_at = final_at - INTERVAL 3 DAY"
                " WHERE state IN (2, 3)")
    tables.rows("UPDATE notification SET fate_at = fate_at - INTERVAL 3 DAY"
                " WHERE fate > 0")
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as server:
        for key in server.scan_iter(stack.env["QUEUE_PREFIX"] + "j:digest.*"):
            server.delete(key)
    stack.start("maild")


def row_of(tables):
    return tables.rows("SELECT envelope_id, state, COUNT(*) FROM notification"
                       " WHERE kind = 'operators.digest' GROUP BY 1, 2")


def put_ended(tables, ref, state, reply, hours_ago):
    tables.rows("UPDATE notification n JOIN booking b ON b.id = n.booking_id"
                " SET n.state = %s, n.reply = %s, n.due_at = NULL, n.final_at"
                " = NOW(3) - INTERVAL %s HOUR WHERE b.ref = %s"
                " AND n.kind = 'booking.confirmed'",
                state, reply, hours_ago, ref)


def put_fate(tables, ref, sure, hours_ago):
    """The confirmation came back."""
    tables.rows("UPDATE notification n JOIN booking b ON b.id = n.booking_id"
                " SET n.fate = 3, n.fate_sure = %s, n.fate_at = NOW(3)"
                " - INTERVAL %s HOUR WHERE b.ref = %s"
                " AND n.kind = 'booking.confirmed'", sure, hours_ago, ref)


def fields_of(text):
    return dict(re.findall(r"^ *([^:\n]+?)\s*: (\d+)$", text, re.MULTILINE))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_digest_counts_what_was_lost(whole, tables, mailbox, digest,
                                         language):
    forget_today(whole, tables)
    due = datetime.datetime.now(datetime.timezone.utc).replace(
        minute=0, second=0, microsecond=0)
    visitor = Visitor(whole.http_url)
    slot_page = tables.add_slot(7)
    refs = [visitor.book(slot_page).rpartition("/")[2].partition(".")[0]
            for _ in range(7)]
    wait_until(lambda: tables.open_rows() == 0, 30, "sent confirmations")
    put_ended(tables, refs[0], 2, "rejected: 550 5.1.1 <x@y>: nobody", 2)
    put_ended(tables, refs[1], 2, "rejected: 552 5.2.2 full", 2)
    put_ended(tables, refs[2], 3, "not delivered in time", 2)
    put_ended(tables, refs[3], 2, "rejected: 550 long ago", 32)
    put_fate(tables, refs[4], sure=1, hours_ago=2)
    put_fate(tables, refs[5], sure=0, hours_ago=2)
    put_fate(tables, refs[6], sure=1, hours_ago=32)
    address = digest(digest_hour=str(due.hour), default_locale=language)
    raw = mailbox.wait_for(address)
    name = f"digest.{due:%Y-%m-%d}"
    subject = {"fr": "Bilan des e-mails\u00a0: 5 non remis",
               "en": "Mail report: 5 not delivered"}[language]
    message, _ = mail_oracle.check_mail(
        raw, method="", language=language, envelope_id=name, to_email=address,
        reply_to="", subject=subject.replace(" : ", "\u00a0: "),
        message_domain="reservoir.example")
    text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    counted = fields_of(text)
    assert counted[{"fr": "Refusés", "en": "Refused"}[language]] == "2"
    assert counted[{"fr": "refusé par le serveur",
                    "en": "refused by the server"}[language]] == "2"
    came_back, likely = {
        "fr": ("Acceptés, puis revenus", "dont peut-être"),
        "en": ("Accepted, then came back", "of these only likely")}[language]
    assert (counted[came_back], counted[likely]) == ("2", "1")
    assert f"{whole.http_url}/admin/mails" in text
    # No address, name or reply of a server in a mail to operators.
    assert "x@y" not in text and "550" not in text
    assert "Zoé" not in text

    # Once, however often the program is started.
    wait_until(lambda: row_of(tables) == ((name, 1, 1),), 30, "the verdict")
    whole.restart("booking")
    Visitor(whole.http_url).page("/")
    assert row_of(tables) == ((name, 1, 1),)
    assert len(mailbox.mails_to(address)) == 1
    # It is about no booking, and organisers' pages do not mind.
    page = Organiser(whole, language).page("/admin/mails")
    assert {"fr": "Bilan du jour", "en": "Daily digest"}[language] in page.text


def test_redis_down_makes_it_late_and_nobody_gets_none(whole, tables, mailbox,
                                                       digest):
    forget_today(whole, tables)
    whole.stop("redis")
    address = digest()
    whole.start("redis")
    wait_until(lambda: mailbox.mails_to(address), 60, "the digest")
    # One that is open when nobody is to get it any more is given up.
    forget_today(whole, tables)
    whole.overrides["booking"].clear()
    whole.restart("booking")
    tables.rows("INSERT INTO notification (envelope_id, kind, detail,"
                " created_at, begins_at, due_at, state, attempts, checks,"
                " reply) VALUES ('digest.2025-01-01', 'operators.digest', '',"
                " NOW(3), NOW(3), NOW(3), 0, 0, 0, '')")
    wait_until(lambda: row_of(tables) == (("digest.2025-01-01", 4, 1),), 30,
               "the end of a digest for nobody")
    forget_today(whole, tables)
