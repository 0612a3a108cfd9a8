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
