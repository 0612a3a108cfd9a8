# SPDX-License-Identifier: MIT
"""maildctl status --check: each verdict, and what it stands on."""

import os
import re
import socket
import time

import pytest
from stack import confs
from stack.console import Console
from stack.ctlrig import asleep, tell
from stack.rig import Rig

MINUTE_MS = 60000
RELAY = {"name": "main", "host": "smtp.example", "port": 587, "open_for_ms": 0,
         "cause": "", "connections": 0, "allowed": 4, "rate": 0,
         "paused": False}


@pytest.fixture(name="rig", scope="module")
def _rig(tmp_path_factory):
    """A queue with one job that waits, and a maild that is only told of."""
    one = Rig(tmp_path_factory.mktemp("check") / "rig", greeting_timeout="5s")
    one.start()
    one.late = asleep(one)
    one.stack.stop("maild")
    yield one
    one.close()


@pytest.fixture(name="check")
def _check(rig):
    """check(status, words): the line, after a look at its form."""
    console = Console(rig.stack)
    tell(rig)

    def run(status, *words):
        line = console.out("status", "--check", *words, status=status)
        said, bar, figures = line.partition(" | ")
        verdict = ("OK", "WARNING", "CRITICAL", "UNKNOWN")[status]
        assert said.startswith(f"MAILD {verdict} - "), line
        assert line.count("\n") == 1
        # 'label'=value[UOM];[warn];[crit];[min];[max]
        for one in figures.split():
            assert re.fullmatch(r"[a-z]+=\d+s?;\d*;\d*;0", one), one
        assert bool(bar) == bool(figures)
        return line
    yield run
    rig.server.plan = lambda step, session, mail: None
    rig.relay(port=rig.server.port)
    confs.maild(rig.stack)


def overdue(rig, minutes):
    rig.redis.zadd(rig.prefix + "retry",
                   {rig.late: time.time() * 1000 - minutes * MINUTE_MS})


def breaker(state):
    return RELAY | {"breaker": state}


def test_the_oldest_mail_decides(rig, check):
    overdue(rig, -60)
    assert " age=0s;600;3600;0 dead=0;10;100;0 waiting=1;;;0\n" in check(0)
    overdue(rig, 9)
    assert re.search(r"the oldest for 9 min.* age=5[4-9]\ds;", check(0))
    overdue(rig, 11)
    check(1)
    check(0, "--warn", "20min")
    check(2, "--crit", "11min")
    overdue(rig, 61)
    check(2)
    check(1, "--crit", "2h")
    overdue(rig, -60)


def test_breakers_tell_whether_mail_servers_can_be_reached(rig, check):
    for state in ("open", "probing"):
        tell(rig, relays=[breaker(state), breaker("open")])
        assert "no mail server can be reached" in check(1)
    tell(rig, relays=[breaker("open"), breaker("closed")])
    check(0)


def test_here_means_this_host(rig, check):
    assert "no maild is running here" in check(2, "--here")
    tell(rig, host=socket.gethostname())
    check(0, "--here")
    tell(rig, host=socket.gethostname(), relays=[breaker("open")])
    check(1, "--here")
    rig.redis.delete(rig.prefix + "status:mx9.example:4711:cafe")
    assert "no maild is running," in check(2)


def test_mail_servers_are_asked_when_that_is_wished(rig, check):
    rig.server.plan = lambda step, *_: "554 5.3.2 no" if step == "banner" \
        else None
    check(0)
    assert f"mail server 127.0.0.1:{rig.server.port} says 554 5.3.2 no" \
        in check(1, "--smtp")
    rig.server.plan = lambda step, *_: "close" if step == "banner" else None
    assert "does not greet" in check(1, "--smtp")
    rig.server.plan = lambda step, *_: "hang" if step == "banner" else None
    begun = time.monotonic()
    assert "does not greet" in check(1, "--smtp")
    assert 4 < time.monotonic() - begun < 15
    rig.server.plan = lambda *_: None
    check(0, "--smtp")
    assert rig.server.commands[-1][1] == "QUIT"
    # One of several is enough.
    rig.relay(port=1)
    confs.maild(rig.stack)
    assert "mail server 127.0.0.1:1 does not answer" in check(1, "--smtp")
    rig.relay("spare", port=rig.server.port)
    confs.maild(rig.stack)
    check(0, "--smtp")


def test_what_cannot_be_known_is_unknown(rig, check):
    for words in (["--warn", "soon"], ["--crit", "1,2,x"], ["--warn"],
                  ["--frobnicate"], ["more"], ["--state", "dead"]):
        check(3, *words)
    console = Console(rig.stack)
    said = console.json("status", "--check", "--warn", "soon", status=3)
    assert (said["verdict"], said["code"]) == ("unknown", 3)
    assert said["line"].startswith("MAILD UNKNOWN - --warn soon")
    console.conf = os.path.join(rig.stack.at.conf, "none.conf")
    assert "none.conf" in console.out("status", "--check", status=3)
    for words in (["--here"], ["--smtp"], ["--crit", "1"]):
        Console(rig.stack).run("status", *words, status=64)


def test_without_redis_it_is_critical(rig, check):
    rig.stack.stop("redis")
    try:
        assert "redis" in check(2)
        assert Console(rig.stack).json("status", "--check",
                                       status=2)["verdict"] == "critical"
    finally:
        rig.stack.start("redis")
