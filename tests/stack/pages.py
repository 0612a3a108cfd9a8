# SPDX-License-Identifier: MIT
"""Every page that a visitor or an organiser can come to, by a name for each."""

import datetime
import re
import secrets

from .offering import service_fields
from .organiser import Organiser
from .routes import filled, pages_without
from .stamps import done_page, foreign_done
from .visitor import line_of, unique_address, wait_until

__all__ = ["all_pages", "desk_pages"]


def _waiting(stack, visitor, slot_page):
    page = visitor.page(slot_page + "/wait")
    address = unique_address("lea")
    assert visitor.post(page.fields | {
        "name": "Léa Attend", "email": address, "seats": "1"},
        page.actions[0]).status_code == 303
    return line_of(stack, address)


def _form_key(tables):
    """A form on another site; its key."""
    key = secrets.token_hex(8)
    tables.rows("INSERT INTO form_key (form_key, name, origins, returns,"
                " created_at) VALUES (%s, 'a site', 'https://site.example',"
                " 'https://site.example/', NOW(3))", key)
    return key


def _to_be_confirmed(stack, visitor, tables):
    """A booking that is, and one that was not in time."""
    links = []
    for state in (1, 3):
        slot_page = tables.add_slot(1)
        visitor.book(slot_page)
        links.append(_waiting(stack, visitor, slot_page))
        # A place in line with all that the form of a booking leaves there.
        tables.rows("UPDATE waiting SET in_line = NULL, state = %s,"
                    " notes = 'près de la porte', offered_at = NOW(3),"
                    " told_at = NOW(3), offer_until = NOW(3)"
                    " + INTERVAL 1 DAY WHERE ref = %s",
                    state, links[-1].rpartition("/")[2][:8])
    return links


def all_pages(stack, visitor, tables):
    """(name, path) of each page; makes the bookings that they show."""
    slot_page, full = tables.add_slot(5), tables.add_slot(1)
    there = tables.add_slot(5)
    place = visitor.book(slot_page, seats="2")
    gone = visitor.book(slot_page)
    visitor.post({}, gone + "/cancel")
    late = visitor.book(full)
    back, perhaps = visitor.book(slot_page), visitor.book(slot_page)
    line = _waiting(stack, visitor, full)
    lapsed_page = tables.add_slot(1)
    first = visitor.book(lapsed_page)
    offered = _waiting(stack, visitor, lapsed_page)
    visitor.post({}, first + "/cancel")
    held, late_one = _to_be_confirmed(stack, visitor, tables)
    slot = there.rpartition("/")[2]
    # Days in two zones, as after another one for their service.
    tables.rows("UPDATE slot SET zone = 'America/New_York' WHERE id = %s",
                slot)
    # A page that waits for its mail refreshes itself.  The checker forbids that
    # and does not see the link that stops it.
    wait_until(lambda: not any(visitor.page(one).refresh
                               for one in (place, gone, late, back, perhaps)),
               60, "the mails' fate")
    for sure, one in ((1, back), (0, perhaps)):
        tables.rows("UPDATE notification n JOIN booking b ON b.id ="
                    " n.booking_id SET n.fate = 3, n.fate_sure = %s,"
                    " n.fate_at = NOW(3), n.fate_text = '550 5.1.1 [address]:"
                    " no such user here, and-a-word-that-is-much-too-long'"
                    " WHERE b.ref = %s AND n.kind = 'booking.confirmed'",
                    sure, one.rpartition("/")[2][:8])
    key = _form_key(tables)
    form = f"/f/{key}"

    def foreign(what):
        return (foreign_done(stack, key, what) +
                "&next=https://site.example/x")

    return [
        ("services", "/"), ("service", slot_page.rpartition("/")[0]),
        ("form", slot_page), ("full", full), ("wait-form", full + "/wait"),
        ("wait", line), ("offered", offered),
        ("held", held), ("held-lapsed", late_one),
        ("held-again", late_one + "/again"),
        ("booking", place), ("cancelled", gone), ("filled", late),
        ("returned", back), ("perhaps-returned", perhaps),
        ("cancel", place + "/cancel"), ("move", place + "/move"),
        ("move-to", f"{place}/move?slot={slot}"),
        ("email", place + "/email"), ("resend", place + "/resend"),
        ("erase", place + "/erase"), ("nothing-left", gone + "/move"),
        ("erased", done_page(stack, "erased")),
        ("left", done_page(stack, "left")),
        ("joined", done_page(stack, "waiting")),
        ("foreign-form", f"{form}?slot={slot}"),
        ("foreign-choice", f"{form}?service={slot_page.split('/')[2]}"),
        ("foreign-booked", foreign("booked")),
        ("foreign-again", foreign("again")),
        ("foreign-already", foreign("already")),
        ("foreign-unconfirmed", foreign("unconfirmed")),
        ("foreign-waiting", foreign("waiting")),
        ("foreign-origin", "/problems/form-origin"),
        ("find", "/find"), ("sought", done_page(stack, "sought")),
        ("privacy", "/privacy"),
        ("problems", "/problems"),
        ("problem", "/problems/slot-full"),
        ("missing", "/no-such-page")]


def desk_pages(stack, tables, paths):
    """(name, path) of each page of organisers that has none of the paths."""
    anna = Organiser(stack)
    fields = service_fields()
    service = f"/admin/services/{fields['slug']}"
    day = datetime.date.today() + datetime.timedelta(days=30)
    slot = {"minutes": "30", "capacity": "9"}
    for form, path in (
            (fields, "/admin/services/new"),
            ({"kind": "box", "name": "rules", "label": "Le règlement"},
             service + "/question"),
            (slot | {"starts_at": f"{day}T09:00"}, service + "/slots/new"),
            (slot | {"starts_at": f"{day}T10:00"}, service + "/slots/new")):
        assert anna.post(form, path).status_code == 303
    empty, full = (str(number) for (number,) in tables.rows(
        "SELECT t.id FROM slot t JOIN service s ON s.id = t.service_id"
        " WHERE s.slug = %s ORDER BY t.starts_at", fields["slug"]))
    assert anna.post({"name": "Zoé Attend", "email": unique_address("line"),
                      "seats": "1", "slot": full},
                     f"/admin/slots/{full}/wait").status_code == 303
    assert anna.post({"name": fields["slug"]}, "/admin/feeds"
                     ).status_code == 200
    real = {"service": fields["slug"], "question": "rules",
            "language": "fr", "kind": "booking.moved", "slot": full,
            "ref": tables.value("SELECT ref FROM waiting WHERE slot_id = %s",
                                full)}
    made = [(re.sub(r"\W+", "-", route.removeprefix("/admin/")).strip("-"),
             filled(route, real | {"slot": empty} if route.endswith(
                 "{slot}/remove") else real) + f"?name={fields['slug']}")
            for route in pages_without(paths) if route.startswith("/admin")]
    for _, path in made:
        assert anna.get(path).status_code == 200, path
    return made
