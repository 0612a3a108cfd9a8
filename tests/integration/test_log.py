# SPDX-License-Identifier: MIT
"""Whoever reads the logs stands still, and nobody else does."""

import os
import re
import signal
import subprocess
import time

import pytest
import requests
from stack import confs, parts
from stack.logways import ROOTS_WAYS, WAYS, Logged
from stack.visitor import Visitor, unique_address, wait_until

LIMIT_S = 30
NAMES = ("booking", "maild")
TOLD = re.compile(r"log lines were dropped count=(\d+)")


@pytest.fixture(params=WAYS + ROOTS_WAYS, ids=lambda way: way.__name__)
def logged(request, whole, tmp_path):
    """Both programs, each with a log of that kind."""
    if request.param in ROOTS_WAYS and os.getuid() != 0:
        pytest.skip("needs root: a mount for the program alone")
    both = {}
    whole.overrides["maild"]["workers"] = "2"
    for name in NAMES:
        whole.stop(name)
        way = request.param(str(tmp_path / name))
        whole.overrides[name].update(way.settings)
        conf = {"booking": confs.booking, "maild": confs.maild}[name](whole)
        both[name] = Logged(whole, name, way,
                            [parts.program(whole.at, name), "-c", conf],
                            parts.environment(whole.at))
    wait_until(lambda: parts.answers(whole.at.socket("booking")), LIMIT_S,
               "booking.fcgi")
    yield both
    for one in both.values():
        one.close()


def book_soon(stack, mailbox, count=12):
    """Books; each gets its answer, and its mail, as on any day."""
    visitor = Visitor(stack.http_url)
    form = visitor.form()
    addresses = [unique_address("log") for _ in range(count)]
    slowest = 0
    for address in addresses:
        fresh = visitor.form() | {"email": address}
        begun = time.monotonic()
        assert visitor.post(fresh).status_code == 303, form
        slowest = max(slowest, time.monotonic() - begun)
    # A hung worker is killed after ten; the rest is what a busy machine adds.
    assert slowest < 3
    for address in addresses:
        mailbox.wait_for(address, 60)


def check_says_ok(stack):
    done = subprocess.run(
        [stack.env["MAILDCTL"], "-c", stack.env["MAILD_CONF"], "status",
         "--check"], env=parts.environment(stack.at), timeout=LIMIT_S,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    return done.returncode == 0


def count_told(way):
    """Sum of what was told; whole lines only."""
    return sum(int(number) for number in TOLD.findall(way.said()))


def test_a_log_that_stands_still_holds_nobody(whole, mailbox, logged):
    ways = {name: one.way for name, one in logged.items()}
    book_soon(whole, mailbox, 2)
    for word, way in (("booked ref=", ways["booking"]),
                      ("delivered job=", ways["maild"])):
        wait_until(lambda: word in way.said(), LIMIT_S, word)
    for way in ways.values():
        way.stop_reading()
    # More than what a reader's queue may still take.
    book_soon(whole, mailbox, 40)
    assert requests.get(whole.http_url + "/readyz",
                        timeout=5).status_code == 200
    wait_until(lambda: check_says_ok(whole), LIMIT_S, "a good status")
    for name, one in logged.items():
        before = set(whole.children(name).values())
        os.kill(sorted(before)[0], signal.SIGKILL)
        wait_until(lambda: len(now := set(whole.children(name).values()))
                   == len(before) and now != before, LIMIT_S, "a successor")
        before = set(whole.children(name).values())
        one.signal(signal.SIGHUP)
        wait_until(lambda: (now := set(whole.children(name).values()))
                   and not now & before, LIMIT_S, "a reload")
    book_soon(whole, mailbox, 2)

    if ways["maild"].read_on is not None:
        for way in ways.values():
            way.read_on()
        for way in ways.values():
            wait_until(lambda: count_told(way) > 0, LIMIT_S, "the count")
        book_soon(whole, mailbox, 1)
        for name, way in ways.items():
            check_lines(name, way)
            way.stop_reading()
    for one in logged.values():
        one.signal(signal.SIGTERM)
    for one in logged.values():
        wait_until(one.is_gone, LIMIT_S, "the end")


def check_lines(name, way):
    """No line is torn, and none is in another one."""
    begin = way.begin.format(program={"booking": r"booking\.fcgi"}.get(
        name, name))
    lines = [line for line in way.said().split("\n") if line]
    assert len(lines) >= 4
    for line in lines:
        assert re.match(begin, line), line
        assert len(re.findall(begin, line)) == 1, line
