# SPDX-License-Identifier: MIT
"""Organisers' pages in both languages: axe-core, 320 px, the keyboard."""

import datetime
import os
import zoneinfo

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from stack.layout import write_text
from stack.organiser import Organiser
from stack.pages import desk_pages
from stack.visitor import Visitor, unique_address
from test_access import LARGE, look


def booked(stack, tables, language):
    """References of a plain, a cancelled, a dead-lettered booking, and two
    whose mails came back, surely and perhaps."""
    visitor = Visitor(stack.http_url, language)
    slot_page = tables.add_slot(5)
    refs = [visitor.book(slot_page, name=name, notes="Fauteuil roulant",
                         email=unique_address("desk"))
            .rpartition("/")[2].partition(".")[0]
            for name in ("Léa Claire", "Noé Parti", "Zoé Refusée",
                         "Ève Revenue", "Ali Peut-être")]
    Organiser(stack).do(refs[1], "cancel", reason="Malade")
    tables.rows("UPDATE notification n JOIN booking b ON b.id = n.booking_id"
                " SET n.state = 2, n.due_at = NULL, n.final_at = NOW(3),"
                " n.reply = 'rejected: 550 5.1.1 <zoe@example.org>: no such"
                " user here, and a-word-that-is-much-too-long-for-a-phone'"
                " WHERE b.ref = %s", refs[2])
    for sure, ref in ((1, refs[3]), (0, refs[4])):
        tables.rows("UPDATE notification n JOIN booking b ON b.id ="
                    " n.booking_id SET n.state = 1, n.due_at = NULL,"
                    " n.final_at = NOW(3), n.fate = 3, n.fate_sure = %s,"
                    " n.fate_at = NOW(3), n.fate_text = '550 5.1.1 [address]:"
                    " no such user' WHERE b.ref = %s", sure, ref)
    starts = tables.value("SELECT starts_at FROM slot WHERE id = %s",
                          slot_page.rpartition("/")[2])
    day = starts.replace(tzinfo=datetime.timezone.utc).astimezone(
        zoneinfo.ZoneInfo("Europe/Paris"))
    return refs, f"{day:%Y-%m-%d}"


def test_every_page_of_organisers_is_for_everybody(stack, tables, desk,
                                                   language, axe):
    refs, day = booked(stack, tables, language)
    wrong = []
    pages = [
        ("today", f"/admin?day={day}"), ("nobody", "/admin?day=2001-01-01"),
        ("search", "/admin/search?q=Claire"),
        ("short", "/admin/search?q=a"),
        ("story", f"/admin/b/{refs[0]}?done=resend"),
        ("cancel", f"/admin/b/{refs[0]}/cancel"),
        ("erase", f"/admin/b/{refs[0]}/erase"),
        ("gone", f"/admin/b/{refs[1]}"), ("dead", f"/admin/b/{refs[2]}"),
        ("returned", f"/admin/b/{refs[3]}"),
        ("perhaps", f"/admin/b/{refs[4]}"),
        ("mails-returned", "/admin/mails?state=sent&cause=returned"),
        ("export", "/admin/export"),
        ("export-wrong", "/admin/export.csv?from=x&until=y"),
        ("feeds", "/admin/feeds?done=feed_revoked"),
        ("texts", "/admin/services/visite?texts=en"),
        ("mails", "/admin/mails"), ("log", "/admin/log")]
    pages += desk_pages(stack, tables, [path for _, path in pages])
    for name, path in pages:
        desk.get(stack.http_url + path)
        assert f'<html lang="{language}"' in desk.page_source, path
        assert "<script" not in desk.page_source
        look(desk, axe, f"{language}-admin-{name}", wrong, LARGE)
    assert not wrong, "\n".join(wrong)


def appears(desk, selector):
    """The element of a page that is still being loaded."""
    return WebDriverWait(desk, 20).until(
        lambda one: one.find_elements(By.CSS_SELECTOR, selector))[0]


def test_a_calendar_is_made_by_keyboard(stack, desk, language, axe):
    wrong = []
    desk.get(stack.http_url + "/admin/feeds")
    field = desk.find_element("id", "name")
    field.send_keys(f"Agenda {language}", Keys.ENTER)
    made = appears(desk, "[role=status] .code").text
    assert made.startswith(stack.http_url + "/feed/rsv_")
    look(desk, axe, f"{language}-admin-feed-made", wrong, LARGE)
    desk.find_element("id", "name").send_keys(f"Agenda {language}", Keys.ENTER)
    assert appears(desk, "[role=alert]").text
    look(desk, axe, f"{language}-admin-feed-taken", wrong, LARGE)
    assert not wrong, "\n".join(wrong)


def test_a_real_browser_may_post_and_hears_of_mistakes(stack, tables, desk,
                                                       language, axe):
    refs, _ = booked(stack, tables, language)
    wrong = []
    desk.get(f"{stack.http_url}/admin/b/{refs[0]}")
    desk.execute_script("const e = document.getElementById('email');"
                        "e.value = 'zoe@nowhere'; e.form.submit();")
    appears(desk, "[role=alert]")
    look(desk, axe, f"{language}-admin-mistake", wrong, LARGE)
    desk.get(f"{stack.http_url}/admin/b/{refs[0]}")
    desk.find_element("css selector", "form[action$='/resend'] button").click()
    assert appears(desk, "[role=status]").text
    assert desk.current_url.endswith("done=resend") or \
        "done=resend&" in desk.current_url
    assert not wrong, "\n".join(wrong)


def test_who_has_booked_may_be_told_of_a_change(stack, tables, desk,
                                                language, axe):
    booked(stack, tables, language)
    wrong = []
    desk.get(f"{stack.http_url}/admin/services/consultation")
    field = desk.find_element("id", "place")
    field.send_keys(" (1)", Keys.ENTER)
    asked = appears(desk, "#ask [role=alert]")
    assert asked.text and desk.switch_to.active_element == asked
    look(desk, axe, f"{language}-admin-tell", wrong, LARGE)
    # The next one by keyboard is the choice, and it is not made yet.
    asked.send_keys(Keys.TAB)
    choice = desk.switch_to.active_element
    assert choice.get_attribute("name") == "tell" and not choice.is_selected()
    assert not wrong, "\n".join(wrong)


def own_files(stack):
    """A sysadmin's files: one that is used, mistakes, half a language."""
    made = {"templates/fr/booking.moved.txt": "Subject: {{ref}}\n\nDéplacée !",
            "templates/en/booking.moved.html": "<p>\n{{#never}}",
            "templates/web/services.html": "{{>nowhere}}",
            "locale/de.json": '{"tag": "de",\n\n}'}
    for path, text in made.items():
        path = stack.at.path(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_text(path, text)
    return [stack.at.path(path) for path in made]


def test_mails_and_languages_are_looked_at(stack, desk, language, axe):
    wrong = []
    paths = own_files(stack)
    try:
        for name, path in (
                ("templates", "/admin/templates"),
                ("template", "/admin/templates/fr/booking.confirmed"),
                ("template-own", "/admin/templates/fr/booking.moved"),
                ("template-wrong", "/admin/templates/en/booking.moved")):
            desk.get(f"{stack.http_url}{path}")
            assert f'<html lang="{language}"' in desk.page_source, path
            look(desk, axe, f"{language}-admin-{name}", wrong, LARGE)
    finally:
        for path in paths:
            os.unlink(path)
    # The frame holds the mail, and nginx lets it in.
    desk.get(f"{stack.http_url}/admin/templates/{language}/booking.confirmed")
    desk.switch_to.frame(desk.find_element("css selector", "iframe"))
    assert "RK7F-3M2Q" in desk.find_element("css selector", ".card").text
    assert not wrong, "\n".join(wrong)


def test_each_mail_is_for_everybody(stack, desk, language, axe, tmp_path):
    """The HTML of each kind, by itself: nothing in its frame runs, not even
    the checker."""
    organiser = Organiser(stack, language)
    wrong = []
    kinds = {link.partition("?")[0].rpartition("/")[2]
             for link in organiser.page("/admin/templates").links
             if f"/templates/{language}/" in link}
    assert len(kinds) > 6
    for kind in sorted(kinds):
        answer = organiser.get(f"/admin/templates/{language}/{kind}/html")
        assert answer.status_code == 200
        path = tmp_path / "mail.html"
        path.write_text(answer.text, encoding="utf-8")
        desk.get(f"file://{path}")
        look(desk, axe, f"{language}-mail-{kind}", wrong, LARGE)
    assert not wrong, "\n".join(wrong)
