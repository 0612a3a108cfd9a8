# SPDX-License-Identifier: MIT
"""RabbitMQ, maild-amqp, Redis, maild and a mail server that notes all."""

import json
import os
import secrets
import signal
import subprocess

from . import confs
from .allowed import refused
from .layout import write_text
from .parts import environment
from .procs import alive, read_pid, read_text, run, send_signal, wait_until
from .rabbits import publish
from .rig import LIMIT_S, Rig

PART = "maild-amqp"


class BridgeRig(Rig):
    """A rig whose mails come from RabbitMQ; `rabbits` is somebody else's."""

    def __init__(self, directory, rabbits, crash=False):
        super().__init__(directory, crash=crash)
        self.rabbits = rabbits
        # Rigs one after another share a RabbitMQ.
        word = secrets.token_hex(4)
        self.queue, self.refused = f"mails.{word}", f"refused.{word}"
        self.bridge_settings = {}

    # ---- the bridge ---------------------------------------------------------

    def conf(self, **settings):
        """Writes amqp.conf; returns its path."""
        self.bridge_settings.update(settings)
        at = self.stack.at
        values = {
            "pid_file": at.pid_file(PART),
            "log": "file:" + at.log_file(PART),
            "log_level": "debug",
            "redis": "unix:" + at.socket(self.stack.redis_name),
            "queue_prefix": self.prefix,
            "amqp": self.rabbits.address,
            "amqp_password_file": self.rabbits.password_file,
            "queue": self.queue, "refused": self.refused,
        } | confs.redis_login(at, "amqp") | self.bridge_settings
        path = os.path.join(at.conf, "amqp.conf")
        write_text(path, confs.settings_text(values))
        return path

    @property
    def program(self):
        return self.stack.at.program("maild/amqp/maild-amqp")

    def ask(self, *words, **settings):
        """Runs maild-amqp with these options: what came of it."""
        return subprocess.run(
            [self.program, "-c", self.conf(**settings), *words],
            env=environment(self.stack.at), capture_output=True, text=True,
            timeout=60, check=False)

    def bridge(self, **settings):
        """Starts it; returns when it serves."""
        run([self.program, "-c", self.conf(**settings)],
            self.stack.at.log_file(PART), environment(self.stack.at),
            "start of maild-amqp", 30)

    def bridge_pid(self):
        pid = read_pid(self.stack.at.pid_file(PART))
        return pid if pid and alive(pid) else 0

    def bridge_child(self):
        pid = self.bridge_pid()
        words = read_text(f"/proc/{pid}/task/{pid}/children").split()
        return int(words[0]) if pid and words else 0

    def bridge_stop(self, number=signal.SIGTERM):
        pid = self.bridge_pid()
        if pid:
            send_signal(pid, number)
            wait_until(lambda: not alive(pid), 30, "stop of maild-amqp")

    def bridge_kill(self):
        """Master and child at once, as when power is lost."""
        for pid in (self.bridge_pid(), self.bridge_child()):
            if pid:
                send_signal(pid, signal.SIGKILL)
                wait_until(lambda pid=pid: not alive(pid), 10, "death")

    def bridge_log(self):
        return read_text(self.stack.at.log_file(PART))

    def said(self, words, limit_s=LIMIT_S):
        wait_until(lambda: words in self.bridge_log(), limit_s, words)

    def consumes(self):
        self.said("consumes queue=")

    # ---- producers ----------------------------------------------------------

    def send(self, count=1, port=0, **properties):
        """Publishes notices with confirms; returns their ids."""
        ids = []
        with self.rabbits.channel(port) as channel:
            channel.confirm_delivery()
            for _ in range(count):
                ids.append(secrets.token_hex(8))
                publish(channel, self.queue, notice(ids[-1]),
                        message_id=ids[-1], **properties)
        return ids

    def send_raw(self, body, **properties):
        with self.rabbits.channel() as channel:
            channel.confirm_delivery()
            publish(channel, self.queue, body, **properties)

    def waits(self, count):
        """Until so many envelopes stand in the intake."""
        wait_until(lambda: self.redis.llen(self.prefix + "intake") == count,
                   LIMIT_S, f"{count} in the intake")

    def intake(self):
        return [json.loads(one)["id"] for one in
                self.redis.lrange(self.prefix + "intake", 0, -1)]

    def refusals(self, count):
        """Waits for so many refused ones: [(reason, properties, body)]."""
        found = []

        def came():
            found.extend(self.rabbits.take(self.refused))
            return len(found) >= count
        wait_until(came, LIMIT_S, f"{count} refused")
        return [((p.headers or {}).get("x-reservoir-reason", ""), p, body)
                for p, body in found]

    def verdict(self, ids, limit_s=60):
        """Each was sent once, none is left anywhere."""
        wait_until(lambda: len(set(ids) - set(self.accepted())) == 0, limit_s,
                   "all mails")
        wait_until(lambda: self.rabbits.count(self.queue) == 0, LIMIT_S,
                   "an empty queue")
        wait_until(lambda: not self.redis.llen(self.prefix + "intake"),
                   LIMIT_S, "an empty intake")
        taken = self.accepted()
        twice = [one for one in set(taken) if taken.count(one) > 1]
        assert not twice and set(taken) == set(ids)

    def refused_by_redis(self):
        """What a user was not allowed there."""
        self.stack.start("redis")
        return refused(self.stack)

    def close(self):
        self.bridge_stop()
        super().close()


def notice(name, **changes):
    return json.dumps({
        "v": 1, "id": name, "kind": "notice", "locale": "fr",
        "to": {"name": "Zoé", "email": "zoe@example.org"},
        "data": {"subject": "Bonjour", "paragraphs": ["x"]}} | changes)
