# SPDX-License-Identifier: MIT
"""maildctl beside a maild of its own, for several test files.

`rig` and `ctl` are fixtures: import both.
"""

import json
import time

import pytest

from .console import Console
from .rig import Rig

REFUSED = "550 5.1.1 no such mailbox"
OTHER = "mx9.example:4711:cafe"     # an instance that only the tests see


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    one = Rig(tmp_path_factory.mktemp("ctl") / "rig", bulk_kinds="news.*")
    one.start()
    yield one
    one.close()


@pytest.fixture
def ctl(rig):
    """A console on an empty queue."""
    console = Console(rig.stack)
    yield console
    rig.server.plan = lambda step, session, mail: None
    console.run("resume", "--all")
    console.run("cancel", "--all", "--yes")
    console.run("purge", "--older-than", "0s", "--yes")
    console.run("purge", "--state", "malformed", "--yes")
    rig.redis.hdel(rig.prefix + "inst", OTHER)


def refuse(step, _session, _mail):
    return REFUSED if step == "rcpt" else None


def dead(rig, count=1, **changes):
    """So many dead letters, refused by the mail server."""
    rig.server.plan = refuse
    names = rig.push(count, **changes)
    for name in names:
        rig.wait(name, "X")
    rig.server.plan = lambda step, session, mail: None
    return names


def asleep(rig, **changes):
    """A job that waits for an hour."""
    nb = int(time.time() * 1000) + 3600_000
    (name,) = rig.push(nb=nb, **changes)
    rig.wait(name, "R")
    return name


def tell(rig, **changes):
    """Lets another instance say something of itself."""
    now = int(time.time() * 1000)
    said = {"v": 1, "instance": OTHER, "host": "mx9.example", "pid": 4711,
            "version": "9.9", "started_ms": now - 7300_000, "now_ms": now,
            "redis": "ok", "alerts": 2, "later": [],
            "workers": [
                {"slot": 0, "pid": 4712, "phase": "idle", "job": "",
                 "relay": "", "since_ms": 5},
                {"slot": 1, "pid": 4713, "phase": "talking",
                 "job": "RK7F3M2Q.confirm.0", "relay": "main",
                 "since_ms": 3000}],
            "relays": [
                {"name": "main", "host": "smtp.example", "port": 587,
                 "breaker": "closed", "open_for_ms": 0, "cause": "",
                 "connections": 1, "allowed": 4, "rate": 20, "paused": False},
                {"name": "spare", "host": "127.0.0.1", "port": 25,
                 "breaker": "open", "open_for_ms": 42000,
                 "cause": "connect 127.0.0.1:25: Connection refused",
                 "connections": 0, "allowed": 0, "rate": 0,
                 "paused": True}]} | changes
    rig.redis.hset(rig.prefix + "inst", OTHER, 1)
    rig.redis.set(rig.prefix + "status:" + OTHER, json.dumps(said), px=15000)
