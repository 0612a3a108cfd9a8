# SPDX-License-Identifier: MIT
"""What a relay's refusals lead to: for a mail, for its domain, for all."""

import os
import re
import subprocess
import time

import pytest
from stack import parts
from stack.layout import TOP
from stack.rig import LIMIT_S
from stack.visitor import wait_until

QUOTA = "550-5.4.5 Daily user sending limit exceeded.\r\n550 5.4.5 see help"
NO_RELAY = "554 5.7.1 <x@dead.example>: Relay access denied"
RATE = "454 4.7.0 Throttling failure: Maximum sending rate exceeded."


def domain_of(server, session):
    """The domain of the recipient that this session named last."""
    lines = [line for number, line in server.commands
             if number == session and line.upper().startswith("RCPT")]
    return lines[-1].partition("@")[2].partition(">")[0] if lines else ""


def refusing(server, step, wish, domains=None):
    """A plan: at this step these domains (None = all) are refused; wish may be
    a list, whose members are said in turn."""
    said = [0]

    def plan(now, session, _mail):
        if now != step or (domains and
                           domain_of(server, session) not in domains):
            return None
        said[0] += 1
        return wish if isinstance(wish, str) else wish[said[0] % len(wish)]
    return plan


def asked(rig, step="rcpt"):
    return sum(now == step for now, _, _ in rig.server.steps)


def to(number, domain="example.org"):
    return {"to": {"email": f"visitor{number}@{domain}"}}


def push(rig, count, domain="example.org"):
    return [rig.push(**to(number, domain))[0] for number in range(count)]


def states(rig, names):
    return [rig.job(name).get("st") for name in names]


def alerts(rig):
    return re.findall("alert key=(.*?):", rig.log())


def nothing(_step, _session, _mail):
    """The relay is mended."""


@pytest.fixture
def clock(rig, tmp_path, monkeypatch):
    """step(seconds): Redis's clock goes on by that."""
    path, library = os.fspath(tmp_path / "step"), tmp_path / "clockstep.so"
    subprocess.run(
        [os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1",
         "-D_GNU_SOURCE", "-o", os.fspath(library),
         os.path.join(TOP, "tests/tools/clockstep.c"), "-ldl"], check=True)
    away = [0]

    def step(seconds):
        away[0] += seconds
        # In place: the file stays open in Redis.
        with open(path, "a+", encoding="ascii") as file:
            file.truncate(0)
            file.write(f"{away[0]}\n")
    step(0)
    rig.stack.stop("redis")
    plain = parts.environment
    monkeypatch.setattr(parts, "environment", lambda at: plain(at) | {
        "LD_PRELOAD": os.fspath(library), "CLOCKSTEP": path})
    rig.stack.start("redis")
    monkeypatch.undo()
    return step


# ---- one domain stops nobody --------------------------------------------------

def test_bad_mailboxes_of_one_domain_stop_nobody(rig):
    """One visitor's 60 posts, within all limits."""
    rig.server.plan = refusing(rig.server, "rcpt", "550 5.1.1 User unknown",
                               {"dead.example"})
    bad = push(rig, 60, "dead.example")
    rig.start()
    for name in bad:
        assert rig.wait(name, "X")["rep"].startswith("rejected: 550 5.1.1")
    begun = time.time()
    good = push(rig, 5)
    for name in good:
        assert rig.wait(name, "S")["n"] == "1"
    assert rig.server.accepted_at[-1] - begun < 5
    assert "away" not in rig.log()
    assert alerts(rig) == []
    assert "class=recipient stage=RCPT rule=" in rig.log()


@pytest.mark.parametrize("wish", ["550 rejected", NO_RELAY])
def test_one_domain_that_is_refused_unclearly_stops_nobody(rig, wish):
    rig.server.plan = refusing(rig.server, "rcpt", wish, {"dead.example"})
    bad = push(rig, 60, "dead.example")
    rig.set(breaker_max="30s")
    wait_until(lambda: asked(rig) > 0, LIMIT_S, "the first refusal")
    for number in range(3):
        begun = time.time()
        (name,) = push(rig, 1, f"good{number}.example")
        rig.wait(name, "S")
        # The first one may meet the pause that a first refusal is worth.
        assert time.time() - begun < (10 if number == 0 else 5)
    assert "X" not in states(rig, bad)


def test_a_refused_domain_is_asked_by_one_mail_at_a_time(rig):
    rig.server.plan = refusing(rig.server, "rcpt", NO_RELAY, {"dead.example"})
    bad = push(rig, 30, "dead.example")
    rig.set(breaker_max="2s", workers="4")
    (good,) = push(rig, 1)
    rig.wait(good, "S")
    begun, before = time.time(), asked(rig)
    wait_until(lambda: asked(rig) > before + 2, LIMIT_S, "further tries")
    assert asked(rig) - before <= 2 + (time.time() - begun) * 2
    assert alerts(rig) == ["relay-config"]
    rig.server.plan = nothing
    for name in bad:
        assert rig.wait(name, "S")["n"] == "1"
    wait_until(lambda: "storm is over relay=local" in rig.log(), LIMIT_S,
               "the end of it")


def test_an_unclear_refusal_ends_once_other_mails_pass(rig):
    rig.server.plan = refusing(rig.server, "rcpt", "550 rejected",
                               {"dead.example"})
    (bad,) = push(rig, 1, "dead.example")
    rig.set(storm_hold="200ms")
    wait_until(lambda: asked(rig) >= 6, LIMIT_S, "it to be asked again")
    assert rig.job(bad)["st"] != "X"
    (good,) = push(rig, 1)
    rig.wait(good, "S")
    job = rig.wait(bad, "X")
    assert (job["rep"], job["n"]) == ("rejected: 550 rejected", "1")
    assert alerts(rig) == []


def test_domains_without_any_mailbox_are_told_to_a_person(rig):
    rig.server.plan = refusing(rig.server, "rcpt", "550 5.1.1 User unknown")
    rig.set(storm_limit="3")
    names = [rig.push(**to(1, f"d{number}.example"))[0]
             for number in range(5)]
    for name in names:
        rig.wait(name, "X")
    assert alerts(rig) == ["relay-storm"]
    assert "refused recipients of many domains in a row" in rig.log()


# ---- a fault of ours buries nothing -------------------------------------------

def test_changing_codes_bury_nothing(rig):
    rig.server.plan = refusing(
        rig.server, "dot", ["550 5.4.5 refused", "552 5.2.3 refused",
                            "554 5.7.1 refused"])
    names = [rig.push(**to(1, f"d{number}.example"))[0]
             for number in range(40)]
    rig.set(storm_hold="200ms", workers="4")
    wait_until(lambda: asked(rig, "dot") >= 80, 2 * LIMIT_S, "many refusals")
    assert "X" not in states(rig, names)
    assert len(alerts(rig)) == 1
    rig.server.plan = nothing
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"


@pytest.mark.parametrize("step,wish,key", [
    ("dot", QUOTA, "relay-quota"),
    ("rcpt", NO_RELAY, "relay-config"),
    ("dot", "550 5.7.1 Sender not allowed to send", "relay-config"),
    ("mail", "530 5.7.0 Authentication required", "relay-config"),
    ("rcpt", "550 refused", "relay-storm"),
    ("dot", "554 refused", "relay-storm")])
def test_a_few_mails_an_hour_are_not_buried_either(rig, clock, step, wish,
                                                   key):
    rig.server.plan = refusing(rig.server, step, wish)
    rig.set(storm_hold="500ms")
    names = []
    for number in range(9):     # three an hour, for three hours
        names += push(rig, 1, f"d{number % 4}.example")
        before = asked(rig, step)
        wait_until(lambda n=before: asked(rig, step) >= n + 2, LIMIT_S,
                   "tries")
        clock(1200)
    assert "X" not in states(rig, names)
    assert set(alerts(rig)) == {key}
    # Another cause of one trouble may be told, but not for each mail.
    assert len(alerts(rig)) == 1
    rig.server.plan = nothing
    clock(60)
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"


def test_after_the_quota_is_over_the_alert_is_raised_anew(rig):
    rig.server.plan = refusing(rig.server, "dot", QUOTA)
    (name,) = rig.push()
    rig.start()
    wait_until(lambda: alerts(rig) == ["relay-quota"], LIMIT_S, "the alert")
    rig.server.plan = nothing
    rig.wait(name, "S")
    rig.server.plan = refusing(rig.server, "dot", QUOTA)
    (name,) = rig.push()
    wait_until(lambda: alerts(rig) == ["relay-quota"] * 2, LIMIT_S,
               "the other alert")
    rig.server.plan = nothing
    rig.wait(name, "S")


def test_the_words_that_tell_may_stand_in_the_last_line(rig):
    rig.server.plan = refusing(
        rig.server, "rcpt", "550-refused\r\n550-for this reason:\r\n"
        "550 your daily sending quota is used up")
    (name,) = rig.push()
    rig.start()
    wait_until(lambda: alerts(rig) == ["relay-quota"], LIMIT_S, "the alert")
    assert "refused for this reason: your daily" in rig.log()
    rig.server.plan = nothing
    assert rig.wait(name, "S")["n"] == "1"


@pytest.mark.parametrize("step", ["banner", "ehlo"])
def test_before_a_mail_is_named_all_lines_count_too(rig, step):
    rig.server.plan = refusing(
        rig.server, step, "554-no\r\n554 your daily quota is used up")
    (name,) = rig.push()
    rig.start()
    wait_until(lambda: alerts(rig) == ["relay-quota"], LIMIT_S, "the alert")
    assert re.search("class=quota rule=.*: 554 no your daily", rig.log())
    rig.server.plan = nothing
    assert rig.wait(name, "S")["n"] == "1"


# ---- content ------------------------------------------------------------------

def test_content_that_is_refused_ends_until_it_repeats(rig):
    rig.server.plan = refusing(rig.server, "dot",
                               "554 5.7.1 Message rejected as spam")
    rig.set(storm_hold="300ms")
    for number in range(2):
        (name,) = rig.push(**to(number))
        assert "rejected as spam" in rig.wait(name, "X")["rep"]
    assert alerts(rig) == []
    names = push(rig, 4)
    wait_until(lambda: alerts(rig) == ["relay-content"], LIMIT_S, "the alert")
    before = asked(rig, "dot")
    wait_until(lambda: asked(rig, "dot") >= before + 12, LIMIT_S, "more tries")
    assert "X" not in states(rig, names)
    rig.server.plan = nothing
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"


def test_of_many_contents_that_are_refused_at_once_one_is_believed(rig):
    rig.server.plan = refusing(rig.server, "dot",
                               "554 5.7.1 Message rejected as spam")
    names = [rig.push(**to(1, f"d{number}.example"))[0]
             for number in range(40)]
    rig.set(storm_hold="500ms", workers="4")
    wait_until(lambda: asked(rig, "dot") >= 80, LIMIT_S, "many refusals")
    assert states(rig, names).count("X") == 1
    assert alerts(rig) == ["relay-content"]
    rig.server.plan = nothing
    wait_until(lambda: states(rig, names).count("S") == 39, LIMIT_S,
               "all others")


# ---- too fast -----------------------------------------------------------------

class Limited:
    """A plan: more than `most` mails in any second are too many."""

    def __init__(self, most, wish):
        self.most, self.wish, self.taken, self.refused = most, wish, [], 0

    def __call__(self, step, _session, _mail):
        if step != "dot":
            return None
        now = time.monotonic()
        self.taken = [at for at in self.taken if now - at < 1]
        if len(self.taken) >= self.most:
            self.refused += 1
            return self.wish
        self.taken.append(now)
        return None


@pytest.mark.parametrize("wish", [RATE, (
    "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded")])
def test_a_rate_that_is_too_high_makes_no_mail_minutes_late(rig, wish):
    plan = rig.server.plan = Limited(20, wish)
    names = rig.push(300)
    rig.set(workers="8", retry_min="10min", retry_max="1h")
    wait_until(lambda: len(rig.server.accepted) >= 300, 90, "all of them")
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    assert 0 < plan.refused < 150
    assert "mail server wants them slower relay=local" in rig.log()
    assert alerts(rig) == []


def test_a_relay_that_bears_nothing_for_a_while_is_found_again(rig):
    rig.server.plan = refusing(rig.server, "dot", RATE)
    names = rig.push(40)
    rig.set(retry_min="10min", retry_max="1h")
    wait_until(lambda: asked(rig, "dot") >= 10, LIMIT_S, "refusals")
    rig.server.plan = nothing
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
