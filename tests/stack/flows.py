# SPDX-License-Identifier: MIT
"""Each thing that people do by a form or a program, ready to be done.

A flow is prepared while all servers are up, as far as its last step; do() is
that step, and may be tried again until it is answered.  What it comes to is
what the database and the mailbox show.
"""

import dataclasses
import re

import requests

from .keys import add_form_key
from .organiser import Organiser
from .visitor import Visitor, line_of, new_key, unique_address, wait_until

SITE = "https://site.example"


@dataclasses.dataclass
class Flow:
    """One step of somebody; address is who gets a mail of this kind by it."""
    name: str
    do: callable            # returns the answer
    address: str
    kind: str               # of the mail that it causes, "" = none
    typed: tuple = ()       # what its error page must still hold
    good: tuple = (303,)
    before: int = 0         # mails of that kind before it


class Flows:
    """Prepares flows on a stack, each with a booking and a slot of its own."""

    def __init__(self, stack, tables, mailbox):
        self.stack = stack
        self.tables = tables
        self.mailbox = mailbox
        self.visitor = Visitor(stack.http_url)
        self.organiser = Organiser(stack, "fr")

    def all(self):
        return [make() for make in (
            self.booking, self.api_booking, self.foreign, self.cancel,
            self.api_cancel, self.move, self.api_move, self.email,
            self.api_email, self.resend, self.erase, self.wait, self.take,
            self.leave, self.organiser_cancels, self.organiser_resends,
            self.organiser_takes_off)]

    # ---- what is there before ---------------------------------------------

    def _slot(self, capacity=3):
        """(its page, its number) of a new slot."""
        page = self.tables.add_slot(capacity)
        return page, int(page.rpartition("/")[2])

    def _booked(self, name, capacity=3):
        """(address, page) of a new booking, its mail being out."""
        address = unique_address(name)
        place = self.visitor.book(self._slot(capacity)[0], email=address)
        wait_until(lambda: self.sent(address, "booking.confirmed"), 30,
                   f"the first mail to {address}", 0.05)
        return address, place

    def sent(self, address, kind):
        """How many mails of a kind are sent, of whoever has the address now.
        """
        return self.tables.value(
            "SELECT COUNT(*) FROM notification n"
            " LEFT JOIN booking b ON b.id = n.booking_id"
            " LEFT JOIN waiting w ON w.id = n.waiting_id"
            " WHERE n.kind = %s AND n.state = 1"
            " AND COALESCE(b.email, w.email) = %s", kind, address)

    def _post(self, path, form):
        return lambda: self.visitor.post(form, path)

    def _api(self, path, **body):
        def call():
            return requests.post(
                f"{self.stack.http_url}/api/v1{path}", json=body, timeout=30,
                headers={"Accept-Language": "fr"})
        return call

    def _api_change(self, name, what, kind, **body):
        address, place = self._booked(name)
        path = place.replace("/b/", "/bookings/") + "/" + what
        return Flow(f"API: {what}", self._api(path, **body), address, kind,
                    good=(200,))

    # ---- booking ------------------------------------------------------------

    def booking(self):
        address = unique_address("flow")
        form = self.visitor.form(self._slot()[0], email=address,
                                 notes="près de la fenêtre")
        return Flow("book", self._post("/bookings", form), address,
                    "booking.confirmed",
                    ("près de la fenêtre", address, form["key"]))

    def api_booking(self):
        address = unique_address("flowapi")
        return Flow("API: book", self._api(
            "/bookings", slot=self._slot()[1], name="Zoé Martin", seats=1,
            email=address, lang="fr", key=new_key()), address,
            "booking.confirmed", good=(201, 200))

    def foreign(self):
        key = add_form_key(self.stack, [SITE], [])
        address = unique_address("flowsite")
        form = {"slot": str(self._slot()[1]), "name": "Zoé Martin",
                "email": address, "_gotcha": ""}

        def post():
            return requests.post(
                f"{self.stack.http_url}/f/{key}", data=form, timeout=30,
                allow_redirects=False, headers={
                    "Origin": SITE, "Accept": "text/html",
                    "Accept-Language": "fr"})
        return Flow("a form on another site", post, address,
                    "booking.confirmed", ("Zoé Martin", address))

    # ---- a booking's changes ---------------------------------------------------

    def cancel(self):
        address, place = self._booked("flowcancel")
        form = self.visitor.page(place + "/cancel").fields
        return Flow("cancel", self._post(place + "/cancel", form), address,
                    "booking.cancelled")

    def api_cancel(self):
        return self._api_change("flowapicancel", "cancel",
                                "booking.cancelled")

    def move(self):
        address, place = self._booked("flowmove")
        target = self._slot()[1]
        form = self.visitor.page(f"{place}/move?slot={target}").fields
        return Flow("move", self._post(
            place + "/move", form | {"slot": str(target)}), address,
            "booking.moved")

    def api_move(self):
        return self._api_change("flowapimove", "move", "booking.moved",
                                slot=self._slot()[1])

    def email(self):
        _, place = self._booked("flowwrong")
        right = unique_address("flowright")
        form = self.visitor.page(place + "/email").fields
        return Flow("correct the address", self._post(
            place + "/email", form | {"email": right}), right,
            "booking.confirmed", (right,), before=1)

    def api_email(self):
        right = unique_address("flowapiright")
        flow = self._api_change("flowapiwrong", "email", "booking.confirmed",
                                email=right)
        return dataclasses.replace(flow, address=right, before=1)

    def resend(self):
        address, place = self._booked("flowresend")
        # The least time between two mails is not what is tested here.
        self.tables.rows("UPDATE notification n JOIN booking b"
                         " ON b.id = n.booking_id SET n.created_at ="
                         " n.created_at - INTERVAL 1 DAY, n.final_at ="
                         " n.final_at - INTERVAL 1 DAY WHERE b.email = %s",
                         address)
        form = self.visitor.page(place + "/resend").fields
        return Flow("send again", self._post(place + "/resend", form),
                    address, "booking.confirmed", before=1)

    def erase(self):
        _, place = self._booked("flowerase")
        form = self.visitor.page(place + "/erase").fields
        return Flow("erase", self._post(place + "/erase", form), "", "")

    # ---- the waiting list ----------------------------------------------------------

    def _line(self, name):
        """(address, page of the place in line, page of who has the place)."""
        page, _ = self._slot(1)
        holder = self.visitor.book(page)
        address = unique_address(name)
        form = self.visitor.page(page + "/wait").fields | {
            "name": "Léa Attend", "email": address, "seats": "1"}
        answer = self.visitor.post(form, page + "/wait")
        assert answer.status_code == 303, answer.status_code
        return address, line_of(self.stack, address), holder

    def _offered(self, name):
        address, line, holder = self._line(name)
        assert self.visitor.post({}, holder + "/cancel").status_code == 303
        wait_until(lambda: self.sent(address, "place.free"), 30, "an offer",
                   0.05)
        return address, line

    def wait(self):
        page, _ = self._slot(1)
        self.visitor.book(page)
        address = unique_address("flowwait")
        form = self.visitor.page(page + "/wait").fields | {
            "name": "Léa Attend", "email": address, "seats": "1"}
        return Flow("join the waiting list", self._post(page + "/wait", form),
                    address, "place.waiting", ("Léa Attend", address))

    def take(self):
        address, line = self._offered("flowtake")
        return Flow("take a freed place", self._post(line + "/take", {}),
                    address, "booking.confirmed")

    def leave(self):
        _, line = self._offered("flowleave")
        return Flow("leave the waiting list", self._post(line + "/leave", {}),
                    "", "")

    # ---- organisers --------------------------------------------------------------------

    def _organiser_does(self, what, kind, before=0, **fields):
        address, place = self._booked("flow" + what)
        ref = re.match(r"/b/(\w+)\.", place)[1]
        page = self.organiser.page(f"/admin/b/{ref}")
        form = {"revision": page.fields["revision"]} | fields
        return Flow(f"organiser: {what}", lambda: self.organiser.post(
            form, f"/admin/b/{ref}/{what}"), address, kind,
            tuple(fields.values()), before=before)

    def organiser_takes_off(self):
        address, line, _ = self._line("flowoff")
        ref = re.match(r"/w/(\w+)\.", line)[1]
        slot = self.tables.value("SELECT slot_id FROM waiting"
                                 " WHERE email = %s", address)
        # Once the mail is sent, nothing says to whom.
        return Flow("organiser: takes off the list",
                    lambda: self.organiser.post(
                        {}, f"/admin/slots/{slot}/wait/{ref}/remove"), "", "")

    def organiser_cancels(self):
        return self._organiser_does("cancel", "booking.cancelled",
                                    reason="salle inondée")

    def organiser_resends(self):
        return self._organiser_does("resend", "booking.confirmed", before=1)
