# SPDX-License-Identifier: MIT
"""Looks for people, and for keys to their bookings, in what was logged."""

import os
import re

# Addresses of the tests' people; a host's own name is nobody's.
ADDRESS = re.compile(rb"[\w.+%-]+(?:@|%40)example\.(?:org|fr|com|net)")
CAPABILITY = re.compile(rb"\b[0-9A-HJKMNP-TV-Z]{8}\.[A-Za-z0-9_-]{22}\b")
NAMES = re.compile("Zoé|Zo%C3%A9".encode())
# The mailbox is part of the tests: whom it got mail for is what it tells.
ITS_OWN = {"smtp.log", "viewer.log"}


def indiscretions(directory):
    """The lines of all logs that name somebody, or open something."""
    found = []
    for name in sorted(set(os.listdir(directory)) - ITS_OWN):
        with open(os.path.join(directory, name), "rb") as file:
            found += [f"{name}: {line.decode('utf-8', 'replace').strip()}"
                      for line in file if ADDRESS.search(line)
                      or CAPABILITY.search(line) or NAMES.search(line)]
    return found
