# SPDX-License-Identifier: MIT
"""Somebody who types what doc/ says, at a stack instead of a whole machine.

The commands are those of a machine: service, maild, maildctl, bookctl,
booking.fcgi, redis-cli, mariadb, nginx.  Each is a script in a directory of
its own at the front of PATH, which puts the stack's files in the place of
those below /etc and /run; the init scripts are the real ones.
"""

import os
import re
import shlex
import subprocess

from . import confs, parts
from .layout import write_text
from .procs import Trouble, read_text, wait_until

LIMIT_S = 60
SERVERS = {"mariadb": "mariadb", "redis-server": "redis", "postfix": "smtp"}
SCRIPTS = {"maild": ("maild", "maild/maild", "/usr/sbin/maild"),
           "reservoir-booking": ("booking", "fcgi-app/booking.fcgi",
                                 "/usr/libexec/booking.fcgi")}
SERVICE = """\
#!/bin/sh
name=$1
shift
exec /bin/sh {bin}/init-$name "$@"
"""


class Sysadmin:
    """One of them, at one stack."""

    def __init__(self, stack):
        self.stack = stack
        at = stack.at
        self.bin = at.path("bin")
        self.default = at.path("default")
        self.changed = set()        # parts that put_back() starts anew
        for name in (self.bin, self.default):
            os.makedirs(name, mode=0o700, exist_ok=True)
        self.moved = {"/etc/nginx/reservoir.htpasswd":
                      os.path.join(at.conf, "htpasswd"),
                      "/usr/libexec/booking.fcgi": "booking.fcgi",
                      "/etc/reservoir": at.conf,
                      "/run/reservoir": at.run}
        conf = os.path.join(at.conf, "{}.conf").format
        for name, program, path in (
                ("maild", "maild/maild", conf("maild")),
                ("maildctl", "maild/maildctl/maildctl", conf("maild")),
                ("booking.fcgi", "fcgi-app/booking.fcgi", conf("booking")),
                ("bookctl", "fcgi-app/bookctl/bookctl", conf("booking"))):
            self._script(name, f'case $1 in\n-c) exec {at.program(program)} '
                         f'"$@" ;;\n*) exec {at.program(program)} -c {path} '
                         '"$@" ;;\nesac')
        self._script("redis-cli", "exec /usr/bin/redis-cli -s "
                     f'{stack.env["REDIS_SOCKET"]} "$@"')
        self._script("mariadb", "exec /usr/bin/mariadb --defaults-file="
                     f'{os.path.join(at.conf, "mariadb.cnf")} "$@"')
        self._script("nginx", f"exec /usr/sbin/nginx -p {at.dir} -e "
                     f'{at.log_file("nginx")} -c '
                     f'{os.path.join(at.conf, "nginx.conf")} "$@"')
        self._init_scripts()

    def _script(self, name, text):
        write_text(os.path.join(self.bin, name), f"#!/bin/sh\n{text}\n", 0o755)

    def _init_scripts(self):
        write_text(os.path.join(self.bin, "service"),
                   SERVICE.format(bin=self.bin), 0o755)
        for name, (_, program, installed) in SCRIPTS.items():
            text = read_text(self.stack.at.program(f"init/sysv/{name}"))
            if f"PROGRAM={installed}\n" not in text:
                raise Trouble(f"init/sysv/{name} has no PROGRAM={installed}")
            for before, after in (
                    (installed, self.stack.at.program(program)),
                    ("/etc/default", self.default),
                    ("/etc/reservoir", self.stack.at.conf),
                    ("/run/reservoir", self.stack.at.run),
                    ("/lib/lsb/init-functions", "/none")):
                text = text.replace(before, after)
            write_text(os.path.join(self.bin, "init-" + name), text, 0o755)

    def try_to(self, command, stdin=""):
        """Types it; returns (status, all that was printed)."""
        found = re.fullmatch(r"service (\S+) (start|stop)", command)
        if found and found[1] in SERVERS:
            getattr(self.stack, found[2])(SERVERS[found[1]])
            return 0, ""
        for before, after in self.moved.items():
            command = command.replace(before, after)
        command = command.replace("http://localhost", self.stack.http_url)
        env = parts.environment(self.stack.at)
        env["PATH"] = f'{self.bin}:{env["PATH"]}'
        old = workers(self.stack) if "nginx -s reload" in command else set()
        # In a session of its own there is no terminal to ask at.
        done = subprocess.run(
            ["/bin/sh", "-c", command], input=stdin, env=env, cwd="/",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", timeout=LIMIT_S, check=False,
            start_new_session=True)
        # An old worker closes the connections that it holds, or answers once
        # more by the settings that it began with.
        if done.returncode == 0:
            wait_until(lambda: not old & workers(self.stack), LIMIT_S,
                       "end of nginx' old workers")
        return done.returncode, done.stdout

    def type(self, command, stdin=""):
        """Types what must work; returns what was printed."""
        status, said = self.try_to(command, stdin)
        assert status == 0, f"{command}: status {status}\n{said}"
        return said

    def conf(self, part):
        return os.path.join(self.stack.at.conf, part + ".conf")

    def edit(self, part, line):
        """Puts "name = value" into a settings file, in its old line's place.

        A setting of a relay goes into the first relay's section.
        """
        self.changed.add(part)
        name = line.partition("=")[0].strip()
        before = read_text(self.conf(part))
        text, count = re.subn(rf"^{name} =.*$", lambda _: line, before,
                              flags=re.M)
        if not count and name in RELAYS:
            text = re.sub(r"^\[relay .*\]$", lambda m: f"{m[0]}\n{line}",
                          before, count=1, flags=re.M)
        elif not count:
            text = f"{line}\n{before}"
        assert text != before, f"{line}: nothing to change"
        write_text(self.conf(part), text)

    def edit_nginx(self, line, before=""):
        """Puts a directive into http {}, or before another one in the site."""
        self.changed.add("nginx")
        path = os.path.join(self.stack.at.conf,
                            "reservoir.conf" if before else "nginx.conf")
        before = before or "include "
        text = read_text(path)
        assert before in text
        write_text(path, text.replace(before, f"{line}\n{before}", 1))

    def put_back(self):
        """Settings as they were, and all parts up with them."""
        confs.booking(self.stack)
        confs.maild(self.stack)
        for part in self.changed:
            self.stack.stop(part)
        self.changed.clear()


RELAYS = ("host", "port", "tls", "tls_ca_file", "tls_name", "auth_user",
          "auth_password_file", "rate", "connections", "session_mails")


def workers(stack):
    """The process numbers of nginx' workers."""
    pid = stack.pid("nginx")
    return set(read_text(f"/proc/{pid}/task/{pid}/children").split()
               if pid else ())


def words_of(command):
    """The first word of a command, "" if it cannot be one."""
    try:
        return shlex.split(command)[0]
    except (ValueError, IndexError):
        return ""
