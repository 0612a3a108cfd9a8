# SPDX-License-Identifier: MIT
"""Services and slots for tests of organisers' pages and interface."""

import datetime
import secrets

__all__ = ["AUTUMN", "SPRING", "YEAR", "ZONE", "audit_of", "service_fields",
           "slots_of"]

ZONE = "Europe/Paris"


def last_sunday(year, month):
    """When clocks change in Paris."""
    day = datetime.date(year, month + 1, 1) - datetime.timedelta(days=1)
    return day - datetime.timedelta(days=(day.weekday() + 1) % 7)


YEAR = datetime.date.today().year + 1
SPRING, AUTUMN = last_sunday(YEAR, 3), last_sunday(YEAR, 10)


def service_fields(**changes):
    return {"name": "Poterie", "slug": f"poterie-{secrets.token_hex(4)}",
            "description": "Deux heures\r\nau tour", "place": "Cour, porte 3",
            "time_zone": ZONE, "language": "fr", "notice_minutes": "2",
            "notice_minutes_unit": "h", "reminder_minutes": "1",
            "reminder_minutes_unit": "d", "offer_minutes": "30",
            "offer_minutes_unit": "min", "organiser_name": "Anna",
            "organiser_email": "anna@example.org",
            "organiser_mails": "no"} | changes


def slots_of(tables, slug):
    return tables.rows(
        "SELECT s.id, s.starts_at, i.capacity, i.booked FROM slot s"
        " JOIN slot_inventory i ON i.slot_id = s.id JOIN service v"
        " ON v.id = s.service_id WHERE v.slug = %s ORDER BY s.starts_at",
        slug)


def audit_of(tables, slug):
    return [row[0] for row in tables.rows(
        "SELECT action FROM audit WHERE object = %s AND actor = 'anna'"
        " AND request_id <> '' ORDER BY id", slug)]
