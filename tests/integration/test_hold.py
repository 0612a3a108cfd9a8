# SPDX-License-Identifier: MIT
"""A booking whose address is to be confirmed: kept, confirmed, lapsed."""

import datetime
import re
import secrets

import pytest
import requests
from stack.keys import add_form_key, bookctl_says
from stack.markup import faults
from stack.organiser import Organiser
from stack.visitor import (Page, Tables, Visitor, at_once, new_key,
                           unique_address, wait_until)
from test_change import booked_of, mails_of, slot_of, text_of
from test_waiting import refusing

MINUTES = 30


class Checked:
    """A service of its own that has addresses confirmed."""

    def __init__(self, stack, minutes=MINUTES):
        self.stack = stack
        self.slug = f"hold-{secrets.token_hex(4)}"
        self.run("service", "add", "--slug", self.slug, "--name", "Repas",
                 "--zone", "Europe/Paris", "--language", "fr",
                 "--confirm", f"{minutes}min")
        self.run("question", "add", "--service", self.slug, "--name",
                 "phone", "--kind", "phone", "--label", "Téléphone")
        self.run("question", "add", "--service", self.slug, "--name",
                 "who", "--kind", "text", "--label", "Noms", "--per-seat",
                 "yes")
        self.run("question", "add", "--service", self.slug, "--name",
                 "menu", "--kind", "choice", "--label", "Plat", "--options",
                 "Poisson;Viande")
        self.count = 0

    def run(self, *words):
        status, out, err = bookctl_says(self.stack, *map(str, words))
        assert status == 0, (words, err)
        return out

    def slot(self, capacity):
        """In a year or so, each at a time of its own; its page's path."""
        self.count += 1
        day = datetime.date.today() + datetime.timedelta(
            days=30 + self.count // 300)
        minute = self.count % 300
        number = self.run(
            "slots", "add", "--service", self.slug, "--start",
            f"{day}T{10 + minute // 60:02}:{minute % 60:02}",
            "--capacity", str(capacity))
        return f"/s/{self.slug}/{number.strip()}"


@pytest.fixture(name="checked", scope="module")
def checked_(stack):
    return Checked(stack)


def link_in(mail):
    return re.search(r"http\S+(/w/[0-9A-Z]{8}\.[\w-]+)", text_of(mail))[1]


def link_of(mailbox, address, count=1):
    """The page that the mail leads to."""
    return link_in(mails_of(mailbox, address, count)[count - 1])


def row_of(tables, address):
    rows = tables.rows(
        "SELECT state, check_number, told_at, offer_until, offered_at,"
        " in_line, idem_key FROM waiting WHERE email = %s"
        " ORDER BY id DESC LIMIT 1", address)
    names = ("state", "number", "told", "until", "made", "in_line", "key")
    return dict(zip(names, rows[0])) if rows else {"state": None}


def told(tables, address):
    """Waits until its time runs."""
    wait_until(lambda: row_of(tables, address)["told"], 30, "its time to run")


def lapse(tables, address):
    told(tables, address)
    tables.rows("UPDATE waiting SET offer_until = NOW(3) WHERE email = %s",
                address)
    wait_until(lambda: row_of(tables, address)["state"] == 3, 30, "its end")


def hold(visitor, page, **answers):
    """Posts the form; (answer, its fields)."""
    fields = visitor.form(page, **answers)
    return visitor.post(fields), fields


def kept(tables, slot):
    """(counted, booked, kept): the first is the sum of the others."""
    return tables.rows(
        "SELECT i.booked, (SELECT CAST(COALESCE(SUM(b.seats), 0) AS SIGNED)"
        " FROM booking b"
        " WHERE b.slot_id = i.slot_id AND b.cancelled_at IS NULL),"
        " (SELECT CAST(COALESCE(SUM(w.seats), 0) AS SIGNED) FROM waiting w"
        " WHERE w.slot_id = i.slot_id AND w.state = 1)"
        " FROM slot_inventory i WHERE i.slot_id = %s", slot)[0]


def test_it_is_kept_and_counts_only_once_it_is_confirmed(
        stack, visitor, tables, mailbox, checked):
    page = checked.slot(2)
    slot = slot_of(page)
    assert "vous demandera de confirmer" in visitor.page(page).text
    answer, fields = hold(visitor, page, seats="2", notes="près de la porte",
                          **{"answers.phone": "+33 6 12 34 56 78",
                             "answers.who": "Zoé\r\nMax",
                             "answers.menu": "Viande"})
    address = fields["email"]
    assert answer.status_code == 202
    assert not faults(answer.text)
    said = Page(answer.text)
    assert address in said.text and f"{MINUTES} minutes" in said.text
    assert "/b/" not in answer.text and "/w/" not in answer.text
    assert not re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", said.text)
    assert tables.bookings_of(address) == 0
    assert booked_of(tables, slot) == 2
    assert visitor.get(page).status_code == 409

    mail = mails_of(mailbox, address, 1)[0]
    assert str(mail["Subject"]).startswith("À confirmer")
    assert f"{MINUTES}\u00a0minutes" in text_of(mail)
    assert "Référence" not in text_of(mail)
    assert not list(mail.iter_attachments())
    link = link_in(mail)
    shown = visitor.page(link)
    assert "Confirmer" in shown.text and "près de la porte" in shown.text
    # Scanners open links: none of that books.
    for path in (link, link + "/take", link + "/again"):
        visitor.get(path)
    assert tables.bookings_of(address) == 0

    answer = visitor.post({}, link + "/take")
    assert answer.status_code == 303, Page(answer.text).text
    place = answer.headers["Location"]
    assert place.startswith("/b/")
    assert tables.rows(
        "SELECT name, seats, notes, locale FROM booking WHERE email = %s",
        address) == (("Zoé Martin", 2, "près de la porte", "fr"),)
    assert sorted(tables.rows(
        "SELECT q.name, a.seat, a.text FROM answer a"
        " JOIN question q ON q.id = a.question_id"
        " JOIN booking b ON b.id = a.booking_id WHERE b.email = %s",
        address)) == [("menu", 0, "Viande"),
                      ("phone", 0, "+33 6 12 34 56 78"),
                      ("who", 1, "Zoé"), ("who", 2, "Max")]
    assert kept(tables, slot) == (2, 2, 0)
    # Nothing is kept twice.
    assert tables.rows("SELECT notes, answers FROM waiting WHERE email = %s",
                       address) == (("", None),)
    confirmed = mails_of(mailbox, address, 2)[1]
    assert list(confirmed.iter_attachments())
    # A second click, and the form sent once more, lead to the same booking.
    assert visitor.post({}, link + "/take").headers["Location"] == place
    again = visitor.post(fields)
    assert again.status_code == 303
    assert again.headers["Location"].partition("?")[0] == place
    assert visitor.post({}, link + "/leave").status_code == 200
    assert tables.bookings_of(address) == 1
    visitor.post({}, place + "/erase")
    assert row_of(tables, address)["state"] is None


def test_the_same_form_is_the_same_and_one_mail(stack, visitor, tables,
                                                mailbox, checked):
    page = checked.slot(5)
    form = visitor.form(page)
    answers = at_once(6, lambda _: Visitor(stack.http_url).post(form))
    assert {one.status_code for one in answers} == {202}
    assert sum("Idempotency-Replayed" in one.headers for one in answers) == 5
    assert booked_of(tables, slot_of(page)) == 1
    other = visitor.post(form | {"name": "Max"})
    assert other.status_code == 422
    told(tables, form["email"])
    assert len(mails_of(mailbox, form["email"], 1)) == 1


def test_its_time_runs_from_the_mail_alone(whole, tables, mailbox, checked):
    """However long the mail server is away."""
    visitor = Visitor(whole.http_url)
    page = checked.slot(1)
    whole.stop("smtp")
    answer, fields = hold(visitor, page)
    assert answer.status_code == 202
    address = fields["email"]
    row = row_of(tables, address)
    assert row["told"] is None
    # It is not kept for ever, either.
    assert row["until"] - row["made"] == datetime.timedelta(hours=12)
    # As if it had been for hours: longer than it is kept.
    tables.rows("UPDATE waiting SET offered_at = offered_at - INTERVAL 2 HOUR,"
                " offer_until = offer_until - INTERVAL 2 HOUR"
                " WHERE email = %s", address)
    whole.start("smtp")
    link = link_of(mailbox, address)
    told(tables, address)
    row = row_of(tables, address)
    assert row["until"] - row["told"] == datetime.timedelta(minutes=MINUTES)
    taken = tables.value(
        "SELECT n.final_at FROM notification n JOIN waiting w"
        " ON w.id = n.waiting_id WHERE w.email = %s AND n.state = 1", address)
    assert row["told"] == taken
    assert "Gardée pour vous jusqu’au" in visitor.page(link).text
    assert visitor.post({}, link + "/take").status_code == 303
    assert kept(tables, slot_of(page)) == (1, 1, 0)


def test_a_service_that_stops_asking_takes_nothing_back(
        stack, visitor, tables, mailbox):
    own = Checked(stack)
    page = own.slot(1)
    _, fields = hold(visitor, page)
    own.run("service", "change", "--slug", own.slug, "--confirm", "0min")
    link = link_of(mailbox, fields["email"])
    told(tables, fields["email"])
    assert row_of(tables, fields["email"])["state"] == 1
    assert visitor.post({}, link + "/take").status_code == 303


def test_what_nobody_is_told_of_is_free_again(whole, tables, checked):
    """The mail server is away for good."""
    visitor = Visitor(whole.http_url)
    page = checked.slot(1)
    whole.stop("smtp")
    _, fields = hold(visitor, page)
    tables.rows("UPDATE waiting SET offer_until = NOW(3) WHERE email = %s",
                fields["email"])
    wait_until(lambda: row_of(tables, fields["email"])["state"] == 3, 30,
               "its end")
    assert kept(tables, slot_of(page)) == (0, 0, 0)
    # Its mail is taken back.
    wait_until(lambda: tables.value(
        "SELECT n.state FROM notification n JOIN waiting w"
        " ON w.id = n.waiting_id WHERE w.email = %s",
        fields["email"]) == 4, 30, "its mail's end")
    whole.start("smtp")


def test_an_address_that_is_refused_keeps_nothing(whole, tables, checked):
    visitor = Visitor(whole.http_url)
    page = checked.slot(1)
    whole.stop("smtp")
    with refusing(whole, "zoe"):
        _, fields = hold(visitor, page)
        wait_until(lambda: row_of(tables, fields["email"])["state"] == 3, 60,
                   "its end")
        assert kept(tables, slot_of(page)) == (0, 0, 0)
    whole.start("smtp")


def test_one_that_lapses_is_free_and_can_be_asked_for_again(
        stack, visitor, tables, mailbox, checked):
    page = checked.slot(2)
    _, fields = hold(visitor, page, seats="2", notes="Une\r\nnote",
                     **{"answers.phone": "+33 6 12 34 56 78",
                        "answers.who": "Zoé\r\nMax",
                        "answers.menu": "Poisson"})
    address = fields["email"]
    link = link_of(mailbox, address)
    assert visitor.get(link + "/again").status_code == 404
    # Whoever waits is next.
    joined = visitor.post(visitor.page(page + "/wait").fields | {
        "name": "Léa", "email": unique_address("lea"), "seats": "1"},
        page + "/wait")
    assert joined.status_code == 303
    lapse(tables, address)
    wait_until(lambda: kept(tables, slot_of(page)) == (1, 0, 1), 30,
               "an offer to who waits")
    shown = visitor.page(link)
    assert "n’est pas arrivée à temps" in shown.text
    assert visitor.post({}, link + "/take").status_code == 409
    assert visitor.get(link + "/again").status_code == 200
    checked.run("slots", "capacity", slot_of(page), "--capacity", "3")
    (again,) = [one for one in shown.links
                if one.partition("?")[0] == link + "/again"]
    form = visitor.page(again)
    assert {name: form.fields[name] for name in
            ("name", "email", "seats", "answers.phone")} == {
                "name": "Zoé Martin", "email": address, "seats": "2",
                "answers.phone": "+33 6 12 34 56 78"}
    text = visitor.get(again).text
    assert re.search(r">\s*Une\s+note</textarea>", text)
    assert re.search(r">\nZoé\nMax</textarea>", text)
    assert re.search(r'value="Poisson" selected', text)
    answer = visitor.post(form.fields | {
        "notes": "x", "answers.who": "Max\r\nZoé",
        "answers.menu": "Poisson"})
    assert answer.status_code == 202, Page(answer.text).text
    # The first form may also simply be sent again.
    assert visitor.post({}, link_of(mailbox, address, 2) + "/leave"
                        ).status_code == 303
    assert visitor.post(fields).status_code == 202
    # Who does not want to leaves nothing.
    assert visitor.post({}, link + "/leave").status_code == 303
    assert visitor.get(link).status_code == 404


def test_an_address_has_three_at_most(stack, visitor, tables, mailbox,
                                      checked):
    address = unique_address("bot")
    pages = [checked.slot(9) for _ in range(12)]
    forms = [visitor.form(page, email=address, name=f"Bot {n}")
             for n, page in enumerate(pages)]
    answers = at_once(12, lambda n: Visitor(stack.http_url).post(forms[n]))
    statuses = sorted(one.status_code for one in answers)
    assert set(statuses) <= {202, 429, 503}
    assert 1 <= statuses.count(202) <= 3
    held = tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s"
                        " AND state = 1", address)
    assert held == statuses.count(202)
    while visitor.post(visitor.form(checked.slot(1), email=address)
                       ).status_code == 202:
        held += 1
    assert held == 3
    # What was asked for before is still only shown again.
    sent = next(n for n, one in enumerate(answers) if one.status_code == 202)
    assert visitor.post(forms[sent]).status_code == 202
    # One that is confirmed makes room.
    link = link_of(mailbox, address)
    assert visitor.post({}, link + "/take").status_code == 303
    answer, _ = hold(visitor, checked.slot(1), email=address.upper())
    assert answer.status_code == 202


def test_who_gives_up_leaves_nothing(visitor, tables, mailbox, checked):
    page = checked.slot(1)
    _, fields = hold(visitor, page)
    link = link_of(mailbox, fields["email"])
    assert "Renoncer à la place" in visitor.page(link).text
    assert visitor.post({}, link + "/leave").status_code == 303
    assert visitor.get(link).status_code == 404
    assert row_of(tables, fields["email"])["state"] is None
    assert booked_of(tables, slot_of(page)) == 0


def test_erasing_an_address_covers_what_is_kept(visitor, tables, checked):
    page = checked.slot(1)
    _, fields = hold(visitor, page)
    said = checked.run("erase", "--address", fields["email"])
    assert "waiting lists: 1" in said
    assert row_of(tables, fields["email"])["state"] is None
    assert booked_of(tables, slot_of(page)) == 0


def test_it_and_a_place_in_line_may_have_one_address(visitor, tables, mailbox,
                                                     checked):
    """Joining the list finds no booking that is to be confirmed."""
    page = checked.slot(1)
    _, fields = hold(visitor, page)
    joined = visitor.post(visitor.page(page + "/wait").fields | {
        "name": "Zoé", "email": fields["email"], "seats": "1"},
        page + "/wait")
    assert joined.status_code == 303
    assert tables.rows("SELECT state, in_line FROM waiting WHERE email = %s"
                       " ORDER BY id", fields["email"]) == ((1, None), (0, 1))
    # Nor does looking for a lost link, by its reference.
    ref = tables.value("SELECT ref FROM waiting WHERE email = %s"
                       " AND in_line IS NULL", fields["email"])
    visitor.post({"ref": ref, "email": fields["email"]}, "/find")
    mails_of(mailbox, fields["email"], 2)
    assert tables.value("SELECT COUNT(*) FROM waiting WHERE email = %s",
                        fields["email"]) == 2


def api(stack, body, key):
    return requests.post(stack.http_url + "/api/v1/bookings", json=body,
                         headers={"Idempotency-Key": key}, timeout=20)


def test_programs_are_told_202(stack, visitor, tables, mailbox, checked):
    page = checked.slot(3)
    address = unique_address("api")
    body = {"slot": int(slot_of(page)), "name": "Zoé", "email": address,
            "seats": 2, "lang": "en", "answers": {"who": ["Zoé", "Max"]}}
    key = new_key()
    first, second = api(stack, body, key), api(stack, body, key)
    assert first.status_code == second.status_code == 202
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Location" not in first.headers
    for answer in (first, second):
        told_them = answer.json()
        assert told_them["state"] == "unconfirmed"
        assert told_them["email"] == address and told_them["seats"] == 2
        assert told_them["service"]["confirm_minutes"] == MINUTES
        assert not {"ref", "links"} & set(told_them)
    assert "/w/" not in first.text
    link = link_of(mailbox, address)
    assert visitor.post({}, link + "/take").status_code == 303
    third = api(stack, body, key)
    assert third.status_code == 200
    assert third.json()["answers"]["who"] == ["Zoé", "Max"]
    assert api(stack, body | {"seats": 1}, key).status_code == 422


SITE = "https://hold.example"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_other_sites_forms_say_so_too(stack, tables, mailbox, checked,
                                      language):
    form_key = add_form_key(stack, [SITE], [SITE + "/thanks"])
    page = checked.slot(9)
    form = {"slot": slot_of(page), "name": "Zoé", "_gotcha": "",
            "email": unique_address("kit"), "_next": SITE + "/thanks"}

    def post(fields, accept):
        return requests.post(
            f"{stack.http_url}/f/{form_key}", data=fields, timeout=30,
            allow_redirects=False, headers={
                "Origin": SITE, "Accept": accept,
                "Accept-Language": language})

    answer = post(form, "text/html")
    assert answer.status_code == 202
    assert form["email"] in answer.text and "/w/" not in answer.text
    # The same person is the same, another is not.
    assert post(form, "text/html").status_code == 202
    assert booked_of(tables, slot_of(page)) == 1
    said = post(form | {"name": "Max"}, "application/json")
    assert said.status_code == 202
    assert booked_of(tables, slot_of(page)) == 2
    document = said.json()
    assert document["outcome"] == "unconfirmed"
    assert document["confirm_minutes"] == MINUTES
    assert form["email"] in document["detail"]
    assert "reference" not in document
    shown = requests.get(document["next"].replace(
        document["next"].partition("/f/")[0], stack.http_url), timeout=20)
    assert shown.status_code == 200
    assert {"fr": "confirmez votre adresse",
            "en": "confirm your address"}[language] in shown.text
    assert form["email"] not in shown.text
    mails_of(mailbox, form["email"], 2)


def test_organisers_see_what_is_to_be_confirmed(stack, visitor, checked,
                                                mailbox):
    page = checked.slot(2)
    _, fields = hold(visitor, page, name="Ada Confirme")
    organiser = Organiser(stack, "fr")
    listed = organiser.page(f"/admin/services/{checked.slug}/slots")
    assert "1 réservation à confirmer" in listed.text
    shown = organiser.page(f"/admin/slots/{slot_of(page)}").text
    assert "Ada Confirme" in shown
    assert "En attente de confirmation de l’adresse" in shown
    assert "1 personne en attente" not in shown
    form = organiser.page(f"/admin/services/{checked.slug}")
    assert form.fields["confirm_minutes"] == str(MINUTES)
    mails_of(mailbox, fields["email"], 1)


def test_bounds_of_the_time(checked):
    for wrong in ("4min", "1441min", "25h"):
        with pytest.raises(AssertionError):
            checked.run("service", "change", "--slug", checked.slug,
                        "--confirm", wrong)
    for right in ("5min", "24h", f"{MINUTES}min"):
        checked.run("service", "change", "--slug", checked.slug, "--confirm",
                    right)


@pytest.mark.parametrize("path", ["/w/x/again", "/w/RK7F3M2Q." + "A" * 22
                                  + "/again"])
def test_a_link_that_is_none(visitor, path):
    assert visitor.get(path).status_code == 404


def test_a_place_in_line_has_no_form_again(stack, visitor, tables, mailbox,
                                           checked):
    page = checked.slot(1)
    _, fields = hold(visitor, page)
    address = unique_address("line")
    visitor.post(visitor.page(page + "/wait").fields | {
        "name": "Léa", "email": address, "seats": "1"}, page + "/wait")
    line = link_of(mailbox, address)
    lapse(tables, fields["email"])
    wait_until(lambda: row_of(tables, address)["state"] == 1, 30, "an offer")
    lapse(tables, address)
    assert visitor.get(line + "/again").status_code == 404
    assert line + "/again" not in visitor.page(line).links


def test_a_crowd_for_the_last_places_never_overbooks(stack, visitor, tables,
                                                     mailbox, checked):
    """Visitors, checks, confirmations, offers, leaving, lapses: all at once."""
    page = checked.slot(4)
    slot = slot_of(page)
    form = visitor.page(page).fields
    wait = visitor.page(page + "/wait").fields if visitor.get(
        page + "/wait").status_code == 200 else None
    first = [hold(visitor, page)[1]["email"] for _ in range(4)]
    wait = visitor.page(page + "/wait").fields
    for n in range(4):
        visitor.post(wait | {"name": "Léa", "seats": "1", "key": new_key(),
                             "email": unique_address("line")}, page + "/wait")
    links = [link_of(mailbox, address) for address in first]
    acts = [(links[0] + "/take", {})] * 6 + [(links[1] + "/leave", {})] * 3 \
        + [(links[1] + "/take", {})] * 3 + [("lapse", first[2])] \
        + [(links[2] + "/take", {})] * 5 + [("/bookings", form)] * 40 \
        + [(page + "/wait", wait)] * 10
    acts.sort(key=lambda _: secrets.randbits(32))

    def act(number):
        path, fields = acts[number]
        if path == "lapse":
            with Tables(stack.env) as own:
                own.rows("UPDATE waiting SET told_at = NOW(3),"
                         " offer_until = NOW(3) WHERE email = %s", fields)
            return 202
        if fields:
            fields = fields | {"name": "Léa", "email": unique_address(),
                               "seats": "1", "key": new_key()}
        return Visitor(stack.http_url).post(fields, path).status_code

    statuses = at_once(len(acts), act, 24)
    assert set(statuses) <= {200, 202, 303, 404, 409}, statuses
    counted, booked, held = kept(tables, slot)
    assert counted == booked + held <= 4
    # Places that are free go to who waits.
    wait_until(lambda: kept(tables, slot)[0] == 4, 30, "the offers")
    counted, booked, held = kept(tables, slot)
    assert counted == booked + held == 4
    # Whoever was told 303 by a take has the booking.
    assert tables.bookings_of(first[0]) == 1


def test_its_mail_can_be_sent_again(visitor, tables, mailbox, checked):
    page = checked.slot(1)
    answer, fields = hold(visitor, page, notes="a\r\nb", **{
        "answers.menu": "Viande"})
    address = fields["email"]
    shown = Page(answer.text)
    assert {name: value for name, value in shown.fields.items()
            if name in fields and name != "lang"} == {
                name: value for name, value in fields.items()
                if name != "lang"}
    # The same form again is the same request: it sends nothing.
    assert visitor.post(fields).status_code == 202
    again = shown.fields | {"again": "1"}
    wait_until(lambda: "part de nouveau" in visitor.post(again).text, 60,
               "the mail once more")
    mails = mails_of(mailbox, address, 2)
    assert {link_in(mail) for mail in mails} == {link_in(mails[0])}
    # At most three times, however often it is asked for.
    for _ in range(6):
        wait_until(lambda: tables.open_rows() == 0, 60, "the mails' fate")
        said = visitor.post(again)
        assert said.status_code == 202 and not faults(said.text)
    assert "n’est pas renvoyé" in said.text
    assert tables.value(
        "SELECT COUNT(*) FROM notification n JOIN waiting w"
        " ON w.id = n.waiting_id WHERE w.email = %s", address) == 4
    assert tables.bookings_of(address) == 0
    visitor.post({}, link_of(mailbox, address) + "/take")
    assert tables.bookings_of(address) == 1
    # It is booked: there is nothing to confirm any more.
    assert visitor.post(again).status_code == 303


def test_many_who_press_again_at_once_cause_one_mail(visitor, tables, mailbox,
                                                     checked):
    answer, fields = hold(visitor, checked.slot(1))
    mails_of(mailbox, fields["email"], 1)
    wait_until(lambda: tables.open_rows() == 0, 60, "the mail's fate")
    again = Page(answer.text).fields | {"again": "1"}
    said = at_once(6, lambda _: visitor.post(again).text)
    assert sum("part de nouveau" in one for one in said) >= 1
    assert len({link_in(one) for one in
                mails_of(mailbox, fields["email"], 2)}) == 1


def test_whoever_confirms_sees_what_they_answered(visitor, mailbox, checked):
    _, fields = hold(visitor, checked.slot(3), seats="2", **{
        "answers.phone": "+33 6 12 34 56 78", "answers.who": "Zoé\r\nMax",
        "answers.menu": "Viande"})
    shown = visitor.page(link_of(mailbox, fields["email"])).text
    for text in ("Téléphone", "+33 6 12 34 56 78", "Zoé", "Max", "Plat",
                 "Viande"):
        assert text in shown
