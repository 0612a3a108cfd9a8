# SPDX-License-Identifier: MIT
"""Hostile answers to questions of each kind, on each face that takes them."""

import json

from hostile import Case, encoded, told
from hostile_texts import FORM, JSON, NAMES, TEXTS

# What a service of the tests asks: name, kind, and what makes it ask more.
ASKED = [("line", "text", {}),
         ("more", "lines", {}),
         ("dish", "choice", {"options": "Poisson\nViande"}),
         ("terms", "box", {"required": "yes"}),
         ("phone", "phone", {}),
         ("who", "text", {"per_seat": "yes"}),
         ("phones", "phone", {"per_seat": "yes"}),
         *((f"q{n}", "lines", {}) for n in range(13))]

LINES = [name for name, kind, _ in ASKED if kind == "lines"]

# Nothing that can be seen, or that stays where it was written.  Joiners and
# selectors belong to words of some scripts: an answer may hold them.
HIDDEN = {what: text for what, text in NAMES.items() if what in (
    "zero width", "soft hyphen", "tag", "filler", "braille", "byte order", "override", "isolate", "mark",
    "paragraph", "next line", "escape", "bell", "delete", "vertical",
    "private", "none", "fdd0", "annotation", "invisible times", "hangul",
    "mongolian", "khmer", "musical", "shorthand")}
NO_PHONE = {"words": "call me", "short": "1", "letters": "+33 6 ab",
            "tel": "tel:+336;ext=1", "digits": "9" * 40, "signs": "()-+",
            "two": "+33 6 12 34 56 78, +33 6 12 34 56 79", "lone": "+",
            "arabic": "\u0660" * 9, "line": "+33612345678\nX",
            "sql": "0612345678' OR '1'='1", "long": "0" * 20000} | TEXTS
NO_CHOICE = {"other": "Tofu", "case": "poisson", "both": "Poisson\nViande",
             "number": "0", "accent": "Poissón", "wide": "\uff30oisson",
             "blank inside": "Pois son", "nul word": "null",
             "very long": "x" * 20000} | TEXTS
NO_TICK = {"maybe": "maybe", "number": "1", "true": "true", "yes yes":
           "yes yes", "upper": "YES", "long": "y" * 5000, "not": "",
           "refused": "no"} | TEXTS
# Fields that no question has.
UNKNOWN = {"name": "answers.none", "empty": "answers.", "dots": "answers..",
           "upper": "answers.LINE", "index": "answers.line.0",
           "brackets": "answers.line[]", "prototype": "answers.__proto__",
           "blank": "answers. line", "sql": "answers.line' OR '1'='1",
           "html": "answers.<b>", "long": "answers." + "a" * 300,
           "accent": "answers.liné", "override": "answers.a\u202eb",
           "group": "answers"}


def wrong_answers():
    """(what, {field: text}) of answers that are refused, one by one."""
    for field in ("line", "more", "who"):
        for what, text in HIDDEN.items():
            yield f"{field} {what}", {field: f"a{text}b"}
    for what, text in (("lf", "a\nb"), ("crlf", "a\r\nb"), ("long", "x" * 201),
                       ("wide", "\U0001f600" * 201), ("cr", "a\rb"),
                       ("very long", "x" * 60000)):
        yield f"line {what}", {"line": text}
    for what, text in (("long", "x" * 1001), ("lines", "a\n" * 501),
                       ("very long", "x" * 60000)):
        yield f"more {what}", {"more": text}
    for what, text in NO_PHONE.items():
        yield f"phone {what}", {"phone": text}
        yield f"phones {what}", {"phones": text}
    for what, text in NO_CHOICE.items():
        yield f"dish {what}", {"dish": text}
    for what, text in NO_TICK.items():
        yield f"terms {what}", {"terms": text}
    for what, text in (("two", "a\nb"), ("third", "a\n\nb"), ("long", "x" * 201),
                       ("many", "\n".join("abcdefgh" * 10)),
                       ("thousands", "a\n" * 10000)):
        yield f"who {what}", {"who": text}
    yield "bytes", {f"q{n}": "\U0001f600" * 900 for n in range(5)}
    yield "all", {name: "\u202e" for name, _, _ in ASKED}


def _named(fields):
    return {f"answers.{name}": text for name, text in fields.items()}


def _of_forms(label, path, good, **more):
    """Fields of a form; all is refused as a wrong field is."""
    for what, fields in wrong_answers():
        echo = "".join(fields.values()) if len(fields) == 1 else ""
        yield Case(f"{label} {what}", path, encoded(good | _named(fields)),
                   FORM, (422, 413), echo=echo, **more)
    for what, text in TEXTS.items():
        yield Case(f"{label} harmless {what}", path, encoded(good | {
            "answers.line": text, "answers.more": text, "answers.who": text,
            "answers.phone": "no"}), FORM, (422,), echo=text, **more)
    for what, name in UNKNOWN.items():
        yield Case(f"{label} unknown {what}", path,
                   encoded(good | {name: "a"}), FORM, (422,), **more)
    for name, _, _ in ASKED:
        twice = [(f"answers.{name}", "yes")] * (1 if name == "terms" else 2)
        yield Case(f"{label} {name} twice", path, encoded(
            [*good.items(), *twice]), FORM, (422,), **more)
    plain = encoded(good)
    for what, raw, statuses in (
            ("nul", b"a%00b", (400,)), ("raw nul", b"a\0b", (400,)),
            ("latin", b"Zo%E9", (422,)), ("raw latin", b"Zo\xe9", (422,)),
            ("overlong", b"%C0%AF", (422,)), ("percent", b"%", (400,)),
            ("surrogate", b"%ED%A0%80", (422,))):
        for field in (b"line", b"dish", b"who", b"terms", b"phone"):
            if field == b"terms" and statuses == (422,):
                continue    # a tick has no letters
            yield Case(f"{label} {field.decode()} {what}", path,
                       plain + b"&answers." + field + b"=" + raw, FORM,
                       statuses, **more)
    # 10,000 of them are too large a body, 5,000 too many fields.
    for count, statuses in ((5000, (400,)), (10000, (413,))):
        yield Case(f"{label} {count} answers", path, plain + b"&" + b"&".join(
            b"answers.a=1" for _ in range(count)), FORM, statuses, **more)


def _of_programs(label, path, good, **more):
    terms = {"terms": True}
    for what, fields in wrong_answers():
        yield Case(f"{label} {what}", path, told(good | {
            "answers": terms | fields}), JSON, (422, 413), **more)
    for name, _, _ in ASKED:
        for value in (7, 1.5, {}, {"a": "b"}, [[]], [7], [None], [{}],
                      ["a\nb"], ["a", "b"], ["x" * 201]):
            if name in LINES and value in (["a", "b"], ["x" * 201]):
                continue    # lines may be a list
            yield Case(f"{label} {name} is {str(value)[:20]}", path, told(
                good | {"answers": terms | {name: value}}), JSON, (422,),
                **more)
    for name in ("line", "more", "dish", "phone"):
        yield Case(f"{label} {name} is true", path, told(good | {
            "answers": terms | {name: True}}), JSON, (422,), **more)
    for value in (7, True, "a", [], ["a"], [terms], "terms"):
        yield Case(f"{label} answers is {value}", path, told(good | {
            "answers": value}), JSON, (422,), **more)
    for what, name in UNKNOWN.items():
        name = name.removeprefix("answers.")
        yield Case(f"{label} unknown {what}", path, told(good | {
            "answers": terms | {name: "a"}}), JSON, (422,), **more)
    body = told(good)[:-1]
    for what, raw, statuses in (
            ("twice", b'{"terms": true, "line": "a", "line": "b"}', (422,)),
            ("group twice", b'{"terms": true}, "answers": {"terms": true}',
             (422,)),
            ("nul", b'{"terms": true, "line": "a\\u0000b"}', (400,)),
            ("half a pair", b'{"terms": true, "line": "\\ud800"}', (400,)),
            ("latin", b'{"terms": true, "line": "Zo\xe9"}', (400,)),
            ("raw line", b'{"terms": true, "line": "a\nb"}', (400,)),
            ("deep", b'{"line": ' + b"[" * 30 + b"]" * 30 + b"}", (400,)),
            ("many", json.dumps({f"a{n}": "1" for n in range(4000)}).encode(),
             (400, 413)),
            ("thousands", json.dumps({f"a{n}": "1" for n in range(10000)}
                                     ).encode(), (413,)),
            ("lines", b'{"terms": true, "who": '
             + json.dumps(["a"] * 10000).encode() + b"}", (422,))):
        yield Case(f"{label} {what}", path,
                   body + b', "answers": ' + raw + b"}", JSON, statuses,
                   **more)


def answer_cases(c):
    """To c.asking, a slot of a service that asks all of ASKED."""
    plain = {"slot": c.asking, "name": "Zoe", "email": "zoe@example.org",
             "seats": "1"}
    ticked = plain | {"answers.terms": "yes"}
    away = {"Origin": c.origin}
    yield from _of_forms("page asks", "/bookings",
                         ticked | {"key": "0" * 32})
    yield from _of_forms("site asks", f"/f/{c.key}", ticked, headers=away)
    good = plain | {"slot": int(c.asking), "seats": 1}
    yield from _of_programs("api asks", "/api/v1/bookings", good)
    # Everything wrong at once: each field is told about once.
    everything = {"slot": c.asking, "name": "\u202e", "email": "no", "seats":
                  "x", "notes": "\u202e", "lang": "xx", "answers": "a"}
    wrong = _named({name: "\u202e" for name, _, _ in ASKED})
    for path, headers in (("/bookings", {}), (f"/f/{c.key}", away)):
        yield Case(f"all wrong {path}", path, encoded(everything | wrong | {
            "answers.none": "x"}), FORM, (422,), headers=headers)
    yield Case("all wrong api", "/api/v1/bookings", told(everything | {
        "slot": int(c.asking), "answers": {
            name: "\u202e" for name, _, _ in ASKED} | {"none": "x"}}), JSON,
               (422,))
