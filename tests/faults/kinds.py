# SPDX-License-Identifier: MIT
"""All faults by name: act(campaign, harm) does its harm and comes back.

harm.random decides, so that a fault does the same whatever came before it;
the other fields of harm say what the verdict has to know.
"""

import random

import on_mysql
import on_network
import on_processes
import on_redis
import on_smtp


class Harm:
    """One fault of a campaign: what it was, and when (Unix time)."""

    def __init__(self, seed, number, kind):
        self.number = number
        self.kind = kind
        self.random = random.Random(f"{seed} {number}")
        self.pids = []          # ours that it killed or stopped
        self.jobs = set()       # in the hands of whom it killed or stopped
        self.ends_master = False    # a master of maild, and its ring with it
        self.stops = ""         # a part whose children a grace may kill
        # Redis forgets what happened later than this; None: nothing.
        self.kept_until = None
        self.lost_at = 0.0      # at the latest, Redis had its data until then
        self.back_at = 0.0      # at the soonest, it answered without them
        self.begun = self.ended = 0.0


PROCESSES = on_processes.KINDS
STORES = on_redis.KINDS | on_mysql.KINDS
NETWORK = on_network.KINDS
STEPS = on_smtp.KINDS

KINDS = PROCESSES | STORES | NETWORK | STEPS


# Each group breaks things of its own, so two groups may do so at once.
GROUPS = (PROCESSES, STORES, NETWORK, STEPS)
TOGETHER = 0.3          # how often two faults come at once


def choose(dice, chosen):
    """One kind out of the chosen ones, or two of different groups; each group
    is as likely as the others."""
    groups = [[kind for kind in group if kind in chosen] for group in GROUPS]
    groups = [one for one in groups if one]
    dice.shuffle(groups)
    count = 2 if dice.random() < TOGETHER else 1
    return [dice.choice(group) for group in groups[:count]]
