# SPDX-License-Identifier: MIT
"""doc/runbook.md as tests read it: what is to be seen, what is to be typed.

An entry is a bold line "**N. Title.**" and three items, See, Why and Type.
What stands between backticks under See is a command, whose output is looked
at, too, or text that must be there: in a log, on a page, in an output.  Under
Type it is a command, a setting, or a line for nginx; other words are names.
"""

import os
import re

import pytest

from .layout import TOP
from .procs import Trouble, wait_until
from .sysadmin import words_of

PAPER = os.path.join(TOP, "doc", "runbook.md")
COMMANDS = ("/usr/libexec/booking.fcgi", "bookctl", "chmod", "chown", "curl",
            "echo", "install", "kill", "maild", "maildctl", "mariadb",
            "nginx", "ps", "redis-cli", "service", "ss")
# What these say is worth as much as their status.
MAY_FAIL = re.compile(r"service \S+ status|maild --test-mail .*"
                      r"|bookctl doctor --mend")
LIMIT_S = 20


def pattern(quote):
    """A quotation as a regular expression: "…" is anything in its line."""
    text = re.escape(" ".join(quote.split()))
    return re.compile(text.replace("…", r"[^\n]*?"))


class Entry:
    """One symptom, and how much of it has been staged."""

    def __init__(self, number, title, items):
        self.number = int(number)
        self.title = title
        self.why = items["Why"]
        self.see = re.findall(r"`([^`]+)`", items["See"])
        self.type = re.findall(r"`([^`]+)`", items["Type"])
        self.values = {}
        self.is_seen = self.is_typed = False

    def filled(self, text):
        """The text with the capitals replaced by what they stand for."""
        for name, value in self.values.items():
            text = re.sub(rf"\b{name}\b", lambda _, v=value: str(v), text)
        return text

    def look(self, admin, *sources, limit_s=LIMIT_S, **values):
        """Waits until all that is to be seen is: sources are functions."""
        self.values.update(values)
        typed = [self.filled(one) for one in self.see
                 if words_of(one) in COMMANDS]
        quotes = [one for one in self.see if words_of(one) not in COMMANDS]
        assert quotes or typed, f"{self.title}: nothing to see"
        said = []

        def missing():
            said[:] = [str(source()) for source in sources]
            said.extend(admin.try_to(one)[1] for one in typed)
            text = "\n".join(re.sub(r"[ \t]+", " ", one) for one in said)
            # A page breaks its lines where it likes.
            flat = " ".join(text.split())
            return [one for one in quotes if not pattern(one).search(text)
                    and not pattern(one).search(flat)]
        try:
            wait_until(lambda: not missing(), limit_s, self.title, 0.1)
        except Trouble:
            end = "\n".join(one[-2000:] for one in said)
            pytest.fail(f"{self.title}: not seen: {missing()}\n{end}", False)
        self.is_seen = True

    def act(self, admin, part="", nginx_before="", stdin="", **values):
        """Types and edits, in order, all that the paper says.

        Returns what the commands printed.
        """
        self.values.update(values)
        said = []
        for one in map(self.filled, self.type):
            if words_of(one) in COMMANDS:
                status, text = admin.try_to(one, stdin)
                assert status == 0 or MAY_FAIL.fullmatch(one), \
                    f"{self.title}: {one}: status {status}\n{text}"
                said.append(text)
            elif re.match(r"[a-z_]+ = ", one):
                for name in part.split():
                    admin.edit(name, one)
            elif one.endswith(";"):
                admin.edit_nginx(one, nginx_before)
        self.is_typed = True
        return "\n".join(said)


def read():
    """All entries of the paper, by title."""
    with open(PAPER, encoding="utf-8") as file:
        text = file.read()
    found = {}
    for number, title, body in re.findall(
            r"^\*\*(\d+)\. (.+?)\*\*\n(.*?)(?=^\*\*\d|^## |\Z)", text,
            re.M | re.S):
        items = {name: " ".join(words.split()) for name, words in re.findall(
            r"^- \*(See|Why|Type):\*(.*?)(?=^- \*|\Z)", body, re.M | re.S)}
        if set(items) != {"See", "Why", "Type"}:
            raise Trouble(f"runbook, {number}: not See, Why and Type")
        entry = Entry(number, title.rstrip("."), items)
        found[entry.title] = entry
    return found
