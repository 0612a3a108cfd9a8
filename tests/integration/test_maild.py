# SPDX-License-Identifier: MIT
"""maild alone, against a mail server that fails at every step."""

import os
import signal
import socket

import pytest
from stack.faulty import FaultySmtp
from stack.procs import alive, read_text
from stack.rig import LIMIT_S, once
from stack.visitor import wait_until

# ---- verdicts ---------------------------------------------------------------

SITE_FAULTS = [
    ("banner", "close"), ("banner", "reset"), ("banner", "421 4.3.2 busy"),
    ("banner", "554 5.7.1 go away"), ("banner", "hang"),
    ("ehlo", "close"), ("ehlo", "421 4.3.2 closing"), ("ehlo", "hang"),
    ("mail", "421 4.3.2 closing"), ("mail", "close"), ("mail", "hang"),
    ("rcpt", "close"), ("rcpt", "421 4.3.2 closing"), ("rcpt", "hang"),
    ("data", "close"), ("data", "reset"), ("data", "hang"),
]


@pytest.mark.parametrize("step,wish", SITE_FAULTS)
def test_a_site_fault_burns_no_attempt_and_sends_once(rig, step, wish):
    rig.server.plan = once(step, wish)
    rig.start()
    (name,) = rig.push()
    job = rig.wait(name, "S")
    assert job["n"] == "1"
    assert rig.accepted() == [name]


def test_a_sender_refused_for_now_waits_without_a_charge(rig):
    rig.server.plan = once("mail", "451 4.3.0 later")
    rig.set(mail_from_pause="300ms")
    (name,) = rig.push()
    assert rig.wait(name, "S")["n"] == "1"
    assert "class=relay stage=MAIL" in rig.log()
    assert rig.accepted() == [name]


def test_a_refused_connection_is_a_site_fault(rig):
    port = rig.server.port
    rig.server.close()
    rig.start()
    (name,) = rig.push()
    wait_until(lambda: "mail server away" in rig.log(), LIMIT_S, "the breaker")
    with FaultySmtp(port=port) as server:
        assert rig.wait(name, "S")["n"] == "1"
        assert len(server.accepted) == 1
    rig.server = FaultySmtp()


@pytest.mark.parametrize("step,wish", [
    ("rcpt", "450 4.7.1 greylisted"), ("data", "451 4.7.1 greylisted"),
    ("dot", "451 4.7.1 greylisted")])
def test_a_temporary_refusal_is_tried_again_later(rig, step, wish):
    rig.server.plan = once(step, wish, 2)
    rig.start()
    (name,) = rig.push()
    assert rig.wait(name, "S")["n"] == "3"
    assert rig.accepted() == [name]


@pytest.mark.parametrize("step,wish", [
    ("rcpt", "550 5.1.1 no such user"), ("data", "554 5.1.1 no such user"),
    # Not the reply to the DATA behind it, which is a 554 as well.
    ("rcpt", "554 5.2.1 mailbox disabled"),
    ("dot", "554 5.7.1 spam")])
def test_a_permanent_refusal_is_a_dead_letter_with_its_reason(rig, step, wish):
    rig.server.plan = once(step, wish)
    (name, other) = rig.push(2)
    rig.set(workers="1")
    job = rig.wait(name, "X")
    assert job["rep"] == f"rejected: {wish}"
    rig.wait(other, "S")
    assert rig.accepted() == [other]
    receipts = rig.redis.lrange(rig.prefix + "receipts", 0, -1)
    assert any(receipt.startswith(f"X|{name}|1|") for receipt in receipts)


def test_a_refused_sender_buries_nothing(rig):
    rig.server.plan = once("mail", "550 5.7.1 not you", 5)
    rig.start()
    names = rig.push(4)
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    assert "error: worker" in rig.log()
    assert sorted(rig.accepted()) == sorted(names)


def test_a_connection_cut_in_the_body_leaves_its_fate_unknown(rig):
    # All of a small mail, the dot too, is on the way when the cut is seen.
    rig.server.plan = once("body", "close")
    rig.start()
    (name,) = rig.push()
    assert rig.wait(name, "S")["n"] == "2"
    assert rig.accepted() == [name]


@pytest.mark.parametrize("wish", ["close", "hang"])
def test_a_lost_250_is_sent_again_with_the_same_message_id(rig, wish):
    rig.server.plan = once("reply", wish)
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    assert rig.accepted() == [name, name]


def test_a_mail_of_unknown_fate_is_not_sent_for_ever(rig):
    rig.server.plan = once("reply", "close", 100)
    rig.start()
    (name,) = rig.push()
    assert rig.wait(name, "X")["rep"].startswith("uncertain")
    assert rig.accepted() == [name] * 4


# ---- what producers push ----------------------------------------------------

def test_rubbish_is_set_aside_and_harms_no_other(rig):
    rig.redis.rpush(rig.prefix + "intake", "not json", '{"v":1}',
                    '{"id":"../x"}', "[" * 5000)
    (poison,) = rig.push(kind="no.such.kind")
    (badly_to,) = rig.push(to={"email": "a@b\r\nRCPT TO:<x@y>"})
    (good,) = rig.push()
    rig.start()
    rig.wait(good, "S")
    assert rig.wait(poison, "X")["rep"].startswith("poison")
    assert rig.wait(badly_to, "X")["rep"].startswith("poison")
    assert rig.redis.llen(rig.prefix + "malformed") == 4
    assert rig.accepted() == [good]


def test_what_only_begins_like_an_envelope_is_a_dead_letter(rig):
    begun = '{"v":1,"id":"%s","kind":"notice",%s"to":{"email":"z@x.org"}%s}'
    rig.redis.rpush(rig.prefix + "intake", begun % ("cut", "", ',"data":{'),
                    begun % ("first", '"id":"second",', ""))
    rig.start()
    assert "not JSON at line 1 column" in rig.wait("cut", "X")["rep"]
    assert "stands there twice" in rig.wait("first", "X")["rep"]
    assert rig.accepted() == []


def test_of_a_monstrous_envelope_only_the_beginning_is_kept(rig):
    monster = {"data": {"subject": "x" * 60_000_000}}
    (named,) = rig.push(**monster)
    rig.push(id="not/an/id", **monster)
    rig.start()
    assert "larger than 65536 bytes" in rig.wait(named, "X")["rep"]
    wait_until(lambda: rig.redis.llen(rig.prefix + "malformed") == 1, LIMIT_S,
               "the one without an id")
    kept = rig.redis.hget(f"{rig.prefix}j:{named}", "b")
    assert len(kept) == 65537 and kept.endswith("xxx")
    assert len(rig.redis.lindex(rig.prefix + "malformed", 0)) == 65537


def test_pushing_again_is_harmless(rig):
    names = []
    for number in range(20):
        for _ in range(5):
            names += rig.push(id=f"again-{number}")
    rig.start()
    for name in names:
        rig.wait(name, "S")
    rig.push(id="again-0")
    wait_until(lambda: rig.redis.llen(rig.prefix + "intake") == 0, LIMIT_S,
               "an empty intake")
    (last,) = rig.push()
    rig.wait(last, "S")
    assert sorted(rig.accepted()) == sorted({*names, last})


def test_a_job_past_its_time_is_not_sent(rig):
    (name,) = rig.push(na=1000)
    rig.start()
    assert rig.wait(name, "X")["rep"].startswith("expired")
    assert not rig.accepted()


def test_one_worker_sends_in_the_order_of_the_intake(rig):
    # With Nagle's algorithm each of these mails would take 40 ms more, and
    # all of them longer than the limit.
    names = rig.push(1000)
    rig.set(workers="1")
    wait_until(lambda: len(rig.server.accepted) == 1000, LIMIT_S, "1000 mails")
    assert rig.accepted() == names


def test_a_full_redis_is_drained(rig):
    names = rig.push(50)
    rig.redis.config_set("maxmemory", 1)
    rig.start()
    for name in names:
        rig.wait(name, "S")
    assert sorted(rig.accepted()) == sorted(names)


# ---- processes --------------------------------------------------------------

@pytest.mark.parametrize("step", ["banner", "ehlo", "rcpt", "data"])
def test_a_worker_killed_before_the_dot_sends_nothing_twice(rig, step):
    rig.server.plan = once(step, "hang")
    rig.set(workers="1", greeting_timeout="60s", envelope_timeout="60s")
    (name,) = rig.push()
    wait_until(lambda: any(seen[0] == step for seen in rig.server.steps),
               LIMIT_S, f"the server at {step}")
    os.kill(rig.stack.children("maild")["worker 0"], signal.SIGKILL)
    rig.wait(name, "S")
    assert rig.accepted() == [name]


def test_a_job_that_kills_every_worker_is_buried(rig):
    rig.server.plan = lambda step, session, mail: (
        "hang" if step == "rcpt" else None)
    rig.set(workers="1", envelope_timeout="60s", crash_pause="100ms")
    (name,) = rig.push()
    for crash in range(1, 4):
        wait_until(lambda n=crash: rig.server.mails == n, LIMIT_S,
                   f"attempt {crash}")
        os.kill(rig.stack.children("maild")["worker 0"], signal.SIGKILL)
    assert rig.wait(name, "X")["rep"].startswith("poison: 3 workers crashed")


def test_a_stop_finishes_the_mail_in_hand(rig):
    rig.server.plan = once("reply", 1)
    rig.set(workers="1")
    names = rig.push(3)
    wait_until(lambda: rig.server.accepted, LIMIT_S, "the first mail")
    rig.stack.stop("maild")
    assert rig.accepted() == names[:1]
    assert rig.job(names[0])["st"] == "S"
    assert [rig.job(name)["st"] for name in names[1:]] == ["Q", "Q"]
    rig.start()
    for name in names:
        rig.wait(name, "S")
    assert rig.accepted() == names


def test_a_worker_that_hangs_past_its_deadline_is_replaced(rig):
    rig.server.plan = once("banner", "hang")
    rig.set(workers="1", greeting_timeout="60s", connect_timeout="1s")
    pid = wait_until(lambda: rig.stack.children("maild").get("worker 0"),
                     LIMIT_S, "the worker")
    (name,) = rig.push()
    wait_until(lambda: rig.server.sessions == 1, LIMIT_S, "the first session")
    # Stopped, it is a process that will never come back by itself.
    os.kill(pid, signal.SIGSTOP)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not alive(pid), LIMIT_S, "its end")
    rig.wait(name, "S")
    assert rig.accepted() == [name]


def test_a_reload_takes_good_settings_and_refuses_bad_ones(rig):
    rig.start()
    conf = rig.stack.env["MAILD_CONF"]
    good = read_text(conf)
    # The start is over before the last child is forked and has its name.
    names = {"dispatcher", "worker 0", "worker 1"}
    wait_until(lambda: set(rig.stack.children("maild")) == names, LIMIT_S,
               "all children")
    before = set(rig.stack.children("maild").values())
    with open(conf, "a", encoding="utf-8") as file:
        file.write("no_such_setting = 1\n")
    os.kill(rig.stack.pid("maild"), signal.SIGHUP)
    wait_until(lambda: "reload refused" in rig.log(), LIMIT_S, "the refusal")
    assert set(rig.stack.children("maild").values()) == before
    with open(conf, "w", encoding="utf-8") as file:
        file.write(good + "session_mails = 7\n")
    os.kill(rig.stack.pid("maild"), signal.SIGHUP)
    wait_until(lambda: not set(rig.stack.children("maild").values()) & before,
               LIMIT_S, "new children")
    (name,) = rig.push()
    rig.wait(name, "S")


def ended_here():
    """The name of an instance that is known to have ended."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return f"{socket.gethostname()}:{child}:0"


@pytest.mark.parametrize("ghost,lease", [
    ("ghost:1:0", "5s"),                # a host that vanished
    (ended_here(), "10min"),            # a process of this host: no such wait
], ids=["of another host", "of this host"])     # no pid: cores must agree
def test_another_instance_takes_over_what_a_dead_one_had(rig, ghost, lease):
    """Its processes are gone and nobody reclaims."""
    rig.set(workers="1", host_lease=lease)
    rig.stack.stop("maild")
    (name,) = rig.push()
    # What such a host leaves: a claimed job, a beat that stands still.
    rig.redis.hset(rig.prefix + "inst", ghost, 1)
    rig.redis.lmove(rig.prefix + "intake", rig.prefix + "gone", "LEFT", "LEFT")
    envelope = rig.redis.lpop(rig.prefix + "gone")
    rig.redis.hset(f"{rig.prefix}j:{name}", mapping={
        "st": "P", "own": ghost + ":3", "tok": 1, "n": 0, "ta": 10 ** 13,
        "b": envelope})
    rig.redis.lpush(rig.prefix + f"p:{ghost}:3", name)
    rig.start()
    rig.wait(name, "S")
    assert rig.accepted() == [name]
    # The mail may be quicker than the line.
    wait_until(lambda: "took over" in rig.log(), LIMIT_S, "the line")


def test_a_redis_that_evicts_gets_no_job_and_an_alert(rig):
    rig.redis.config_set("maxmemory-policy", "allkeys-lru")
    rig.start()
    (name,) = rig.push()
    wait_until(lambda: "set maxmemory-policy noeviction" in rig.log(), LIMIT_S,
               "the alert")
    assert rig.redis.llen(rig.prefix + "intake") == 1
    rig.redis.config_set("maxmemory-policy", "noeviction")
    rig.wait(name, "S")


def test_a_redis_that_comes_later_is_waited_for(rig):
    rig.stack.stop("redis")
    rig.start()
    wait_until(lambda: "waiting since_ms=" in rig.log(), LIMIT_S, "the wait")
    rig.stack.start("redis")
    (name,) = rig.push()
    rig.wait(name, "S")


def test_a_broken_edited_template_falls_back_to_the_shipped_one(rig):
    templates = os.path.join(rig.stack.at.path("templates"), "fr")
    os.makedirs(templates)
    with open(os.path.join(templates, "notice.txt"), "w",
              encoding="utf-8") as file:
        file.write("Subject: {{#never}}\n\nclosed")
    rig.start()
    names = rig.push(20)
    for name in names:
        rig.wait(name, "S")
    line = "alert key=template-broken:fr/notice.txt: ignored"
    assert "notice.txt:1: " in rig.log()
    assert rig.log().count(line) == 1
    os.kill(rig.stack.pid("maild"), signal.SIGHUP)
    wait_until(lambda: rig.log().count(line) == 2, LIMIT_S,
               "the same after a reload")


def test_an_edited_template_that_cannot_be_rendered_is_told_once(rig):
    templates = os.path.join(rig.stack.at.path("templates"), "fr")
    os.makedirs(templates)
    with open(os.path.join(templates, "notice.txt"), "w",
              encoding="utf-8") as file:
        file.write("Subject: {{subject}}\n\n{{>no_such_partial}}")
    rig.start()
    names = rig.push(20)
    for name in names:
        rig.wait(name, "S")
    assert rig.log().count("alert key=template-broken:fr/notice.txt: left") == 1
