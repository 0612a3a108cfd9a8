# SPDX-License-Identifier: MIT
"""The init scripts, every exit status of LSB; units and scripts by lint."""

import os
import re
import shutil
import signal
import subprocess

import pytest
from stack import confs, parts
from stack.layout import TOP, Options, write_text
from stack.procs import alive, read_pid, read_text, wait_until
from stack.stack import Stack

LIMIT_S = 30
TREE = os.path.join(TOP, "build", "asan" if os.environ.get("RESERVOIR_ASAN")
                    == "1" else "release")
SCRIPTS = {"maild": ("maild", "maild/maild", "maild", "/usr/sbin/maild"),
           "booking": ("reservoir-booking", "fcgi-app/booking.fcgi",
                       "booking", "/usr/libexec/booking.fcgi"),
           # Where librabbitmq is not, there is none.
           "amqp": ("maild-amqp", "maild/amqp/maild-amqp", "amqp",
                    "/usr/sbin/maild-amqp")}
if not os.path.exists(os.path.join(TREE, SCRIPTS["amqp"][1])):
    del SCRIPTS["amqp"]
UNITS = [unit + kind for unit in ("maild", "reservoir-booking", "maild-amqp")
         for kind in ("", "@") if "amqp" in SCRIPTS or unit != "maild-amqp"]


def bridge(stack):
    """Writes amqp.conf for a RabbitMQ that is not there; returns its path."""
    at = stack.at
    at.make_secret("amqp.password")
    path = os.path.join(at.conf, "amqp.conf")
    write_text(path, confs.settings_text({
        "log": f"file:{at.log_file('amqp')}", "amqp": "127.0.0.1:1",
        "amqp_password_file": at.secret_file("amqp.password"),
        "redis": f"unix:{at.socket('redis')}"} | stack.overrides["amqp"]),
               0o644)
    return path


NOBODY = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534",
          "--clear-groups"]


class Service:
    """One init script, its directories moved below a scratch directory."""

    def __init__(self, directory, name):
        self.name = name
        self.stack = Stack(directory / "d", Options(
            asan=os.environ.get("RESERVOIR_ASAN") == "1", workers=2,
            booking_workers=2, smtp="127.0.0.1:1"), quiet=True)
        self.stack.at.make()
        self.stack.at.open_to_all()
        for secret in confs.DB_ACCOUNTS.values():
            self.stack.at.make_secret(secret)
        script, program, conf, installed = SCRIPTS[name]
        self.root = directory / "root"
        for part in ("etc/reservoir", "etc/default", "run/reservoir", "sbin"):
            (self.root / part).mkdir(parents=True)
        self.program = self.root / "sbin" / os.path.basename(program)
        # Not a link: the build tree may stand in a home of mode 0700.
        shutil.copy(os.path.join(TREE, program), self.program)
        self.conf = self.root / "etc/reservoir" / f"{conf}.conf"
        self.pid_file = self.root / "run/reservoir" / f"{conf}.pid"
        self.defaults = self.root / "etc/default" / script
        self.script = self.root / script
        text = read_text(os.path.join(TREE, "init/sysv", script))
        assert f"PROGRAM={installed}\n" in text
        for before, after in ((installed, self.program),
                              ("/etc/default", self.root / "etc/default"),
                              ("/etc/reservoir", self.root / "etc/reservoir"),
                              ("/run/reservoir", self.root / "run/reservoir"),
                              ("/lib/lsb/init-functions", "/none")):
            text = text.replace(before, str(after))
        self.script.write_text(text, encoding="utf-8")
        self.write_conf(self.conf, self.pid_file)

    def write_conf(self, path, pid_file, **more):
        self.stack.overrides[self.name] = {"pid_file": pid_file, **more}
        write = {"maild": confs.maild, "booking": confs.booking,
                 "amqp": bridge}[self.name]
        shutil.copy(write(self.stack), path)

    def __call__(self, *words, before=()):
        result = subprocess.run(
            [*before, "/bin/sh", str(self.script), *words],
            env=parts.environment(self.stack.at), cwd="/",
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=LIMIT_S + 100, check=False)
        self.words = result.stdout + result.stderr
        return result.returncode

    @property
    def pid(self):
        return read_pid(self.pid_file)


@pytest.fixture(params=SCRIPTS)
def service(request, open_room):
    if os.getuid() != 0:
        pytest.skip("needs root: init scripts")
    one = Service(open_room, request.param)
    yield one
    one("stop")
    assert not one.stack.sanitizer_reports()


def test_start_stop_and_status(service):
    assert service("status") == 3
    assert service("start") == 0, service.words
    pid = service.pid
    assert alive(pid)
    assert service("status") == 0
    assert service("status", before=NOBODY) == 0
    assert service("start") == 0        # it runs already
    assert service.pid == pid
    assert service("stop") == 0
    assert not alive(pid)
    assert service("status") == 3
    assert service("stop") == 0         # it is stopped already
    assert not service.pid_file.exists()


def test_a_dead_one_with_a_pid_file_is_status_1(service):
    assert service("start") == 0
    pid = service.pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not alive(pid), LIMIT_S, "its death")
    assert service("status") == 1
    # The number belongs to another process now.
    service.pid_file.write_text(f"{os.getpid()}\n")
    assert service("status") == 1
    assert service("start") == 0, service.words
    assert service("status") == 0
    assert service.pid != os.getpid()


def test_rotation_signals_the_daemon_and_nobody_else(service):
    rule = read_text(os.path.join(
        TREE, "init/logrotate" + "-amqp" * (service.name == "amqp")))
    script = re.search(r"postrotate\n(.*?)\n\s*endscript", rule, re.S)[1]
    script = script.replace("/run/reservoir", str(service.root /
                                                  "run/reservoir"))
    assert service("start") == 0, service.words
    log = service.stack.at.log_file(service.name)
    os.rename(log, f"{log}.1")
    # A crash has left the second file; its number is a stranger's now.
    with subprocess.Popen(["/bin/sleep", "600"]) as stranger:
        try:
            service.pid_file.with_name("aaa.pid").write_text(
                f"{stranger.pid}\n")
            service.pid_file.with_name("empty.pid").write_text("")
            subprocess.run(["/bin/sh", "-ec", script], check=True, timeout=9)
            wait_until(lambda: os.path.exists(log), LIMIT_S, "the new log")
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_pid_file_that_cannot_be_read_is_status_4(service):
    service.pid_file.write_text("1\n")
    os.chmod(service.pid_file, 0)
    assert service("status", before=NOBODY) == 4


def test_wrong_words_are_2_and_what_is_missing_is_3(service):
    assert service() == 2
    assert service("frobnicate") == 2
    assert service("start", "../etc") == 2
    assert service("condstop") == 3


@pytest.mark.parametrize("action", ["start", "stop", "restart", "reload"])
def test_only_root_may_change_anything(service, action):
    assert service(action, before=NOBODY) == 4


def test_without_the_program_it_is_5_and_status_4(service):
    service.program.unlink()
    for action in ("start", "stop", "restart", "reload", "configtest"):
        assert service(action) == 5
    assert service("status") == 4


def test_without_settings_or_with_wrong_ones_it_is_6(service):
    assert service("configtest") == 0
    assert "note: " in service.words and "are good" in service.words
    good = service.conf.read_text()
    service.conf.unlink()
    assert service("start") == 6
    service.conf.write_text(good + "no_such_setting = 1\n")
    assert service("configtest") == 6
    assert service("start") == 6
    assert "no_such_setting" in service.words
    assert service("status") == 3


def test_reload_needs_one_that_runs_and_good_settings(service):
    assert service("reload") == 7
    assert service("force-reload") == 7
    assert service("start") == 0
    pid = service.pid
    good = service.conf.read_text()
    service.conf.write_text(good + "no_such_setting = 1\n")
    for action in ("reload", "restart", "try-restart"):
        assert service(action) == 6
        assert alive(pid)
    service.conf.write_text(good)
    assert service("reload") == 0, service.words
    wait_until(lambda: "reloaded" in read_text(
        service.stack.at.log_file(service.name)), LIMIT_S, "the reload")
    assert service.pid == pid


def test_restart_replaces_it_and_try_restart_leaves_a_stopped_one(service):
    assert service("try-restart") == 0
    assert service("status") == 3
    assert service("restart") == 0
    pid = service.pid
    assert service("try-restart") == 0
    assert service.pid != pid and not alive(pid)
    service("stop")


@pytest.mark.parametrize("action", ["stop", "restart", "reload", "status"])
def test_another_pid_file_leaves_no_orphan(service, action):
    other = service.pid_file.with_name("other.pid")
    assert service("start") == 0, service.words
    pid = service.pid
    service.write_conf(service.conf, other)
    assert service(action) == 0, service.words
    if action in ("stop", "restart"):
        assert not alive(pid)
        assert not service.pid_file.exists()
    else:
        assert alive(pid)
    assert service("status") == (3 if action == "stop" else 0)
    assert service("restart") == 0
    assert not alive(pid) and alive(read_pid(other))
    assert not service.pid_file.exists()


@pytest.mark.parametrize("action", ["restart", "try-restart", "reload"])
def test_what_the_next_start_could_not_do_stops_nothing(service, action,
                                                        tmp_path):
    assert service("start") == 0, service.words
    pid = service.pid
    for setting in ({"log": f"file:{tmp_path}/no/log"},
                    {"pid_file": tmp_path / "no/pid"},
                    {"user": "no-such-user"}):
        service.write_conf(service.conf,
                           **{"pid_file": service.pid_file} | setting)
        assert service(action) == 6, service.words
        assert re.search(rf":\d+: {next(iter(setting))}: ", service.words)
        assert alive(pid)
    service.write_conf(service.conf, service.pid_file)


def test_several_instances_by_name(service):
    other = service.conf.with_name(service.conf.stem + "-eu.conf")
    pid_file = service.pid_file.with_name("eu.pid")
    more = {"listen": f"unix:{service.root}/eu.sock"} if \
        service.name == "booking" else {}
    service.write_conf(other, pid_file, **more)
    service.defaults.write_text('INSTANCES="default eu"\n')
    assert service("start") == 0, service.words
    first, second = service.pid, read_pid(pid_file)
    assert alive(first) and alive(second) and first != second
    assert service("stop", "eu") == 0
    assert alive(first) and not alive(second)
    assert service("status", "default") == 0
    assert service("status", "eu") == 3
    assert service("status") == 3
    assert service("status", "mars") == 3
    assert service("start", "mars") == 6
    # Two with one pid file would be one.
    mars = other.with_name(other.name.replace("-eu", "-mars"))
    mars.write_text("".join(line for line in other.read_text().splitlines(True)
                            if not line.startswith("pid_file")))
    assert service("start", "mars") == 6
    assert "pid_file of its own" in service.words


def test_options_come_from_etc_default(service):
    service.write_conf(service.conf, service.pid_file, log_level="error")
    service.defaults.write_text('OPTIONS="-v"\n')
    assert service("start") == 0, service.words
    wait_until(lambda: " info: " in read_text(
        service.stack.at.log_file(service.name)), LIMIT_S, "an info line")


@pytest.mark.parametrize("service", ["maild"], indirect=True)
def test_a_stop_kills_what_does_not_end(service):
    service.defaults.write_text("STOP_WAIT=1\n")
    assert service("start") == 0, service.words
    pid = service.pid
    workers = wait_until(lambda: read_text(
        f"/proc/{pid}/task/{pid}/children").split(), LIMIT_S, "its children")
    os.kill(pid, signal.SIGSTOP)
    assert service("stop") == 0
    assert "killing it" in service.words
    assert not alive(pid) and not service.pid_file.exists()
    wait_until(lambda: not any(alive(int(one)) for one in workers), LIMIT_S,
               "the end of its workers")
    assert service("status") == 3


def test_the_log_is_opened_again(service):
    assert service("reopen-log") == 7
    service("start")
    log = service.stack.at.log_file(service.name)
    os.rename(log, log + ".1")
    assert service("reopen-log") == 0
    wait_until(lambda: os.path.exists(log), LIMIT_S, "a new log")


# ---- lint -------------------------------------------------------------------

@pytest.fixture
def analyze():
    if os.getuid() != 0 and not os.path.isdir("/run/systemd"):
        pytest.skip("needs root: systemd-analyze makes /run/systemd")
    return "systemd-analyze"


def test_units_are_right_for_systemd(analyze, tmp_path):
    units = tmp_path / "usr/lib/systemd/system"
    shutil.copytree(os.path.join(TREE, "init/systemd"), units)
    for program in ("usr/sbin/maild", "usr/sbin/maild-amqp",
                    "usr/libexec/booking.fcgi",
                    "usr/libexec/reservoir-guard", "bin/kill"):
        path = tmp_path / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    names = [name for name in sorted(os.listdir(units))
             if name.endswith((".service", ".socket"))]
    result = subprocess.run(
        [analyze, "verify", "--man=no", f"--root={tmp_path}",
         "--recursive-errors=no",
         *(f"/usr/lib/systemd/system/{name.replace('@.', '@eu.')}"
           for name in names)],
        capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_units_are_as_closed_as_the_manual_says(analyze, unit):
    manual = read_text(os.path.join(TOP, "doc/operations.md"))
    said = re.search(r"--offline=yes` gives them ([0-9.]+) of 10", manual)[1]
    result = subprocess.run(
        [analyze, "security", "--offline=yes", "--no-pager",
         os.path.join(TREE, f"init/systemd/{unit}.service")],
        capture_output=True, text=True, timeout=LIMIT_S, check=False)
    score = re.search(r"exposure level for \S+: ([0-9.]+)", result.stdout)
    assert score, result.stdout + result.stderr
    assert score[1] == said


@pytest.mark.parametrize("kind", ["sysv", "openrc", "runit", "systemd"])
def test_scripts_are_clean(kind):
    files = [os.path.join(where, name) for where, _, names in
             os.walk(os.path.join(TREE, "init", kind)) for name in names]
    files = [name for name in files if read_text(name).startswith("#!")]
    assert files
    for words in (["shellcheck"], ["checkbashisms", "--force"]):
        result = subprocess.run([*words, *files], capture_output=True,
                                text=True, timeout=4 * LIMIT_S, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
