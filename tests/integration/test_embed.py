# SPDX-License-Identifier: MIT
"""What organisers copy to put a service on another site."""

import html
import re

import requests
from stack.keys import add_form_key, bookctl_says
from stack.organiser import Organiser
from stack.visitor import Page, unique_address

SITE = "https://site.example"


def test_what_organisers_copy_from_the_service_s_page_books(stack, tables):
    anna = Organiser(stack)
    slug = tables.add_slot(5).split("/")[2]
    address = unique_address("copied")
    key = add_form_key(stack, [SITE], name="Our <site>")
    gone = add_form_key(stack, [SITE])
    assert bookctl_says(stack, "key", "revoke", gone)[0] == 0
    answer = anna.get(f"/admin/services/{slug}?lang=en")
    assert "<h3>Our &lt;site&gt;</h3>" in answer.text and gone not in answer.text

    def snippet(name):
        return html.unescape(re.search(
            rf'<textarea id="{name}-{key}"[^>]*>([^<]*)</textarea>',
            answer.text)[1])

    framed = re.search('src="([^"]*)"', snippet("frame"))[1]
    assert requests.get(framed, timeout=20).status_code == 200
    copied = Page(snippet("form"))
    assert copied.actions == [f"{stack.http_url}/f/{key}"]
    done = requests.post(copied.actions[0], timeout=30, allow_redirects=False,
                         headers={"Origin": SITE}, data=copied.fields | {
                             "name": "Zoé", "email": address})
    assert done.status_code == 303
    assert tables.bookings_of(address) == 1


def test_without_a_key_organisers_are_told_who_makes_one(stack, tables):
    tables.rows("UPDATE form_key SET revoked_at = NOW(3), name = CONCAT("
                "'was ', name) WHERE revoked_at IS NULL")
    slug = tables.value("SELECT slug FROM service ORDER BY id LIMIT 1")
    answer = Organiser(stack).get(f"/admin/services/{slug}")
    tables.rows("UPDATE form_key SET revoked_at = NULL, name = SUBSTR(name, 5)"
                " WHERE name LIKE 'was %%'")
    assert "bookctl key add --form" in answer.text
