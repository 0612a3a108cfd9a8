# SPDX-License-Identifier: MIT
"""Faults that meet our own processes: every kind of them, every signal."""

import contextlib
import os
import re
import signal
import time

import redis

from stack.procs import Trouble, alive, read_text, send_signal, wait_until

STOP_LIMIT_S = 30       # from TERM to the end, stop_grace included
FROZEN_LIMIT_S = 2      # from STOP until the kernel has stopped it
# Longer than any time limit of maild's: its master kills who sleeps so long.
ASLEEP_S = 25


def children(campaign, part, word):
    """The part's children of that role, in a stable order."""
    found = campaign.stack.children(part)
    return [found[title] for title in sorted(found)
            if title.split(" ")[0] == word]


def choose_child(campaign, harm, part, word):
    """One of them, or 0 when the master has none just now."""
    draw = harm.random.random()
    pids = children(campaign, part, word)
    if not pids:
        return 0
    pid = pids[int(draw * len(pids))]
    harm.pids.append(pid)
    return pid


def freeze(pid):
    """Stops a process; returns when it stands still or is gone."""
    send_signal(pid, signal.SIGSTOP)

    def is_still():
        stat = read_text(f"/proc/{pid}/stat").rpartition(")")[2].split()
        return not stat or stat[0] in "TZX"
    with contextlib.suppress(Trouble):
        wait_until(is_still, FROZEN_LIMIT_S, "a stopped process", 0.001)


def jobs_of(campaign, pid):
    """What a worker that stands still has in hand: what it says it sends,
    and what stands in its list."""
    title = read_text(f"/proc/{pid}/cmdline").replace("\0", " ")
    jobs = set(re.findall(r"(?:sending|job) ([\w.-]+)", title))
    slot = re.search(r"worker (\d+)", title)
    parent = read_text(f"/proc/{pid}/stat").rpartition(")")[2].split()[1:2]
    if not slot or not parent:
        return jobs
    try:
        with redis.Redis(
                unix_socket_path=campaign.stack.env["REDIS_SOCKET"],
                decode_responses=True, socket_timeout=1) as client:
            prefix = campaign.stack.env["QUEUE_PREFIX"]
            for name in client.scan_iter(prefix + "p:*", count=1000):
                if name.endswith(f":{slot[1]}") and \
                        f":{parent[0]}:" in name[len(prefix):]:
                    jobs |= set(client.lrange(name, 0, -1))
    except redis.RedisError:
        pass
    return jobs


def _signal_child(part, word, number):
    def act(campaign, harm):
        pid = choose_child(campaign, harm, part, word)
        if not pid:
            return
        if number == signal.SIGKILL:
            freeze(pid)
            if part == "maild":
                harm.jobs = jobs_of(campaign, pid)
        send_signal(pid, number)
    return act


def _sleeper(part, word, most_s):
    """It sleeps for a while, and wakes up in the middle of what it did."""
    def act(campaign, harm):
        sleep_s = harm.random.uniform(most_s / 10, most_s)
        pid = choose_child(campaign, harm, part, word)
        if not pid:
            return
        freeze(pid)
        if part == "maild":
            harm.jobs = jobs_of(campaign, pid)
        try:
            with contextlib.suppress(Trouble):
                wait_until(lambda: not alive(pid), sleep_s, "its end", 0.1)
        finally:
            send_signal(pid, signal.SIGCONT)
    return act


def _sleeping_master(part):
    def act(campaign, harm):
        pid = campaign.stack.pid(part)
        freeze(pid)
        try:
            time.sleep(harm.random.uniform(0.2, 2))
        finally:
            send_signal(pid, signal.SIGCONT)
    return act


def _kill_part(part):
    def act(campaign, harm):
        harm.ends_master = part == "maild"
        harm.pids.append(campaign.stack.pid(part))
        campaign.stack.kill(part)
        campaign.stack.start(part)
    return act


def _restart_part(part):
    def act(campaign, harm):
        harm.ends_master = part == "maild"
        harm.stops = part
        campaign.stack.stop(part, STOP_LIMIT_S)
        campaign.stack.start(part)
    return act


def _reload(part):
    def act(campaign, harm):
        harm.stops = part
        campaign.stack.kill(part, signal.SIGHUP)
    return act


def _resize(part):
    """One worker fewer and one more again, or the other way round."""
    def act(campaign, harm):
        steps = [signal.SIGTTOU, signal.SIGTTIN]
        harm.random.shuffle(steps)
        harm.stops = part
        for number in steps:
            campaign.stack.kill(part, number)
            time.sleep(harm.random.uniform(0.1, 1))
    return act


def _host(campaign, harm):
    """The whole tree at once: a host that loses its power."""
    harm.ends_master = True
    master = campaign.stack.pid("maild")
    freeze(master)
    pids = [int(word) for word in read_text(
        f"/proc/{master}/task/{master}/children").split()]
    for pid in pids:
        freeze(pid)
        harm.jobs |= jobs_of(campaign, pid)
    harm.pids += [master, *pids]
    # The master first, or it would see its children die.
    for pid in harm.pids:
        send_signal(pid, signal.SIGKILL)
    for pid in harm.pids:
        wait_until(lambda pid=pid: not alive(pid), 10, "its death")
    campaign.stack.start("maild")


KINDS = {}
for _name, _part, _word in (("booking worker", "booking", "worker"),
                            ("relay", "booking", "relay"),
                            ("dispatcher", "maild", "dispatcher"),
                            ("mail worker", "maild", "worker")):
    KINDS[f"{_name} killed"] = _signal_child(_part, _word, signal.SIGKILL)
    KINDS[f"{_name} ended"] = _signal_child(_part, _word, signal.SIGTERM)
    KINDS[f"{_name} stopped"] = _sleeper(_part, _word, 2)
for _part in ("booking", "maild"):
    KINDS[f"{_part} killed"] = _kill_part(_part)
    KINDS[f"{_part} restarted"] = _restart_part(_part)
    KINDS[f"{_part} stopped"] = _sleeping_master(_part)
    KINDS[f"{_part} reloaded"] = _reload(_part)
    KINDS[f"{_part} resized"] = _resize(_part)
KINDS["mail worker asleep"] = _sleeper("maild", "worker", ASLEEP_S)
KINDS["mail host vanished"] = _host
