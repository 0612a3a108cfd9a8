# SPDX-License-Identifier: MIT
"""TLS to Redis: by hiredis where it has it, and by stunnel everywhere."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import threading

import pytest
import redis
from stack import confs, parts, servers
from stack.certs import Authority
from stack.clusters import RedisCluster
from stack.layout import TOP, free_port, write_text
from stack.procs import read_text, send_signal, spawn, wait_until
from stack.rig import LIMIT_S

PATH = {"PATH": "/usr/bin:/bin"}
STUNNEL = shutil.which("stunnel4") or shutil.which("stunnel")
NAME = "redis.example.net"



def recipe():
    """The settings of stunnel in the manual."""
    page = read_text(os.path.join(TOP, "doc", "operations.md"))
    return re.search(r"```ini\n(; /etc/stunnel/.*?)```", page, re.S)[1]


class Secured:
    """A Redis that speaks TLS only."""

    def __init__(self, directory, named):
        self.dir = os.fspath(directory)
        self.tls_port = free_port()
        self.procs = []
        self.authority = Authority(os.path.join(self.dir, "ca"))
        self.run(named)

    def run(self, named):
        certificate, key = self.authority.issue(named)
        self.procs.append(spawn(
            [servers.REDIS_SERVER, "--port", "0", "--bind", "127.0.0.1",
             "--tls-port", str(self.tls_port), "--tls-cert-file", certificate,
             "--tls-key-file", key, "--tls-ca-cert-file", self.authority.file,
             "--tls-auth-clients", "no", "--dir", self.dir, "--appendonly",
             "yes", "--save", ""], os.path.join(self.dir, "redis.log"), PATH))

    def client(self):
        return redis.Redis(port=self.tls_port, ssl=True, ssl_cert_reqs="none",
                           ssl_check_hostname=False, decode_responses=True,
                           socket_timeout=5)

    def close(self):
        for proc in self.procs:
            send_signal(proc.pid, 9)
            proc.wait()


class Tunnel(Secured):
    """With stunnel in front of it."""

    def __init__(self, directory, named):
        super().__init__(directory, named)
        self.port = free_port()
        text = recipe()
        for before, after in (
                ("accept = 127.0.0.1:6390", f"accept = 127.0.0.1:{self.port}"),
                (f"connect = {NAME}:6379",
                 f"connect = 127.0.0.1:{self.tls_port}"),
                ("CAfile = /etc/ssl/certs/ca-certificates.crt",
                 f"CAfile = {self.authority.file}")):
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


@pytest.fixture
def made(tmp_path):
    """Makes one of a kind, which ends with the test."""
    ones = []

    def make(kind, named):
        ones.append(kind(tmp_path, named))
        wait_until(lambda: answers(ones[0]), LIMIT_S, "Redis")
        return ones[0]
    yield make
    for one in ones:
        one.close()


@pytest.fixture
def tunnel(made):
    if not STUNNEL:
        pytest.skip("no stunnel here")
    return lambda named: made(Tunnel, named)


@pytest.fixture
def secured(made, rig):
    if "speaks no TLS" in check(rig, redis="rediss:127.0.0.1:1"):
        pytest.skip("an alternative: hiredis speaks no TLS here")
    return lambda named: made(Secured, named)


def check(rig, **settings):
    """What maild -t says with these settings."""
    rig.stack.overrides["maild"].update(confs.REDIS_NO_USERS | settings)
    return subprocess.run(
        [parts.program(rig.stack.at, "maild"), "-t", "-c",
         confs.maild(rig.stack)], stdout=subprocess.PIPE, check=False,
        stderr=subprocess.STDOUT, text=True, timeout=60, env=PATH).stdout


def answers(one):
    try:
        return one.client().ping()
    except redis.RedisError:
        return False


# ---- by hiredis -------------------------------------------------------------

def settings_for(one, **more):
    return confs.REDIS_NO_USERS | {
        "redis": f"rediss:127.0.0.1:{one.tls_port}",
        "redis_tls_ca_file": one.authority.file, **more}


def test_mails_go_over_tls(rig, secured):
    """The workers' connections and the master's, which only follows."""
    one = secured("127.0.0.1")
    rig.set(**settings_for(one))
    rig.redis = one.client()
    name, = rig.push()
    rig.wait(name, "S")
    assert rig.accepted() == [name]
    wait_until(lambda: list(rig.redis.scan_iter(rig.prefix + "status:*")),
               LIMIT_S, "the master's word")


@pytest.mark.parametrize("how", ["rediss:", "redis_tls"])
def test_the_certificate_must_have_the_right_name(rig, secured, how):
    one = secured("redis.example.net")
    ways = settings_for(one)
    if how == "redis_tls":
        ways |= {"redis": ways["redis"].replace("rediss:", "tcp:"),
                 "redis_tls": "required"}
    said = check(rig, **ways)
    assert "certificate for 127.0.0.1: IP address mismatch" in said, said
    said = check(rig, **ways, redis_tls_name="redis.example.org")
    assert "certificate for redis.example.org: hostname mismatch" in said
    rig.set(**ways, redis_tls_name="redis.example.net")
    rig.redis = one.client()
    name, = rig.push()
    rig.wait(name, "S")
    wait_until(lambda: list(rig.redis.scan_iter(rig.prefix + "status:*")),
               LIMIT_S, "the master's word")


def test_authorities_are_asked(rig, secured, tmp_path):
    one = secured("127.0.0.1")
    other = Authority(tmp_path / "other")
    said = check(rig, **settings_for(one, redis_tls_ca_file=other.file))
    assert "certificate for 127.0.0.1: " in said, said
    said = check(rig, **settings_for(one, redis_tls_ca_file="/nowhere.pem"))
    assert "redis_tls_ca_file: /nowhere.pem: No such file" in said, said


def test_a_server_without_tls_is_not_spoken_to(rig, secured):
    """Nor is it told a password."""
    one = secured("127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as plain:
        heard = []

        def listen():
            conn, _ = plain.accept()
            with conn:
                conn.sendall(b"-ERR what?\r\n")
                heard.append(conn.recv(4096))
        thread = threading.Thread(target=listen)
        thread.start()
        said = check(rig, **settings_for(
            one, redis=f"rediss:127.0.0.1:{plain.getsockname()[1]}"))
        thread.join(LIMIT_S)
    assert "connect: TLS: wrong version number" in said, said
    assert heard[0][0] == 22        # a handshake's record, RFC 8446, 5.1


def test_a_server_that_hangs_in_its_handshake_is_left(rig, secured):
    one = secured("127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        said = check(rig, **settings_for(
            one, redis=f"rediss:127.0.0.1:{mute.getsockname()[1]}"))
    assert "connect: TLS: no answer in time" in said, said


def test_a_new_authority_is_read_without_a_restart(rig, secured):
    """The file was replaced, and then the server's certificate."""
    one = secured("127.0.0.1")
    rig.set(**settings_for(one))
    rig.redis = one.client()
    name, = rig.push()
    rig.wait(name, "S")
    one.close()
    fresh = Authority(os.path.join(one.dir, "fresh"))
    shutil.copy(fresh.file, one.authority.file)
    fresh.file = one.authority.file
    one.authority = fresh
    one.run("127.0.0.1")
    wait_until(lambda: answers(one), LIMIT_S, "Redis")
    rig.redis = one.client()
    name, = rig.push()
    rig.wait(name, "S")


def test_a_cluster_speaks_it(rig, secured, tmp_path):
    """Its nodes' certificates have one name, and they name numbers."""
    secured("redis.example.net").close()
    authority = Authority(tmp_path / "authority")
    cluster = RedisCluster(tmp_path / "cluster",
                           tls=(authority, "redis.example.net"))
    try:
        rig.set(**confs.REDIS_NO_USERS, redis=cluster.tls_address,
                redis_tls="required", redis_tls_ca_file=authority.file,
                redis_tls_name="redis.example.net")
        for fails in (True, False):
            name = secrets.token_hex(8)
            port = wait_until(cluster.owner, LIMIT_S, "one owner")
            cluster.ask(port, "RPUSH", rig.prefix + "intake", json.dumps(
                {"v": 1, "id": name, "kind": "notice", "locale": "fr",
                 "to": {"name": "Zoé", "email": "zoe@example.org"},
                 "data": {"subject": "Bonjour", "paragraphs": ["x"]}}))
            wait_until(lambda n=name: cluster.ask(
                cluster.owner(), "HGET", f"{rig.prefix}j:{n}", "st") == "S",
                LIMIT_S, "it is sent")
            if fails:
                cluster.failover()
        assert cluster.tls_clients() > 0
    finally:
        cluster.close()


def test_without_it_settings_say_so(rig):
    said = check(rig, redis="rediss:127.0.0.1:1")
    if "speaks no TLS" in said:
        assert "maild.conf:" in said and "stunnel" in said, said
    else:
        assert "redis 127.0.0.1:1: connect: Connection refused" in said, said


# ---- by stunnel -------------------------------------------------------------

def test_mails_go_through_it(rig, tunnel):
    one = tunnel(NAME)
    rig.set(**confs.REDIS_NO_USERS, redis=f"tcp:127.0.0.1:{one.port}")
    rig.redis = one.client()
    name, = rig.push()
    rig.wait(name, "S")
    assert rig.accepted() == [name]


def test_a_server_of_another_name_is_not_believed(rig, tmp_path):
    if not STUNNEL:
        pytest.skip("no stunnel here")
    one = Tunnel(tmp_path, "other.example.net")
    try:
        wait_until(lambda: not answers(one) and "Subject checks failed"
                   in read_text(one.log), LIMIT_S, "the refusal")
        rig.set(**confs.REDIS_NO_USERS, redis=f"tcp:127.0.0.1:{one.port}")
        wait_until(lambda: "waiting since_ms=" in rig.log(), LIMIT_S,
                   "the wait")
    finally:
        one.close()
