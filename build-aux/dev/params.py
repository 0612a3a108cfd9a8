#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tells which functions of the C files named on standard input take more than
four parameters.

Definitions, declarations and pointers to functions are read, as text: comments,
strings and preprocessor lines are taken out first.  The "..." of a function like
printf() is not counted.  Status 1 if there are any but those below, or one of
those is gone.
"""
import re
import sys

MOST = 4

# Their parameters are somebody else's.
DICTATED = {
    "kept_free": "OpenSSL's CRYPTO_EX_free",
}

NOISE = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
        | ^[ \t]*\#(?:\\\n|[^\n])*""",
    re.DOTALL | re.MULTILINE | re.VERBOSE)
# "type name(" or "type (*name)("; what is called, returned or cast has no type
# before it.
HEAD = re.compile(
    r"""(?<![\w.>])(?P<type>\w+)(?:\s+|[\s*]*\*\s*)
        (?:(?P<name>\w+)|\(\s*\*\s*(?:const\s+)?(?P<pointer>\w+)(?:\[\w*\])?\s*\))\s*\(""",
    re.VERBOSE)
NO_TYPES = {"return", "else", "case", "sizeof", "goto", "do"}


def without_noise(text):
    """The text with as many lines, and nothing that is not code."""
    return NOISE.sub(lambda m: "\n" * m.group().count("\n") or " ", text)


def parameters(code, start):
    """How many the list has that begins behind start, None if it never ends."""
    depth = 1
    count = 1
    for at in range(start, len(code)):
        char = code[at]
        depth += (char in "([{") - (char in ")]}")
        if depth == 0:
            last = code[start:at].rsplit(",", 1)[-1].strip()
            return count - (last == "...")
        if depth == 1:
            count += char == ","
            if char == ";":
                return None
    return None


def functions(text):
    """Each function of the text: its line, name and number of parameters."""
    code = without_noise(text)
    for head in HEAD.finditer(code):
        if head["type"] in NO_TYPES:
            continue
        count = parameters(code, head.end())
        if count is not None:
            yield (code.count("\n", 0, head.start()) + 1,
                   head["name"] or head["pointer"], count)


def main():
    """Looks into the files that standard input names, one a line."""
    status = 0
    met = set()
    for path in sys.stdin.read().split("\n")[:-1]:
        with open(path, encoding="utf-8") as file:
            for line, name, count in functions(file.read()):
                if count <= MOST:
                    continue
                if name in DICTATED:
                    met.add(name)
                    continue
                print(f"{path}:{line}: {name}() takes {count}")
                status = 1
    for name in sorted(DICTATED.keys() - met):
        print(f"{name}() has no more than {MOST} any more: strike it out")
        status = 1
    return status


sys.exit(main())
