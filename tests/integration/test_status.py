# SPDX-License-Identifier: MIT
"""What maild says of itself: to Redis, to the service manager, to ps."""

import json
import os
import signal
import socket

import pytest
from stack.procs import alive, read_text
from stack.rig import LIMIT_S, once
from stack.visitor import wait_until


def statuses(rig):
    keys = rig.redis.keys(rig.prefix + "status:*")
    return [json.loads(rig.redis.get(key) or "{}") for key in keys]


def status(rig, condition=lambda status: True):
    """The live state, as soon as it is like that."""
    def look():
        found = [one for one in statuses(rig) if one and condition(one)]
        return found[0] if len(found) == 1 else None
    return wait_until(look, LIMIT_S, "the live state")


def test_the_live_state_names_every_worker(rig):
    rig.start()
    # A child that was just forked has its master's title.
    titles = {"dispatcher", "worker 0", "worker 1"}
    children = wait_until(
        lambda: titles <= set(rig.stack.children("maild"))
        and rig.stack.children("maild"), LIMIT_S, "the children")
    found = status(rig, lambda one: all(w["pid"] for w in one["workers"]))
    assert found["v"] == 1
    assert found["pid"] == rig.stack.pid("maild")
    assert found["instance"].split(":")[1] == str(found["pid"])
    assert found["instance"] in rig.redis.hkeys(rig.prefix + "inst")
    assert found["host"] and found["version"] and found["redis"] == "ok"
    assert 0 <= found["now_ms"] - found["started_ms"] < 60000
    assert [worker["slot"] for worker in found["workers"]] == [0, 1]
    for worker in found["workers"]:
        assert children[f"worker {worker['slot']}"] == worker["pid"]
        assert worker["job"] == "" and worker["since_ms"] >= 0
        assert worker["phase"]
    (relay,) = found["relays"]
    assert relay["breaker"] == "closed" and relay["open_for_ms"] == 0
    assert relay["port"] == rig.server.port
    assert relay["paused"] is False
    assert found["alerts"] == 0
    (key,) = rig.redis.keys(rig.prefix + "status:*")
    assert 0 < rig.redis.pttl(key) <= 15000


def test_it_is_gone_after_a_stop(rig):
    rig.start()
    status(rig)
    rig.stack.stop("maild")
    assert not rig.redis.keys(rig.prefix + "status:*")


def test_a_full_redis_takes_it_too(rig):
    rig.redis.config_set("maxmemory", 1)
    rig.start()
    first = status(rig)
    status(rig, lambda one: one["now_ms"] > first["now_ms"])


def test_it_tells_of_a_relay_that_is_away_and_of_alerts(rig):
    rig.server.plan = lambda step, *_: "554 no" if step == "banner" else None
    rig.redis.rpush(rig.prefix + "intake", "not json")
    rig.set(breaker_max="30s")
    rig.push()
    found = status(rig, lambda one: one["relays"][0]["breaker"] == "open"
                   and one["alerts"] > 0)
    assert found["relays"][0]["open_for_ms"] <= 30000


def test_a_pause_of_a_relay_is_heard_and_ends(rig):
    rig.start()
    name = status(rig)["relays"][0]["name"]
    rig.redis.hset(rig.prefix + "paused", f"relay:{name}", "1|maintenance")
    status(rig, lambda one: one["relays"][0]["paused"])
    rig.redis.hdel(rig.prefix + "paused", f"relay:{name}")
    status(rig, lambda one: not one["relays"][0]["paused"])


def test_a_dead_worker_is_seen_and_replaced(rig):
    rig.start()
    before = status(rig, lambda one: all(w["pid"] for w in one["workers"]))
    pid = before["workers"][1]["pid"]
    os.kill(pid, signal.SIGKILL)
    status(rig, lambda one: one["workers"][1]["pid"] not in (0, pid))


def test_a_redis_that_hangs_does_not_hold_up_the_master(rig):
    """Its limits are longer than the test's waits if it asked each time."""
    rig.set(workers="8")
    status(rig, lambda one: all(w["pid"] for w in one["workers"]))
    redis = rig.stack.pid("redis")
    os.kill(redis, signal.SIGSTOP)
    try:
        for _ in range(3):
            before = set(rig.stack.children("maild").values())
            for pid in before:
                os.kill(pid, signal.SIGKILL)
            wait_until(lambda b=before: not any(map(alive, b)), LIMIT_S,
                       "their end")
            wait_until(lambda b=before: len(
                set(rig.stack.children("maild").values()) - b) == 9, LIMIT_S,
                "other children")
    finally:
        os.kill(redis, signal.SIGCONT)
    (name,) = rig.push()
    rig.wait(name, "S")


def test_a_restarted_redis_hears_of_us_again(rig):
    rig.start()
    status(rig)
    rig.stack.kill("redis")
    rig.stack.start("redis")
    rig.redis.flushall()
    status(rig)


@pytest.fixture
def manager(rig):
    """A service manager's socket: what the daemon tells it."""
    path = rig.stack.at.socket("notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(path)
        one.settimeout(LIMIT_S)
        os.environ["NOTIFY_SOCKET"] = path
        yield one
        del os.environ["NOTIFY_SOCKET"]
    os.unlink(path)


def told(manager, prefix):
    """The next datagram that begins so."""
    while True:
        text = manager.recv(4096).decode()
        if text.startswith(prefix):
            return text


def test_the_service_manager_hears_what_goes_on(rig, manager):
    rig.server.plan = once("reply", 3)
    rig.set(workers="1")
    assert told(manager, "READY=1")
    assert "of 1 workers busy" in told(manager, "STATUS=")
    rig.stack.kill("redis")
    while "waiting for redis" not in told(manager, "STATUS="):
        pass
    rig.stack.start("redis")
    while "waiting for redis" in told(manager, "STATUS="):
        pass
    rig.stack.stop("maild")
    assert told(manager, "STOPPING=1")


def test_masters_and_children_have_titles(rig):
    rig.start()
    pid = rig.stack.pid("maild")
    assert read_text(f"/proc/{pid}/cmdline").startswith("maild: master")
