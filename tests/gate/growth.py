# SPDX-License-Identifier: MIT
"""Numbers on record, and what grew beside them.

The table has a line a number: the system that it holds for, the work, and in
its third column "(own)" for all of our program's instructions, "(whole)" for
those with libraries, the name of a function of ours, or that of a "[library]".
Parts below 1 % of the whole or of our own are left out.
"""

import csv
import itertools

from callgrind import Cost

TOLERANCE = 0.05
SMALL = 0.01
NAMED = 3
HEAD = ("# Instructions of one booking and of one mail; written by"
        " ./dev gate --record.\n# A commit that raises one says why.\n")
TITLES = {"booking": "one booking", "mail": "one mail"}
NUMBERS = {"own": "instructions of our own", "whole": "with libraries"}


def load(path):
    """{system: {work: cost}}; nothing if there is no such file yet."""
    table = {}
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file, delimiter="\t")
                    if not row[0].startswith("#")]
    except FileNotFoundError:
        rows = []
    for (system, work), numbers in itertools.groupby(
            rows, key=lambda row: tuple(row[:2])):
        cost = {name: int(count) for _, _, name, count in numbers}
        table.setdefault(system, {})[work] = Cost(
            cost.pop("(own)"), cost.pop("(whole)"), cost)
    return table


def save(path, table):
    """Writes the table anew, in an order that changes little."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(HEAD)
        out = csv.writer(file, delimiter="\t", lineterminator="\n")
        for system, works in sorted(table.items()):
            for work, cost in sorted(works.items()):
                out.writerow((system, work, "(own)", cost.own))
                out.writerow((system, work, "(whole)", cost.whole))
                for name, count in sorted(cost.parts.items()):
                    if count >= _small(cost, name):
                        out.writerow((system, work, name, count))


def _small(cost, name):
    return SMALL * (cost.whole if name.startswith("[") else cost.own)


def _grown(now, then, libraries):
    """The parts that grew most, in words.

    One that is not on record was small: it is taken for just that small.
    """
    by = {name: count - then.parts.get(name, round(_small(then, name)))
          for name, count in now.parts.items()
          if libraries or not name.startswith("[")}
    most = sorted(by, key=by.get, reverse=True)[:NAMED]
    return ", ".join(f"{name} +{by[name]:,}" for name in most if by[name] > 0)


def lines(costs, record, system):
    """The verdict: a line "ok - ..." or "not ok - ..." a number."""
    said = []
    for work, now in costs.items():
        for name, what in NUMBERS.items():
            count = getattr(now, name)
            title = f"{TITLES[work]}: {count:,} {what}"
            if not record:
                said.append(f"not compared: {title}")
                continue
            before = getattr(record[work], name)
            change = count / before - 1
            title += f" ({change:+.1%})"
            if abs(change) <= TOLERANCE:
                said.append(f"ok - {title}")
                continue
            said.append(f"not ok - {title}, {before:,} on record")
            if change > 0:
                grown = _grown(now, record[work], name == "whole")
                said.append(f"    grew most: {grown or 'many small ones'}")
    if not record:
        said.append("instructions.tsv has no numbers for this system, "
                    f"{system}: ./dev gate --record adds them")
    elif any(line.startswith("not ok") for line in said):
        said.append("    ./dev gate --record writes the new numbers; a commit"
                    " that raises one says why")
    return said
