# SPDX-License-Identifier: MIT
"""The queue's scripts when answers are lost and when Redis is full."""

import hashlib
import os
import random
import re
import time

import pytest
from stack.queuerig import (GO, LOST, NONE, SKIP, UNCERTAIN, WORKER,
                            envelope)
from stack.visitor import wait_until

OTHER = ("host:2:bb", 3)


@pytest.fixture
def rig(queue_rig):
    return queue_rig


def begin(rig, name="a", **changes):
    rig.push(name, **changes)
    rig.q.admit()
    return rig.q.take()


# ---- answers that were lost: the same call again --------------------------

def test_a_claim_repeated_finds_the_same_job(rig):
    rig.push("a", "b")
    rig.q.admit()
    first, token = rig.q.take()
    again, newer = rig.q.take()
    assert first == again == "a" and newer > token
    # The answer that was lost fences nobody who is there, only itself.
    assert rig.q.call("dot", "a", token) == 0
    assert rig.q.call("dot", "a", newer) == 1
    assert rig.q.call("take", *WORKER) == UNCERTAIN


def test_a_begin_repeated_begins_the_same_job(rig):
    rig.push("a")
    rig.q.admit()
    rig.q.call("claim", *WORKER, 0)
    assert rig.q.call("begin", *WORKER, "a") == GO
    assert rig.q.call("begin", *WORKER, "a") == GO
    assert rig.q.call("begin", *WORKER, "b") == LOST


def test_a_gate_repeated_says_the_same(rig):
    name, token = begin(rig)
    assert rig.q.call("dot", name, token) == 1
    assert rig.q.call("dot", name, token) == 1
    assert rig.q.call("dot", name, token + 1) == 0
    assert rig.q.call("dot", "nobody", token) == 0


def test_an_ack_repeated_counts_once_and_hands_out_the_same_job(rig):
    rig.push("a", "b", "c")
    rig.q.admit()
    name, token = rig.q.take()
    first = rig.q.ack(name, token, follow=1)
    again = rig.q.ack(name, token, follow=1)
    assert first[1][0][0] == again[1][0][0] == "b"
    assert rig.redis.llen(rig.key("receipts")) == 1
    assert dict(rig.q.rows("stats"))["sent"] == "1"
    assert rig.job("a")["n"] == "1"


def test_a_verdict_repeated_is_ignored(rig):
    said = ("temporary", "main", "RCPT", 450, "later")
    for verb, words, state in (
            ("defer", (3600000, 1), "R"), ("release", (), "Q"),
            ("bury", ("rejected: no",), "X")):
        name, token = begin(rig, verb)
        assert rig.q.call(verb, *WORKER, name, token, *words, *said) == 1
        assert rig.q.call(verb, *WORKER, name, token, *words, *said) == 0
        shown = rig.q.show(name)
        assert shown["state"] == state
        assert [line[6] for line in shown["story"]] == ["1"]
        if state == "Q":
            rig.q.ack(*rig.q.take())
    assert rig.redis.llen(rig.key("receipts")) == 2


def test_a_reclaim_repeated_finds_nothing(rig):
    begin(rig)
    assert rig.q.rows("reclaim", *WORKER, 1, 1, "", 0) == [
        ["0", "1", "0", "0"]]
    assert rig.q.rows("reclaim", *WORKER, 1, 1, "", 0) == [
        ["0", "0", "0", "0"]]
    assert rig.q.show("a")["crashes"] == "1"


def test_receipts_come_again_until_they_are_done(rig):
    rig.q.ack(*begin(rig))
    first = rig.q.rows("receipts")
    assert first == rig.q.rows("receipts") and len(first) == 1
    rig.q.call("receipts_done")
    rig.q.call("receipts_done")
    assert rig.q.rows("receipts") == []


def test_a_late_250_wins_wherever_the_job_is_by_now(rig):
    for name, away in {
            "ready": lambda: None,
            "retry": lambda: rig.q.call("defer", *OTHER, *rig.q.take(OTHER),
                                        3600000, 1, "temporary"),
            "dead": lambda: rig.q.call("bury", *OTHER, *rig.q.take(OTHER),
                                       "rejected: no", "permanent"),
            "held": lambda: (rig.q.call("pause", "kind:notice", ""),
                             rig.q.call("take", *OTHER)),
            "worked on": lambda: rig.q.take(OTHER)}.items():
        name, token = begin(rig, name.replace(" ", "_"))
        rig.q.call("dot", name, token)
        rig.q.call("reclaim", *WORKER, 0, 1, "", 0)
        rig.q.admit()
        away()
        rig.q.ack(name, token)
        assert rig.job(name)["st"] == "S"
        assert rig.contradictions() == []
        # Whoever else has it is refused its dot, and nobody begins it again.
        assert rig.q.call("dot", name, token + 1) == 0
        rig.q.call("reclaim", *OTHER, 0, 1, "", 0)
        rig.q.call("resume", "kind:notice")
        rig.q.admit()
        while rig.q.call("take", *WORKER) == SKIP:
            pass
        assert rig.q.call("take", *WORKER) == NONE


def test_lost_receipts_are_made_good_by_asking(rig):
    dice = random.Random(15)
    rig.push(*[f"j{i}" for i in range(60)])
    rig.q.admit()
    for _ in range(60):
        rig.q.ack(*rig.q.take())
        if dice.random() < 0.3:
            rig.redis.lpop(rig.key("receipts"))
    told = {row[0] for row in rig.q.rows("receipts")}
    lost = [f"j{i}" for i in range(60) if f"j{i}" not in told]
    assert lost
    for name in lost:
        assert rig.q.rows("audit", name)[0][1] == "S"


# ---- any order of calls, each perhaps twice --------------------------------

class Random:
    """Plays producers, workers and the operator; every answer may be lost."""

    def __init__(self, rig, seed):
        self.rig = rig
        self.q = rig.q
        self.dice = random.Random(seed)
        self.pushed = 0
        self.workers = [("host:1:aa", 0), ("host:1:aa", 1), ("host:2:bb", 0)]
        self.hand = {}

    def twice(self, verb, *words):
        """Calls once or, its answer lost, twice; the last answer counts."""
        if self.dice.random() < 0.3:
            self.q.ask(verb, words)
        return self.q.ask(verb, words)

    def push(self):
        name = f"j{self.dice.randrange(40)}"
        self.pushed += 1
        self.rig.push(name, kind=self.dice.choice(["a", "b", "bulk"]))

    def admit(self):
        self.twice("admit", self.q.epoch, 10, 15, "bulk",
                   self.dice.randrange(3))

    def work(self):
        worker = self.dice.choice(self.workers)
        if worker not in self.hand:
            verb = self.dice.choice(["take", "take", "claim"])
            result, rows = self.twice(verb, *worker)
            if verb == "claim":
                if result == 0:
                    return
                result, rows = self.twice("begin", *worker, rows[0][0])
            if result == GO:
                self.hand[worker] = rows[0][:2]
            elif result == UNCERTAIN:
                self.reclaim(worker)
            return
        name, token = self.hand[worker]
        said = ["verdict", "main", "dot", 450, self.dice.choice("xyz")]
        end = self.dice.randrange(7)
        if end < 3:
            if end and self.twice("dot", name, token)[0] == 0:
                del self.hand[worker]
                self.reclaim(worker)
                return
            result, rows = self.twice("ack", *worker, name, token, 100,
                                      self.dice.randrange(2), *said)
            del self.hand[worker]
            if result == GO:
                self.hand[worker] = rows[0][:2]
            return
        if end == 3:
            self.twice("defer", *worker, name, token, 0,
                       self.dice.randrange(3), *said)
        elif end == 4:
            self.twice("release", *worker, name, token, *said)
        elif end == 5:
            self.twice("bury", *worker, name, token, "rejected: x", *said)
        else:
            self.reclaim(worker)
        del self.hand[worker]

    def reclaim(self, worker):
        self.twice("reclaim", *worker, self.dice.randrange(2), 1,
                   self.dice.choice(["", "a"]), 0)

    def take_over(self):
        """Another host believes that this one is gone; it is not."""
        worker = self.dice.choice(self.workers)
        self.twice("reclaim", *worker, 0, self.dice.randrange(2), "", 0)

    def steer(self):
        what = self.dice.choice(["queue", "lane:bulk", "kind:a", "kind:b"])
        verb = self.dice.choice(["pause", "resume", "resume"])
        self.twice(verb, what, "")

    def operate(self):
        name = f"j{self.dice.randrange(40)}"
        verb = self.dice.choice(["requeue", "cancel", "bury_waiting",
                                 "erase"])
        self.twice(verb, name, "x")

    def step(self):
        self.dice.choices([self.admit, self.work, self.take_over, self.steer,
                           self.operate], [3, 10, 1, 1, 1])[0]()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("full", [False, True])
def test_state_and_place_agree_after_any_calls(rig, seed, full):
    play = Random(rig, seed)
    for i in range(400):
        # Only the producers' push needs room.
        rig.redis.config_set("maxmemory", 0)
        if i % 4 == 0:
            play.push()
        rig.redis.config_set("maxmemory", 1 if full else 0)
        play.step()
        wrong = rig.contradictions()
        assert not wrong, (seed, i, wrong)
    # Invariant 5: it all drains.
    rig.redis.config_set("maxmemory", 0)
    for what in ("queue", "lane:bulk", "kind:a", "kind:b"):
        rig.q.call("resume", what)
    for worker in play.workers:
        rig.q.call("reclaim", *worker, 0, 1, "", 0)
    live = True
    while live:
        rig.q.admit(bulk="bulk")
        result, rows = rig.q.ask("take", WORKER)
        if result == GO:
            rig.q.ack(*rows[0][:2])
        live = result != NONE or rig.redis.zcard(rig.key("retry")) or \
            rig.redis.llen(rig.key("intake"))
    states = {record["state"] for record in rig.q.list()}
    assert states <= {"S", "X"}


# ---- the dot, asked for ahead -------------------------------------------------

@pytest.fixture
def begun(rig):
    """A job that knows its token, in a caller that knows the script."""
    rig.push("warm", "a")
    rig.q.admit()
    name, token = rig.q.take()
    assert rig.q.call("dot", name, token) == 1
    rig.q.ack(name, token)
    return rig, *rig.q.take()


def test_what_was_asked_ahead_is_answered_at_the_gate(begun):
    rig, name, token = begun
    rig.q.call("dot_ahead", name, token)
    wait_until(lambda: rig.job(name)["st"] == "D", 5, "the question")
    calls = rig.redis.info("commandstats")["cmdstat_evalsha"]["calls"]
    assert rig.q.call("dot", name, token) == 1
    assert rig.redis.info("commandstats")["cmdstat_evalsha"]["calls"] == calls


def test_an_old_answer_is_asked_for_anew(begun):
    rig, name, token = begun
    rig.q.call("dot_ahead", name, token)
    wait_until(lambda: rig.job(name)["st"] == "D", 5, "the question")
    # As another host does with what is past the dot.
    rig.caller().call("reclaim", *WORKER, 0, 1, "", 0)
    asked = time.monotonic()
    wait_until(lambda: time.monotonic() - asked > 0.6, 5, "an old answer")
    assert rig.q.call("dot", name, token) == 0


def test_an_answer_is_never_taken_for_another(begun):
    rig, name, token = begun
    rig.q.call("dot_ahead", name, token)
    assert rig.q.call("dot", name, token - 1) == 0
    rig.q.call("dot_ahead", name, token)
    result, _ = rig.q.ack(name, token, follow=1)
    assert result == NONE and rig.job(name)["st"] == "S"
    rig.q.call("dot_ahead", name, token)
    assert rig.q.rows("claim", *WORKER, 100) == []
    assert not rig.contradictions()


def test_a_forgotten_script_is_no_answer(begun):
    rig, name, token = begun
    rig.redis.script_flush()
    rig.q.call("dot_ahead", name, token)
    assert rig.q.call("dot", name, token) == 1


# ---- a full Redis (invariant 14) ---------------------------------------------

def script_hashes(build):
    """Name and SHA1 of each script, as the programs hold it."""
    with open(os.path.join(build, "lib/queue/lua_scripts.h"),
              encoding="ascii") as file:
        text = file.read()
    hashes = {}
    for name, body in re.findall(
            r'\.name = "(\w+)",\n\t\.text =\n(.*?)\t,\n', text, re.S):
        lines = re.findall(r'^\t\t"(.*)"$', body, re.M)
        source = "".join(re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(
            m[1], m[1]), line) for line in lines)
        hashes[hashlib.sha1(source.encode()).hexdigest()] = name
    return hashes


def test_every_script_works_in_a_full_redis(rig):
    rig.push(*"abcdefg")
    rig.push("n0", "n1", "n2", kind="news")
    rig.push(*[f"m{i}" for i in range(4)], kind="mass")
    rig.redis.rpush(rig.key("intake"), "{")
    rig.redis.script_flush()
    rig.redis.config_set("maxmemory", 1)
    with pytest.raises(Exception, match="OOM|maxmemory"):
        rig.redis.rpush(rig.key("intake"), envelope("refused"))
    q = rig.q
    assert q.call("intake_wait", 100) == 1
    assert q.rows("generation")[0][1] == q.epoch
    q.call("beat", "host:1:aa")
    q.call("beat", "host:2:bb")
    q.call("replayed", "host:1:aa", "x")
    assert q.show("a")["state"] == "I"
    assert q.admit(window=2, bulk="mass", idle=1)[:4] == (15, 12, 0, 1)
    assert q.rows("counts")[0][:3] == ["2", "10", "2"]
    # BRPOPLPUSH is refused; a script claims instead.
    assert q.rows("claim", *WORKER, 1000) == [["a"]]
    assert q.call("begin", *WORKER, "a") == GO
    assert q.rows("places") == [["2", "9", "2", "1"]]
    name, token = q.take()
    assert q.call("dot", name, token) == 1
    result, rows = q.ack(name, token, follow=1)
    assert (result, rows[0][0]) == (GO, "b")
    said = ("temporary", "main", "RCPT", 450, "later")
    q.call("defer", *WORKER, *rows[0][:2], 0, 2, *said)
    q.call("release", *WORKER, *q.take(), *said)
    q.call("bury", *WORKER, *q.take(), "rejected: no", *said)
    q.take()
    assert q.rows("reclaim", *WORKER, 1, 1, "", 0) == [["0", "1", "0", "0"]]
    name, token = q.take()
    q.call("dot", name, token)
    q.call("reclaim", *WORKER, 1, 1, "", 0)
    q.call("pause", "kind:news", "x")
    assert q.rows("status", "host:1:aa", "{}") == [["kind:news"]]
    assert q.call("requeue", "c") == 1
    assert q.call("cancel", "e", "x") == 1
    assert q.call("erase", "m3") == 1
    assert q.call("fate", "zz", "returned", 1, "550 no such user") == 0
    assert q.call("tally", "host:1:aa", "attempt:sent:main", 3) == 1
    assert rig.redis.hget(rig.key("tally"), "attempt:sent:main") == "3"
    while True:
        result, rows = q.ask("take", WORKER)
        if result == GO:
            q.ack(*rows[0][:2])
            continue
        assert result in (NONE, SKIP)
        if result == NONE and q.admit(bulk="mass")[4] == 0:
            break
    assert q.rows("counts")[0][:7] == ["0", "0", "0", "3", "0", "1", "1"]
    q.call("resume", "kind:news")
    q.admit()
    for name in ("n0", "n1", "n2"):
        got, token = q.take()
        assert got == name
        q.ack(name, token)
    assert q.rows("audit", "a", "e", "zz")[2][1] == "-"
    assert len(q.rows("receipts")) == 13 + 1 + 1
    q.call("receipts_done")
    q.rows("oldest")
    assert len(q.list("SX")) == 13 and q.list("DPQ") == []
    assert q.call("purge", "XS", 0, 100) == 13
    assert q.call("malformed_clear") == 1
    assert q.call("forget", "host:1:aa") == 1
    assert list(rig.redis.scan_iter(rig.key("j:*"))) == []
    # All of them ran.
    hashes = script_hashes(rig.stack.at.build)
    known = rig.redis.script_exists(*hashes)
    assert [name for name, ran in zip(hashes.values(), known) if not ran] == []


def test_a_worker_does_not_spin_in_a_full_and_empty_redis(rig):
    rig.redis.config_set("maxmemory", 1)
    before = rig.redis.info("stats")["total_commands_processed"]
    for _ in range(3):
        assert rig.q.call("claim", *WORKER, 5000) == 0
    after = rig.redis.info("stats")["total_commands_processed"]
    assert after - before < 30


# ---- words of Redis that mean: not this server -----------------------------

@pytest.mark.parametrize("word", ["UNBLOCKED", "READONLY"])
def test_a_server_that_says_no_is_left_and_asked_again(rig, word):
    if word == "UNBLOCKED":
        caller = rig.caller()
        caller.process.stdin.write("claim\thost:1:aa\t0\t5000\n")
        caller.process.stdin.flush()
        blocked = wait_until(
            lambda: [c["id"] for c in rig.redis.client_list()
                     if c["cmd"] == "brpoplpush"], 10, "a blocked client")
        rig.redis.execute_command("CLIENT", "UNBLOCK", blocked[0], "ERROR")
    else:
        # Not before it is connected: then it is told at once what it met.
        caller = rig.caller()
        assert caller.call("beat", "host:1:aa") >= 0
        rig.redis.execute_command("REPLICAOF", "127.0.0.1", "1")
        caller.process.stdin.write("beat\thost:1:aa\n")
        caller.process.stdin.flush()
    answer = caller.process.stdout.readline().split("\t")
    rig.redis.execute_command("REPLICAOF", "NO", "ONE")
    assert answer[:2] == ["fault", "1"] and word in answer[2]
    # The same connection object works again.
    assert caller.call("beat", "host:1:aa") >= 0
