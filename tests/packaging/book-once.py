#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Books by the page and waits for the mail in the mailbox.

usage: book-once.py PAGE-URL MAILBOX-URL

With nothing but what ./dev run itself needs: Python alone.
"""

import re
import secrets
import sys
import time
import urllib.parse
import urllib.request

WAIT_S = 60


def read(url, form=None):
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(url, data, timeout=20) as answer:
        return answer.read().decode()


def first_link(page, pattern):
    """The first link of that kind in a page, from its address."""
    return urllib.parse.urljoin(
        page, re.search(f'href="({pattern})', read(page))[1])


def book(page, address):
    """Fills in the form of the first free time, as it stands there."""
    slot = first_link(first_link(page, "/s/[a-z0-9-]+"),
                      r'/s/[a-z0-9-]+/\d+(?=["?])')
    fields = {}
    for tag in re.findall("<(?:input|textarea)[^>]*>", read(slot)):
        name = re.search('name="([^"]+)"', tag)
        value = re.search('value="([^"]*)"', tag)
        if name:
            fields[name[1]] = value[1] if value else ""
    fields |= {"name": "Zoé Martin", "email": address, "seats": "1"}
    return read(urllib.parse.urljoin(page, "/bookings"), fields)


def main():
    page, mailbox = sys.argv[1:]
    address = f"zoe.{secrets.token_hex(5)}@example.org"
    if "Zoé Martin" not in book(page, address):
        sys.exit("the booking's page does not name who booked")
    deadline = time.monotonic() + WAIT_S
    while address not in read(mailbox):
        if time.monotonic() > deadline:
            sys.exit(f"no mail in {WAIT_S} s")
        time.sleep(0.2)
    print("booked, and the mail has come")


if __name__ == "__main__":
    main()
