# SPDX-License-Identifier: MIT
"""maild-amqp dies at each of its labelled steps; nothing is lost or doubled.

So does the node of RabbitMQ that leads the queue, among three, while messages
flow: that takes some minutes, and RESERVOIR_RABBITS=1 to be run.
"""

import contextlib
import glob
import os
import random
import secrets
import signal
import subprocess
import threading
import time

import pika
import pytest
from stack.bridgerig import BridgeRig, notice
from stack.layout import Layout, write_text
from stack.procs import Trouble, alive, wait_until
from stack.rabbits import Rabbits, missing, publish
from stack.rig import LIMIT_S

POINTS = ("bridge: gathered", "bridge: pushed", "bridge: acked",
          "bridge: refused", "maild-amqp: reloading")


def program():
    return Layout("/", crash=True).program("maild/amqp/maild-amqp")


def make(tmp_path_factory, count):
    if missing():
        pytest.skip(missing())
    if not os.path.exists(program()):
        pytest.skip("build/crash has no maild-amqp: ./dev build --crash")
    try:
        return Rabbits(tmp_path_factory.mktemp("rabbits"), count)
    except Trouble as trouble:
        pytest.skip(str(trouble))


@pytest.fixture(scope="module")
def rabbits(tmp_path_factory):
    one = make(tmp_path_factory, 1)
    yield one
    one.close()


@pytest.fixture
def rig(tmp_path, rabbits):
    one = BridgeRig(tmp_path / "rig", rabbits, crash=True)
    yield one
    one.close()


def test_all_points_are_known():
    if not os.path.exists(program()):
        pytest.skip("build/crash has no maild-amqp: ./dev build --crash")
    listed = subprocess.run([program()], check=True, capture_output=True,
                            text=True, timeout=30,
                            env={"RESERVOIR_CRASH_LIST": "1"}).stdout
    assert sorted(listed.splitlines()) == sorted(POINTS)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("visit", (1, 3))
def test_who_dies_there_loses_and_doubles_nothing(rig, point, visit):
    file = rig.stack.at.path("crash")
    rig.start()
    rig.bridge(prefetch="5")
    rig.consumes()
    write_text(file, f"{point} {visit}")
    ids, bad = [], 0
    deadline = time.monotonic() + LIMIT_S
    while not glob.glob(file + ".*"):
        ids += rig.send(7)
        rig.send_raw(f"no envelope {bad}")
        bad += 1
        if "reload" in point and rig.bridge_pid():
            os.kill(rig.bridge_pid(), signal.SIGHUP)
        assert time.monotonic() < deadline, f"nobody comes to {point}"
    wait_until(lambda: not alive(int(glob.glob(file + ".*")[0].rpartition(
        ".")[2])), 10, "its death")
    if not rig.bridge_pid():    # it was the master; its bridge follows it
        wait_until(lambda: starts(rig), 20, "a new one", 0.2)
    ids += rig.send(7)
    rig.verdict(ids)
    found = {body for _, _, body in rig.refusals(bad)}
    assert found == {f"no envelope {i}".encode() for i in range(bad)}


def starts(rig):
    """Not while a process of the old one is there."""
    try:
        rig.bridge()
    except Trouble:
        return False
    return True


# ---- three nodes -----------------------------------------------------------


class Producer(threading.Thread):
    """Publishes with confirms until it is told to end; after a doubt the same
    envelope goes to the next node."""

    def __init__(self, rig):
        super().__init__(daemon=True)
        self.rig = rig
        self.ids = []           # confirmed
        self.over = threading.Event()

    def run(self):
        at = 0
        name = None
        while not self.over.is_set():
            ports = self.rig.rabbits.ports
            with contextlib.suppress(pika.exceptions.AMQPError, OSError):
                with self.rig.rabbits.channel(ports[at % 3]) as channel:
                    channel.confirm_delivery()
                    while not self.over.is_set():
                        name = name or secrets.token_hex(8)
                        publish(channel, self.rig.queue, notice(name),
                                message_id=name)
                        self.ids.append(name)
                        name = None
                        time.sleep(0.01)
            at += 1
            time.sleep(0.2)


@pytest.mark.skipif(os.environ.get("RESERVOIR_RABBITS") != "1",
                    reason="an alternative: three nodes of RabbitMQ take "
                    "minutes: RESERVOIR_RABBITS=1 runs them")
def test_leaders_bridges_and_redis_die_in_turn(tmp_path, tmp_path_factory):
    nodes = make(tmp_path_factory, 3)
    seed = int(os.environ.get("RESERVOIR_SEED", "1"))
    draw = random.Random(seed)
    rig = BridgeRig(tmp_path / "rig", nodes, crash=True)
    try:
        rig.start()
        rig.bridge()
        rig.consumes()
        producer = Producer(rig)
        producer.start()
        faults = ["leader", "bridge", "child", "redis", "leader", "idle"]
        draw.shuffle(faults)
        for fault in faults:
            hurt(rig, nodes, fault)
            before = len(producer.ids)
            wait_until(lambda n=before: len(producer.ids) > n + 20, 120,
                       f"confirms after {fault}")
        producer.over.set()
        producer.join(60)
        assert not producer.is_alive()
        print(f"seed {seed}: {len(producer.ids)} confirmed, {faults}")
        rig.verdict(producer.ids, 120)
    finally:
        rig.close()
        nodes.close()


def hurt(rig, nodes, fault):
    """One fault, and what was hurt is whole again."""
    if fault == "leader":
        port = nodes.leader(rig.queue) or nodes.ports[0]
        nodes.kill(port)
        time.sleep(3)
        nodes.begin(port)
        nodes.ready(port)
    elif fault == "bridge":
        rig.bridge_kill()
        rig.bridge()
    elif fault == "child":
        child = rig.bridge_child()
        if child:
            os.kill(child, signal.SIGKILL)
    elif fault == "redis":
        rig.stack.kill("redis")
        time.sleep(2)
        rig.stack.start("redis")
    else:
        # Longer than two heartbeats, without Redis: it stays connected.
        rig.stack.kill("redis", signal.SIGSTOP)
        time.sleep(25)
        rig.stack.kill("redis", signal.SIGCONT)
