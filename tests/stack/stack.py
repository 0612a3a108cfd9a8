# SPDX-License-Identifier: MIT
"""One stack: all servers up, any one of them down, up again, all down."""

import contextlib
import os
import signal
import sys
import time

from . import confs, parts
from .layout import (Layout, Options, free_port, port_is_free, read_env,
                     write_env)
from .procs import (Trouble, alive, belongs, read_pid, read_text, send_signal,
                    stop, strays, tail, wait_until)


class Stack:
    """A directory with MariaDB, Redis, a mailbox, our programs and nginx.

    Parts: mariadb redis smtp viewer booking maild nginx.  Methods raise
    Trouble with a text that tells a person what went wrong.
    """

    def __init__(self, directory, options=None, quiet=False):
        self.options = options or Options()
        self.at = Layout(directory, self.options.asan, self.options.crash)
        self.quiet = quiet
        self.http_port = self.mail_port = 0
        self.smtp = self.options.smtp
        self.shipped_limits = False
        self.lists_are_kept = False
        self.fastcgi = ""           # where nginx finds booking, if elsewhere
        self.redis_name = "redis"   # after a failover it is another one
        # Settings by part that win over ours at the part's next start;
        # "relays", {name: settings}, replaces maild's relays.
        self.overrides = {"booking": {}, "maild": {}}
        self.before = {}            # by part: what runs its command

    @classmethod
    def attach(cls, directory):
        """The stack that `./dev up` left running in this directory."""
        env = read_env(Layout(directory).env_file)
        if not env:
            raise Trouble(f"no stack is up in {directory}")
        options = Options(asan=env["STACK_ASAN"] == "yes",
                          smtp=env["STACK_OTHER_SMTP"],
                          workers=int(env["STACK_WORKERS"]),
                          booking_workers=int(env["STACK_BOOKING_WORKERS"]))
        stack = cls(directory, options, quiet=True)
        stack.http_port, stack.mail_port, _ = confs.previous_ports(stack.at)
        stack.smtp = f"{env['SMTP_HOST']}:{env['SMTP_PORT']}"
        return stack

    # ---- what tests and people ask -------------------------------------

    @property
    def names(self):
        """The parts of this stack, in the order of starting."""
        return [name for name in parts.ORDER
                if not (self.options.smtp and name in ("smtp", "viewer"))]

    @property
    def http_url(self):
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def mail_url(self):
        return f"http://127.0.0.1:{self.mail_port}/" if self.mail_port else ""

    @property
    def env(self):
        """What stack.env holds."""
        at = self.at
        own_mail = not self.options.smtp
        host, _, port = self.smtp.rpartition(":")
        values = {
            "HTTP_URL": self.http_url,
            "ADMIN_URL": self.http_url + "/admin/",
            "ADMIN_USER": confs.ORGANISER,
            "ADMIN_PASSWORD": confs.organiser_password(at),
            "MAIL_URL": self.mail_url,
            "MYSQL_SOCKET": at.socket("mariadb"),
            "MYSQL_DATABASE": confs.DATABASE,
            "MYSQL_USER": "reservoir",
            "MYSQL_PASSWORD_FILE": at.secret_file("mysql"),
            "REDIS_SOCKET": at.socket(self.redis_name),
            "QUEUE_PREFIX": confs.QUEUE_PREFIX,
            "SMTP_HOST": host,
            "SMTP_PORT": port,
            "SMTP_LOG": at.path("smtp.log") if own_mail else "",
            "MAIL_DIR": at.mail if own_mail else "",
            "LOG_DIR": at.log,
            "BOOKING_CONF": os.path.join(at.conf, "booking.conf"),
            "OWNER_CONF": os.path.join(at.conf, "owner.conf"),
            "MAILD_CONF": os.path.join(at.conf, "maild.conf"),
            "NGINX_CONF": os.path.join(at.conf, "nginx.conf"),
            "BOOKING_FCGI": at.program("fcgi-app/booking.fcgi"),
            "BOOKCTL": at.program("fcgi-app/bookctl/bookctl"),
            "MAILD": at.program("maild/maild"),
            "MAILDCTL": at.program("maild/maildctl/maildctl"),
            "STACK_ASAN": "yes" if self.options.asan else "no",
            "STACK_OTHER_SMTP": self.options.smtp,
            "STACK_WORKERS": self.options.workers,
            "STACK_BOOKING_WORKERS": self.options.booking_workers,
        }
        for part in parts.ORDER:
            values[part.upper() + "_PID"] = (
                at.pid_file(part) if part in self.names else "")
        return values

    def pid(self, name):
        """The part's main process, 0 when it does not run."""
        pid = read_pid(self.at.pid_file(name))
        program = os.path.basename(parts.program(self.at, name))
        if pid and alive(pid) and belongs(pid, self.at.dir, program):
            return pid
        return 0

    def children(self, name):
        """The part's processes by what they call themselves: {title: pid}."""
        pid = self.pid(name)
        found = {}
        for word in read_text(f"/proc/{pid}/task/{pid}/children").split():
            title = read_text(f"/proc/{word}/cmdline").replace("\0", " ")
            # "maild: worker 3: what it does now"
            found[(title.split(":") + [""])[1].strip()] = int(word)
        return found

    def dead_parts(self):
        return [name for name in self.names if not self.pid(name)]

    def sanitizer_reports(self):
        """What ASan and UBSan wrote, as texts."""
        return [read_text(os.path.join(self.at.log, name))
                for name in sorted(os.listdir(self.at.log))
                if name.startswith("sanitizer.")]

    def bugs(self):
        """Log lines of a program that found itself wrong: see must()."""
        return [line for name in ("booking.log", "maild.log")
                if os.path.exists(os.path.join(self.at.log, name))
                for line in read_text(os.path.join(self.at.log, name)
                                      ).splitlines()
                if ": bug: " in line]

    # ---- one part --------------------------------------------------------

    def start(self, name):
        """Starts one part and waits until it serves."""
        if self.pid(name):
            return
        begun = time.monotonic()
        try:
            parts.start(self, name)
        except Trouble as trouble:
            log = tail(self.at.log_file(name))
            text = str(trouble)
            raise Trouble(text if log in text else f"{text}\n{log}") from None
        self._say(f"{parts.TITLES[name]} is up"
                  f" ({time.monotonic() - begun:.1f} s)")

    def stop(self, name, grace_s=15):
        """Stops one part the polite way; KILL past grace_s."""
        pid = self.pid(name)
        if not pid:
            return
        number = signal.SIGQUIT if name == "nginx" else signal.SIGTERM
        if not stop(pid, grace_s, number):
            self._say(f"{parts.TITLES[name]} had to be killed")
        if name not in ("nginx", "booking", "maild"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.at.pid_file(name))

    def kill(self, name, number=signal.SIGKILL):
        """Sends a signal to one part's main process; KILL is waited for."""
        pid = self.pid(name)
        if not pid:
            raise Trouble(f"{name} does not run")
        send_signal(pid, number)
        if number == signal.SIGKILL:
            wait_until(lambda: not alive(pid), 10, f"death of {name}")

    def restart(self, name):
        self.stop(name)
        self.start(name)

    def use_shipped_limits(self, yes):
        """nginx with the rate limits as shipped, or with open ones."""
        self.shipped_limits = yes
        self.restart("nginx")

    def keep_lists(self, yes):
        """nginx that keeps lists for a second, as shipped, or not."""
        self.lists_are_kept = yes
        self.restart("nginx")

    # ---- all of it -------------------------------------------------------

    def up(self):
        """Starts everything; what was begun is stopped when one part fails."""
        running = [name for name in self.names if self.pid(name)]
        if running:
            raise Trouble(f"already up in {self.at.dir}: {' '.join(running)}"
                          f"\n  ./dev down --dir {self.at.dir} stops it")
        self._check_programs()
        self.at.make()
        self._choose_ports()
        try:
            for name in self.names:
                if name == "booking":
                    self._prepare_tables()
                self.start(name)
            write_env(self.at.env_file, self.env)
        except BaseException:
            self.down()
            raise

    def down(self):
        """Stops everything that is this stack's, in reverse order."""
        for name in reversed(parts.ORDER):
            self.stop(name)
        programs = [os.path.basename(parts.program(self.at, name))
                    for name in parts.ORDER if name not in ("smtp", "viewer")]
        for pid in strays(self.at.dir, programs):
            self._say(f"a process was left over: {pid}")
            stop(pid, 2)
        self.at.drop_run()
        if os.path.exists(self.at.env_file):
            os.replace(self.at.env_file, self.at.last_env_file)

    def _prepare_tables(self):
        parts.bookctl(self, "migrate")
        if self.options.sample:
            parts.bookctl(self, "sample")

    def _check_programs(self):
        for name in parts.ORDER:
            program = parts.program(self.at, name)
            if not os.access(program, os.X_OK):
                raise Trouble(f"{program} is not there: ./dev deps installs "
                              "the servers, ./dev build makes our programs")

    def _choose_ports(self):
        before_http, before_mail, before_smtp = confs.previous_ports(self.at)
        wanted = self.options.http
        if wanted and not port_is_free(wanted):
            raise Trouble(f"port {wanted} is taken: choose another --http")
        liked_http, liked_mail = self.options.liked
        self.http_port = wanted or free_port(before_http, liked_http)
        if not self.options.smtp:
            self.mail_port = free_port(before_mail, liked_mail)
            self.smtp = f"127.0.0.1:{free_port(before_smtp)}"

    def _say(self, text):
        if not self.quiet:
            print(f"dev: {text}", file=sys.stderr, flush=True)
