# SPDX-License-Identifier: MIT
"""The runbook's symptoms of mails and their servers, staged on maild alone."""

import json
import os
import signal

from runbook_scene import (authority, nothing, rig,      # noqa: F401
                           scene, seconds, stages)
from stack.faulty import server_context
from stack.layout import write_text
from stack.procs import alive
from stack.rig import LIMIT_S, once
from stack.visitor import wait_until

MAILD_ALONE = True
NAME = "mx.reservoir.example"


def secure(rig, files, **settings):
    """A relay with STARTTLS, and a certificate's files."""
    rig.server.extensions += ["STARTTLS", "AUTH PLAIN"]
    rig.server.tls = lambda: server_context(*files)
    rig.relay(tls="required", tls_name=NAME, **settings)
    rig.stack.restart("maild")


def refuse(step, _session, _mail):
    return "550 5.1.1 no such mailbox" if step == "rcpt" else None


# ---- a mail server that does not want us ------------------------------------

@stages("The mail server does not know our password")
def test_a_wrong_password(scene, rig, authority):
    rig.server.users = {"maild": "right"}
    path = scene.stack.at.secret_file("relay")
    write_text(path, "wrong\n")
    secure(rig, authority.issue(NAME), tls_ca_file=authority.file,
           auth_user="maild", auth_password_file=path)
    (name,) = rig.push()
    scene.sees()
    write_text(path, "right\n")
    scene.acts()
    rig.wait(name, "S")


@stages("There is no access token")
def test_no_access_token(scene, rig, tmp_path):
    command = str(tmp_path / "token")
    write_text(command, "#!/bin/sh\necho the secret has expired >&2; exit 1\n",
               0o755)
    rig.server.extensions.append("AUTH XOAUTH2")
    rig.server.tokens = {"abc": "maild"}
    rig.relay(auth="xoauth2", auth_user="maild", auth_clear="yes",
              auth_token_command=command)
    rig.stack.restart("maild")
    (name,) = rig.push()
    scene.sees()
    write_text(command, "#!/bin/sh\necho abc\n", 0o755)
    scene.acts()
    rig.wait(name, "S")


@stages("The mail server refuses our sender")
def test_a_refused_sender(scene, rig):
    good = "good@reservoir.example"
    rig.server.plan = lambda step, *_: (
        "550 5.7.1 not this sender" if step == "mail"
        and good not in rig.server.commands[-1][1] else None)
    (name,) = rig.push()
    scene.sees()
    scene.acts("maild", ADDRESS=good)
    rig.wait(name, "S")


@stages("The mail server's certificate is not believed")
def test_an_unknown_certificate(scene, rig, authority):
    files = authority.self_signed(NAME)
    secure(rig, files)
    (name,) = rig.push()
    scene.sees()
    scene.acts("maild", FILE=files[0])
    rig.wait(name, "S")


def push_to_domains(rig, count):
    return sum((rig.push(to={"email": f"zoe@d{n}.example"})
                for n in range(count)), [])


@stages("The mail server refuses everybody")
def test_everybody_is_refused(scene, rig):
    rig.server.plan = lambda step, *_: (
        "550 refused" if step == "rcpt" else None)
    names = push_to_domains(rig, 8)
    scene.sees()
    assert "X" not in [rig.job(name)["st"] for name in names]
    rig.server.plan = nothing
    assert "550 refused" in scene.acts(ID=names[0])
    for name in names:
        rig.wait(name, "S")


@stages("A day's limit is reached")
def test_a_limit_that_is_reached(scene, rig):
    rig.server.plan = lambda step, *_: (
        "550 5.4.5 Daily sending quota exceeded" if step == "dot" else None)
    names = push_to_domains(rig, 4)
    scene.sees()
    rig.server.plan = nothing
    scene.acts()
    for name in names:
        rig.wait(name, "S")


@stages("The mail server does not like what mails say")
def test_content_that_is_refused(scene, rig):
    rig.server.plan = lambda step, *_: (
        "554 5.7.1 Message rejected as spam" if step == "dot" else None)
    names = push_to_domains(rig, 6)
    scene.sees()
    assert [rig.job(name)["st"] for name in names].count("X") <= 2
    rig.server.plan = nothing
    scene.acts()
    for name in names:
        rig.wait(name, "S")


# ---- mails that end as they should not --------------------------------------

@stages("There are dead letters")
def test_dead_letters(scene, rig):
    rig.server.plan = refuse
    (name,) = rig.push()
    rig.wait(name, "X")
    scene.sees()
    rig.server.plan = nothing
    scene.acts(ID=name)
    rig.wait(name, "S")


@stages("A mail was never taken in time")
def test_an_expired_mail(scene, rig):
    rig.server.plan = lambda step, *_: (
        "450 4.7.1 later" if step == "rcpt" else None)
    (name,) = rig.push()
    rig.wait(name, "R")
    # An hour passes.
    rig.redis.hincrby(f"{rig.prefix}j:{name}", "ta", -3600 * 1000)
    rig.wait(name, "X")
    scene.sees()
    rig.server.plan = nothing
    assert "450 4.7.1 later" in scene.acts(ID=name)
    rig.wait(name, "S")


@stages("Somebody pushes what is no envelope")
def test_no_envelope(scene, rig):
    rig.redis.rpush(rig.prefix + "intake", '{"v":1, oops}')
    scene.sees()
    path = scene.stack.at.path("tmp", "envelope.json")
    write_text(path, json.dumps({
        "v": 1, "id": "corrected", "kind": "notice", "locale": "fr",
        "to": {"email": "zoe@example.org"},
        "data": {"subject": "a", "paragraphs": ["b"]}}))
    scene.acts(FILE=path)
    assert "line 1" not in scene.admin.type("maildctl list --state malformed")


@stages("A mail came twice")
def test_a_slow_answer(scene, rig):
    rig.server.plan = once("reply", 3)      # final_timeout is 2 s here
    (name,) = rig.push()
    rig.wait(name, "S")
    assert rig.accepted().count(name) == 2
    scene.sees(ID=name)
    old = set(rig.stack.children("maild").values())
    scene.acts("maild")
    wait_until(lambda: "reloaded settings=" in scene.log() and
               not old & set(rig.stack.children("maild").values()),
               LIMIT_S, "workers that know it")
    rig.server.plan = once("reply", 3)
    (name,) = rig.push()
    rig.wait(name, "S")
    assert rig.accepted().count(name) == 1


@stages("An edited template is not used")
def test_a_broken_template(scene, rig):
    path = scene.stack.at.path("templates", "fr", "notice.txt")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_text(path, "Subject: edited\n\n{{#never}}\nclosed")
    try:
        status, said = scene.admin.try_to("service maild reload")
        assert status == 6 and f"{path}:3: " in said
        os.kill(scene.stack.pid("maild"), signal.SIGHUP)    # as nobody should
        rig.push()
        scene.sees()
        status, said = scene.admin.try_to("maild -t")
        assert status == 78 and f"{path}:3: " in said
    except BaseException:
        os.unlink(path)
        raise
    write_text(path, "Subject: edited\n\ngood\n")
    scene.acts()
    os.unlink(path)


@stages("A worker dies again and again")
def test_a_mail_that_kills(scene, rig):
    rig.server.plan = lambda step, *_: "hang" if step == "data" else None
    (name,) = rig.push()
    for _ in range(3):
        pid = wait_until(lambda: next((
            pid for title, pid in rig.stack.children("maild").items()
            if name in open(f"/proc/{pid}/cmdline", encoding="utf-8").read()),
            0), LIMIT_S, "a worker with the mail in hand")
        os.kill(pid, signal.SIGABRT)
        wait_until(lambda pid=pid: not alive(pid), LIMIT_S, "its end")
    scene.sees()
    rig.wait(name, "X")
    said = scene.acts(ID=name)
    assert "crashed" in said and f"{name}" in said


# ---- mails that wait ----------------------------------------------------------

@stages("Mails wait though no mail server is away")
def test_a_pause(scene, rig):
    scene.admin.type("maildctl pause queue for a test")
    (name,) = rig.push()
    scene.sees()
    scene.acts()
    rig.wait(name, "S")


@stages("No maild runs")
def test_no_maild(scene, rig):
    scene.admin.type("service maild stop")
    (name,) = rig.push()
    scene.sees()
    scene.acts()
    rig.wait(name, "S")


@stages("Redis may throw jobs away")
def test_redis_evicts(scene, rig):
    scene.admin.type("redis-cli config set maxmemory-policy allkeys-lru")
    scene.admin.type("service maild restart")
    (name,) = rig.push()
    scene.sees()
    assert rig.job(name) == {}
    scene.acts()
    rig.wait(name, "S")
