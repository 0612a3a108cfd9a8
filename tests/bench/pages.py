# SPDX-License-Identifier: MIT
"""Each sort of page, read under load, beside the POST of a booking."""

import datetime

from booking import WORKERS, Rig, described, ratios
from measure import Line, pairs, wait_for_calm

from stack.visitor import Visitor                       # noqa: E402


def week(rig):
    """A service as people have them; returns its page's address."""
    today = datetime.date.today()
    rig.bookctl("service-add", "--slug", "week", "--name", "Consultation",
                "--zone", "Europe/Paris", "--place", "12 Queue Road")
    rig.bookctl("slots", "generate", "--service", "week", "--from",
                str(today + datetime.timedelta(1)), "--until",
                str(today + datetime.timedelta(60)), "--hours",
                "mon-fri 09:00-12:00 14:00-17:00", "--capacity", "4")
    return "/s/week"


def addresses(rig):
    """[(what it is, path, header)], one booking having been made."""
    service = week(rig)
    visitor = Visitor(rig.stack.http_url)
    slot = next(link for link in visitor.page(service).links
                if link.startswith(service + "/"))
    cap = visitor.book(slot).rpartition("/")[2]
    ref = cap.partition(".")[0]
    own = rig.organisers_header()
    return [
        ("services", "/", ""),
        ("days of a service", service, ""),
        ("form", slot, ""),
        ("booking", f"/b/{cap}", ""),
        ("calendar", f"/b/{cap}/calendar.ics", ""),
        ("cancel", f"/b/{cap}/cancel", ""),
        ("move", f"/b/{cap}/move", ""),
        ("correct the address", f"/b/{cap}/email", ""),
        ("privacy", "/privacy", ""),
        ("API: services", "/api/v1/services", ""),
        ("API: free slots", "/api/v1/services/week/slots?free=1", ""),
        ("API: booking", f"/api/v1/bookings/{cap}", ""),
        ("organisers: the day", "/admin", own),
        ("organisers: a booking's story", f"/admin/b/{ref}", own),
    ]


def read(rig, report):
    report.section(f"pages: each read by {WORKERS} connections, beside the "
                   "POST of a booking")
    rows = addresses(rig)
    rig.http(WORKERS, rig.many, seconds=1)      # connects and prepares
    wait_for_calm(report, rig.options.calm)
    for what, path, header in rows:
        ours, posts = pairs(1, lambda p=path, h=header: rig.page(p, h),
                            lambda: rig.http(WORKERS, rig.many))
        report.add(Line(what, described(ours[0]), described(posts[0]),
                        ratios(ours, posts)[0]))
        report.raw[f"page {what}"] = {"page": ours, "post": posts}
        if ours[0]["other"]:
            report.note(f"{ours[0]['other']} answers were no 200, the last "
                        f"one {ours[0]['other_code']}")


BENCHMARKS = {"pages": read}


def run(names, directory, options, report):
    """Runs the named ones on one stack."""
    with Rig(directory, options) as rig:
        for name in names:
            BENCHMARKS[name](rig, report)
