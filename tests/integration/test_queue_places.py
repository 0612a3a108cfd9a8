# SPDX-License-Identifier: MIT
"""Invariant 8: whatever part of its log Redis finds again, state and place agree."""

import contextlib
import glob
import json
import os
import random
import shutil
import signal
import subprocess

import pytest
import redis
from stack import servers
from stack.faulty import FaultySmtp
from stack.layout import Options
from stack.places import disagreements
from stack.procs import send_signal
from stack.stack import Stack
from stack.visitor import wait_until

SEED = 3
JOBS = 300
PREFIXES = 40


def envelope(name):
    return json.dumps({
        "v": 1, "id": name, "kind": "notice", "locale": "fr",
        "to": {"name": "Zoé", "email": f"{name}@example.org"},
        "data": {"subject": "Bonjour", "paragraphs": ["Bonjour."]}})


def plan_of(dice):
    """Every verdict there is, in every mixture."""
    wishes = {"rcpt": ["450 4.7.1 later", "550 5.1.1 nobody"],
              "reply": ["close"], "dot": ["451 4.3.0 later"],
              "banner": ["421 4.3.2 busy"]}

    def plan(step, _session, _mail):
        return dice.choice(wishes[step]) \
            if step in wishes and dice.random() < 0.2 else None
    return plan


@contextlib.contextmanager
def prefix_loaded(source, directory, cut):
    """A Redis that has loaded the first `cut` bytes of the log."""
    shutil.copytree(os.path.dirname(source),
                    os.path.join(directory, "appendonlydir"))
    os.truncate(os.path.join(directory, "appendonlydir",
                             os.path.basename(source)), cut)
    where = os.path.join(directory, "redis.sock")
    child = subprocess.Popen(
        [servers.REDIS_SERVER, "--port", "0", "--unixsocket", where,
         "--dir", directory, "--appendonly", "yes", "--save", "",
         "--logfile", os.path.join(directory, "log")],
        stdin=subprocess.DEVNULL)
    client = redis.Redis(unix_socket_path=where, decode_responses=True)

    def has_loaded():
        assert child.poll() is None, "this Redis does not start"
        with contextlib.suppress(redis.RedisError):
            return client.ping()
        return False
    try:
        wait_until(has_loaded, 20, "a Redis with a cut log", 0.01)
        yield client
    finally:
        client.close()
        child.kill()
        child.wait()


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """The append-only file of a queue that has seen all kinds of ends, with
    workers killed in between; (path, stack)."""
    dice = random.Random(SEED)
    with FaultySmtp(plan_of(dice)) as server:
        stack = Stack(tmp_path_factory.mktemp("log"), Options(
            asan=os.environ.get("RESERVOIR_ASAN") == "1", workers=3,
            smtp=f"127.0.0.1:{server.port}"), quiet=True)
        stack.overrides["maild"] = {
            "breaker_max": "100ms", "retry_min": "100ms", "retry_max": "200ms",
            "crash_pause": "50ms", "session_idle": "50ms"}
        stack.at.make()
        stack.start("redis")
        stack.start("maild")
        prefix = stack.env["QUEUE_PREFIX"]
        with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"],
                         decode_responses=True) as client:
            for number in range(JOBS):
                client.rpush(prefix + "intake", envelope(f"j{number}"))

            def ends():
                return sum(client.hget(name, "st") in ("S", "X")
                           for name in client.scan_iter(prefix + "j:*"))
            for share in range(1, 10):
                wait_until(lambda share=share: ends() > JOBS * share / 12, 60,
                           "some ends")
                workers = [pid for title, pid in sorted(
                    stack.children("maild").items()) if "worker" in title]
                send_signal(dice.choice(workers), signal.SIGKILL)
        stack.kill("maild", signal.SIGKILL)
        stack.kill("redis")
        (path,) = glob.glob(os.path.join(stack.at.path("redis"),
                                         "appendonlydir", "*.incr.aof"))
        yield path, prefix
        stack.down()


def test_any_prefix_of_the_log_is_a_consistent_queue(log, tmp_path):
    path, prefix = log
    size = os.path.getsize(path)
    dice = random.Random(SEED)
    seen = set()
    for number in range(PREFIXES):
        cut = dice.randint(size // 50, size)
        directory = tmp_path / str(number)
        directory.mkdir()
        with prefix_loaded(path, str(directory), cut) as client:
            assert not disagreements(client, prefix), (SEED, cut)
            seen |= {client.hget(name, "st")
                     for name in client.scan_iter(prefix + "j:*")}
        shutil.rmtree(directory)
    # Else nothing was tried.
    assert {"Q", "P", "R", "S", "X"} <= seen
