# SPDX-License-Identifier: MIT
"""Hostile requests to every address that the program has, by its own list."""

import re
import urllib.parse

from hostile import Case
from hostile_desk import inside_of
from hostile_texts import BROKEN, FORM, JSON, PLACES, TEXTS
from stack.routes import filled, routes

# Whatever a page may be asked for.
QUERY = ("at", "cause", "day", "done", "from", "lang", "month", "next", "note",
         "q", "separator", "service", "slot", "state", "still", "texts",
         "until", "what")
READS = ("GET", "OPTIONS")
# Nginx makes another address of these.
ELSEWHERE = ("dots", "escaped dots", "escaped slash", "semicolon")
REFUSED = (400, 404, 409, 413, 415, 422)


def arguments(c, path):
    """What each address can be about; a new kind is to be added here."""
    return {
        "cap": c.line if path.startswith(
            ("/w/", "/api/v1/waiting/")) else c.cap,
        "ref": c.ref, "id": f"{c.ref}.confirm.0", "service": c.slug,
        "slot": c.slot, "question": "none", "formkey": c.key,
        "file": "none", "type": "slot-full", "what": "erased",
        "language": "fr", "kind": "booking.confirmed",
    }


def _headers(c, path):
    if path.startswith("/api/v1/admin"):
        return c.program
    if path.startswith("/admin"):
        return inside_of(c)
    return {"Origin": c.origin}


def _wrong_places(c, method, path):
    """Each argument in turn is none."""
    api = path.startswith("/api/")
    real = arguments(c, path)
    for name in re.findall(r"\{(\w+)\}", path):
        for what, place in PLACES.items():
            if what == "forged" and name not in ("cap", "ref"):
                continue    # logs hide links only where links are
            if what in ELSEWHERE and method in READS:
                continue
            # Organisers read that whose it was has left meanwhile.
            left = what == "bare" and path.endswith("/wait/{ref}/remove")
            yield Case(f"{method} {path} {name} {what}",
                       filled(path, real | {name: place}),
                       b"" if method in READS else b"{}" if api else b"a=b",
                       JSON if api else FORM,
                       (303,) if left and name == "ref" else
                       REFUSED + ((405,) if what in ELSEWHERE else ()),
                       method=method, headers=_headers(c, path))


def _wrong_bodies(c, method, path):
    for what, (kind, body, _) in BROKEN.items():
        yield Case(f"{method} {path} {what}",
                   filled(path, arguments(c, path)), body, kind, REFUSED,
                   method=method, headers=_headers(c, path))


def _wrong_queries(c, path):
    if path.endswith("/openapi.json"):
        return
    for what, text in TEXTS.items():
        query = urllib.parse.urlencode(dict.fromkeys(QUERY, text))
        yield Case(f"GET {path} {what}",
                   f"{filled(path, arguments(c, path))}?{query}", b"", "",
                   (200, 303) + REFUSED, method="GET",
                   headers=_headers(c, path), echo=text)


def route_cases(c):
    for method, path in routes():
        if method == "OPTIONS":
            continue
        yield from _wrong_places(c, method, path)
        if method in ("POST", "PATCH"):
            yield from _wrong_bodies(c, method, path)
        elif method == "GET":
            yield from _wrong_queries(c, path)
