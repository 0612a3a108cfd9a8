# SPDX-License-Identifier: MIT
"""Log-ins with access tokens: where they come from, and what ends them."""

import base64
import json
import os
import secrets
import subprocess

import pytest
from stack.certs import Authority
from stack.console import Console
from stack.faulty import FaultySmtp, server_context
from stack.layout import TOP, write_text
from stack.paper import blocks
from stack.procs import read_text
from stack.rig import LIMIT_S, Rig, once
from stack.tokens import TokenService
from stack.visitor import wait_until

NAME, USER = "mx.reservoir.example", "rdv@example.org"
WAYS = {"xoauth2": "XOAUTH2", "oauthbearer": "OAUTHBEARER"}
SHARED = secrets.token_urlsafe(3072)    # 4 KB, as Microsoft's may have


class Command:
    """A program that prints tokens, and notes each run."""

    def __init__(self, directory):
        self.path, self.log = directory / "token-command", directory / "runs"

    def body(self, text):
        write_text(str(self.path), f"#!/bin/sh\necho run >>{self.log}\n{text}\n",
                   0o755)

    def prints(self, token, life=3600):
        self.body(f"echo {token}\necho {life}")

    def runs(self):
        return read_text(self.log).count("run")


@pytest.fixture(name="command")
def _command(tmp_path):
    one = Command(tmp_path)
    one.prints(SHARED)
    return one


@pytest.fixture(name="rig")
def _rig(tmp_path, command):
    """A server that knows one token, and a maild that gets it."""
    one = Rig(tmp_path / "rig")
    one.server.extensions.append("AUTH PLAIN XOAUTH2 OAUTHBEARER")
    one.server.tokens = {SHARED: USER}
    one.relay(auth="xoauth2", auth_user=USER, auth_clear="yes",
              auth_token_command=str(command.path))
    yield one
    try:
        no_token_is_told(one)
    finally:
        one.close()


def no_token_is_told(rig):
    """Neither a token nor its base64 is anywhere that people look."""
    shown = rig.log() + "".join(
        str(rig.redis.hgetall(key)) for key in rig.redis.keys("*")
        if rig.redis.type(key) == "hash")
    for token in {token for _, token in rig.server.logins} | {SHARED}:
        for text in (token, base64.b64encode(token.encode()).decode()[:40]):
            assert text not in shown


def said(rig, words):
    wait_until(lambda: words in rig.log(), LIMIT_S, words)


def shows(rig, *words):
    """Waits until maildctl status has these in one line."""
    console = Console(rig.stack)
    wait_until(lambda: any(all(word in line for word in words)
                           for line in console.out("status").splitlines()),
               LIMIT_S, f"a status with {words}")


def reload(rig):
    """Returns when the settings are in force, and no worker has others."""
    count = rig.log().count("reloaded settings=")
    before = [pid for role, pid in rig.stack.children("maild").items()
              if role.startswith("worker")]
    assert before
    rig.reload()
    wait_until(lambda: rig.log().count("reloaded settings=") > count, LIMIT_S,
               "the reload")
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}")
                               for pid in before), LIMIT_S, "their end")


@pytest.mark.parametrize("auth", WAYS)
def test_mails_go_with_a_long_token_inside_tls(rig, command, tmp_path, auth):
    authority = Authority(tmp_path / "ca")
    rig.server.extensions.append("STARTTLS")
    rig.server.tls = server_context(*authority.issue(NAME))
    rig.relay(auth=auth, auth_clear="no", tls="required",
              tls_ca_file=authority.file, tls_name=NAME, session_mails="2")
    rig.start()
    names = rig.push(6)
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    assert set(rig.server.logins) == {(USER, SHARED)}
    # Too long for the command itself.
    assert f"AUTH {WAYS[auth]}" in [line for _, line in rig.server.commands]
    assert command.runs() == 1


def test_a_token_that_ran_out_at_the_server_costs_nothing(rig, command):
    rig.relay(session_mails="1")
    rig.set(workers="1")
    (name,) = rig.push()
    rig.wait(name, "S")
    # The clock of the service, or somebody who revoked it.
    rig.server.tokens = {"another-token": USER}
    command.prints("another-token")
    sessions = rig.server.sessions
    (name,) = rig.push()
    assert rig.wait(name, "S")["n"] == "1"
    assert rig.server.sessions == sessions + 1      # asked again in it
    assert command.runs() == 2
    assert "cannot be used" not in rig.log()
    assert "mail server away" not in rig.log()


def test_many_workers_replace_one_token_once(rig, command):
    rig.relay(session_mails="1")
    rig.set(workers="8")
    for name in rig.push(8):
        rig.wait(name, "S")
    rig.server.tokens = {"another-token": USER}
    command.prints("another-token")
    for name in rig.push(40):
        assert rig.wait(name, "S")["n"] == "1"
    assert command.runs() == 2


def test_a_token_that_is_refused_again_and_again_waits(rig, command):
    command.prints("wrong")
    names = rig.push(5)
    rig.start()
    said(rig, "relay local cannot be used as it is configured")
    said(rig, "at AUTH: 535 5.7.8 token expired")
    for name in names:
        assert rig.job(name)["n"] == "0"
        assert rig.job(name)["st"] in "QP"
    assert rig.server.mails == 0
    assert command.runs() <= 3
    # Neither locks the account: a try, and half a minute.
    assert len(rig.server.logins) <= 2 * command.runs() + 2
    command.prints(SHARED)
    rig.relay(auth_user=USER + ".new")
    rig.server.tokens = {SHARED: USER + ".new"}
    rig.reload()
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"


@pytest.mark.parametrize("body,words", [
    ("exit 3", "failed with status 3"),
    ("echo out of order >&2; exit 1", "failed with status 1: out of order"),
    ("kill -9 $$", "was killed by signal 9"),
    ("true", "printed nothing"),
    ("exec >&-; sleep 0.2", "printed nothing"),
    ("head -c 500 /dev/urandom", "first line"),
    ("exec yes", "more than 8192 bytes"),
    ("echo abc; echo 0", "second line"),
    ("echo abc; echo -1", "second line"),
    ("echo abc; echo 1795910400", "second line"),
    ("echo '{\"access_token\":\"abc\"}'", "first line"),
])
def test_a_command_that_fails_or_lies_charges_nothing(rig, command, body,
                                                      words):
    command.body(body)
    names = rig.push(3)
    rig.start()
    said(rig, "alert key=relay-token:local: relay local: mails wait, there "
         "is no access token: auth_token_command: ")
    said(rig, words)
    assert "token=" not in rig.log()
    for name in names:
        wait_until(lambda: "st" in rig.job(name), LIMIT_S, "admitted")
        assert rig.job(name)["n"] == "0"
    # Nobody is asked without anything to show.
    assert rig.server.sessions == 0
    assert rig.log().count("alert key=relay-token") == 1
    shows(rig, "logs in with a token that it does not have, mails wait: ",
          words)
    command.prints(SHARED)
    rig.reload()
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    shows(rig, "logs in with a token until ")


def test_the_next_relay_sends_while_there_is_no_token(rig, command):
    command.body("exit 1")
    with FaultySmtp() as other:
        rig.relay("other", port=other.port)
        rig.start()
        (name,) = rig.push()
        assert rig.wait(name, "S")["n"] == "1"
        assert len(other.accepted) == 1
    assert rig.server.sessions == 0


def test_a_command_that_hangs_holds_nobody(rig, command, tmp_path):
    command.body(f"sleep 600 & echo $! >{tmp_path}/child; wait")
    with FaultySmtp() as other:
        rig.relay("other", port=other.port)
        rig.start()
        for name in rig.push(5):
            rig.wait(name, "S")
        console = Console(rig.stack)
        wait_until(lambda: console.json("status")["instances"], LIMIT_S,
                   "a status")
        reload(rig)
        (name,) = rig.push()
        rig.wait(name, "S")
        rig.stack.stop("maild")
    # It does not outlive who started it.
    child = int(read_text(tmp_path / "child"))
    wait_until(lambda: not os.path.exists(f"/proc/{child}"), LIMIT_S,
               "the end of the command's child")


def test_a_token_is_renewed_before_its_end(rig, command):
    command.prints(SHARED, 7)
    rig.start()
    wait_until(lambda: command.runs() >= 3, LIMIT_S, "the third run")
    (name,) = rig.push()
    rig.wait(name, "S")
    assert "mails wait" not in rig.log()


def test_another_log_in_gets_its_own_token(rig, command, tmp_path):
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    reload(rig)
    (name,) = rig.push()
    rig.wait(name, "S")
    assert command.runs() == 1      # nothing about it has changed
    (tmp_path / "b").mkdir()
    other = Command(tmp_path / "b")
    other.prints("other-token")
    rig.server.tokens = {"other-token": USER}
    rig.relay(auth_token_command=str(other.path))
    reload(rig)
    (name,) = rig.push()
    assert rig.wait(name, "S")["n"] == "1"
    assert rig.server.logins[-1] == (USER, "other-token")
    assert (USER, SHARED) not in rig.server.logins[2:]


def test_a_killed_worker_leaves_the_token_where_it_is(rig, command):
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    for role, pid in rig.stack.children("maild").items():
        if role.startswith("worker"):
            os.kill(pid, 9)
    (name,) = rig.push()
    rig.wait(name, "S")
    assert command.runs() == 1


def test_a_file_is_read_again_when_somebody_renews_it(rig, tmp_path):
    file = str(tmp_path / "token")
    rig.relay(auth_token_command="", auth_token_file=file, session_mails="1")
    rig.start()     # before the one who renews it
    (name,) = rig.push()
    said(rig, "No such file")
    write_text(file, SHARED + "\n")
    assert rig.wait(name, "S")["n"] == "1"
    rig.server.tokens = {"next-token": USER}
    write_text(file, "next-token\n")
    (name,) = rig.push()
    assert rig.wait(name, "S")["n"] == "1"
    assert "cannot be used" not in rig.log()


def test_a_server_without_that_way_is_told_with_its_ways(rig):
    rig.server.extensions[-1] = "AUTH PLAIN LOGIN"
    (name,) = rig.push()
    rig.start()
    said(rig, "relay local cannot be used as it is configured")
    said(rig, "AUTH XOAUTH2")
    said(rig, "PLAIN, LOGIN")
    assert rig.job(name)["n"] == "0"
    assert rig.server.logins == []


def test_a_log_in_that_fails_for_now_keeps_the_token(rig, command):
    rig.server.plan = once("auth", "454 4.7.0 try later")
    (name,) = rig.push()
    rig.start()
    assert rig.wait(name, "S")["n"] == "1"
    assert command.runs() == 1
    assert "cannot be used" not in rig.log()


def test_the_test_mail_gets_a_token_by_itself(rig, command):
    rig.start()
    rig.stack.stop("maild")
    runs = command.runs()
    argv = [rig.stack.env["MAILD"], "-c", rig.stack.env["MAILD_CONF"],
            "--test-mail", "zoe@example.org"]

    def run():
        return subprocess.run(argv, capture_output=True, text=True,
                              check=False, timeout=60)
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "C: AUTH XOAUTH2 [redacted]" in done.stdout
    assert SHARED[:40] not in done.stdout + done.stderr
    assert base64.b64encode(SHARED.encode()).decode()[:40] not in done.stdout
    assert command.runs() == runs + 1
    rig.server.tokens = {}
    done = run()
    assert done.returncode == 77, done.stdout
    command.body("echo no such client >&2; exit 1")
    done = run()
    assert done.returncode != 0 and "no such client" in done.stdout


@pytest.fixture(name="service")
def _service(tmp_path):
    authority = Authority(tmp_path / "service-ca")
    one = TokenService(authority.issue("127.0.0.1"))
    one.ca_file = authority.file
    yield one
    one.close()


def test_the_shipped_helper_brings_tokens_from_a_service(rig, command, service,
                                                         tmp_path):
    """Which fails at first, and hangs."""
    conf, secret = str(tmp_path / "token.conf"), str(tmp_path / "secret")
    write_text(secret, "of-the-client\n")
    write_text(conf, "[token]\nprovider = microsoft\ntenant = contoso\n"
               f"client_id = me\nclient_secret_file = {secret}\ntimeout = 2\n"
               f"authority = {service.url}\nca_file = {service.ca_file}\n")
    helper = os.path.join(TOP, "maild", "token", "reservoir-token.py")
    command.body(f"exec /usr/bin/python3 {helper} -c {conf}")
    service.user, service.length = USER, 3000
    wishes = ["refuse", "hang"]
    service.plan = lambda: wishes.pop(0) if wishes else None
    rig.server.tokens = service.known
    rig.start()
    names = rig.push(3)
    said(rig, "refused: AADSTS7000215")
    rig.reload()
    said(rig, "no answer in time")
    assert all(rig.job(name)["n"] == "0" for name in names)
    rig.reload()
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    assert "of-the-client" not in rig.log()


# ---- the examples of doc/operations.md --------------------------------------

@pytest.mark.parametrize("name", ["microsoft", "google"])
def test_the_examples_work_as_they_are(rig, command, service, tmp_path, name):
    """With the provider's host and port, and the paths, put in place."""
    relay = {"microsoft": "microsoft", "google": "googletoken"}[name]
    (conf,), (text,) = (blocks("operations.md", "conf", relay),
                        blocks("operations.md", "token", name))
    settings = dict(line.split(" = ", 1) for line in
                    conf.partition("[relay ")[2].splitlines()[1:])
    secret = str(tmp_path / "entra")
    write_text(secret, "of-the-client\n")
    write_text(str(tmp_path / "google.json"), json.dumps({
        "type": "service_account", "private_key_id": "1", "client_id": "1",
        "client_email": "robot@project.example", "token_uri": "https://x/",
        "private_key": subprocess.run(
            ["openssl", "genrsa", "-traditional", "2048"], check=True,
            text=True, capture_output=True, timeout=60).stdout}))
    file = str(tmp_path / "token.conf")
    write_text(file, text.replace("/etc/reservoir/token/", f"{tmp_path}/")
               + f"ca_file = {service.ca_file}\n"
               + {"microsoft": f"authority = {service.url}\n",
                  "google": f"token_url = {service.url}/token\n"}[name])
    assert settings["auth_token_command"] == "/usr/bin/reservoir-token"
    helper = os.path.join(TOP, "maild", "token", "reservoir-token.py")
    command.body(f"exec /usr/bin/python3 {helper} -c {file}")
    service.user, service.length = settings["auth_user"], 2000
    rig.server.tokens = service.known
    rig.server.extensions.append("STARTTLS")
    authority = Authority(tmp_path / "ca")
    rig.server.tls = server_context(*authority.issue(settings["host"]))
    rig.server.implicit = settings["port"] == "465"
    rig.relay(**settings | {
        "host": "127.0.0.1", "port": rig.server.port, "auth_clear": "no",
        "tls": "implicit" if rig.server.implicit else "required",
        "tls_name": settings["host"], "tls_ca_file": authority.file,
        "auth_token_command": str(command.path), "rate": "0"})
    rig.start()
    for mail in rig.push(3):
        assert rig.wait(mail, "S")["n"] == "1"
    assert {user for user, _ in rig.server.logins} == {settings["auth_user"]}
