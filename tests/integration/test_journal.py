# SPDX-License-Identifier: MIT
"""Redis goes away right after the 250, and then all of maild is killed."""

import os
import signal

import pytest
from stack.procs import alive, read_text
from stack.rig import LIMIT_S
from stack.visitor import wait_until


def kill_tree(rig):
    """kill -9 of every process of maild at once."""
    master = rig.stack.pid("maild")
    pids = [master, *rig.stack.children("maild").values()]
    os.killpg(os.getpgid(master), signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in pids), LIMIT_S,
               "the end of maild")


def kill_redis_at(rig, step, times=1):
    """A plan: Redis is killed when the server is at that step."""
    left = [times]

    def plan(now, _session, _mail):
        if now == step and left[0]:
            left[0] -= 1
            rig.stack.kill("redis")
    return plan


def note_of(rig, slot=0):
    return read_text(rig.stack.at.path("journal", f"acks.{slot}"))


def send_without_redis(rig):
    """One mail is sent, and only the journal will know."""
    rig.server.plan = kill_redis_at(rig, "reply")
    rig.set(workers="1")
    (name,) = rig.push()
    wait_until(lambda: name in note_of(rig), LIMIT_S, "the note")
    return name


def test_what_only_the_journal_knows_is_not_sent_again(rig):
    name = send_without_redis(rig)
    kill_tree(rig)
    rig.stack.start("redis")
    # As a rule D, past the gate.  With "appendfsync everysec" Redis keeps what
    # it has answered for up to two seconds while the disk is busy.
    assert rig.job(name).get("st") != "S"
    # The producer pushes again what Redis does not call sent.
    rig.push(id=name)
    rig.start()
    job = rig.wait(name, "S")
    assert job["rl"] == "local"
    (other,) = rig.push()
    rig.wait(other, "S")
    assert rig.accepted() == [name, other]
    assert "replayed sent mails count=1" in rig.log()
    wait_until(lambda: note_of(rig) == "", LIMIT_S, "an empty journal")


def test_maild_before_redis_waits_and_does_the_same(rig):
    name = send_without_redis(rig)
    kill_tree(rig)
    rig.start()
    wait_until(lambda: "waiting since_ms=" in rig.log(), LIMIT_S, "the wait")
    assert name in note_of(rig)
    rig.stack.start("redis")
    rig.wait(name, "S")
    (other,) = rig.push()
    rig.wait(other, "S")
    assert rig.accepted() == [name, other]


def test_a_redis_that_lost_all_is_told_before_it_admits(rig):
    name = send_without_redis(rig)
    kill_tree(rig)
    rig.stack.start("redis")
    rig.redis.flushall()
    rig.push(id=name)
    rig.start()
    rig.wait(name, "S")
    (other,) = rig.push()
    rig.wait(other, "S")
    assert rig.accepted() == [name, other]


def test_the_note_of_a_slot_that_is_no_more_is_told(rig):
    name = send_without_redis(rig)
    kill_tree(rig)
    os.rename(rig.stack.at.path("journal", "acks.0"),
              rig.stack.at.path("journal", "acks.200"))
    rig.stack.start("redis")
    rig.start()
    rig.wait(name, "S")
    assert rig.accepted() == [name]


def test_a_stop_while_redis_is_away_keeps_the_note(rig):
    name = send_without_redis(rig)
    rig.stack.stop("maild")
    assert name in note_of(rig)
    rig.stack.start("redis")
    rig.start()
    rig.wait(name, "S")
    assert rig.accepted() == [name]


def test_the_note_harms_nothing_when_maild_lives_on(rig):
    name = send_without_redis(rig)
    rig.stack.start("redis")
    assert rig.wait(name, "S")["rl"] == "local"     # from the ring
    names = rig.push(5)
    for other in names:
        rig.wait(other, "S")
    assert rig.accepted() == [name, *names]
    stat = rig.redis.hgetall(rig.prefix + "stat")
    assert stat["sent"] == "6" and "sent_twice" not in stat
    wait_until(lambda: note_of(rig) == "", LIMIT_S, "an empty journal")


@pytest.mark.parametrize("where", ["/no/such/directory", "/proc"])
def test_without_a_journal_mails_go_all_the_same(rig, where):
    rig.server.plan = kill_redis_at(rig, "reply")
    rig.set(workers="1", journal_dir=where)
    (name,) = rig.push()
    wait_until(lambda: "ack failed, will be told again" in rig.log(), LIMIT_S,
               "the trouble")
    rig.stack.start("redis")
    rig.wait(name, "S")
    assert rig.accepted() == [name]
    assert f"no journal: journal_dir: cannot make a file in {where}" in rig.log()
    assert "error: worker 0: cannot keep a sent mail" in rig.log()
