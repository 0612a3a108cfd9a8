# SPDX-License-Identifier: MIT
"""maildctl as people and scripts run it: with pipes, or on a terminal."""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import termios
import time

LIMIT_S = 30


class Console:
    """Runs maildctl with one settings file."""

    def __init__(self, stack):
        self.program = stack.env["MAILDCTL"]
        self.conf = stack.env["MAILD_CONF"]
        report = os.path.join(stack.at.log, "sanitizer")
        self.env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC",
                    "TERM": "xterm", "ASAN_OPTIONS": f"log_path={report}",
                    "UBSAN_OPTIONS": f"log_path={report}"}

    def argv(self, words):
        return [self.program, "-c", self.conf, *words]

    def run(self, *words, stdin="", status=0):
        """With pipes; returns standard output and standard error."""
        done = subprocess.run(self.argv(words), input=stdin, env=self.env,
                              text=True, timeout=LIMIT_S, check=False,
                              capture_output=True)
        assert done.returncode == status, (done.returncode, done.stdout,
                                           done.stderr)
        return done.stdout, done.stderr

    def out(self, *words, **how):
        return self.run(*words, **how)[0]

    def json(self, command, *words, **how):
        return json.loads(self.out(command, "--json", *words, **how))

    def terminal(self, *words, rows=24, columns=80):
        return Terminal(self.argv(words), self.env, rows, columns)


class Terminal:
    """A program on a terminal of its own; a test is the one who types."""

    def __init__(self, argv, env, rows, columns):
        self.master, slave = pty.openpty()
        self.said = ""
        self.slave = slave      # kept open: its modes are looked at
        self.before = termios.tcgetattr(slave)
        self.resize(rows, columns)
        self.child = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, env=env,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def resize(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.master, text.encode())

    def _read(self):
        if select.select([self.master], [], [], 0.05)[0]:
            try:
                self.said += os.read(self.master, 65536).decode(
                    "utf-8", "replace")
            except OSError:
                pass

    def wait_for(self, text, after=0):
        """Reads until the text was said; returns where it ends."""
        end = time.monotonic() + LIMIT_S
        while text not in self.said[after:]:
            assert time.monotonic() < end, (text, self.said[-2000:])
            self._read()
        return self.said.index(text, after) + len(text)

    def end(self):
        """Waits for the end; returns its status and all that it said."""
        end = time.monotonic() + LIMIT_S
        while self.child.poll() is None:
            assert time.monotonic() < end, self.said[-2000:]
            self._read()
        self._read()
        after = termios.tcgetattr(self.slave)
        os.close(self.master)
        os.close(self.slave)
        assert after == self.before, "the terminal is not as it was"
        return self.child.returncode, self.said
