# SPDX-License-Identifier: MIT
"""The queue's scripts in a real Redis: lanes, pauses, delays, stories."""

import time

import pytest
from stack.procs import Trouble
from stack.queuerig import EPOCH, GO, PAUSED, SKIP, WORKER, envelope

OTHER = ("host:2:bb", 3)


@pytest.fixture
def rig(queue_rig):
    return queue_rig


def test_ten_thousand_jobs_leave_in_the_order_of_their_pushes(rig):
    ids = [f"job-{i}" for i in range(10000)]
    pipe = rig.redis.pipeline()
    for name in ids:
        pipe.rpush(rig.key("intake"), envelope(name))
    pipe.execute()
    while rig.q.admit(window=500)[0]:
        pass
    assert rig.redis.llen(rig.key("ready")) == 500
    order = []
    name, token = rig.q.take()
    while name:
        order.append(name)
        if len(order) % 100 == 0:
            rig.q.admit(window=500)
        result, rows = rig.q.ack(name, token, follow=1)
        name, token = rows[0][:2] if result == GO else ("", 0)
    assert order == ids


def test_a_push_repeated_five_times_is_one_job(rig):
    for _ in range(3):
        rig.push("a", "b")
    assert rig.q.admit()[1:3] == (2, 4)
    rig.push("a", "b")
    assert rig.q.admit()[1:3] == (0, 2)
    assert rig.q.drain() == ["a", "b"]
    rig.push("a")
    assert rig.q.admit()[1:3] == (0, 1)
    assert rig.q.drain() == []
    # The producer that pushed again is told again.
    told = rig.q.rows("receipts")
    assert [row[:2] for row in told] == [["a", "S"], ["b", "S"], ["a", "S"]]


def test_an_id_that_stands_twice_in_ready_is_sent_once(rig):
    rig.push("a")
    rig.q.admit()
    rig.redis.rpush(rig.key("ready"), "a")
    rig.redis.lpush(rig.key("ready"), "a")
    assert rig.q.drain() == ["a"]
    assert rig.redis.exists(rig.key("ready")) == 0


def test_each_lane_is_first_in_first_out_and_bulk_has_its_share(rig):
    rig.push(*[f"b{i}" for i in range(30)], kind="news.weekly")
    rig.push(*[f"t{i}" for i in range(180)])
    rig.q.call("share", 10)
    while rig.q.admit(bulk="news.* other")[0]:
        pass
    order = rig.q.drain()
    for letter in "bt":
        mine = [int(name[1:]) for name in order if name[0] == letter]
        assert mine == sorted(mine)
    # While both wait, one in ten; when only one waits it has all.
    assert sum(name[0] == "b" for name in order[:100]) == 10
    assert sum(name[0] == "b" for name in order[:200]) == 20
    assert len(order) == 210


def test_a_full_bulk_lane_holds_up_nobody(rig):
    rig.push(*[f"b{i}" for i in range(500)], kind="news")
    rig.push("t0")
    for _ in range(6):
        rig.q.admit(window=100, bulk="news")
    counts = rig.q.rows("counts")[0]
    assert counts[:3] == ["400", "1", "100"]
    # It is known, though it has no record.
    assert rig.q.rows("audit", "b450", "nobody") == [
        ["b450", "L", "0", "0", ""], ["nobody", "-", "0", "0", ""]]
    assert rig.q.show("b450")["state"] == "I"
    order = rig.q.drain()
    while rig.q.admit(window=100, bulk="news")[4]:
        order += rig.q.drain()
    assert order[0] == "t0"
    assert order[1:] == [f"b{i}" for i in range(500)]


def test_a_bulk_job_wakes_a_worker_that_waits_for_ready(rig):
    rig.push("b", kind="news")
    rig.q.admit(bulk="news", idle=3)
    assert rig.redis.lrange(rig.key("ready"), 0, -1) == ["!"]
    assert rig.q.rows("claim", *WORKER, 1000) == [["!"]]
    assert rig.q.call("begin", *WORKER, "!") == SKIP
    assert rig.q.take()[0] == "b"
    # Nothing stands in the list but the job.
    assert rig.redis.lrange(rig.key("p:host:1:aa:0"), 0, -1) == ["b"]


def test_a_wake_up_that_nobody_needed_is_dropped(rig):
    rig.push(*[f"b{i}" for i in range(5)], kind="news")
    rig.q.admit(bulk="news", idle=5)
    rig.push("t")
    rig.q.admit(bulk="news", idle=5)
    assert sorted(rig.q.drain()) == ["b0", "b1", "b2", "b3", "b4", "t"]
    assert rig.redis.exists(rig.key("ready")) == 0


def test_a_paused_queue_begins_nothing_and_charges_nothing(rig):
    rig.push("a", "b")
    rig.q.admit()
    rig.q.call("claim", *WORKER, 0)
    assert rig.q.call("pause", "queue", "moving house") == 1
    assert rig.q.call("begin", *WORKER, "a") == PAUSED
    assert rig.q.call("take", *WORKER) == PAUSED
    assert rig.q.show("a")["attempts"] == "0"
    assert [row[0] for row in rig.q.rows("pauses")] == ["queue"]
    assert rig.q.call("resume", "queue") == 1
    assert rig.q.call("resume", "queue") == 0
    assert rig.q.drain() == ["a", "b"]


def test_a_paused_lane_lets_the_other_one_go_on(rig):
    rig.push("b", kind="news")
    rig.push("t")
    rig.q.admit(bulk="news")
    rig.q.call("pause", "lane:bulk", "")
    rig.q.admit(bulk="news", idle=4)
    assert rig.q.drain() == ["t"]
    rig.q.call("resume", "lane:bulk")
    assert rig.q.drain() == ["b"]


def test_a_paused_kind_is_held_and_comes_back_in_order(rig):
    rig.push("n0", "n1", "n2", kind="news")
    rig.push("t")
    rig.q.admit()
    rig.q.call("pause", "kind:news", "a mistake in it")
    assert rig.q.drain() == ["t"]
    assert [r["id"] for r in rig.q.list("H")] == ["n0", "n1", "n2"]
    assert rig.q.rows("counts")[0][3] == "3"
    rig.q.admit()
    assert rig.q.drain() == []
    assert rig.q.rows("audit", "n1")[0][1] == "L"
    rig.q.call("resume", "kind:news")
    assert rig.q.admit(count=2)[4] == 2
    assert rig.q.admit(count=2)[4] == 1
    assert rig.q.drain() == ["n0", "n1", "n2"]
    assert rig.redis.exists(rig.key("heldkinds")) == 0


@pytest.mark.parametrize("what", ["", "kind:", "lane:ready", "kinds:a",
                                  "relay:", "all"])
def test_what_cannot_be_paused_is_refused(rig, what):
    with pytest.raises(Trouble, match="cannot pause"):
        rig.q.call("pause", what, "")


def test_a_job_for_later_waits_until_its_time(rig):
    soon = int(time.time() * 1000) + 700
    rig.push("later", nb=soon)
    rig.push("late", nb=soon - 5000)
    rig.q.admit()
    shown = rig.q.show("later")
    assert (shown["state"], shown["due_ms"]) == ("R", str(soon))
    assert rig.q.drain() == ["late"]
    while rig.q.show("later")["state"] == "R":
        rig.q.admit()
    assert int(time.time() * 1000) >= soon
    assert rig.q.drain() == ["later"]


@pytest.mark.parametrize("text,kept", [
    ('{"v":1,"id":"a","kind":"k","data":{}}', ("Q", "k")),
    ('{"v":1,"id":"a","kind":"k"}', ("Q", "k")),
    ('{ "v": 1, "id": "a", "kind": "k", "data": {} }', ("Q", "k")),
    ('{"kind":"k","data":{"id":"c"},"id":"a","v":1}', ("Q", "k")),
    ('{"v":1,"id":"a","kind":"K","data":{}}', ("Q", "")),
    ('{"v":1,"id":"a","kind":5,"data":{}}', ("Q", "")),
    ('{"v":1,"id":"a","kind":"k","nb":9e12,"data":{}}', ("R", "k")),
    ('{"v":1,"id":"a","kind":"k","\\u006eb":9e12,"data":{}}', ("R", "k")),
    ('{"v":1,"id":"a","kind":"k","data":{"nb":9e12}}', ("Q", "k")),
    ('{"v":1,"id":"a","kind":"k","data":{"\\u006eb":"nb"}}', ("Q", "k")),
    ('{"v":1,"id":"a","kind":"k","data":{', None),
    ('{"v":1,"id":"","kind":"k","data":{}}', None),
    ('{"v":1,"id":"a b","kind":"k","data":{}}', None),
    (f'{{"v":1,"id":"{"a" * 65}","kind":"k","data":{{}}}}', None)])
def test_an_envelope_is_understood_however_it_is_written(rig, text, kept):
    rig.redis.rpush(rig.key("intake"), text)
    assert rig.q.admit()[:4] == (1, kept is not None, 0, kept is None)
    if kept:
        assert (rig.job("a")["st"], rig.job("a")["k"]) == kept
        assert rig.job("a")["b"] == text
    else:
        assert rig.redis.lrange(rig.key("malformed"), 0, -1) == [text]
    assert not rig.contradictions()


def test_an_id_twice_in_a_batch_is_one_job(rig):
    rig.push("a", "b", "a", "c", "b")
    assert rig.q.admit()[:4] == (5, 3, 2, 0)
    rig.push("c", "d", "d")
    assert rig.q.admit()[:4] == (3, 1, 2, 0)
    assert rig.redis.lrange(rig.key("ready"), 0, -1) == ["d", "c", "b", "a"]
    assert not rig.contradictions()


@pytest.mark.parametrize("times", [{"nb": "soon"}, {"nb": -1}, {"nb": 1e300},
                                   {"nb": 9e12, "na": 8e12}])
def test_a_wrong_not_before_goes_to_a_worker_at_once(rig, times):
    rig.push("a", **times)
    rig.q.admit()
    assert rig.q.take()[0] == "a"


def test_the_story_of_a_job_that_needed_three_attempts(rig):
    rig.push("a")
    rig.q.admit()
    _, token = rig.q.take()
    for _ in range(3):
        rig.q.call("release", *WORKER, "a", token, "site", "main", "connect",
                   0, "Connection refused")
        _, token = rig.q.take()
    rig.q.call("defer", *WORKER, "a", token, 0, 1, "temporary", "main|x",
               "RCPT", 450, "4.2.0 wait | please")
    rig.q.admit()
    _, token = rig.q.take(OTHER)
    shown = rig.q.show("a")
    assert [line[1:] for line in shown["story"]] == [
        ["site", "host:1:aa:0", "main", "connect", "", "3",
         "Connection refused"],
        ["temporary", "host:1:aa:0", "main/x", "RCPT", "450", "1",
         "4.2.0 wait | please"]]
    assert shown["state"] == "P" and shown["owner"] == "host:2:bb:3"
    assert shown["reason"].startswith("4.2.0 wait")
    rig.q.ack("a", token, OTHER)
    shown = rig.q.show("a")
    assert shown["story"][-1][1:] == ["sent", "host:2:bb:3", "main", "dot",
                                      "250", "1", "2.0.0 Ok: queued"]
    assert (shown["relay"], shown["owner"], shown["kind"]) == (
        "main", "host:2:bb:3", "notice")
    assert shown["attempts"] == "2" and shown["envelope"] == ""


def test_what_was_no_attempt_is_not_in_the_story(rig):
    def set_aside():
        rig.q.admit()
        name, token = rig.q.take()
        rig.q.call("defer", *WORKER, name, token, 3600000, 0, "", "", "", 0,
                   "not asked")
        return rig.q.show(name)
    rig.push("a")
    rig.q.admit()
    _, token = rig.q.take()
    rig.q.call("defer", *WORKER, "a", token, 0, 0, "us", "main", "RCPT", 550,
               "5.7.1 not you")
    shown = set_aside()
    assert [line[1] for line in shown["story"]] == ["us"]
    assert shown["reason"] == "5.7.1 not you"
    rig.push("b")
    shown = set_aside()
    assert (shown["story"], shown["reason"]) == ([], "not asked")


def test_a_first_try_keeps_its_record_small(rig):
    rig.push("a")
    rig.q.admit()
    name, token = rig.q.take()
    rig.q.ack(name, token)
    shown = rig.q.show("a")
    assert shown["story"] == [] and shown["relay"] == "main"
    assert shown["reason"] == "2.0.0 Ok: queued"
    assert rig.redis.object("encoding", rig.key("j:a")) == "listpack"
    assert rig.redis.ttl(rig.key("j:a")) > 3500


def test_a_long_story_keeps_its_beginning_and_its_end(rig):
    rig.push("a")
    rig.q.admit()
    for i in range(40):
        _, token = rig.q.take()
        rig.q.call("release", *WORKER, "a", token, "site", "r", "dot", 421,
                   f"no {i}")
    texts = [line[7] for line in rig.q.show("a")["story"]]
    assert texts == ([f"no {i}" for i in range(4)] +
                     [f"no {i}" for i in range(28, 40)])


def test_crashes_and_takeovers_are_told_with_the_dead_worker(rig):
    rig.push("a")
    rig.q.admit()
    for crashed in (0, 1, 1, 1):
        rig.q.take()
        rig.q.call("reclaim", *WORKER, crashed, 1, "", 0)
        rig.q.admit()
    shown = rig.q.show("a")
    assert [(line[1], line[2], line[6]) for line in shown["story"]] == [
        ("reclaimed", "host:1:aa:0", "1"), ("crashed", "host:1:aa:0", "3")]
    assert shown["state"] == "X" and shown["crashes"] == "3"
    assert shown["reason"].startswith("poison:")


@pytest.mark.parametrize("hold,state", [("", "R"), ("other notice", "X"),
                                        ("noti.*", "R")])
def test_a_maybe_sent_job_is_held_if_its_kind_is(rig, hold, state):
    rig.push("a")
    rig.q.admit()
    name, token = rig.q.take()
    assert rig.q.call("dot", name, token) == 1
    rig.q.call("reclaim", *WORKER, 1, 1, hold, 60000)
    shown = rig.q.show("a")
    assert shown["state"] == state
    assert shown["story"][-1][1] == "uncertain"
    if state == "X":
        assert shown["reason"] == "uncertain: held, maybe sent"
        assert rig.q.rows("receipts")[0][:2] == ["a", "X"]


def test_nothing_is_begun_in_an_epoch_that_is_not_known(rig):
    rig.push("a", "b")
    rig.q.admit()
    rig.q.call("epoch_use", rig.q.epoch)
    name, token = rig.q.take()
    rig.redis.set(rig.key("epoch"), "another")
    assert rig.q.ack(name, token, follow=1)[0] == EPOCH
    assert rig.job("a")["st"] == "S"
    assert rig.q.call("take", *WORKER) == EPOCH
    rig.q.call("claim", *WORKER, 0)
    assert rig.q.call("begin", *WORKER, "b") == EPOCH
    assert rig.q.admit()[0] == -1
    rig.q.call("reclaim", *WORKER, 0, 1, "", 0)
    rig.q.call("epoch_use", "another")
    assert rig.q.take()[0] == "b"
