# SPDX-License-Identifier: MIT
"""What a service manager and a sysadmin see of both programs."""

import grp
import os
import pwd
import re
import signal
import socket
import stat
import subprocess

import pytest
from stack import confs, parts
from stack.layout import Options
from stack.procs import alive, belongs, read_pid, read_text, wait_until
from stack.stack import Stack

LIMIT_S = 30
SO_ACCEPTCON = 1 << 16      # <linux/net.h>
NAMES = ("maild", "booking")
ROOT = os.getuid() == 0
NOBODY = "nobody"


class Daemon:
    """One of the programs, without any of the servers that it talks to."""

    def __init__(self, directory, name):
        self.name = name
        self.stack = Stack(directory, Options(
            asan=os.environ.get("RESERVOIR_ASAN") == "1", workers=2,
            booking_workers=2, smtp="127.0.0.1:1"), quiet=True)
        self.stack.at.make()
        self.stack.at.open_to_all()
        for secret in confs.DB_ACCOUNTS.values():
            self.stack.at.make_secret(secret)
        self.program = parts.program(self.stack.at, name)
        self.pid_file = self.stack.at.pid_file(name)
        self.log_file = self.stack.at.log_file(name)
        self.set()

    def set(self, **settings):
        self.stack.overrides[self.name].update(settings)
        write = {"maild": confs.maild, "booking": confs.booking}[self.name]
        self.conf = write(self.stack)

    def command(self, *words):
        return [self.program, "-c", self.conf, *words]

    def run(self, *words, before=(), env=None, **more):
        return subprocess.run(
            [*before, *self.command(*words)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=parts.environment(self.stack.at) | (env or {}),
            timeout=LIMIT_S, check=False, **more)

    def foreground(self, env=None, **more):
        child = subprocess.Popen(
            self.command("-F"), stdin=subprocess.DEVNULL,
            env=parts.environment(self.stack.at) | (env or {}), **more)
        wait_until(lambda: read_pid(self.pid_file) == child.pid, LIMIT_S,
                   "the pid file")
        return child

    @property
    def pid(self):
        return read_pid(self.pid_file)

    def children(self):
        return [int(pid) for pid in read_text(
            f"/proc/{self.pid}/task/{self.pid}/children").split()]

    def family(self):
        """All children, once they are there: two workers and one more."""
        return wait_until(lambda: len(one := self.children()) == 3 and one,
                          LIMIT_S, "the children")

    def signal(self, number):
        assert self.pid             # 0 would be all of us
        os.kill(self.pid, number)

    def log(self):
        return read_text(self.log_file)

    def stop(self):
        pid = self.pid
        if pid and alive(pid) and belongs(pid, self.stack.at.dir,
                                          os.path.basename(self.program)):
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: not alive(pid), LIMIT_S, "the stop")

    def status_of(self, pid, name):
        return re.search(rf"^{name}:\s*(.*)$",
                         read_text(f"/proc/{pid}/status"), re.M)[1]


@pytest.fixture(params=NAMES)
def daemon(request, open_room):
    one = Daemon(open_room / "d", request.param)
    yield one
    one.stop()
    assert not one.stack.sanitizer_reports()


# ---- the start --------------------------------------------------------------

def test_the_command_returns_when_the_daemon_serves(daemon):
    result = daemon.run()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert alive(daemon.pid)
    if daemon.name == "booking":
        assert parts.answers(daemon.stack.at.socket("booking"))


def test_a_second_start_is_refused_by_the_first_ones_number(daemon):
    assert daemon.run().returncode == 0
    result = daemon.run()
    assert result.returncode == 78
    assert f"already running as process {daemon.pid}" in result.stderr


def test_a_stale_pid_file_is_taken_over(daemon):
    gone = subprocess.Popen(["/bin/true"])
    gone.wait(LIMIT_S)
    with open(daemon.pid_file, "w", encoding="ascii") as file:
        file.write(f"{gone.pid}\n")
    assert daemon.run().returncode == 0
    assert daemon.pid != gone.pid and alive(daemon.pid)


def test_a_pid_file_that_cannot_be_is_said_by_the_command(daemon):
    daemon.set(pid_file="/proc/none.pid")
    result = daemon.run()
    assert result.returncode == 78
    assert "/proc/none.pid" in result.stderr


def test_a_start_waits_for_one_that_stops(tmp_path):
    booking = Daemon(tmp_path / "d", "booking")
    path = booking.stack.at.socket("booking")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as old:
        old.bind(path)
        old.listen()
        child = subprocess.Popen(
            booking.command(), stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=parts.environment(booking.stack.at))
        old.settimeout(LIMIT_S)
        old.accept()[0].close()         # it asks whether somebody answers
        os.unlink(path)                 # as a daemon does that stops
    assert child.communicate(timeout=LIMIT_S)[1] == b""
    assert child.returncode == 0
    booking.stop()


def test_a_wrong_option_is_a_usage_error(daemon):
    result = daemon.run("-x")
    assert result.returncode == 64
    assert "usage: " in result.stderr


def test_a_wrong_setting_names_file_and_line(daemon):
    good = read_text(daemon.conf)
    with open(daemon.conf, "w", encoding="utf-8") as file:
        file.write("# A comment.\nwrokers = 3\n" + good)
    result = daemon.run()
    assert result.returncode == 78
    assert f"{daemon.conf}:2: " in result.stderr
    assert 'did you mean "workers"?' in result.stderr


def test_a_daemon_killed_at_its_start_is_not_a_good_start(daemon):
    # No file may grow: writing the pid file is its last act.
    result = daemon.run(before=["/usr/bin/prlimit", "--fsize=0"])
    assert result.returncode == 71
    assert "killed before it was ready" in result.stderr


def test_descriptors_that_the_caller_left_open_or_closed_do_no_harm(daemon):
    lock, other = os.pipe()
    os.set_inheritable(other, True)
    result = daemon.run(
        before=["/bin/sh", "-c", 'exec "$@" <&- >&-', "sh"],
        pass_fds=[other])
    os.close(other)
    assert result.returncode == 0
    # Nobody holds the writing end any more.
    assert os.read(lock, 1) == b""
    os.close(lock)
    # Of a process that may not be dumped only root is shown what is open.
    if os.getuid() == 0:
        assert [os.readlink(f"/proc/{daemon.pid}/fd/{fd}")
                for fd in range(3)] == ["/dev/null"] * 3


def test_a_signal_right_after_the_start_is_not_missed(daemon):
    for _ in range(10):
        assert daemon.run().returncode == 0
        pid = daemon.pid
        os.kill(pid, signal.SIGHUP)
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not alive(pid), LIMIT_S, "the stop")
        assert daemon.log().rstrip().endswith("stopped")
        assert not os.path.exists(daemon.pid_file)


# ---- what it runs as --------------------------------------------------------

def test_processes_have_limits_and_leave_no_core(daemon):
    assert daemon.run(
        before=["/usr/bin/prlimit", "--nofile=200:"]).returncode == 0
    for pid in [daemon.pid, *daemon.family()]:
        limits = read_text(f"/proc/{pid}/limits")
        assert re.search(r"^Max core file size +0 +0 ", limits, re.M)
        assert re.search(r"^Max open files +1024 ", limits, re.M)
        assert daemon.status_of(pid, "Umask") == "0027"
        assert daemon.status_of(pid, "NoNewPrivs") == "1"
        # Undumpable: not even its own user looks into it.
        assert os.stat(f"/proc/{pid}/environ").st_uid == 0


def test_root_becomes_the_user_with_its_groups_and_no_more(daemon):
    if not ROOT:
        pytest.skip("needs root: nothing to drop")
    daemon.set(user=NOBODY, group="daemon")
    result = daemon.run()
    assert result.returncode == 0, result.stderr
    entry = pwd.getpwnam(NOBODY)
    group = str(grp.getgrnam("daemon").gr_gid)
    groups = {str(one) for one in os.getgrouplist(NOBODY, int(group))}
    for pid in [daemon.pid, *daemon.children()]:
        assert daemon.status_of(pid, "Uid").split() == [str(entry.pw_uid)] * 4
        assert daemon.status_of(pid, "Gid").split() == [group] * 4
        assert set(daemon.status_of(pid, "Groups").split()) == groups
        assert int(daemon.status_of(pid, "CapPrm"), 16) == 0


def test_everybody_may_read_the_pid_file(daemon):
    assert daemon.run().returncode == 0
    assert stat.S_IMODE(os.stat(daemon.pid_file).st_mode) == 0o644


def test_an_unknown_user_is_said_by_the_command(daemon):
    if not ROOT:
        pytest.skip("needs root: the setting has no meaning")
    daemon.set(user="no-such-user")
    result = daemon.run()
    assert result.returncode == 78
    assert "no user named no-such-user" in result.stderr


def test_titles_say_what_each_process_does(daemon):
    assert daemon.run().returncode == 0
    program = os.path.basename(daemon.program)

    def titles():
        return {read_text(f"/proc/{pid}/cmdline").rstrip("\0")
                for pid in [daemon.pid, *daemon.children()]}
    wait_until(lambda: any(t.startswith(f"{program}: worker 1")
                           for t in titles()), LIMIT_S, "titles")
    assert f"{program}: master" in titles()


# ---- the log ----------------------------------------------------------------

def test_usr1_opens_the_log_again(daemon):
    daemon.run()
    os.rename(daemon.log_file, daemon.log_file + ".1")
    daemon.signal(signal.SIGUSR1)
    wait_until(lambda: os.path.exists(daemon.log_file), LIMIT_S, "a new log")


def test_the_user_can_open_the_log_again(daemon, open_room):
    if not ROOT:
        pytest.skip("needs root: it is the same one")
    os.chown(open_room, pwd.getpwnam(NOBODY).pw_uid, -1)
    daemon.log_file = str(open_room / "log")
    daemon.set(user=NOBODY, log=f"file:{daemon.log_file}")
    result = daemon.run()
    assert result.returncode == 0, result.stderr
    assert os.stat(daemon.log_file).st_uid == pwd.getpwnam(NOBODY).pw_uid
    os.rename(daemon.log_file, daemon.log_file + ".1")
    daemon.signal(signal.SIGUSR1)
    wait_until(lambda: os.path.exists(daemon.log_file), LIMIT_S, "a new log")
    daemon.stop()       # before the room goes in which it writes


def test_verbose_logs_more_than_the_settings_say(daemon):
    daemon.set(log_level="error")
    daemon.run("-v")
    wait_until(lambda: " info: " in daemon.log(), LIMIT_S, "an info line")


def test_workers_are_added_and_taken_away(daemon):
    daemon.run()
    daemon.signal(signal.SIGTTIN)
    wait_until(lambda: "scaled up worker=2" in daemon.log(), LIMIT_S, "one up")
    daemon.signal(signal.SIGTTOU)
    wait_until(lambda: "scaled down worker=2" in daemon.log(), LIMIT_S,
               "one down")


# ---- the service manager ----------------------------------------------------

class Manager:
    """The socket that a daemon notifies."""

    def __init__(self, directory):
        self.path = str(directory / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(LIMIT_S)
        self.env = {"NOTIFY_SOCKET": self.path}

    def next(self, *names):
        """The next datagram that says one of these, as a dict."""
        while True:
            text = self.socket.recv(4096).decode()
            words = dict(line.split("=", 1) for line in text.splitlines())
            if any(name in words for name in names):
                return words


def test_the_service_manager_hears_of_every_change(daemon, tmp_path):
    manager = Manager(tmp_path)
    child = daemon.foreground(manager.env)
    assert manager.next("READY")["READY"] == "1"
    before = int(float(read_text("/proc/uptime").split()[0]))
    child.send_signal(signal.SIGHUP)
    words = manager.next("READY", "RELOADING")
    assert words["RELOADING"] == "1"
    assert int(words["MONOTONIC_USEC"]) >= (before - 1) * 1000000
    assert manager.next("READY", "RELOADING")["READY"] == "1"
    child.send_signal(signal.SIGTERM)
    assert manager.next("STOPPING")["STOPPING"] == "1"
    assert child.wait(LIMIT_S) == 0


def test_a_refused_reload_ends_as_ready_too(daemon, tmp_path):
    manager = Manager(tmp_path)
    child = daemon.foreground(manager.env)
    manager.next("READY")
    with open(daemon.conf, "a", encoding="utf-8") as file:
        file.write("no_such_setting = 1\n")
    child.send_signal(signal.SIGHUP)
    assert "RELOADING" in manager.next("READY", "RELOADING")
    assert "READY" in manager.next("READY", "RELOADING")
    child.send_signal(signal.SIGINT)
    assert child.wait(LIMIT_S) == 0


def test_a_reload_names_what_needs_a_restart(daemon):
    """All that the manual names, and nothing else."""
    changed = {"booking": {"listen_mode": "0600", "listen_group": "root",
                           "stop_grace": "3s"},
               "maild": {"workers": "3", "stop_grace": "3s"}}[daemon.name]
    child = daemon.foreground()
    daemon.set(alert_interval="1min", **changed)
    child.send_signal(signal.SIGHUP)
    wait_until(lambda: "reloaded" in daemon.log(), LIMIT_S, "the reload")
    named = re.findall(r"needs a restart: setting=(\S+)", daemon.log())
    assert named == list(changed)
    child.send_signal(signal.SIGINT)
    assert child.wait(LIMIT_S) == 0


def test_the_watchdog_is_fed_when_it_is_there(daemon, tmp_path):
    manager = Manager(tmp_path)
    child = daemon.foreground(manager.env | {"WATCHDOG_USEC": "3000000"})
    for _ in range(2):
        assert manager.next("WATCHDOG")["WATCHDOG"] == "1"
    child.send_signal(signal.SIGQUIT)
    assert child.wait(LIMIT_S) == 0


def test_a_socket_of_systemd_goes_before_the_setting(tmp_path):
    """The program starts with the first connection, which waits for it."""
    booking = Daemon(tmp_path / "d", "booking")
    path = str(tmp_path / "passed.sock")
    child = subprocess.Popen(
        ["/usr/bin/systemd-socket-activate", f"--listen={path}",
         *(f"--setenv={name}={value}" for name, value in
           parts.environment(booking.stack.at).items()),
         *booking.command("-F")], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(path), LIMIT_S, "the socket")
        assert not booking.pid
        assert b"Status: 200" in ask(path)
        assert booking.pid == child.pid
        assert "on=inherited socket" in booking.log()
        assert not os.path.exists(booking.stack.at.socket("booking"))
        child.send_signal(signal.SIGTERM)
        assert child.wait(LIMIT_S) == 0
        assert os.path.exists(path)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def listens(path):
    """Is it listened on?  It is there before that, from bind() on, and to
    connect would start the program."""
    sockets = [line.split() for line in
               read_text("/proc/net/unix").splitlines()[1:]]
    return any(words[-1] == path and int(words[3], 16) & SO_ACCEPTCON
               for words in sockets)


def ask(path):
    """GET /healthz by FastCGI; the raw answer."""
    def pair(name, value):
        return bytes([len(name), len(value)]) + name + value

    def record(kind, body):
        return bytes([1, kind, 0, 1]) + len(body).to_bytes(2, "big") + \
            b"\0\0" + body
    params = b"".join(pair(*one) for one in (
        (b"REQUEST_METHOD", b"GET"), (b"REQUEST_URI", b"/healthz"),
        (b"DOCUMENT_URI", b"/healthz"), (b"QUERY_STRING", b""),
        (b"SERVER_PROTOCOL", b"HTTP/1.1"), (b"REMOTE_ADDR", b"127.0.0.1")))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.settimeout(LIMIT_S)
        one.connect(path)
        one.sendall(record(1, b"\0\1\0\0\0\0\0\0") + record(4, params)
                    + record(4, b"") + record(5, b""))
        answer = b""
        while chunk := one.recv(4096):
            answer += chunk
    return answer
