# SPDX-License-Identifier: MIT
"""What is heard of a mail after it was sent, in a real Redis."""

import itertools

import pytest
from stack.queuerig import WORKER

WEAKEST_FIRST = ("delayed", "delivered", "complained", "returned")


@pytest.fixture
def rig(queue_rig):
    return queue_rig


def sent(rig, name="a"):
    rig.push(name)
    rig.q.admit()
    rig.q.ack(*rig.q.take())
    rig.q.rows("receipts")
    rig.q.call("receipts_done")


def receipts(rig):
    """Of each: id, state, text, fate, sure."""
    rows = rig.q.rows("receipts")
    rig.q.call("receipts_done")
    return [(row[0], row[1], row[4], *row[5:]) for row in rows]


def test_a_report_stands_in_the_record_and_tells_the_producer(rig):
    sent(rig)
    rig.q.call("fate", "a", "returned", 1,
               "550 5.1.1 <zoe@example.org>: no | such user\t")
    text = "550 5.1.1 [address] no | such user"
    shown = rig.q.show("a")
    assert shown["state"] == "S"
    assert (shown["fate"], shown["fate_sure"]) == ("returned", "1")
    assert [line[1:] for line in shown["story"]] == [
        ["returned", "report", "", "sure", "", "1", text]]
    assert shown["story"][0][0] == shown["fate_ms"]
    assert receipts(rig) == [("a", "B", text, "returned", "1")]
    assert 0 < rig.redis.ttl(rig.key("j:a")) <= 3600


def test_reports_that_nobody_takes_do_not_fill_redis(rig):
    """Anybody can send them to the address of bounces."""
    rig.redis.rpush(rig.key("receipts"), *["old"] * 100000)
    rig.q.call("fate", "a", "returned", 0, "")
    assert rig.redis.llen(rig.key("receipts")) == 100000
    assert rig.redis.lindex(rig.key("receipts"), -1).startswith("B|a|")


@pytest.mark.parametrize("sure", [0, 1])
def test_the_heavier_report_wins_in_whatever_order_they_come(rig, sure):
    orders = list(itertools.permutations(WEAKEST_FIRST))
    for i, order in enumerate(orders):
        sent(rig, f"a{i}")
        for fate in order:
            rig.q.call("fate", f"a{i}", fate, sure, "")
            rig.q.call("fate", f"a{i}", fate, sure, "")
        shown = rig.q.show(f"a{i}")
        assert shown["fate"] == "returned", order
        assert len(shown["story"]) <= 4
    for weaker, stronger in itertools.pairwise(WEAKEST_FIRST):
        sent(rig, weaker)
        rig.q.call("fate", weaker, weaker, sure, "")
        rig.q.call("fate", weaker, stronger, sure, "")
        rig.q.call("fate", weaker, weaker, sure, "")
        assert rig.q.show(weaker)["fate"] == stronger


def test_what_is_likely_never_overwrites_what_is_sure(rig):
    sent(rig)
    rig.q.call("fate", "a", "delivered", 1, "250 it is there")
    rig.q.call("fate", "a", "returned", 0, "550 a forger's words")
    shown = rig.q.show("a")
    assert (shown["fate"], len(shown["story"])) == ("delivered", 1)
    sent(rig, "b")
    rig.q.call("fate", "b", "returned", 0, "a forger's words")
    rig.q.call("fate", "b", "delivered", 1, "it is there")
    assert rig.q.show("b")["fate"] == "delivered"
    assert [line[4] for line in rig.q.show("b")["story"]] == [
        "likely", "sure"]


def test_what_nobody_remembers_is_still_told(rig):
    rig.q.call("fate", "long-ago", "returned", 1, "550 no such user")
    assert rig.job("long-ago") == {}
    assert receipts(rig) == [
        ("long-ago", "B", "550 no such user", "returned", "1")]


def test_of_the_erased_no_words_are_kept(rig):
    sent(rig)
    rig.q.call("fate", "a", "delayed", 1, "450 Zoe's mailbox is full")
    assert rig.q.call("erase", "a") == 1
    assert rig.q.show("a")["story"] == []
    receipts(rig)
    rig.q.call("fate", "a", "returned", 1, "550 Zoe's mailbox is full")
    assert [line[7] for line in rig.q.show("a")["story"]] == [""]
    assert receipts(rig) == [("a", "B", "", "returned", "1")]
    assert "Zoe" not in str(rig.job("a"))


def test_a_full_redis_takes_it_too(rig):
    sent(rig)
    rig.redis.config_set("maxmemory", 1)
    rig.q.call("fate", "a", "returned", 1, "550 no such user")
    rig.redis.config_set("maxmemory", 0)
    assert rig.q.show("a")["fate"] == "returned"


def test_a_second_send_keeps_what_was_heard_of_the_first(rig):
    """An uncertain mail that had arrived is sent again after all."""
    rig.push("a")
    rig.q.admit()
    name, token = rig.q.take()
    rig.q.call("dot", name, token)
    rig.q.call("defer", *WORKER, name, token, 0, 2, "uncertain", "main", "dot",
               0, "no answer")
    rig.q.call("fate", "a", "returned", 1, "550 no such user")
    rig.q.admit()
    rig.q.ack(*rig.q.take())
    shown = rig.q.show("a")
    assert (shown["state"], shown["fate"]) == ("S", "returned")


def test_a_new_life_begins_without_a_fate(rig):
    rig.push("a")
    rig.q.admit()
    name, token = rig.q.take()
    rig.q.call("bury", *WORKER, name, token, "uncertain: too often",
               "uncertain", "main", "dot", 0, "no answer")
    rig.q.call("fate", "a", "returned", 1, "550 no such user")
    assert rig.q.call("requeue", "a") == 1
    assert rig.q.show("a")["fate"] == ""


def test_lines_that_cannot_be_read_are_dropped(rig):
    """Also those of a later version."""
    key = rig.key("receipts")
    for line in ("", "B", "B|a", "B|a|lost|1|5|", "B|a|returned|2|5|",
                 "B|a|returned|1|x|", "B|a|returned|1|5", "C|a|returned|1|5|",
                 "BB|a|returned|1|5|", "B||returned|1|5|",
                 "B|" + "x" * 65 + "|returned|1|5|", "S|a|returned|1|5|"):
        rig.redis.rpush(key, line)
    rig.redis.rpush(key, "B|good|delayed|0|5|a|b", "S|old|1|7|2.0.0 Ok")
    assert receipts(rig) == [("good", "B", "a|b", "delayed", "0"),
                             ("old", "S", "2.0.0 Ok")]
