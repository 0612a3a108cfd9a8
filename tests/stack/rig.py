# SPDX-License-Identifier: MIT
"""maild alone, against a mail server that fails as it is told."""

import json
import os
import secrets
import signal

import redis

from . import confs
from .faulty import FaultySmtp
from .layout import Options
from .procs import read_text
from .stack import Stack
from .visitor import wait_until

LIMIT_S = 30


class Rig:
    """Redis, maild and the faulty server; nothing else."""

    def __init__(self, directory, crash=False, **settings):
        self.server = FaultySmtp()
        asan = os.environ.get("RESERVOIR_ASAN") == "1"
        self.stack = Stack(directory, Options(
            asan=asan and not crash, crash=crash, workers=2,
            smtp=f"127.0.0.1:{self.server.port}"), quiet=True)
        self.stack.overrides["maild"] = {
            "breaker_max": "300ms", "retry_min": "200ms", "retry_max": "1s",
            "greeting_timeout": "2s", "envelope_timeout": "2s",
            "final_timeout": "2s", "session_idle": "100ms", **settings}
        self.stack.at.make()
        self.stack.start("redis")
        self.redis = redis.Redis(
            unix_socket_path=self.stack.env["REDIS_SOCKET"],
            decode_responses=True)
        self.prefix = self.stack.env["QUEUE_PREFIX"]

    def set(self, **settings):
        self.stack.overrides["maild"].update(settings)
        self.stack.restart("maild")

    def relay(self, name="local", **settings):
        """Changes a relay's settings for the next start or reload."""
        relays = self.stack.overrides.setdefault("relays", {"local": {
            "host": "127.0.0.1", "port": self.server.port}})
        relays.setdefault(name, {"host": "127.0.0.1"}).update(settings)

    def reload(self):
        """Writes the settings anew and has maild read them."""
        confs.maild(self.stack)
        os.kill(self.stack.pid("maild"), signal.SIGHUP)

    def start(self):
        self.stack.start("maild")

    def push(self, count=1, **changes):
        """Pushes notices; returns their ids."""
        ids = []
        for _ in range(count):
            envelope = {
                "v": 1, "id": secrets.token_hex(8), "kind": "notice",
                "to": {"name": "Zoé", "email": "zoe@example.org"},
                "locale": "fr",
                "data": {"subject": "Bonjour", "paragraphs": ["x" * 3000]},
            } | changes
            ids.append(envelope["id"])
            self.redis.rpush(self.prefix + "intake", json.dumps(envelope))
        return ids

    def job(self, name):
        return self.redis.hgetall(f"{self.prefix}j:{name}")

    def wait(self, name, state):
        wait_until(lambda: self.job(name).get("st") == state, LIMIT_S,
                   f"{name} in state {state}")
        return self.job(name)

    def accepted(self):
        return [message.partition("@")[0]
                for message, _, _ in self.server.accepted]

    def log(self):
        return read_text(self.stack.at.log_file("maild"))

    def close(self):
        self.redis.close()
        for name in ("maild", "redis"):
            self.stack.stop(name)
        self.server.close()
        reports = self.stack.sanitizer_reports()
        self.stack.at.drop_run()
        assert not reports, "\n".join(reports)


def once(step, wish, times=1):
    """A plan: the first `times` mails or sessions get the wish."""
    left = [times]

    def plan(now, _session, _mail):
        if now != step or left[0] == 0:
            return None
        left[0] -= 1
        return wish
    return plan
