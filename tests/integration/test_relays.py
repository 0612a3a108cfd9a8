# SPDX-License-Identifier: MIT
"""Several relays: breaker, fallback, storms, limits, and a mail to watch."""

import os
import pwd
import re
import subprocess

import pytest
from stack.faulty import FaultySmtp
from stack.layout import copy_for_all, free_port, write_text
from stack.rig import LIMIT_S, once
from stack.visitor import wait_until


@pytest.fixture
def second():
    with FaultySmtp() as server:
        yield server


def always(step, wish):
    return lambda now, _session, _mail: wish if now == step else None


def count(rig, words):
    return len(re.findall(words, rig.log()))


# ---- breaker ----------------------------------------------------------------

def test_the_reason_is_this_failures_not_the_last_mails(rig):
    rig.set(workers="1", session_idle="100ms")
    (first,) = rig.push()
    rig.wait(first, "S")
    rig.server.plan = always("mail", "close")
    rig.push()
    wait_until(lambda: "mail server away" in rig.log(), LIMIT_S, "the breaker")
    (line,) = re.findall("mail server away.*", rig.log())[:1]
    assert "relay=local stage=MAIL" in line
    assert line.endswith(": no answer at MAIL")


@pytest.mark.parametrize("wish,words", [
    ("554 5.7.1 go away", "stage=greeting .*: 554 5.7.1 go away"),
    ("garbage", r"stage=greeting .*: no SMTP reply: .*garbage"),
])
def test_the_greeting_is_quoted(rig, wish, words):
    rig.server.plan = once("banner", wish, 4)
    rig.start()
    (name,) = rig.push()
    wait_until(lambda: re.search("away relay=local " + words, rig.log()),
               LIMIT_S, "the words")
    assert rig.wait(name, "S")["n"] == "1"


def test_a_session_that_the_server_ends_is_no_failure(rig):
    """As many servers do after so many mails: 421 to the next MAIL."""
    def plan(step, session, _mail):
        mails = sum(seen[:2] == ("mail", session)
                    for seen in rig.server.steps)
        return ("421 4.7.0 enough for one session"
                if step == "mail" and mails > 2 else None)
    rig.server.plan = plan
    names = rig.push(9)
    rig.set(workers="1")
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    assert "mail server away" not in rig.log()
    assert sorted(rig.accepted()) == sorted(names)


def test_a_server_that_drips_its_greeting_is_left(rig, second):
    """Each byte comes in time: the master's limit ends it, not a time-out."""
    rig.server.plan = always("banner", "drip")
    rig.relay("other", port=second.port)
    rig.set(workers="3", greeting_timeout="1s", envelope_timeout="1s",
            transfer_timeout="1s", final_timeout="1s", connect_timeout="1s")
    for name in rig.push(3):
        assert rig.wait(name, "S")["n"] == "1"


# ---- fallback ---------------------------------------------------------------

def test_the_second_relay_takes_over_and_gives_back(rig, second):
    rig.relay("other", port=second.port)
    port = rig.server.port
    rig.server.close()
    rig.set(breaker_max="1s")
    names = rig.push(6)
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    assert len(second.accepted) == 6
    with FaultySmtp(port=port) as first:
        def back():
            rig.push()
            return first.accepted
        wait_until(back, LIMIT_S, "mail through the first relay", pause_s=0.3)
    rig.server = FaultySmtp()
    assert "mail server is back relay=local" in rig.log()


def test_a_full_relay_overflows_to_the_next(rig, second):
    rig.server.plan = lambda step, *_: 0.3 if step == "rcpt" else None
    rig.relay(connections="1")
    rig.relay("other", port=second.port)
    rig.set(workers="4")
    names = rig.push(12)
    for name in names:
        rig.wait(name, "S")
    assert rig.server.most_open == 1
    assert rig.server.accepted
    assert second.accepted


def test_a_relay_with_a_wrong_setting_does_not_stop_the_other(rig, second):
    rig.relay(tls="required")
    rig.relay("other", port=second.port)
    rig.start()
    names = rig.push(5)
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    assert len(second.accepted) == 5
    wait_until(lambda: "relay local cannot be used" in rig.log(), LIMIT_S,
               "the alert")


# ---- bad addresses; more of it in test_refusals.py --------------------------

def to(number):
    return {"to": {"email": f"visitor{number}@example.org"}}


def test_a_few_bad_addresses_are_refused_in_the_end(rig):
    rig.server.plan = always("rcpt", "550 5.1.1 no such user")
    rig.set(storm_limit="20", storm_hold="100ms")
    names = [rig.push(**to(number))[0] for number in range(5)]
    for name in names:
        assert rig.wait(name, "X")["rep"].startswith("rejected: 550 5.1.1")
    assert "in a row" not in rig.log()


def test_one_bad_address_again_and_again_is_no_storm(rig):
    rig.server.plan = always("rcpt", "550 5.1.1 no such user")
    rig.set(storm_limit="5")
    for name in rig.push(10):
        rig.wait(name, "X")


# ---- limits -----------------------------------------------------------------

def test_a_server_with_too_many_connections_gets_fewer(rig):
    """As providers do: the third connection is told 421."""
    rig.server.plan = lambda step, *_: (
        "421 4.7.0 too many connections"
        if step == "banner" and rig.server.open > 2 else
        0.05 if step == "rcpt" else None)
    rig.relay(session_mails="5")
    rig.set(workers="8")
    names = rig.push(60)
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    assert "mail server has too many connections relay=local" in rig.log()
    assert sorted(rig.accepted()) == sorted(names)
    # 8 workers that each try again and again would be told so hundreds of
    # times.
    refused = sum(step == "banner" for step, _, _ in rig.server.steps) \
        - len({session for _, _, session in rig.server.accepted})
    assert refused < 60


def test_never_more_connections_than_the_settings_allow(rig):
    rig.server.plan = lambda step, *_: 0.02 if step == "rcpt" else None
    rig.relay(connections="3", session_mails="4")
    rig.set(workers="8")
    names = rig.push(60)
    for name in names:
        rig.wait(name, "S")
    assert rig.server.most_open == 3


def test_a_rate_is_kept_by_all_workers_together(rig):
    rig.relay(rate="10/s")
    rig.set(workers="4")
    names = rig.push(31)
    for name in names:
        rig.wait(name, "S")
    at = rig.server.accepted_at
    # 30 intervals of 100 ms, less what may bunch.
    assert at[-1] - at[0] >= 2.8
    assert sorted(rig.accepted()) == sorted(names)


def test_a_killed_worker_leaves_no_connection_behind(rig):
    rig.server.plan = once("rcpt", "hang")
    rig.relay(connections="1")
    rig.set(workers="2", envelope_timeout="60s")
    (name,) = rig.push()
    # Not before: a later attempt would be the one that hangs.
    wait_until(lambda: any(seen[0] == "rcpt" for seen in rig.server.steps),
               LIMIT_S, "the server at rcpt")
    for title, pid in rig.stack.children("maild").items():
        if title.startswith("worker"):
            os.kill(pid, 9)
    rig.wait(name, "S")


# ---- settings ---------------------------------------------------------------

@pytest.mark.parametrize("text,words", [
    ("[relay a]\nport = 25\n", r":1: \[relay a\] host is missing"),
    ("[relay a]\nhost = x\n[relay a]\nhost = y\n",
     r":3: \[relay a\] stands in line 1 already"),
    ("[rely a]\n", r":1: unknown section \"rely\"; there is \[relay NAME\]"),
    ("host = x\n", r":1: \"host\" belongs in a section \[relay NAME\]"),
    ("[relay a]\nhost = x\nworkers = 3\n", r":3: unknown setting \"workers\""),
    ("[relay a]\nhost = x\nrate = 5\n", r":3: rate: \"5\" is not 0 or a rate"),
    ("[relay a]\nhost = mx.example\ntls = off\n", r":1: \[relay a\] tls = off"),
    ("[relay a]\nhost = x\nauth_user = u\n", "auth_password_file is not"),
])
def test_a_wrong_section_is_named_with_its_place(rig, tmp_path, text, words):
    path = os.fspath(tmp_path / "wrong.conf")
    write_text(path, text)
    done = subprocess.run([rig.stack.env["MAILD"], "-t", "-c", path],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert re.search(words, done.stderr), done.stderr


# ---- a mail to watch --------------------------------------------------------

def watch(rig, *words):
    rig.start()
    rig.stack.stop("maild")     # the settings are written now
    rig.stack.stop("redis")     # which it does not need
    try:
        return subprocess.run(
            [rig.stack.env["MAILD"], "-c", rig.stack.env["MAILD_CONF"],
             *words], capture_output=True, text=True, check=False, timeout=60)
    finally:
        rig.stack.start("redis")


def test_the_test_mail_shows_the_dialogue_without_the_password(rig):
    path = os.path.join(rig.stack.at.conf, "relay.password")
    write_text(path, "topsecret\n")
    rig.server.extensions.append("AUTH LOGIN")
    rig.server.users = {"me": "topsecret"}
    rig.relay(auth_user="me", auth_password_file=path, auth_clear="yes")
    done = watch(rig, "--test-mail", "zoe@example.org")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for line in ("S: 220 faulty ESMTP", "C: AUTH LOGIN [redacted]",
                 "C: [redacted]", "S: 235 2.7.0 welcome",
                 "C: RCPT TO:<zoe@example.org>", "S: 250 2.0.0 queued"):
        assert line in lines
    assert lines[-1].startswith("sent at dot: 250 2.0.0 queued")
    for secret in ("topsecret", "dG9wc2VjcmV0", "bWU="):
        assert secret not in done.stdout + done.stderr
    assert len(rig.server.accepted) == 1


def test_the_test_mail_is_not_sent_by_root(open_room, rig):
    if os.getuid() != 0:
        pytest.skip("needs root: nobody else becomes another user")
    users = set()

    def look(_step, _session, _mail):
        with open("/proc/net/tcp", encoding="ascii") as file:
            rows = [line.split() for line in file][1:]
        users.update(int(row[7]) for row in rows if row[3] == "01" and
                     int(row[2].rpartition(":")[2], 16) == rig.server.port)

    assert watch(rig, "-t").returncode == 0
    rig.server.plan = look
    conf = rig.stack.env["MAILD_CONF"]
    copy_for_all(rig.stack.at.share, open_room / "share")
    with open(conf, encoding="utf-8") as file:
        text = re.sub("^(data|template)_dir = .*\n", "", file.read(), 0, re.M)
    write_text(conf, f"user = nobody\ndata_dir = {open_room}/share\n"
                     "template_dir =\n" + text)
    done = subprocess.run([rig.stack.env["MAILD"], "-c", conf, "--test-mail",
                           "zoe@example.org"], capture_output=True, text=True,
                          check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert users == {pwd.getpwnam("nobody").pw_uid}


@pytest.mark.parametrize("step,wish,status", [
    ("banner", "554 5.7.1 no", 78), ("banner", "close", 75),
    ("mail", "550 5.7.1 not you", 78), ("rcpt", "550 5.1.1 unknown", 67),
    ("rcpt", "450 4.2.0 later", 75), ("dot", "554 5.6.0 spam", 69)])
def test_the_test_mail_says_by_its_exit_status_what_came_of_it(rig, step,
                                                               wish, status):
    rig.server.plan = always(step, wish)
    done = watch(rig, "--test-mail", "zoe@example.org", "-r", "local")
    assert done.returncode == status, done.stdout
    if wish != "close":
        assert wish in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("words", [
    ("zoe",), ("zoe@example.org", "--relay", "nowhere")])
def test_a_test_mail_to_nowhere_is_a_wrong_call(rig, words):
    assert watch(rig, "--test-mail", *words).returncode == 64


def test_a_relay_that_is_not_there_is_no_wait_for_ever(rig):
    rig.relay(port=free_port())
    done = watch(rig, "--test-mail", "zoe@example.org")
    assert done.returncode == 75
    assert "at connect: " in done.stdout
