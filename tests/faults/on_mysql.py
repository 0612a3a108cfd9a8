# SPDX-License-Identifier: MIT
"""Faults that meet MySQL: gone for a while, or cut right around a COMMIT."""

import signal
import time

from on_processes import freeze
from proxy import DOWN, UP
from stack.procs import alive, send_signal, wait_until

COMMIT = b"\x07\x00\x00\x00\x03COMMIT"
EVERY = 3               # one COMMIT of so many is cut


def _killed(campaign, harm):
    harm.pids.append(campaign.stack.pid("mariadb"))
    campaign.stack.kill("mariadb")
    campaign.stack.start("mariadb")


def _restarted(campaign, _harm):
    campaign.stack.restart("mariadb")


def _stopped(campaign, harm):
    pid = campaign.stack.pid("mariadb")
    freeze(pid)
    try:
        time.sleep(harm.random.uniform(0.5, 3))
    finally:
        send_signal(pid, signal.SIGCONT)


class Scissors:
    """A proxy's watch that cuts some connections around their COMMIT."""

    def __init__(self, when, most=1000000, at_cut=None):
        self.when = when
        self.most = most
        self.at_cut = at_cut
        self.seen = self.cuts = 0
        self._waiting = set()       # links whose COMMIT was passed on

    def __call__(self, link, way, data):
        if way == UP and data == COMMIT and self.cuts < self.most:
            self.seen += 1
            if self.seen % EVERY == 1:
                return self._meet(link)
        elif way == DOWN and link in self._waiting:
            self._waiting.discard(link)
            return self._cut("cut")         # its answer is dropped
        return None

    def _meet(self, link):
        if self.when == "before":
            return self._cut("cut")
        if self.when == "at":
            return self._cut("pass and cut")
        self._waiting.add(link)
        return None

    def _cut(self, word):
        self.cuts += 1
        if self.at_cut:
            self.at_cut()
        return word


def _cut_at_commit(when):
    """before: the server never sees it; at: it does, and its answer finds
    nobody; after: the answer is dropped."""
    def act(campaign, harm):
        proxy = campaign.proxy["b-mysql"]
        proxy.watch = Scissors(when)
        try:
            time.sleep(harm.random.uniform(0.5, 2))
        finally:
            proxy.watch = None
    return act


def _killed_at_commit(campaign, harm):
    proxy = campaign.proxy["b-mysql"]
    pid = campaign.stack.pid("mariadb")
    harm.pids.append(pid)
    proxy.watch = Scissors(
        harm.random.choice(("before", "at", "after")), 1,
        lambda: send_signal(pid, signal.SIGKILL))
    try:
        end = time.monotonic() + 5
        while not proxy.watch.cuts and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        proxy.watch = None
    send_signal(pid, signal.SIGKILL)    # no COMMIT came
    wait_until(lambda: not alive(pid), 10, "end of MariaDB")
    campaign.stack.start("mariadb")


KINDS = {
    "mysql killed": _killed,
    "mysql restarted": _restarted,
    "mysql stopped": _stopped,
    "mysql cut before COMMIT": _cut_at_commit("before"),
    "mysql cut at COMMIT": _cut_at_commit("at"),
    "mysql cut after COMMIT": _cut_at_commit("after"),
    "mysql killed at COMMIT": _killed_at_commit,
}
