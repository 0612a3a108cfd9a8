# SPDX-License-Identifier: MIT
"""Redis's wall clock jumps by days: nobody loses or gets a job by it
(invariant 15)."""

import os
import subprocess
import time

import pytest
from stack import parts
from stack.layout import TOP
from stack.rig import LIMIT_S
from stack.visitor import wait_until

DAY_S = 86400
PEER = "elsewhere:1:0000cafe"


class Clock:
    """A Redis whose clock can be stepped."""

    def __init__(self, rig, directory, patch):
        self.redis = rig.redis
        self.path = os.path.join(directory, "step")
        self.step(0)
        library = os.path.join(directory, "clockstep.so")
        subprocess.run(
            [os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1",
             "-D_GNU_SOURCE", "-o", library,
             os.path.join(TOP, "tests/tools/clockstep.c"), "-ldl"],
            check=True)
        rig.stack.stop("redis")
        extra = {"LD_PRELOAD": library, "CLOCKSTEP": self.path}
        plain = parts.environment
        patch.setattr(parts, "environment", lambda at: plain(at) | extra)
        rig.stack.start("redis")
        patch.undo()

    def step(self, seconds):
        # In place: the file stays open in Redis.
        with open(self.path, "a+", encoding="ascii") as file:
            file.truncate(0)
            file.write(f"{seconds}\n")

    def away_s(self):
        return self.redis.time()[0] - time.time()


@pytest.fixture
def clock(rig, tmp_path, monkeypatch):
    return Clock(rig, tmp_path, monkeypatch)


def test_a_clock_that_jumps_by_days_takes_no_job_from_anybody(rig, clock):
    rig.server.plan = lambda step, *_: 0.02 if step == "mail" else None
    rig.set(host_lease="5s")
    ids = rig.push(300)
    # Another host that lives has a job, too.
    peers = rig.prefix + "p:" + PEER + ":0"
    rig.redis.hset(rig.prefix + "j:theirs", mapping={
        "st": "P", "own": PEER + ":0", "tok": 1, "n": 0, "ta": 1, "b": "{}"})
    rig.redis.lpush(peers, "theirs")
    for seconds in (DAY_S, -DAY_S, 0):
        clock.step(seconds)
        assert abs(clock.away_s() - seconds) < 60
        count = len(rig.accepted()) + 50
        wait_until(lambda: rig.redis.hincrby(rig.prefix + "inst", PEER, 1) and
                   len(rig.accepted()) >= min(count, 300), LIMIT_S, "a flow")
    for name in ids:
        assert rig.wait(name, "S")["n"] == "1"
    assert sorted(rig.accepted()) == sorted(ids)
    assert rig.redis.lrange(peers, 0, -1) == ["theirs"]
    assert rig.job("theirs")["st"] == "P"
    assert "took over" not in rig.log() and "reclaimed" not in rig.log()


def test_a_clock_that_jumps_only_moves_what_is_due(rig, clock):
    rig.server.plan = lambda step, *_: "450 4.2.0 later" \
        if step == "rcpt" else None
    rig.set(retry_min="1h", retry_max="1h")
    (name,) = rig.push()
    assert rig.wait(name, "R")["n"] == "1"
    rig.server.plan = lambda *_: None
    clock.step(DAY_S)
    assert rig.wait(name, "S")["n"] == "2"
    assert rig.accepted() == [name]
