# SPDX-License-Identifier: MIT
"""Forms on other people's sites: POST /f/{formkey}."""

import json
import re
import secrets
import urllib.parse

import pymysql
import pytest
import requests
from stack.keys import add_form_key, bookctl_says
from stack.stamps import foreign_done
from stack.visitor import Page, at_once, unique_address, wait_until

SITE = "https://site.example"
THANKS = SITE + "/thanks"


@pytest.fixture(scope="module")
def form_key(stack):
    return add_form_key(stack, [SITE, "http://other.example:8080"], [THANKS])


@pytest.fixture
def post(stack, form_key):
    """Posts a form as a browser on another site would."""
    def call(fields, origin=SITE, key=form_key, **more):
        headers = {"Accept": "text/html", "Accept-Language": "en"}
        headers.update(more.pop("headers", {}))
        if origin is not None:
            headers["Origin"] = origin
        if "json" not in more and "data" not in more:
            more["data"] = fields
        return requests.post(f"{stack.http_url}/f/{key}", headers=headers,
                             timeout=30, allow_redirects=False, **more)

    return call


@pytest.fixture
def form(tables):
    slot = tables.add_slot(5).rpartition("/")[2]
    return {"slot": slot, "name": "Zoé Martin",
            "email": unique_address("site"), "_gotcha": ""}


def bookings(tables, form):
    return tables.bookings_of(form["email"])


def test_a_plain_form_books_and_leads_to_the_booking(post, form, tables,
                                                     mailbox, visitor):
    answer = post(form)
    assert answer.status_code == 303
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in answer.headers["Vary"]
    assert re.fullmatch(r"/b/[0-9A-Z]{8}\.[\w-]{22}",
                        answer.headers["Location"].partition("?")[0])
    assert "Zoé Martin" in visitor.page(answer.headers["Location"]).text
    assert bookings(tables, form) == 1
    mailbox.wait_for(form["email"])


def test_a_multipart_form_books_too(post, form, tables):
    parts = {name: (None, value) for name, value in form.items()}
    assert post(None, data=None, files=parts).status_code == 303
    assert bookings(tables, form) == 1


def encoded(form, charset):
    """A form as a page in that encoding posts it."""
    return urllib.parse.urlencode({
        name: value.encode(charset, "xmlcharrefreplace")
        for name, value in form.items()})


@pytest.mark.parametrize("said", ["header", "field"])
def test_a_page_in_another_encoding_books(post, form, tables, said):
    form |= {"name": "Zoé Łukasik", "notes": "50 € – été"}
    if said == "field":
        form |= {"_charset_": "windows-1252"}
    answer = post(None, data=encoded(form, "cp1252"), headers={
        "Content-Type": "application/x-www-form-urlencoded" + (
            "; charset=windows-1252" if said == "header" else "")})
    assert answer.status_code == 303
    assert tables.rows("SELECT name, notes FROM booking WHERE email = %s",
                       form["email"]) == (("Zoé Łukasik", "50 € – été"),)


def test_letters_that_were_guessed_at_are_shown_and_not_booked(
        stack, post, form, tables):
    form |= {"notes": "côté jardin"}
    answer = post(None, data=encoded(form, "cp1252"), headers={
        "Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 422 and bookings(tables, form) == 0
    page = Page(answer.text)
    assert page.text.count("Please check the letters") == 4  # top and beside
    assert page.fields["name"] == "Zoé Martin"
    assert "côté jardin</textarea>" in answer.text
    # Sent from our page, which writes UTF-8, it is taken.
    assert post(page.fields | {"notes": "côté jardin"},
                origin=stack.http_url).status_code == 303
    assert tables.rows("SELECT name, notes FROM booking WHERE email = %s",
                       form["email"]) == (("Zoé Martin", "côté jardin"),)


def test_the_site_s_own_page_comes_next_with_the_reference(post, form,
                                                           tables):
    answer = post(form | {"_next": THANKS + "?lang=fr#end"})
    ref = tables.value("SELECT ref FROM booking WHERE email = %s",
                       form["email"])
    assert answer.status_code == 303
    assert answer.headers["Location"] == THANKS + f"?lang=fr&ref={ref}#end"


@pytest.mark.parametrize("place", [
    "https://evil.example/thanks", SITE, THANKS + "giving",
    THANKS + "/../x", "//evil.example", "/thanks", "javascript:alert(1)",
    THANKS + "\r\nX-Evil: 1", THANKS + "/%2e%2e/x",
    "https://site.example@evil.example/thanks", "https://site.example\\@e.x"])
def test_nobody_is_sent_elsewhere(post, form, tables, place):
    answer = post(form | {"_next": place})
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "X-Evil" not in answer.headers
    assert bookings(tables, form) == 0


@pytest.mark.parametrize("origin", [
    "https://evil.example", "null", "http://site.example", SITE + ":444",
    "https://site.example.evil.example", "*", "", None,
    SITE + " https://evil.example"])
def test_other_pages_may_not(post, form, tables, origin):
    answer = post(form, origin=origin)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]
    assert bookings(tables, form) == 0


@pytest.mark.parametrize("origin, said", [
    ("null", "(Origin: null)"), ("https://evil.example", "https://evil.exam"),
    ("<b>", "(Origin: null)"), (None, "(Origin: null)")])
def test_who_may_not_book_there_is_told_why_and_led_on(
        stack, post, form, origin, said, tables):
    slug = tables.value("SELECT s.slug FROM service s JOIN slot t ON"
                        " t.service_id = s.id WHERE t.id = %s", form["slot"])
    answer = post(form, origin=origin)
    assert answer.status_code == 403 and "<b>" not in answer.text
    page = Page(answer.text)
    assert said in page.text
    ours = [link for link in page.links
            if link.endswith(f"/s/{slug}/{form['slot']}")]
    assert len(ours) == 1
    assert requests.get(ours[0], timeout=20).status_code == 200
    assert form["email"] not in answer.text
    # What it was about is unknown: then to the services.
    assert post(form | {"slot": "x"}, origin=origin).status_code == 403


FRAMERS = SITE + " http://other.example:8080"


def may_be_framed(answer, by=FRAMERS):
    policy = answer.headers["Content-Security-Policy"]
    assert policy.count("frame-ancestors") == 1
    framed = f"; frame-ancestors {by}; " in policy
    assert framed or "frame-ancestors 'none'" in policy
    # The old header knows no list: it must not say otherwise.
    assert ("X-Frame-Options" in answer.headers) != framed
    assert ('<base target="_top">' in answer.text) == framed
    return framed


def test_only_what_a_key_leads_to_may_be_framed(stack, post, form, form_key,
                                                visitor):
    def get(path):
        return requests.get(stack.http_url + path, timeout=20)

    assert may_be_framed(get(f"/f/{form_key}?slot={form['slot']}"))
    assert may_be_framed(get(foreign_done(stack, form_key, "booked")))
    assert may_be_framed(post(form | {"email": "no"}))
    assert may_be_framed(post(form, origin="null"))
    key = add_form_key(stack, ["https://c.example"])
    assert may_be_framed(get(f"/f/{key}?slot={form['slot']}"),
                         "https://c.example")
    place = post(form).headers["Location"]
    for path in ("/", "/privacy", place, "/f/nobodys?slot=1",
                 f"/s/{form['slot']}", "/static/reservoir.css",
                 visitor.slot_pages()[0] + f"?key={form_key}"):
        assert not may_be_framed(get(path))


def test_in_a_frame_the_visitor_is_told_and_shown_no_booking(post, form):
    inside = {"Sec-Fetch-Dest": "iframe"}
    answer = post(form, headers=inside)
    assert "what=booked" in answer.headers["Location"]
    other = post(form | {"name": "Ben", "_next": THANKS}, headers=inside)
    assert other.headers["Location"].startswith(THANKS)


def test_a_frame_holds_the_form_with_one_time_or_a_choice(
        stack, post, form, form_key, tables):
    def get(query):
        answer = requests.get(f"{stack.http_url}/f/{form_key}?{query}",
                              timeout=20, allow_redirects=False,
                              headers={"Accept-Language": "en"})
        return answer, Page(answer.text)

    slug = tables.value("SELECT s.slug FROM service s JOIN slot t ON"
                        " t.service_id = s.id WHERE t.id = %s", form["slot"])
    answer, page = get(f"service={slug}")
    assert answer.status_code == 200 and page.kinds["slot"] == "radio"
    assert page.actions[-1] == f"/f/{form_key}"
    # Nothing is chosen: the form comes back, with what was typed.
    typed = {"name": "Zoé", "email": form["email"], "service": slug,
             "instead_of": page.fields["instead_of"]}
    back = post(typed, origin=stack.http_url)
    assert back.status_code == 422
    assert Page(back.text).kinds["slot"] == "radio"
    answer, page = get(f"slot={form['slot']}")
    assert answer.status_code == 200 and page.fields["slot"] == form["slot"]
    done = post(page.fields | typed, origin=stack.http_url)
    assert done.status_code == 303 and bookings(tables, form) == 1
    for what, status in (("booked = 5", 409), ("closed = 1", 404)):
        tables.rows(f"UPDATE slot_inventory SET {what} WHERE slot_id = %s",
                    form["slot"])
        assert get(f"slot={form['slot']}")[0].status_code == status
    for query, status in (("slot=x", 404), ("slot=9999999", 404),
                          ("service=none", 404), ("x=1", 303)):
        assert get(query)[0].status_code == status


def test_an_old_browser_says_its_page_instead(post, form):
    assert post(form, origin=None, headers={
        "Referer": SITE + "/book.html"}).status_code == 303


@pytest.mark.parametrize("key", ["0" * 16, "x", "'OR 1=1--", "%27", "é"])
def test_a_key_that_nobody_has(post, form, key):
    assert post(form, key=key).status_code == 404


def test_a_revoked_key_books_nothing(stack, post, form, tables):
    key = add_form_key(stack, [SITE])
    assert post(form, key=key).status_code == 303
    assert bookctl_says(stack, "key", "revoke", key)[0] == 0
    assert bookctl_says(stack, "key", "revoke", key)[0] == 65
    answer = post(form | {"email": unique_address()}, key=key)
    assert answer.status_code == 404
    assert "Access-Control-Allow-Origin" not in answer.headers


def trapped(stack, key):
    rows = json.loads(bookctl_says(stack, "key", "list", "--json")[1])
    return next(row["trapped"] for row in rows if row["key"] == key)


def test_the_hidden_field_books_nothing_and_leaves_a_way_on(
        stack, post, form, form_key, tables):
    before = trapped(stack, form_key)
    answer = post(form | {"_gotcha": "Zoé Martin", "notes": "côté jardin",
                          "_next": THANKS})
    assert answer.status_code == 422 and bookings(tables, form) == 0
    page = Page(answer.text)
    assert "Nothing is booked yet" in page.text
    assert "_gotcha" not in page.fields
    said = post(None, json=form | {"_gotcha": "x"})
    assert said.status_code == 422
    assert said.json()["type"].endswith("/problems/form-trapped")
    assert bookings(tables, form) == 0
    assert trapped(stack, form_key) == before + 2
    # One press on our page, and it is booked, with all that was typed.
    done = post(page.fields | {"notes": "côté jardin"},
                origin=stack.http_url)
    assert "what=booked" in done.headers["Location"]
    assert tables.rows("SELECT name, notes FROM booking WHERE email = %s",
                       form["email"]) == (("Zoé Martin", "côté jardin"),)


@pytest.mark.parametrize("left", [" ", "\u00a0\r\n", "\u200b", ["", ""],
                                  ["", " "]])
def test_a_hidden_field_that_is_empty_but_for_blanks_is_no_trap(
        stack, post, form, form_key, tables, left):
    before = trapped(stack, form_key)
    assert post(form | {"_gotcha": left}).status_code == 303
    assert bookings(tables, form) == 1
    assert trapped(stack, form_key) == before


def test_the_same_person_books_a_slot_once(post, form, tables, mailbox,
                                           visitor):
    assert post(form).status_code == 303
    mailbox.wait_for(form["email"])
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM notification n JOIN booking b"
        " ON b.id = n.booking_id WHERE b.email = %s AND n.state = 1",
        form["email"]), 30, "the receipt")
    again = post(form | {"name": " ZOE\u00a0 martin", "seats": "2",
                         "email": form["email"].upper()})
    assert again.status_code == 303
    assert again.headers["Location"].startswith("/f/")
    page = visitor.page(again.headers["Location"])
    assert "again" in page.text
    assert not [link for link in page.links if "/b/" in link]
    assert bookings(tables, form) == 1
    wait_until(lambda: len(mailbox.mails_to(form["email"])) == 2, 30,
               "the link again")


def test_another_name_with_the_same_address_books_too(post, form, tables,
                                                      visitor):
    names = ["Zoé Martin", "Ben Martin", "\U00020bb7野", "\U00020089野"]
    places = [post(form | {"name": name}).headers["Location"]
              for name in names]
    assert all(place.startswith("/b/") for place in places)
    assert bookings(tables, form) == 4
    for name in names:
        assert "what=" in post(form | {"name": name}).headers["Location"]
    # One of them is cancelled, and books once more: the others stay.
    place = places[1].partition("?")[0]
    assert visitor.post(visitor.page(place + "/cancel").fields,
                        place + "/cancel").status_code == 303
    assert "what=" in post(form).headers["Location"]
    assert post(form | {"name": names[1]}).headers["Location"].startswith(
        "/b/")


def test_a_second_click_sends_no_second_mail_while_one_is_on_its_way(
        whole, post, form, tables):
    whole.stop("maild")
    assert post(form).status_code == 303
    assert "what=already" in post(form).headers["Location"]
    assert tables.value(
        "SELECT COUNT(*) FROM notification n JOIN booking b"
        " ON b.id = n.booking_id WHERE b.email = %s"
        " AND n.kind = 'booking.confirmed'", form["email"]) == 1


def test_clicks_at_once_book_once(post, form, tables):
    names = ["Zoé Martin", "zoe martin", "ZOÉ  MARTIN", "Zoe Martin"] * 2
    answers = at_once(8, lambda n: post(form | {"name": names[n]}))
    assert {one.status_code for one in answers} == {303}
    assert bookings(tables, form) == 1


def test_a_family_that_clicks_at_once_has_a_place_each(post, form, tables):
    names = ["Zoé", "Ben", "Lea", "zoe"] * 2
    answers = at_once(8, lambda n: post(form | {"name": names[n]}))
    assert {one.status_code for one in answers} == {303}
    assert bookings(tables, form) == 3


def test_who_cancelled_may_book_again(post, form, tables, visitor):
    for count in (1, 2, 3):
        place = post(form).headers["Location"].partition("?")[0]
        assert place.startswith("/b/")
        assert bookings(tables, form) == count
        page = visitor.page(place + "/cancel")
        assert visitor.post(page.fields, place + "/cancel"
                            ).status_code == 303


def test_what_was_typed_comes_back_with_its_errors(post, form, tables):
    answer = post(form | {"email": "no", "notes": "Bad <knee>",
                          "_next": THANKS, "_lang": "fr"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert 'role="alert"' in answer.text and '<html lang="fr"' in answer.text
    assert page.fields["name"] == form["name"]
    assert page.fields["email"] == "no"
    assert "Bad &lt;knee&gt;" in answer.text
    assert page.fields["_next"] == THANKS
    assert "_gotcha" not in page.fields
    # Corrected on our page, it is taken from there, and leads back.
    own = re.match(r"https?://[^/]+", answer.url)[0]
    fixed = post(page.fields | {"email": form["email"]}, origin=own)
    assert fixed.status_code == 303, Page(fixed.text).text
    assert "Access-Control-Allow-Origin" not in fixed.headers
    done = requests.get(own + fixed.headers["Location"], timeout=20)
    assert done.status_code == 200 and '<html lang="fr"' in done.text
    assert THANKS in Page(done.text).links
    # It is the same page in the other language.
    other = next(link for link in Page(done.text).links
                 if link.endswith("lang=en"))
    said = requests.get(own + other, timeout=20)
    assert said.status_code == 200 and '<html lang="en"' in said.text
    assert THANKS in Page(said.text).links
    assert bookings(tables, form) == 1


def test_the_last_page_leads_to_allowed_places_only(stack, form_key):
    for place in ("https://evil.example/", "javascript:alert(1)",
                  "https://site.example/"):
        answer = requests.get(
            stack.http_url + foreign_done(stack, form_key, "booked"),
            params={"next": place}, timeout=20)
        assert answer.status_code == 200
        assert place not in Page(answer.text).links
    assert requests.get(f"{stack.http_url}/f/{form_key}/done?what=x",
                        timeout=20).status_code == 404


def test_a_full_slot_offers_others_on_our_page(post, form, tables):
    tables.rows("UPDATE slot_inventory SET booked = capacity"
                " WHERE slot_id = %s", form["slot"])
    answer = post(form)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert page.kinds["slot"] == "radio"
    assert page.actions[-1].startswith("/f/")
    as_json = post(None, json=form)
    assert as_json.status_code == 409
    assert as_json.json()["type"].endswith("/problems/slot-full")


def test_json_gets_a_reference_and_no_link(post, form, tables):
    answer = post(None, json=form | {"_next": THANKS})
    ref = tables.value("SELECT ref FROM booking WHERE email = %s",
                       form["email"])
    assert answer.status_code == 201
    assert answer.json() == {
        "outcome": "booked", "reference": f"{ref[:4]}-{ref[4:]}",
        "next": f"{THANKS}?ref={ref}"}
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "/b/" not in answer.text + str(answer.headers)
    again = post(None, json=form)
    assert again.status_code == 200
    assert again.json() == {"outcome": "already-booked"}


def test_json_errors_are_problems_that_the_page_may_read(post, form):
    answer = post(None, json=form | {"email": "no"})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.json()["errors"][0]["pointer"] == "/email"


def test_a_key_of_the_client_s_own_replays(post, form, tables):
    key = {"Idempotency-Key": secrets.token_hex(16)}
    first = post(None, json=form, headers=key)
    again = post(None, json=form, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = post(None, json=form | {"name": "Other"}, headers=key)
    assert other.status_code == 422
    assert bookings(tables, form) == 1


def preflight(stack, key, origin, method="POST"):
    return requests.options(
        f"{stack.http_url}/f/{key}", timeout=20, headers={
            "Origin": origin, "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "content-type"})


def test_a_preflight_names_the_exact_origin(stack, form_key):
    answer = preflight(stack, form_key, SITE)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for origin, method in (("https://evil.example", "POST"), ("null", "POST"),
                           (SITE, "DELETE")):
        refused = preflight(stack, form_key, origin, method)
        assert refused.status_code in (403, 405)
        assert "Access-Control-Allow-Methods" not in refused.headers


def test_slots_can_be_read_by_pages_with_a_form(stack, form_key, visitor):
    service = visitor.slot_pages()[0].split("/")[2]
    for path in ("/api/v1/services", f"/api/v1/services/{service}/slots"):
        for origin, allowed in ((SITE, SITE), ("https://evil.example", None),
                                ("null", None)):
            answer = requests.get(stack.http_url + path, timeout=20,
                                  headers={"Origin": origin})
            assert answer.status_code == 200
            assert "Origin" in answer.headers["Vary"]
            assert answer.headers.get("Access-Control-Allow-Origin") == \
                allowed


@pytest.mark.parametrize("body, media, status", [
    (b"name=%00", "application/x-www-form-urlencoded", 400),
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b"x", "text/plain", 415),
    (b"", "", 415),
    (b"<a/>", "application/xml", 415),
    (b'--b\r\nContent-Disposition: form-data; name="name"; filename="x"'
     b"\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b", 415),
    (b"--b", "multipart/form-data; boundary=b", 400),
    (b"a=1&" * 65, "application/x-www-form-urlencoded", 400),
    (b"x" * 70000, "application/x-www-form-urlencoded", 413)])
def test_bodies_that_are_no_form(post, body, media, status):
    answer = post(None, data=body, headers={"Content-Type": media})
    assert answer.status_code == status


@pytest.mark.parametrize("field, value", [
    ("name", "Zoé\r\nBcc: all@example.org"), ("name", "https://evil.example"),
    ("name", "x" * 81), ("email", "zoe@example.org\r\nBcc: b@example.org"),
    ("email", "a@b.example, c@d.example"), ("seats", "-1"),
    ("seats", "1e9"), ("seats", "6"), ("notes", "x" * 501),
    ("_lang", "../../etc/passwd"), ("name", "' OR 1=1 --")])
def test_fields_that_no_form_may_carry(post, form, tables, field, value):
    answer = post(form | {field: value})
    wanted = (303,) if field == "_lang" or "1=1" in value else (422,)
    assert answer.status_code in wanted
    assert bookings(tables, form) == (wanted == (303,))


@pytest.mark.parametrize("slot", ["", "0", "-1", "abc", "999999999",
                                  "1 OR 1=1", "9" * 40])
def test_slots_that_are_none(post, form, tables, slot):
    assert post(form | {"slot": slot}).status_code == 404
    assert post(None, json=form | {"slot": slot}).status_code in (404, 422)
    assert bookings(tables, form) == 0


def test_fields_sent_twice(post, form, tables):
    twice = list(form.items()) + [("email", unique_address())]
    assert post(twice).status_code == 422
    assert bookings(tables, form) == 0


def test_nothing_else_answers_there(stack, form_key):
    answer = requests.put(f"{stack.http_url}/f/{form_key}", timeout=20)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    # A tab that comes back with it, after an error.
    answer = requests.get(f"{stack.http_url}/f/{form_key}", timeout=20,
                          allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_without_the_database_what_was_typed_is_kept(whole, post, form):
    whole.stop("mariadb")
    answer = post(form | {"_next": THANKS})
    whole.start("mariadb")
    assert answer.status_code == 503
    page = Page(answer.text)
    assert page.fields["name"] == form["name"]
    assert page.fields["slot"] == form["slot"]
    assert page.fields["_next"] == THANKS


@pytest.mark.parametrize("words", [
    ("add",), ("add", "--origin", "*"), ("add", "--origin", SITE + "/"),
    ("add", "--origin", "null"), ("add", "--origin", SITE, "--return",
                                  "/thanks"),
    ("add", "--origin", SITE, "--return", THANKS + "?x"),
    ("add", "--origin", SITE, "--name", "a\nb"), ("list", "x"), ("revoke",),
    ("drop",), ()])
def test_bookctl_refuses_keys_that_would_open_too_much(stack, words):
    assert bookctl_says(stack, "key", *words)[0] in (64, 65)


@pytest.fixture
def no_record(stack):
    """Nobody can write down who did what."""
    root = pymysql.connect(unix_socket=stack.env["MYSQL_SOCKET"], user="root",
                           database=stack.env["MYSQL_DATABASE"],
                           autocommit=True)
    with root, root.cursor() as cursor:
        cursor.execute("RENAME TABLE audit TO audit_elsewhere")
        try:
            yield
        finally:
            cursor.execute("RENAME TABLE audit_elsewhere TO audit")


def test_a_key_changes_with_its_line_in_the_record_or_not_at_all(
        stack, tables, form_key, no_record):
    def keys():
        return tables.rows("SELECT form_key, revoked_at FROM form_key")

    before = keys()
    assert bookctl_says(stack, "key", "add", "--form", "unwritten",
                        "--origin", SITE)[0] != 0
    assert bookctl_says(stack, "key", "revoke", form_key)[0] != 0
    assert keys() == before


def test_bookctl_lists_keys(stack, form_key):
    status, out, _ = bookctl_says(stack, "key", "list")
    assert status == 0
    assert form_key in out and SITE in out and THANKS in out
