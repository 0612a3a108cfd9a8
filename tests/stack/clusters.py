# SPDX-License-Identifier: MIT
"""A Redis Cluster: three masters with a replica each, on loopback."""

import contextlib
import os
import signal
import subprocess

import redis

from . import servers
from .confs import QUEUE_PREFIX
from .layout import free_port, write_text
from .procs import Trouble, alive, send_signal, spawn, wait_until

LIMIT_S = 60

SERVER = """\
bind 127.0.0.1
port {port}
cluster-port {bus}
bind-source-addr {source}
protected-mode no
cluster-announce-ip 127.0.0.1
dir {dir}
daemonize no
cluster-enabled yes
cluster-config-file nodes.conf
cluster-node-timeout 1000
cluster-allow-replica-migration no
save ""
appendonly yes
appendfsync everysec
repl-diskless-sync yes
repl-diskless-sync-delay 0
maxmemory-policy noeviction
{more}
"""


class RedisCluster:
    """Six servers on free ports; close() ends all of them."""

    def __init__(self, directory, nodes=6, more="", password="", tls=None):
        """tls: an authority, and the name of all nodes' certificate."""
        self.dir = str(directory)
        self.password = password
        self.more = more
        self.tls_ports = {}
        if tls:
            certificate, key = tls[0].issue(tls[1])
            self.more += (f"tls-cert-file {certificate}\ntls-key-file {key}\n"
                          f"tls-ca-cert-file {tls[0].file}\n"
                          "tls-auth-clients no\ntls-port {tls_port}\n")
        self.prefix = QUEUE_PREFIX
        self.procs = {}         # port -> Popen
        self.servers = []
        self.buses = {}         # port -> the port for other nodes
        os.makedirs(self.dir, exist_ok=True)
        try:
            for _ in range(nodes):
                self._server()
            self._create(nodes // 3 - 1)
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
        return self.address_of(*self.servers)

    @property
    def tls_address(self):
        return self.address_of(*self.tls_ports.values())

    def tls_clients(self):
        """How many are connected with TLS."""
        return sum(f"laddr=127.0.0.1:{self.tls_ports[port]} " in str(
            self.raw_clients(port)) for port in self.masters())

    @staticmethod
    def address_of(*ports):
        return "cluster:" + ",".join(f"127.0.0.1:{port}" for port in ports)

    # ---- the parts ----------------------------------------------------------

    def _free_port(self):
        """None that a server here has, or is about to have."""
        taken = {*self.servers, *self.buses.values(),
                 *self.tls_ports.values()}
        return next(port for port in iter(free_port, None)
                    if port not in taken)

    def _server(self):
        port = self._free_port()
        self.servers.append(port)
        self.buses[port] = self._free_port()
        self.tls_ports[port] = self._free_port()
        where = os.path.join(self.dir, str(port))
        os.makedirs(where)
        write_text(os.path.join(where, "redis.conf"), SERVER.format(
            port=port, bus=self.buses[port], source=self.source(port),
            dir=where, more=self.more.replace(
                "{tls_port}", str(self.tls_ports[port]))))
        self._run(port)

    def _run(self, port):
        where = os.path.join(self.dir, str(port))
        proc = spawn([servers.REDIS_SERVER,
                      os.path.join(where, "redis.conf")],
                     os.path.join(where, "log"), {"PATH": "/usr/bin:/bin"})
        self.procs[port] = proc

        def up():
            if proc.poll() is not None:
                raise Trouble(f"redis on port {port} ended: see {where}/log")
            return self.ask(port, "PING")
        wait_until(up, LIMIT_S, f"redis on port {port}")

    def source(self, port):
        """Where this node's own connections come from: one of loopback's."""
        return f"127.0.3.{1 + self.servers.index(port)}"

    def cli(self, *words, **more):
        return subprocess.run(
            [servers.REDIS_CLI, *map(str, words)], check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
            env={"REDISCLI_AUTH": self.password} if self.password else {},
            **more)

    def _create(self, replicas):
        made = self.cli("--cluster", "create",
                        *(f"127.0.0.1:{port}" for port in self.servers),
                        "--cluster-replicas", replicas, "--cluster-yes")
        if made.returncode != 0:
            raise Trouble(made.stdout)
        wait_until(lambda: all(self._is_whole(port, replicas)
                               for port in self.servers), LIMIT_S,
                   "a cluster of which all nodes know")

    def _is_whole(self, port, replicas):
        info = self.ask(port, "CLUSTER", "INFO") or ""
        if isinstance(info, dict):
            state = info.get("cluster_state")
        else:
            state = "ok" if "cluster_state:ok" in info else ""
        slots = self.ask(port, "CLUSTER", "SLOTS")
        return (state == "ok" and slots
                and all(len(one) == 3 + replicas for one in self.raw_slots(
                    port)))

    def client(self, port):
        return redis.Redis(port=port, password=self.password or None,
                           decode_responses=True, socket_timeout=5)

    def ask(self, port, *words):
        """The answer to a command, None when there is none."""
        try:
            with self.client(port) as one:
                return one.execute_command(*words)
        except redis.RedisError:
            return None

    def raw_slots(self, port):
        """[[first, last, [host, port, id], ...], ...]"""
        with self.client(port) as one:
            one.response_callbacks.pop("CLUSTER SLOTS", None)
            return one.execute_command("CLUSTER SLOTS")

    def raw_clients(self, port):
        with self.client(port) as one:
            one.response_callbacks.pop("CLIENT LIST", None)
            return one.execute_command("CLIENT LIST")

    # ---- who has the keys ---------------------------------------------------

    def owners(self):
        """Ports of the masters that serve the our keys."""
        return [port for port in self.servers if alive(self.procs[port].pid)
                and (self.ask(port, "ROLE") or [""])[0] == "master"
                and self.ask(port, "EXISTS", self.prefix + "x") is not None]

    def owner(self):
        found = self.owners()
        return found[0] if len(found) == 1 else 0

    def masters(self):
        return [port for port in self.servers if alive(self.procs[port].pid)
                and (self.ask(port, "ROLE") or [""])[0] == "master"]

    def replica_of(self, master):
        return next(port for port in self.servers
                    if (self.ask(port, "ROLE") or [""])[0] == "slave"
                    and self.ask(port, "ROLE")[2] == master)

    def node_id(self, port):
        return self.ask(port, "CLUSTER", "MYID")

    # ---- what happens to it -------------------------------------------------

    def kill(self, port, number=signal.SIGKILL):
        send_signal(self.procs[port].pid, number)
        if number == signal.SIGKILL:
            self.procs[port].wait()

    def revive(self, port):
        self._run(port)

    @contextlib.contextmanager
    def cut_off(self, port):
        """No other node reaches this one, nor it them; clients still do."""
        one, all_of_them = self.source(port), "127.0.3.0/24"
        ways = [["-s", one], ["-d", one],
                ["-p", "tcp", "-d", "127.0.0.1", "--dport", self.buses[port]],
                ["-p", "tcp", "-s", "127.0.0.1", "--sport", self.buses[port]],
                ["-p", "tcp", "-s", all_of_them, "--dport", port]]

        def rules(what):
            for way in ways:
                subprocess.run(["iptables", "-w", what, "INPUT",
                                *map(str, way), "-j", "DROP"], check=True)
        rules("-I")
        try:
            yield
        finally:
            rules("-D")

    def failover(self, number=signal.SIGKILL):
        """Kills the owner of our keys; returns (old port, new port)."""
        old = wait_until(self.owner, LIMIT_S, "one owner")
        self.kill(old, number)
        others = [port for port in self.servers if port != old]
        new = wait_until(
            lambda: next((port for port in others
                          if self.ask(port, "EXISTS", self.prefix + "x") is not None
                          and self.ask(port, "ROLE")[0] == "master"), 0),
            LIMIT_S, "a new owner")
        return old, new

    def slot(self):
        return self.ask(self.servers[0], "CLUSTER", "KEYSLOT", self.prefix)

    def use_first_slot(self):
        """Takes a prefix whose slot is its owner's first: redis-cli takes
        slots from there."""
        firsts = [one[0] for one in self.raw_slots(self.servers[0])]
        with self.client(self.servers[0]) as one:
            self.prefix = next(
                prefix for prefix in (f"{{m{n}}}:" for n in range(100000))
                if one.execute_command("CLUSTER", "KEYSLOT", prefix) in firsts)

    def reshard(self):
        """Has redis-cli move our slot; (old, new)."""
        old = wait_until(self.owner, LIMIT_S, "one owner")
        new = next(port for port in self.masters() if port != old)
        done = self.cli("--cluster", "reshard", f"127.0.0.1:{old}",
                        "--cluster-from", self.node_id(old),
                        "--cluster-to", self.node_id(new),
                        "--cluster-slots", 1, "--cluster-yes")
        assert done.returncode == 0, done.stdout
        wait_until(lambda: self.owner() == new, LIMIT_S, "the move")
        return old, new

    def move_keys(self, old, new, most=0):
        """Some of the keys, in what order the server likes."""
        moved = 0
        while True:
            keys = self.ask(old, "CLUSTER", "GETKEYSINSLOT", self.slot(),
                            min(10, most - moved) if most else 10)
            if not keys or (most and moved >= most):
                return moved
            self.ask(old, "MIGRATE", "127.0.0.1", new, "", 0, 5000, "KEYS",
                     *keys)
            moved += len(keys)

    def begin_move(self, old, new):
        """From now on keys may be at either."""
        slot = self.slot()
        assert self.ask(new, "CLUSTER", "SETSLOT", slot, "IMPORTING",
                        self.node_id(old))
        assert self.ask(old, "CLUSTER", "SETSLOT", slot, "MIGRATING",
                        self.node_id(new))

    def end_move(self, old, new):
        slot = self.slot()
        assert self.ask(old, "CLUSTER", "COUNTKEYSINSLOT", slot) == 0
        owner_id = self.node_id(new)
        for port in [new] + [one for one in self.masters() if one != new]:
            self.ask(port, "CLUSTER", "SETSLOT", slot, "NODE", owner_id)
