# SPDX-License-Identifier: MIT
"""Redis Cluster: the owner of our keys changes while mails flow."""

import collections
import json
import os
import secrets
import signal
import subprocess
import threading
import time

import pytest
from stack import confs, parts
from stack.clusters import RedisCluster
from stack.procs import alive, read_text
from stack.rig import LIMIT_S
from stack.sentinels import RedisGroup
from stack.visitor import Visitor, book_many, new_key, wait_until

BACK_S = 10         # mails flow again within


@pytest.fixture
def cluster(tmp_path):
    one = RedisCluster(tmp_path / "cluster")
    yield one
    one.close()


def notice():
    """An envelope's id, and its text."""
    name = secrets.token_hex(8)
    return name, json.dumps({
        "v": 1, "id": name, "kind": "notice", "locale": "fr",
        "to": {"name": "Zoé", "email": "zoe@example.org"},
        "data": {"subject": "Bonjour", "paragraphs": ["x"]}})


def push(cluster, rig):
    """Pushes a notice to the owner; its id, None if nobody took it."""
    name, text = notice()
    port = cluster.owner()
    return port and cluster.ask(port, "RPUSH", rig.prefix + "intake",
                                text) and name


def state(cluster, rig, name):
    port = cluster.owner()
    return port and cluster.ask(port, "HGET", f"{rig.prefix}j:{name}", "st")


def sent(cluster, rig, name, limit_s=LIMIT_S):
    wait_until(lambda: state(cluster, rig, name) == "S", limit_s,
               f"{name} sent")


def pushed(cluster, rig):
    return wait_until(lambda: push(cluster, rig), LIMIT_S, "a push")


def test_the_owner_is_found_and_found_again(rig, cluster):
    """The settings name one node that does not have our keys."""
    other = next(port for port in cluster.masters()
                 if port != cluster.owner())
    rig.set(**confs.REDIS_NO_USERS, redis=cluster.address_of(other))
    first = pushed(cluster, rig)
    sent(cluster, rig, first)
    old, _ = cluster.failover()
    second = pushed(cluster, rig)
    sent(cluster, rig, second)
    # The old one comes back and becomes a replica of the new one.
    cluster.revive(old)
    wait_until(lambda: (cluster.ask(old, "ROLE") or [""])[0] == "slave",
               LIMIT_S, "a replica")
    third = pushed(cluster, rig)
    sent(cluster, rig, third)
    assert rig.accepted() == [first, second, third]


def test_nodes_that_were_seen_are_asked_when_those_listed_are_gone(rig,
                                                                   cluster):
    owner = cluster.owner()
    rig.set(**confs.REDIS_NO_USERS, redis=cluster.address_of(owner))
    first = pushed(cluster, rig)
    sent(cluster, rig, first)
    cluster.failover()
    second = pushed(cluster, rig)
    sent(cluster, rig, second)
    assert rig.accepted() == [first, second]


def test_a_planned_failover_is_followed(rig, cluster):
    rig.set(**confs.REDIS_NO_USERS, redis=cluster.address)
    first = pushed(cluster, rig)
    sent(cluster, rig, first)
    old = cluster.owner()
    assert cluster.ask(cluster.replica_of(old), "CLUSTER", "FAILOVER")
    wait_until(lambda: cluster.owner() not in (0, old), LIMIT_S,
               "another owner")
    second = pushed(cluster, rig)
    sent(cluster, rig, second)
    assert rig.accepted() == [first, second]


@pytest.mark.skipif(os.getuid() != 0, reason="needs root: iptables")
def test_an_owner_that_is_cut_off_is_left(rig, cluster):
    """It answers, and thinks that it is a master: it has lost its slots."""
    rig.set(**confs.REDIS_NO_USERS, redis=cluster.address)
    first = pushed(cluster, rig)
    sent(cluster, rig, first)
    old = cluster.owner()
    with cluster.cut_off(old):
        wait_until(lambda: cluster.owner() not in (0, old), LIMIT_S,
                   "another owner")
        assert cluster.ask(old, "ROLE")[0] == "master"
        second = pushed(cluster, rig)
        sent(cluster, rig, second, BACK_S)
    assert rig.accepted() == [first, second]


@pytest.fixture
def half_moved(rig, cluster):
    """The slot on its way, with keys at both ends; (old, new)."""
    rig.set(**confs.REDIS_NO_USERS, redis=cluster.address)
    first = pushed(cluster, rig)
    sent(cluster, rig, first)
    old = cluster.owner()
    new = next(port for port in cluster.masters() if port != old)
    cluster.begin_move(old, new)
    assert cluster.move_keys(old, new, most=3) == 3
    return old, new


def refusals(cluster, port):
    """How many commands a node has refused since its slot is on its way."""
    with cluster.client(port) as server:
        said = server.info("errorstats")
    # "count=3", or what later releases of redis-py make of it.
    return sum(int(one["count"] if isinstance(one, dict)
                   else one.removeprefix("count="))
               for name, one in said.items()
               if name in ("errorstat_ASK", "errorstat_TRYAGAIN"))


def test_nothing_is_done_halfway_while_the_slot_moves(rig, cluster,
                                                      half_moved):
    """A mail that comes meanwhile waits, and goes once, when it is done."""
    old, new = half_moved
    wait_until(lambda: "being moved" in rig.log(), LIMIT_S, "the line")
    before = len(rig.accepted())
    name, text = notice()
    # A client of a cluster goes to where Redis sends it.
    done = cluster.cli("-c", "-p", old, "RPUSH", rig.prefix + "intake", text)
    assert done.stdout.strip().endswith("1"), done.stdout
    enough = refusals(cluster, old) + 4
    wait_until(lambda: refusals(cluster, old) >= enough, LIMIT_S,
               "more tries of maild's")
    assert len(rig.accepted()) == before
    cluster.move_keys(old, new)
    cluster.end_move(old, new)
    sent(cluster, rig, name, BACK_S)
    assert rig.accepted()[before:] == [name]


def signal_all(rig, number):
    for pid in rig.stack.children("maild").values():
        os.kill(pid, number)


def test_a_script_whose_keys_are_all_there_does_not_begin(rig, cluster):
    """It would take mails away and stop at the first record that is missing.

    Of what admits them, every key that Redis is told of exists, which alone
    would let it begin.
    """
    rig.set(**confs.REDIS_NO_USERS, redis=cluster.address)
    first = pushed(cluster, rig)
    sent(cluster, rig, first)
    old = cluster.owner()
    new = next(port for port in cluster.masters() if port != old)
    (name, text), (bulk, bulk_text) = notice(), notice()
    signal_all(rig, signal.SIGSTOP)
    try:
        with cluster.client(old) as server:
            def key(word):
                return rig.prefix + word
            server.rpush(key("intake"), text)
            server.rpush(key("intake:bulk"), bulk_text)
            # More than there are workers who wait for one.
            server.rpush(key("ready"), *["!"] * 9)
            server.rpush(key("ready:bulk"), "nobody")
            server.rpush(key("malformed"), "x")
            server.rpush(key("receipts"), "S|nobody|1|1|250 ok")
            server.zadd(key("retry"), {"nobody": 2 ** 52})
            server.hset(key("paused"), "kind:none", "1")
            server.sadd(key("heldkinds"), "none")
            server.rpush(key("held:none"), "nobody")
            cluster.begin_move(old, new)
            words = ("intake", "ready", "receipts", "malformed", "stat",
                     "epoch", "retry", "ready:bulk", "intake:bulk", "paused",
                     "heldkinds")
            assert all(server.exists(key(word)) for word in words)
    finally:
        signal_all(rig, signal.SIGCONT)
    wait_until(lambda: "being moved" in rig.log()
               or "non local key" in rig.log(), LIMIT_S, "a try")
    cluster.move_keys(old, new)
    cluster.end_move(old, new)
    for one in (name, bulk):
        sent(cluster, rig, one)
    assert sorted(rig.accepted()) == sorted([first, name, bulk])


# ---- another address than a cluster's ---------------------------------------

def check(stack, part):
    """What -t says of the part's settings."""
    getattr(confs, part)(stack)
    return subprocess.run(
        [parts.program(stack.at, part), "-t", "-c",
         os.path.join(stack.at.conf, part + ".conf")],
        capture_output=True, text=True, timeout=30, check=False,
        env=parts.environment(stack.at))


def led_to(whole, address):
    for part in ("booking", "maild"):
        whole.overrides[part].update(
            confs.REDIS_NO_USERS | {"redis": address})
        whole.restart(part)


def readiness(whole):
    return Visitor(whole.http_url).get("/readyz").json()


def log_of(whole, part):
    return read_text(whole.at.log_file(part))


def assert_said(whole, words):
    """-t of both, both logs and /readyz: it is no good, and what would be."""
    assert readiness(whole) == {"status": "degraded", "mysql": "ok",
                                "redis": "down"}
    for part in ("booking", "maild"):
        wait_until(lambda part=part: words in log_of(whole, part), LIMIT_S,
                   f"{part}'s line")
        said = check(whole, part)
        assert said.returncode == 0
        assert words in said.stderr, said.stderr


def test_a_node_without_our_keys_is_not_healthy(whole, cluster):
    wrong = next(port for port in cluster.masters()
                 if port != cluster.owner())
    led_to(whole, f"tcp:127.0.0.1:{wrong}")
    assert_said(whole, f"redis 127.0.0.1:{wrong}: EXISTS: MOVED "
                f"{cluster.slot()} 127.0.0.1:{cluster.owner()} (a node of a "
                "cluster: write redis = cluster:HOST:PORT,HOST:PORT)")


def test_the_owner_itself_works_until_it_is_another(whole, tables, cluster):
    """It must not be found out by the next failover."""
    owner = cluster.owner()
    led_to(whole, f"tcp:127.0.0.1:{owner}")
    for part in ("booking", "maild"):
        assert ("a node of a cluster, and the right one only until another "
                "one has the keys: write redis = cluster:HOST:PORT,HOST:PORT"
                in check(whole, part).stderr)
    wait_until(lambda: "is a node of a cluster" in log_of(whole, "maild"),
               LIMIT_S, "maild's line")
    assert readiness(whole)["status"] == "ready"
    wait_until(lambda: cluster.ask(cluster.replica_of(owner), "CLUSTER",
                                   "FAILOVER"), LIMIT_S, "a failover")
    wait_until(lambda: cluster.owner() not in (0, owner), LIMIT_S,
               "another owner")
    # As soon as it is asked: the connection that was good is not any more.
    assert readiness(whole)["status"] == "degraded"
    wait_until(lambda: f"redis 127.0.0.1:{owner} is a replica of"
               in log_of(whole, "maild"), LIMIT_S, "maild's line")


def test_a_replica_is_not_healthy(whole, tmp_path):
    group = RedisGroup(tmp_path / "group", replicas=1, sentinels=1)
    try:
        master, replica = group.servers
        led_to(whole, f"tcp:127.0.0.1:{replica}")
        assert_said(whole, f"redis 127.0.0.1:{replica} is a replica of "
                    f"127.0.0.1 port {master} and takes no mails")
        # What it says is enough to mend it.
        led_to(whole, f"tcp:127.0.0.1:{master}")
        assert readiness(whole)["status"] == "ready"
    finally:
        group.close()


# ---- users ------------------------------------------------------------------

@pytest.fixture
def locked(whole, tmp_path):
    """A cluster with the shipped users on every node."""
    one = RedisCluster(tmp_path / "locked", more=(
        "requirepass of-the-cluster\nmasterauth of-the-cluster\n"
        + confs.redis_users(whole.at)), password="of-the-cluster")
    yield one
    one.close()


def test_its_users_need_no_more_than_they_have(whole, tables, mailbox, locked):
    for part in ("booking", "maild"):
        whole.overrides[part].update({"redis": locked.address})
    whole.overrides["booking"]["address_mails_a_day"] = "100"
    for part in ("booking", "maild"):
        whole.restart(part)
    visitor = Visitor(whole.http_url)
    form = visitor.form(tables.add_slot(9))
    before = len(mailbox.names())
    assert visitor.post(form | {"key": new_key()}).status_code == 303
    wait_until(lambda: len(mailbox.names()) > before, LIMIT_S, "a mail")
    locked.failover()
    assert visitor.post(form | {"key": new_key()}).status_code == 303
    wait_until(lambda: len(mailbox.names()) > before + 1, LIMIT_S, "a mail")
    assert readiness(whole)["status"] == "ready"
    for program, name, word in (
            ("maild/maildctl/maildctl", "maild", "status"),
            ("fcgi-app/bookctl/bookctl", "booking", "doctor")):
        said = subprocess.run(
            [whole.at.program(program), "-c",
             os.path.join(whole.at.conf, name + ".conf"), word],
            capture_output=True, text=True, timeout=30, check=False,
            env=parts.environment(whole.at))
        assert said.returncode in (0, 1), said.stderr
        assert "redis" not in said.stderr
    for port in locked.servers:
        if alive(locked.procs[port].pid):
            assert not locked.ask(port, "ACL", "LOG"), port


# ---- under load -------------------------------------------------------------

class Load:
    """Bookings from many clients, one after another until told to stop."""

    CHUNK = 100

    def __init__(self, whole, form):
        self.whole = whole
        self.form = form
        self.ended = threading.Event()
        self.statuses = collections.Counter()
        self.addresses = []
        self.slowest_s = 0.0
        self.begun = time.monotonic()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while not self.ended.is_set():
            statuses, seconds, addresses = book_many(
                self.whole, self.form, self.CHUNK,
                f"n{len(self.addresses)}-")
            self.statuses.update(statuses)
            self.addresses += addresses
            self.slowest_s = max(self.slowest_s, seconds[-1])

    def stop(self):
        self.ended.set()
        self.thread.join()
        return len(self.addresses) / (time.monotonic() - self.begun)


def kill(cluster):
    cluster.failover()


def freeze(cluster):
    """It wakes up as a master whose keys are another's."""
    old, _ = cluster.failover(signal.SIGSTOP)
    cluster.kill(old, signal.SIGCONT)


def reshard(cluster):
    cluster.reshard()


@pytest.mark.parametrize("happens", [kill, freeze, reshard])
def test_bookings_under_load_lose_nothing(whole, tables, mailbox, cluster,
                                          happens):
    """No booking refused, none lost, and mails flow again soon."""
    cluster.use_first_slot()
    for part in ("booking", "maild"):
        whole.overrides[part].update(
            confs.REDIS_NO_USERS | {"redis": cluster.address,
                                    "queue_prefix": cluster.prefix})
    whole.overrides["booking"]["outbox_delay"] = "1s"
    for part in ("booking", "maild"):
        whole.restart(part)
    form = Visitor(whole.http_url).form(tables.add_slot(10000))
    before = len(mailbox.names())
    load = Load(whole, form)
    try:
        wait_until(lambda: len(mailbox.names()) > before + 20, 30, "a flow")
        begun = time.time()
        happens(cluster)
        there = len(mailbox.names())
        wait_until(lambda: len(mailbox.names()) > there + 20, LIMIT_S,
                   "mails again", 0.1)
    finally:
        rate = load.stop()
    wait_until(lambda: tables.open_rows() == 0, 90, "all rows final", 0.2)
    assert load.statuses == {303: len(load.addresses)}
    got = collections.Counter(mailbox.recipients())
    assert not [one for one in load.addresses if not got[one]]
    assert not [one for one in load.addresses if got[one] > 1]
    times = (os.stat(os.path.join(mailbox.directory, name)).st_mtime
             for name in mailbox.names())
    at = [begun] + sorted(one for one in times if one > begun)
    gap_s = max(later - earlier for earlier, later in zip(at, at[1:]))
    print(f"{happens.__name__}: {len(load.addresses)} bookings, {rate:.0f} a "
          f"second, slowest {load.slowest_s:.2f} s, no mail for {gap_s:.1f} s")
    assert gap_s < BACK_S
    assert load.slowest_s < BACK_S
