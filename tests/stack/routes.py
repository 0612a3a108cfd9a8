# SPDX-License-Identifier: MIT
"""All addresses that the program answers, as fcgi-app/web.c lists them."""

import os
import re

from .layout import TOP

__all__ = ["filled", "routes"]


def routes():
    """[(method, path)], the path with its {arguments}."""
    with open(os.path.join(TOP, "fcgi-app", "web.c"),
              encoding="utf-8") as file:
        text = file.read()
    table = text[text.index("route rows[] = {"):]
    table = table[:table.index("\n};")]
    found = re.findall(r'\{\s*"([A-Z]+)",\s*"(/[^"]*)",', table)
    assert len(found) == len(re.findall(r"\{\s*\"", table)) > 100
    return found


def filled(path, arguments):
    """The address with real arguments; KeyError: one that nobody knows."""
    return re.sub(r"\{(\w+)\}", lambda one: arguments[one[1]], path)
