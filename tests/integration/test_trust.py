# SPDX-License-Identifier: MIT
"""A worker that is somebody else's by now: what its master makes of it."""

import contextlib
import json
import os
import pwd
import re
import signal
import subprocess

import pytest
from stack import parts
from stack.procs import alive, read_text, wait_until
from stack.visitor import Visitor
from test_manners import LIMIT_S, NOBODY, ROOT, daemon   # noqa: F401

NAMES = ("booking", "maild")
JUNK = (b"\n", b"no-key\n", b" \n", b"\0 \0\n", b"x" * 9000 + b"\n",
        b"\xff" * 700 + b" y\n", b"key " + b"z" * 3000 + b"\n", b"unended ")


def worker_of(stack, name):
    """One of two workers, once both are done with their start.

    One that finds nonsense where it begins is right to call that a bug.
    """
    def begun():
        if name == "maild":
            done = subprocess.run(
                [stack.env["MAILDCTL"], "-c", stack.env["MAILD_CONF"],
                 "status", "--json"], env=parts.environment(stack.at),
                capture_output=True, text=True, timeout=LIMIT_S, check=True)
            phases = [worker["phase"] for one in json.loads(
                done.stdout)["instances"]
                if one.get("pid") == stack.pid("maild")
                for worker in one["workers"]]
            return len(phases) == 2 and "stopped" not in phases
        return "worker 1" in stack.children(name)

    wait_until(begun, LIMIT_S, "workers that have begun")
    return stack.children(name)["worker 1"]


def write_alerts(pid):
    """Into each pipe that it can write to."""
    for number in os.listdir(f"/proc/{pid}/fd"):
        path = f"/proc/{pid}/fd/{number}"
        if (os.readlink(path).startswith("pipe:")
                and os.stat(path, follow_symlinks=False).st_mode & 0o200):
            fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            for junk in JUNK:
                os.write(fd, junk)
            os.close(fd)


def write_memory(pid, byte):
    """Into all memory that it shares with its master; returns how much."""
    done = 0
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        for line in read_text(f"/proc/{pid}/maps").splitlines():
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw-s .*/dev/zero",
                             line)
            if not found:
                continue
            begin, end = (int(text, 16) for text in found.groups())
            memory.seek(begin)
            done += memory.write(byte * (end - begin))
    return done


@pytest.mark.parametrize("byte", [b"\xff", b"\x7f", b"B", b"\x01"])
def test_a_master_outlives_what_a_worker_writes(whole, mailbox, byte):
    if not ROOT:
        pytest.skip("needs root: nobody else may write there")
    whole.overrides["maild"]["workers"] = "2"
    whole.restart("maild")
    masters = {name: whole.pid(name) for name in NAMES}
    for name in NAMES:
        pid = worker_of(whole, name)
        os.kill(pid, signal.SIGSTOP)
        write_alerts(pid)
        assert write_memory(pid, byte) > 1000
        # Its master may have done so: its deadline was written over, too.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    # What comes next is said by a master that has looked at all of it.
    for name in NAMES:
        log = whole.at.log_file(name)
        begin = len(read_text(log))
        wait_until(lambda: "what is no alert" in read_text(log), LIMIT_S,
                   "the line")
        wait_until(lambda: whole.children(name).get("worker 1"), LIMIT_S,
                   "another worker")
        os.kill(masters[name], signal.SIGHUP)
        wait_until(lambda: "reloaded" in read_text(log)[begin:], LIMIT_S,
                   "the reload")
    assert masters == {name: whole.pid(name) for name in NAMES}
    address = f"after-{byte.hex()}@example.org"
    visitor = Visitor(whole.http_url)

    def books():
        return visitor.post(visitor.form(email=address)).status_code == 303

    # Workers that were killed for a deadline of that sort come back.
    wait_until(books, LIMIT_S, "a booking")
    mailbox.wait_for(address, 60)
    assert masters == {name: whole.pid(name) for name in NAMES}
    for name in NAMES:
        whole.stop(name)
        assert not alive(masters[name])
        assert "stopped" in read_text(whole.at.log_file(name))[-500:]


def test_only_the_master_can_write_its_number(daemon):
    if not ROOT:
        pytest.skip("needs root: its descriptors are hidden")
    assert daemon.run().returncode == 0

    def held_by(pid):
        for fd in os.listdir(f"/proc/{pid}/fd"):
            # It may close one while we look.
            with contextlib.suppress(FileNotFoundError):
                if os.readlink(f"/proc/{pid}/fd/{fd}") == daemon.pid_file:
                    return True
        return False

    assert held_by(daemon.pid)
    for pid in daemon.family():
        wait_until(lambda: not held_by(pid), LIMIT_S, "a child that lets go")
    # And it still holds the lock, which the scripts look for.
    assert re.search(rf"WRITE *{daemon.pid} \w+:\w+:"
                     rf"{os.stat(daemon.pid_file).st_ino} ",
                     read_text("/proc/locks"))


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_in_place_of_the_log_gives_no_file_away(daemon, open_room,
                                                       link):
    if not ROOT:
        pytest.skip("needs root: others have nothing to give away")
    secret = open_room / "secret"
    secret.write_text("root's\n")
    secret.chmod(0o600)
    folder = open_room / "log"
    folder.mkdir()
    os.chown(folder, pwd.getpwnam(NOBODY).pw_uid, -1)
    link(secret, folder / "log")
    daemon.log_file = str(folder / "log")
    daemon.set(user=NOBODY, log=f"file:{daemon.log_file}")
    result = daemon.run()
    assert result.returncode == 78
    assert f"cannot open log file {daemon.log_file}" in result.stderr
    assert secret.read_text() == "root's\n"
    assert os.stat(secret).st_uid == 0


def openrc_tell(script, directory, number):
    """Runs a script's tell() with a pid file of that number."""
    pid_file = directory / "pid"
    pid_file.write_text(f"{number}\n")
    text = read_text(script)
    return subprocess.run(
        ["/bin/sh", "-c", "eerror() { echo \"$*\"; }\n"
         + re.search(r"^tell\(\)\n\{.*?^\}\n", text, re.M | re.S)[0]
         + "tell TERM"], env={"pidfile": str(pid_file), "PATH": "/bin"},
        stdout=subprocess.PIPE, text=True, timeout=LIMIT_S, check=False)


@pytest.mark.parametrize("name", ["maild", "reservoir-booking"])
def test_openrc_signals_nobody_who_holds_no_lock(tmp_path, name):
    top = os.path.join(os.path.dirname(__file__), "..", "..")
    other = subprocess.Popen(["/bin/sleep", "600"])
    try:
        done = openrc_tell(os.path.join(top, "init", "openrc", name + ".in"),
                           tmp_path, other.pid)
        assert done.returncode == 1 and "not of a process" in done.stdout
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
