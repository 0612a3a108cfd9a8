# SPDX-License-Identifier: MIT
"""What callgrind counted: instructions by function and by library."""

import glob
import os
import re
import statistics
from collections import Counter
from dataclasses import dataclass

# "fn=(12) name" where the name is new, "fn=(12)" from then on; cfn= and cob=
# say who is called.
NAME = re.compile(r"(c?)(ob|fn)=\((\d+)\)(?: (.*))?$")
# What gcc and callgrind append: copies of a function, and its recursion.
COPY = re.compile(r"(\.(cold|constprop|isra|part)\b.*|'\d+)$")


@dataclass
class Cost:
    """Instructions of one piece of work."""
    own: int        # in our program's own code
    whole: int      # with those in libraries
    parts: dict     # {function of ours or "[library]": instructions}


def command(pattern, *options):
    """What runs a program so that its processes write pattern.PID files."""
    return ["/usr/bin/valgrind", "-q", "--tool=callgrind",
            f"--callgrind-out-file={pattern}.%p", *options]


def dumps(pattern):
    """The files pattern.PID.NUMBER, in the order of their writing."""
    found = [path.rsplit(".", 2) for path in glob.glob(pattern + ".*.*")]
    return [".".join(words) for words in
            sorted(found, key=lambda words: (int(words[1]), int(words[2])))]


def read(lines, program):
    """The cost in one file's lines; our own code is that of this program."""
    names, now, parts = {}, {"ob": "?", "fn": "?"}, Counter()
    own = whole = 0
    is_call = False
    for line in lines:
        if match := NAME.match(line):
            called, kind, number, name = match.groups()
            if name is not None:
                names[kind, number] = name
            if not called:
                now[kind] = names[kind, number]
        elif line.startswith("calls="):
            is_call = True      # the next line says what the callee took
        elif line[0] in "0123456789+-*":
            count = 0 if is_call else int(line.split()[-1])
            is_call = False
            whole += count
            if now["ob"] == program:
                own += count
                parts[COPY.sub("", now["fn"])] += count
            else:
                parts[f"[{os.path.basename(now['ob'])}]"] += count
    return Cost(own, whole, parts)


def median(costs):
    """One cost of many: the median of each number."""
    names = set().union(*(cost.parts for cost in costs))
    return Cost(
        statistics.median_low(cost.own for cost in costs),
        statistics.median_low(cost.whole for cost in costs),
        {name: statistics.median_low(cost.parts.get(name, 0)
                                     for cost in costs) for name in names})
