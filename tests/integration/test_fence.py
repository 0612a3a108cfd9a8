# SPDX-License-Identifier: MIT
"""Invariant 10: who lost its job sends no dot; a 250 that comes late is a fact.
Invariant 15: no clock on the wall says whose job it is."""

import os
import signal
import struct
import subprocess
import threading

import pytest
from stack.layout import TOP, Options
from stack.procs import send_signal
from stack.rig import Rig
from stack.stack import Stack
from stack.visitor import wait_until

LIMIT_S = 60


class Gate:
    """Holds the first mails at a step, each until it is let go."""

    def __init__(self, step, count=1):
        self.step = step
        self.reached = [threading.Event() for _ in range(count)]
        self.opened = [threading.Event() for _ in range(count)]
        self._held = 0
        self._lock = threading.Lock()

    def __call__(self, step, _session, _mail):
        with self._lock:
            number = self._held
            if step != self.step or number == len(self.reached):
                return None
            self._held += 1
        self.reached[number].set()
        self.opened[number].wait(LIMIT_S)
        return None

    def wait_for(self, number=0):
        assert self.reached[number].wait(LIMIT_S)

    def let_go(self, number=0):
        self.opened[number].set()


@pytest.fixture
def two(tmp_path):
    """A rig, and the maild of another host on the same queue."""
    rig = Rig(tmp_path / "one", host_lease="5s", greeting_timeout="120s",
              envelope_timeout="120s", transfer_timeout="120s",
              final_timeout="120s", workers="1")
    other = Stack(tmp_path / "two", Options(
        asan=rig.stack.options.asan, smtp=rig.stack.smtp), quiet=True)
    other.overrides["maild"] = rig.stack.overrides["maild"] | {
        "redis": "unix:" + rig.stack.env["REDIS_SOCKET"],
        # That Redis knows its own stack's accounts.
        "redis_password_file": rig.stack.at.secret_file("redis-maild")}
    other.at.make()
    frozen = []
    yield rig, other, frozen
    for pid in frozen:
        send_signal(pid, signal.SIGCONT)
    other.stop("maild")
    other.at.drop_run()
    rig.close()


def freeze_all(stack, frozen):
    """As a host that stands still: the master first."""
    for pid in [stack.pid("maild"), *stack.children("maild").values()]:
        os.kill(pid, signal.SIGSTOP)
        frozen.append(pid)


def thaw(frozen):
    for pid in reversed(frozen):
        os.kill(pid, signal.SIGCONT)
    frozen.clear()


def test_a_host_that_wakes_up_past_the_fence_sends_no_dot(two):
    rig, other, frozen = two
    gate = rig.server.plan = Gate("data")
    rig.start()
    (name,) = rig.push()
    gate.wait_for()
    assert rig.job(name)["st"] == "P"
    freeze_all(rig.stack, frozen)
    # The other host sees its beat stand still, takes the job and sends it.
    other.start("maild")
    rig.wait(name, "S")
    assert rig.accepted() == [name]
    # Now the first one goes on: its 354 is there, its dot is refused.
    gate.let_go()
    thaw(frozen)
    wait_until(lambda: "fenced off" in rig.log(), LIMIT_S, "the fence")
    (second,) = rig.push()
    rig.wait(second, "S")
    assert rig.accepted() == [name, second]


def test_a_250_that_comes_late_is_absorbed(two):
    rig, other, frozen = two
    gate = rig.server.plan = Gate("reply")
    rig.start()
    (name,) = rig.push()
    gate.wait_for()
    assert rig.job(name)["st"] == "D"
    (worker,) = [pid for title, pid in rig.stack.children("maild").items()
                 if title.startswith("worker")]
    # What the other host would do after the longest time of a mail.
    key = f"{rig.prefix}j:{name}"
    owner = f"{rig.prefix}p:{rig.job(name)['own']}"
    sent = rig.job(name)["tok"]
    with rig.redis.pipeline(transaction=True) as step:
        step.lrem(owner, 1, name)
        step.hincrby(key, "tok", 1)
        step.hset(key, "st", "R")
        step.hdel(key, "own")
        step.zadd(rig.prefix + "retry", {name: 4e12})
        step.execute()
    gate.let_go()
    job = rig.wait(name, "S")
    assert job["stok"] == sent and rig.accepted() == [name]
    assert rig.redis.zcard(rig.prefix + "retry") == 0
    assert worker in rig.stack.children("maild").values()
    del other, frozen


def test_a_token_is_not_given_twice_when_redis_lost_its_count(two):
    rig, other, frozen = two
    rig.stack.overrides["maild"]["workers"] = "2"
    gate = rig.server.plan = Gate("data", 2)
    rig.start()
    (name,) = rig.push()
    gate.wait_for(0)
    # Its producer pushes it again; the other worker begins it.
    rig.redis.flushall()
    rig.push(id=name)
    gate.wait_for(1)
    token = rig.job(name)["tok"]
    gate.let_go(0)
    wait_until(lambda: "fenced off" in rig.log(), LIMIT_S, "the fence")
    assert rig.accepted() == []
    gate.let_go(1)
    assert rig.wait(name, "S")["stok"] == token
    assert rig.accepted() == [name]
    # Who was fenced off holds nothing any more.
    wait_until(lambda: not rig.redis.keys(rig.prefix + "p:*"), LIMIT_S,
               "empty lists")
    del other, frozen


def test_a_clock_that_jumps_by_a_day_takes_no_job_from_its_worker(two):
    rig, other, frozen = two
    library = rig.stack.at.path("clockstep.so")
    subprocess.run(
        [os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-o", library,
         os.path.join(TOP, "tests/stack/clockstep.c")], check=True)
    clock = rig.stack.at.path("clock")

    def step_clock(days):
        with open(clock, "r+b") as file:
            file.write(struct.pack("q", days * 86400))

    def redis_day():
        return rig.redis.time()[0] // 86400

    with open(clock, "wb") as file:
        file.write(bytes(8))
    rig.stack.stop("redis")
    rig.stack.at.more_env = {"LD_PRELOAD": library, "CLOCK_STEP": clock}
    rig.stack.start("redis")
    rig.stack.at.more_env = {}
    gate = rig.server.plan = Gate("data", 2)
    rig.start()
    (name,) = rig.push()
    gate.wait_for()
    before = rig.job(name)
    other.start("maild")

    def beats():
        return sum(map(int, rig.redis.hvals(rig.prefix + "inst")))
    today = redis_day()
    for days in (1, -1):
        step_clock(days)
        assert redis_day() - today == days
        # Both hosts have looked at each other since.
        seen = beats()
        wait_until(lambda seen=seen: beats() >= seen + 4, LIMIT_S, "beats")
        assert rig.job(name) == before
    gate.let_go(0)
    gate.let_go(1)
    rig.wait(name, "S")
    (second,) = rig.push()
    rig.wait(second, "S")
    assert rig.accepted() == [name, second]
    del frozen
