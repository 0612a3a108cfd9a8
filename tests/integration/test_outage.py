# SPDX-License-Identifier: MIT
"""The mail server is away while people book: nobody notices."""

import collections

import redis
from stack.visitor import CLIENTS, Visitor, book_many, wait_until

BOOKINGS = 500


def test_bookings_made_during_an_outage_are_mailed_after_it(
        whole, tables, mailbox):
    whole.overrides["maild"]["workers"] = "1"
    whole.restart("maild")
    form = Visitor(whole.http_url).form(tables.add_slot(10000))
    wait_until(lambda: tables.open_rows() == 0, 60, "a quiet stack")

    _, usual, _ = book_many(whole, form, 100, "usual")
    wait_until(lambda: tables.open_rows() == 0, 60, "a quiet stack")
    whole.stop("smtp")
    before = set(mailbox.names())
    statuses, seconds, addresses = book_many(whole, form, BOOKINGS, "out")
    assert collections.Counter(statuses) == {303: BOOKINGS}
    # The median of an outage is that of any day, within what a busy
    # machine adds; and nobody waits for a mail server's time-out.
    assert seconds[len(seconds) // 2] < 3 * usual[len(usual) // 2] + 0.05
    assert seconds[-1] < 5

    waiting = wait_until(lambda: waiting_jobs(whole, BOOKINGS), 20,
                         "all jobs in the queue")
    whole.start("smtp")
    wait_until(lambda: len(set(mailbox.names()) - before) >= BOOKINGS, 120,
               f"{BOOKINGS} mails", 0.2)
    wait_until(lambda: tables.open_rows() == 0, 60, "all rows final", 0.2)
    names = sorted(set(mailbox.names()) - before)
    got = collections.Counter(mailbox.recipients(names))
    assert got == collections.Counter(addresses)
    assert [mailbox.mail(name)["Message-ID"].strip("<> ").partition("@")[0]
            for name in names] == waiting


def test_the_page_tells_silence_from_a_refusal(whole):
    whole.stop("smtp")
    visitor = Visitor(whole.http_url)
    place = visitor.book()
    wait_until(lambda: 'data-state="unreached"' in visitor.get(place).text,
               20, "a page that says that the mail server was not reached")
    text = visitor.page(place).text
    assert "Votre réservation est bien enregistrée" in text
    assert "Réponse du serveur" not in text and "refused" not in text


def test_what_was_not_tried_yet_says_what_is_known_of_the_server(whole):
    """Only the first mails of an outage are tried; the others wait for the
    same server."""
    whole.overrides["maild"]["workers"] = "1"
    whole.restart("maild")
    whole.stop("smtp")
    visitor = Visitor(whole.http_url)
    places = [visitor.book() for _ in range(4)]
    for place in places:
        wait_until(lambda: 'data-state="unreached"' in visitor.get(place).text,
                   20, "a page that says that the mail server was not reached")
        # What it said to others is not told.
        assert "Réponse du serveur" not in visitor.page(place).text
    whole.start("smtp")
    for place in places:
        wait_until(lambda: 'data-state="accepted"' in visitor.get(place).text,
                   60, "a page that says that it was taken")


def waiting_jobs(stack, count):
    """The ids of all jobs that wait, the next one first; None if fewer."""
    prefix = stack.env["QUEUE_PREFIX"]
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"],
                     decode_responses=True) as client:
        held = sorted(client.scan_iter(prefix + "p:*"))
        step = client.pipeline(transaction=True)
        for name in (*held, prefix + "ready"):
            step.lrange(name, 0, -1)
        jobs = sum((part[::-1] for part in step.execute()), [])
    return jobs if len(jobs) == count else None


def test_redis_away_is_not_felt_and_loses_nothing(whole, tables, mailbox):
    form = Visitor(whole.http_url).form(tables.add_slot(10000))
    whole.kill("redis")
    statuses, seconds, addresses = book_many(whole, form, 50, "redis")
    assert collections.Counter(statuses) == {303: 50}
    assert seconds[-1] < 5
    whole.start("redis")
    wait_until(lambda: set(addresses) <= set(mailbox.recipients()), 90,
               "all mails after Redis came back", 0.5)
    got = collections.Counter(mailbox.recipients())
    assert all(got[address] == 1 for address in addresses)
