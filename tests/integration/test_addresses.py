# SPDX-License-Identifier: MIT
"""A relay's name with several addresses, of which some are dead."""

import contextlib
import os
import re
import socket
import subprocess
import time

import pytest
from stack import confs, names, parts
from stack.certs import Authority
from stack.console import Console
from stack.faulty import FaultySmtp, server_context
from stack.procs import read_text
from stack.rig import LIMIT_S, Rig
from stack.visitor import wait_until

NAME = "mx.many.example"
# glibc's getaddrinfo() puts those first that share most bits with ours.
DEAD, GOOD = ["127.0.0.1", "127.0.0.2", "127.0.0.3"], "127.0.0.9"


@contextlib.contextmanager
def silent(host, port):
    """Answers no connection: nobody accepts, and its queue is full."""
    with socket.socket() as server, socket.socket() as first:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, port))
        server.listen(0)
        first.connect((host, port))
        yield


@contextlib.contextmanager
def refuses(host, port):
    """Nobody is there."""
    with socket.socket() as taken:
        taken.bind((host, port))
        yield


@contextlib.contextmanager
def never_greets(host, port):
    """Takes connections and says nothing."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, port))
        server.listen(64)
        yield


@contextlib.contextmanager
def says_no(host, port):
    """Greets with a refusal."""
    with FaultySmtp(lambda step, *_: "554 5.3.2 not here", port=port,
                    host=host):
        yield


SORTS = {sort.__name__: sort for sort in (silent, refuses, never_greets,
                                          says_no)}
WORDS = {"silent": r"no answer within \S+ s", "refuses": "refused",
         "never_greets": "no answer at greeting",
         "says_no": "554 5.3.2 not here"}


@pytest.fixture
def many(tmp_path):
    """maild, whose relay has a name; the good server is its last address."""
    if names.NEEDS_ROOT:
        pytest.skip("needs root: a hosts file of its own")
    one = Rig(tmp_path / "rig", workers="1", breaker_max="5s",
              greeting_timeout="5s")
    one.server.close()
    one.server = FaultySmtp(host=GOOD)
    one.dead = contextlib.ExitStack()
    one.port = one.server.port
    one.relay(host=NAME, port=one.port, tls="off-anywhere", session_mails="1")
    yield one
    one.close()
    one.dead.close()


def known_as(rig, *addresses):
    rig.stack.before["maild"] = names.known(rig.stack.at.conf,
                                            {NAME: addresses})


def die(rig, *sorts):
    """The first addresses are dead, each in its own way; the last is good."""
    for host, sort in zip(DEAD, sorts):
        rig.dead.enter_context(SORTS[sort](host, rig.port))
    known_as(rig, *DEAD[:len(sorts)], GOOD)


def run(rig, *words, program="maild"):
    conf = os.path.join(rig.stack.at.conf, "maild.conf")
    return subprocess.run(
        [*rig.stack.before["maild"], rig.stack.at.program("maild/" + program),
         "-c", conf, *words],
        capture_output=True, text=True, timeout=60, check=False,
        env=parts.environment(rig.stack.at))


@pytest.mark.parametrize("sort", SORTS)
def test_a_dead_first_address_holds_up_one_mail_at_most(many, sort):
    die(many, sort)
    many.start()
    (first,) = many.push()
    many.wait(first, "S")
    assert many.job(first)["n"] == "1"
    assert re.search(f"mail server address failed relay=local "
                     f"address=127.0.0.1: {WORDS[sort]}", many.log())
    # The next session goes to the good one at once.
    begun = time.monotonic()
    (second,) = many.push()
    many.wait(second, "S")
    assert time.monotonic() - begun < 4
    assert many.accepted() == [first, second]
    assert many.server.sessions == 2
    assert many.log().count("address failed") == 1
    assert "mail server away" not in many.log()


def test_three_of_four_are_dead_in_three_ways(many):
    die(many, "never_greets", "silent", "refuses")
    many.set(workers="4")
    sent = many.push(12)
    for name in sent:
        many.wait(name, "S")
    assert sorted(many.accepted()) == sorted(sent)
    assert "mail server away" not in many.log()


def test_an_address_without_a_way_there_is_left_at_once(many):
    known_as(many, "2001:db8::1", "224.0.0.1", GOOD)
    many.start()
    begun = time.monotonic()
    (name,) = many.push()
    many.wait(name, "S")
    assert time.monotonic() - begun < 8
    assert many.accepted() == [name]


def test_who_dies_later_is_left_and_who_rises_is_found(many):
    other = FaultySmtp(host="127.0.0.1", port=many.port)
    known_as(many, "127.0.0.1", GOOD)
    many.start()
    (name,) = many.push()
    many.wait(name, "S")
    assert len(other.accepted) == 1
    other.close()
    (name,) = many.push()
    many.wait(name, "S")
    assert many.accepted() == [name]
    many.server.close()
    with FaultySmtp(host="127.0.0.1", port=many.port) as other:
        (name,) = many.push()
        many.wait(name, "S")
        assert len(other.accepted) == 1
    many.server = FaultySmtp(host=GOOD)


def test_when_all_are_dead_the_cause_names_each(many):
    die(many, "silent", "refuses")
    many.server.close()
    many.set(connect_timeout="3s")
    (name,) = many.push()
    wait_until(lambda: "mail server away" in many.log(), LIMIT_S, "the breaker")
    cause = (f"connect {NAME} (127.0.0.2): refused; (127.0.0.9): refused; "
             "(127.0.0.1): no answer within 3 s")
    assert "stage=connect class=relay rule=" in many.log()
    assert cause in many.log(), many.log()
    wait_until(lambda: any(relay["cause"] == cause for one in Console(
        many.stack).json("status")["instances"] for relay in one["relays"]),
        LIMIT_S, "the cause in the status")
    assert many.job(name)["n"] == "0"
    many.server = FaultySmtp(host=GOOD, port=many.port)
    assert many.wait(name, "S")["n"] == "1"


def test_the_certificate_is_checked_for_the_name(many, tmp_path):
    authority = Authority(tmp_path)
    good = authority.issue(NAME)
    many.server.tls = lambda: server_context(*good)
    many.server.extensions.append("STARTTLS")
    many.relay(tls="required", tls_ca_file=authority.file)
    die(many, "silent")
    many.start()
    (name,) = many.push()
    many.wait(name, "S")
    assert set(many.server.names) == {NAME}
    good = authority.issue(GOOD)
    (name,) = many.push()
    wait_until(lambda: f"certificate for {NAME}: " in many.log(), LIMIT_S,
               "the alert")
    assert many.server.mails == 1


def test_checks_go_the_senders_way(many):
    die(many, "silent", "never_greets")
    many.start()
    result = run(many, "-t")
    assert result.returncode == 0
    assert re.search(
        rf"^note: \[relay local\]: connect {NAME} \(127.0.0.1\): no answer "
        r"within \S+ s; \(127.0.0.2\): does not greet$", result.stderr, re.M)
    result = run(many, "--test-mail", "zoe@example.org")
    assert result.returncode == 0, result.stdout
    assert "sent at dot" in result.stdout
    result = run(many, "status", "--check", "--smtp", program="maildctl/maildctl")
    assert result.returncode == 0, result.stdout
    many.server.close()
    result = run(many, "-t")
    assert f"[relay local]: mail server {NAME}:{many.port} " in result.stderr
    assert "(127.0.0.9): refused" in result.stderr
    result = run(many, "status", "--check", "--smtp", program="maildctl/maildctl")
    assert result.returncode == 1
    result = run(many, "--test-mail", "zoe@example.org")
    assert result.returncode == 75
    many.server = FaultySmtp(host=GOOD)


def test_a_name_server_that_does_not_answer_is_no_longer_waited_for(many):
    many.stack.before["maild"] = names.unanswered(many.stack.at.conf)
    many.stack.overrides["maild"]["connect_timeout"] = "4s"
    confs.maild(many.stack)
    begun = time.monotonic()
    result = run(many, "-t")
    assert 3 <= time.monotonic() - begun < 10
    assert re.search(
        rf"note: \[relay local\]: mail server {NAME}:\d+ does not answer: "
        rf"look up {NAME}: no answer within 3.0 s", result.stderr)
    result = run(many, "--test-mail", "zoe@example.org")
    assert (f"relay at connect: look up {NAME}: no answer within 3.0 s"
            in result.stdout)


@pytest.mark.skipif(os.getuid() != 0,
                    reason="needs root: what a worker has open is hidden")
def test_a_session_leaves_nothing_behind(rig):
    """The library gets its connections through a port of ours."""
    rig.set(workers="1")
    rig.relay(session_mails="1")
    rig.stack.restart("maild")

    def held():
        """What the worker has open: no other sockets than at first."""
        (worker,) = [pid for title, pid in rig.stack.children("maild").items()
                     if title.startswith("worker")]
        # The mail is sent before its session is over.
        wait_until(lambda: "idle" in read_text(f"/proc/{worker}/cmdline"),
                   LIMIT_S, "the end of the session")
        return sorted(os.readlink(f"/proc/{worker}/fd/{fd}")
                      for fd in os.listdir(f"/proc/{worker}/fd"))

    rig.wait(rig.push(1)[0], "S")
    before = held()
    for name in rig.push(30):
        rig.wait(name, "S")
    assert rig.server.sessions == 31
    assert held() == before


# ---- past every time-out ------------------------------------------------------

def test_a_worker_killed_at_its_deadline_is_told_of(rig):
    """A byte a second is never late for any single wait."""
    told = []
    rig.server.plan = lambda step, *_: (
        "drip" if step == "ehlo" and not told else None)
    rig.set(greeting_timeout="3s", envelope_timeout="1s",
            transfer_timeout="1s", final_timeout="1s", breaker_max="1s")
    mails = rig.push(2)
    wait_until(lambda: "alert key=relay-overdue:local" in rig.log(),
               2 * LIMIT_S, "the alert")
    told.append(True)
    log = rig.log()
    for turn in (1, 2):
        assert re.search(
            rf"worker overdue worker=\d job=({'|'.join(mails)}) relay=local "
            rf"stage=EHLO in_a_row={turn}", log), log
    assert ("relay local neither answers nor ends, mails wait: 2 workers in a "
            "row were killed past every time-out, the last at EHLO") in log
    cause = "at EHLO past every time-out, worker killed"
    wait_until(lambda: any(relay["cause"] == cause for one in Console(
        rig.stack).json("status")["instances"] for relay in one["relays"]),
        LIMIT_S, "the cause in the status")
    for name in mails:
        assert rig.wait(name, "S")["n"] == "1"
    assert sorted(rig.accepted()) == sorted(mails)
