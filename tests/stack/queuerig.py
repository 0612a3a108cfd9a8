# SPDX-License-Identifier: MIT
"""A Redis of its own, and the queue's functions called one by one."""

import json
import os
import subprocess

import redis

from .layout import Options
from .procs import Trouble, made
from .stack import Stack

GO, LOST, SKIP, UNCERTAIN, NONE, PAUSED, EPOCH = range(7)
PREFIX = "{q}:"
WORKER = ("host:1:aa", 0)
PLACES = {"Q": "ready", "R": "retry", "X": "dead"}


class QueueRig:
    """One Redis; any number of callers, each with its own connection."""

    def __init__(self, directory):
        asan = os.environ.get("RESERVOIR_ASAN") == "1"
        self.stack = Stack(directory, Options(asan=asan), quiet=True)
        self.stack.at.make()
        self.program = made(self.stack.at.build, "tests/tools/queuecall")
        self.stack.start("redis")
        self.socket = self.stack.env["REDIS_SOCKET"]
        self.redis = redis.Redis(unix_socket_path=self.socket,
                                 decode_responses=True)
        self.callers = []
        self.q = self.caller()

    def caller(self):
        one = Caller(self.program, self.socket)
        self.callers.append(one)
        return one

    def fresh(self):
        """Empties Redis, and everything that a caller remembers."""
        self.redis.config_set("maxmemory", 0)
        self.redis.flushall()
        for one in self.callers[1:]:
            one.close()
        del self.callers[1:]
        self.q.call("share", 10)
        self.q.call("epoch_use", "")
        self.q.epoch = self.q.rows("generation")[0][1]

    def key(self, name):
        return PREFIX + name

    def job(self, name):
        return self.redis.hgetall(self.key("j:" + name))

    def push(self, *ids, **changes):
        for name in ids:
            self.redis.rpush(self.key("intake"), envelope(name, **changes))

    def contradictions(self):
        """Records that stand elsewhere than they say, or twice or nowhere."""
        found = {}
        for lane in ("ready", "ready:bulk"):
            for name in self.redis.lrange(self.key(lane), 0, -1):
                found.setdefault(name, []).append("Q")
        for key in self.redis.scan_iter(self.key("p:*"), count=1000):
            for name in self.redis.lrange(key, 0, -1):
                found.setdefault(name, []).append(key.partition(":p:")[2])
        for key in self.redis.scan_iter(self.key("held:*"), count=1000):
            for name in self.redis.lrange(key, 0, -1):
                found.setdefault(name, []).append("H")
        for letter, place in (("R", "retry"), ("X", "dead")):
            for name in self.redis.zrange(self.key(place), 0, -1):
                found.setdefault(name, []).append(letter)
        wrong = []
        for key in self.redis.scan_iter(self.key("j:*"), count=1000):
            name = key.partition(":j:")[2]
            record = self.redis.hgetall(key)
            places = found.pop(name, [])
            state = record["st"]
            owner = [p for p in places if len(p) > 1]
            if state in "PD":
                good = places.count(record["own"]) == 1
            elif state == "Q":
                good = places.count("Q") + len(owner) == 1
            elif state == "S":
                good = True         # what still stands somewhere is dropped
            else:
                good = places.count(state) == 1
            if not good:
                wrong.append((name, state, places))
        return wrong + [(name, "-", places) for name, places in found.items()
                        if name != "!"]

    def close(self):
        for one in self.callers:
            one.close()
        self.redis.close()
        self.stack.stop("redis")


class Caller:
    """A process with one connection to the queue."""

    def __init__(self, program, socket):
        self.epoch = ""
        self.process = subprocess.Popen(
            [program, "unix:" + socket, PREFIX], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1)

    def ask(self, verb, words):
        line = "\t".join([verb, *map(str, words)])
        self.process.stdin.write(line + "\n")
        rows = []
        while True:
            answer = self.process.stdout.readline()
            if not answer:
                raise Trouble(f"queuecall ended at: {line}")
            fields = answer.rstrip("\n").split("\t")
            if fields[0] == "fault":
                raise Trouble(f"{line}: {fields[2]}")
            if fields[0] == "done":
                return int(fields[1]), rows
            rows.append(fields)

    def call(self, verb, *words):
        """The function's result."""
        return self.ask(verb, words)[0]

    def rows(self, verb, *words):
        """The lines that it printed."""
        return self.ask(verb, words)[1]

    def admit(self, count=100, window=50000, bulk="", idle=0):
        """Returns taken, admitted, doubled, malformed, promoted."""
        rows = self.rows("admit", self.epoch, count, window, bulk, idle)
        return tuple(map(int, rows[0]))

    def take(self, worker=WORKER):
        """Returns the id and the token of the job that was begun."""
        result, rows = self.ask("take", worker)
        if result != GO:
            raise Trouble(f"take: {result}")
        return rows[0][0], int(rows[0][1])

    def ack(self, name, token, worker=WORKER, follow=0, relay="main"):
        return self.ask("ack", [*worker, name, token, 3600, follow, "sent",
                                 relay, "dot", 250, "2.0.0 Ok: queued"])

    def drain(self, worker=WORKER):
        """Takes and acks all; returns the ids in their order."""
        order = []
        while True:
            result, rows = self.ask("take", worker)
            if result == SKIP:
                continue
            if result != GO:
                if result != NONE:
                    raise Trouble(f"take: {result}")
                return order
            order.append(rows[0][0])
            self.ack(rows[0][0], rows[0][1], worker)

    def show(self, name):
        rows = self.rows("show", name)
        return record(rows[0]) if rows else None

    def list(self, *words):
        return [record(row) for row in self.rows("list", *words)]

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


def record(fields):
    names = ("id", "state", "kind", "bulk", "attempts", "crashes",
             "uncertain", "admitted_ms", "due_ms", "final_ms", "owner",
             "relay", "reason", "story", "envelope", "fate", "fate_sure",
             "fate_ms")
    row = dict(zip(names, fields))
    row["story"] = [line.split("|", 7)
                    for line in row["story"].split("\\n") if line]
    return row


def envelope(name, **changes):
    return json.dumps({
        "v": 1, "id": name, "kind": "notice",
        "to": {"name": "Zoé", "email": "zoe@example.org"},
        "data": {"subject": "Bonjour"}} | changes,
        ensure_ascii=False, separators=(",", ":"))
