# SPDX-License-Identifier: MIT
"""The faults: each takes the campaign, does its harm and comes back.

act(campaign, harm): harm.random decides, so that a fault does the same
whatever came before it; harm.pids is what it killed or stopped.
"""

import os
import signal
import socket
import time


def _children(campaign, part, word):
    """The part's children of that role, in a stable order."""
    found = campaign.stack.children(part)
    return [found[title] for title in sorted(found)
            if title.split(" ")[0] == word]


def _choose_child(campaign, harm, part, word):
    """One of them, or 0 when the master has none just now."""
    draw = harm.random.random()
    pids = _children(campaign, part, word)
    if not pids:
        return 0
    pid = pids[int(draw * len(pids))]
    harm.pids.append(pid)
    return pid


def _send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _kill_child(part, word):
    def act(campaign, harm):
        pid = _choose_child(campaign, harm, part, word)
        if pid:
            _send(pid, signal.SIGKILL)
    return act


def _kill_part(part):
    def act(campaign, harm):
        harm.pids.append(campaign.stack.pid(part))
        campaign.stack.kill(part)
        campaign.stack.start(part)
    return act


def _stop_child(part, word):
    """It sleeps through up to two seconds, and wakes up in the middle."""
    def act(campaign, harm):
        sleep_s = harm.random.uniform(0.2, 2)
        pid = _choose_child(campaign, harm, part, word)
        if not pid:
            return
        _send(pid, signal.SIGSTOP)
        try:
            time.sleep(sleep_s)
        finally:
            _send(pid, signal.SIGCONT)
    return act


def _flushall(campaign, _harm):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(campaign.stack.env["REDIS_SOCKET"])
        connection.sendall(b"FLUSHALL\r\n")
        connection.recv(64)


def _reload(part):
    def act(campaign, _harm):
        campaign.stack.kill(part, signal.SIGHUP)
    return act


def _smtp(step, wish):
    """For a while every third such step goes wrong."""
    def act(campaign, harm):
        campaign.server.spoil(step, wish)
        try:
            time.sleep(harm.random.uniform(0.5, 2))
        finally:
            campaign.server.heal()
    return act


def _smtp_away(campaign, harm):
    campaign.server.go_away()
    try:
        time.sleep(harm.random.uniform(0.5, 3))
    finally:
        campaign.server.come_back()


PROCESSES = {
    "booking worker": _kill_child("booking", "worker"),
    "booking worker stopped": _stop_child("booking", "worker"),
    "relay": _kill_child("booking", "relay"),
    "booking": _kill_part("booking"),
    "booking reload": _reload("booking"),
    "dispatcher": _kill_child("maild", "dispatcher"),
    "mail worker": _kill_child("maild", "worker"),
    "mail worker stopped": _stop_child("maild", "worker"),
    "maild": _kill_part("maild"),
    "maild reload": _reload("maild"),
    "redis": _kill_part("redis"),
    "redis emptied": _flushall,
    "mariadb": _kill_part("mariadb"),
    "smtp away": _smtp_away,
}

# A reply in the middle of a body is no SMTP: "body" has none.
REPLIES = {
    "banner": "421 4.3.2 busy", "ehlo": "421 4.3.2 closing",
    "mail": "451 4.3.0 later", "rcpt": "450 4.7.1 later",
    "data": "451 4.3.0 later", "body": "", "dot": "451 4.3.0 later",
    "reply": "451 4.3.0 taken all the same",
}

STEPS = {}
for _step, _reply in REPLIES.items():
    for _wish in filter(None, ("close", "reset", "hang", _reply)):
        STEPS[f"smtp {_step} {_wish.partition(' ')[0]}"] = _smtp(_step, _wish)

KINDS = PROCESSES | STEPS


def choose(random, chosen):
    """A kind out of the chosen ones; there are many steps, so half as often."""
    groups = [[kind for kind in group if kind in chosen]
              for group in (PROCESSES, PROCESSES, STEPS)]
    return random.choice(random.choice([one for one in groups if one]))
