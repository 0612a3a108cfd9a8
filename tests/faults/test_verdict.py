# SPDX-License-Identifier: MIT
"""The verdict, lied to: it must see each loss, lie and double for itself."""

import os
import sys

import pytest

sys.path[:0] = [os.path.dirname(os.path.realpath(__file__))]

from facts import Facts, Row                            # noqa: E402
from kinds import Harm                                  # noqa: E402
from proxy import Link                                  # noqa: E402
from server import Attempt                              # noqa: E402
from verdict import DEAD, SENT, Verdict                 # noqa: E402

JOB = "J.confirm.0"
OTHER = "K.confirm.0"


def attempt(at, taken=True, told=True, took_s=0.01, reply="250 2.0.0 queued",
            link=None):
    """A try to send JOB that came to DATA at that time."""
    one = Attempt(at - 0.01, link)
    one.message = JOB
    one.data_at = at
    if taken:
        one.dot_at = one.taken_at = at + took_s / 2
        if told:
            one.reply, one.replied_at = reply, at + took_s
    return one


def harm(kind, begun, ended, **fields):
    one = Harm(1, 1, kind)
    one.begun, one.ended = begun, ended
    one.back_at, one.lost_at = begun, ended
    for name, value in fields.items():
        assert hasattr(one, name)
        setattr(one, name, value)
    return one


def judged(attempts, delivered=(), state=SENT, reply="250", **more):
    facts = Facts(rows={JOB: Row("j@example.org", state, reply, 0.0)},
                  attempts={JOB: list(attempts)},
                  delivered={JOB: list(delivered)}, **more)
    return Verdict(facts)


def link(broken_at=None, holds=()):
    one = Link(None, None)
    one.broken_at = broken_at
    one.holds = list(holds)
    return one


def test_one_mail_for_one_booking_is_right():
    verdict = judged([attempt(10)], [10.01])
    assert not verdict.bad
    assert (verdict.bookings, verdict.mails) == (1, 1)


# ---- losses and lies ---------------------------------------------------------

def test_a_mail_that_never_came_is_lost():
    assert "lost" in judged([], state=0).bad


def test_a_row_that_says_sent_without_a_mail_is_a_lie():
    assert judged([]).bad["marked sent and not accepted"] == [JOB]
    broken = judged([attempt(10, taken=False)])
    assert broken.bad["marked sent and not accepted"] == [JOB]


@pytest.mark.parametrize("state", [0, 3])
def test_a_row_that_is_not_final_is_seen(state):
    assert "neither sent nor dead" in judged(
        [attempt(10)], [10.01], state=state).bad


def test_a_mail_is_not_dead_when_maild_knew_of_its_250():
    verdict = judged([attempt(10)], [10.01], DEAD, "uncertain: maybe sent")
    assert "dead though delivered" in verdict.bad


def test_what_is_wrong_by_itself_is_bad():
    assert "sanitizer" in judged([attempt(10)], [10.01],
                                 wrong={"sanitizer": ["heap"]}).bad


# ---- duplicates ----------------------------------------------------------------

UNEXPLAINED = "accepted twice, unexplained"


def test_a_double_without_a_cause_is_unexplained():
    assert UNEXPLAINED in judged([attempt(10), attempt(12)], [12.01]).bad
    assert UNEXPLAINED in judged([attempt(10), attempt(12)],
                                 [10.01, 12.01]).bad


@pytest.mark.parametrize("first", [
    attempt(10, told=False),
    attempt(10, reply="451 4.3.0 taken all the same"),
    attempt(10, took_s=2.5),
    attempt(10, link=link(broken_at=10.01)),
    attempt(10, link=link(holds=[(9.9, 12.0)])),
])
def test_a_250_that_did_not_arrive_explains_its_own_double(first):
    verdict = judged([first, attempt(13)], [13.01])
    assert not verdict.bad and sum(verdict.why.values()) == 1
    # But not one of a mail whose 250 maild has logged ...
    assert UNEXPLAINED in judged([first, attempt(13)], [11.5, 13.01]).bad
    # ... and not a third copy after a good one.
    assert UNEXPLAINED in judged([first, attempt(13), attempt(15)],
                                 [15.01]).bad


@pytest.mark.parametrize("first", [
    attempt(10, link=link(broken_at=9.0)),          # another mail's session
    attempt(10, link=link(broken_at=11.5)),         # long after its 250
    attempt(10, link=link(holds=[(5.0, 9.0)])),
    attempt(10, link=link(holds=[(9.99, 10.1)])),   # too short to matter
    attempt(10, took_s=1.5),                        # not slow enough
])
def test_trouble_at_another_moment_explains_nothing(first):
    assert UNEXPLAINED in judged([first, attempt(13)], [13.01]).bad


def test_a_death_explains_only_what_the_dead_had_in_hand():
    copies = [attempt(10), attempt(12)]

    def with_death(begun, jobs):
        return judged(copies, [12.01], harms=[
            harm("mail worker killed", begun, begun + 0.01, jobs=jobs)])
    assert not with_death(10.005, {JOB}).bad
    assert UNEXPLAINED in with_death(10.005, {OTHER}).bad
    assert UNEXPLAINED in with_death(9.0, {JOB}).bad
    assert UNEXPLAINED in with_death(11.5, {JOB}).bad


def test_a_death_before_the_dot_explains_no_double():
    # The gate comes before the server's first byte of the body at the latest
    # when its dot does: whoever died before DATA had sent nothing.
    verdict = judged([attempt(10), attempt(12)], [12.01], harms=[
        harm("mail worker killed", 8.0, 8.1, jobs={JOB})])
    assert UNEXPLAINED in verdict.bad


def test_a_host_that_vanished_before_the_ack_explains_its_double():
    copies = [attempt(10), attempt(80)]

    def with_end(begun, jobs, **fields):
        return judged(copies, [10.02, 80.01], harms=[
            harm("mail host vanished", begun, begun + 0.2, jobs=jobs,
                 **fields)])
    assert not with_end(10.01, {JOB}, ends_master=True).bad
    assert UNEXPLAINED in with_end(10.01, {OTHER}, ends_master=True).bad
    # The ring outlives a worker that dies alone.
    assert UNEXPLAINED in with_end(10.01, {JOB}).bad
    # It had been told by then, or was not yet sent.
    assert UNEXPLAINED in with_end(10.1, {JOB}, ends_master=True).bad
    assert UNEXPLAINED in with_end(9.5, {JOB}, ends_master=True).bad


def test_a_flush_explains_a_double_only_past_the_dot():
    copies = [attempt(10), attempt(14)]

    def with_flush(begun, ended):
        return judged(copies, [10.02, 14.01], harms=[
            harm("redis emptied", begun, ended, kept_until=0)])
    assert not with_flush(10.01, 10.02).bad
    # Later than that the ring knows.
    assert UNEXPLAINED in with_flush(10.1, 10.2).bad
    assert UNEXPLAINED in with_flush(12.0, 12.1).bad
    # Before it there was nothing to forget.
    assert UNEXPLAINED in with_flush(8.0, 8.1).bad


def test_a_flush_with_the_end_of_the_master_explains_a_double():
    flush = harm("redis emptied", 12, 12.1, kept_until=0)
    copies = [attempt(10), attempt(20)]

    def with_end(begun, **fields):
        return judged(copies, [10.02, 20.01], harms=[
            harm("maild killed", begun, begun + 0.5, **fields), flush])
    assert not with_end(11, ends_master=True).bad
    # It knew of the lost data and told Redis again before it ended.
    assert UNEXPLAINED in with_end(18.5, ends_master=True).bad
    # It ended before this mail was sent.
    assert UNEXPLAINED in with_end(9, ends_master=True).bad
    assert UNEXPLAINED in with_end(11).bad


def test_a_lost_tail_explains_only_what_was_in_it():
    def with_failover(kept_until):
        return judged([attempt(10), attempt(20)], [10.02, 20.01], harms=[
            harm("maild killed", 11, 11.5, ends_master=True),
            harm("redis failover", 11.5, 12.5, kept_until=kept_until)])
    assert not with_failover(10.0).bad
    assert UNEXPLAINED in with_failover(12.0).bad


def test_what_the_ring_has_forgotten_may_come_again():
    copies = [attempt(10), attempt(200)]
    flush = harm("redis emptied", 190, 190.1, kept_until=0)
    assert not judged(copies, [10.02, 200.01], harms=[flush]).bad
    soon = harm("redis emptied", 100, 100.1, kept_until=0)
    assert UNEXPLAINED in judged(copies, [10.02, 200.01], harms=[soon]).bad


def test_no_other_fault_explains_a_double():
    for kind in ("redis killed", "relay killed", "maild restarted",
                 "mysql cut at COMMIT", "redis full"):
        verdict = judged([attempt(10), attempt(12)], [10.02, 12.01], harms=[
            harm(kind, 10, 11, ends_master=kind.startswith("maild"))])
        assert UNEXPLAINED in verdict.bad, kind


# ---- dead letters --------------------------------------------------------------

STRANGE = "dead without a reason"


def refused(reply):
    one = attempt(10, taken=False)
    one.reply = reply
    return one


def test_a_refusal_for_ever_is_a_reason_to_give_up():
    words = "550 5.1.1 no such user"
    assert not judged([refused(words)], (), DEAD, "rejected: " + words).bad
    assert not judged([refused(words)], (), DEAD, "rejected: DATA " + words).bad
    assert STRANGE in judged([refused("450 4.7.1 later")], (), DEAD,
                             "rejected: " + words).bad
    assert STRANGE in judged([refused("554 5.7.1 no")], (), DEAD,
                             "rejected: " + words).bad
    assert STRANGE in judged([], (), DEAD, "rejected: " + words).bad


def cut_body(at):
    return attempt(at, taken=False)


def test_uncertain_takes_four_tries_of_this_very_mail():
    reason = "uncertain: maybe sent, and never confirmed"
    tries = [cut_body(10), attempt(12, told=False), cut_body(14)]
    assert STRANGE in judged(tries, (), DEAD, reason).bad
    assert not judged([*tries, cut_body(16)], (), DEAD, reason).bad
    # One that ended well, or with a refusal, is not one of them.
    assert STRANGE in judged([*tries, attempt(16)], (), DEAD, reason).bad
    assert STRANGE in judged([*tries, refused("451 4.3.0 later")], (), DEAD,
                             reason).bad
    before = attempt(16, taken=False)
    before.data_at = None
    assert STRANGE in judged([*tries, before], (), DEAD, reason).bad


def test_poison_takes_three_deaths_with_this_mail_in_hand():
    reason = "poison: 3 workers crashed on it"
    kills = [harm("mail worker killed", at, at + 0.1, jobs={JOB})
             for at in (10, 11, 12)]
    assert not judged([], (), DEAD, reason, harms=kills).bad
    assert STRANGE in judged([], (), DEAD, reason, harms=kills[:2]).bad
    kills[0].jobs = {OTHER}
    assert STRANGE in judged([], (), DEAD, reason, harms=kills).bad


@pytest.mark.parametrize("reason", [
    "expired: too old to be sent", "poison: no such template", "cancelled: x",
    ""])
def test_no_other_reason_is_a_reason(reason):
    assert STRANGE in judged([attempt(10, told=False)] * 5, (), DEAD,
                             reason).bad


# ---- processes -----------------------------------------------------------------

def deaths(*found, harms=()):
    return judged([attempt(10)], [10.01], deaths=list(found),
                  harms=list(harms)).bad.get("died by itself")


def test_a_death_of_its_own_is_seen():
    assert deaths((10, "maild", "worker", 7, "signal=11 pause_ms=0"))
    assert deaths((10, "maild", "worker", 7, "status=70 pause_ms=0"))
    assert judged([attempt(10)], [10.01], found_dead=["redis"]).bad


def test_a_death_of_our_doing_is_none():
    assert not deaths((10, "maild", "worker", 7, "signal=9 pause_ms=0"),
                      harms=[harm("mail worker killed", 9, 10, pids=[7])])
    assert not deaths((10, "maild", "worker", 7,
                       "signal=9 reason=deadline pause_ms=0"))


def test_a_grace_that_is_over_kills_but_only_then():
    reload = harm("maild reloaded", 9, 9, stops="maild")
    kill = (14, "maild", "worker", 7, "signal=9 pause_ms=0")
    assert not deaths(kill, harms=[reload])
    assert deaths((30, *kill[1:]), harms=[reload])
    assert deaths((14, "booking", *kill[2:]), harms=[reload])
    assert deaths((*kill[:4], "signal=11 pause_ms=0"), harms=[reload])
