# SPDX-License-Identifier: MIT
"""The operator's functions of the queue in a real Redis."""

import collections

import pytest
from stack.queuerig import WORKER

OTHER = ("host:2:bb", 3)


@pytest.fixture
def rig(queue_rig):
    return queue_rig


def test_the_operator_gives_back_ends_and_forgets(rig):
    rig.push("dead", "aside", "waits", "works")
    rig.q.admit()
    _, token = rig.q.take()
    rig.q.call("bury", *WORKER, "dead", token, "rejected: no such user",
               "permanent", "main", "RCPT", 550, "no such user")
    _, token = rig.q.take()
    rig.q.call("defer", *WORKER, "aside", token, 3600000, 1, "temporary",
               "main", "RCPT", 450, "later")
    assert rig.q.call("requeue", "dead") == 1
    assert rig.q.call("requeue", "dead") == 0
    assert rig.q.call("requeue", "aside") == 1
    assert rig.q.call("requeue", "waits") == 0
    assert rig.q.call("requeue", "nobody") == 0
    shown = rig.q.show("dead")
    assert (shown["attempts"], shown["final_ms"]) == ("0", "0")
    assert [line[1] for line in shown["story"]] == ["permanent", "requeued"]
    name, token = rig.q.take()
    assert name == "aside"
    assert rig.q.call("cancel", "aside", "too late") == 0
    assert rig.q.call("cancel", "waits", "not wanted any more") == 1
    assert rig.q.call("cancel", "waits", "not wanted any more") == 0
    assert rig.q.call("bury_waiting", "dead", "rejected: by hand") == 1
    assert [(r["id"], r["reason"]) for r in rig.q.list("X", 0, "cancelled:")
            ] == [("waits", "cancelled: not wanted any more")]
    assert sorted(row[:2] for row in rig.q.rows("receipts")) == [
        ["dead", "X"], ["dead", "X"], ["waits", "X"]]
    rig.q.ack(name, token)
    assert rig.q.call("purge", "X", 3600000, 100) == 0
    assert rig.q.call("purge", "X", 0, 1) == 1
    assert rig.q.call("purge", "XS", 0, 100) == 2
    assert rig.q.list() and [r["id"] for r in rig.q.list()] == ["works"]


def test_a_held_or_bulk_job_can_be_given_back_and_cancelled(rig):
    rig.push("h0", "h1", kind="news")
    rig.push("b0", "b1", kind="mass")
    rig.q.admit(bulk="mass")
    rig.q.call("pause", "kind:news", "")
    rig.q.call("pause", "lane:bulk", "")
    assert rig.q.drain() == []
    assert rig.q.call("cancel", "h0", "x") == 1
    assert rig.q.call("cancel", "b1", "x") == 1
    rig.q.call("resume", "kind:news")
    assert rig.q.call("requeue", "h1") == 1
    rig.q.call("resume", "lane:bulk")
    assert sorted(rig.q.drain()) == ["b0", "h1"]
    rig.q.admit()


def test_lists_show_every_state_and_pass_filters(rig):
    rig.push(*[f"x{i:03}" for i in range(250)])
    rig.push("n1", "n2", kind="news.a")
    while rig.q.admit()[0]:
        pass
    name, token = rig.q.take()
    rig.q.call("dot", name, token)
    rig.q.take(OTHER)
    for worker in (WORKER, OTHER):
        rig.q.call("beat", worker[0])
    rows = rig.q.list()
    assert [r["id"] for r in rows] == (["x000", "x001"] +
                                       [f"x{i:03}" for i in range(2, 250)] +
                                       ["n1", "n2"])
    assert collections.Counter(r["state"] for r in rows) == {
        "D": 1, "P": 1, "Q": 250}
    assert [r["id"] for r in rig.q.list("Q", 3)] == ["x002", "x003", "x004"]
    assert [r["id"] for r in rig.q.list("QP", 0, "", "news.*")] == ["n1", "n2"]
    assert len(rig.q.list("P")) == 1 and rig.q.list("S") == []
    middle = int(rows[0]["admitted_ms"]) - 1
    assert rig.q.list("Q", 0, "", "", 0, middle) == []
    rig.q.ack(name, token)
    assert [r["id"] for r in rig.q.list("S")] == ["x000"]
    ages = list(map(int, rig.q.rows("oldest")[0]))
    assert ages[0] > 0 and ages[1:] == [0, 0, 0]


def test_unreadable_envelopes_are_kept_shown_and_thrown_away(rig):
    for raw in ("{", '{"id":7}', '{"id":"a b"}', "[]", '{"id":"%s"}' % (
            "x" * 65)):
        rig.redis.rpush(rig.key("intake"), raw)
    rig.push("good")
    assert rig.q.admit() == (6, 1, 0, 5, 0)
    rows = rig.q.rows("malformed", 1, 2)
    assert rows == [["1", "8", '{"id":7}'], ["2", "12", '{"id":"a b"}']]
    assert rig.q.call("malformed_clear") == 5
    assert rig.q.call("malformed_clear") == 0
    assert dict(rig.q.rows("stats"))["malformed"] == "5"


def test_an_instance_is_forgotten_with_all_that_it_said(rig):
    rig.q.call("beat", "host:1:aa")
    rig.q.call("replayed", "host:1:aa", "run/epoch")
    assert rig.q.call("has_replayed", "host:1:aa", "run/epoch") == 1
    assert rig.q.call("has_replayed", "host:1:aa", "run/other") == 0
    rig.push("a")
    rig.q.admit()
    rig.q.take()
    assert rig.q.call("forget", "host:1:aa") == 0
    rig.q.call("reclaim", *WORKER, 0, 1, "", 0)
    assert rig.q.call("forget", "host:1:aa") == 1
    assert rig.q.call("has_replayed", "host:1:aa", "run/epoch") == 0


def test_a_status_is_shown_with_its_instance(rig):
    rig.q.call("beat", "host:1:aa")
    rig.q.call("beat", "host:2:bb")
    rig.redis.set(rig.key("status:host:2:bb"), '{"v":1}')
    assert sorted(rig.q.rows("statuses")) == [["host:1:aa", ""],
                                              ["host:2:bb", '{"v":1}']]


PERSON = ("zoe@example.org", "Zoé", "Zo\\u00e9", "private words")


def lies_anywhere(rig, words=PERSON):
    """The keys in which one of the words stands, whatever their type."""
    read = {"string": rig.redis.get, "hash": rig.redis.hgetall,
            "list": lambda key: rig.redis.lrange(key, 0, -1),
            "set": rig.redis.smembers,
            "zset": lambda key: rig.redis.zrange(key, 0, -1)}
    return sorted(key for key in rig.redis.scan_iter(count=1000)
                  if any(word in f"{key} {read[rig.redis.type(key)](key)}"
                         for word in words))


def spread(rig):
    """One job in each place where it can wait; says where."""
    rig.q.call("pause", "kind:news", "")
    rig.push("held", kind="news")
    rig.push("sent", "dead", "aside")
    rig.q.admit()
    for name, verb in (("sent", "ack"), ("dead", "bury"), ("aside", "defer")):
        taken, token = rig.q.take()
        assert taken == name
        if verb == "ack":
            rig.q.ask("ack", [*WORKER, name, token, 3600, 0, "sent", "main",
                              "dot", 250, "Ok for <zoe@example.org>"])
        elif verb == "bury":
            rig.q.call("bury", *WORKER, name, token, "rejected: no such user",
                       "permanent", "main", "RCPT", 550,
                       "<zoe@example.org>: private words")
        else:
            rig.q.call("defer", *WORKER, name, token, 3600000, 1,
                       "temporary", "main", "RCPT", 450,
                       "<zoe@example.org>: private words")
    rig.push("waits")
    rig.push("bulk", kind="mass")
    rig.q.admit(bulk="mass")
    assert rig.job("held")["st"] == "H"
    rig.push("late", kind="mass")
    rig.redis.rpoplpush(rig.key("intake"), rig.key("intake:bulk"))
    rig.push("intake")
    return ["held", "sent", "dead", "aside", "waits", "bulk", "intake",
            "late"]


@pytest.mark.parametrize("full", [False, True])
def test_an_erased_job_leaves_no_word_of_its_person(rig, full):
    names = spread(rig)
    rig.q.rows("receipts")
    rig.q.call("receipts_done")
    assert lies_anywhere(rig)
    if full:
        rig.redis.config_set("maxmemory", 1)
    for name in names:
        assert rig.q.call("erase", name) == 1, name
        assert rig.q.call("erase", name) == 1, name
    rig.redis.config_set("maxmemory", 0)
    assert lies_anywhere(rig) == []
    assert rig.job("sent")["st"] == "S"
    assert [name for name in names if rig.job(name)] == ["sent"]
    rig.q.call("resume", "kind:news")
    rig.push(*names)
    rig.q.admit()
    # What was sent is not sent again, all else may come anew.
    assert sorted(rig.q.drain(OTHER)) == sorted(set(names) - {"sent"})


def test_others_are_left_alone(rig):
    spread(rig)
    before = {name: rig.job(name) for name in ("sent", "dead", "aside")}
    for name in ("nobody", "inta", "the", "intake0"):
        assert rig.q.call("erase", name) == 1
    assert {name: rig.job(name) for name in before} == before
    assert rig.redis.llen(rig.key("intake")) == 1


def test_a_job_in_a_workers_hands_is_erased_afterwards(rig):
    rig.push("job")
    rig.q.admit()
    assert rig.q.rows("claim", *WORKER, 1000) == [["job"]]
    assert rig.q.call("erase", "job") == 0
    name, token = rig.q.take()
    assert rig.q.call("erase", name) == 0
    rig.q.call("dot", name, token)
    assert rig.q.call("erase", name) == 0
    assert rig.job(name)["st"] == "D"
    rig.q.call("defer", *WORKER, name, token, 3600000, 1, "temporary",
               "main", "dot", 450, "later")
    assert rig.q.call("erase", name) == 1
    assert lies_anywhere(rig) == []
    # A 250 that comes late is still a fact.
    rig.q.ack(name, token)
    assert rig.job(name)["st"] == "S"
    assert rig.q.call("erase", name) == 1


def test_an_intake_too_long_to_look_through_is_said(rig):
    rig.push("job")
    rig.redis.rpush(rig.key("intake"), *["{}"] * 5000)
    assert rig.q.call("erase", "job") == 0
    rig.redis.lpop(rig.key("intake"), 2)
    assert rig.q.call("erase", "job") == 1
