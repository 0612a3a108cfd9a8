# SPDX-License-Identifier: MIT
"""Faults that meet Redis: gone, empty, full, rewound, another one."""

import contextlib
import glob
import os
import shutil
import signal
import time

import redis

from on_processes import freeze
from stack.layout import free_port
from stack.parts import PROGRAMS, environment
from stack.procs import (Trouble, alive, send_signal, spawn, wait_until,
                         write_pid)
from stack import confs

SAMPLE_S = 0.02
SYNC_LIMIT_S = 20       # for a replica to have it all


@contextlib.contextmanager
def direct(campaign, where=None):
    """A client that goes past the proxies."""
    with redis.Redis(unix_socket_path=where or
                     campaign.stack.env["REDIS_SOCKET"],
                     decode_responses=True, socket_timeout=10) as client:
        yield client


def _killed(campaign, harm):
    harm.pids.append(campaign.stack.pid("redis"))
    campaign.stack.kill("redis")
    campaign.stack.start("redis")


def _restarted(campaign, _harm):
    campaign.stack.restart("redis")


def _stopped(campaign, harm):
    pid = campaign.stack.pid("redis")
    freeze(pid)
    try:
        time.sleep(harm.random.uniform(0.5, 4))
    finally:
        send_signal(pid, signal.SIGCONT)


def _flushed(campaign, harm):
    harm.kept_until = 0
    with direct(campaign) as client:
        harm.back_at = time.time()
        client.flushall()
        harm.lost_at = time.time()


def _without_data(campaign, harm):
    """It starts again on an empty disk."""
    harm.kept_until = 0
    campaign.stack.kill("redis")
    harm.lost_at = harm.back_at = time.time()
    shutil.rmtree(campaign.stack.at.path(campaign.stack.redis_name))
    campaign.stack.start("redis")


def _aof(campaign):
    """The append-only file that is written now, or ""."""
    found = glob.glob(os.path.join(campaign.stack.at.path(
        campaign.stack.redis_name), "appendonlydir", "*.incr.aof"))
    return max(found, key=os.path.getmtime, default="")


def _power_loss(campaign, harm):
    """What was written in the last second may not have reached the disk.

    With appendfsync everysec a second is what may be missing; the cut goes
    through it at any byte.
    """
    samples = []
    end = time.monotonic() + 1
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            samples.append((time.time(), os.path.getsize(_aof(campaign))))
        time.sleep(SAMPLE_S)
    campaign.stack.kill("redis")
    harm.lost_at = harm.back_at = time.time()
    path = _aof(campaign)
    size = os.path.getsize(path)
    # A rewrite has begun another file: nothing is known of its last second.
    samples = [one for one in samples if one[1] <= size] or [(0, size)]
    cut = harm.random.randint(min(samples[0][1], size), size)
    harm.kept_until = max((at for at, was in samples if was <= cut),
                          default=0)
    os.truncate(path, cut)
    campaign.stack.start("redis")


def _full(campaign, harm):
    with direct(campaign) as client:
        client.config_set("maxmemory", 1)
        try:
            time.sleep(harm.random.uniform(0.5, 3))
        finally:
            client.config_set("maxmemory", 0)


def _failover(campaign, harm):
    """A replica takes over; what it had not yet received is lost."""
    stack = campaign.stack
    other = "redis2" if stack.redis_name == "redis" else "redis"
    shutil.rmtree(stack.at.path(other), ignore_errors=True)
    child = spawn([PROGRAMS["redis"], confs.redis(stack.at, other)],
                  stack.at.log_file("redis"), environment(stack.at))
    where = stack.at.socket(other)
    try:
        _follow(campaign, child, where)
        harm.kept_until = _caught_up(campaign, where)
        with direct(campaign, where) as client:
            client.replicaof("NO", "ONE")
        # Until it is noticed, the old one takes writes that will be lost.
        time.sleep(harm.random.uniform(0, 0.3))
    except BaseException:
        child.kill()
        raise
    old = stack.pid("redis")
    harm.back_at = time.time()
    stack.redis_name = other
    write_pid(stack.at.pid_file("redis"), child.pid)
    for name in ("b-redis", "m-redis"):
        campaign.proxy[name].cut()
    harm.lost_at = time.time()
    send_signal(old, signal.SIGKILL)
    wait_until(lambda: not alive(old), 10, "end of the old Redis")


def _follow(campaign, child, where):
    """Makes the new process a replica; returns when it has all."""
    port = free_port()
    with direct(campaign) as client:
        client.config_set("port", port)

    def follows():
        if child.poll() is not None:
            raise Trouble("the replica ended")
        try:
            with direct(campaign, where) as client:
                client.replicaof("127.0.0.1", port)
                return True
        except redis.RedisError:
            return False

    def has_all():
        try:
            with direct(campaign, where) as client:
                info = client.info()
        except redis.RedisError:
            return False
        return info.get("master_link_status") == "up" and \
            not info["aof_rewrite_in_progress"] and \
            not info.get("aof_rewrite_scheduled")
    wait_until(follows, SYNC_LIMIT_S, "start of a replica")
    wait_until(has_all, SYNC_LIMIT_S, "a replica that has all")


def _caught_up(campaign, where):
    """A moment up to which the replica has all that was written.

    "Up" and loaded is not enough: what came after the snapshot is sent a
    little later.
    """
    with direct(campaign) as client:
        moment = time.time()
        written = client.info("replication")["master_repl_offset"]

    def has_it():
        with direct(campaign, where) as client:
            return client.info("replication").get(
                "slave_repl_offset", -1) >= written
    wait_until(has_it, SYNC_LIMIT_S, "a replica that has caught up", 0.01)
    return moment


KINDS = {
    "redis killed": _killed,
    "redis restarted": _restarted,
    "redis stopped": _stopped,
    "redis emptied": _flushed,
    "redis without its data": _without_data,
    "redis power loss": _power_loss,
    "redis full": _full,
    "redis failover": _failover,
}
