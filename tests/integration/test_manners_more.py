# SPDX-License-Identifier: MIT
"""More manners of both programs: detaching, groups, settings, waiting."""

import os
import re
import signal
import subprocess
import threading
import time

import pytest
from stack.layout import write_text
from stack.procs import Trouble, alive, read_text
from stack.visitor import Tables, Visitor, wait_until
from test_manners import (LIMIT_S, NOBODY, ROOT, Daemon, Manager,  # noqa: F401
                          daemon)


def ids_of(pid):
    """(parent, process group, session) of a process."""
    words = read_text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return tuple(map(int, words[1:4]))


# ---- the start --------------------------------------------------------------

def test_it_leaves_its_callers_session_and_directory(daemon, tmp_path):
    assert daemon.run(cwd=tmp_path).returncode == 0
    daemon.family()
    pid = daemon.pid
    _, group, session = ids_of(pid)
    assert session != os.getsid(0)
    # Forked twice: whoever does not lead its session gets no terminal.
    assert session != pid and group == session and not alive(session)
    for one in [pid, *daemon.children()]:
        assert ids_of(one)[2] == session
        # Of a process that may not be dumped only root is shown it.
        if os.getuid() == 0:
            assert os.readlink(f"/proc/{one}/cwd") == "/"


def test_the_foreground_stays_where_it_is(daemon):
    child = daemon.foreground(stderr=subprocess.DEVNULL)
    assert child.pid == daemon.pid and ids_of(child.pid)[0] == os.getpid()
    child.send_signal(signal.SIGTERM)
    assert child.wait(LIMIT_S) == 0


def test_help_and_version_go_to_standard_output(daemon):
    for option, words in (("-V", " 0."), ("-h", "usage: ")):
        result = daemon.run(option)
        assert result.returncode == 0 and result.stderr == ""
        assert words in result.stdout
    for letter in "cFtTvVh":
        assert re.search(rf"^  -{letter}\b", daemon.run("-h").stdout, re.M)


def test_no_number_stays_in_a_pid_file_that_cannot_be_removed(daemon):
    if not ROOT:
        pytest.skip("needs root: who may write the file may remove it")
    daemon.set(user=NOBODY)
    os.chmod(os.path.dirname(daemon.pid_file), 0o755)
    assert daemon.run().returncode == 0
    pid = daemon.pid
    daemon.signal(signal.SIGTERM)
    wait_until(lambda: not alive(pid), LIMIT_S, "the stop")
    assert read_text(daemon.pid_file) == ""


def test_a_word_too_much_is_a_usage_error(daemon):
    assert daemon.run("start").returncode == 64


def test_a_file_that_is_not_there_is_named(daemon):
    os.unlink(daemon.conf)
    for words in ([], ["-t"], ["-F"]):
        result = daemon.run(*words)
        assert result.returncode == 78 and daemon.conf in result.stderr


# ---- settings ---------------------------------------------------------------

def test_a_doubled_setting_names_both_lines(daemon):
    good = read_text(daemon.conf)
    write_text(daemon.conf, "log_level = info\n\nlog_level = debug\n" + good)
    for words in (["-t"], ["-F"], []):
        result = daemon.run(*words)
        assert result.returncode == 78
        assert (f"{daemon.conf}:3: log_level was set in line 1 already"
                in result.stderr)


def test_files_beside_it_are_read_in_order_and_may_say_it_again(daemon):
    more = daemon.conf + ".d"
    os.mkdir(more)
    for name, workers in (("20-b.conf", 5), ("10-a.conf", 4), ("30.txt", 6),
                          (".40.conf", 7), ("50.conf~", 8)):
        write_text(os.path.join(more, name), f"workers = {workers}\n")
    assert re.search("^workers = 5$", daemon.run("-T").stdout, re.M)
    write_text(os.path.join(more, "10-a.conf"), "workers = 4\nwrokers = 4\n")
    result = daemon.run("-t")
    assert result.returncode == 78
    assert f"{more}/10-a.conf:2: " in result.stderr
    assert 'did you mean "workers"?' in result.stderr


def test_a_reload_with_a_mistake_says_where_and_changes_nothing(daemon):
    assert daemon.run().returncode == 0
    daemon.family()
    before = daemon.pid, set(daemon.children())
    good = read_text(daemon.conf)
    write_text(daemon.conf, "log_levle = debug\n" + good)
    daemon.signal(signal.SIGHUP)
    old = {"maild": "reload refused, the old settings stay: ",
           "booking": "kept the old settings: "}[daemon.name]
    wait_until(lambda: f"{old}{daemon.conf}:1: " in daemon.log(), LIMIT_S,
               "the refusal")
    assert 'did you mean "log_level"?' in daemon.log()
    assert (daemon.pid, set(daemon.children())) == before
    write_text(daemon.conf, good)
    daemon.signal(signal.SIGHUP)
    wait_until(lambda: " reloaded" in daemon.log(), LIMIT_S, "the reload")
    wait_until(lambda: not before[1] & set(daemon.children()), LIMIT_S,
               "other children")


# ---- what it runs as ----------------------------------------------------------

def test_groups_that_the_user_is_a_member_of_are_kept(daemon, tmp_path):
    if not ROOT:
        pytest.skip("needs root: nothing to drop")
    group = tmp_path / "group"
    group.write_text(read_text("/etc/group") + f"extra:x:61234:{NOBODY}\n")
    daemon.set(user=NOBODY)
    # A mount of its own: the machine's file stays as it is.
    result = daemon.run(before=[
        "/usr/bin/unshare", "-m", "/bin/sh", "-c",
        f'mount --bind {group} /etc/group && exec "$@"', "sh"])
    assert (result.returncode, result.stderr) == (0, "")
    # Its children cannot read a stack's files as that user, and come and go.
    wait_until(daemon.children, LIMIT_S, "a child")
    for pid in [daemon.pid, *daemon.children()]:
        found = re.search(r"^Groups:\s*(.*)$",
                          read_text(f"/proc/{pid}/status"), re.M)
        groups = found[1].split() if found else ["61234"]   # gone again
        assert "61234" in groups and "0" not in groups


# ---- servers that are away ----------------------------------------------------

def test_it_waits_for_its_servers_and_says_so_once(daemon):
    begun = time.monotonic()
    assert daemon.run().returncode == 0
    pid = daemon.pid
    children = set(daemon.family())
    wait_until(lambda: "waiting since_ms=" in daemon.log(), LIMIT_S, "a line")
    # Many tries later, and after the 5 s in which workers leave it to others.
    wait_until(lambda: time.monotonic() > begun + 8, LIMIT_S, "some seconds")
    assert daemon.pid == pid and set(daemon.children()) == children
    # Of all processes one, and that one once.
    assert daemon.log().count("waiting since_ms=") == 1, daemon.log()
    assert "lost " not in daemon.log()


# ---- the service manager ----------------------------------------------------

def test_the_service_manager_has_a_line_about_it(daemon, tmp_path):
    manager = Manager(tmp_path)
    child = daemon.foreground(manager.env)
    words = {"maild": "workers", "booking": "requests in hand; 0 booked"}
    assert words[daemon.name] in manager.next("STATUS")["STATUS"]
    child.send_signal(signal.SIGTERM)
    assert child.wait(LIMIT_S) == 0


# ---- a request in hand ----------------------------------------------------------

def held_post(stack, tables, number):
    """Has a booking wait for a lock, sends the signal to the master; returns
    (the booking's status, whether the master ended before the lock did)."""
    form = Visitor(stack.http_url).form(tables.add_slot(5))
    status = []

    def post():
        status.append(Visitor(stack.http_url).post(form).status_code)
    with Tables(stack.env) as other:
        other.connection.begin()
        other.rows("SELECT * FROM slot_inventory WHERE slot_id = %s"
                   " FOR UPDATE", form["slot"])
        posting = threading.Thread(target=post)
        posting.start()
        wait_until(lambda: tables.value(
            "SELECT COUNT(*) FROM information_schema.processlist"
            " WHERE info LIKE 'UPDATE slot_inventory%%'"), LIMIT_S, "the wait")
        pid = stack.pid("booking")
        os.kill(pid, number)
        try:
            wait_until(lambda: not alive(pid), 1, "the end")
            ended = True
        except Trouble:
            ended = False
        other.connection.rollback()
    posting.join()
    wait_until(lambda: not alive(pid), LIMIT_S, "the end")
    return status[0], ended


def test_a_stop_lets_a_booking_end(whole, tables):
    assert held_post(whole, tables, signal.SIGTERM) == (303, False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_a_fast_stop_does_not_wait(whole, tables, number):
    assert held_post(whole, tables, number) == (503, True)
