#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How programs and units are hardened, beside the table in the manual.

usage: hardening.py [--print]

Reads the programs and units of build/release: by readelf(1), and by
systemd-analyze(1) without a running systemd.  Says what differs from
doc/security-tests.md, where --print's table stands.  The scores are systemd's
own, and differ from version to version: on another one than the table's they
are not compared.
"""

import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
BUILD = os.path.join(TOP, "build", "release")
MANUAL = os.path.join(TOP, "doc", "security-tests.md")
PROGRAMS = ("fcgi-app/booking.fcgi", "fcgi-app/bookctl/bookctl",
            "maild/maild", "maild/maildctl/maildctl",
            "maild/bounce/reservoir-bounce", "maild/amqp/maild-amqp")
HEAD = ("| program or unit | hardened |", "|---|---|")


def output(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True,
                          env=os.environ | {"LC_ALL": "C"}).stdout


def facts(path):
    """What the dynamic linker and the kernel are told, and what is called."""
    elf = output("readelf", "-hldW", "--dyn-syms", path)
    stack = re.search(r"GNU_STACK.* (R\S*) +0x", elf)
    return [word for word, there in (
        ("position-independent", "(PIE)" in elf or "Flags: PIE" in elf
         or re.search(r"FLAGS_1.*PIE", elf)),
        ("read-only relocations", "GNU_RELRO" in elf),
        ("all bound at the start", re.search(r"FLAGS_1.*NOW", elf)),
        ("no executable stack", stack and "E" not in stack[1]),
        ("no segment writable and executable",
         not re.search(r"LOAD .* RWE", elf)),
        ("stack protector", "__stack_chk_fail" in elf),
        ("fortified calls", re.search(r"__(?!stack)\w+_chk\b", elf)),
        ("no path of its own to libraries",
         not re.search(r"\((RUNPATH|RPATH)\)", elf)),
    ) if there]


def systemd():
    return output("systemd-analyze", "--version").split()[1]


def units():
    folder = os.path.join(BUILD, "init", "systemd")
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".service"):
            continue
        said = output("systemd-analyze", "security", "--offline=true",
                      "--no-pager", os.path.join(folder, name))
        yield name, re.search(r"exposure level.*: ([\d.]+)", said)[1]


def rows():
    found = {}
    for path in PROGRAMS:
        if os.path.exists(os.path.join(BUILD, path)):
            found.setdefault(", ".join(facts(os.path.join(BUILD, path))),
                             []).append(os.path.basename(path))
    for hardened, names in found.items():
        yield ", ".join(names), hardened
    found = {}
    for name, score in units():
        found.setdefault(score, []).append(name.removesuffix(".service"))
    for score, names in found.items():
        yield ", ".join(names), f"{score} of 10 by systemd {systemd()}"


def table():
    return [*HEAD, *(f"| {name} | {hardened} |" for name, hardened in rows())]


def compared(lines):
    """Without scores of another systemd than the manual's."""
    version = f"by systemd {systemd()} |"
    return [line for line in lines
            if "by systemd" not in line or version in line]


def main():
    lines = table()
    if "--print" in sys.argv[1:]:
        print("\n".join(lines))
        return 0
    with open(MANUAL, encoding="utf-8") as file:
        manual = file.read().splitlines()
    at = manual.index(HEAD[0])
    there = []
    while manual[at].startswith("|"):
        there.append(manual[at])
        at += 1
    scored = any("by systemd" in line for line in compared(there))
    if compared(there) == (compared(lines) if scored else
                           [one for one in lines if "systemd" not in one]):
        print("ok - programs and units are hardened as the manual says" + (
            "" if scored else "; no score of this systemd is known"))
        return 0
    print("not ok - doc/security-tests.md has another table:")
    print("\n".join(lines))
    return 1


if __name__ == "__main__":
    sys.exit(main())
