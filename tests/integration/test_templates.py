# SPDX-License-Identifier: MIT
"""The sysadmin's own pages, texts and languages, on the whole stack."""

import json
import os
import re
import shutil
import signal
import subprocess

import pytest
import redis
from stack.layout import TOP, write_text
from stack.organiser import Organiser
from stack.procs import read_text
from stack.visitor import (Visitor, at_once, new_key, unique_address,
                           wait_until)

LIMIT_S = 30


class Own:
    """The files of a sysadmin, gone again at the end."""

    def __init__(self, stack):
        self.stack = stack
        self.made = []

    def put(self, path, text):
        """Writes templates/... or locale/...; returns the whole path."""
        path = self.stack.at.path(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_text(path, text)
        self.made.append(path)
        return path

    def copy(self, source, path, change=lambda text: text):
        return self.put(path, change(read_text(os.path.join(TOP, source))))

    def log(self, name="booking"):
        return read_text(self.stack.at.log_file(name))

    def reload(self, name="booking"):
        before = self.log(name).count("reloaded")
        old = set(self.stack.children(name).values())
        os.kill(self.stack.pid(name), signal.SIGHUP)
        wait_until(lambda: self.log(name).count("reloaded") > before and
                   not old & set(self.stack.children(name).values()),
                   LIMIT_S, f"the reload of {name}")

    def check(self, status, *words):
        """What bookctl check-templates says."""
        done = subprocess.run(
            [self.stack.env["BOOKCTL"], "-c", self.stack.env["BOOKING_CONF"],
             "check-templates", *words],
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == status, (done.stdout, done.stderr)
        return done.stdout + done.stderr

    def start_check(self):
        done = subprocess.run(
            [self.stack.env["BOOKING_FCGI"], "-t", "-c",
             self.stack.env["BOOKING_CONF"]],
            capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def drop(self):
        for path in self.made:
            if os.path.exists(path):
                os.unlink(path)
        for name in ("templates/web", "templates/de"):
            shutil.rmtree(self.stack.at.path(name), ignore_errors=True)


@pytest.fixture
def own(stack):
    one = Own(stack)
    yield one
    one.drop()
    one.reload()
    one.reload("maild")


def first_page(stack, language="fr"):
    answer = Visitor(stack.http_url, language).get("/")
    assert answer.status_code == 200
    return answer.text


def test_pages_are_the_sysadmins(stack, own):
    assert own.check(0) == "all pages and languages are good\n"
    assert own.start_check()[0] == 0
    own.copy("templates/web/services.html", "templates/web/services.html",
             lambda text: text.replace("<h1>", "<h1>At St. Mary's: "))
    own.put("locale/fr.json", '{"web": {"site": {"name": "Chez Zoé"}}}')
    own.reload()
    page = first_page(stack)
    assert "<h1>At St. Mary's: " in page and "– Chez Zoé</title>" in page
    assert "Chez Zoé" not in first_page(stack, "en")
    assert own.check(0) == "all pages and languages are good\n"

    # A mistake: the shipped page is shown, one alert names file and line.
    path = own.put("templates/web/services.html", "<h1>\n{{#never}}")
    text = own.put("locale/fr.json", '{"web":\n{"site": "no group"}}')
    before = own.log()
    own.reload()
    assert "<h1>Réserver en ligne" in first_page(stack)
    at_once(16, lambda _: Visitor(stack.http_url).page("/"))
    said = own.log()[len(before):]
    assert said.count("alert key=") == 2, said
    assert (f"alert key=page-broken:services.html: ignored edited page: "
            f"{path}:2: " in said)
    assert f"alert key=catalogue-broken:fr.json: ignored catalogue: {text}:2:" \
        in said
    status, told = own.start_check()
    assert status == 78
    for words in (own.check(78), told):
        assert f"{path}:2: " in words and f"{text}:2: " in words

    # One that only fails when it is rendered: the same, and once.
    own.put("templates/web/services.html", "{{>services}}")
    os.unlink(text)
    before = own.log()
    own.reload()
    assert "<h1>Réserver en ligne" in first_page(stack)
    at_once(16, lambda _: Visitor(stack.http_url).page("/"))
    said = own.log()[len(before):]
    assert said.count("alert key=page-broken:services.html: left edited page")\
        == 1, said
    # Started like that, the site is there.
    stack.restart("booking")
    assert "<h1>Réserver en ligne" in first_page(stack)
    os.unlink(path)
    own.reload()


def german(catalogue):
    """French as German: what it says is told apart by its words."""
    catalogue |= {"tag": "de", "name": "Deutsch", "plural": "n==1",
                  "first_day": "1.", "date": "{weekday}, {day}. {month} {year}"}
    catalogue["web"]["services"]["title"] = "Termin buchen"
    catalogue["mail"]["seats"] = {"one": "{n} Platz", "other": "{n} Plätze"}
    return catalogue


def test_a_third_language(stack, own, tables, mailbox):
    with open(os.path.join(TOP, "locale/fr.json"), encoding="utf-8") as file:
        catalogue = german(json.load(file))
    intro = catalogue["web"]["services"].pop("intro")
    del catalogue["web"]["free"]["one"]
    catalogue["web"]["nobody"] = "fragt danach"
    own.put("locale/de.json", json.dumps(catalogue))
    for name in os.listdir(os.path.join(TOP, "templates/mail/fr")):
        if not name.startswith("place.free"):
            own.copy(f"templates/mail/fr/{name}", f"templates/de/{name}",
                     lambda text: text.replace("Bonjour", "Guten Tag")
                     .replace('<html lang="fr">', '<html lang="de">'))
    own.reload()
    own.reload("maild")
    assert 'hreflang="de"' in first_page(stack)
    visitor = Visitor(stack.http_url, "de-AT,de;q=0.9,en;q=0.5")
    answer = visitor.get("/")
    assert '<html lang="de">' in answer.text
    assert "<h1>Termin buchen</h1>" in answer.text
    # The gap is filled in the site's language.
    assert intro in answer.text

    address = unique_address("deutsch")
    place = visitor.book(tables.add_slot(1), email=address)
    raw = mailbox.wait_for(address)
    assert b"\r\nContent-Language: de\r\n" in raw
    message = mailbox.mail(mailbox.mails_to(address)[0])
    text = message.get_body(("plain",)).get_content()
    assert "Guten Tag Zoé Martin" in text and "(1 Platz)" in text
    assert place in text

    said = own.check(78)
    de = own.stack.at.path("locale/de.json")
    mails = own.stack.at.path("templates/de")
    assert sorted(line for line in said.splitlines()) == sorted([
        f"{de}: \"web.services.intro\" is missing",
        f"{de}: \"web.free\" lacks the form \"one\"",
        f"{de}:1: nobody asks for \"web.nobody\"",
        f"{mails}/place.free.txt: this mail's text is missing",
        f"{mails}/place.free.html: this mail's text is missing"])
    report = json.loads(own.check(78, "--json"))["reports"]
    assert {one["kind"] for one in report} == {"fault", "gap"}
    assert {one["language"] for one in report} == {"de"}
    status, told = own.start_check()
    assert status == 78 and "languages lack texts" in told


def test_a_fault_in_a_template_never_stops_a_mail(stack, own, tables,
                                                  mailbox):
    """Broken, or good and not to be rendered; the sysadmin's own language."""
    own.put("templates/fr/booking.confirmed.txt", "Subject: x\n\n{{#never}}")
    own.put("templates/fr/_facts.html", "{{>facts}}")
    own.put("templates/en/booking.confirmed.html", "{{{ref}}}")
    own.reload("maild")
    for language, hello in (("fr", "Bonjour"), ("en", "Hello")):
        address = unique_address("fault")
        Visitor(stack.http_url, language).book(tables.add_slot(1),
                                               email=address)
        mailbox.wait_for(address)
        message = mailbox.mail(mailbox.mails_to(address)[0])
        for part in ("plain", "html"):
            words = message.get_body((part,)).get_content()
            assert f"{hello} Zoé Martin" in words.replace("<bdi>", "")
            assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", words)
    said = own.log("maild")
    assert "alert key=template-broken:fr/booking.confirmed.txt: ignored" in said
    assert "alert key=template-broken:fr/booking.confirmed.html: left" in said
    assert "alert key=template-broken:en/booking.confirmed.html: left" in said


@pytest.mark.parametrize("calendar", [
    {"start": "yesterday"}, {"sequence": -1}, {"method": "DELETE"},
    {"uid": "two words"}, {"end": "2025-12-03T13:30:00Z"}, 7])
def test_a_fault_in_a_calendar_never_stops_a_mail(stack, mailbox, calendar):
    """It goes without the invitation."""
    with open(os.path.join(TOP, "templates/mail/sample.json"),
              encoding="utf-8") as file:
        data = json.load(file)["booking.confirmed"]
    data["calendar"] = (calendar if calendar == 7
                        else data["calendar"] | calendar)
    address = unique_address("calendar")
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as server:
        server.rpush(stack.env["QUEUE_PREFIX"] + "intake", json.dumps({
            "v": 1, "id": new_key(), "kind": "booking.confirmed",
            "to": {"name": "Zoé", "email": address}, "locale": "fr",
            "data": data}))
    mailbox.wait_for(address)
    message = mailbox.mail(mailbox.mails_to(address)[0])
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html"]
    assert "RK7F-3M2Q" in message.get_body(("html",)).get_content()


# ---- the preview ---------------------------------------------------------------

def test_organisers_see_every_mail_before_it_is_sent(stack, own):
    organiser = Organiser(stack)
    links = [link for link in organiser.page("/admin/templates").links
             if link.startswith("/admin/templates/")]
    assert {link.split("/")[3] for link in links} == {
        name.partition(".")[0]
        for name in os.listdir(os.path.join(TOP, "locale"))}
    for link in links:
        text = organiser.get(link).text
        assert f'<iframe class="letter" sandbox src="{link}/html"' in text
        assert "{{" not in text and 'class="notice bad"' not in text, link
        page = organiser.get(link + "/html")
        assert page.status_code == 200 and f'lang="{link.split("/")[3]}"' \
            in page.text
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox; default-src 'none';")
        assert "'unsafe-inline'" not in policy.partition("style-src")[0]
        assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    text = organiser.page("/admin/templates/en/booking.confirmed").text
    assert "Consultation, Wednesday 3 December 2025, 14:30" in text
    assert "RK7F-3M2Q" in text

    # The sysadmin's, as it is in the file now; a mistake with its line.
    own.put("templates/en/booking.moved.txt", "Subject: {{ref}} <b>\n\nMine.")
    own.put("templates/en/sample.json",
            '{"booking.moved": {"ref": "MY-REF & more"}}')
    path = own.put("templates/en/booking.moved.html", "x\n{{#never}}")
    answer = organiser.get("/admin/templates/en/booking.moved").text
    assert "MY-REF &amp; more &lt;b&gt;" in answer and ">Mine.<" in answer
    assert f"{path}:2: a section that is never closed" in answer
    answer = organiser.get("/admin/templates").text
    assert f"{path}:2: " in answer and "badge bad" in answer
    assert "alert key=" not in own.log().rpartition("reloaded")[2]


@pytest.mark.parametrize("path", [
    "fr/no.such", "xx/notice", "fr/_top", "fr/..", "fr/%2e%2e%2fnotice",
    "fr/notice/htm", "fr/notice/html/x", "fr/" + "x" * 200, "web/services",
    "fr/_top/html", "%ff/notice", "fr/notice%00/html"])
def test_what_is_no_mail_is_not_found(stack, path):
    answer = Organiser(stack).get("/admin/templates/" + path)
    assert answer.status_code in (400, 404), path


def test_the_preview_is_for_who_has_signed_in(stack):
    for path in ("", "/fr/notice", "/fr/notice/html"):
        answer = Visitor(stack.http_url).get("/admin/templates" + path)
        assert answer.status_code == 401


def test_mails_that_are_elsewhere_are_said_to_be(whole, own, tmp_path):
    share = tmp_path / "share"
    (share / "templates").mkdir(parents=True)
    for name in ("templates/web", "locale"):
        (share / name).symlink_to(os.path.join(TOP, name))
    whole.overrides["booking"].update(data_dir=str(share))
    whole.restart("booking")
    answer = Organiser(whole).get("/admin/templates").text
    assert f"{share}/templates/mail" in answer and "<table>" not in answer
    assert Organiser(whole).get("/admin/templates/fr/notice").status_code \
        == 404
    assert own.check(0) == "all pages and languages are good\n"
