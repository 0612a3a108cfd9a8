# SPDX-License-Identifier: MIT
"""What all of maild counts about SMTP, and how the sums last."""

import os

import pytest
from stack.certs import Authority
from stack.faulty import FaultySmtp, server_context
from stack.layout import write_text
from stack.rig import LIMIT_S, once
from stack.visitor import wait_until

NAME = "mx.reservoir.example"
USER, PASSWORD = "reservoir@example.org", "secret"
# Of a step's row: ended without an answer, sum in microseconds, the buckets.
BROKEN, SUM, FIRST = 0, 1, 2


def sums(rig):
    return {name: [int(word) for word in text.split()]
            for name, text in rig.redis.hgetall(rig.prefix + "tally").items()}


def answers(rig, step):
    return sum(sums(rig).get(f"stage:{step}:local", [0, 0, 0])[FIRST:])


def attempts(rig, outcome):
    return sums(rig).get(f"attempt:{outcome}:local", [0])[0]


def until(rig, wanted, what):
    wait_until(lambda: wanted(rig), LIMIT_S, what)


def sent(count):
    return lambda rig: attempts(rig, "sent") == count


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


def test_each_step_of_a_session_is_timed(rig, authority):
    rig.server.extensions = [*FaultySmtp.EXTENSIONS, "STARTTLS",
                             "AUTH PLAIN"]
    rig.server.tls = server_context(*authority.issue(NAME))
    rig.server.users = {USER: PASSWORD}
    rig.server.plan = lambda step, *_: {
        "banner": 0.3, "starttls": 0.3, "auth": 0.3, "rcpt": 0.3,
        "reply": 0.3}.get(step)
    path = os.path.join(rig.stack.at.conf, "relay.password")
    write_text(path, PASSWORD + "\n")
    rig.relay(tls="required", tls_ca_file=authority.file, tls_name=NAME,
              auth_user=USER, auth_password_file=path)
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    until(rig, sent(1), "the count")
    steps = {step: sums(rig)[f"stage:{step}:local"] for step in (
        "connect", "greeting", "ehlo", "starttls", "tls", "auth", "mail",
        "rcpt", "data", "body", "dot")}
    for step, row in steps.items():
        assert sum(row[FIRST:]) == (2 if step == "ehlo" else 1), step
        assert row[BROKEN] == 0, step
        slow = step in ("greeting", "starttls", "auth", "rcpt", "dot")
        # A machine with other work may make any of them slow, and may let us
        # see late that the connection stands.
        assert row[SUM] >= 100000 if slow else row[SUM] < 10000000, step
    quick = min(steps["mail"][SUM], steps["data"][SUM], steps["body"][SUM])
    assert quick < 300000


def test_the_sums_outlive_those_who_counted(rig):
    rig.start()
    for name in rig.push(2):
        rig.wait(name, "S")
    # A stop tells at once, and it may say so twice.
    rig.stack.stop("maild")
    assert attempts(rig, "sent") == 2
    connects = answers(rig, "connect")
    assert connects >= 1
    told = rig.redis.keys(rig.prefix + "tally:*")
    assert len(told) == 1 and 0 < rig.redis.ttl(told[0]) <= 3600
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    until(rig, sent(3), "the count of both")
    rig.stack.kill("maild")
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    until(rig, sent(4), "the count of three")
    assert answers(rig, "connect") > connects


def test_what_redis_loses_is_told_again(rig):
    rig.start()
    for name in rig.push(2):
        rig.wait(name, "S")
    until(rig, sent(2), "the count")
    keys = [rig.prefix + "tally", *rig.redis.keys(rig.prefix + "tally:*")]
    # As an older file would have it.
    for key in keys:
        rig.redis.hset(key, "attempt:sent:local", "1")
    until(rig, sent(2), "the count again")
    rig.redis.delete(*keys)
    until(rig, sent(2), "the count from nothing")
    # Another version had other buckets: the row begins anew.
    rig.redis.hset(keys[0], "stage:dot:local", "7 7 7")
    for key in keys[1:]:
        rig.redis.hdel(key, "stage:dot:local")
    until(rig, lambda rig: answers(rig, "dot") == 2, "the buckets")


def test_what_has_no_answer_is_counted_too(rig):
    rig.server.plan = once("rcpt", "close")
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    until(rig, sent(1), "the count")
    assert sums(rig)["stage:rcpt:local"][BROKEN] == 1
    assert attempts(rig, "relay") == 1
    assert sums(rig)["stage:connect:local"][BROKEN] == 0
    rig.relay(port=1)
    rig.set()
    rig.push()
    until(rig, lambda rig: sums(rig)["stage:connect:local"][BROKEN] >= 1,
          "a connection that was refused")


def test_there_is_no_end_of_names_but_a_limit(rig):
    rig.redis.hset(rig.prefix + "tally",
                   mapping={f"attempt:sent:old{n}": "1" for n in range(990)})
    rig.redis.config_set("maxmemory", 1)
    rig.start()
    wait_until(lambda: rig.redis.hlen(rig.prefix + "tally") == 1000, LIMIT_S,
               "the last names")
    (told,) = wait_until(lambda: rig.redis.keys(rig.prefix + "status:*"),
                         LIMIT_S, "the live state")
    assert told and rig.redis.hlen(rig.prefix + "tally") == 1000
