# SPDX-License-Identifier: MIT
"""Where a stack's files, sockets and ports are."""

import os
import random
import secrets
import shlex
import shutil
import socket
import tempfile
from dataclasses import dataclass

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

# sun_path holds 107 bytes and a NUL.
LONGEST_SOCKET_DIR = 107 - len("/mariadb.sock")


@dataclass
class Options:
    """What may differ from stack to stack."""
    http: int = 0               # the page's port, 0 = any free one
    liked: tuple = (0, 0)       # ports for page and mailbox, if free
    smtp: str = ""              # HOST:PORT of a server that is not ours
    workers: int = 0            # of maild, 0 = its default
    booking_workers: int = 0    # of booking.fcgi, 0 = its default
    asan: bool = False          # the programs of build/asan
    crash: bool = False         # the programs of build/crash
    sample: bool = True         # sample services and slots


class Layout:
    """The paths of one stack, all below one directory."""

    def __init__(self, directory, asan=False, crash=False):
        self.dir = os.path.realpath(directory)
        self.build = os.path.join(TOP, "build", "crash" if crash else
                                  "asan" if asan else "release")
        self.conf = self.path("conf")
        self.log = self.path("log")
        self.pid = self.path("pid")
        self.mail = self.path("mail")
        self.secret = self.path("secret")
        self.share = self.path("share")
        self.run = self.path("run")
        self.env_file = self.path("stack.env")
        self.more_env = {}      # for the parts that are started next
        self.last_env_file = self.path("conf", "last.env")

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def socket(self, name):
        return os.path.join(self.run, name + ".sock")

    def pid_file(self, part):
        return os.path.join(self.pid, part + ".pid")

    def log_file(self, part):
        return os.path.join(self.log, part + ".log")

    def secret_file(self, name):
        return os.path.join(self.secret, name)

    def program(self, name):
        return os.path.join(self.build, name)

    def make(self):
        """Creates the directories; what is there already stays."""
        os.makedirs(self.dir, mode=0o700, exist_ok=True)
        for name in (self.conf, self.log, self.pid, self.mail, self.secret,
                     self.share, self.path("templates"), self.path("locale"),
                     self.path("nginx"),
                     self.path("redis"), self.path("journal"),
                     self.path("tmp")):
            os.makedirs(name, mode=0o700, exist_ok=True)
        self._make_run()
        # The installed data tree, out of the source tree's parts.
        for name, source in (("templates", "templates"), ("locale", "locale"),
                             ("schema", "schema"), ("static", "nginx/static"),
                             ("errors", "nginx/errors"), ("api", "doc")):
            link = os.path.join(self.share, name)
            if os.path.islink(link):
                os.unlink(link)
            os.symlink(os.path.join(TOP, source), link)

    def open_to_all(self):
        """After make(), for a daemon that becomes another user: it may enter
        what it reads.  The source tree may stand in a home of mode 0700, so
        that the data are copied.
        """
        for name in (self.dir, self.share, self.path("templates"),
                     self.path("locale")):
            os.chmod(name, 0o755)
        for name in os.listdir(self.share):
            link = os.path.join(self.share, name)
            source = os.path.realpath(link)
            os.unlink(link)
            copy_for_all(source, link)

    def _make_run(self):
        if os.path.islink(self.run) and not os.path.isdir(self.run):
            os.unlink(self.run)     # /tmp was swept since
        if len(self.run.encode()) <= LONGEST_SOCKET_DIR:
            os.makedirs(self.run, mode=0o700, exist_ok=True)
        elif not os.path.islink(self.run):
            os.symlink(tempfile.mkdtemp(prefix="reservoir-", dir="/tmp"),
                       self.run)
        self.run = os.path.realpath(self.run)

    def drop_run(self):
        """Removes a socket directory that stands elsewhere."""
        link = self.path("run")
        if not os.path.islink(link):
            return
        target = os.path.realpath(link)
        os.unlink(link)
        if os.path.isdir(target):
            for name in os.listdir(target):
                os.unlink(os.path.join(target, name))
            os.rmdir(target)

    def make_secret(self, name, size=32):
        """A random secret, made once, for our eyes only; returns its text."""
        path = self.secret_file(name)
        if not os.path.exists(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL,
                                 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(size) + "\n")
        with open(path, encoding="ascii") as file:
            return file.read().strip()


def copy_for_all(source, target):
    """A tree that everybody may read, whatever the source's modes."""
    shutil.copytree(source, target)
    for place, _, files in os.walk(target):
        os.chmod(place, 0o755)
        for file in files:
            os.chmod(os.path.join(place, file), 0o644)


def write_text(path, text, mode=0o600):
    """Writes a whole file in one step."""
    part = path + ".part"
    with open(part, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(part, mode)
    os.replace(part, path)


def write_env(path, values):
    """Shell assignments, one a line."""
    write_text(path, "".join(f"{name}={shlex.quote(str(value))}\n"
                             for name, value in values.items()))


def read_env(path):
    """What write_env() wrote, as a dict; empty when there is none."""
    values = {}
    try:
        with open(path, encoding="utf-8") as file:
            for word in shlex.split(file.read()):
                name, _, value = word.partition("=")
                values[name] = value
    except FileNotFoundError:
        pass
    return values


def port_is_free(port):
    """True when nobody listens on this loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(*preferred):
    """A free loopback port, below those the kernel hands to clients."""
    for port in preferred:
        if port and port_is_free(port):
            return port
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        if port_is_free(port):
            return port
