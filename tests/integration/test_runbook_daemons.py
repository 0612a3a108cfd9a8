# SPDX-License-Identifier: MIT
"""The runbook's symptoms of starting and stopping, staged on maild alone."""

import os
import re
import shutil
import signal

from runbook_scene import (confs, rig, scene, seconds,   # noqa: F401
                           stages)
from stack.layout import copy_for_all, write_text
from stack.procs import alive, read_text
from stack.rig import LIMIT_S, once
from stack.visitor import wait_until

MAILD_ALONE = True


@stages("It runs already")
def test_it_runs_already(scene):
    scene.sees(lambda: scene.admin.try_to("maild")[1])
    assert "runs (process " in scene.acts()


@stages("A setting has a wrong name")
def test_a_wrong_name(scene):
    scene.admin.type("service maild stop")
    scene.admin.edit("maild", "wrokers = 3")

    def start():
        status, said = scene.admin.try_to("service maild start")
        return f"{said} status {status}"
    scene.sees(start)
    assert start().endswith(" status 6")
    assert f'{scene.admin.conf("maild")}:1: ' in start()
    confs.maild(scene.stack)
    scene.acts()
    assert scene.stack.pid("maild")


@stages("A setting stands twice")
def test_a_doubled_setting(scene):
    path = scene.admin.conf("maild")
    write_text(path, "log_level = info\nlog_level = debug\n"
               + read_text(path))
    scene.sees(lambda: scene.admin.try_to("service maild configtest")[1])
    confs.maild(scene.stack)
    # A file of its own may say it again, and the last of them wins.
    more = path + ".d"
    os.makedirs(more, exist_ok=True)
    for name, level in (("20.conf", "debug"), ("10.conf", "error"),
                        ("30.conf.dpkg-old", "info")):
        write_text(os.path.join(more, name), f"log_level = {level}\n")
    assert re.search("^log_level = debug$", scene.admin.type("maild -T"),
                     re.M)
    shutil.rmtree(more)
    scene.acts()


@stages("A secret can be read by others")
def test_an_open_secret(scene, rig):
    path = scene.stack.at.secret_file("loose")
    write_text(path, "secret\n", 0o644)
    scene.admin.type("service maild stop")
    rig.relay(auth_user="maild", auth_password_file=path, auth_clear="yes")
    confs.maild(scene.stack)
    scene.sees(lambda: scene.admin.try_to("service maild start")[1])
    scene.acts(FILE=path)
    assert scene.stack.pid("maild")


@stages("A new setting has no effect")
def test_a_setting_for_a_restart(scene):
    scene.edit("maild", "workers = 3", "reload")
    scene.sees()
    assert "worker 2" not in scene.stack.children("maild")
    scene.acts()
    wait_until(lambda: "worker 2" in scene.stack.children("maild"), LIMIT_S,
               "a third worker")


@stages("A stop takes long")
def test_a_long_stop(scene, rig):
    scene.admin.edit("maild", "stop_grace = 10min")
    scene.edit("maild", "final_timeout = 10min")
    rig.server.plan = once("dot", "hang")
    (name,) = rig.push()
    wait_until(lambda: any(step[0] == "dot" for step in rig.server.steps),
               LIMIT_S, "the dot")
    master = scene.stack.pid("maild")
    os.kill(master, signal.SIGTERM)
    scene.sees()
    assert alive(master)
    scene.acts(PID=master)
    wait_until(lambda: not alive(master), LIMIT_S, "its end")
    scene.admin.type("service maild start")
    scene.admin.type(f"maildctl requeue {name}")    # it waits for 10 s now
    rig.wait(name, "S")


@stages("The journal cannot be used")
def test_no_journal(scene):
    path = scene.stack.at.path("no-journal")
    scene.edit("maild", f"journal_dir = {path}")
    scene.sees()
    before = scene.log().count("no journal: ")
    scene.acts(OWNER="root", DIRECTORY=path)
    wait_until(lambda: "reloaded settings=" in scene.log(), LIMIT_S, "it")
    assert scene.log().count("no journal: ") == before


@stages("After logrotate nothing is logged, or into the old file")
def test_a_log_that_cannot_be_made(open_room, scene):
    log, old = open_room / "log", open_room / "log.1"
    copy_for_all(scene.stack.at.share, open_room / "share")
    scene.admin.edit("maild", f"data_dir = {open_room}/share")
    scene.admin.edit("maild", "template_dir =")
    scene.admin.edit("maild", "user = nobody")
    scene.edit("maild", f"log = file:{log}")
    os.rename(log, old)
    scene.admin.type("service maild reopen-log")
    scene.sees(lambda: read_text(old))
    scene.acts(OWNER="nobody", DIRECTORY=open_room)
    wait_until(log.exists, LIMIT_S, "a new log")
