# SPDX-License-Identifier: MIT
"""maildctl on a real queue: what it shows, and what it changes."""

import re

import pytest
from stack.console import Console
from stack.ctlrig import (OTHER, REFUSED, asleep, ctl, dead,  # noqa: F401
                          rig, tell)
from stack.rig import Rig
from stack.visitor import wait_until

LIMIT_S = 30


# ---- status -----------------------------------------------------------------

def test_status_shows_queues_workers_relays_and_pauses(rig, ctl):
    dead(rig, 2)
    asleep(rig)
    ctl.run("pause", "lane:bulk", "slow", "provider")
    tell(rig)
    text = ctl.out("status")
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines()
            if line}
    assert rows["jobs"] == ["0", "0", "0", "0", "1", "0", "2", "0"]
    assert "slow provider" in text
    assert "up 2 h, 2 workers: 1 idle, 1 talking, 2 alerts" in text
    assert re.search(r"main +smtp.example:587 +closed +1/4 +20/s", text)
    assert "open for 42 s, paused" in text
    assert "spare at mx9.example: connect 127.0.0.1:25: Conn" in text
    assert re.search(r"1 +4713 +talking +3 s +main +RK7F3M2Q.confirm.0", text)
    assert "\033" not in text

    said = ctl.json("status")
    assert said["v"] == 1 and said["prefix"] == rig.prefix
    assert said["queues"]["dead"]["length"] == 2
    assert said["queues"]["retry"] == {"length": 1, "due": 0,
                                       "overdue_ms": None}
    assert [p["what"] for p in said["pauses"]] == ["lane:bulk"]
    other = [i for i in said["instances"] if i["instance"] == OTHER][0]
    assert other["heard"] and other["workers"][1]["phase"] == "talking"
    assert said["counters"]["dead"] >= 2


def test_status_bears_what_it_does_not_know(rig, ctl):
    for changes in ({"workers": None, "relays": "x"}, {"host": 5},
                    {"relays": [None, 1, {"name": "\u001b[2J"}]}):
        tell(rig, **changes)
        assert "\033" not in ctl.out("status")
    rig.redis.set(rig.prefix + "status:" + OTHER, "{broken", px=15000)
    assert "silent" in ctl.out("status")


def test_check_tells_a_monitoring_system(rig, ctl):
    tell(rig)
    assert ctl.out("status", "--check").startswith("MAILD OK - 0 waiting")
    dead(rig, 3)
    out = ctl.out("status", "--check", "--warn", "1h,3", status=1)
    assert out.startswith("MAILD WARNING - ")
    assert " dead=3;3;100;0 " in out and out.count("\n") == 1
    out = ctl.out("status", "--check", "--crit", "3", status=2)
    assert out.startswith("MAILD CRITICAL - ")
    ctl.run("pause", "kind:x")
    assert "kind:x is paused" in ctl.out("status", "--check", status=1)
    said = ctl.json("status", "--check", status=1)
    assert (said["verdict"], said["code"]) == ("warning", 1)
    assert ctl.out("status", "--check", "--warn", "soon",
                   status=3).startswith("MAILD UNKNOWN - ")


def test_a_relay_that_nobody_has_is_not_paused(rig, ctl):
    # Until the rig's own maild has spoken nobody can be sure.
    wait_until(lambda: set(rig.redis.keys(rig.prefix + "status:*"))
               - {rig.prefix + "status:" + OTHER}, LIMIT_S, "what maild has")
    tell(rig)
    said = ctl.run("pause", "relay:typo", status=64)
    assert said[0] == "" and "no maild has a relay named typo" in said[1]
    assert re.search(r"there are: .*\blocal\b", said[1])
    assert rig.redis.hgetall(rig.prefix + "paused") == {}
    # One that another host has, and one of our own settings.
    assert ctl.out("pause", "relay:spare") == "relay:spare is paused\n"
    assert ctl.out("pause", "relay:local") == "relay:local is paused\n"
    # Somebody is silent, and may have it.
    rig.redis.delete(rig.prefix + "status:" + OTHER)
    out, said = ctl.run("pause", "relay:typo")
    assert out == "relay:typo is paused\n"
    assert "nobody who can be asked has a relay named typo" in said
    ctl.run("resume", "relay:typo")


def test_a_queue_without_maild_is_told(tmp_path):
    rig = Rig(tmp_path / "rig")
    try:
        rig.stack.start("maild")    # writes the settings file
        rig.stack.stop("maild")
        rig.redis.flushall()
        console = Console(rig.stack)
        assert "No maild is running." in console.out("status")
        assert "no maild is running" in console.out("status", "--check",
                                                    status=2)
        rig.push()
        _, said = console.run("drain", "--timeout", "100ms", status=75)
        assert "no maild is running" in said
        rig.stack.stop("redis")
        out, said = console.run("status", status=75)
        assert "redis" in said and not out
        assert console.out("list", "--json", status=75) == ""
        assert console.out("status", "--check",
                           status=2).startswith("MAILD CRITICAL - redis")
    finally:
        rig.close()


# ---- list and show ------------------------------------------------------------

def test_list_finds_jobs_by_state_reason_kind_and_time(rig, ctl):
    first, second = dead(rig, 2)
    (odd,) = rig.push(kind="no.template")
    rig.wait(odd, "X")
    late = asleep(rig)

    def listed(*words):
        return {job["id"] for job in ctl.json("list", *words)["jobs"]}

    assert listed() == {first, second, odd, late}
    assert listed("--state", "dead") == {first, second, odd}
    assert listed("--state", "retry,held") == {late}
    assert listed("--reason", "rejected:") == {first, second}
    assert listed("--kind", "no.*") == {odd}
    assert listed("--since", "1h") == {first, second, odd, late}
    assert listed("--since", "2037-01-01") == set()
    some = ctl.json("list", "--state", "dead", "--limit", "2")
    assert len(some["jobs"]) == 2 and some["more"]
    assert not ctl.json("list", "--limit", "0")["more"]

    text = ctl.out("list", "--state", "dead")
    assert "zoe@example.org" not in text
    line = [one for one in text.splitlines() if one.startswith(first)][0]
    assert "dead" in line and "notice" in line and REFUSED[:9] in line
    assert "zoe@example.org" in ctl.out("list", "--addresses")
    assert "UTC" in ctl.out("list", "--long")
    assert "--limit 0" in ctl.run("list", "--limit", "1")[1]
    assert "No such jobs" in ctl.run("list", "--kind", "none")[1]
    for wrong in ("--state=done", "--state=", "--since=soon", "--limit=x",
                  "--limit=-1", "--crit=1"):
        ctl.run("list", wrong, status=64)


def test_a_sent_mail_is_shown_with_the_servers_queue_id(rig, ctl):
    (name,) = rig.push()
    rig.wait(name, "S")
    text = ctl.out("show", name)
    assert text.startswith(f"{name} is sent")
    assert "queued" in text and "zoe@" not in text
    said = ctl.json("show", name)
    assert said["state"] == "sent" and said["final_ms"]


def test_what_came_back_is_shown(rig, ctl):
    (name,) = rig.push()
    rig.wait(name, "S")
    heard = 1795910400000
    rig.redis.hset(f"{rig.prefix}j:{name}", mapping={
        "ft": f"4|returned|0|{heard}",
        "at": f"{heard}|returned|report||likely||1|550 5.1.1 no such user"})
    text = ctl.out("show", name)
    assert re.search(r"fate +returned \(likely\)\n  reported +20", text)
    assert re.search(r"returned +likely", text)
    assert "    550 5.1.1 no such user" in text
    said = ctl.json("show", name)
    assert (said["fate"], said["fate_sure"]) == ("returned", False)
    assert said["fate_ms"] == said["story"][-1]["at_ms"] == heard


def test_the_story_of_a_job_is_told(rig, ctl):
    (name,) = dead(rig)
    ctl.run("requeue", name)
    rig.wait(name, "S")
    (name,) = dead(rig)
    text = ctl.out("show", name)
    assert "it is not tried any more" in text and "550 5.1.1" in text
    assert "zoe@example.org" in ctl.out("show", name, "--addresses")
    said = ctl.json("show", name)
    assert said["state"] == "dead" and said["reason"].startswith("rejected:")
    last = said["story"][-1]
    assert last["at_ms"] and last["host"] and "550" in (
        last["code"] + last["text"])
    assert ctl.run("show", "nobody", status=65)[1].startswith(
        'maildctl: no job "nobody"')
    ctl.run("show", "no/id", status=65)
    ctl.run("show", status=64)
    ctl.run("show", "a", "b", status=64)


def test_what_could_not_be_read_is_listed_with_its_mistake(rig, ctl):
    rig.redis.rpush(rig.prefix + "intake", '{"to":"zoe@example.org"', "[]")
    wait_until(lambda: rig.redis.llen(rig.prefix + "malformed") == 2,
               LIMIT_S, "two malformed envelopes")
    text = ctl.out("list", "--state", "malformed")
    assert "ends too early" in text and "zoe@" not in text
    assert "zoe@" in ctl.out("list", "--state", "malformed", "--addresses")
    said = ctl.json("list", "--state", "malformed")["malformed"]
    assert [one["bytes"] for one in said] == [23, 2]
    assert "raw" not in said[0]


# ---- requeue, bury, cancel, purge ---------------------------------------------

def test_named_jobs_are_requeued_at_once(rig, ctl):
    first, second = dead(rig, 2)
    assert ctl.out("requeue", first) == "1 requeued\n"
    rig.wait(first, "S")
    _, said = ctl.run("requeue", second, first, "nobody", status=65)
    assert f"{first} is sent" in said and 'no job "nobody"' in said
    rig.wait(second, "S")


def test_many_are_requeued_only_after_a_yes(rig, ctl):
    names = dead(rig, 3)
    for words in (["--all"], ["--reason", "rejected:"], ["--kind", "notice"]):
        _, said = ctl.run("requeue", *words, status=64)
        assert "requeue 3 dead letters?" in said and "--yes" in said
    console = ctl.terminal("requeue", "--all")
    console.wait_for("requeue 3 dead letters? [y/N] ")
    console.type("\n")
    status, said = console.end()
    assert status == 1 and "Nothing was changed." in said
    assert rig.job(names[0])["st"] == "X"
    console = ctl.terminal("requeue", "--all")
    console.wait_for("[y/N] ")
    console.type("y\n")
    status, said = console.end()
    assert status == 0 and "3 requeued" in said
    for name in names:
        rig.wait(name, "S")
    assert ctl.json("requeue", "--all") == {"v": 1, "changed": 0,
                                            "unchanged": 0}


def test_what_is_set_aside_can_be_tried_at_once(rig, ctl):
    (name,) = rig.push(kind="news.held")
    ctl.run("pause", "kind:news.held")
    name = asleep(rig)
    ctl.run("requeue", "--state", "retry", "--all", "--yes")
    rig.wait(name, "S")
    for wrong in (["--state", "sent"], [], ["--all", "--kind", "x"],
                  ["--all", "a"], ["no/id"]):
        ctl.run("requeue", *wrong, "--yes", status=64)


@pytest.mark.parametrize("verb,word,done", [
    ("cancel", "cancelled:", "cancelled"), ("bury", "poison:", "buried")])
def test_waiting_jobs_can_be_ended(rig, ctl, verb, word, done):
    name, other = asleep(rig), asleep(rig, kind="news.june")
    ctl.run(verb, name, status=64)          # asks, and nobody is there
    assert ctl.out(verb, name, "-y") == f"1 {done}\n"
    assert rig.job(name)["rep"].startswith(word)
    ctl.run(verb, name, "--yes", status=65)
    assert ctl.json(verb, "--kind", "news.*", "--yes")["changed"] == 1
    assert rig.job(other)["st"] == "X"
    assert rig.redis.lrange(rig.prefix + "receipts", 0, -1)[-1].startswith(
        f"X|{other}|")


def test_purge_forgets(rig, ctl):
    (name,) = dead(rig)
    ctl.run("purge", status=64)
    ctl.run("purge", "--older-than", "1h", status=64)
    assert ctl.out("purge", "--older-than", "1h", "--yes") == "0 forgotten\n"
    assert ctl.out("purge", "--older-than", "0s", "--yes") == "1 forgotten\n"
    ctl.run("show", name, status=65)
    (name,) = rig.push()
    rig.wait(name, "S")
    said = ctl.json("purge", "--state", "sent", "--older-than", "0s", "--yes")
    assert said["changed"] >= 1
    assert not rig.job(name)
    rig.redis.rpush(rig.prefix + "malformed", "{")
    assert ctl.out("purge", "--state", "malformed",
                   "-y") == "1 forgotten\n"


# ---- pause, resume, drain -------------------------------------------------------

def test_a_paused_kind_is_held_and_others_pass(rig, ctl):
    assert ctl.out("pause", "kind:news.june",
                   "wrong price") == "kind:news.june is paused\n"
    assert "already" in ctl.out("pause", "kind:news.june")
    (held,) = rig.push(kind="news.june")
    (other,) = rig.push()
    rig.wait(other, "S")
    rig.wait(held, "H")
    assert "held" in ctl.out("list", "--state", "held")
    assert ctl.json("resume", "kind:news.june") == {
        "v": 1, "what": "kind:news.june", "paused": False, "changed": True}
    rig.wait(held, "X")                     # there is no such template
    assert "already running" in ctl.out("resume", "kind:news.june")
    for wrong in ("kind:", "lane:x", "everything"):
        ctl.run("pause", wrong, status=64)
    ctl.run("resume", status=64)
    ctl.run("resume", "queue", "--all", status=64)
    assert "Nothing was paused" in ctl.out("resume", "--all")


def test_drain_waits_for_what_can_be_sent(rig, ctl):
    ctl.run("pause", "queue", "for the test")
    (name,) = rig.push()
    out, said = ctl.run("drain", "--timeout", "200ms", status=75)
    assert "queue is paused: for the test" in said
    assert re.search(r"intake \d+, ready \d+", said)
    assert out == "1 jobs are left\n"
    ctl.run("resume", "queue")
    late = asleep(rig)
    assert ctl.out("drain").startswith("drained; 1 wait for a later try")
    assert rig.job(name)["st"] == "S" and rig.job(late)["st"] == "R"
    assert ctl.json("drain")["drained"] is True
    ctl.run("drain", "--timeout", "5", status=64)


# ---- a full Redis ------------------------------------------------------------

def test_a_full_redis_can_still_be_steered(rig, ctl):
    (name,) = dead(rig)
    rig.redis.config_set("maxmemory", 1)
    try:
        ctl.run("pause", "kind:x")
        ctl.run("resume", "kind:x")
        ctl.run("status")
        ctl.run("requeue", name)
    finally:
        rig.redis.config_set("maxmemory", 0)
    rig.wait(name, "S")
    wait_until(lambda: ctl.json("drain")["drained"], LIMIT_S, "drained")
