# SPDX-License-Identifier: MIT
"""Processes: started detached, found by pid file, stopped with a limit."""

import fcntl
import os
import signal
import subprocess
import time


class Trouble(Exception):
    """Something did not come up or go down; the text is for people."""


def made(build, target):
    """The path of a program of the build tree, which make brings up to date.

    One at a time: several pytests that run beside each other would write and
    start it in the same moment.
    """
    with open(os.path.join(build, "made.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "-s", "-C", build, target], check=True,
                       stdout=subprocess.DEVNULL)
    return os.path.join(build, target)


def wait_until(condition, limit_s, what, pause_s=0.02):
    """Returns the first true value of condition(); Trouble past limit_s."""
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Trouble(f"{what}: not within {limit_s:g} s")
        time.sleep(pause_s)


def read_text(path):
    """The file's text, or "" when it is not there or not for us."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def tail(path, count=25):
    """The last lines of a log, indented, for a person."""
    lines = read_text(path).splitlines()[-count:]
    if not lines:
        return f"  ({path} is empty)"
    return f"  last lines of {path}:\n" + "\n".join("  | " + l for l in lines)


def alive(pid):
    """True when the process runs; one that nobody reaped yet does not."""
    stat = read_text(f"/proc/{pid}/stat")
    return bool(stat) and stat.rpartition(")")[2].split()[0] not in "ZX"


def name_of(pid):
    """The process's short name, as the kernel knows it."""
    stat = read_text(f"/proc/{pid}/stat")
    return stat.partition("(")[2].rpartition(")")[0]


def read_pid(path):
    """The number in a pid file, or 0."""
    word = read_text(path).strip()
    return int(word) if word.isdigit() else 0


def write_pid(path, pid):
    """Makes it the process of this pid file."""
    part = path + ".part"
    with open(part, "w", encoding="ascii") as file:
        file.write(f"{pid}\n")
    os.replace(part, path)


def is_elsewhere(pid):
    """True when it is a container's, whose /tmp is not ours."""
    try:
        return os.readlink(f"/proc/{pid}/ns/pid") != os.readlink(
            "/proc/self/ns/pid")
    except OSError:
        return False


def shows(pid, directory):
    """True when the process names the directory or has a file open below.

    None when it hides its descriptors from us, so that nobody can tell.
    """
    if is_elsewhere(pid):
        return False
    prefix = os.path.realpath(directory) + "/"
    if prefix in read_text(f"/proc/{pid}/cmdline"):
        return True
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")
    except PermissionError:
        return None
    except OSError:
        return False
    for number in descriptors:
        try:
            if os.readlink(f"/proc/{pid}/fd/{number}").startswith(prefix):
                return True
        except OSError:
            continue
    return False


def belongs(pid, directory, program):
    """True when a pid file's process is this stack's: pids are used again.

    A process that hides its descriptors is believed if its name fits.
    """
    shown = shows(pid, directory)
    return name_of(pid) == program[:15] if shown is None else shown


def strays(directory, programs):
    """Processes of these names that are surely the directory's."""
    names = {program[:15] for program in programs}
    pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return [pid for pid in pids
            if name_of(pid) in names and alive(pid)
            and shows(pid, directory)]


def spawn(argv, log, env, cwd="/"):
    """Starts a program in a session of its own, its output in the log."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=env, cwd=cwd, start_new_session=True)


def run(argv, log, env, what, limit_s=60):
    """Runs a program to its end; Trouble with its last words if it fails."""
    with open(log, "ab") as output:
        try:
            code = subprocess.run(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=env, cwd="/", timeout=limit_s, check=False).returncode
        except subprocess.TimeoutExpired:
            code = f"none after {limit_s} s"
        except OSError as error:
            raise Trouble(f"{what}: {error}") from error
    if code != 0:
        raise Trouble(f"{what} failed (exit code {code})\n{tail(log)}")


def send_signal(pid, number):
    """Sends a signal; a process that is gone already is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def stop(pid, grace_s, number=signal.SIGTERM):
    """TERM, then KILL past grace_s.  Returns False when it took the KILL."""
    send_signal(pid, number)
    try:
        wait_until(lambda: not alive(pid), grace_s, f"stop of {pid}")
        return True
    except Trouble:
        send_signal(pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid), 10, f"kill of {pid}")
        return False
