# SPDX-License-Identifier: MIT
"""TLS to Redis by stunnel, as doc/operations.md has it."""

import os
import re
import shutil

import pytest
import redis
from stack import confs, servers
from stack.certs import Authority
from stack.layout import TOP, free_port, write_text
from stack.procs import read_text, send_signal, spawn, wait_until
from stack.rig import LIMIT_S

PATH = {"PATH": "/usr/bin:/bin"}
STUNNEL = shutil.which("stunnel4") or shutil.which("stunnel")
NAME = "redis.example.net"

pytestmark = pytest.mark.skipif(not STUNNEL, reason="no stunnel here")


def recipe():
    """The settings of stunnel in the manual."""
    page = read_text(os.path.join(TOP, "doc", "operations.md"))
    return re.search(r"```ini\n(; /etc/stunnel/.*?)```", page, re.S)[1]


class Tunnel:
    """A Redis that speaks TLS only, and stunnel in front of it."""

    def __init__(self, directory, named):
        self.dir = os.fspath(directory)
        self.port = free_port()
        self.tls_port = free_port()
        self.procs = []
        authority = Authority(os.path.join(self.dir, "ca"))
        certificate, key = authority.issue(named)
        self.procs.append(spawn(
            [servers.REDIS_SERVER, "--port", "0", "--bind", "127.0.0.1",
             "--tls-port", str(self.tls_port), "--tls-cert-file", certificate,
             "--tls-key-file", key, "--tls-ca-cert-file", authority.file,
             "--tls-auth-clients", "no", "--dir", self.dir, "--appendonly",
             "yes", "--save", ""], os.path.join(self.dir, "redis.log"), PATH))
        text = recipe()
        for before, after in (
                ("accept = 127.0.0.1:6390", f"accept = 127.0.0.1:{self.port}"),
                (f"connect = {NAME}:6379",
                 f"connect = 127.0.0.1:{self.tls_port}"),
                ("CAfile = /etc/ssl/certs/ca-certificates.crt",
                 f"CAfile = {authority.file}")):
            assert before in text
            text = text.replace(before, after)
        conf = os.path.join(self.dir, "stunnel.conf")
        write_text(conf, "foreground = yes\npid =\n" + text)
        self.procs.append(spawn([STUNNEL, conf], self.log, PATH))
        wait_until(lambda: "Configuration successful" in read_text(self.log),
                   LIMIT_S, "stunnel")

    @property
    def log(self):
        return os.path.join(self.dir, "stunnel.log")

    def client(self):
        return redis.Redis(port=self.port, decode_responses=True,
                           socket_timeout=5)

    def close(self):
        for proc in self.procs:
            send_signal(proc.pid, 9)
            proc.wait()


@pytest.fixture
def tunnel(tmp_path):
    made = []

    def make(named):
        made.append(Tunnel(tmp_path, named))
        return made[0]
    yield make
    for one in made:
        one.close()


def test_mails_go_through_it(rig, tunnel):
    one = tunnel(NAME)
    wait_until(lambda: answers(one), LIMIT_S, "Redis")
    rig.set(**confs.REDIS_NO_USERS, redis=f"tcp:127.0.0.1:{one.port}")
    rig.redis = one.client()
    name, = rig.push()
    rig.wait(name, "S")
    assert rig.accepted() == [name]


def answers(one):
    try:
        return one.client().ping()
    except redis.RedisError:
        return False


def test_a_server_of_another_name_is_not_believed(rig, tunnel):
    one = tunnel("other.example.net")
    wait_until(lambda: not answers(one) and "Subject checks failed"
               in read_text(one.log), LIMIT_S, "the refusal")
    rig.set(**confs.REDIS_NO_USERS, redis=f"tcp:127.0.0.1:{one.port}")
    wait_until(lambda: "waiting since_ms=" in rig.log(), LIMIT_S, "the wait")
