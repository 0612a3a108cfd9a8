# SPDX-License-Identifier: MIT
"""Stop, reload, scaling, deaths and hangs of maild, with work in hand."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest
from stack.faulty import FaultySmtp
from stack.procs import alive
from stack.rig import LIMIT_S, once
from stack.visitor import wait_until

LOAD = 300


def slow(step, *_):
    """A plan that keeps a few mails in hand at any time."""
    return 0.01 if step == "dot" else None


def send(rig, number):
    os.kill(rig.stack.pid("maild"), number)


def workers(rig):
    return {title: pid for title, pid in rig.stack.children("maild").items()
            if title.startswith("worker ")}


def assert_all_once(rig, names):
    wait_until(lambda: len(rig.server.accepted) >= len(names), 60,
               f"{len(names)} mails")
    for name in names:
        rig.wait(name, "S")
    assert sorted(rig.accepted()) == sorted(names)


# ---- signals under load -----------------------------------------------------

def test_reloads_under_load_lose_and_double_nothing(rig):
    rig.server.plan = slow
    rig.set(workers="4")
    names = rig.push(LOAD)
    for number in range(1, 5):
        done = number * LOAD // 6
        wait_until(lambda d=done: len(rig.server.accepted) >= d, LIMIT_S,
                   f"{done} mails")
        before = set(workers(rig).values())
        send(rig, signal.SIGHUP)
        wait_until(lambda b=before: not any(map(alive, b)), LIMIT_S,
                   "other workers")
    assert_all_once(rig, names)
    assert rig.log().count("reloaded settings=") == 4


def test_more_and_fewer_workers_under_load(rig):
    rig.server.plan = slow
    rig.start()
    names = rig.push(LOAD)
    wait_until(lambda: rig.server.accepted, LIMIT_S, "a flow")
    for count in (3, 4, 5):
        send(rig, signal.SIGTTIN)
        wait_until(lambda n=count: f"worker {n - 1}" in workers(rig), LIMIT_S,
                   f"worker {count - 1}")
    for count in (4, 3, 2, 1):
        send(rig, signal.SIGTTOU)
        wait_until(lambda n=count: len(workers(rig)) == n, LIMIT_S,
                   f"{count} workers")
    send(rig, signal.SIGTTOU)       # the last one stays
    assert_all_once(rig, names)
    assert list(workers(rig)) == ["worker 0"]


def test_stops_and_starts_under_load(rig):
    rig.server.plan = slow
    rig.set(workers="4")
    names = rig.push(LOAD)
    for number in range(1, 4):
        done = number * LOAD // 6
        wait_until(lambda d=done: len(rig.server.accepted) >= d, LIMIT_S,
                   f"{done} mails")
        rig.stack.restart("maild")
    assert_all_once(rig, names)
    # No monitoring is told of a silent maild that was stopped with care.
    assert len(rig.redis.hgetall(rig.prefix + "inst")) == 1


def test_a_stop_that_takes_too_long_gives_the_mail_back(rig):
    rig.server.plan = once("data", "hang")
    rig.set(workers="1", envelope_timeout="60s", stop_grace="1s")
    (name,) = rig.push()
    wait_until(lambda: ("data", 1, 1) in rig.server.steps, LIMIT_S,
               "the server at DATA")
    rig.stack.stop("maild")
    job = rig.job(name)
    assert (job["st"], job["n"], job.get("c", "0")) == ("Q", "0", "0")
    rig.start()
    assert_all_once(rig, [name])


def test_workers_that_die_young_are_started_ever_later(rig):
    rig.set(workers="1")
    killed = set()
    for _ in range(4):
        pid = wait_until(lambda: next(iter(set(workers(rig).values())
                                           - killed), 0), LIMIT_S,
                         "a worker")
        # KILL would come from outside, and tell nothing of the worker.
        os.kill(pid, signal.SIGABRT)
        killed.add(pid)
    wait_until(lambda: rig.log().count("lost worker=0") == 4, LIMIT_S,
               "four losses")
    pauses = [int(pause) for pause in
              re.findall(r"lost worker=0 .* pause_ms=(\d+)", rig.log())]
    # The first may have lived long enough on a busy machine.
    assert pauses[-3:] == sorted(pauses[-3:])
    assert pauses[-1] >= 2 * pauses[-2] > 0
    (name,) = rig.push()
    rig.wait(name, "S")


# ---- workers that hang ------------------------------------------------------

def deadline(rig):
    wait_until(lambda: "past its deadline" in rig.log(), LIMIT_S,
               "the deadline")


def gives_up(rig, why):
    """The worker stops waiting by itself: nobody has to kill it."""
    wait_until(lambda: re.search("mail server away .*" + why, rig.log()),
               LIMIT_S, "the end of its patience")
    assert "past its deadline" not in rig.log()


@contextlib.contextmanager
def black_hole(port):
    """A port on which connections are neither accepted nor refused."""
    with contextlib.ExitStack() as sockets:
        hole = sockets.enter_context(socket.socket())
        hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        hole.bind(("127.0.0.1", port))
        hole.listen(0)
        for _ in range(8):
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield


def test_a_connection_that_nobody_answers(rig):
    port = rig.server.port
    rig.server.close()
    with black_hole(port):
        rig.set(workers="1", connect_timeout="1s")
        (name,) = rig.push()
        gives_up(rig, r"127\.0\.0\.1.*: no answer within 1 s")
    rig.server = FaultySmtp(port=port)
    job = rig.wait(name, "S")
    assert (job["n"], job.get("c", "0")) == ("1", "0")
    assert rig.accepted() == [name]


SLOW_RESOLVER = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>
int getaddrinfo(const char *host, const char *service,
		const struct addrinfo *hints, struct addrinfo **list)
{
	int (*real)(const char *, const char *, const struct addrinfo *,
		    struct addrinfo **);

	if (host && !strcmp(host, "slow.example"))
		for (;;)
			pause();
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(host, service, hints, list);
}
"""


@pytest.fixture
def slow_resolver(tmp_path, monkeypatch):
    if not shutil.which("cc"):
        pytest.skip("no C compiler")
    source, library = tmp_path / "slow.c", tmp_path / "slow.so"
    source.write_text(SLOW_RESOLVER)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"],
                   check=True, timeout=60)
    monkeypatch.setenv("STACK_PRELOAD", str(library))


def test_a_resolver_that_never_answers(rig, slow_resolver):
    right = rig.stack.smtp
    rig.stack.smtp = "slow.example:25"
    rig.set(workers="1", connect_timeout="1s")
    (name,) = rig.push()
    gives_up(rig, "look up slow.example: no answer within")
    rig.stack.smtp = right
    rig.stack.restart("maild")
    job = rig.wait(name, "S")
    assert (job["n"], job.get("c", "0")) == ("1", "0")
    assert rig.accepted() == [name]


class DrippingSmtp:
    """Greets for ever, a byte at a time: no single read takes long."""

    def __init__(self, port):
        self._socket = socket.create_server(("127.0.0.1", port))
        self._over = False
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while not self._over:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"220-")
                while not self._over:
                    connection.sendall(b"x")
                    time.sleep(0.1)

    def close(self):
        self._over = True
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def test_a_server_that_drips(rig):
    port = rig.server.port
    rig.server.close()
    dripping = DrippingSmtp(port)
    rig.set(workers="1", greeting_timeout="1s", envelope_timeout="1s",
            transfer_timeout="1s", final_timeout="1s")
    (name,) = rig.push()
    # libesmtp may notice first; then the breaker keeps the job waiting.
    wait_until(lambda: "past its deadline" in rig.log() or
               "mail server away" in rig.log(), LIMIT_S, "the end of patience")
    dripping.close()
    rig.server = FaultySmtp(port=port)
    job = rig.wait(name, "S")
    assert (job["n"], job.get("c", "0")) == ("1", "0")
    assert rig.accepted() == [name]
