# SPDX-License-Identifier: MIT
"""Hostile requests, made from few lists: texts, places, ways to send them."""

import dataclasses
import itertools
import json
import urllib.parse

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
# No line of a log may begin with it, or hold it behind a line end.
FORGED = "forged-by-a-visitor"


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


# Nobody's name, whatever script it is in.
NAMES = {
    "empty": "", "blank": "   ", "no-break": "\u00a0", "wide blank": "\u3000",
    "zero width": "\u200b", "joiner": "a\u200db", "lone joiner": "\u200c",
    "soft hyphen": "Zo\u00ade", "tag": "\U000e0041", "selector": "a\ufe0f",
    "filler": "\u3164", "braille": "\u2800", "byte order": "\ufeffZoe",
    "override": "a\u202eb", "isolate": "a\u2066b\u2069", "mark": "\u200fa",
    "line": "a\u2028b", "paragraph": "a\u2029b", "next line": "a\x85b",
    "escape": "\x1b[31mred", "bell": "a\x07", "delete": "a\x7f",
    "vertical": "a\x0bb", "private": "a\ue000", "none": "a\uffff",
    "fdd0": "a\ufdd0", "accent": "\u0301", "dots": "...", "annotation":
    "a\ufff9b", "invisible times": "a\u2062b", "hangul": "a\u115fb",
    "mongolian": "a\u180eb", "khmer": "a\u17b4b", "musical": "a\U0001d173b",
    "shorthand": "a\U0001bca0b",
    "crlf": f"Zoe\r\nBcc: {FORGED}@example.org", "lf": f"Zoe\n{FORGED}",
    "cr": f"Zoe\r{FORGED}", "folded": "Zoe\r\n X: y",
    "link": "https://evil.example", "ftp": "ftp://evil.example", "www":
    "WWW.evil.example", "address": "zoe@example.org", "long": "x" * 81,
    "very long": "x" * 20000, "combining": "e" + "\u0301" * 100,
}

ADDRESSES = {
    "empty": "", "blank": " ", "no at": "zoe", "no domain": "zoe@",
    "no local": "@example.org", "no dot": "zoe@example", "two ats":
    "a@b@example.org", "dots": "a..b@example.org", "first dot":
    ".a@example.org", "last dot": "a.@example.org", "domain dots":
    "a@example..org", "domain's last dot": "a@example.org.", "hyphen":
    "a@-example.org", "underscore": "a@exa_mple.org", "quoted":
    '"a b"@example.org', "comment": "a(b)@example.org", "named":
    "Zoe <a@example.org>", "brackets": "<a@example.org>", "list":
    "a@example.org,b@example.org", "semicolon": "a@example.org;b@c.org",
    "blank inside": "a b@example.org", "no-break": "a\u00a0@example.org",
    "literal": "a@[127.0.0.1]", "number": "a@192.0.2.1", "hex":
    "a@0x7f.1", "accent": "zo\u00e9@example.org", "cyrillic":
    "\u0430@example.org", "full width at": "a\uff20example.org",
    "zero width": "a\u200b@example.org", "override": "a\u202e@example.org",
    "ideographic": "a@\u3002org", "hidden domain": "a@exam\u200bple..org",
    "bad label": "a@xn--.org", "local long": "a" * 65 + "@example.org",
    "domain long": "a@" + "a." * 130 + "org", "label long":
    "a@" + "a" * 64 + ".org", "very long": "a" * 30000 + "@example.org",
    "crlf": f"a@example.org\r\nBcc: {FORGED}@example.org", "lf":
    f"a@example.org\n{FORGED}", "rcpt": "a@example.org>\r\nRCPT TO:<b@c.org",
    "tab": "a\tb@example.org", "delete": "a\x7f@example.org", "escape":
    "a\x1b@example.org", "path": "a@../../etc/passwd", "uri":
    "mailto:a@example.org", "query": "a@example.org?bcc=b@c.org",
    "sql": "a' OR '1'='1'@example.org", "html": "<b>@example.org",
    "pipe": "|id@", "source route": "@a.org:b@example.org", "bang": "a!b",
}

NUMBERS = {
    "negative": "-1", "zero": "0", "huge": "9" * 40, "int64": str(2 ** 63),
    "float": "1.5", "exponent": "1e3", "hex": "0x10", "plus": "+1", "octal":
    "1_0", "words": "two", "list": "1,2", "arabic": "\u0661", "wide": "\uff11",
    "sql": "1 OR 1=1", "sleep": "1;SELECT SLEEP(9)", "comment": "1/**/",
    "line": f"1\n{FORGED}", "minus zero": "-0x", "nan": "NaN", "inf": "inf",
}

# Harmless as a name or a note, if whatever writes it knows its escapes; so
# they come with something else that is wrong, and must come back unhurt.
TEXTS = {
    "drop": "Robert'); DROP TABLE booking;-- ", "union":
    "' UNION SELECT 1,2,3 -- ", "or": "\" OR \"\"=\"", "backslash":
    "\\' OR 1=1 -- ", "percent": "%' OR '%'='", "wide quote":
    "\uff07 OR 1=1 -- ", "script": "<script>alert(1)</script>", "img":
    "<img src=x onerror=alert(1)>", "attribute": "\" onfocus=alert(1) x=\"",
    "single": "' onfocus='alert(1)", "close": "</textarea><svg onload=a()>",
    "entity": "&#60;script&#62;", "comment": "--><script>a()</script>",
    "mustache": "{{{data}}}{{#a}}{{>page}}", "json ld":
    "</script><script>a()</script>", "formula": "=1+1+cmd|' /C calc'!A0",
    "plus": "+1+1", "minus": "-1+1", "format": "%s%n%x%n", "log":
    f"x level=error {FORGED}=1", "shell": "$(reboot)`id`;id|id", "path":
    "../../../../etc/passwd", "null": "%00", "ldap": "*)(uid=*))(|(uid=*",
    "emoji": "\U0001f600" * 20, "look-alike": "\u0420\u0430\u0443\u0440al",
}

# Bodies that are no form, of whatever type.
BROKEN = {
    "lone percent": (FORM, b"name=%", (400,)), "half": (FORM, b"a=%4", (400,)),
    "no hex": (FORM, b"a=%zz", (400,)), "nul": (FORM, b"name=a%00b", (400,)),
    "raw nul": (FORM, b"name=a\0b", (400,)), "latin": (FORM, b"a=Zo\xe9",
                                                       (400,)),
    "overlong": (FORM, b"a=%C0%AF", (400,)), "surrogate":
    (FORM, b"a=%ED%A0%80", (400,)), "above": (FORM, b"a=%F4%90%80%80",
                                              (400,)),
    "many": (FORM, b"&".join(b"f%d=1" % n for n in range(65)), (400, 422)),
    "large":
    (FORM, b"name=" + b"x" * 70000, (413,)),
    "xml": ("application/xml", b"<a/>", (415,)), "text":
    ("text/plain", b"name=a", (415,)), "no type": ("", b"name=a", (415,)),
    "nearly": (FORM + "x", b"name=a", (415,)), "charset only":
    ("; charset=utf-8", b"name=a", (415,)), "two types":
    (FORM + ", " + JSON, b"name=a", (415,)), "octets":
    ("application/octet-stream", b"\xff\xd8\xff", (415,)), "graphql":
    ("application/graphql", b"{a}", (415,)),
    "no boundary": ("multipart/form-data", b"--b--", (400,)),
    "empty boundary": ('multipart/form-data; boundary=""', b"----", (400,)),
    "long boundary": ("multipart/form-data; boundary=" + "b" * 71,
                      b"--" + b"b" * 71 + b"--", (400,)),
    "open": ("multipart/form-data; boundary=b",
             b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
             (400,)),
    "nameless": ("multipart/form-data; boundary=b",
                 b"--b\r\nX: y\r\n\r\nx\r\n--b--", (400,)),
    "file": ("multipart/form-data; boundary=b",
             b"--b\r\nContent-Disposition: form-data; name=\"a\"; "
             b"filename=\"../../x\"\r\n\r\nx\r\n--b--", (415,)),
    "part of bytes": ("multipart/form-data; boundary=b",
                      b"--b\r\nContent-Disposition: form-data; name=\"a\""
                      b"\r\n\r\n\xff\xfe\r\n--b--", (400,)),
}

BROKEN_JSON = {
    "nothing": b"", "half": b'{"slot":', "list": b"[]", "word": b"true",
    "number": b"1", "text": b'"a"', "two": b"{}{}", "comma": b'{"slot":1,}',
    "single": b"{'slot':1}", "comment": b'{"slot":1/*a*/}', "nan":
    b'{"slot":NaN}', "nul": b'{"name":"a\\u0000b"}', "nul in a name":
    b'{"name\\u0000x":"Zoe"}', "half a pair": b'{"name":"\\ud800"}',
    "raw line": b'{"name":"a\nb"}', "deep": b"[" * 30000, "deep object":
    b'{"a":' * 5000 + b"1" + b"}" * 5000, "bytes": b'{"name":"\xff"}',
    "latin": '{"name":"Zoé"}'.encode("latin-1"), "wide":
    '{"slot":1}'.encode("utf-16"), "mark": b'\xef\xbb\xbf{"slot":1}',
    "escape": b'{"name":"\\x41"}', "octal": b'{"slot":012}',
}

# In the place of a capability, a reference or an id.
PLACES = {
    "short": "x", "dots": "..", "escaped dots": "%2e%2e", "escaped slash":
    "a%2fb", "nul": "%00", "newline": f"a%0a{FORGED}", "crlf":
    f"%0d%0aX-Evil:%20{FORGED}", "bytes": "%ff%fe", "blank": "%20", "quote":
    "%27%20OR%201=1--", "html": "%3Cscript%3E", "percent": "%25s%25n",
    "forged": "RK7F3M2Q." + "A" * 22, "bare": "RK7F3M2Q", "lower":
    "rk7f3m2q." + "a" * 22, "plus": "RK7F3M2Q." + "+" * 22, "long":
    "A" * 300, "semicolon": "RK7F3M2Q;a=b", "accent": "%C3%A9", "wide":
    "%EF%BC%A1", "star": "*", "tilde": "~root", "backslash": "%5c..%5c",
    "huge": "9" * 19, "negative": "-1",
}


def encoded(fields):
    return urllib.parse.urlencode(fields).encode()


def told(fields):
    return json.dumps(fields).encode()


def number_of(text):
    """The text as JSON has numbers, if it can be one."""
    try:
        return json.loads(text) if text.isascii() else text
    except ValueError:
        return text


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


def broken(label, path, **more):
    for what, (kind, body, statuses) in BROKEN.items():
        yield Case(f"{label} {what}", path, body, kind, statuses, **more)


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
    yield from broken("page", "/bookings")
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
    yield from broken("site", f"/f/{c.key}", headers=away)
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
    for what, text in itertools.chain(NAMES.items()):
        yield Case(f"wait name {what}", wait, encoded(line | {"name": text}))
    for what, text in ADDRESSES.items():
        yield Case(f"wait email {what}", wait, encoded(line | {"email": text}))
    yield from broken("wait", wait)


def place_cases(c):
    """Links, keys, references and ids that are none."""
    patterns = ["/b/{}/cancel", "/b/{}/move", "/b/{}/email", "/b/{}/resend",
                "/b/{}/erase", "/w/{}/take", "/w/{}/leave", "/f/{}",
                "/api/v1/bookings/{}/cancel", "/api/v1/bookings/{}/move",
                "/api/v1/bookings/{}/email"]
    for pattern, (what, place) in itertools.product(patterns, PLACES.items()):
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
