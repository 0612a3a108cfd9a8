#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Finds French texts without the spaces and apostrophes of French print.

A no-break space (U+00A0) stands before ":", ";", "!", "?" and inside the
quotation marks, or the sign may begin a line alone; the apostrophe is U+2019.
Prints "file: what is wrong: text"; status 1 if there was any.
"""

import html
import json
import pathlib
import re
import sys

NBSP = "\u00a0"
RULES = (
    # 12:30, https:// and "::" are no punctuation.
    ("no U+00A0 before the sign", re.compile(
        rf"(?<![{NBSP}:;!?])(?:[;!?]|:(?=\s|$))")),
    ("no U+00A0 inside the quotation marks", re.compile(
        rf"«(?!{NBSP})|(?<!{NBSP})»")),
    ("not the apostrophe U+2019", re.compile(r"(?<=\w)'")),
)
WRONG = ("Vraiment ?", "Vraiment?", "un mot : deux", "un mot: deux", "Heure :",
         "l'heure", "« oui »", "«oui»", "un ; deux", "Vraiment\u202f?")
RIGHT = (f"Vraiment{NBSP}?", f"un mot{NBSP}: deux", "l’heure", "12:30",
         f"«{NBSP}oui{NBSP}»", "https://example.org/?a", "(@, www., ://)")


def faults(text):
    plain = re.sub(r"https?://\S+", "", text)
    return [what for what, rule in RULES if rule.search(plain)]


def texts_of(value):
    """The texts of a catalogue, or of sample data."""
    if isinstance(value, dict):
        for name, inner in value.items():
            # What programs read.
            if name not in ("plural", "links", "jsonld"):
                yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, str):
        yield value


def lines_of(markup):
    """The words of a page or mail, without its tags and template names."""
    # What a script of the form kit says.
    yield from map(html.unescape, re.findall(r'\sdata-\w+="([^"]*)"', markup))
    markup = re.sub(r"(?s)<!--.*?-->|<style>.*?</style>", "", markup)
    # nginx's pages say it in English, too.
    markup = re.sub(r'(?s)<section lang="en">.*?</section>', "", markup)
    # A header of the mail, not a word of it.
    markup = re.sub(r"\ASubject: ", "", markup)
    markup = re.sub(r"{{[^}]*}}", "x", markup)
    for line in re.sub(r"<[^>]*>", "\n", markup).splitlines():
        yield html.unescape(line)


def main():
    count = 0
    files = {"locale/fr.json": texts_of, "templates/mail/sample.json": texts_of}
    for folder in ("templates/mail/fr", "templates/web", "nginx/errors"):
        for path in sorted(pathlib.Path(folder).iterdir()):
            if path.suffix in (".txt", ".html"):
                files[str(path)] = lines_of
    for path in sorted(pathlib.Path("doc/form-kit").glob("*.fr.html")):
        files[str(path)] = lines_of
    for name, read in files.items():
        text = pathlib.Path(name).read_text(encoding="utf-8")
        if name.endswith(".json"):
            text = json.loads(text)
        for part in read(text):
            for what in faults(part):
                print(f"{name}: {what}: {part.strip()}")
                count += 1
    # Rules that find nothing would be kept for ever.
    for text in WRONG + RIGHT:
        if bool(faults(text)) != (text in WRONG):
            print(f"french.py: judges wrongly: {text}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
