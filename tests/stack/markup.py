# SPDX-License-Identifier: MIT
"""What a page's HTML must keep to, whatever page it is.

html5lib, as strict as it can be, and what validators say besides: names that
lead nowhere, lists with nothing in them, values that a field cannot hold.
"""

import re

import html5lib

__all__ = ["faults"]

ONE_REFERENCE = ("for", "form")
MANY_REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls")
# Elements that mean something only by what is in them.
FILLED = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "div"},
          "select": {"option", "optgroup"}, "tbody": {"tr"}, "tr": {"td", "th"},
          "nav": {"a", "button"}, "fieldset": {"legend"}}
WORDED = {"h1", "h2", "h3", "a", "button", "label", "legend", "caption", "th",
          "dt", "title", "option", "summary", "q"}
HOLDS = {
    "date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
    "time": r"([01]\d|2[0-3]):[0-5]\d",
    "datetime-local": r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?",
    "number": r"-?\d+(\.\d+)?",
}
TEXTUAL = {"text", "search", "url", "tel", "email", "password"}
TIME = (r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?"
        r"(Z|[+-]\d\d:?\d\d)?)?|\d\d:\d\d")


def _text(element):
    words = "".join(element.itertext()).strip()
    return words or element.get("aria-label", "") or "".join(
        e.get("alt", "") for e in element.iter("img"))


def _references(element, ids):
    for name in MANY_REFERENCES + ONE_REFERENCE:
        value = element.get(name)
        if value is None:
            continue
        words = value.split() if name in MANY_REFERENCES else [value]
        if not value.strip():
            yield f"{name} is empty"
        yield from (f"{name}={word} leads nowhere" for word in words
                    if word not in ids)
    target = element.get("href", "")
    if target.startswith("#") and target[1:] not in ids:
        yield f"href={target} leads nowhere"


def _empty(element):
    tag = element.tag
    if tag in FILLED and not any(e.tag in FILLED[tag]
                                 for e in element.iter() if e is not element):
        yield "is empty"
    if tag in WORDED and not _text(element):
        yield "has no words"
    for name in ("id", "class", "href", "action", "name", "lang", "datetime",
                 "aria-label"):
        if element.get(name) is not None and not element.get(name).strip():
            # Where servers speak, the language is not known, and said so.
            if (tag, name) != ("q", "lang"):
                yield f"{name} is empty"


def _field(element):
    kind = element.get("type", "text")
    value = element.get("value", "")
    if value and not re.fullmatch(HOLDS.get(kind, r"(?s).*"), value):
        yield f"type={kind} cannot hold {value!r}"
    if element.get("maxlength") is not None and kind not in TEXTUAL:
        yield f"type={kind} has no maxlength"
    for name in ("min", "max", "step"):
        if element.get(name) is not None and kind not in HOLDS:
            yield f"type={kind} has no {name}"


def _select(element):
    options = list(element.iter("option"))
    if element.get("required") is not None and options and \
            options[0].get("value") != "":
        yield "is required, and its first option is not an empty one"
    if sum(o.get("selected") is not None for o in options) > 1:
        yield "has two options selected"


def _one(element, ids):
    yield from _references(element, ids)
    yield from _empty(element)
    if element.tag == "input":
        yield from _field(element)
    elif element.tag == "select":
        yield from _select(element)
    elif element.tag == "time" and not re.fullmatch(
            TIME, element.get("datetime") or _text(element)):
        yield f"is no time: {element.get('datetime')}"
    elif element.tag == "img" and element.get("alt") is None:
        yield "has no alt"


def faults(markup):
    """A sentence for each thing that is wrong; [] = nothing."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    page = parser.parse(markup)
    found = [f"line {at[0]}: {code}" for at, code, _ in parser.errors]
    elements = [e for e in page.iter() if isinstance(e.tag, str)]
    ids = [e.get("id") for e in elements if e.get("id") is not None]
    found += [f"id={one} is there twice" for one in set(ids)
              if ids.count(one) > 1]
    levels = [int(e.tag[1]) for e in elements if e.tag in
              ("h1", "h2", "h3", "h4")]
    if levels.count(1) != 1:
        found.append(f"{levels.count(1)} h1")
    for element in elements:
        name = element.get("name") or element.get("id") or ""
        found += [f"<{element.tag} {name}> {words}"
                  for words in _one(element, set(ids))]
    return found
