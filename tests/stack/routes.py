# SPDX-License-Identifier: MIT
"""All addresses that the program answers, as fcgi-app/web.c lists them."""

import os
import re

from .layout import TOP

__all__ = ["filled", "pages_without", "routes"]

# What answers, but with no page for people; a mail is looked at by itself.
NO_PAGES = {"/b/{cap}/calendar.ics", "/feed/{file}", "/colours/{file}",
            "/.well-known/security.txt", "/healthz", "/readyz", "/metrics",
            "/admin/export.csv", "/admin/templates/{language}/{kind}/html"}


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


def pages_without(paths):
    """The addresses of pages, as in the table, that none of the paths has.

    One with an argument is had by no path that another one has in words.
    """
    had = set()
    pages = [route for method, route in routes() if method == "GET" and
             route not in NO_PAGES and not route.startswith("/api/")]
    for path in paths:
        for route in sorted(pages, key=lambda one: one.count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route),
                            path.partition("?")[0]):
                had.add(route)
                break
    return [route for route in pages if route not in had]
