# SPDX-License-Identifier: MIT
"""A service's times: a list if they are few, else a month and one of its days."""

import datetime
import random
import re
import secrets
import zoneinfo
from html.parser import HTMLParser

import pytest
from stack.offering import AUTUMN, SPRING, YEAR
from stack.visitor import Page, Visitor, unique_address

FEW = 12
PARIS = "Europe/Paris"
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
        "Sunday"]


class Month(HTMLParser):
    """The table of a page, and the times below it."""

    def __init__(self, markup):
        super().__init__()
        self.caption = ""
        self.heads = []
        self.rows = []          # of cells: (text, attributes of its link)
        self.times = []         # datetime of each
        self.others = {}        # class of a link to another month -> its month
        self.opened = ""
        self._at = None
        self._unseen = False
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in ("caption", "th", "td"):
            self._at = tag
        if tag == "th":
            assert values["scope"] == "col"
            self.heads.append("")
        elif tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.rows[-1].append(["", {}])
        elif tag == "span" and self._at == "td":
            self._unseen = values.get("class") == "unseen"
        elif tag == "a" and self._at == "td":
            self.rows[-1][-1][1] = values | {"label": ""}
            if "aria-current" in values:
                assert not self.opened
                self.opened = day_of(values["href"])
        elif tag == "a" and values.get("class") == "slot":
            self._at = "slot"
        elif (tag == "a" and values.get("class") in ("back", "next")
              and "?month=" in values["href"]):
            self.others[values["class"]] = re.search(
                r"\?month=([\d-]+)", values["href"])[1]
        elif tag == "time" and self._at == "slot":
            self.times.append(values["datetime"])

    def handle_endtag(self, tag):
        if tag == "span":
            self._unseen = False
        if tag in ("caption", "th", "td", "a") and (tag == "a") == (
                self._at == "slot"):
            self._at = None

    def handle_data(self, data):
        if self._at == "caption":
            self.caption += data
        elif self._at == "th":
            self.heads[-1] += data
        elif self._at == "td" and self._unseen:
            self.rows[-1][-1][1]["label"] += data
        elif self._at == "td":
            self.rows[-1][-1][0] += data

    @property
    def links(self):
        return {day_of(link["href"]): link for row in self.rows
                for _, link in row if link}

    @property
    def is_there(self):
        return bool(self.rows)


def day_of(href):
    return re.search(r"\?day=(\d{4}-\d\d-\d\d)", href)[1]


@pytest.fixture
def offer(bookctl):
    """Makes a service with slots at these local times; (slug, their ids)."""
    def make(times, zone=PARIS, capacity=1):
        slug = f"month-{secrets.token_hex(4)}"
        bookctl("service-add", "--slug", slug, "--name", "Month",
                "--zone", zone, "--reminder", "0min")
        return slug, [add(bookctl, slug, at, capacity) for at in times]
    return make


def add(bookctl, slug, at, capacity=1):
    return bookctl("slot-add", "--service", slug, "--start",
                   at.strftime("%Y-%m-%dT%H:%M"), "--capacity",
                   str(capacity)).split()[0]


def month(stack, path):
    answer = Visitor(stack.http_url, "en").get(path)
    assert answer.status_code == 200, path
    return Month(answer.text)


def at(year, month_, day, hour=9, minute=0):
    return datetime.datetime(year, month_, day, hour, minute)


def daily(first, count):
    return [first + datetime.timedelta(n) for n in range(count)]


# ---- which form -------------------------------------------------------------

def test_few_times_are_a_list_and_more_are_a_month(stack, bookctl, offer):
    times = daily(at(YEAR, 3, 3), FEW)
    slug, ids = offer(times)
    page = Visitor(stack.http_url, "en").page(f"/s/{slug}")
    assert [link for link in page.links
            if link.startswith(f"/s/{slug}/")] == [f"/s/{slug}/{one}"
                                                   for one in ids]
    add(bookctl, slug, times[-1] + datetime.timedelta(1))
    shown = month(stack, f"/s/{slug}")
    assert shown.caption == f"March {YEAR}"
    assert len(shown.times) == 1 and len(shown.links) == FEW + 1


def test_a_month_is_a_table_whose_days_with_room_are_links(stack, tables,
                                                           offer):
    times = daily(at(YEAR, 3, 3), 14) + [at(YEAR, 3, 5, 10)]
    slug, ids = offer(times)
    tables.rows("UPDATE slot_inventory SET booked = 1 WHERE slot_id = %s",
                ids[0])
    tables.rows("UPDATE slot_inventory SET closed = 1 WHERE slot_id = %s",
                ids[3])
    shown = month(stack, f"/s/{slug}")
    assert [head[2:] for head in shown.heads] == WEEK
    assert all(len(row) == 7 for row in shown.rows[1:])
    numbers = [cell[0] for row in shown.rows for cell in row if cell[0]]
    assert numbers == [str(n) for n in range(1, 32)]
    for row in shown.rows[1:]:
        for column, (number, link) in enumerate(row):
            if number:
                day = datetime.date(YEAR, 3, int(number))
                assert day.weekday() == column
                if link and "full" not in link.get("class", ""):
                    assert 4 <= day.day <= 16 and day.day != 6
                    assert link["label"].startswith(
                        f"{WEEK[column]} {number} March {YEAR}")
    assert f"{YEAR}-03-06" not in shown.links
    # The first one with room is open, and its times stand below.
    assert shown.opened == f"{YEAR}-03-04"
    assert [when[:16] for when in shown.times] == [f"{YEAR}-03-04T09:00"]
    shown = month(stack, f"/s/{slug}?day={YEAR}-03-05")
    assert shown.opened == f"{YEAR}-03-05"
    assert [when[:16] for when in shown.times] == [
        f"{YEAR}-03-05T09:00", f"{YEAR}-03-05T10:00"]


def test_a_service_that_is_wholly_full_says_so(stack, tables, offer):
    """In a month, and in a list."""
    for count in (14, 3):
        slug, ids = offer(daily(at(YEAR, 3, 3), count))
        visitor = Visitor(stack.http_url, "en")
        assert "All of these" not in visitor.page(f"/s/{slug}").text
        tables.rows("UPDATE slot_inventory SET booked = 1 WHERE slot_id IN"
                    f" ({', '.join(map(str, ids))})")
        page = visitor.page(f"/s/{slug}")
        assert "All of these slots are full" in page.text
        assert f"/s/{slug}/{ids[0]}/wait" in page.links


def test_booking_takes_three_taps_and_two_fields(stack, offer):
    slug, _ = offer(daily(at(YEAR, 3, 3), 20))
    visitor = Visitor(stack.http_url, "en")
    assert f"/s/{slug}" in visitor.page("/").links              # 1
    slot = next(link for link in visitor.page(f"/s/{slug}").links
                if re.fullmatch(rf"/s/{slug}/\d+", link))       # 2
    form = visitor.page(slot).fields
    answer = visitor.post(form | {"name": "Zoé",
                                  "email": unique_address()})   # 3
    assert answer.status_code == 303


def test_months_lead_to_those_that_have_times_and_no_further(stack, offer):
    times = daily(at(YEAR, 1, 25), 14) + [at(YEAR, 5, 2)]
    slug, _ = offer(times)
    shown = month(stack, f"/s/{slug}")
    assert shown.caption == f"January {YEAR}"
    assert shown.others["next"] == f"{YEAR}-02"
    shown = month(stack, f"/s/{slug}?month={YEAR}-02")
    assert shown.caption == f"February {YEAR}"
    assert shown.opened == f"{YEAR}-02-01"
    # A month with nothing says so, and where there is something.
    answer = Visitor(stack.http_url, "en").get(f"/s/{slug}?month={YEAR}-03")
    shown = Month(answer.text)
    assert shown.caption == f"March {YEAR}" and not shown.links
    assert shown.others == {"back": f"{YEAR}-02", "next": f"{YEAR}-04"}
    text = Page(answer.text).text
    assert "No free slots in this month" in text
    assert f"2 May {YEAR}" in text
    assert month(stack, f"/s/{slug}?day={YEAR}-05-02").times
    # Neither end leads on: robots follow links.
    shown = month(stack, f"/s/{slug}?month=9999-12")
    assert shown.caption == f"May {YEAR}"
    assert set(shown.others) == {"back"}
    shown = month(stack, f"/s/{slug}?month=1970-01")
    assert "back" not in shown.others


def test_links_from_a_day_on_go_on_working(stack, tables, offer):
    slug, ids = offer(daily(at(YEAR, 1, 25), 14) + [at(YEAR, 5, 2)])
    assert month(stack, f"/s/{slug}?from={YEAR}-01-28").opened == \
        f"{YEAR}-01-28"
    tables.rows("UPDATE slot_inventory SET booked = 1 WHERE slot_id IN %s",
                ids[3:5])
    assert month(stack, f"/s/{slug}?from={YEAR}-01-28").opened == \
        f"{YEAR}-01-30"
    shown = month(stack, f"/s/{slug}?from={YEAR}-02-10")
    assert (shown.caption, shown.opened) == (f"May {YEAR}", f"{YEAR}-05-02")
    assert month(stack, f"/s/{slug}?from=2001-02-03").opened == \
        f"{YEAR}-01-25"


def test_another_language_stays_on_the_day(stack, offer):
    slug, _ = offer(daily(at(YEAR, 1, 25), 14))
    page = Visitor(stack.http_url).page(f"/s/{slug}?day={YEAR}-01-30")
    assert f"/s/{slug}?day={YEAR}-01-30&lang=en" in page.links
    text = Visitor(stack.http_url).get(
        f"/s/{slug}?day={YEAR}-01-30&lang=fr").text
    shown = Month(text)
    assert shown.caption == f"janvier {YEAR}"
    assert shown.heads[0].endswith("lundi")
    assert f"/s/{slug}?day={YEAR}-01-31&amp;lang=fr#day-1" in text


@pytest.mark.parametrize("query", [
    "day=", "day=x", "day=2027-02-31", "day=2027-13-01", "day=9999-12-31",
    "month=2027-00", "month=2027", "month=2027-1-", "from=2027-02-30",
    "day=%00", "day=2027-03-03%0d%0aX:1", 'day="><script>', "day=' OR 1",
    "day=2027-03-03&day=2027-03-04", "month=2027-03&day=x&from=y",
    "day=" + "9" * 500, "day[]=2027-03-03", "day=%F0%9F%98%80"])
def test_an_odd_day_is_no_day(stack, offer, query):
    slug, _ = offer(daily(at(YEAR, 3, 3), 14))
    answer = Visitor(stack.http_url, "en").get(f"/s/{slug}?{query}")
    if "%00" in query:
        assert answer.status_code in (200, 400)
        return
    assert answer.status_code == 200
    assert "<script" not in answer.text and "OR 1" not in answer.text
    assert Month(answer.text).is_there


# ---- full days --------------------------------------------------------------

def fill(tables, ids):
    tables.rows("UPDATE slot_inventory SET booked = capacity"
                " WHERE slot_id IN %s", ids)


def test_full_days_are_marked_and_lead_to_the_waiting_list(stack, tables,
                                                           offer):
    slug, ids = offer(daily(at(YEAR, 3, 3), 14))
    fill(tables, ids[:2])
    answer = Visitor(stack.http_url, "en").get(f"/s/{slug}")
    shown = Month(answer.text)
    full = [day for day, link in shown.links.items()
            if link.get("class") == "full"]
    assert full == [f"{YEAR}-03-03", f"{YEAR}-03-04"]
    assert all(shown.links[day]["label"].endswith("(full)")
               for day in full)
    assert "struck through are full" in Page(answer.text).text
    # The first one with room is open all the same.
    assert shown.opened == f"{YEAR}-03-05"
    page = Visitor(stack.http_url, "en").page(f"/s/{slug}?day={full[0]}")
    assert [link for link in page.links if link.startswith(f"/s/{slug}/")] \
        == [f"/s/{slug}/{ids[0]}/wait"]


def test_a_service_that_is_full_opens_its_first_full_day(stack, tables,
                                                         offer):
    slug, ids = offer(daily(at(YEAR, 3, 30), 14))
    fill(tables, ids)
    shown = month(stack, f"/s/{slug}")
    assert (shown.caption, shown.opened) == (f"March {YEAR}", f"{YEAR}-03-30")
    page = Visitor(stack.http_url, "en").page(f"/s/{slug}")
    assert f"/s/{slug}/{ids[0]}/wait" in page.links
    # But no earlier one than a link asks for.
    assert month(stack, f"/s/{slug}?from={YEAR}-04-02").opened == \
        f"{YEAR}-04-02"


# ---- whose days -------------------------------------------------------------

@pytest.mark.parametrize("zone, day", [
    (PARIS, SPRING), (PARIS, AUTUMN), ("Pacific/Auckland", AUTUMN),
    ("America/St_Johns", SPRING), ("Asia/Beirut", SPRING),
    ("Pacific/Kiritimati", SPRING), ("Etc/GMT+12", AUTUMN)])
def test_days_are_those_of_the_clocks_there(stack, offer, zone, day):
    """Around changes of the clocks, and around the ends of the month."""
    first = day.replace(day=1)
    dice = random.Random(f"{zone}{day}")
    chosen = {day, day + datetime.timedelta(1), day - datetime.timedelta(1),
              first, (first + datetime.timedelta(31)).replace(day=1)
              - datetime.timedelta(1)}
    times = sorted(
        {datetime.datetime.combine(one, datetime.time(hour, minute))
         for one in chosen for hour, minute in (
             (4, 0), (7, 30), (23, dice.randrange(60)), (12, dice.randrange(60)))})
    slug, _ = offer(times, zone)
    shown = month(stack, f"/s/{slug}?month={day:%Y-%m}")
    wanted = {f"{one:%Y-%m-%d}" for one in times if one.month == day.month}
    assert set(shown.links) == wanted
    for one in sorted(wanted):
        below = month(stack, f"/s/{slug}?day={one}").times
        assert [when[:16] for when in below] == [
            f"{when:%Y-%m-%dT%H:%M}" for when in times
            if f"{when:%Y-%m-%d}" == one]
        for when in below:
            local = datetime.datetime.fromisoformat(when)
            assert local.utcoffset() == local.replace(
                tzinfo=zoneinfo.ZoneInfo(zone)).utcoffset()


def test_another_zone_leaves_older_times_on_their_days(stack, bookctl,
                                                       offer):
    """23:30 in Paris is the next day in Auckland, on the first of a month."""
    slug, _ = offer([at(YEAR, 1, 31, 23, 30), at(YEAR, 3, 1, 0, 30)]
                    + daily(at(YEAR, 2, 3), 12))
    bookctl("service-change", "--slug", slug, "--zone", "Pacific/Auckland")
    add(bookctl, slug, at(YEAR, 2, 4, 8))
    shown = month(stack, f"/s/{slug}?month={YEAR}-02")
    assert set(shown.links) == {f"{YEAR}-02-{day:02}"
                                for day in range(3, 15)}
    shown = month(stack, f"/s/{slug}?day={YEAR}-02-04")
    assert [when[:16] for when in shown.times] == [
        f"{YEAR}-02-04T08:00", f"{YEAR}-02-04T09:00"]
    assert month(stack, f"/s/{slug}?day={YEAR}-01-31").times == [
        f"{YEAR}-01-31T23:30:00+01:00"]
    assert month(stack, f"/s/{slug}?day={YEAR}-03-01").times == [
        f"{YEAR}-03-01T00:30:00+01:00"]


# ---- moving -----------------------------------------------------------------

def test_moving_takes_three_taps_and_offers_what_fits(stack, tables, offer):
    slug, ids = offer(daily(at(YEAR, 3, 3), 16), capacity=3)
    visitor = Visitor(stack.http_url, "en")
    place = visitor.book(f"/s/{slug}/{ids[1]}", seats="2")
    tables.rows("UPDATE slot_inventory SET booked = 2 WHERE slot_id = %s",
                ids[0])
    assert place + "/move" in visitor.page(place).links         # 1
    shown = month(stack, place + "/move")
    # Its own day, and one with a single place, cannot be chosen.
    assert set(shown.links) == {f"{YEAR}-03-{day:02}"
                                for day in range(5, 19)}
    assert shown.opened == f"{YEAR}-03-05"
    to = next(link for link in visitor.page(place + "/move").links
              if "?slot=" in link)
    page = visitor.page(to)                                     # 2
    answer = visitor.post(page.fields, page.actions[0])         # 3
    assert answer.status_code == 303
    shown = month(stack, f"{place}/move?day={YEAR}-03-04")
    assert [when[:10] for when in shown.times] == [f"{YEAR}-03-04"]
    assert f"{YEAR}-03-05" not in shown.links
    answer = visitor.get(place + f"/move?day={YEAR}-03-03")
    assert "No free slots on this day" in Page(answer.text).text


# ---- the list of services ---------------------------------------------------

def test_each_service_says_its_next_free_date_and_length(stack, tables,
                                                         offer):
    slug, ids = offer([at(YEAR, 3, 3), at(YEAR, 3, 4, 14, 30)])
    visitor = Visitor(stack.http_url, "en")

    def card():
        return re.search(rf'<li class="card">\s*<h2><a href="/s/{slug}".*?</li>',
                         visitor.get("/").text, re.DOTALL)[0]

    def next_free():
        return next(one["next_free"] for one in visitor.get(
            "/api/v1/services").json()["services"] if one["slug"] == slug)

    day = datetime.date(YEAR, 3, 3)
    assert f"{WEEK[day.weekday()]} 3 March {YEAR}" in card()
    assert "09:00" in card() and "(30\u00a0min)" in card()
    assert next_free()["id"] == int(ids[0]) and next_free()["free"] == 1
    # Full and closed ones are passed over.
    tables.rows("UPDATE slot_inventory SET booked = 1 WHERE slot_id = %s",
                ids[0])
    assert f"4 March {YEAR}" in card() and "14:30" in card()
    tables.rows("UPDATE slot SET ends_at = starts_at + INTERVAL 90 MINUTE"
                " WHERE id = %s", ids[1])
    assert "(1\u00a0h\u00a030)" in card()
    assert next_free()["starts_at"] == f"{YEAR}-03-04T14:30:00+01:00"
    tables.rows("UPDATE slot_inventory SET closed = 1 WHERE slot_id = %s",
                ids[1])
    assert "No free slots at the moment" in card()
    assert next_free() is None
