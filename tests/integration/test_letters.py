# SPDX-License-Identifier: MIT
"""Every kind of mail in both languages, line by line as it was promised,
read by parsers that are not ours."""

import datetime
import json
import re
import zoneinfo

import mail_oracle
import pytest
from stack.organiser import Organiser
from stack.visitor import Visitor, unique_address, wait_until
from test_change import mails_of, ref_of, slot_of
from test_waiting import wait_for

DAYS = {"fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"}
MONTHS = {"fr": "janvier février mars avril mai juin juillet août septembre"
                " octobre novembre décembre",
          "en": "January February March April May June July August September"
                " October November December"}
SENDER = {"return_path": "bounces@bounce.example",
          "from_address": "bookings@reservoir.example",
          "message_domain": "reservoir.example"}


@pytest.fixture(scope="module", autouse=True)
def bounces(stack):
    """An address for bounces that is not the sender's."""
    stack.overrides["maild"]["envelope_from"] = SENDER["return_path"]
    stack.restart("maild")
    yield
    stack.overrides["maild"].clear()
    stack.restart("maild")


@pytest.fixture(params=["fr", "en"])
def visitor(stack, request):
    one = Visitor(stack.http_url, request.param)
    one.language = request.param
    return one


def day(language, local):
    number = str(local.day)
    if language == "fr" and local.day == 1:
        number = "1er"
    return (f"{DAYS[language].split()[local.weekday()]} {number} "
            f"{MONTHS[language].split()[local.month - 1]} {local.year}")


def instant(language, local):
    return f"{day(language, local)}, {local:%H:%M}"


def deadline(language, local):
    return f"{day(language, local)} {'à' if language == 'fr' else 'at'} " \
        f"{local:%H:%M}"


def slot_facts(tables, slot, language):
    """What each mail says of a slot, from the tables and Python's calendar."""
    (service, slug, place, zone, sender, organiser, start, end,
     notice) = tables.rows(
        "SELECT s.name, s.slug, s.place, s.zone, s.organiser_name,"
        " s.organiser_email, t.starts_at, t.ends_at, s.notice_minutes"
        " FROM slot t JOIN service s ON s.id = t.service_id"
        " WHERE t.id = %s", slot)[0]
    start, end = (when.replace(tzinfo=datetime.timezone.utc)
                  for when in (start, end))
    zone_info = zoneinfo.ZoneInfo(zone)
    local = start.astimezone(zone_info)
    offset = local.strftime("%z")
    until = (start - datetime.timedelta(minutes=notice)).astimezone(zone_info)
    return {"service": service, "place": place, "zone_info": zone_info,
            "zone": mail_oracle.zone_words(language, zone), "from_name": sender, "reply_to": organiser,
            "start": start, "end": end,
            "date": day(language, local), "time": f"{local:%H:%M}",
            "end_time": f"{end.astimezone(zone_info):%H:%M}",
            "utc_offset": f"UTC{offset[:3]}:{offset[3:]}",
            "until": deadline(language, until), "slug": slug,
            "instant": instant(language, local)}


class Booked:
    """A booking, and what its mails must say."""

    def __init__(self, stack, tables, visitor, slot_page, **answers):
        self.stack, self.tables, self.visitor = stack, tables, visitor
        self.address = unique_address("letters")
        self.place = visitor.book(slot_page, email=self.address, **answers)
        self.ref = ref_of(self.place)

    def mail(self, mailbox, count, word, **more):
        """The count-th mail: raw, and what is expected of it."""
        mails_of(mailbox, self.address, count)
        raw = mailbox.raw(mailbox.mails_to(self.address)[count - 1])
        slot, sequence = self.tables.rows(
            "SELECT b.slot_id, b.sequence + v.changes FROM booking b"
            " JOIN slot s ON s.id = b.slot_id"
            " JOIN service v ON v.id = s.service_id WHERE b.ref = %s",
            self.ref)[0]
        facts = slot_facts(self.tables, slot, self.visitor.language)
        again = f"{self.stack.http_url}/s/{facts.pop('slug')}"
        facts.pop("instant")
        facts.pop("zone_info")
        expected = SENDER | facts | {
            "language": self.visitor.language, "name": "Zoé Martin",
            "to_name": "Zoé Martin", "to_email": self.address,
            "ref": f"{self.ref[:4]}-{self.ref[4:]}",
            "envelope_id": f"{self.ref}.{word}",
            "uid": f"{self.ref}@reservoir.example", "sequence": sequence,
            "manage_url": self.stack.http_url + self.place,
            "references": f"<{self.ref}.confirm.0@reservoir.example>"} | more
        if "again_url" in more:
            expected["again_url"] = again
            del expected["manage_url"], expected["until"]
        if not expected["references"]:
            del expected["references"]
        return raw, expected


def check(pair, method):
    return mail_oracle.check_mail(pair[0], method=method, **pair[1])


def test_booked_moved_and_cancelled_by_the_organiser(stack, visitor, tables,
                                                     mailbox):
    slot_page = tables.add_slot(2)
    one = Booked(stack, tables, visitor, slot_page)
    before = slot_facts(tables, slot_of(slot_page), visitor.language)
    description, texts = tables.rows("SELECT description, texts FROM service"
                                     " ORDER BY id LIMIT 1")[0]
    description = json.loads(texts).get(visitor.language, {}).get(
        "description", description)
    _, first = check(one.mail(mailbox, 1, "confirm.0", references="",
                              description=description), "REQUEST")
    visitor.post({"slot": slot_of(tables.add_slot(1))}, one.place + "/move")
    raw, expected = one.mail(mailbox, 2, "moved.1", was=before["instant"])
    _, second = mail_oracle.check_mail(raw, method="REQUEST", **expected)
    reason = "Fermé; \"exceptionnellement\", <désolé> & merci"
    assert Organiser(stack).do(one.ref, "cancel", reason=reason) \
        .status_code == 303
    _, third = check(one.mail(mailbox, 3, "cancel.2", again_url="",
                              reason=reason), "CANCEL")
    events = (first, second, third)
    numbers = [int(event["SEQUENCE"]) for event in events]
    assert numbers == [numbers[0] + later for later in range(3)]
    assert len({str(event["UID"]) for event in events}) == 1
    stamps = [event["DTSTAMP"].dt for event in events]
    assert stamps == sorted(stamps)


def test_cancelled_by_the_visitor(stack, visitor, tables, mailbox):
    one = Booked(stack, tables, visitor, tables.add_slot(1))
    mails_of(mailbox, one.address, 1)
    visitor.post({}, one.place + "/cancel")
    message, _ = check(one.mail(mailbox, 2, "cancel.1", again_url=""),
                       "CANCEL")
    words = {"fr": "À votre demande, votre réservation est annulée",
             "en": "At your request, your booking has been cancelled"}
    assert words[visitor.language] in message.get_body(
        ("plain",)).get_content()


def test_a_reminder(stack, visitor, tables, mailbox):
    one = Booked(stack, tables, visitor, tables.add_slot(1))
    mails_of(mailbox, one.address, 1)
    tables.rows("UPDATE notification n JOIN booking b ON b.id = n.booking_id"
                " SET n.begins_at = NOW(3), n.due_at = NOW(3)"
                " WHERE b.ref = %s AND n.kind = 'booking.reminder'", one.ref)
    check(one.mail(mailbox, 2, "reminder.0"), "")


def test_a_place_that_is_free(stack, visitor, tables, mailbox):
    slot_page = tables.add_slot(1)
    place = visitor.book(slot_page)
    line, address = wait_for(stack, visitor, slot_page)
    ref = ref_of(line)
    visitor.post({}, place + "/cancel")
    mails_of(mailbox, address, 2)
    first, raw = map(mailbox.raw, mailbox.mails_to(address))
    facts = slot_facts(tables, slot_of(slot_page), visitor.language)
    for name in ("slug", "instant", "start", "end"):
        del facts[name]
    del facts["zone_info"]
    facts["until"] = {
        "fr": "pendant 2\u00a0heures après cet e-mail\u00a0; la nuit,"
              " de 22:00 à 07:00, ne compte pas.",
        "en": "for 2 hours after this e-mail; the night, from 22:00 to 07:00,"
              " does not count."}[visitor.language]
    # Not the neutral subject of the others: there is something to do.
    head = {"fr": "Une place est libre\u00a0:", "en": "A place is free:"}
    facts["subject"] = "{} {service}, {date}, {time}".format(
        head[visitor.language], **facts)
    facts |= {"language": visitor.language, "name": "Léa Attend",
              "to_name": "Léa Attend", "to_email": address,
              "ref": f"{ref[:4]}-{ref[4:]}",
              "manage_url": stack.http_url + line}
    mail_oracle.check_mail(raw, method="", **SENDER | facts | {
        "envelope_id": f"{ref}.place.0"})
    # The one before it, which is all that tells of the place in line.
    del facts["until"]
    head = {"fr": "Liste d’attente\u00a0:", "en": "Waiting list:"}
    facts["subject"] = "{} {service}, {date}, {time}".format(
        head[visitor.language], **facts)
    mail_oracle.check_mail(first, method="", **SENDER | facts | {
        "envelope_id": f"{ref}.wait.0"})


def test_the_organisers_notices(stack, visitor, tables, mailbox):
    """In the service's language, whatever the visitor's; nothing that opens
    the booking without a password."""
    organiser, name = tables.rows("SELECT organiser_email, organiser_name"
                                  " FROM service ORDER BY id LIMIT 1")[0]
    # What an earlier test did may still be on its way to them.
    wait_until(lambda: tables.open_rows() == 0, 60, "a quiet stack")
    before = len(mailbox.mails_to(organiser))
    heads = {"booked": "Nouvelle réservation", "moved": "Réservation déplacée",
             "cancelled": "Réservation annulée"}
    tables.rows("UPDATE service SET organiser_mails = 1"
                " ORDER BY id LIMIT 1")
    try:
        one = Booked(stack, tables, visitor, tables.add_slot(1),
                     notes="<b>& \"soin\"")
        for number, what in enumerate(heads):
            was = {}
            if what == "moved":
                was["was"] = slot_facts(tables, slot, "fr")["instant"]
                visitor.post({"slot": slot_of(tables.add_slot(1))},
                             one.place + "/move")
            elif what == "cancelled":
                visitor.post({}, one.place + "/cancel")
            mails_of(mailbox, organiser, before + number + 1)
            raw = mailbox.raw(mailbox.mails_to(organiser)[before + number])
            slot = tables.value("SELECT slot_id FROM booking WHERE ref = %s",
                                one.ref)
            facts = slot_facts(tables, slot, "fr")
            subject = f"{heads[what]}\u00a0: {facts['service']}, {facts['instant']}"
            for word in ("slug", "instant", "start", "end", "until",
                         "zone_info"):
                del facts[word]
            mail_oracle.check_mail(raw, method="", **SENDER | facts | was | {
                "language": "fr", "name": "Zoé Martin", "subject": subject,
                "from_name": "",    # no mail from themselves
                "notes": "<b>& \"soin\"", "to_name": name,
                "to_email": organiser, "reply_to": one.address,
                "ref": f"{one.ref[:4]}-{one.ref[4:]}",
                "envelope_id": f"{one.ref}.organiser.{number}",
                "desk_url": f"{stack.http_url}/admin/b/{one.ref}"})
            text = raw.decode("ascii")
            assert one.place.rpartition(".")[2] not in text.replace("=\r\n",
                                                                    "")
    finally:
        tables.rows("UPDATE service SET organiser_mails = 0"
                    " ORDER BY id LIMIT 1")


def test_a_long_name_is_folded_between_characters(stack, visitor, tables,
                                                  mailbox):
    """The longest name that may be, all of several octets, in every header
    and line that holds it."""
    name = ("Ωμέγα 𝔐𝔞𝔵 Ünïcödé " * 9)[:80].strip()
    one = Booked(stack, tables, visitor, tables.add_slot(1), name=name)
    message, event = check(one.mail(mailbox, 1, "confirm.0", references="",
                                    name=name, to_name=name), "REQUEST")
    assert str(event["ATTENDEE"].params["CN"]) == name
    assert re.search(r"[^\x00-\x7f]{3}", str(message["To"]))
