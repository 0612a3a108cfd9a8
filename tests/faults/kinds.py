# SPDX-License-Identifier: MIT
"""The faults: each takes the campaign, does its harm and comes back."""

import os
import signal
import socket
import time

# What may cost a 250 that the server gave: the one window of doc/states.md.
MAY_DUPLICATE = {"mail worker", "maild", "mail worker stopped",
                 "smtp reply close", "smtp reply hang", "smtp reply reset"}

# Dead letters that these faults may leave.
DEAD_REASONS = ("uncertain", "poison: 3 workers crashed")


def _children(campaign, part, word):
    """The part's children of that role, in a stable order."""
    found = campaign.stack.children(part)
    return [found[title] for title in sorted(found) if word in title]


def _kill_child(part, word, number=signal.SIGKILL):
    def act(campaign):
        pids = _children(campaign, part, word)
        if pids:
            os.kill(campaign.random.choice(pids), number)
    return act


def _kill_part(part):
    def act(campaign):
        campaign.stack.kill(part)
        campaign.stack.start(part)
    return act


def _stop_worker(campaign):
    """A worker that sleeps through seconds, and wakes up in the middle."""
    pids = _children(campaign, "maild", "worker")
    if not pids:
        return
    pid = campaign.random.choice(pids)
    os.kill(pid, signal.SIGSTOP)
    time.sleep(campaign.random.uniform(0.2, 2))
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        pass


def _flushall(campaign):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(campaign.stack.env["REDIS_SOCKET"])
        connection.sendall(b"FLUSHALL\r\n")
        connection.recv(64)


def _reload(part):
    def act(campaign):
        campaign.stack.kill(part, signal.SIGHUP)
    return act


def _smtp(step, wish):
    """For a while every third mail meets this at that step."""
    def act(campaign):
        count = [0]

        def plan(now, _session, _mail):
            if now != step:
                return None
            count[0] += 1
            return wish if count[0] % 3 == 1 else None

        campaign.server.plan = plan
        time.sleep(campaign.random.uniform(0.5, 2))
        campaign.server.plan = lambda step, session, mail: None
    return act


KINDS = {
    "booking worker": _kill_child("booking", "worker"),
    "relay": _kill_child("booking", "relay"),
    "booking": _kill_part("booking"),
    "booking reload": _reload("booking"),
    "dispatcher": _kill_child("maild", "dispatcher"),
    "mail worker": _kill_child("maild", "worker"),
    "mail worker stopped": _stop_worker,
    "maild": _kill_part("maild"),
    "maild reload": _reload("maild"),
    "redis": _kill_part("redis"),
    "redis emptied": _flushall,
    "mariadb": _kill_part("mariadb"),
}
for _step, _wishes in {
        "banner": ("close", "reset", "421 4.3.2 busy", "hang"),
        "ehlo": ("close", "421 4.3.2 closing", "hang"),
        "rcpt": ("close", "450 4.7.1 later", "hang"),
        "data": ("close", "451 4.3.0 later", "reset"),
        "dot": ("451 4.3.0 later",),
        "reply": ("close", "hang", "reset"),
        }.items():
    for _wish in _wishes:
        KINDS[f"smtp {_step} {_wish.partition(' ')[0]}"] = _smtp(_step, _wish)
