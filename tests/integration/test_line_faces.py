# SPDX-License-Identifier: MIT
"""Who waits, as bookctl, the admin interface and exports show it."""

import csv
import datetime
import io
import json
import secrets

import pytest
import requests
from stack.keys import add_api_key, add_form_key, bookctl_says
from stack.organiser import Organiser
from stack.visitor import (Tables, at_once, line_of, unique_address,
                           wait_until)
from test_change import mails_of
from test_hold import Checked, hold


class Line:
    """A service whose only slot is full, and one who waits for it."""

    def __init__(self, stack, visitor, name):
        self.stack = stack
        self.visitor = visitor
        self.slug = f"line-{secrets.token_hex(4)}"
        self.run("service", "add", "--slug", self.slug, "--name", "Cours",
                 "--zone", "Europe/Paris", "--language", "fr")
        self.day = datetime.date.today() + datetime.timedelta(30)
        self.slot = self.run("slots", "add", "--service", self.slug,
                             "--start", f"{self.day}T10:00", "--capacity",
                             "1").strip()
        self.page = f"/s/{self.slug}/{self.slot}"
        self.holder = visitor.book(self.page)
        self.email = unique_address("line")
        form = visitor.page(self.page + "/wait").fields | {
            "name": name, "email": self.email, "seats": "1"}
        assert visitor.post(form, self.page + "/wait").status_code == 303
        self.link = line_of(stack, self.email)

    def run(self, *words):
        status, out, err = bookctl_says(self.stack, *map(str, words))
        assert status == 0, (words, err)
        return out

    def listed(self, *words):
        return json.loads(self.run("waiting", "list", "--service", self.slug,
                                   "--json", *words))

    def exported(self, *words):
        return list(csv.DictReader(io.StringIO(self.run(
            "export", "--service", self.slug, *words))))


@pytest.fixture
def line(stack, visitor):
    return Line(stack, visitor, "-Léa=")


def test_bookctl_lists_who_waits(line):
    row, = line.listed()
    assert row["state"] == "in_line" and row["kept_until"] == ""
    assert (row["email"], row["name"]) == (line.email, "-Léa=")
    assert row["slot"] == int(line.slot)
    assert row["starts_at"].startswith(f"{line.day}T10:00")
    assert row["reference"].replace("-", "") in line.link
    text = line.run("waiting", "--service", line.slug)
    assert text.count("\n") == 1 and f"<{line.email}>" in text
    later = line.day + datetime.timedelta(1)
    assert line.listed("--from", later) == []
    assert line.listed("--from", line.day, "--until", line.day) == [row]
    line.visitor.post({}, line.holder + "/cancel")
    wait_until(lambda: line.listed()[0]["state"] == "offered", 30, "an offer")
    assert line.listed()[0]["kept_until"]
    line.visitor.post({}, line.link + "/leave")
    assert line.listed() == []


def test_bookctl_refuses_what_is_no_list(line):
    for words in (("--service", "nowhere"), (), ("--service", line.slug,
                                                 "--limit", "0"),
                  ("--service", line.slug, "--from", "tomorrow")):
        status, out, err = bookctl_says(line.stack, "waiting", *words)
        assert status != 0 and out == "" and err, words


def test_a_booking_that_is_to_be_confirmed_is_listed_too(line, visitor):
    line.run("service", "change", "--slug", line.slug, "--confirm", "30min")
    line.run("slots", "capacity", line.slot, "--capacity", "3")
    wait_until(lambda: line.listed()[0]["state"] == "offered", 30, "an offer")
    email = unique_address("held")
    answer = visitor.post(visitor.form(line.page, email=email))
    assert answer.status_code == 202
    assert {(row["email"], row["state"]) for row in line.listed()} == {
        (line.email, "offered"), (email, "unconfirmed")}
    assert {(row["email"], row["state"])
            for row in line.exported("--waiting")[1:]} == {
                (line.email, "offered"), (email, "unconfirmed")}


def test_exports_have_who_waits_only_if_that_is_wished(stack, line):
    assert [row["state"] for row in line.exported()] == ["booked"]
    booked, waiting = line.exported("--waiting")
    assert (booked["state"], waiting["state"]) == ("booked", "waiting")
    assert waiting["email"] == line.email
    # A spreadsheet must not take it for a formula.
    assert waiting["name"] == "'-Léa="
    rows = [json.loads(row) for row in line.run(
        "export", "--service", line.slug, "--waiting", "--json").splitlines()]
    assert [row["state"] for row in rows] == ["booked", "waiting"]
    anna = Organiser(stack)
    assert "waiting" in anna.page("/admin/export").fields
    page = f"/admin/export.csv?service={line.slug}&separator=semicolon"
    assert line.email not in anna.get(page).text
    text = anna.get(page + "&waiting=1").content.decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["State"] for row in table] == ["Booked", "Waiting"]
    assert table[1]["E-mail address"] == line.email


def test_exports_have_what_was_answered(stack, visitor, mailbox):
    checked = Checked(stack)
    _, fields = hold(visitor, checked.slot(2), seats="2", **{
        "answers.phone": "+33 6 12 34 56 79", "answers.who": "Zoé\r\nMax",
        "answers.menu": "Viande"})
    rows = csv.DictReader(io.StringIO(checked.run(
        "export", "--service", checked.slug, "--waiting")))
    row, = (row for row in rows if row["email"] == fields["email"])
    assert row["state"] == "unconfirmed"
    # No formula to a spreadsheet.
    assert row["answers.phone"] == "'+33 6 12 34 56 79"
    assert row["answers.who"] == "Zoé\nMax"
    assert row["answers.menu"] == "Viande"
    rows = [json.loads(line) for line in checked.run(
        "export", "--service", checked.slug, "--waiting",
        "--json").splitlines()]
    row, = (row for row in rows if row["email"] == fields["email"])
    assert row["answers"] == {"phone": "+33 6 12 34 56 79",
                              "who": "Zoé\nMax", "menu": "Viande"}
    text = Organiser(stack).get(f"/admin/export.csv?service={checked.slug}"
                                "&separator=comma&waiting=1").text
    assert "'+33 6 12 34 56 79" in text
    mails_of(mailbox, fields["email"], 1)


def test_programs_list_who_waits(stack, line):
    key = add_api_key(stack, f"line-{secrets.token_hex(4)}")
    base = stack.http_url + "/api/v1/admin"

    def ask(path):
        return requests.get(base + path, headers=key, timeout=20)

    whole = ask(f"/services/{line.slug}/waiting").json()
    assert whole == {"waiting": line.listed(), "complete": True}
    assert ask(f"/slots/{line.slot}/waiting").json() == whole
    day = line.day + datetime.timedelta(1)
    assert ask(f"/services/{line.slug}/waiting?from={day}"
               ).json()["waiting"] == []
    assert ask(f"/services/{line.slug}/waiting?from=x").status_code == 422
    for path in ("/services/nowhere/waiting", "/slots/1/waiting"):
        assert ask(path).status_code == 404
        assert requests.get(base + path, timeout=20).status_code == 401


@pytest.fixture
def mailed(mailbox, tables):
    """The mails to an address, once they are so many and none is under way."""
    def look(address, count):
        mails = mails_of(mailbox, address, count)
        wait_until(lambda: tables.value(
            "SELECT COUNT(*) FROM notification n JOIN waiting w"
            " ON w.id = n.waiting_id WHERE w.email = %s AND n.state = 0",
            address) == 0, 30, "the mail server's answer")
        return mails
    return look


def joined_lines(line):
    """What the record has of this line, the newest first."""
    return [row for row in json.loads(line.run("log", "--json"))
            if row["object"] == line.slug and
            row["action"].startswith("waiting_")]


def test_who_telephones_is_put_in_line_by_bookctl(line, mailed):
    email = unique_address("phone")
    words = ("waiting", "add", "--slot", line.slot, "--name", "Ada Appelle",
             "--email", email)
    said = json.loads(line.run(*words, "--lang", "EN-gb", "--json"))
    assert said["added"] is True and said["mailed"] is True
    assert [row["email"] for row in line.listed()] == [line.email, email]
    row = line.listed()[1]
    assert (row["reference"], row["name"]) == (said["reference"],
                                               "Ada Appelle")
    with Tables(line.stack.env) as tables:
        assert tables.value("SELECT locale FROM waiting WHERE email = %s",
                            email) == "en"
    mail = mailed(email, 1)[0]
    assert "waiting list" in str(mail["Subject"]).lower()
    assert line_of(line.stack, email)
    # Twice is one place; an organiser's wish for the mail has no limits.
    for count in (2, 3, 4, 5, 6):
        assert "was there, mailed again" in line.run(*words)
        mailed(email, count)
    assert len(line.listed()) == 2
    assert [(r["action"], said["reference"].replace("-", "") in r["detail"])
            for r in joined_lines(line)] == [
                ("waiting_resent", True)] * 5 + [("waiting_added", True)]


@pytest.mark.parametrize("option, value", [
    ("--slot", "1"), ("--slot", "x"), ("--name", ""), ("--email", "ada"),
    ("--seats", "2"), ("--lang", "xx")])
def test_bookctl_puts_nobody_wrong_in_line(line, option, value):
    words = {"--slot": line.slot, "--name": "Ada", "--email":
             unique_address("wrong")} | {option: value}
    status, out, err = bookctl_says(line.stack, "waiting", "add",
                                    *sum(map(list, words.items()), []))
    assert (status, out) == (65, "") and err
    assert len(line.listed()) == 1


def test_a_closed_slot_has_no_line(line):
    line.run("slots", "close", line.slot)
    status, out, err = bookctl_says(
        line.stack, "waiting", "add", "--slot", line.slot, "--name", "Ada",
        "--email", unique_address("closed"))
    assert (status, out) == (65, "") and "closed" in err
    anna = Organiser(line.stack)
    path = f"/admin/slots/{line.slot}"
    assert path + "/wait" not in anna.page(path).links
    assert anna.get(path + "/wait").status_code == 303


def test_who_telephones_is_put_in_line_on_the_slots_page(line, mailed):
    anna = Organiser(line.stack, "fr")
    path = f"/admin/slots/{line.slot}"
    assert path + "/wait" in anna.page(path).links
    form = anna.page(path + "/wait").fields
    assert '<option value="fr" selected' in anna.get(path + "/wait").text
    assert "seats" not in form
    email = unique_address("desk")
    wrong = anna.post(form | {"name": "", "email": email}, path + "/wait")
    assert wrong.status_code == 422 and email in wrong.text
    # It is not the organiser's own name that is missing.
    assert wrong.text.count("Indiquez le nom de la personne.") == 2
    assert "votre nom" not in wrong.text
    assert len(line.listed()) == 1
    done = anna.post(form | {"name": "Ada Guichet", "email": email,
                             "locale": "en"}, path + "/wait")
    assert done.status_code == 303
    shown = anna.page(done.headers["Location"]).text
    assert "est inscrite sur la liste d’attente" in shown
    assert "Ada Guichet" in shown
    with Tables(line.stack.env) as tables:
        assert tables.value("SELECT locale FROM waiting WHERE email = %s",
                            email) == "en"
    mail = mailed(email, 1)[0]
    assert "waiting list" in str(mail["Subject"]).lower()
    # The log says who did it, in words.
    assert "inscription en liste d’attente" in anna.page("/admin/log").text


def test_organisers_send_the_mail_of_a_place_again(line, mailed):
    anna = Organiser(line.stack)
    path = f"/admin/slots/{line.slot}"
    mailed(line.email, 1)
    for count in (2, 3, 4, 5, 6):
        page = anna.page(path)
        assert path + "/wait/again" in page.actions
        done = anna.post({"ref": page.fields["ref"]}, path + "/wait/again")
        assert "waiting_resent" in done.headers["Location"]
        assert "sent again" in anna.page(done.headers["Location"]).text
        mailed(line.email, count)
    ref = line.listed()[0]["reference"]
    line.run("resend", ref)
    mailed(line.email, 7)
    # Whom a place is kept for gets that mail again.
    line.visitor.post({}, line.holder + "/cancel")
    wait_until(lambda: line.listed()[0]["state"] == "offered", 30, "an offer")
    mailed(line.email, 8)
    line.run("resend", ref)
    mails = mailed(line.email, 9)
    assert mails[7]["Subject"] == mails[8]["Subject"] != mails[6]["Subject"]
    # Nobody is put back who has left, and no other slot's are mailed.
    other = line.run("slots", "add", "--service", line.slug, "--start",
                     f"{line.day}T11:00", "--capacity", "1").strip()
    answer = anna.post({"ref": ref}, f"/admin/slots/{other}/wait/again")
    assert "waiting_on_its_way" in answer.headers["Location"]
    line.visitor.post({}, line.link + "/leave")
    answer = anna.post({"ref": ref}, path + "/wait/again")
    assert "waiting_on_its_way" in answer.headers["Location"]
    assert line.listed() == []
    assert bookctl_says(line.stack, "resend", ref)[0] == 65


def test_the_mail_that_asks_to_confirm_is_sent_again(line, visitor, mailed):
    line.run("service", "change", "--slug", line.slug, "--confirm", "30min")
    line.run("slots", "capacity", line.slot, "--capacity", "3")
    email = unique_address("held")
    assert visitor.post(visitor.form(line.page, email=email)
                        ).status_code == 202
    mailed(email, 1)
    row, = (row for row in line.listed() if row["email"] == email)
    assert "resent" in line.run("resend", row["reference"])
    mailed(email, 2)
    # Whoever has lost it asks by reference and address, as for a booking.
    form = visitor.page("/find").fields
    visitor.post(form | {"ref": row["reference"], "email": email}, "/find")
    mailed(email, 3)


def test_a_form_on_another_site_joins_it(line, tables):
    site = "https://site.example"
    address = f"{line.stack.http_url}/f/{add_form_key(line.stack, [site])}"
    form = {"slot": line.slot, "name": "Zoé Martin", "wait": "yes",
            "email": unique_address("kit"), "_gotcha": ""}

    def post(accept, **body):
        return requests.post(address, timeout=30, allow_redirects=False,
                             headers={"Origin": site, "Accept": accept},
                             **body)

    page = post("text/html", data=form)
    assert page.status_code == 303
    assert "what=waiting" in page.headers["Location"]
    answer = post("application/json", json=form)
    assert answer.status_code == 202
    assert answer.json().keys() == {"outcome", "title", "detail"}
    assert answer.json()["outcome"] == "waiting"
    assert [row["email"] for row in line.listed()] == [line.email,
                                                       form["email"]]
    assert post("application/json", json=form | {"email": "nobody"}
                ).status_code == 422
    assert post("application/json", json=form | {"_gotcha": "x"}
                ).json()["type"].endswith("/form-trapped")
    line.run("slots", "close", line.slot)
    assert post("application/json", json=form).status_code == 404
    assert tables.bookings_of(form["email"]) == 0


def removed_mail(line, mailed, address, count):
    """The last of the mails to somebody; says that they wait no more."""
    mail = mailed(address, count)[-1]
    text = mail.get_body(("plain",)).get_content()
    assert "retirée" in mail["Subject"] and "aucune place" in text
    assert "/w/" not in text and f"/s/{line.slug}" in text
    with Tables(line.stack.env) as tables:
        wait_until(lambda: tables.value(
            "SELECT COUNT(*) FROM waiting WHERE email = %s", address) == 0,
            30, "their name to be erased")


def test_organisers_take_somebody_off_the_list(line, mailed):
    mailed(line.email, 1)
    anna = Organiser(line.stack)
    page = f"/admin/slots/{line.slot}"
    ref = line.listed()[0]["reference"].replace("-", "")
    path = f"{page}/wait/{ref}/remove"
    other = line.run("slots", "add", "--service", line.slug, "--start",
                     f"{line.day}T11:00", "--capacity", "1").strip()
    elsewhere = f"/admin/slots/{other}/wait/{ref}/remove"
    for answer in (anna.get(elsewhere), anna.post({}, elsewhere)):
        assert "done=meanwhile" in answer.headers["Location"]
    for answer in (anna.get(f"{page}/wait/nobody/remove"),
                   anna.post({}, f"{page}/wait/nobody/remove")):
        assert answer.status_code == 404
    assert path in anna.page(page).links
    asked = anna.get(path)
    assert asked.status_code == 200 and line.email in asked.text
    assert len(line.listed()) == 1
    done = anna.post({}, path)
    assert "done=waiting_removed" in done.headers["Location"]
    shown = anna.page(done.headers["Location"]).text
    assert "no longer on the list" in shown and line.email not in shown
    assert line.listed() == []
    removed_mail(line, mailed, line.email, 2)
    assert line.visitor.get(line.link).status_code == 404
    row = joined_lines(line)[0]
    assert (row["action"], row["actor"]) == ("waiting_removed", "anna")
    assert ref in row["detail"]
    # Pressed once more, nothing is done; and they may come back.
    for answer in (anna.get(path), anna.post({}, path)):
        assert "done=meanwhile" in answer.headers["Location"]
    form = line.visitor.page(line.page + "/wait").fields | {
        "name": "Léa", "email": line.email, "seats": "1"}
    line.visitor.post(form, line.page + "/wait")
    mailed(line.email, 3)
    assert len(line.listed()) == 1


def test_a_place_that_was_kept_goes_to_the_next(line, mailed):
    email = unique_address("next")
    line.run("waiting", "add", "--slot", line.slot, "--name", "Ada",
             "--email", email)
    line.visitor.post({}, line.holder + "/cancel")
    wait_until(lambda: line.listed()[0]["state"] == "offered", 30, "an offer")
    mailed(line.email, 2)
    ref = line.listed()[0]["reference"]
    said = json.loads(line.run("waiting", "remove", ref.lower(), "--json"))
    assert said == {"reference": ref, "state": "removed"}
    row, = line.listed()
    assert (row["email"], row["state"]) == (email, "offered")
    removed_mail(line, mailed, line.email, 3)
    for typed in (ref, "nothing"):
        status, out, err = bookctl_says(line.stack, "waiting", "remove",
                                        typed)
        assert (status, out) == (65, "") and typed in err


def test_who_is_taken_off_is_told_by_the_page_until_the_mail_went(
        line, mailed, whole):
    mailed(line.email, 1)
    whole.stop("maild")
    line.run("waiting", "remove", line.listed()[0]["reference"])
    shown = line.visitor.get(line.link)
    assert shown.status_code == 200 and "a été retirée" in shown.text
    assert line.visitor.post({}, line.link + "/take").status_code == 409
    whole.start("maild")
    removed_mail(line, mailed, line.email, 2)


def test_a_booking_that_is_to_be_confirmed_is_removed(line, visitor, mailed):
    line.run("service", "change", "--slug", line.slug, "--confirm", "30min")
    line.run("slots", "capacity", line.slot, "--capacity", "3")
    email = unique_address("held")
    assert visitor.post(visitor.form(line.page, email=email)
                        ).status_code == 202
    mailed(email, 1)
    row, = (row for row in line.listed() if row["email"] == email)
    anna = Organiser(line.stack)
    path = (f"/admin/slots/{line.slot}/wait/"
            f"{row['reference'].replace('-', '')}/remove")
    assert "before it is confirmed" in anna.page(path).text
    anna.post({}, path)
    assert email not in [row["email"] for row in line.listed()]
    removed_mail(line, mailed, email, 2)
    with Tables(line.stack.env) as tables:
        assert tables.bookings_of(email) == 0
        # One is booked, and one is kept for who was in line.
        assert tables.value("SELECT booked FROM slot_inventory"
                            " WHERE slot_id = %s", line.slot) == 2


def test_a_place_is_taken_or_removed_never_both(line, mailed):
    anna = Organiser(line.stack)
    for _ in range(4):
        email = unique_address("race")
        line.run("waiting", "add", "--slot", line.slot, "--name", "Ada",
                 "--email", email)
        link = line_of(line.stack, email)
        ref = link.rpartition("/")[2][:8]
        line.run("slots", "capacity", line.slot, "--capacity", "9")
        wait_until(lambda one=email: any(
            row["state"] == "offered" for row in line.listed()
            if row["email"] == one), 30, "an offer")
        path = f"/admin/slots/{line.slot}/wait/{ref}/remove"
        taken, removed = at_once(2, lambda n, at=(link, path): anna.post(
            {}, at[1]) if n else line.visitor.post({}, at[0] + "/take"))
        assert removed.status_code == 303
        was_removed = "waiting_removed" in removed.headers["Location"]
        was_taken = "/b/" in taken.headers.get("Location", "")
        assert was_removed != was_taken, (taken.status_code, removed.headers)
        with Tables(line.stack.env) as tables:
            assert tables.bookings_of(email) == was_taken
            assert tables.rows(
                "SELECT i.booked = (SELECT SUM(seats) FROM booking"
                " WHERE slot_id = i.slot_id AND cancelled_at IS NULL) +"
                " (SELECT COALESCE(SUM(seats), 0) FROM waiting"
                " WHERE slot_id = i.slot_id AND state = 1)"
                " FROM slot_inventory i WHERE i.slot_id = %s",
                line.slot) == ((1,),)


def test_nobody_is_mailed_about_a_line_that_is_over(line, mailed):
    mailed(line.email, 1)
    with Tables(line.stack.env) as tables:
        tables.rows("UPDATE slot SET starts_at = NOW() - INTERVAL 1 HOUR"
                    " WHERE id = %s", line.slot)
        ref = line.link.rpartition("/")[2][:8]
        line.run("waiting", "remove", ref)
        for table in ("waiting WHERE ref = %s", "notification WHERE"
                      " envelope_id LIKE CONCAT(%s, '.removed%%')"):
            assert tables.value(f"SELECT COUNT(*) FROM {table}", ref) == 0
    mailed(line.email, 1)


def test_programs_put_somebody_in_line_and_take_them_off(line, mailed):
    key = add_api_key(line.stack, f"line-{secrets.token_hex(4)}")
    reader = add_api_key(line.stack, f"read-{secrets.token_hex(4)}",
                         read_only=True)
    base = f"{line.stack.http_url}/api/v1/admin/slots/{line.slot}/waiting"
    email = unique_address("program")
    ada = {"name": "Ada", "email": email}

    def add(headers=key, **body):
        return requests.post(base, json=ada | body, headers=headers,
                             timeout=20)

    def remove(ref, headers=key):
        return requests.delete(f"{base}/{ref}", headers=headers, timeout=20)

    first = add()
    assert first.status_code == 201
    assert first.json()["added"] and first.json()["mailed"]
    mailed(email, 1)
    again = add(lang="en", slot=int(line.slot))
    assert again.status_code == 200 and not again.json()["added"]
    ref = again.json()["reference"]
    assert [row["reference"] for row in line.listed()][1:] == [ref]
    for body, field in (({"email": "ada"}, "/email"), ({"slot": 1}, "/slot"),
                        ({"seats": 2}, "/seats"), ({"lang": "xx"}, "/lang")):
        wrong = add(**body)
        assert wrong.status_code == 422, body
        assert [one["pointer"] for one in wrong.json()["errors"]] == [field]
    assert add(reader).status_code == remove(ref, reader).status_code == 403
    assert add({}).status_code == remove(ref, {}).status_code == 401
    mailed(email, 2)
    gone = remove(ref)
    assert gone.status_code == 200
    assert gone.json() == {"reference": ref, "state": "removed"}
    assert remove(ref).status_code == remove("x").status_code == 404
    removed_mail(line, mailed, email, 3)
    line.run("slots", "close", line.slot)
    assert add().status_code == 404
