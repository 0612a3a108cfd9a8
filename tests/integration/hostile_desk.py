# SPDX-License-Identifier: MIT
"""Hostile requests to what only organisers and their programs may."""

import itertools

from hostile import Case, broken, encoded, told
from hostile_texts import (ADDRESSES, BROKEN_JSON, JSON, NAMES, NUMBERS,
                           PLACES, TEXTS)

SERVICE = {"name": "", "slug": "a", "description": "a", "place": "a",
           "time_zone": "Europe/Paris", "language": "fr", "notice_minutes":
           "0", "notice_minutes_unit": "h", "reminder_minutes": "1",
           "reminder_minutes_unit": "d", "offer_minutes": "2",
           "offer_minutes_unit": "h", "organiser_name": "a",
           "organiser_email": "a@example.org", "organiser_mails": "no"}
SLOT = {"starts_at": "2031-02-31T25:00", "minutes": "30", "capacity": "1"}
PLAN = {"from": "2031-02-31", "until": "2031-03-01", "hours_mon":
        "09:00-12:00", "closed": "", "minutes": "30", "capacity": "1"}
QUESTION = {"name": "", "kind": "choice", "label": "A", "options": "a\nb",
            "required": "no", "per_seat": "no", "position": "x",
            "text_lang": ""}
TIMES = {"no such day": "2031-02-30T09:00", "gap": "2031-03-30T02:30",
         "past": "1999-01-01T09:00", "year 0": "0000-01-01T09:00", "huge":
         "99999-01-01T09:00", "words": "tomorrow", "sql": "NOW()", "zone":
         "2031-01-01T09:00+99:00", "blank": "", "nul": "2031-01-01T09:00\0"}


def inside_of(c):
    return c.organiser | {"Origin": c.url, "Sec-Fetch-Site": "same-origin"}


def desk_cases(c):
    """What only organisers and their programs may."""
    inside = inside_of(c)
    words = ("resend", "retry", "abort", "email", "cancel")
    for word in words:
        path = f"/admin/b/{c.ref}/{word}"
        yield Case(f"desk {word}, nobody", path, b"a=b", statuses=(401,))
        for what, more in {
                "other site": {"Origin": "https://evil.example"},
                "null": {"Origin": "null"}, "cross": {
                    "Origin": c.url, "Sec-Fetch-Site": "cross-site"},
                "same site": {"Origin": c.url,
                              "Sec-Fetch-Site": "same-site"},
                "no origin": {}}.items():
            yield Case(f"desk {word}, {what}", path, b"a=b",
                       statuses=(403,), headers=c.organiser | more)
        for what, place in PLACES.items():
            yield Case(f"desk {word} {what}", f"/admin/b/{place}/{word}",
                       b"a=b", statuses=(400, 404), headers=inside)
        yield from broken(f"desk {word}", path, headers=inside)
        api = f"/api/v1/admin/bookings/{c.ref}/{word}"
        if word in ("retry", "abort"):
            api = f"/api/v1/admin/bookings/{c.ref}/mails/1/{word}"
        for what, value in {"none": None, "empty": "", "basic": "Basic YTpi",
                            "wrong": "Bearer " + "0" * 40, "sql":
                            "Bearer ' OR 1=1--", "long":
                            "Bearer " + "a" * 3000}.items():
            yield Case(f"program {word}, {what}", api, b"{}", JSON, (401,),
                       headers={} if value is None
                       else {"Authorization": value})
        for what, body in BROKEN_JSON.items():
            if what == "nothing":
                continue    # all of it may be left out
            yield Case(f"program {word} json {what}", api, body, JSON,
                       (400, 404, 422), headers=c.program)
    for what, text in ADDRESSES.items():
        yield Case(f"desk corrects {what}", f"/admin/b/{c.ref}/email",
                   encoded({"email": text}), statuses=(409, 422),
                   headers=inside)


def setup_cases(c):
    """Services, slots and calendars; each form has something wrong already."""
    inside = inside_of(c)
    forms = {"/admin/services/new": SERVICE,
             f"/admin/services/{c.slug}": SERVICE,
             f"/admin/services/{c.slug}/question": QUESTION,
             f"/admin/services/{c.slug}/slots/new": SLOT,
             f"/admin/services/{c.slug}/slots/plan": PLAN}
    for (path, good), (what, text) in itertools.product(
            forms.items(), TEXTS.items()):
        for field in good:
            yield Case(f"{path} {field} {what}", path, encoded(good | {
                field: text if field != "name" else "\u202e" + text}),
                statuses=(422,), headers=inside, echo=text)
    for what, text in TEXTS.items():
        yield Case(f"question's texts {what}", f"/api/v1/admin/services/"
                   f"{c.slug}/questions", told({
                       "kind": "choice", "label": text, "options": [text] * 2,
                       "text_lang": ""}), JSON, headers=c.program)
    for what, text in NAMES.items():
        yield Case(f"service {what}", "/admin/services/new",
                   encoded(SERVICE | {"name": text, "slug": "!"}),
                   headers=inside)
        if what in ("link", "ftp", "www", "address"):
            continue    # an organiser's own list may be called so
        yield Case(f"feed {what}", "/admin/feeds", encoded({"name": text}),
                   headers=inside)
    for what, text in ADDRESSES.items():
        yield Case(f"organiser's address {what}", "/admin/services/new",
                   encoded(SERVICE | {"organiser_email": text}),
                   headers=inside)
    for what, text in TIMES.items():
        yield Case(f"slot at {what}", f"/admin/services/{c.slug}/slots/new",
                   encoded(SLOT | {"starts_at": text}), statuses=(400, 422),
                   headers=inside)
    for field, texts in (("name", NAMES), ("email", ADDRESSES),
                         ("seats", NUMBERS)):
        for what, text in texts.items():
            yield Case(f"waiting {field} {what}",
                       f"/admin/slots/{c.slot}/wait",
                       encoded({"slot": str(c.slot), "name": "Ada", "email":
                                "ada@example.org", field: text}),
                       headers=inside)
    for what, text in NUMBERS.items():
        yield Case(f"capacity {what}", f"/admin/slots/{c.slot}/capacity",
                   encoded({"capacity": text}), statuses=(409, 422),
                   headers=inside)
    for what, text in TEXTS.items():
        # The list of feeds says that there was none of that name.
        yield Case(f"feed revoked {what}", "/admin/feeds/revoke",
                   encoded({"name": text}), statuses=(303,), headers=inside)
    for path in (*forms, "/admin/feeds", "/admin/feeds/rotate",
                 f"/admin/slots/{c.slot}/capacity",
                 f"/admin/slots/{c.slot}/wait",
                 f"/admin/slots/{c.slot}/wait/again",
                 f"/admin/slots/{c.slot}/remove"):
        yield from broken(path, path, headers=inside)
        yield Case(f"{path} from elsewhere", path, b"a=b", statuses=(403,),
                   headers=c.organiser | {"Origin": "https://evil.example"})
        yield Case(f"{path}, nobody", path, b"a=b", statuses=(401,))
    for pattern, (what, place) in itertools.product(
            ("/admin/services/{}", "/admin/services/{}/slots/new",
             "/admin/services/{}/question",
             "/admin/services/visite/questions/{}",
             "/admin/services/visite/questions/{}/raise",
             "/admin/services/visite/questions/{}/retire",
             "/admin/slots/{}/capacity", "/admin/slots/{}/remove",
             "/admin/slots/{}/wait", "/admin/slots/{}/wait/again"),
            PLACES.items()):
        if what == "forged":
            continue    # logs hide links only where links are
        yield Case(f"{pattern} {what}", pattern.format(place), b"capacity=0",
                   statuses=(400, 404), headers=inside)
