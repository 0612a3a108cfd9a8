# SPDX-License-Identifier: MIT
"""The mailbox's pages: a list of mails, and one mail."""

import email
import email.header
import email.policy
import email.utils
import os
import time
from dataclasses import dataclass
from html import escape

A_PAGE = 100
SHOWN_HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID",
                 "Content-Language")

STYLE = """\
:root { color-scheme: light dark; --line: #8884; --soft: #8881;
  --faint: #667; --accent: #0b63c5; }
@media (prefers-color-scheme: dark) {
  :root { --faint: #99a; --accent: #7ab4ff; } }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
header { padding: .8rem 1.2rem; border-bottom: 1px solid var(--line);
  display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; }
header h1 { font-size: 1.15rem; margin: 0; }
header p { margin: 0; color: var(--faint); }
main { max-width: 62rem; margin: 0 auto; padding: 1rem 1.2rem 3rem; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent);
  outline-offset: 2px; }
.mails { list-style: none; margin: 0; padding: 0; }
.mails a { display: grid; grid-template-columns: 6rem 15rem 1fr;
  gap: 0 1rem; padding: .55rem .6rem; color: inherit; text-decoration: none;
  border-bottom: 1px solid var(--line); }
.mails a:hover { background: var(--soft); }
.mails span { overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
.mails .when, .mails .to { color: var(--faint); }
.mails .subject { font-weight: 600; }
.none { color: var(--faint); padding: 4rem 0; text-align: center; }
h2 { font-size: 1.5rem; line-height: 1.25; margin: .6rem 0 1rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem;
  margin: 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 46rem; border: 1px solid var(--line);
  border-radius: .4rem; background: #fff; }
pre { margin: 0; padding: .8rem 1rem; background: var(--soft);
  border-radius: .4rem; white-space: pre-wrap; overflow-wrap: anywhere;
  font: .9rem/1.45 ui-monospace, monospace; }
details { margin-top: 1rem; }
summary { cursor: pointer; }
nav { margin-top: 1.2rem; display: flex; gap: 1rem; }
@media (max-width: 40rem) {
  .mails a { grid-template-columns: 1fr; } }
"""


def decoded(value):
    """A raw header value as text, whatever the sender put there."""
    try:
        text = str(email.header.make_header(
            email.header.decode_header(str(value))))
    except (ValueError, LookupError):
        text = str(value)
    return " ".join(text.encode("utf-8", "replace").decode().split())


def frame(title, line, body, refresh=0):
    """A whole page; title and line are text, body is markup."""
    again = (f'<meta http-equiv="refresh" content="{refresh}">\n'
             if refresh else "")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" '
        'content="width=device-width, initial-scale=1">\n'
        f'{again}<title>{escape(title)}</title>\n'
        '<link rel="stylesheet" href="/style.css">\n</head>\n<body>\n'
        '<header><h1><a href="/">Mailbox</a></h1>'
        f'<p>{escape(line)}</p></header>\n<main>\n{body}</main>\n'
        '</body>\n</html>\n')


def missing():
    return frame("Not here", "", "<p class=\"none\">There is no such mail."
                 "</p>\n")


def arrival(name):
    """The time of arrival, out of a file's name, as HH:MM:SS."""
    at_ms = int(name.partition("-")[2].partition(".")[0])
    return time.strftime("%H:%M:%S", time.localtime(at_ms / 1000))


def listing(directory, names, page):
    """The mails, newest first; looks again every few seconds."""
    chosen = names[(page - 1) * A_PAGE:page * A_PAGE]
    rows = []
    for name in chosen:
        try:
            with open(os.path.join(directory, name), "rb") as file:
                head = email.message_from_binary_file(
                    file, policy=email.policy.compat32)
        except OSError:
            continue
        rows.append(
            f'<li><a href="/mail/{name}"><span class="when">{arrival(name)}'
            f'</span> <span class="to">{escape(decoded(head["To"] or "?"))}'
            f'</span> <span class="subject">'
            f'{escape(decoded(head["Subject"] or "(no subject)"))}'
            '</span></a></li>\n')
    body = ('<ol class="mails" aria-label="Mails, newest first">\n'
            + "".join(rows) + "</ol>\n") if rows else (
        '<p class="none">No mail yet. This page looks again by itself.</p>\n')
    links = []
    if page > 1:
        links.append(f'<a href="/?page={page - 1}">Newer</a>')
    if len(names) > page * A_PAGE:
        links.append(f'<a href="/?page={page + 1}">Older</a>')
    if links:
        body += "<nav>" + " ".join(links) + "</nav>\n"
    count = f"{len(names)} mail{'' if len(names) == 1 else 's'} caught, " \
        "none sent on"
    return frame(f"Mailbox ({len(names)})", count, body, refresh=3)


@dataclass
class Part:
    """One leaf of a mail's tree."""
    kind: str
    filename: str
    content: bytes
    attached: bool

    @property
    def text(self):
        return self.content.decode("utf-8", "replace")


class Mail:
    """One caught mail, parsed as far as it can be."""

    def __init__(self, name, raw):
        self.name = name
        self.size = len(raw)
        self.message = email.message_from_bytes(
            raw, policy=email.policy.compat32)
        self.parts = []
        for part in self.message.walk():
            if not part.is_multipart():
                self.parts.append(self._leaf(part))
        self.html = self._first("text/html")
        self.plain = self._first("text/plain")

    def _leaf(self, part):
        kind = part.get_content_type()
        content = part.get_payload(decode=True) or b""
        if kind.startswith("text/"):
            charset = part.get_content_charset() or "utf-8"
            try:
                content = content.decode(charset, "replace").encode()
            except LookupError:
                pass
        filename = part.get_filename()
        plain = kind.replace("/", ".")
        return Part(kind, decoded(filename) if filename
                    else f"part-{len(self.parts)}.{plain}", content,
                    filename is not None)

    def _first(self, kind):
        for part in self.parts:
            if part.kind == kind and not part.attached:
                return part.text
        return None

    def page(self):
        """The page that shows this mail."""
        subject = decoded(self.message["Subject"] or "(no subject)")
        out = [f"<h2>{escape(subject)}</h2>\n<dl>\n"]
        for name in SHOWN_HEADERS:
            for value in self.message.get_all(name, []):
                out.append(f"<dt>{name}</dt><dd>{escape(decoded(value))}"
                           "</dd>\n")
        out.append("</dl>\n")
        if self.html is not None:
            out.append(
                '<h3>HTML</h3>\n<iframe title="HTML part" sandbox='
                '"allow-popups allow-popups-to-escape-sandbox" '
                f'src="/mail/{self.name}/html"></iframe>\n')
        if self.plain is not None:
            out.append(f"<h3>Text</h3>\n<pre>{escape(self.plain)}</pre>\n")
        for part in self.parts:
            if part.kind == "text/calendar":
                out.append("<details><summary>Calendar</summary>\n<pre>"
                           f"{escape(part.text)}</pre></details>\n")
        out.append(self._part_list())
        rows = "".join(f"{escape(name)}: {escape(decoded(value))}\n"
                       for name, value in self.message.items())
        out.append("<details><summary>All headers</summary>\n<pre>"
                   f"{rows}</pre></details>\n<nav><a href=\"/mail/{self.name}"
                   "/source\">Source</a></nav>\n")
        return frame(subject, f"arrived at {arrival(self.name)}",
                     "".join(out))

    def _part_list(self):
        rows = [f'<li><a href="/mail/{self.name}/part/{number}">'
                f"{escape(part.filename)}</a> ({escape(part.kind)}, "
                f"{len(part.content)} bytes)</li>\n"
                for number, part in enumerate(self.parts)]
        return f"<h3>Parts</h3>\n<ul>\n{''.join(rows)}</ul>\n"
