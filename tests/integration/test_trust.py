# SPDX-License-Identifier: MIT
"""A worker that is somebody else's by now: what its master makes of it."""

import os
import pwd
import re
import subprocess

import pytest
from stack.procs import read_text, wait_until
from test_manners import LIMIT_S, NOBODY, ROOT, daemon   # noqa: F401


def test_only_the_master_can_write_its_number(daemon):
    assert daemon.run().returncode == 0

    def held_by(pid):
        return daemon.pid_file in [
            os.readlink(f"/proc/{pid}/fd/{fd}")
            for fd in os.listdir(f"/proc/{pid}/fd")]

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
        return      # who starts it can give away nothing
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
