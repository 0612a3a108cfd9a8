# SPDX-License-Identifier: MIT
"""How each part of a stack is started, and how one sees that it serves."""

import os
import socket
import subprocess

from . import confs, servers
from .engines import Engine
from .layout import TOP, write_text
from .procs import Trouble, run, spawn, wait_until

ORDER = ("mariadb", "redis", "smtp", "viewer", "booking", "maild", "nginx")
TITLES = {"mariadb": "MariaDB", "redis": "Redis", "smtp": "the mail catcher",
          "viewer": "the mailbox", "booking": "booking.fcgi",
          "maild": "maild", "nginx": "nginx"}
PROGRAMS = {"mariadb": Engine().program, "redis": servers.REDIS_SERVER,
            "smtp": "/usr/bin/python3", "viewer": "/usr/bin/python3",
            "nginx": "/usr/sbin/nginx"}
START_LIMIT_S = 30

ACCOUNTS = """\
CREATE DATABASE IF NOT EXISTS {db} CHARACTER SET utf8mb4;
{users}
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES
	ON {db}.* TO 'reservoir_owner'@'localhost' WITH GRANT OPTION;
"""


def program(at, name):
    """The part's program file."""
    own = {"booking": "fcgi-app/booking.fcgi", "maild": "maild/maild",
           "amqp": "maild/amqp/maild-amqp"}
    return at.program(own[name]) if name in own else PROGRAMS[name]


def environment(at):
    """The environment of all parts: no more than they need."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
           "HOME": at.dir, "TMPDIR": at.path("tmp")}
    if "NOTIFY_SOCKET" in os.environ:
        env["NOTIFY_SOCKET"] = os.environ["NOTIFY_SOCKET"]
    report = os.path.join(at.log, "sanitizer")
    env["ASAN_OPTIONS"] = f"log_path={report}:detect_stack_use_after_return=1"
    if "STACK_PRELOAD" in os.environ:
        env["LD_PRELOAD"] = os.environ["STACK_PRELOAD"]
        env["ASAN_OPTIONS"] += ":verify_asan_link_order=0"
    env["UBSAN_OPTIONS"] = f"log_path={report}:print_stacktrace=1"
    # Only builds with crash points look at it.
    env["RESERVOIR_CRASH"] = at.path("crash")
    return env | at.more_env


def answers(address):
    """True when somebody accepts connections there."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True


def start(stack, name):
    """Starts the part; returns when it serves, Trouble when it does not."""
    STARTERS[name](stack)


def _spawn_and_wait(stack, name, argv, serves):
    """A part that stays in the foreground: we write its pid file."""
    child = spawn(argv, stack.at.log_file(name), environment(stack.at))
    write_text(stack.at.pid_file(name), f"{child.pid}\n")

    def up_or_dead():
        if child.poll() is not None:
            raise Trouble(f"{TITLES[name]} ended with code {child.returncode}")
        return serves()

    try:
        wait_until(up_or_dead, START_LIMIT_S, f"start of {TITLES[name]}")
    except BaseException:
        if child.poll() is None:
            child.kill()
        raise


def _sql(stack, text):
    """Runs statements as root of the private server; True when they ran."""
    cnf = os.path.join(stack.at.conf, "mariadb.cnf")
    result = subprocess.run(
        ["/usr/bin/mariadb", f"--defaults-file={cnf}", "--batch"],
        input=text.encode(), env=environment(stack.at), timeout=30,
        capture_output=True, check=False)
    return result.returncode == 0, result.stderr.decode(errors="replace")


def _start_mariadb(stack):
    at = stack.at
    cnf = confs.mariadb(at)
    engine = Engine()
    engine.install(cnf, at.path("mariadb"), at.log_file("mariadb-install"),
                   environment(at))
    _spawn_and_wait(stack, "mariadb",
                    engine.command(f"--defaults-file={cnf}"),
                    lambda: _sql(stack, "SELECT 1")[0])
    users = "".join(
        f"CREATE USER IF NOT EXISTS '{account}'@'localhost'"
        f" IDENTIFIED BY '{at.make_secret(secret)}';\n"
        for account, secret in confs.DB_ACCOUNTS.items())
    done, words = _sql(stack, ACCOUNTS.format(db=confs.DATABASE, users=users))
    if not done:
        raise Trouble(f"making the database's accounts: {words.strip()}")


def _start_redis(stack):
    def serves():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(2)
            try:
                probe.connect(stack.env["REDIS_SOCKET"])
                probe.sendall(b"PING\r\n")
                return probe.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    _spawn_and_wait(stack, "redis",
                    [PROGRAMS["redis"], confs.redis(stack.at, stack.redis_name)], serves)


def _start_smtp(stack):
    host, _, port = stack.smtp.rpartition(":")
    _spawn_and_wait(stack, "smtp", [
        PROGRAMS["smtp"], os.path.join(TOP, "tests/stack/catcher.py"),
        host, port, stack.at.mail, stack.at.path("smtp.log")],
        lambda: answers((host, int(port))))


def _start_viewer(stack):
    where = stack.at.socket("viewer")
    _spawn_and_wait(stack, "viewer", [
        PROGRAMS["viewer"], os.path.join(TOP, "tests/stack/viewer.py"),
        where, stack.at.mail], lambda: answers(where))


def _start_daemon(stack, name, conf):
    """A part that detaches: its first process returns when it serves."""
    run([*stack.before.get(name, []), program(stack.at, name), "-c", conf],
        stack.at.log_file(name), environment(stack.at),
        f"start of {TITLES[name]}", START_LIMIT_S)
    if not stack.pid(name):
        raise Trouble(f"{TITLES[name]} said that it serves, but there is no "
                      f"process for {stack.at.pid_file(name)}")


def bookctl(stack, *words):
    """Runs a command of bookctl as the owner of the tables."""
    at = stack.at
    confs.booking(stack)
    run([at.program("fcgi-app/bookctl/bookctl"), "-c",
         os.path.join(at.conf, "owner.conf"), *words],
        at.log_file("bookctl"), environment(at), "bookctl " + " ".join(words))


def _start_booking(stack):
    _start_daemon(stack, "booking", confs.booking(stack))


def _start_maild(stack):
    _start_daemon(stack, "maild", confs.maild(stack))


def _start_nginx(stack):
    at = stack.at
    conf = confs.nginx(at, stack.http_port, stack.mail_port,
                       confs.Site(stack.shipped_limits, stack.lists_are_kept,
                                  stack.fastcgi))
    run([PROGRAMS["nginx"], "-e", at.log_file("nginx"), "-p", at.dir,
         "-c", conf], at.log_file("nginx"), environment(at), "start of nginx")
    wait_until(lambda: answers(("127.0.0.1", stack.http_port)),
               START_LIMIT_S, "start of nginx")


STARTERS = {"mariadb": _start_mariadb, "redis": _start_redis,
            "smtp": _start_smtp, "viewer": _start_viewer,
            "booking": _start_booking, "maild": _start_maild,
            "nginx": _start_nginx}
