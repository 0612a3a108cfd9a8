# SPDX-License-Identifier: MIT
"""Two whole stacks behind one nginx, told apart by their references."""

import os
import re
import subprocess

import pytest
import requests
from stack import confs, parts
from stack.layout import TOP, Options, free_port, write_text
from stack.organiser import ORGANISER
from stack.procs import read_text, spawn, stop
from stack.stack import Stack
from stack.visitor import (Mailbox, Page, Tables, Visitor, line_of, new_key,
                           unique_address, wait_until)

LIMIT_S = 30


class Cells:
    """Cell A, where all began, cell B, and the nginx in front of both."""

    def __init__(self, directory):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.stacks = {}
        for letter in "AB":
            one = Stack(directory / letter, Options(
                asan=os.environ.get("RESERVOIR_ASAN") == "1", workers=2,
                booking_workers=2), quiet=True)
            one.overrides["booking"] = {"base_url": self.url,
                                        "ref_prefix": letter}
            self.stacks[letter] = one
        self.front = None

    def up(self):
        for letter, one in self.stacks.items():
            one.up()
            with Tables(one.env) as tables:
                tables.rows("UPDATE service SET slug = CONCAT(%s, slug)",
                            letter.lower() + "-")
        self._front()

    def _front(self):
        at = self.stacks["A"].at
        text = read_text(os.path.join(TOP, "nginx/reservoir-cells.conf"))
        services = os.path.join(at.conf, "services.map")
        with Tables(self.stacks["B"].env) as tables:
            write_text(services, "".join(
                f"{slug} reservoir_b;\n" for slug, in
                tables.rows("SELECT slug FROM service")))
        for before, after in (
                ("a.example.net:80",
                 f"127.0.0.1:{self.stacks['A'].http_port}"),
                ("b.example.net:80",
                 f"127.0.0.1:{self.stacks['B'].http_port}"),
                ("/etc/nginx/reservoir-services.map", services),
                ("listen 80;", f"listen 127.0.0.1:{self.port};"),
                ("/var/log/nginx/error.log", at.log_file("front")),
                ("/usr/share/reservoir", at.share)):
            assert before in text, before
            text = text.replace(before, after)
        site = os.path.join(at.conf, "cells.conf")
        write_text(site, text)
        temp = at.path("front")
        os.makedirs(temp, exist_ok=True)
        conf = os.path.join(at.conf, "front.conf")
        write_text(conf, confs.NGINX.format(
            as_user="user root;\n" if os.getuid() == 0 else "",
            pid=os.path.join(temp, "pid"), temp=temp,
            error_log=at.log_file("front"), access_log=at.log_file("front"),
            site=site, mailbox=""))
        self.front = spawn(
            [parts.PROGRAMS["nginx"], "-e", at.log_file("front"), "-p",
             at.dir, "-c", conf, "-g", "daemon off;"],
            at.log_file("front"), parts.environment(at))
        wait_until(lambda: parts.answers(("127.0.0.1", self.port)), LIMIT_S,
                   "start of the front")

    def down(self):
        if self.front:
            stop(self.front.pid, 10)
            self.front.wait(10)
        for one in self.stacks.values():
            one.down()

    # ---- what tests do -------------------------------------------------------

    def visitor(self):
        return Visitor(self.url, "en")

    def slot(self, letter, capacity=3):
        with Tables(self.stacks[letter].env) as tables:
            return tables.add_slot(capacity)

    def book(self, letter, **answers_):
        """Through the front, by the form's own action: the booking's path."""
        who = self.visitor()
        page = who.page(self.slot(letter))
        (action,) = {one for one in page.actions if "/bookings" in one}
        fields = page.fields | {"name": "Zoé Martin", "seats": "1",
                                "email": unique_address()} | answers_
        answer = who.post(fields, action)
        assert answer.status_code == 303, Page(answer.text).text
        return answer.headers["Location"]

    def mail(self, letter, address):
        """The first mail's text."""
        box = Mailbox(self.stacks[letter].at.mail)
        names = wait_until(lambda: box.mails_to(address), LIMIT_S, "the mail")
        return box.mail(names[0]).get_body(("plain",)).get_content()

    def count(self, letter, address):
        with Tables(self.stacks[letter].env) as tables:
            return tables.bookings_of(address)

    def bookctl(self, letter, *words):
        env = self.stacks[letter].env
        return subprocess.run(
            [env["BOOKCTL"], "-c", env["BOOKING_CONF"], *words],
            capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    both = Cells(tmp_path_factory.mktemp("cells"))
    try:
        both.up()
        yield both
    finally:
        both.down()
    for one in both.stacks.values():
        assert not one.sanitizer_reports() and not one.bugs()


def ref_of(path):
    return re.search(r"/b/([0-9A-Z]{8})\.", path)[1]


@pytest.mark.parametrize("letter", "AB")
def test_a_booking_is_its_cells_through_the_one_front(cells, letter):
    address = unique_address()
    place = cells.book(letter, email=address)
    assert ref_of(place).startswith(letter)
    other = "AB".replace(letter, "")
    assert cells.count(letter, address) == 1
    assert cells.count(other, address) == 0
    who = cells.visitor()
    assert "You are booked" in who.page(place).text
    # The links of the mail, too, and the calendar's entry.
    link = re.search(r"http://\S+/b/[0-9A-Z]{8}\.[\w-]{22}",
                     cells.mail(letter, address))[0]
    assert link == cells.url + place
    assert who.get(place + "/calendar.ics").status_code == 200

    # Moving.
    page = who.page(cells.slot(letter))
    move = who.page(place + "/move")
    slot = next(value for link in move.links
                for value in re.findall(r"slot=(\d+)", link)) \
        if not move.fields.get("slot") else move.fields["slot"]
    answer = who.post(move.fields | {"slot": slot}, place + "/move")
    assert answer.status_code == 303, Page(answer.text).text
    assert page

    # Cancelling.
    ask = who.page(place + "/cancel")
    assert who.post(ask.fields, place + "/cancel").status_code == 303
    assert "cancelled" in who.page(place).text.lower()


@pytest.mark.parametrize("letter", "AB")
def test_a_lost_link_is_found_by_the_reference(cells, letter):
    address = unique_address("lost")
    ref = ref_of(cells.book(letter, email=address))
    cells.mail(letter, address)
    who = cells.visitor()
    typed = f"{ref[:4].lower()}-{ref[4:].lower()}"
    answer = who.post({"ref": typed, "email": address}, "/find")
    if letter == "B":       # the first cell is asked, and knows the letter
        assert answer.status_code == 307
        assert answer.headers["Location"] == "/find?cell=B"
        answer = who.post({"ref": typed, "email": address},
                          answer.headers["Location"])
    assert answer.status_code == 303, answer.text
    place = answer.headers["Location"]
    assert f"&cell={letter}" in place
    assert who.page(place).title


def test_what_nobody_has_is_not_sent_round(cells):
    who = cells.visitor()
    form = {"ref": "ZZZZ-ZZZZ", "email": unique_address()}
    answer = who.post(form, "/find")
    assert answer.headers["Location"] == "/find?cell=Z"
    assert who.post(form, "/find?cell=Z").status_code == 303
    for letter in "ABZ":
        assert who.get(f"/b/{letter}ZZZZZZZ.{'x' * 22}").status_code == 404


@pytest.mark.parametrize("letter", "AB")
def test_programs_find_the_cell_by_service_and_reference(cells, letter):
    page = cells.slot(letter)
    slug, slot = page.split("/")[2:]
    api = cells.url + "/api/v1"
    assert requests.get(f"{api}/services/{slug}/slots",
                        timeout=LIMIT_S).status_code == 200
    answer = requests.post(
        f"{api}/bookings?service={slug}", timeout=LIMIT_S,
        json={"slot": int(slot), "name": "Zoé", "email": unique_address()},
        headers={"Idempotency-Key": new_key()})
    assert answer.status_code == 201, answer.text
    link = answer.json()["links"]["self"]
    assert link.startswith(cells.url) and f"/bookings/{letter}" in link
    assert requests.get(link, timeout=LIMIT_S).status_code == 200
    answer = requests.post(link + "/cancel", timeout=LIMIT_S)
    assert answer.status_code == 200, answer.text


def test_a_place_in_line_is_its_cells(cells):
    page = cells.slot("B", capacity=1)
    who = cells.visitor()
    form = who.page(page)
    (action,) = {one for one in form.actions if "/bookings" in one}
    who.post(form.fields | {"name": "Zoé", "seats": "1",
                            "email": unique_address()}, action)
    address = unique_address("line")
    wait = who.page(page + "/wait")
    answer = who.post(wait.fields | {"name": "Ada", "seats": "1",
                                     "email": address}, page + "/wait")
    assert answer.status_code == 303, Page(answer.text).text
    assert "&cell=B" in answer.headers["Location"]
    place = line_of(cells.stacks["B"], address)
    assert place.startswith("/w/B")
    assert who.page(place).title


def test_what_was_booked_before_there_were_cells_opens(cells):
    address = unique_address("before")
    place = cells.book("A", email=address)
    cells.mail("A", address)
    # As it was drawn then; the link's secret is not made of it.
    old = "B" + ref_of(place)[1:]
    with Tables(cells.stacks["A"].env) as tables:
        tables.rows("UPDATE booking SET ref = %s WHERE ref = %s", old,
                    ref_of(place))
    before = place.replace(ref_of(place), old)
    who = cells.visitor()
    assert "You are booked" in who.page(before).text
    assert old in cells.bookctl("A", "trace", old).replace("-", "")
    ask = who.page(before + "/cancel")
    assert who.post(ask.fields, before + "/cancel").status_code == 303


def test_organisers_use_the_cells_own_name(cells):
    place = cells.book("B")
    with requests.Session() as anna:
        anna.auth = (ORGANISER,
                     cells.stacks["B"].at.make_secret("organiser"))
        anna.headers.update({"Host": "b.example.org",
                             "Origin": "http://b.example.org",
                             "Sec-Fetch-Site": "same-origin"})
        page = anna.get(f"{cells.url}/admin/b/{ref_of(place)}",
                        timeout=LIMIT_S)
        assert page.status_code == 200, page.text
        answer = anna.post(
            f"{cells.url}/admin/b/{ref_of(place)}/resend", timeout=LIMIT_S,
            data={"revision": Page(page.text).fields.get("revision", "")},
            allow_redirects=False)
        assert answer.status_code == 303, answer.text
    out = cells.bookctl("B", "feed", "add", "cells")
    assert f"{cells.url}/feed/" in out and ".ics?cell=B" in out
    link = re.search(r"http://\S+", out)[0]
    assert requests.get(link, timeout=LIMIT_S).status_code == 200


def test_one_cell_down_leaves_the_other_working(cells):
    places = {letter: cells.book(letter) for letter in "AB"}
    who = cells.visitor()
    for down, up in ("BA", "AB"):
        cells.stacks[down].stop("nginx")
        answer = who.get(places[down])
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "30"
        assert Page(answer.text).title
        assert requests.get(
            f"{cells.url}/api/v1/bookings/{places[down][3:]}",
            timeout=LIMIT_S).headers["Content-Type"] == \
            "application/problem+json"
        assert "You are booked" in who.page(places[up]).text
        assert ref_of(cells.book(up)).startswith(up)
        cells.stacks[down].start("nginx")
        assert "You are booked" in who.page(places[down]).text


def test_the_front_keeps_no_link_in_its_log(cells):
    cells.stacks["B"].stop("nginx")
    place = cells.book("A").replace("/b/A", "/b/B")
    assert cells.visitor().get(place).status_code == 503
    cells.stacks["B"].start("nginx")
    assert place[3:] not in read_text(cells.stacks["A"].at.log_file("front"))
