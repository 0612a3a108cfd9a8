# SPDX-License-Identifier: MIT
"""What a person must hear of: a log line, and a run of the command."""

import os
import signal

import pytest
from stack.procs import read_text
from stack.rig import LIMIT_S
from stack.visitor import wait_until


@pytest.fixture
def command(tmp_path):
    """A command that keeps what it is told; its path and where."""
    path, told = tmp_path / "tell", tmp_path / "told"
    path.write_text(f"#!/bin/sh\nid -u >>{told}\ncat >>{told}\n")
    path.chmod(0o755)
    return str(path), str(told)


def test_the_command_is_run_once_in_an_interval(rig, command):
    path, told = command
    rig.redis.rpush(rig.prefix + "intake", "not json")
    rig.set(alert_command=path, alert_interval="1h")
    line = "malformed: malformed envelopes set aside count=1\n"
    wait_until(lambda: line in read_text(told), LIMIT_S, "the command")
    assert "error: dispatcher: alert key=malformed: malformed" in rig.log()
    rig.redis.rpush(rig.prefix + "intake", "not json")
    wait_until(lambda: rig.log().count("alert key=malformed") == 2, LIMIT_S,
               "the second alert")
    # The master has looked again when its next run for another cause is over.
    rig.redis.config_set("maxmemory-policy", "allkeys-lru")
    os.kill(rig.stack.children("maild")["dispatcher"], signal.SIGKILL)
    wait_until(lambda: "redis-evicts: " in read_text(told), LIMIT_S,
               "the other cause")
    assert read_text(told).count("malformed: ") == 1
    rig.redis.config_set("maxmemory-policy", "noeviction")
    (name,) = rig.push()
    rig.wait(name, "S")
    assert rig.log().count("alert key=redis-evicts") == 1


def test_a_mail_that_was_never_accepted_is_an_alert(rig):
    rig.server.plan = lambda step, *_: (
        "450 4.7.1 later" if step == "rcpt" else None)
    rig.set(max_age="1min")
    (name,) = rig.push()
    rig.wait(name, "R")
    # An hour passes.
    job = rig.prefix + "j:" + name
    rig.redis.hincrby(job, "ta", -3600 * 1000)
    assert rig.wait(name, "X")["rep"].startswith("expired")
    wait_until(lambda: f"alert key=queue-expired: gave up job={name}"
               in rig.log(), LIMIT_S, "the alert")


def test_what_its_producer_let_expire_is_none(rig):
    (name,) = rig.push(na=1000)
    rig.start()
    assert rig.wait(name, "X")["rep"].startswith("expired")
    assert "alert" not in rig.log()


def test_a_command_that_fails_is_said(rig, tmp_path):
    path = tmp_path / "fails"
    path.write_text("#!/bin/sh\nexit 3\n")
    path.chmod(0o755)
    rig.redis.rpush(rig.prefix + "intake", "not json")
    rig.set(alert_command=str(path))
    wait_until(lambda: "alert_command failed status=3" in rig.log(), LIMIT_S,
               "the line")
    (name,) = rig.push()
    rig.wait(name, "S")
