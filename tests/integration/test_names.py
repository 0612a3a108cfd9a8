# SPDX-License-Identifier: MIT
"""No number of a row names another one later: links, forms and mails after a
restore, and links of before."""

import base64
import email
import email.policy
import hashlib
import hmac
import json
import os
import re
import subprocess
import time

import pytest
import requests
from stack.keys import add_form_key
from stack.sysadmin import Sysadmin
from stack.visitor import Page, line_of, unique_address, wait_until

LIMIT_S = 60
SITE = "https://site.example"


class Backup:
    """A dump of the stack's database, and the way back to it."""

    def __init__(self, stack, tables, directory):
        self.stack, self.tables = stack, tables
        self.admin = Sysadmin(stack)
        self.path = directory / "dump.sql"
        self.admin.type(
            "mariadb-dump --defaults-file="
            f"{os.path.join(stack.at.conf, 'mariadb.cnf')}"
            f" --single-transaction reservoir >{self.path}")

    def restore(self, *more):
        """As doc/operations.md has it, or without what comes in between."""
        self.tables.connection.close()      # it would hold a table
        self.stack.stop("maild")
        self.stack.stop("booking")
        self.admin.type('mariadb -e "DROP DATABASE reservoir; CREATE DATABASE'
                        ' reservoir CHARACTER SET utf8mb4"')
        self.admin.type(f"mariadb reservoir <{self.path}")
        for words in ("migrate", *more):
            owner(self.stack, *words.split())
        self.stack.start("booking")
        self.stack.start("maild")


def run(stack, conf, words, status):
    done = subprocess.run([stack.env["BOOKCTL"], "-c", stack.env[conf],
                           *words], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == status, (words, done.stdout, done.stderr)
    return done.stdout


def owner(stack, *words, status=0):
    return run(stack, "OWNER_CONF", words, status)


def bookctl(stack, *words, status=0):
    return run(stack, "BOOKING_CONF", words, status)


@pytest.fixture
def quiet(whole, tables):
    """A stack without mails on their way, which a restore would send again."""
    wait_until(lambda: tables.open_rows() == 0, LIMIT_S, "a quiet stack")
    return whole


def new_slot(stack, capacity=1):
    """A slot that bookctl has added, tomorrow; its page's path and number."""
    slug = json.loads(bookctl(stack, "service", "list", "--json"))[0]["slug"]
    new_slot.minute += 1
    number = bookctl(
        stack, "slots", "add", "--service", slug, "--start",
        f"{new_slot.year}-03-02T{new_slot.minute // 60:02}:"
        f"{new_slot.minute % 60:02}", "--duration", "1min",
        "--capacity", str(capacity)).strip()
    return f"/s/{slug}/{number}", int(number)


new_slot.minute = 0
new_slot.year = 0


@pytest.fixture(autouse=True)
def next_year(tables):
    new_slot.year = tables.value("SELECT YEAR(NOW() + INTERVAL 200 DAY)")


def join(stack, visitor, page):
    """Fills a slot of one place, waits for it; both pages."""
    holder = visitor.book(page)
    address = unique_address("waits")
    form = visitor.page(page + "/wait").fields | {
        "name": "Léa Attend", "email": address, "seats": "1"}
    answer = visitor.post(form, page + "/wait")
    assert answer.status_code == 303
    return holder, line_of(stack, address), address


def parts_of(link):
    """(reference, mac) of a link."""
    return re.fullmatch(r"/[bw]/(\w{8})\.([\w-]{22})",
                        link.partition("?")[0]).groups()


def old_link(stack, kind, ref, number, version=0):
    """As the program before this one made it."""
    with open(stack.at.secret_file("server.key"), encoding="ascii") as file:
        key = file.read().strip()
    mac = hmac.new(key.encode(), "reservoir capability 1:"
                   f"{-number if kind == 'w' else number}:{version}".encode(),
                   hashlib.sha256).digest()[:16]
    return f"/{kind}/{ref}." + base64.urlsafe_b64encode(mac).decode()[:22]


def mails_of(mailbox, address, count):
    names = wait_until(
        lambda: (found := mailbox.mails_to(address)) and len(found) >= count
        and found, 30, f"{count} mails to {address}", 0.05)
    assert len(names) == count
    return [email.message_from_bytes(mailbox.raw(name),
                                     policy=email.policy.default)
            for name in names]


def sequence_of(mail):
    part = next(one for one in mail.walk()
                if one.get_content_type() == "text/calendar")
    return int(re.search(r"SEQUENCE:(\d+)", part.get_content())[1])


# ---- after a restore ---------------------------------------------------------

def test_a_lost_link_or_form_is_nobody_elses(quiet, tables, visitor, tmp_path):
    """Even if nobody raises the counters, and numbers come again."""
    page, _ = new_slot(quiet, 9)
    key = add_form_key(quiet, [SITE], [])
    backup = Backup(quiet, tables, tmp_path)
    lost_page, lost_slot = new_slot(quiet)
    holder, line, _ = join(quiet, visitor, lost_page)
    open_form = visitor.form(page, notes="près de la fenêtre")
    open_form |= {"slot": str(lost_slot)}
    lost = visitor.book(page)
    number = "SELECT id FROM booking WHERE ref = %s"
    lost_number = tables.value(number, parts_of(holder)[0])
    line_number = tables.value("SELECT MAX(id) FROM waiting")
    backup.restore()

    _, other_slot = new_slot(quiet)
    assert other_slot != lost_slot
    other_page, _ = new_slot(quiet)
    other, other_line, _ = join(quiet, visitor, other_page)
    assert tables.value(number, parts_of(other)[0]) == lost_number
    assert tables.value("SELECT MAX(id) FROM waiting") == line_number
    for link in (
            holder, lost, line,
            f"/b/{parts_of(other)[0]}.{parts_of(holder)[1]}",
            f"/w/{parts_of(other_line)[0]}.{parts_of(line)[1]}",
            f"/w/{parts_of(other_line)[0]}.{parts_of(other)[1]}",
            old_link(quiet, "b", parts_of(other)[0], lost_number),
            old_link(quiet, "w", parts_of(other_line)[0], line_number)):
        assert visitor.get(link).status_code == 404, link
        assert requests.get(quiet.http_url + "/api/v1/bookings" + link[2:],
                            timeout=30).status_code == 404
    assert visitor.get(other).status_code == 200
    assert visitor.get(other_line).status_code == 200

    # A page that was left open, and a form on another site.
    before = tables.value("SELECT COUNT(*) FROM booking")
    answer = visitor.post(open_form)
    again = Page(answer.text)
    assert answer.status_code == 404 and "Créneau introuvable" in again.text
    assert "près de la fenêtre" in again.text
    assert again.fields["email"] == open_form["email"]
    assert again.kinds["slot"] == "radio"
    static = {"slot": str(lost_slot), "name": "Zoé Martin", "_gotcha": "",
              "email": unique_address(), "notes": "au fond"}
    answer = requests.post(f"{quiet.http_url}/f/{key}", data=static,
                           timeout=30, allow_redirects=False, headers={
                               "Origin": SITE, "Accept": "text/html",
                               "Accept-Language": "fr"})
    assert answer.status_code == 404
    for text in ("Créneau introuvable", static["email"], "au fond"):
        assert text in Page(answer.text).text
    assert tables.value("SELECT COUNT(*) FROM booking") == before
    # One of the times that are offered instead.
    assert visitor.post(again.fields).status_code == 303


def test_what_happens_after_a_restore_is_mailed(quiet, tables, visitor,
                                                mailbox, tmp_path):
    page, _ = new_slot(quiet)
    _, target = new_slot(quiet)
    _, target_after = new_slot(quiet)
    address = unique_address("moves")
    place = visitor.book(page, email=address)
    full, _ = new_slot(quiet)
    holder, _, waits = join(quiet, visitor, full)
    mails_of(mailbox, address, 1)
    wait_until(lambda: tables.open_rows() == 0, LIMIT_S, "all receipts")
    backup = Backup(quiet, tables, tmp_path)

    def move(form, slot):
        return visitor.post(form | {"slot": str(slot)}, place + "/move")

    def revision():
        return tables.value("SELECT revision FROM booking WHERE email = %s",
                            address)

    def form():
        return visitor.page(f"{place}/move?slot={target_after}").fields

    assert move(form(), target).status_code == 303
    assert visitor.post({}, holder + "/cancel").status_code == 303
    sequence = sequence_of(mails_of(mailbox, address, 2)[1])
    mails_of(mailbox, waits, 2)
    wait_until(lambda: tables.open_rows() == 0, LIMIT_S, "all receipts")
    ends = {name: tables.value(f"SELECT MAX(id) FROM {name}")
            for name in ("booking", "notification", "booking_event",
                         "waiting")}
    given = time.time()
    backup.restore("restored")

    assert visitor.get(place).status_code == 200
    assert move(form(), target_after).status_code == 303
    assert visitor.post({}, holder + "/cancel").status_code == 303
    after = mails_of(mailbox, address, 3)[2]
    assert after["Message-ID"] not in [
        mail["Message-ID"] for mail in mails_of(mailbox, address, 3)[:2]]
    assert sequence_of(after) > sequence
    mails_of(mailbox, waits, 3)
    visitor.book(full.rpartition("/")[0] + f"/{target}")
    for name in ("booking", "notification", "booking_event"):
        assert tables.value(f"SELECT MAX(id) FROM {name}") > ends[name], name
    join(quiet, visitor, new_slot(quiet)[0])
    assert tables.value("SELECT MAX(id) FROM waiting") > ends["waiting"]
    assert "restored" in bookctl(quiet, "log", "--limit", "50")
    # The same backup once more: its numbers were all given out, twice.
    before = revision()
    # Nobody restores twice in one second.
    wait_until(lambda: time.time() > given + 2, LIMIT_S, "another second")
    backup.restore("restored")
    assert revision() >= before


# ---- links of before ---------------------------------------------------------

def test_old_links_open_the_rows_that_they_were_made_for(whole, tables,
                                                         visitor, mailbox):
    page, slot = new_slot(whole, 9)
    address = unique_address("before")
    ref = "OLD" + parts_of(visitor.book(page))[0][3:].replace("U", "V")
    ref = ref.replace("O", "0").replace("L", "1")
    # The statement of the program before this one.
    tables.rows(
        "INSERT INTO booking (ref, version, slot_id, seats, name, email,"
        " locale, notes, idem_key, req_hash, created_at, request_id) VALUES"
        " (%s, 0, %s, 1, 'Zoé', %s, 'fr', '', NULL, REPEAT('x', 32), NOW(3),"
        " '')", ref, slot, address)
    tables.rows("UPDATE slot_inventory SET booked = booked + 1"
                " WHERE slot_id = %s", slot)
    number = tables.value("SELECT id FROM booking WHERE ref = %s", ref)
    link = old_link(whole, "b", ref, number)
    assert visitor.get(link).status_code == 200
    # As migrate and doctor give it one.
    tables.rows("UPDATE booking SET nonce = UNHEX(MD5('a')) WHERE ref = %s",
                ref)
    assert visitor.get(link).status_code == 200
    # What is sent from now on is another one, and opens it, too.
    bookctl(whole, "resend", ref)
    mail = mailbox.wait_for(address)
    text = email.message_from_bytes(mail, policy=email.policy.default) \
        .get_body(("plain",)).get_content()
    new = re.search(r"/b/" + ref + r"\.[\w-]{22}", text)[0]
    assert new != link and visitor.get(new).status_code == 200
    # Corrected, all that were sent open nothing.
    bookctl(whole, "email", ref, "--address", unique_address("right"))
    for each in (link, new, old_link(whole, "b", ref, number, 1)):
        assert visitor.get(each).status_code == 404
