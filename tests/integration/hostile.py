# SPDX-License-Identifier: MIT
"""Hostile requests, made of the lists in hostile_texts.py."""

import dataclasses
import itertools
import json
import urllib.parse

from hostile_texts import (ADDRESSES, BROKEN, BROKEN_JSON, FORM, JSON, NAMES,
                           NOT_UTF8, NUMBERS, PLACES, TEXTS)


@dataclasses.dataclass
class Case:
    """One request, and the statuses that are right for it."""
    name: str
    path: str
    body: bytes = b""
    kind: str = FORM
    statuses: tuple = (422,)
    method: str = "POST"
    headers: dict = dataclasses.field(default_factory=dict)
    echo: str = ""      # is shown again: escaped, or not at all


def encoded(fields):
    return urllib.parse.urlencode(fields).encode()


def told(fields):
    return json.dumps(fields).encode()


def _fields(label, path, good, kind, write, **more):
    """Every field of a booking wrong in turn, and the harmless texts."""
    for what, text in NAMES.items():
        yield Case(f"{label} name {what}", path,
                   write(good | {"name": text}), kind, (422,), **more)
    for what, text in ADDRESSES.items():
        yield Case(f"{label} email {what}", path,
                   write(good | {"email": text}), kind, (422,), **more)
    for what, text in NUMBERS.items():
        for field in ("slot", "seats"):
            yield Case(f"{label} {field} {what}", path,
                       write(good | {field: text}), kind, (404, 422), **more)
    for what, text in TEXTS.items():
        yield Case(f"{label} text {what}", path,
                   write(good | {"name": text, "notes": text, "email": text}),
                   kind, (422,), echo=text, **more)
    yield Case(f"{label} notes long", path, write(good | {"notes": "x" * 501}),
               kind, (422,), **more)
    yield Case(f"{label} notes hidden", path,
               write(good | {"notes": "a\u202eb"}), kind, (422,), **more)


def broken(label, path, guessed=400, **more):
    """guessed: the answer where letters of no known encoding are read."""
    for what, (kind, body, statuses) in BROKEN.items():
        yield Case(f"{label} {what}", path, body, kind,
                   (guessed,) if what in NOT_UTF8 else statuses, **more)


def _repeated(label, path, good, **more):
    for field in good:
        if field == "key":
            continue
        yield Case(f"{label} {field} twice", path,
                   encoded(list(good.items()) + [(field, good[field])]),
                   FORM, (422,), **more)


def _json_wrong(label, path, good, **more):
    for what, body in BROKEN_JSON.items():
        yield Case(f"{label} json {what}", path, body, JSON, (400,), **more)
    for field, value in itertools.product(
            good, (True, [], {}, ["a"], {"$gt": ""}, None, "", 1.5, -1)):
        if field in ("notes", "seats") and value in (None, ""):
            continue    # may be left out
        statuses = (404, 422)
        yield Case(f"{label} {field} is {value}", path,
                   told(good | {field: value}), JSON, statuses, **more)
    for field in good:
        text = told(good)[:-1] + b", " + told({field: good[field]})[1:]
        yield Case(f"{label} {field} twice", path, text, JSON, (422,), **more)


def booking_cases(c):
    """POST /bookings, /f/{key}, /api/v1/bookings and the waiting list."""
    form = {"slot": c.slot, "name": "Zoe", "email": "zoe@example.org",
            "seats": "1", "notes": "a", "key": "0" * 32}
    yield from _fields("page", "/bookings", form, FORM, encoded)
    yield from broken("page", "/bookings", 422)
    yield from _repeated("page", "/bookings", form)
    api = "/api/v1/bookings"
    good = {"slot": int(c.slot), "name": "Zoe", "email": "zoe@example.org",
            "seats": 1, "notes": "a"}
    yield from _fields("api", api, good, JSON, told)
    yield from _json_wrong("api", api, good)
    for what, (kind, body, _) in BROKEN.items():
        yield Case(f"api {what}", api, body, kind, (400, 413, 415))
    for what, text in {"empty": "", "long": "k" * 256, "control": "a\x07",
                       "bytes": "é"}.items():
        yield Case(f"api key {what}", api, told(good), JSON, (400, 422),
                   headers={"Idempotency-Key": text})
    away = {"Origin": c.origin}
    plain = {name: form[name] for name in ("slot", "name", "email", "seats")}
    for what, text in NAMES.items():
        yield Case(f"site name {what}", f"/f/{c.key}",
                   encoded(plain | {"name": text}), headers=away)
    for what, text in ADDRESSES.items():
        yield Case(f"site email {what}", f"/f/{c.key}",
                   encoded(plain | {"email": text}), headers=away)
    yield from broken("site", f"/f/{c.key}", 404, headers=away)
    for what, text in {"other": "https://evil.example", "null": "null",
                       "none": "", "star": "*", "suffix":
                       c.origin + ".evil.example", "list":
                       c.origin + " https://evil.example"}.items():
        yield Case(f"site from {what}", f"/f/{c.key}", encoded(plain),
                   statuses=(403,), headers={"Origin": text})
    for what, text in {"elsewhere": "https://evil.example/", "scheme":
                       "javascript:alert(1)", "relative": "//evil.example",
                       "crlf": c.origin + "/\r\nX-Evil: 1", "user":
                       c.origin + "@evil.example/"}.items():
        yield Case(f"site next {what}", f"/f/{c.key}",
                   encoded(plain | {"_next": text}), statuses=(400, 422),
                   headers=away)
    wait = c.full + "/wait"
    line = plain | {"slot": c.full.rpartition("/")[2]}
    for what, text in NAMES.items():
        yield Case(f"wait name {what}", wait, encoded(line | {"name": text}))
    for what, text in ADDRESSES.items():
        yield Case(f"wait email {what}", wait, encoded(line | {"email": text}))
    yield from broken("wait", wait)
    queue = {"slot": int(line["slot"]), "name": "Zoe", "seats": 1,
             "email": "zoe@example.org", "notes": "a"}
    yield from _fields("api wait", "/api/v1/waiting", queue, JSON, told)


def place_cases(c):
    """Links, keys, references and ids that are none."""
    patterns = ["/b/{}/cancel", "/b/{}/move", "/b/{}/email", "/b/{}/resend",
                "/b/{}/erase", "/w/{}/take", "/w/{}/leave", "/f/{}",
                "/api/v1/bookings/{}/cancel", "/api/v1/bookings/{}/move",
                "/api/v1/bookings/{}/email"]
    for pattern, (what, place) in itertools.product(patterns, PLACES.items()):
        if what == "forged" and pattern == "/f/{}":
            continue    # logs hide links only where links are
        api = pattern.startswith("/api/")
        yield Case(f"{pattern} {what}", pattern.format(place),
                   told({"email": "a@example.org"}) if api else b"a=b",
                   JSON if api else FORM, (400, 404),
                   headers={"Origin": c.origin})
    for what, cap in {"cut": c.cap[:-1], "more": c.cap + "A", "other case":
                      c.cap.swapcase(), "last": c.cap[:-1] + (
                          "A" if c.cap[-1] != "A" else "B"), "dot":
                      c.cap.replace(".", "")}.items():
        for word in ("cancel", "erase", "resend"):
            yield Case(f"a real link, {what}, {word}", f"/b/{cap}/{word}",
                       statuses=(404,))
    for what, text in ADDRESSES.items():
        yield Case(f"correct {what}", f"/b/{c.cap}/email",
                   encoded({"email": text}))
    for what, text in NUMBERS.items():
        yield Case(f"move {what}", f"/b/{c.cap}/move",
                   encoded({"slot": text}), statuses=(404, 409, 422))
    for word in ("cancel", "move", "email", "resend", "erase"):
        yield from broken(word, f"/b/{c.cap}/{word}")
    for word in ("take", "leave"):
        yield from broken(word, f"/w/{c.line}/{word}")
