# SPDX-License-Identifier: MIT
"""Invariant 8: state and place of every job agree, as doc/states.md has it."""

import collections


def read_places(client, prefix):
    """({id: Counter of places}, {id: record}): one moment of the queue.

    Only while nobody changes it: it takes more than one command.
    """
    places = collections.defaultdict(collections.Counter)
    lists = ["ready", "ready:bulk"]
    for pattern in ("p:*", "held:*"):
        lists += [name[len(prefix):] for name in client.scan_iter(
            prefix + pattern, count=1000)]
    for name in lists:
        for job in client.lrange(prefix + name, 0, -1):
            places[job][name] += 1
    for name in ("retry", "dead"):
        for job in client.zrange(prefix + name, 0, -1):
            places[job][name] += 1
    records = {}
    for name in client.scan_iter(prefix + "j:*", count=1000):
        records[name[len(prefix) + 2:]] = client.hgetall(name)
    return places, records


def _is_right(job, record, place):
    """Whether a job may stand where it stands: place is a Counter."""
    state = record.get("st")
    owner = "p:" + record.get("own", "?")
    # An id that means nothing any more is dropped by whoever meets it, so
    # more than the one right place is no harm where the record decides.
    if state == "Q":
        return sum(count for name, count in place.items()
                   if name.startswith(("ready", "p:"))) == 1
    if state in ("P", "D"):
        return place[owner] == 1
    if state == "R":
        return place["retry"] == 1
    if state == "X":
        return place["dead"] == 1
    if state == "H":
        return sum(count for name, count in place.items()
                   if name.startswith("held:")) == 1
    return state == "S" and not place["retry"] and not place["dead"]


def disagreements(client, prefix):
    """Jobs that stand elsewhere than their record says, as sentences."""
    places, records = read_places(client, prefix)
    found = [f"{job} is {record.get('st')} in {dict(places[job])}"
             for job, record in sorted(records.items())
             if not _is_right(job, record, places[job])]
    # Without a record an id can only be dropped; "retry" and "dead" never
    # hold one.
    found += [f"{job} has no record in {dict(place)}"
              for job, place in sorted(places.items())
              if job not in records and (place["retry"] or place["dead"])]
    return found
