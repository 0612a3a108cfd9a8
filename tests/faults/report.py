# SPDX-License-Identifier: MIT
"""Drains a campaign, has it judged, prints the tables."""

import collections
import os
import re

import redis

from facts import collect
from stack.procs import read_text
from verdict import Verdict

ZEROES = ("lost", "marked sent and not accepted",
          "accepted twice, unexplained", "dead without a reason")


def history(campaign, verdict, limit=5):
    """The log lines about the mails that are bad, a few of them."""
    names = {name for found in verdict.bad.values()
             if isinstance(found, (list, dict)) for name in found
             if isinstance(name, str) and name in verdict.facts.rows}
    lines = []
    for name in sorted(names)[:limit]:
        for part in ("booking", "maild"):
            log = os.path.join(campaign.stack.at.log, part + ".log")
            lines += [line for line in read_text(log).splitlines()
                      if re.search(rf"=\"?{re.escape(name)}\b", line)]
        lines += [f"{name}: {vars(one)}"
                  for one in verdict.facts.attempts.get(name, ())]
        lines += [f"{name}: in hand at {harm.kind}, {harm.begun:.3f} to "
                  f"{harm.ended:.3f}" for harm in verdict.facts.harms
                  if name in harm.jobs]
    return lines


def _longest_pause(verdict):
    times = sorted(one.taken_at for name in verdict.facts.rows
                   for one in verdict.taken(name))
    return max((later - sooner for sooner, later
                in zip(times, times[1:])), default=0)


def result_of(campaign, verdict, seconds):
    """All numbers of a campaign, for people and machines."""
    slowest = verdict.recovery()
    count = collections.Counter(harm.kind for harm in campaign.faults)
    return {
        "seed": campaign.seed, "way": campaign.way,
        "duration": campaign.options.duration,
        "faults": {kind: {"times": times, "recovery_s": round(
            slowest[kind], 1)} for kind, times in sorted(count.items())},
        "answers": dict(sorted(campaign.statuses.items())),
        "spoilt_steps": campaign.server.spoilt,
        "bookings": verdict.bookings, "mails": verdict.mails,
        **{name: len(verdict.bad.get(name, ())) for name in ZEROES},
        "duplicates": dict(verdict.why), "dead": dict(verdict.why_dead),
        "dead_and_accepted": verdict.buried_taken,
        "slowest_recovery_s": round(max(slowest.values(), default=0), 1),
        "longest_pause_s": round(_longest_pause(verdict), 1),
        "drained_s": round(seconds, 1),
        "bad": {name: str(value)[:2000]
                for name, value in verdict.bad.items()},
    }


def say_result(say, result):
    say(f"\nseed {result['seed']}, {result['duration']} s, relay by "
        f"{result['way']}\n"
        "  times  all sent after  fault")
    for kind, one in result["faults"].items():
        say(f"  {one['times']:5}  {one['recovery_s']:12.1f} s  {kind}")
    say(f"answers: {result['answers']}\n"
        f"bookings: {result['bookings']}, mails: {result['mails']}, "
        f"lost: {result['lost']}, marked sent and not accepted: "
        f"{result['marked sent and not accepted']}\n"
        f"duplicates: {sum(result['duplicates'].values())} "
        f"{result['duplicates']}, unexplained: "
        f"{result['accepted twice, unexplained']}\n"
        f"dead letters: {sum(result['dead'].values())} {result['dead']} "
        f"({result['dead_and_accepted']} of them accepted all the same), "
        f"without a reason: {result['dead without a reason']}\n"
        f"slowest recovery: {result['slowest_recovery_s']:.1f} s, "
        "longest pause between two mails: "
        f"{result['longest_pause_s']:.1f} s, "
        f"drained in {result['drained_s']:.1f} s")
    for name, value in result["bad"].items():
        say(f"FAILED: {name}: {value}")


def report(campaign):
    """Drains, joins, says it; returns the result."""
    with redis.Redis(unix_socket_path=campaign.stack.env["REDIS_SOCKET"],
                     decode_responses=True) as client:
        seconds, left = campaign.drain(client)
        verdict = Verdict(collect(campaign, client))
    if left:
        verdict.bad["did not drain"] = left
    if not verdict.bookings:
        verdict.bad["bookings"] = "none: nothing was tried"
    result = result_of(campaign, verdict, seconds)
    say_result(campaign.say, result)
    for line in history(campaign, verdict):
        campaign.say("  | " + line)
    return result
