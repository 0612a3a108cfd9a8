# SPDX-License-Identifier: MIT
"""kill -9 again and again: a worker that can work is there again at once."""

import os
import signal
import time

from stack.visitor import wait_until

KILLS = 8
LIMIT_S = 20


def worker(rig):
    return rig.stack.children("maild").get("worker 0", 0)


def test_a_worker_that_is_killed_soon_after_birth_is_back_soon(rig):
    rig.set(workers="1")
    pauses = []
    for _ in range(KILLS):
        pid = wait_until(lambda: worker(rig), LIMIT_S, "the worker")
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda pid=pid: worker(rig) not in (0, pid), LIMIT_S,
                   "another worker")
        pauses.append(time.monotonic() - killed)
    # A doubling pause would come to 6.4 s and more.
    assert max(pauses) < 5, pauses
    (name,) = rig.push()
    rig.wait(name, "S")
