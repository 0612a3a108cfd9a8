# SPDX-License-Identifier: MIT
"""Places for a program's log whose reader a test can stop and start again."""

import contextlib
import os
import signal
import socket
import subprocess

from .procs import read_text, wait_until

# A /dev in which /dev/log is ours, for the program alone.
OWN_DEV = """\
mount -t tmpfs none "$0" && cd "$0" || exit 71
for one in null zero full random urandom; do
	: >"$one" && mount --bind "/dev/$one" "$one" || exit 71
done
ln -s /proc/self/fd fd && ln -s "$1" log || exit 71
cd / && mount --rbind "$0" /dev || exit 71
shift
exec "$@"
"""
OWN_DISK = """\
mount -t tmpfs -o size=64k,mode=0777 none "$0" || exit 71
exec "$@"
"""


def fill(write):
    """Writes until there is no room, for not even one byte."""
    for piece in (b"\n" * 512, b"\n"):
        with contextlib.suppress(BlockingIOError):
            while True:
                write(piece)


def stands_still(pid):
    """A stopped process."""
    return read_text(f"/proc/{pid}/stat").rpartition(")")[2].split()[0] == "T"


class Way:
    """What all have in common: who is started how, and what was read."""

    settings, env, before, stderr = {"log": "stderr"}, {}, (), None
    # What each line begins with.
    begin = r"20\d\d-\d\d-\d\dT[\d:.]+Z {program}\[\d+\] \w+: "

    def __init__(self, directory):
        os.makedirs(directory)
        self.dir = directory
        self.file = os.path.join(directory, "read")

    def said(self):
        return read_text(self.file)

    def started(self, pid):
        """The program runs."""

    def close(self):
        """The program is gone."""


class Pipe(Way):
    """Standard error is a pipe that a program reads."""

    def __init__(self, directory):
        super().__init__(directory)
        out, self.stderr = os.pipe()
        with open(self.file, "wb") as file:
            self.reader = subprocess.Popen(["/bin/cat"], stdin=out,
                                           stdout=file)
        os.close(out)

    def stop_reading(self):
        self.reader.send_signal(signal.SIGSTOP)
        # It stops a little later, and may have emptied the pipe meanwhile.
        wait_until(lambda: stands_still(self.reader.pid), 30, "a stop")
        # Ours alone: what the program has stays as it is.
        own = os.open(f"/proc/self/fd/{self.stderr}",
                      os.O_WRONLY | os.O_NONBLOCK)
        fill(lambda piece: os.write(own, piece))
        os.close(own)

    def read_on(self):
        self.reader.send_signal(signal.SIGCONT)

    def close(self):
        os.close(self.stderr)
        self.reader.send_signal(signal.SIGCONT)
        self.reader.wait(30)


class DeadReader(Pipe):
    """The same, and the reader ends for good."""

    def stop_reading(self):
        self.reader.kill()
        self.reader.wait()

    read_on = None


class Fifo(Pipe):
    """The log file is a FIFO."""

    def __init__(self, directory):
        Way.__init__(self, directory)
        self.fifo = os.path.join(directory, "fifo")
        os.mkfifo(self.fifo)
        self.settings = {"log": "file:" + self.fifo}
        with open(self.file, "wb") as file:
            self.reader = subprocess.Popen(["/bin/cat", self.fifo],
                                           stdout=file)

    def stop_reading(self):
        self.stderr = os.open(self.fifo, os.O_WRONLY)
        super().stop_reading()
        os.close(self.stderr)

    def close(self):
        self.read_on()
        self.reader.wait(30)


class Stream(Way):
    """Standard error is a connection, as a service manager gives it."""

    begin = r"<[3467]>"

    def __init__(self, directory):
        super().__init__(directory)
        self.ours, theirs = socket.socketpair()
        self.stderr = theirs.detach()
        there = os.fstat(self.stderr)
        self.env = {"JOURNAL_STREAM": f"{there.st_dev}:{there.st_ino}"}
        self.ours.setblocking(False)
        self.text = b""
        self.reads = True

    def stop_reading(self):
        self.said()
        self.reads = False
        with socket.socket(fileno=os.dup(self.stderr)) as own:
            fill(lambda piece: own.send(piece, socket.MSG_DONTWAIT))

    def read_on(self):
        self.reads = True

    def said(self):
        with contextlib.suppress(BlockingIOError):
            while self.reads and (more := self.ours.recv(1 << 16)):
                self.text += more
        return self.text.decode()

    def close(self):
        os.close(self.stderr)
        self.ours.close()


class Syslog(Way):
    """A syslog daemon that stands still, and comes back as another one."""

    begin = r"<\d\d>\w{{3}} [ \d]\d \d\d:\d\d:\d\d {program}\[\d+\]: "

    def __init__(self, directory, kind=socket.SOCK_DGRAM):
        super().__init__(directory)
        self.kind = kind
        self.path = os.path.join(directory, "dev-log")
        room = os.path.join(directory, "dev")
        os.mkdir(room)
        self.settings = {"log": "syslog"}
        self.before = ("/usr/bin/unshare", "-m", "/bin/sh", "-c", OWN_DEV,
                       room, self.path)
        self.text = b""
        self.links = []
        self.bind()

    def bind(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.socket = socket.socket(socket.AF_UNIX, self.kind)
        self.socket.bind(self.path)
        self.socket.setblocking(False)

    def drop(self):
        for one in [self.socket, *self.links]:
            one.close()
        self.links = []

    def stop_reading(self):
        self.said()
        self.reads = False
        with socket.socket(socket.AF_UNIX, self.kind) as own:
            own.connect(self.path)
            own.setblocking(False)
            fill(own.send)

    def read_on(self):
        self.reads = True
        self.said()
        self.drop()
        self.bind()

    reads = True

    def said(self):
        if not self.reads:
            return self.text.decode()
        sources = [self.socket]
        if self.kind == socket.SOCK_STREAM:
            with contextlib.suppress(BlockingIOError):
                while True:
                    self.links.append(self.socket.accept()[0])
                    self.links[-1].setblocking(False)
            sources = self.links
        for one in sources:
            with contextlib.suppress(BlockingIOError):
                while more := one.recv(1 << 16):
                    self.text += more
                    if self.kind == socket.SOCK_DGRAM:
                        self.text += b"\n"
        return self.text.decode().replace("\0", "\n")

    def close(self):
        self.drop()


class SyslogStream(Syslog):
    """One that takes connections, and is another one when it stands still."""

    def __init__(self, directory):
        super().__init__(directory, socket.SOCK_STREAM)

    def bind(self):
        super().bind()
        self.socket.listen(64)

    def stop_reading(self):
        self.said()
        self.reads = False
        self.drop()
        super().bind()
        self.socket.listen(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.links.append(socket.socket(socket.AF_UNIX, self.kind))
                self.links[-1].setblocking(False)
                self.links[-1].connect(self.path)

    def read_on(self):
        self.reads = True
        self.drop()
        self.bind()


class Disk(Way):
    """A log file on a disk that is full."""

    def __init__(self, directory):
        super().__init__(directory)
        self.disk = os.path.join(directory, "disk")
        os.mkdir(self.disk)
        self.settings = {"log": f"file:{self.disk}/log"}
        self.before = ("/usr/bin/unshare", "-m", "/bin/sh", "-c", OWN_DISK,
                       self.disk)

    def started(self, pid):
        # The disk is there for the program alone.
        self.seen = f"/proc/{pid}/root{self.disk}"

    def stop_reading(self):
        with open(self.seen + "/filler", "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while file.write(b"x" * 4096):
                    pass
        # And what is left in the log's last page.
        with open(self.seen + "/log", "ab", buffering=0) as file:
            with contextlib.suppress(OSError):
                while file.write(b"\n"):
                    pass

    def read_on(self):
        os.unlink(self.seen + "/filler")

    def said(self):
        text = read_text(self.seen + "/log")
        self.last = text or self.last
        return self.last

    last = ""


WAYS = (Pipe, DeadReader, Fifo, Stream)
ROOTS_WAYS = (Syslog, SyslogStream, Disk)       # they mount something


class Logged:
    """One part of a stack, with its log there."""

    def __init__(self, stack, name, way, command, env):
        self.stack, self.name, self.way = stack, name, way
        self.child = None
        where = dict(stdin=subprocess.DEVNULL, env=env | way.env)
        argv = [*way.before, *command]
        if way.settings["log"] != "stderr":
            subprocess.run(argv, check=True, timeout=60, **where)
        else:
            self.child = subprocess.Popen([*argv, "-F"], stderr=way.stderr,
                                          **where)
        wait_until(lambda: stack.pid(name), 30, name)
        way.started(stack.pid(name))

    def signal(self, number):
        os.kill(self.stack.pid(self.name), number)

    def is_gone(self):
        if self.child is not None:
            return self.child.poll() is not None
        return not self.stack.pid(self.name)

    def close(self):
        if not self.is_gone():
            self.stack.kill(self.name)
        if self.child is not None:
            self.child.wait(30)
        self.way.close()
