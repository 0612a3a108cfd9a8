# SPDX-License-Identifier: MIT
"""What organisers see and do below /admin."""

import datetime
import os
import re
import signal
import time
import zoneinfo

import pytest
import redis
import requests
from stack.organiser import ORGANISER, Organiser
from stack.procs import read_text
from stack.visitor import Page, Visitor, unique_address, wait_until

PAGES = ("/admin", "/admin/search", "/admin/services", "/admin/mails",
         "/admin/log", "/admin/templates",
         "/admin/templates/fr/booking.confirmed")


@pytest.fixture
def anna(stack):
    return Organiser(stack)


def ref_of(place):
    return place.rpartition("/")[2].partition(".")[0]


def state_of(tables, ref, kind="booking.confirmed"):
    """The newest mail of that kind: (state, envelope id)."""
    return tables.rows(
        "SELECT n.state, n.envelope_id FROM notification n JOIN booking b"
        " ON b.id = n.booking_id WHERE b.ref = %s AND n.kind = %s"
        " ORDER BY n.id DESC LIMIT 1", ref, kind)[0]


# ---- who may in -------------------------------------------------------------

def test_nobody_gets_in_without_the_password(stack, visitor):
    for path in PAGES + ("/admin/b/RK7F3M2Q", "/admin/nothing"):
        assert visitor.get(path).status_code == 401, path
    visitor.session.auth = (ORGANISER, "wrong")
    assert visitor.get("/admin").status_code == 401
    # What nginx would read as another place is no way around it.
    for path in ("//admin", "/%61dmin", "/s/../admin", "/admin/../admin"):
        with requests.Session() as session:
            request = requests.Request("GET", stack.http_url).prepare()
            request.url = stack.http_url + path
            answer = session.send(request, timeout=20)
        assert answer.status_code in (401, 404), path


def reload_nginx(stack):
    """Until no worker with the settings before is left to answer."""
    master = stack.pid("nginx")

    def workers():
        return set(read_text(f"/proc/{master}/task/{master}/children").split())

    before = workers()
    os.kill(master, signal.SIGHUP)
    wait_until(lambda: workers() and not before & workers(), 30,
               "nginx with other settings")


def test_no_header_says_who_has_signed_in(stack, whole):
    """A site whose /admin asks for no password opens nothing."""
    path = os.path.join(whole.at.conf, "reservoir.conf")
    with open(path, encoding="utf-8") as file:
        before = file.read()
    assert "location /admin {" in before
    with open(path, "w", encoding="utf-8") as file:
        file.write(before.replace("location /admin {",
                                  "location /elsewhere {").replace(
            "location = /admin/", "location = /elsewhere/"))
    try:
        reload_nginx(whole)
        for headers in ({}, {"Remote-User": ORGANISER},
                        {"REMOTE_USER": ORGANISER},
                        {"X-Remote-User": ORGANISER},
                        {"X-Forwarded-User": ORGANISER}):
            answer = requests.get(
                stack.http_url + "/admin", headers=headers, timeout=20,
                auth=(ORGANISER, stack.at.make_secret("organiser")))
            assert answer.status_code == 403, headers
            assert "no-store" in answer.headers["Cache-Control"]
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(before)
        reload_nginx(whole)
    assert requests.get(stack.http_url + "/admin",
                        timeout=20).status_code == 401


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": None},
    {"Origin": "null", "Sec-Fetch-Site": None},
    {"Origin": None, "Sec-Fetch-Site": "same-site"},
    {"Origin": None, "Sec-Fetch-Site": "none"},
    {"Origin": None, "Sec-Fetch-Site": None},
])
def test_a_form_of_another_site_does_nothing(anna, visitor, tables, headers):
    place = visitor.book(tables.add_slot(1))
    revision = anna.page(f"/admin/b/{ref_of(place)}").fields["revision"]
    for name, value in headers.items():
        if value is None:
            del anna.session.headers[name]
        else:
            anna.session.headers[name] = value
    for what in ("cancel", "resend", "email", "retry", "abort"):
        answer = anna.post({"revision": revision},
                           f"/admin/b/{ref_of(place)}/{what}")
        assert answer.status_code == 403, what
    assert tables.value("SELECT revision FROM booking WHERE ref = %s",
                        ref_of(place)) == int(revision)


def test_the_same_host_by_another_scheme_is_another_site(anna, stack, visitor,
                                                         tables):
    """A page in clear, which anybody on the way may have written, beside one
    by TLS; by its origin, where the browser says no more."""
    ref = ref_of(visitor.book(tables.add_slot(1)))
    revision = anna.page(f"/admin/b/{ref}").fields["revision"]
    del anna.session.headers["Sec-Fetch-Site"]
    for origin, status in ((stack.http_url.replace("http:", "https:"), 403),
                           (stack.http_url, 303)):
        anna.session.headers["Origin"] = origin
        assert anna.post({"revision": revision},
                         f"/admin/b/{ref}/resend").status_code == status


def test_a_get_changes_nothing(anna, visitor, tables):
    ref = ref_of(visitor.book(tables.add_slot(1)))
    for what in ("cancel", "erase"):
        assert anna.get(f"/admin/b/{ref}/{what}").status_code == 200
    for what in ("resend", "email", "retry", "abort"):
        answer = anna.get(f"/admin/b/{ref}/{what}")
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/admin/b/{ref}"
    assert tables.rows("SELECT revision, cancelled_at, erased_at FROM booking"
                       " WHERE ref = %s", ref) == ((0, None, None),)


def test_a_browser_says_where_organisers_post_from(anna, stack, visitor,
                                                   tables):
    # Without a referrer it sends "Origin: null", and is refused.
    place = visitor.book(tables.add_slot(1))
    for path in (f"/admin/b/{ref_of(place)}", "/admin/feeds"):
        assert anna.get(path).headers["Referrer-Policy"] == "same-origin"
    # Visitors' addresses stay secret, whatever stands behind them.
    for path in (place, place + "/admin/b/", f"{place}?a=/admin/b/"):
        assert visitor.get(path).headers["Referrer-Policy"] == "no-referrer"


# ---- lists ------------------------------------------------------------------

def test_the_day_shows_its_bookings_by_service(anna, visitor, tables):
    slot_page = tables.add_slot(3)
    slot = slot_page.rpartition("/")[2]
    visitor.book(slot_page, name="Léa <b>Jour</b>", notes="Fauteuil roulant")
    starts, zone = tables.rows(
        "SELECT s.starts_at, v.zone FROM slot s JOIN service v"
        " ON v.id = s.service_id WHERE s.id = %s", slot)[0]
    assert zone == "Europe/Paris"
    # The day in the service's zone, which late at night is the next one.
    day = starts.replace(tzinfo=datetime.timezone.utc).astimezone(
        zoneinfo.ZoneInfo(zone))
    answer = anna.get(f"/admin?day={day:%Y-%m-%d}")
    assert answer.status_code == 200
    assert "Léa &lt;b&gt;Jour" in answer.text
    assert "Fauteuil roulant" in answer.text
    assert "<script" not in answer.text
    assert "Set-Cookie" not in answer.headers
    page = Page(answer.text)
    assert any(link.startswith("/admin?day=") for link in page.links)
    for day in ("", "2025-02-30", "x", "9999-12-31", "0001-01-01"):
        assert anna.get(f"/admin?day={day}").status_code == 200, day


def test_a_booking_is_found_by_reference_address_and_name(anna, visitor,
                                                          tables):
    address = unique_address("cherche")
    ref = ref_of(visitor.book(tables.add_slot(1), email=address,
                              name="Zébulon Perdu"))
    for term in (ref, f"{ref[:4]}-{ref[4:]}".lower(), address,
                 address[:14], "lon Perd"):
        page = Page(anna.get("/admin/search?q=" + term).text)
        assert f"/admin/b/{ref}" in page.links, term
    for term in ("%25%25", "__", "' OR 2=2 -- ", "nobody-at-all"):
        page = Page(anna.get("/admin/search?q=" + term).text)
        assert not [one for one in page.links if "/admin/b/" in one], term
    assert 'aria-invalid="true"' in anna.get("/admin/search?q=a").text


def test_no_searched_address_is_logged(stack, anna):
    term = unique_address("geheim")
    anna.get("/admin/search?q=" + term)
    for name in ("access", "booking"):
        with open(os.path.join(stack.at.log, name + ".log"),
                  encoding="utf-8") as file:
            assert term not in file.read(), name


# ---- a booking's story ---------------------------------------------------------

def test_the_story_tells_from_the_post_to_the_last_reply(anna, stack, tables,
                                                         mailbox):
    address = unique_address("story")
    visitor = Visitor(stack.http_url)
    answer = visitor.post(visitor.form(tables.add_slot(1), email=address))
    request_id = answer.headers["X-Request-Id"]
    ref = ref_of(answer.headers["Location"])
    mailbox.wait_for(address)
    wait_until(lambda: state_of(tables, ref)[0] == 1, 30, "the verdict")
    page = anna.page(f"/admin/b/{ref}")
    text = page.text
    assert f"{ref[:4]}-{ref[4:]}" in page.title
    assert request_id in text
    assert f"{ref[:4]}-{ref[4:]}" in text
    assert address in text
    assert f"{ref}.confirm.0" in text
    assert "Confirmation – sent" in text
    assert "250" in text
    french = Page(Organiser(stack, "fr").get(f"/admin/b/{ref}").text).text
    assert "Confirmation – envoyé" in french


@pytest.mark.parametrize("ref", ["RK7F3M2Q", "x", "--------", "%27"])
def test_a_booking_that_is_not_there_is_404(anna, ref):
    assert "/admin" in Page(anna.get(f"/admin/b/{ref}").text).links
    assert anna.get(f"/admin/b/{ref}").status_code == 404
    assert anna.post({}, f"/admin/b/{ref}/cancel").status_code == 404


def test_the_story_looks_for_no_mail_in_the_intake(anna, visitor, tables,
                                                   whole):
    whole.stop("maild")
    ref = ref_of(visitor.book(tables.add_slot(1)))
    with redis.Redis(unix_socket_path=whole.env["REDIS_SOCKET"]) as client:
        intake = whole.env["QUEUE_PREFIX"] + "intake"
        for text in client.lrange(intake, 0, -1):
            if ref.encode() in text:
                client.lrem(intake, 1, text)    # as if it were far behind
    assert "(waiting, not looked at yet)" in anna.page(f"/admin/b/{ref}").text


def test_the_story_waits_for_no_queue(anna, visitor, tables, whole):
    ref = ref_of(visitor.book(tables.add_slot(1)))
    whole.kill("redis", signal.SIGSTOP)
    try:
        begun = time.monotonic()
        answer = anna.get(f"/admin/b/{ref}")
        # A visitor's limit, far above ours and far below a time-out.
        assert time.monotonic() - begun < 5
        assert answer.status_code == 200
        assert "The queue does not answer" in answer.text
    finally:
        whole.kill("redis", signal.SIGCONT)


# ---- what organisers do ----------------------------------------------------------

def test_cancelling_says_why_and_who(anna, visitor, tables, mailbox):
    slot_page = tables.add_slot(1)
    address = unique_address("grund")
    ref = ref_of(visitor.book(slot_page, email=address))
    answer = anna.do(ref, "cancel", reason="  Dr Été est malade & absent ")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/admin/b/{ref}?done=cancel"
    page = anna.get(answer.headers["Location"])
    assert 'role="status"' in page.text
    assert "Dr Été est malade &amp; absent" in page.text
    assert tables.value("SELECT booked FROM slot_inventory WHERE slot_id = %s",
                        slot_page.rpartition("/")[2]) == 0
    wait_until(lambda: len(mailbox.mails_to(address)) == 2, 30, "two mails")
    last = mailbox.mail(mailbox.mails_to(address)[1])
    assert "malade" in last.get_body(("plain",)).get_content()
    assert tables.rows(
        "SELECT e.actor, e.action FROM booking_event e JOIN booking b"
        " ON b.id = e.booking_id WHERE b.ref = %s", ref) == (
            (ORGANISER, "cancelled"),)
    line = anna.get("/admin/log").text
    assert f"/admin/b/{ref}" in line and ORGANISER in line


def test_a_button_pressed_twice_works_once(anna, visitor, tables):
    ref = ref_of(visitor.book(tables.add_slot(1)))
    seen = {"revision": anna.page(f"/admin/b/{ref}").fields["revision"]}
    first = anna.post(seen, f"/admin/b/{ref}/resend")
    second = anna.post(seen, f"/admin/b/{ref}/resend")
    assert first.headers["Location"].endswith("done=resend")
    assert second.headers["Location"].endswith("done=meanwhile")
    assert tables.value(
        "SELECT COUNT(*) FROM notification n JOIN booking b ON b.id ="
        " n.booking_id WHERE b.ref = %s AND n.kind = 'booking.confirmed'",
        ref) == 2


def test_the_organiser_corrects_an_address(anna, visitor, tables, mailbox):
    ref = ref_of(visitor.book(tables.add_slot(1)))
    answer = anna.do(ref, "email", email="zoe@nowhere")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text and "zoe@nowhere" in answer.text
    assert 'href="#email"' in answer.text
    assert 'aria-describedby="email-hint email-error"' in answer.text
    address = unique_address("richtig")
    assert anna.do(ref, "email", email=address).status_code == 303
    assert address.encode() in mailbox.wait_for(address)


def test_a_refusal_that_was_made_good_alarms_nobody(anna, visitor, tables,
                                                    mailbox):
    address = unique_address("good")
    place = visitor.book(tables.add_slot(1), email=address)
    ref = ref_of(place)
    mailbox.wait_for(address)
    wait_until(lambda: state_of(tables, ref)[0] == 1, 30, "the verdict")
    tables.rows("UPDATE notification SET state = 2, reply = 'rejected: 550'"
                " WHERE envelope_id = %s", f"{ref}.confirm.0")
    found = f"/admin/search?q={ref}"
    assert "E-mail not delivered" in anna.page(found).text
    assert anna.do(ref, "email",
                   email=unique_address("better")).status_code == 303
    wait_until(lambda: "E-mail not delivered" not in anna.page(found).text,
               30, "a list without an alarm")


@pytest.mark.parametrize("language, reply, words", [
    ("fr", "rejected: 550 5.1.1 no", "refusé par le serveur\u00a0:"
     ' <q lang="">550 5.1.1 no</q>'),
    ("en", "rejected: 550 5.1.1 no",
     'refused by the server: <q lang="">550 5.1.1 no</q>'),
    ("fr", "expired: too old to be sent", "trop longtemps sans succès\n</dd>"),
    ("fr", "poison: 3 workers crashed on it", "l’envoi échoue à chaque essai\u00a0:"
     ' <q lang="">3 workers crashed on it</q>'),
    ("fr", "no relay may be used now",
     "aucun serveur d’envoi n’est utilisable pour le moment\n</dd>"),
    ("fr", "<i>: 1", '<q lang="">&lt;i&gt;: 1</q>')])
def test_our_words_are_in_the_readers_language_servers_are_quoted(
        stack, tables, visitor, language, reply, words):
    ref = ref_of(visitor.book(tables.add_slot(1)))
    # Its own verdict comes first: a later one would be right to replace ours.
    wait_until(lambda: state_of(tables, ref)[0] == 1, 30, "the verdict")
    tables.rows("UPDATE notification SET state = 2, due_at = NULL, reply = %s"
                " WHERE envelope_id = %s", reply, f"{ref}.confirm.0")
    wait_until(lambda: words in Organiser(stack, language).get(
        f"/admin/b/{ref}").text, 10, words)
    assert words.partition("\n")[0] in Organiser(stack, language).get(
        "/admin/mails").text


@pytest.mark.parametrize("detail, french, english", [
    ("1 bookings", "1 réservation", "1 booking"),
    ("264 slots", "264 créneaux", "264 slots"),
    ("264 slots more", "264 slots more", "264 slots more"),
    ("2027-03-28T14:30:00+02:00: 3 -> 5", "2027-03-28 14:30\u00a0: 3 → 5",
     "2027-03-28 14:30: 3 → 5"),
    ("2027-03-28T14:30:00+02:00 -> 2027-11-01T09:00:00+01:00",
     "2027-03-28 14:30 → 2027-11-01 09:00",
     "2027-03-28 14:30 → 2027-11-01 09:00"),
    ("2027-03-28T14:30:00+02:00", "2027-03-28 14:30", "2027-03-28 14:30")])
def test_the_log_is_in_the_readers_language(stack, tables, detail, french,
                                            english):
    tables.rows("INSERT INTO audit (at, actor, action, object, detail,"
                " request_id) VALUES (NOW(3), 'a', 'exported', 'x', %s, '')",
                detail)
    for language, words in (("fr", french), ("en", english)):
        page = Organiser(stack, language).get("/admin/log").text
        assert f"<td>{words}</td>" in page, words


def test_a_bad_reason_is_said(anna, visitor, tables):
    ref = ref_of(visitor.book(tables.add_slot(1)))
    for reason in ("x" * 501, "abc\u202edef"):
        answer = anna.do(ref, "cancel", reason=reason)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert 'href="#reason"' in answer.text
        assert answer.text.count('aria-invalid="true"') == 1
        assert Page(answer.text).fields["reason"] == reason


def test_a_dead_letter_is_tried_again_and_sent(anna, visitor, tables, whole,
                                               mailbox):
    whole.stop("maild")
    address = unique_address("lazare")
    ref = ref_of(visitor.book(tables.add_slot(1), email=address))
    mail = state_of(tables, ref)[1]
    # As if it had been refused and its job forgotten since.
    tables.rows("UPDATE notification SET state = 2, due_at = NULL,"
                " final_at = NOW(3), reply = 'rejected: 550 5.1.1 no'"
                " WHERE envelope_id = %s", mail)
    page = anna.get("/admin/mails?state=dead&cause=rejected").text
    assert mail in page and "550 5.1.1 no" in page
    assert mail not in anna.get("/admin/mails?state=sent").text
    assert re.search(r"Confirmation – refused",
                     anna.page(f"/admin/b/{ref}").text)
    answer = anna.do(ref, "retry", mail=mail)
    assert answer.headers["Location"].endswith("done=retry")
    assert state_of(tables, ref)[0] == 0
    whole.start("maild")
    mailbox.wait_for(address)
    wait_until(lambda: state_of(tables, ref)[0] == 1, 30, "the verdict")
    # What is sent is not tried again, nor a mail of another booking.
    assert anna.do(ref, "retry", mail=mail).headers["Location"].endswith(
        "done=meanwhile")
    assert anna.do(ref, "retry", mail="AAAAAAAA.confirm.0").headers[
        "Location"].endswith("done=meanwhile")


def test_an_open_mail_is_withdrawn(anna, visitor, tables, whole, mailbox):
    whole.stop("smtp")
    address = unique_address("retire")
    ref = ref_of(visitor.book(tables.add_slot(1), email=address))
    mail = state_of(tables, ref)[1]
    assert anna.do(ref, "abort", mail=mail).headers["Location"].endswith(
        "done=abort")
    assert state_of(tables, ref)[0] == 4
    wait_until(lambda: tables.value(
        "SELECT due_at IS NULL FROM notification WHERE envelope_id = %s",
        mail), 30, "the relay to take it out")
    whole.start("smtp")
    other = unique_address("after")
    visitor.book(tables.add_slot(1), email=other)
    mailbox.wait_for(other)
    assert not mailbox.mails_to(address)
