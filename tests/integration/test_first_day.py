# SPDX-License-Identifier: MIT
"""An organiser on an empty installation finds the way by the pages alone."""

import os
import re
import stat
import subprocess
import sys

import pytest
import requests
from stack.layout import TOP, Options, read_env
from stack.offering import YEAR, service_fields
from stack.organiser import Organiser
from stack.stack import Stack
from stack.visitor import Page, Visitor


@pytest.fixture
def empty(tmp_path):
    asan = os.environ.get("RESERVOIR_ASAN") == "1"
    one = Stack(tmp_path / "stack", Options(asan=asan, sample=False),
                quiet=True)
    one.up()
    yield one
    one.down()
    assert not one.sanitizer_reports()


def follow(who, page, end):
    """Follows the page's one link with this end."""
    (path,) = {link for link in page.links if link.endswith(end)}
    return path, who.page(path)


def landed(who, answer):
    assert answer.status_code == 303, Page(answer.text).text
    return who.page(answer.headers["Location"])


def test_the_first_page_leads_to_the_first_booking(empty):
    anna = Organiser(empty)
    today = anna.page("/admin/")        # as people type it
    assert "No service yet" in today.text
    path, _ = follow(anna, today, "/admin/services/new")
    fields = service_fields()
    added = landed(anna, anna.post(fields, path))

    _, slots = follow(anna, added, f"/services/{fields['slug']}/slots")
    assert "Generate slots from opening hours" in slots.text
    path, _ = follow(anna, slots, "/plan")
    plan = {"from": f"{YEAR}-01-04", "until": f"{YEAR}-01-10",
            "minutes": "60", "capacity": "1", "dry_run": "no",
            "hours_mon": "9h-10h", "hours_tue": "9", "hours_fri": "9"}
    answer = anna.post(plan, path)
    said = Page(answer.text).text
    # Which of the seven days each sentence speaks of.
    assert "Tuesday: Write hours" in said and "Friday: Write hours" in said
    assert "Monday: Write hours" not in said
    slots = landed(anna, anna.post(
        plan | {"hours_tue": "", "hours_fri": ""}, path))
    assert "0 of 1 taken" in slots.text

    visitor = Visitor(empty.http_url, "en")
    page = visitor.page(f"/s/{fields['slug']}?from={YEAR}-01-01")
    (slot,) = {link.partition("?")[0] for link in page.links
               if link.startswith(f"/s/{fields['slug']}/")}
    assert "You are booked" in visitor.page(visitor.book(slot)).text


def test_what_up_prints_opens_all_doors(tmp_path):
    """The pages with their password, and both tools, as they are printed."""
    cli = [sys.executable, os.path.join(TOP, "tests", "stack", "cli.py")]
    place = ["--dir", str(tmp_path / "s")]
    asan = ["--asan"] if os.environ.get("RESERVOIR_ASAN") == "1" else []
    try:
        said = subprocess.run([*cli, "up", *place, *asan, "--no-sample"],
                              check=True, text=True, timeout=120,
                              stdout=subprocess.PIPE).stdout
        urls = re.findall(r"^  (\w+) +(http://\S+)$", said, re.M)
        assert [name for name, _ in urls] == ["bookings", "organisers",
                                              "mailbox"]
        user = re.search(r"user (\S+), password (\S+)$", said, re.M).groups()
        for name, url in urls:
            assert requests.get(url, timeout=10, auth=(
                user if name == "organisers" else None)).status_code == 200
        env = str(tmp_path / "s" / "stack.env")
        assert env in said and stat.S_IMODE(os.stat(env).st_mode) == 0o600
        assert (read_env(env)["ADMIN_USER"],
                read_env(env)["ADMIN_PASSWORD"]) == user
        tools = re.findall(r"^  (\S+ -c \S+)$", said, re.M)
        for line, verb in zip(tools, ["doctor", "status"], strict=True):
            subprocess.run([*line.split(), verb], check=True, timeout=60,
                           stdout=subprocess.DEVNULL)
    finally:
        subprocess.run([*cli, "down", *place], check=True, timeout=60)
