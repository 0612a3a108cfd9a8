# SPDX-License-Identifier: MIT
"""Times from weekly opening hours on organisers' pages."""

import datetime
import re

import pytest
from stack.offering import AUTUMN, SPRING, YEAR, audit_of, slots_of
from stack.visitor import Page, at_once
from test_admin_services import anna, slug

__all__ = ["anna", "slug"]


def plan_fields(first, last, **changes):
    return {"from": str(first), "until": str(last), "minutes": "30",
            "capacity": "4", "closed": "", "dry_run": "yes"} | changes


def test_opening_hours_are_looked_at_first_and_then_added(anna, tables, slug):
    path = f"/admin/services/{slug}/slots/plan"
    saturday = SPRING - datetime.timedelta(days=1)
    fields = plan_fields(saturday, SPRING + datetime.timedelta(days=1),
                         hours_sat="9h-10h30", hours_sun="01:30-04:00",
                         hours_mon="9:00-18:00",
                         closed=str(SPRING + datetime.timedelta(days=1)))
    look = anna.post(fields, path)
    page = Page(look.text)
    assert look.status_code == 200
    assert "6 slots would be added" in page.text
    assert "2 slots are left out: the clocks skip their times" in page.text
    assert "slots already exist" not in page.text
    assert slots_of(tables, slug) == ()
    # The form below the preview has all that was typed; so has the button.
    assert page.fields["hours_sat"] == "9h-10h30"
    assert look.text.count('name="hours_sat"') == 2
    done = anna.post(fields | {"dry_run": "no"}, path)
    assert done.status_code == 303
    slots = slots_of(tables, slug)
    assert len(slots) == 6 and {row[2] for row in slots} == {4}
    assert [row[1].isoformat()[11:16] for row in slots[3:]] == [
        "00:30", "01:00", "01:30"]
    # Again, and one day more: what is there stays.
    more = Page(anna.post(fields | {"closed": ""}, path).text)
    assert "18 slots would be added" in more.text
    assert "6 slots already exist" in more.text
    assert audit_of(tables, slug)[1:] == ["slots_added"]
    assert "6 slots" in anna.page("/admin/log").text


def test_hours_in_autumn_are_offered_once(anna, tables, slug):
    done = anna.post(plan_fields(AUTUMN, AUTUMN, hours_sun="01:30-04:00",
                                 dry_run="no"),
                     f"/admin/services/{slug}/slots/plan")
    assert done.status_code == 303
    assert [row[1].isoformat()[11:16] for row in slots_of(tables, slug)] == [
        "23:30", "00:00", "00:30", "02:00", "02:30"]


@pytest.mark.parametrize("changes, field", [
    ({"from": ""}, "from"), ({"from": "2025-01-01"}, "from"),
    ({"until": "2025-01-01"}, "until"),
    ({"until": f"{YEAR + 4}-01-01"}, "until"),
    ({"hours_tue": "9-12"}, "hours_tue"), ({"hours_mon": ""}, "hours_mon"),
    ({"closed": "tomorrow"}, "closed"), ({"minutes": "0"}, "minutes"),
    ({"capacity": "many"}, "capacity"),
    ({"minutes": "1", "until": f"{YEAR + 1}-12-31",
      "hours_mon": "0:00-24:00"}, "until")])
def test_hours_that_cannot_be_read_are_said_where_they_stand(
        anna, tables, slug, changes, field):
    fields = plan_fields(f"{YEAR}-01-04", f"{YEAR}-01-10",
                         hours_mon="09:00-10:00", dry_run="no") | changes
    answer = anna.post(fields, f"/admin/services/{slug}/slots/plan")
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert re.search(rf'id="{field}"[^>]*aria-invalid', answer.text)
    page = Page(answer.text)
    for name in ("from", "until", "hours_mon", "minutes", "capacity"):
        assert page.fields[name] == fields[name]
    assert slots_of(tables, slug) == ()


def statements(tables):
    """How many the server has carried out for anybody."""
    return int(tables.rows("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])


def test_plans_at_once_add_each_time_once(anna, tables, slug):
    """Whatever another one adds between the look and the write."""
    path = f"/admin/services/{slug}/slots/plan"
    week = {f"hours_{day}": "08:00-18:00" for day in ("mon", "tue", "wed")}
    fields = plan_fields(f"{YEAR}-01-04", f"{YEAR}-02-27", minutes="30",
                         dry_run="no", **week)
    answers = at_once(4, lambda _: anna.post(fields, path).status_code)
    assert set(answers) == {303}
    starts = [row[1] for row in slots_of(tables, slug)]
    assert len(starts) == len(set(starts))
    assert len(starts) == 20 * sum(
        (datetime.date(YEAR, 1, 4) + datetime.timedelta(days)).weekday() < 3
        for days in range(55))
    assert tables.value(
        "SELECT COUNT(*) FROM slot s JOIN service v ON v.id = s.service_id"
        " LEFT JOIN slot_inventory i ON i.slot_id = s.id"
        " WHERE v.slug = %s AND i.slot_id IS NULL", slug) == 0


def test_a_large_plan_is_added_in_one_go_and_quickly(anna, tables, slug):
    path = f"/admin/services/{slug}/slots/plan"
    fields = plan_fields(f"{YEAR}-01-01", f"{YEAR}-12-31", minutes="15",
                         dry_run="no", **{f"hours_{day}": "08:00-14:00"
                                          for day in ("mon", "tue", "wed",
                                                      "thu", "fri", "sat",
                                                      "sun")})
    before = statements(tables)
    answer = anna.post(fields, path)
    assert answer.status_code == 303
    added = 365 * 24 + (24 if YEAR % 4 == 0 else 0)
    assert len(slots_of(tables, slug)) == added
    # A worker has ten seconds, and the database may be a network away: not a
    # round trip for each time.
    assert statements(tables) - before < added / 8
    look = anna.post(fields | {"dry_run": "yes"}, path)
    assert "0 slots would be added" in Page(look.text).text
