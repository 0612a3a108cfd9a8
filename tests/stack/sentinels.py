# SPDX-License-Identifier: MIT
"""A Redis group: a master, replicas, and sentinels that watch them."""

import os
import signal

import redis

from . import servers
from .layout import free_port, write_text
from .procs import Trouble, alive, send_signal, spawn, wait_until

LIMIT_S = 30
NAME = "mails"

SERVER = """\
bind 127.0.0.1
port {port}
dir {dir}
daemonize no
save ""
appendonly yes
appendfsync everysec
repl-diskless-sync yes
repl-diskless-sync-delay 0
maxmemory-policy noeviction
{auth}
"""

SENTINEL = """\
bind 127.0.0.1
port {port}
dir {dir}
daemonize no
sentinel monitor {name} 127.0.0.1 {master} {quorum}
sentinel down-after-milliseconds {name} 1000
sentinel failover-timeout {name} 4000
{auth}
"""


class RedisGroup:
    """Everything on loopback, on free ports; close() ends all of it."""

    def __init__(self, directory, replicas=2, sentinels=3, password="",
                 sentinel_password=""):
        self.dir = str(directory)
        self.password = password
        self.sentinel_password = sentinel_password
        self.procs = {}         # port -> Popen
        self.servers = []       # ports; the first began as the master
        self.sentinels = []     # ports
        os.makedirs(self.dir, exist_ok=True)
        try:
            for _ in range(1 + replicas):
                self._server()
            for _ in range(sentinels):
                self._sentinel(sentinels // 2 + 1)
            wait_until(lambda: all(self._sees_all(port, replicas, sentinels)
                                   for port in self.sentinels), LIMIT_S,
                       "sentinels that know each other and all replicas")
        except BaseException:
            self.close()
            raise

    def close(self):
        for proc in self.procs.values():
            send_signal(proc.pid, signal.SIGCONT)
            send_signal(proc.pid, signal.SIGKILL)
            proc.wait()

    @property
    def address(self):
        """The redis setting of our programs."""
        return f"sentinel:{NAME}@" + ",".join(
            f"127.0.0.1:{port}" for port in self.sentinels)

    # ---- the parts ----------------------------------------------------------

    def _start(self, port, text, *words):
        where = os.path.join(self.dir, str(port))
        os.makedirs(where)
        conf = os.path.join(where, "redis.conf")
        write_text(conf, text.replace("{dir}", where))
        self._run(port, *words)

    def _run(self, port, *words):
        where = os.path.join(self.dir, str(port))
        proc = spawn([servers.REDIS_SERVER,
                      os.path.join(where, "redis.conf"), *words],
                     os.path.join(where, "log"), {"PATH": "/usr/bin:/bin"})
        self.procs[port] = proc

        def up():
            if proc.poll() is not None:
                raise Trouble(f"redis on port {port} ended: see {where}/log")
            return self.ask(port, "PING")
        wait_until(up, LIMIT_S, f"redis on port {port}")

    def _server(self):
        port = free_port()
        self.servers.append(port)
        auth = (f"requirepass {self.password}\nmasterauth {self.password}\n"
                if self.password else "")
        if port != self.servers[0]:
            auth += f"replicaof 127.0.0.1 {self.servers[0]}\n"
        self._start(port, SERVER.format(port=port, dir="{dir}", auth=auth))

    def _sentinel(self, quorum):
        port = free_port()
        self.sentinels.append(port)
        auth = ""
        if self.password:
            auth += f"sentinel auth-pass {NAME} {self.password}\n"
        if self.sentinel_password:
            auth += (f"requirepass {self.sentinel_password}\n"
                     f"sentinel sentinel-pass {self.sentinel_password}\n")
        self._start(port, SENTINEL.format(
            port=port, dir="{dir}", name=NAME, master=self.servers[0],
            quorum=quorum, auth=auth), "--sentinel")

    def client(self, port):
        password = (self.sentinel_password if port in self.sentinels
                    else self.password)
        return redis.Redis(port=port, password=password or None,
                           decode_responses=True, socket_timeout=5)

    def ask(self, port, *words):
        """The answer to a command, None when there is none."""
        try:
            with self.client(port) as one:
                return one.execute_command(*words)
        except redis.RedisError:
            return None

    def _sees_all(self, port, replicas, sentinels):
        seen = self.ask(port, "SENTINEL", "MASTER", NAME)
        if not seen:
            return False
        if isinstance(seen, list):
            seen = dict(zip(seen[::2], seen[1::2]))
        return (int(seen["num-slaves"]) == replicas
                and int(seen["num-other-sentinels"]) == sentinels - 1)

    # ---- what goes wrong ----------------------------------------------------

    def master(self):
        """The port of the only master that lives, or 0."""
        masters = [port for port in self.servers
                   if alive(self.procs[port].pid)
                   and (self.ask(port, "ROLE") or [""])[0] == "master"]
        return masters[0] if len(masters) == 1 else 0

    def kill(self, port, number=signal.SIGKILL):
        send_signal(self.procs[port].pid, number)
        if number == signal.SIGKILL:
            self.procs[port].wait()

    def revive(self, port):
        """A server that was killed comes back, as what it last was."""
        self._run(port, *(["--sentinel"] if port in self.sentinels else []))

    def failover(self, number=signal.SIGKILL):
        """Kills the master; returns (old port, new port)."""
        old = wait_until(self.master, LIMIT_S, "one master")
        self.kill(old, number)
        others = [port for port in self.servers if port != old]
        new = wait_until(
            lambda: next((port for port in others if
                          (self.ask(port, "ROLE") or [""])[0] == "master"),
                         0), LIMIT_S, "a new master")
        return old, new
