# SPDX-License-Identifier: MIT
"""RabbitMQ: one node or a cluster of three, all of it on loopback.

An ordinary user can run it: each cluster has a directory, a cookie, names and
ports of its own, also for epmd, which finds the nodes.
"""

import contextlib
import logging
import os
import re
import secrets
import signal
import socket
import subprocess

import pika

from .layout import free_port, write_text
from .procs import Trouble, alive, send_signal, spawn, wait_until

TOOLS = "/usr/lib/rabbitmq/bin"
SERVER = TOOLS + "/rabbitmq-server"
QUEUES = TOOLS + "/rabbitmq-queues"
EPMD = "/usr/bin/epmd"
START_LIMIT_S = 240         # Erlang, three times, on a busy machine
USER = "reservoir"
# Tests break connections all the time; it tells of each in ten lines.
logging.getLogger("pika").setLevel(logging.CRITICAL)

CONF = """\
listeners.tcp.1 = 127.0.0.1:{port}
default_user = {user}
default_pass = {password}
loopback_users = none
disk_free_limit.absolute = 10MB
log.console = true
log.console.level = info
log.file = false
cluster_formation.peer_discovery_backend = classic_config
"""
TLS = """\
listeners.ssl.1 = 127.0.0.1:{port}
ssl_options.certfile = {certificate}
ssl_options.keyfile = {key}
ssl_options.cacertfile = {ca}
"""
# One scheduler that never spins, and no port but on loopback.
ERLANG = ("+S 1:1 +SDcpu 1:1 +SDio 1 +sbwt none +sbwtdcpu none +sbwtdio none"
          " -start_epmd false"
          " -kernel inet_dist_use_interface {127,0,0,1} net_ticktime 8")


def missing():
    """Why it cannot be run here; "" if it can."""
    return "" if os.path.exists(SERVER) else "rabbitmq-server is not there"


class Rabbits:
    """count nodes; close() ends all of them."""

    def __init__(self, directory, count=1, tls=None):
        self.dir = str(directory)
        self.password = secrets.token_hex(12)
        self.tls = tls          # (certificate, key, CA), or None
        self.tls_port = free_port() if tls else 0
        self.ports = []
        while len(self.ports) < count:
            port = free_port()
            if port not in self.ports:
                self.ports.append(port)
        self.procs = {}         # port -> Popen
        self.epmd_port = free_port()
        os.makedirs(self.dir, mode=0o700, exist_ok=True)
        write_text(self.path(".erlang.cookie"), secrets.token_hex(16), 0o400)
        self.password_file = self.path("password")
        write_text(self.password_file, self.password + "\n")
        self.epmd = spawn([EPMD, "-port", str(self.epmd_port), "-address",
                           "127.0.0.1"], self.path("epmd.log"),
                          self.environment())
        try:
            wait_until(lambda: _answers(self.epmd_port), 20, "epmd")
            for port in self.ports:
                self.begin(port)
            for port in self.ports:
                self.ready(port)
        except BaseException:
            self.close()
            raise

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def node(self, port):
        return f"r{port}@localhost"

    @property
    def address(self):
        """The amqp setting of maild-amqp."""
        return ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def environment(self):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
                "HOME": self.dir, "ERL_EPMD_PORT": str(self.epmd_port),
                "ERL_EPMD_ADDRESS": "127.0.0.1",
                "RABBITMQ_CONF_ENV_FILE": "/dev/null",
                # Else a shell stays before it, which signals do not pass.
                "RUNNING_UNDER_SYSTEMD": "true"}

    # ---- nodes -------------------------------------------------------------

    def begin(self, port):
        """Starts a node, again or for the first time."""
        where = self.path(str(port))
        os.makedirs(where, mode=0o700, exist_ok=True)
        text = CONF.format(port=port, user=USER, password=self.password)
        if len(self.ports) > 1:
            text += "".join(
                f"cluster_formation.classic_config.nodes.{i} = "
                f"{self.node(other)}\n"
                for i, other in enumerate(self.ports, 1))
        if self.tls and port == self.ports[0]:
            certificate, key, ca = self.tls
            text += TLS.format(port=self.tls_port, certificate=certificate,
                               key=key, ca=ca)
        conf = os.path.join(where, "rabbitmq.conf")
        write_text(conf, text)
        write_text(os.path.join(where, "plugins"), "[].\n")
        self.procs[port] = spawn(
            [SERVER], self.log(port), self.environment() | {
                "RABBITMQ_NODENAME": self.node(port),
                "RABBITMQ_MNESIA_BASE": where,
                "RABBITMQ_LOG_BASE": where, "RABBITMQ_LOGS": "-",
                "RABBITMQ_CONFIG_FILE": conf,
                "RABBITMQ_ENABLED_PLUGINS_FILE": os.path.join(where,
                                                              "plugins"),
                "RABBITMQ_DIST_PORT": str(free_port()),
                "RABBITMQ_PID_FILE": os.path.join(where, "pid"),
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG})

    def log(self, port):
        return self.path(str(port), "log")

    def ready(self, port):
        """Waits until the node takes connections and the cluster is whole."""
        proc = self.procs[port]

        def serves():
            if proc.poll() is not None:
                raise Trouble(f"RabbitMQ ended: see {self.log(port)}")
            if not _answers(port):
                return False
            with contextlib.suppress(pika.exceptions.AMQPError, OSError):
                with self.connect(port):
                    return True
            return False
        wait_until(serves, START_LIMIT_S, "start of RabbitMQ", 0.2)

    def kill(self, port, number=signal.SIGKILL):
        """A signal to the node; KILL is waited for."""
        proc = self.procs[port]
        send_signal(proc.pid, number)
        if number == signal.SIGKILL:
            proc.wait(20)

    def stop(self, port):
        """In good order."""
        send_signal(self.procs[port].pid, signal.SIGTERM)
        self.procs[port].wait(60)

    def ctl(self, words, directory):
        """A shell runs these lines there, with this node's rabbitmqctl.

        It gets what is typed and no more: RabbitMQ 4's counts its arguments to
        know whether a password will come by standard input.
        """
        subprocess.run(
            ["sh", "-euc", "rabbitmqctl() {"
             f" {TOOLS}/rabbitmqctl \"$@\"; }}\n{words}"],
            env=self.environment() | {
                "RABBITMQ_NODENAME": self.node(self.ports[0])},
            cwd=directory, timeout=120, check=True)

    def close(self):
        for proc in self.procs.values():
            send_signal(proc.pid, signal.SIGCONT)
            send_signal(proc.pid, signal.SIGKILL)
            proc.wait()
        # Its helpers end when they see that it is gone.
        send_signal(self.epmd.pid, signal.SIGKILL)
        self.epmd.wait()

    def leader(self, queue):
        """The port of the node that leads a quorum queue; 0 = nobody knows."""
        for port in self.ports:
            if not alive(self.procs[port].pid):
                continue
            answer = subprocess.run(
                [QUEUES, "-n", self.node(port), "-q", "--timeout", "20",
                 "quorum_status", queue, "--formatter", "csv"],
                env=self.environment() | {"RABBITMQ_NODENAME":
                                          self.node(port)},
                capture_output=True, text=True, timeout=60, check=False)
            found = re.search(r"r(\d+)@localhost,leader", answer.stdout)
            if found:
                return int(found[1])
        return 0

    # ---- what producers and tests do ----------------------------------------

    def connect(self, port=0, **more):
        return pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", port or self.ports[0], "/",
            socket_timeout=10, blocked_connection_timeout=30,
            **{"credentials": pika.PlainCredentials(USER, self.password),
               "heartbeat": 30, "client_properties": {
                "connection_name": "test"}} | more))

    @contextlib.contextmanager
    def channel(self, port=0):
        with self.connect(port) as connection:
            yield connection.channel()

    def count(self, queue, port=0):
        """Messages that are ready, -1 if there is no such queue."""
        with self.channel(port) as channel:
            try:
                return channel.queue_declare(
                    queue, passive=True).method.message_count
            except pika.exceptions.ChannelClosedByBroker:
                return -1

    def take(self, queue):
        """All that are ready: [(properties, body)], which are gone then."""
        found = []
        with self.channel() as channel:
            while True:
                method, properties, body = channel.basic_get(queue,
                                                             auto_ack=True)
                if not method:
                    return found
                found.append((properties, body))


def _answers(port):
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def publish(channel, queue, body, **properties):
    """With a confirm: when it returns, RabbitMQ keeps the message."""
    channel.basic_publish("", queue, body, pika.BasicProperties(
        delivery_mode=2, content_type="application/json", **properties),
        mandatory=True)
