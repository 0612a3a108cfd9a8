# SPDX-License-Identifier: MIT
"""The queue with maild at work: order, lanes, pauses, poison, other hosts."""

import collections
import json
import os
import random
import signal
import threading
import time

from stack.procs import read_text
from stack.queuerig import envelope
from stack.rig import LIMIT_S
from stack.visitor import wait_until

JOBS = 10000
BACKLOG = 100000


def push_all(rig, ids, **changes):
    pipe = rig.redis.pipeline(transaction=False)
    for name in ids:
        pipe.rpush(rig.prefix + "intake", envelope(name, **changes))
        if len(pipe) == 1000:
            pipe.execute()
    pipe.execute()


def wait_for_mails(rig, count, limit_s=LIMIT_S):
    wait_until(lambda: len(rig.server.accepted) >= count, limit_s,
               f"{count} mails", 0.05)


def test_one_worker_sends_ten_thousand_mails_in_their_order(rig):
    rig.relay(session_mails="1000")
    rig.set(workers=1, ready_window=1000)
    ids = [f"job-{i}" for i in range(JOBS)]
    push_all(rig, ids)
    wait_for_mails(rig, JOBS, 180)
    assert rig.accepted() == ids


def test_each_job_pushed_five_times_is_one_mail(rig):
    rig.start()
    ids = [f"job-{i}" for i in range(100)]
    dice = random.Random(10)
    for _ in range(5):
        dice.shuffle(ids)
        push_all(rig, ids)
    wait_until(lambda: rig.redis.hget(rig.prefix + "stat", "doubled") == "400",
               LIMIT_S, "all doubles dropped")
    wait_for_mails(rig, 100)
    push_all(rig, ids)
    wait_until(lambda: rig.redis.hget(rig.prefix + "stat", "doubled") == "500",
               LIMIT_S, "all doubles dropped")
    assert sorted(rig.accepted()) == sorted(ids)


def test_a_job_on_which_workers_crash_harms_no_other(rig):
    rig.relay(session_mails="5")
    rig.set(crash_pause="0s")
    ids = [f"poison-{i}" if i % 100 == 50 else f"job-{i}" for i in range(300)]

    def plan(step, _session, _mail):
        # Whoever sends a poison job dies of it.
        if step == "data":
            for pid in rig.stack.children("maild").values():
                if "sending poison" in read_text(f"/proc/{pid}/cmdline"):
                    os.kill(pid, signal.SIGKILL)
        return None
    rig.server.plan = plan
    push_all(rig, ids)
    for i in (50, 150, 250):
        assert rig.wait(f"poison-{i}", "X")["rep"].startswith("poison:")
    wait_for_mails(rig, 297)
    count = collections.Counter(rig.accepted())
    assert count == {name: 1 for name in ids if "poison" not in name}
    crashes = [rig.job(name).get("c", "0") for name in ids
               if "poison" in name]
    assert crashes == ["3"] * 3
    story = rig.job("poison-50")["at"]
    assert "|crashed|" in story and story.endswith("|3|its worker died")


def test_bulk_mails_let_the_others_pass(rig):
    rig.set(workers=1, bulk_kinds="notice", bulk_share=10, ready_window=100)
    rig.server.plan = lambda step, *_: 0.002 if step == "mail" else None
    push_all(rig, [f"bulk-{i}" for i in range(1000)])
    wait_for_mails(rig, 10)
    sample = json.load(open(os.path.join(
        rig.stack.at.share, "templates/mail/sample.json"), encoding="utf-8"))
    before = len(rig.accepted())
    push_all(rig, [f"quick-{i}" for i in range(20)],
             kind="booking.confirmed",
             data=sample.get("data", sample))
    for i in range(20):
        rig.wait(f"quick-{i}", "S")
    order = rig.accepted()
    places = [order.index(f"quick-{i}") for i in range(20)]
    assert places == sorted(places)
    # The dispatcher looks once a second at the latest; then 9 of 10 are ours.
    assert len(order) < 1000 and before < places[0]
    assert places[-1] - places[0] <= 25
    wait_for_mails(rig, 1020)
    bulk = [name for name in rig.accepted() if name.startswith("bulk")]
    assert bulk == [f"bulk-{i}" for i in range(1000)]


def test_a_bulk_mail_reaches_a_worker_that_waits(rig):
    rig.set(bulk_kinds="notice")
    wait_until(lambda: any(c["cmd"] == "brpoplpush"
                           for c in rig.redis.client_list()),
               LIMIT_S, "waiting workers")
    (name,) = rig.push()
    rig.wait(name, "S")
    assert rig.job(name)["n"] == "1"


def test_a_paused_queue_sends_nothing_until_it_is_resumed(rig):
    rig.start()
    rig.redis.hset(rig.prefix + "paused", "queue", "1|moving house")
    names = rig.push(5)
    wait_until(lambda: rig.redis.llen(rig.prefix + "ready") == 5, LIMIT_S,
               "the jobs in ready")
    (late,) = rig.push()
    rig.wait(late, "Q")
    assert rig.accepted() == []
    rig.redis.hdel(rig.prefix + "paused", "queue")
    for name in [*names, late]:
        assert rig.wait(name, "S")["n"] == "1"
    assert sorted(rig.accepted()) == sorted([*names, late])


def test_a_paused_kind_is_held_and_others_are_sent(rig):
    rig.start()
    rig.redis.hset(rig.prefix + "paused", "kind:notice", "1|a mistake")
    (held,) = rig.push()
    rig.wait(held, "H")
    (other,) = rig.push(kind="no.such.template")
    rig.wait(other, "X")
    rig.redis.hdel(rig.prefix + "paused", "kind:notice")
    assert rig.wait(held, "S")["n"] == "1"
    assert rig.accepted() == [held]


def test_a_mail_for_later_is_sent_later_and_ages_from_then(rig):
    rig.start()
    soon = int(time.time() * 1000) + 1500
    (name,) = rig.push(nb=soon)
    assert rig.wait(name, "R")["n"] == "0"
    assert int(rig.wait(name, "S")["ts"]) >= soon
    (never,) = rig.push(nb=soon, na=soon - 1)
    assert '"nb"' in rig.wait(never, "X")["rep"]


def test_a_maybe_sent_mail_of_a_held_kind_is_not_sent_again(rig):
    rig.server.plan = lambda step, *_: "close" if step == "reply" else None
    rig.set(hold_kinds="notice")
    (name,) = rig.push()
    job = rig.wait(name, "X")
    assert job["rep"].startswith("uncertain: held")
    assert rig.accepted() == [name]
    line = job["at"].split("|")
    assert (line[1], line[4]) == ("uncertain", "dot")


def test_old_dead_letters_are_forgotten(rig):
    rig.redis.hset(rig.prefix + "j:old", mapping={"st": "X", "ts": 1000})
    rig.redis.zadd(rig.prefix + "dead", {"old": 1000})
    rig.start()
    wait_until(lambda: not rig.redis.exists(rig.prefix + "j:old"), LIMIT_S,
               "the purge")
    assert rig.redis.zcard(rig.prefix + "dead") == 0


def test_a_backlog_stays_in_the_intake_and_memory_is_flat(rig):
    rig.set(ready_window=500)
    push_all(rig, [f"job-{i}" for i in range(BACKLOG)])
    full = rig.redis.info("memory")["used_memory"]
    most = [0, 0]

    def look():
        most[0] = max(most[0], rig.redis.llen(rig.prefix + "ready"))
        most[1] = max(most[1], rig.redis.info("memory")["used_memory"])
        return len(rig.server.accepted) >= 3000
    wait_until(look, 120, "3000 mails", 0.05)
    assert rig.redis.llen(rig.prefix + "intake") > BACKLOG / 2
    # A batch may pass the window, and what was in the workers' hands return.
    assert most[0] <= 500 + 100 + 2
    assert most[1] < full + 2 * 1024 * 1024


# ---- other hosts -------------------------------------------------------------

class Peer:
    """Another host's maild: beats, and says when it has told all."""

    def __init__(self, rig):
        self.rig = rig
        self.name = "elsewhere:1:0000cafe"
        self.count = 0
        self.generation = ""
        self.lives = True
        self.beat()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def beat(self):
        self.count += 1
        prefix = self.rig.prefix
        self.rig.redis.hset(prefix + "inst", self.name, self.count)
        if self.generation:
            self.rig.redis.hset(prefix + "replayed", self.name,
                                self.generation)

    def run(self):
        while self.lives:
            self.beat()
            time.sleep(0.2)

    def close(self):
        self.lives = False
        self.thread.join()


def own_instance(rig):
    """Name and generation of our maild, when it has told Redis all."""
    said = rig.redis.hgetall(rig.prefix + "replayed")
    return [(name, text) for name, text in said.items()
            if not name.startswith("elsewhere")]


def test_after_a_loss_nothing_is_admitted_before_every_host_has_told(rig):
    rig.start()
    peer = Peer(rig)
    try:
        peer.generation = wait_until(lambda: own_instance(rig), LIMIT_S,
                                     "our own replay")[0][1]
        (first,) = rig.push()
        rig.wait(first, "S")
        # It sees the others' beats every five seconds.
        seen = peer.count + 30
        wait_until(lambda: peer.count > seen, LIMIT_S, "a known peer")
        rig.redis.flushall()
        (name,) = rig.push()
        fresh = wait_until(
            lambda: [text for _, text in own_instance(rig)
                     if text != peer.generation], LIMIT_S, "a new epoch")[0]
        # Waiting means that beats pass and nothing is taken.
        seen = peer.count + 15
        wait_until(lambda: peer.count > seen, LIMIT_S, "some beats")
        assert rig.redis.llen(rig.prefix + "intake") == 1
        assert rig.job(name) == {}
        peer.generation = fresh
        rig.wait(name, "S")
    finally:
        peer.close()


def test_a_host_that_never_tells_is_waited_for_no_longer_than_its_lease(rig):
    rig.set(host_lease="5s")
    peer = Peer(rig)
    try:
        peer.generation = wait_until(lambda: own_instance(rig), LIMIT_S,
                                     "our own replay")[0][1]
        seen = peer.count + 30
        wait_until(lambda: peer.count > seen, LIMIT_S, "a known peer")
        rig.redis.flushall()
        (name,) = rig.push()
        rig.wait(name, "S")
        assert "not waiting any longer for other instances" in rig.log()
    finally:
        peer.close()
