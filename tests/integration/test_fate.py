# SPDX-License-Identifier: MIT
"""What is heard of a mail after a mail server took it: real receipts through
Redis into the tables, and onto every face."""

import datetime
import html
import itertools
import json
import re
import secrets
import time
import zoneinfo

import pytest
import redis
import requests
from stack.contract import Contract
from stack.keys import add_api_key, bookctl_says
from stack.organiser import Organiser
from stack.visitor import Visitor, unique_address, wait_until

LIMIT_S = 30
FATES = ("delivered", "delayed", "returned", "complained")
HOSTILE = "550 5.1.1 <b>&amp;\"'</td></q><script>alert(1)</script> no {{reply}}"
WORDS = {
    "fr": {"returned": "est revenu", "maybe": "semble être revenu",
           "delayed": "il continue d’essayer", "delivered": "Remis à",
           "stands": "Votre réservation est bien", "badge": "E-mail revenu",
           "perhaps": "E-mail peut-être revenu", "likely": "(pas certain)",
           "elsewhere": "sont revenus ailleurs", "cause": "revenu",
           "unwanted": "signalé comme indésirable"},
    "en": {"returned": "came back at", "maybe": "seems to have come back",
           "delayed": "keeps trying", "delivered": "Delivered at",
           "stands": "Your booking stands", "badge": "E-mail came back",
           "perhaps": "E-mail has perhaps come back",
           "likely": "(not certain)", "elsewhere": "came back elsewhere",
           "cause": "came back", "unwanted": "marked as unwanted"},
}


@pytest.fixture(params=["fr", "en"])
def language(request):
    return request.param


def push(stack, *lines):
    """Puts receipts where maild leaves them."""
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as client:
        client.rpush(stack.env["QUEUE_PREFIX"] + "receipts", *lines)


def report(stack, mail, fate="returned", sure=1, text="550 5.1.1 nobody"):
    push(stack, f"B|{mail}|{fate}|{sure}|{time.time_ns() // 10**6}|{text}")


def receipts_left(stack):
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as client:
        prefix = stack.env["QUEUE_PREFIX"]
        return client.llen(prefix + "receipts") + client.llen(
            prefix + "receipts:p")


def all_taken(stack):
    wait_until(lambda: receipts_left(stack) == 0, LIMIT_S, "taken receipts")


def fate_of(tables, mail):
    return tables.rows("SELECT state, fate, fate_sure, fate_text FROM"
                       " notification WHERE envelope_id = %s", mail)[0]


def heard(tables, mail, fate, sure=1):
    wait_until(lambda: fate_of(tables, mail)[1:3] == (
        FATES.index(fate) + 1, sure), LIMIT_S, f"{fate} of {mail}")


class Sent:
    """A booking whose confirmation a mail server has taken."""

    def __init__(self, stack, tables, language="fr", slot=None, **answers):
        self.slot = slot or tables.add_slot(5)
        self.visitor = Visitor(stack.http_url, language)
        self.email = answers.setdefault("email", unique_address("back"))
        self.place = self.visitor.book(self.slot, **answers)
        self.ref = self.place.rpartition("/")[2][:8]
        self.tables = tables
        self.mail = self.newest()
        self.wait_sent(self.mail)

    def newest(self):
        return self.tables.value(
            "SELECT n.envelope_id FROM notification n JOIN booking b"
            " ON b.id = n.booking_id WHERE b.ref = %s AND n.kind ="
            " 'booking.confirmed' ORDER BY n.id DESC LIMIT 1", self.ref)

    def wait_sent(self, mail):
        wait_until(lambda: fate_of(self.tables, mail)[0] == 1, LIMIT_S,
                   f"the verdict on {mail}")

    def state(self):
        return re.search('data-state="([a-z_]+)"',
                         self.visitor.get(self.place).text)[1]

    def day(self):
        starts = self.tables.value("SELECT starts_at FROM slot WHERE id = %s",
                                   self.slot.rpartition("/")[2])
        return starts.replace(tzinfo=datetime.timezone.utc).astimezone(
            zoneinfo.ZoneInfo("Europe/Paris")).date().isoformat()


def row_with(text, name, tag):
    """The markup of the list's row with that reference or mail in it."""
    rows = re.findall(rf"<{tag}[ >].*?</{tag}>", text, re.DOTALL)
    (found,) = [row for row in rows if f"/admin/b/{name}" in row or
                f">{name}<" in row]
    return found


def metric(stack, fate):
    text = requests.get(stack.http_url + "/metrics", timeout=20).text
    return int(re.search(
        rf'^reservoir_mail_fate_total{{fate="{fate}"}} (\d+)$', text,
        re.MULTILINE)[1])


# ---- what the visitor reads ---------------------------------------------------

def test_a_mail_that_came_back_offers_another_address(stack, tables, language,
                                                      mailbox):
    one = Sent(stack, tables, language)
    report(stack, one.mail, text=HOSTILE)
    heard(tables, one.mail, "returned")
    assert one.state() == "returned"
    page = one.visitor.get(one.place).text
    assert WORDS[language]["returned"] in page
    assert WORDS[language]["stands"] in page
    assert "<script" not in page and "</td>" not in page
    assert HOSTILE in html.unescape(page)
    assert f'class="button" href="{one.place}/email' in page
    assert 'http-equiv="refresh"' not in page
    # The server took it, and that stays a fact.
    assert fate_of(tables, one.mail)[0] == 1

    address = unique_address("right")
    form = one.visitor.page(one.place + "/email").fields
    answer = one.visitor.post(form | {"email": address}, one.place + "/email")
    assert answer.status_code == 303
    one.place = answer.headers["Location"].partition("?")[0]
    mailbox.wait_for(address)
    new = one.newest()
    assert new != one.mail
    one.wait_sent(new)
    assert fate_of(tables, new) == (1, 0, 0, "")
    assert one.state() == "accepted"
    # A late report on the first one is no word on the second.
    report(stack, one.mail, "complained")
    all_taken(stack)
    assert one.state() == "accepted"


def test_what_is_only_likely_is_told_and_hinders_nothing(stack, tables,
                                                         language, mailbox):
    one = Sent(stack, tables, language)
    report(stack, one.mail, sure=0, text="call 0800 1234 and pay")
    heard(tables, one.mail, "returned", 0)
    assert one.state() == "maybe_returned"
    page = one.visitor.get(one.place).text
    assert WORDS[language]["maybe"] in page
    # A forger writes nothing on a visitor's page; organisers may judge.
    assert "0800" not in page
    assert "0800" in Organiser(stack).get(f"/admin/b/{one.ref}").text
    assert 'class="mail"' in page       # in no colour: neither good nor bad
    assert f'class="button" href="{one.place}/email' in page
    assert f'class="button" href="{one.place}/resend' in page
    count = len(mailbox.mails_to(one.email))
    answer = one.visitor.post(one.visitor.page(one.place + "/resend").fields,
                              one.place + "/resend")
    assert answer.status_code == 303
    wait_until(lambda: len(mailbox.mails_to(one.email)) > count, LIMIT_S,
               "the mail again")
    one.wait_sent(one.newest())
    assert one.state() == "accepted"


def test_a_visitor_reads_what_else_is_heard(stack, tables, language):
    one = Sent(stack, tables, language)
    report(stack, one.mail, "delayed", text="451 4.2.0 busy")
    heard(tables, one.mail, "delayed")
    assert one.state() == "delayed"
    page = one.visitor.get(one.place).text
    assert WORDS[language]["delayed"] in page and "451 4.2.0 busy" in page
    report(stack, one.mail, "delivered", text="250 2.1.5 Ok")
    heard(tables, one.mail, "delivered")
    assert one.state() == "delivered"
    page = one.visitor.get(one.place).text
    assert WORDS[language]["delivered"] in page
    # Words of a server are for what went wrong.
    assert "250 2.1.5" not in page
    report(stack, one.mail, "complained", text="abuse")
    heard(tables, one.mail, "complained")
    # Whoever complained need not read that they did.
    assert one.state() == "accepted"
    page = one.visitor.get(one.place).text
    assert WORDS[language]["unwanted"] not in page and "abuse" not in page


def test_a_report_before_the_verdict_waits_for_it(whole, tables):
    """An answer to the dot was lost, and the mail came back."""
    whole.stop("maild")
    place = Visitor(whole.http_url).book(tables.add_slot(1))
    ref = place.rpartition("/")[2][:8]
    mail = f"{ref}.confirm.0"
    report(whole, mail)
    heard(tables, mail, "returned")
    assert fate_of(tables, mail)[0] == 0
    visitor = Visitor(whole.http_url)
    assert 'data-state="waiting"' in visitor.get(place).text
    whole.start("maild")
    wait_until(lambda: 'data-state="returned"' in visitor.get(place).text,
               LIMIT_S, "the page to tell")


# ---- what becomes of the row --------------------------------------------------

def weight(fate, sure):
    return (sure, ("delayed", "delivered", "complained", "returned")
            .index(fate))


def test_the_heavier_report_wins_in_whatever_order_they_come(stack, tables):
    reports = list(itertools.product(FATES, (0, 1)))
    mark = secrets.token_hex(4)
    want = {}
    lines = []
    for number, (first, second) in enumerate(
            itertools.permutations(reports, 2)):
        mail = f"rank-{mark}-{number}"
        want[mail] = max(first, second, key=lambda one: weight(*one))
        tables.rows("INSERT INTO notification (envelope_id, kind, state,"
                    " attempts, checks, reply, created_at, final_at) VALUES"
                    " (%s, 'operators.digest', 1, 1, 0, '', NOW(3), NOW(3)"
                    " - INTERVAL 9 DAY)", mail)
        # Each twice: a batch may come again.
        lines += [f"B|{mail}|{fate}|{sure}|{1760000000000 + number}|{fate}"
                  for fate, sure in (first, second, first, second)]
    push(stack, *lines)
    all_taken(stack)
    for mail, (fate, sure) in want.items():
        assert fate_of(tables, mail) == (
            1, FATES.index(fate) + 1, sure, fate), mail
    tables.rows("DELETE FROM notification WHERE envelope_id LIKE %s",
                f"rank-{mark}-%")


def test_receipts_that_nobody_understands_stop_no_other(stack, tables):
    """As a relay of the version before meets the ones of this: they are
    dropped, and what else is in the batch is done."""
    one, two = Sent(stack, tables), Sent(stack, tables)
    before = metric(stack, "returned")
    push(stack, f"Z|{one.mail}|returned|1|1760000000000|later version",
         f"B|{one.mail}|eaten|1|1760000000000|", f"B|{one.mail}|returned|2|1|",
         f"B|{one.mail}|returned|1|x|", f"B|{one.mail}|returned|1",
         f"B|{one.mail}", "B|", "B", "", "B||returned|1|1|",
         f"B|{'x' * 70}|returned|1|1|", "B|nobody.of.that.name|returned|1|1|",
         "B|" + "|" * 300, f"B|{two.mail}|returned|1|1760000000000|a|b")
    heard(tables, two.mail, "returned")
    all_taken(stack)
    assert fate_of(tables, one.mail) == (1, 0, 0, "")
    assert fate_of(tables, two.mail)[3] == "a|b"
    # A time that cannot be is now.
    push(stack, *(f"B|{one.mail}|{fate}|1|{at}|" for fate, at in (
        ("delivered", 0), ("delayed", 9223372036854775807),
        ("complained", 253402300800000))))
    heard(tables, one.mail, "complained")
    assert tables.value("SELECT ABS(UNIX_TIMESTAMP() - UNIX_TIMESTAMP(fate_at))"
                        " FROM notification WHERE envelope_id = %s",
                        one.mail) < 60
    assert tables.value("SELECT UNIX_TIMESTAMP(fate_at) FROM notification"
                        " WHERE envelope_id = %s", two.mail) == 1760000000
    wait_until(lambda: metric(stack, "returned") == before + 1, LIMIT_S,
               "the count of one")
    # The same again is no news.
    push(stack, f"B|{two.mail}|returned|1|1760000000000|a|b")
    all_taken(stack)
    assert metric(stack, "returned") == before + 1


def test_no_words_and_no_address_are_kept_of_who_was_erased(stack, tables):
    mark = secrets.token_hex(6)
    first, second = Sent(stack, tables), Sent(stack, tables)
    report(stack, first.mail, text=f"550 {mark} <{first.email}> unknown")
    heard(tables, first.mail, "returned")
    text = fate_of(tables, first.mail)[3]
    assert mark in text and first.email not in text
    for one in (first, second):
        form = one.visitor.page(one.place + "/erase").fields
        assert one.visitor.post(form, one.place + "/erase").status_code == 303
    report(stack, second.mail, text=f"550 {mark} unknown")
    heard(tables, second.mail, "returned")
    for one in (first, second):
        assert fate_of(tables, one.mail) == (1, 3, 1, "")
    assert tables.value("SELECT COUNT(*) FROM notification WHERE fate_text"
                        " LIKE %s", f"%{mark}%") == 0
    page = Organiser(stack).get(f"/admin/b/{first.ref}").text
    assert mark not in page and WORDS["en"]["cause"] in page


def test_a_mail_tried_anew_begins_a_new_life(whole, tables):
    """Perhaps sent, came back, dead; an organiser has it sent again."""
    one = Sent(whole, tables)
    report(whole, one.mail)
    heard(tables, one.mail, "returned")
    tables.rows("UPDATE notification SET state = 2, reply = 'uncertain: x'"
                " WHERE envelope_id = %s", one.mail)
    assert one.state() == "returned"
    whole.stop("maild")
    with redis.Redis(unix_socket_path=whole.env["REDIS_SOCKET"]) as client:
        client.delete(whole.env["QUEUE_PREFIX"] + f"j:{one.mail}")
    anna = Organiser(whole)
    assert anna.do(one.ref, "retry", mail=one.mail).headers[
        "Location"].endswith("done=retry")
    assert fate_of(tables, one.mail) == (0, 0, 0, "")
    whole.start("maild")
    one.wait_sent(one.mail)
    assert one.state() == "accepted"


# ---- what organisers see ------------------------------------------------------

def test_organisers_see_in_red_whose_mail_came_back(stack, tables, language):
    slot = tables.add_slot(9)
    name = f"Zoé {secrets.token_hex(4)}"
    back = Sent(stack, tables, slot=slot, name=name)
    maybe = Sent(stack, tables, slot=slot)
    fine = Sent(stack, tables, slot=slot)
    report(stack, back.mail, text=HOSTILE)
    report(stack, maybe.mail, sure=0)
    report(stack, fine.mail, "complained", text="abuse")
    for one, fate, sure in ((back, "returned", 1), (maybe, "returned", 0),
                            (fine, "complained", 1)):
        heard(tables, one.mail, fate, sure)
    anna = Organiser(stack, language)
    words = WORDS[language]

    for path in (f"/admin?day={back.day()}",
                 f"/admin/search?q={back.email.partition('@')[0]}"):
        row = row_with(anna.get(path).text, back.ref, "li")
        assert f'class="badge bad">{words["badge"]}<' in row
    day = anna.get(f"/admin?day={back.day()}").text
    row = row_with(day, maybe.ref, "li")
    assert f'class="badge">{words["perhaps"]}<' in row and "badge bad" not in row
    assert "badge" not in row_with(day, fine.ref, "li")

    text = anna.get("/admin/mails?state=sent&cause=returned").text
    row = row_with(text, back.mail, "tr")
    assert 'class="bad"' in row and name in row and words["cause"] in row
    assert "<script" not in text and HOSTILE in html.unescape(row)
    row = row_with(text, maybe.mail, "tr")
    assert words["likely"] in row and 'class="bad"' not in row
    assert fine.ref not in text
    assert re.search(r'<tr class="bad"><th scope="row"><a href="[^"]*state='
                     r'sent&amp;cause=returned[^"]*" aria-current="true"', text)
    assert words["unwanted"] in row_with(anna.get(
        "/admin/mails?state=sent&cause=complained").text, fine.mail, "tr")

    text = anna.get(f"/admin/b/{back.ref}").text
    assert 'class="mail bad"' in text and "<script" not in text
    assert HOSTILE in html.unescape(text)
    # It was sent: it cannot be tried again, only sent anew.
    assert f"/admin/b/{back.ref}/retry" not in text
    assert f"/admin/b/{back.ref}/resend" in text
    assert words["likely"] in anna.get(f"/admin/b/{maybe.ref}").text
    assert 'class="mail"' in anna.get(f"/admin/b/{maybe.ref}").text
    assert words["unwanted"] in anna.get(f"/admin/b/{fine.ref}").text

    # A later mail makes it good, one that was planned before does not.
    anna.do(back.ref, "email", email=unique_address("right"))
    back.wait_sent(back.newest())
    assert "badge" not in row_with(anna.get(f"/admin?day={back.day()}").text,
                                   back.ref, "li")


def test_a_reminder_planned_before_makes_nothing_good(stack, tables):
    one = Sent(stack, tables)
    report(stack, one.mail)
    heard(tables, one.mail, "returned")
    tables.rows("INSERT INTO notification (booking_id, envelope_id, kind,"
                " state, attempts, checks, reply, created_at, final_at)"
                " SELECT id, CONCAT(ref, '.reminder.7'), 'booking.reminder',"
                " 1, 1, 0, '', created_at, NOW(3) FROM booking"
                " WHERE ref = %s", one.ref)
    row = row_with(Organiser(stack).get(f"/admin?day={one.day()}").text,
                   one.ref, "li")
    assert WORDS["en"]["badge"] in row


def test_an_organisers_own_mail_comes_back_too(stack, tables):
    one = Sent(stack, tables)
    mail = f"{one.ref}.organiser.0"
    tables.rows("INSERT INTO notification (booking_id, envelope_id, kind,"
                " state, attempts, checks, reply, created_at, final_at)"
                " SELECT id, %s, 'organiser.notice', 1, 1, 0, '', NOW(3),"
                " NOW(3) FROM booking WHERE ref = %s", mail, one.ref)
    report(stack, mail)
    heard(tables, mail, "returned")
    assert one.state() == "accepted"
    anna = Organiser(stack)
    text = anna.get("/admin/mails?state=sent&cause=returned").text
    assert mail in text
    row = row_with(anna.get(f"/admin?day={one.day()}").text, one.ref, "li")
    # It is not the visitor's that came back.
    assert WORDS["en"]["badge"] not in row and "E-mail not delivered" in row


def test_only_organisers_hear_of_an_addresss_other_bookings(stack, tables,
                                                            language):
    before = Sent(stack, tables)
    report(stack, before.mail)
    heard(tables, before.mail, "returned")
    now = Sent(stack, tables, language, email=before.email)
    anna = Organiser(stack, language)
    words = WORDS[language]["elsewhere"]
    assert words in anna.page(f"/admin/b/{now.ref}").text
    assert words not in anna.page(f"/admin/b/{before.ref}").text
    assert now.state() == "accepted"
    assert words not in now.visitor.page(now.place).text
    assert words not in now.visitor.page(now.place + "/email").text
    # Likely ones, old ones, and what went to another address do not count.
    for change in ("fate_sure = 0", "fate_sure = 1, fate_at = NOW(3)"
                   " - INTERVAL 31 DAY"):
        tables.rows(f"UPDATE notification SET {change} WHERE envelope_id = %s",
                    before.mail)
        assert words not in anna.page(f"/admin/b/{now.ref}").text
    tables.rows("UPDATE notification SET fate_at = NOW(3) WHERE"
                " envelope_id = %s", before.mail)
    other = unique_address("other")
    anna.do(before.ref, "email", email=other)
    anna.do(now.ref, "email", email=other)
    assert words not in anna.page(f"/admin/b/{now.ref}").text


# ---- programs and the command line --------------------------------------------

def test_programs_and_the_shell_are_told_the_same(stack, tables):
    one = Sent(stack, tables)
    before = metric(stack, "returned")
    report(stack, one.mail, text="550 5.1.1 nobody")
    heard(tables, one.mail, "returned")
    contract = Contract(stack.http_url, add_api_key(stack, secrets.token_hex(4)))

    answer = contract.call("GET", "/bookings/" + one.place.rpartition("/")[2])
    (message,) = [row for row in answer.json()["messages"]
                  if row["id"] == one.mail]
    assert (message["state"], message["last_reply"]) == (
        "returned", "550 5.1.1 nobody")
    assert message["reported_at"] >= message["final_at"]

    story = contract.call("GET", f"/admin/bookings/{one.ref}").json()
    (row,) = [row for row in story["messages"] if row["id"] == one.mail]
    assert (row["state"], row["fate"], row["fate_sure"], row["fate_text"]) == (
        "sent", "returned", True, "550 5.1.1 nobody") and row["fate_at"]
    listed = contract.call("GET", "/admin/outbox?state=sent&cause=returned")
    assert one.mail in [row["id"] for row in listed.json()["mails"]]
    for count in listed.json()["counts"]:
        wanted = tables.value(
            "SELECT COUNT(*) FROM notification WHERE state = 1 AND fate = %s",
            FATES.index(count["cause"]) + 1) if count["cause"] in FATES else 0
        assert count["cause"] not in FATES or (
            count["state"], count["count"]) == ("sent", wanted)
    (found,) = contract.call(
        "GET", f"/admin/bookings?ref={one.ref}").json()["bookings"]
    assert (found["bad_mails"], found["returned"]) == (1, "sure")

    assert f"{one.mail} " in bookctl_says(stack, "mails", "--cause",
                                          "returned")[1]
    line = [line for line in bookctl_says(stack, "mails", "--cause",
                                          "returned")[1].splitlines()
            if line.startswith(one.mail)][0]
    assert " sent returned attempts=1 550 5.1.1 nobody" in line
    said = bookctl_says(stack, "trace", one.ref)[1]
    assert "  fate: returned\n  fate_sure: true\n" in said
    assert json.loads(bookctl_says(stack, "mails", "--cause", "returned",
                                   "--json")[1])[0]["fate"] == "returned"
    assert "mails sent, returned: " in bookctl_says(stack, "stats")[1]
    wait_until(lambda: metric(stack, "returned") == before + 1, LIMIT_S,
               "the metric")


# ---- mails that are on their way (what a list says of them) -------------------

def test_a_list_says_why_a_mail_waits_and_until_when(whole, tables):
    whole.stop("smtp")
    visitor = Visitor(whole.http_url)
    mail = visitor.book(tables.add_slot(1)).rpartition("/")[2][:8] + \
        ".confirm.0"
    anna = Organiser(whole)
    why = re.compile("refused|no relay may be used|no mail server can")
    wait_until(lambda: why.search(row_with(
        anna.get("/admin/mails?state=open").text, mail, "tr")), LIMIT_S,
        "the last reply in the list")
    contract = Contract(whole.http_url, add_api_key(whole,
                                                    secrets.token_hex(4)))
    (row,) = [row for row in contract.call(
        "GET", "/admin/outbox?state=open").json()["mails"]
        if row["id"] == mail]
    assert why.search(row["reply"])
    (line,) = [line for line in bookctl_says(
        whole, "mails", "--state", "open")[1].splitlines() if mail in line]
    assert why.search(line)
    # The list does without the queue.
    whole.stop("redis")
    assert mail in anna.get("/admin/mails?state=open").text
    whole.start("redis")


@pytest.fixture
def set_aside(whole, tables):
    """A mail as defer.lua leaves it, due in an hour: (its Sent, when)."""
    one = Sent(whole, tables)
    key = whole.env["QUEUE_PREFIX"] + f"j:{one.mail}"
    retry = whole.env["QUEUE_PREFIX"] + "retry"
    due = int(time.time()) * 1000 + 3600000
    whole.stop("maild")
    tables.rows("UPDATE notification SET state = 0, final_at = NULL,"
                " due_at = NOW(3) + INTERVAL 1 HOUR WHERE envelope_id = %s",
                one.mail)
    with redis.Redis(unix_socket_path=whole.env["REDIS_SOCKET"]) as client:
        client.delete(key)
        client.hset(key, mapping={
            "st": "R", "n": 3, "ta": due - 7200000, "k": "booking.confirmed",
            "err": "451 4.2.0 come back later", "b": "{}"})
        client.zadd(retry, {one.mail: due})
        yield one, due
        client.delete(key)
        client.zrem(retry, one.mail)
    tables.rows("UPDATE notification SET state = 1, final_at = NOW(3),"
                " due_at = NULL WHERE envelope_id = %s", one.mail)


def test_a_list_says_when_the_next_attempt_is(whole, set_aside):
    one, due = set_aside
    row = row_with(Organiser(whole).get("/admin/mails?state=open").text,
                   one.mail, "tr")
    at = datetime.datetime.fromtimestamp(due // 1000,
                                         datetime.timezone.utc)
    assert "451 4.2.0 come back later" in row and "Next attempt:" in row
    assert at in [datetime.datetime.fromisoformat(iso)
                  for iso in re.findall(r'datetime="([^"]+)"', row)]
    assert '<td class="number">3</td>' in row
    said = bookctl_says(whole, "mails", "--state", "open")[1]
    assert re.search(rf"^{one.mail} .* attempts=3 next=\S+ 451 4", said,
                     re.MULTILINE)
