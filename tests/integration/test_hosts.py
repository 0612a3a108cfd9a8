# SPDX-License-Identifier: MIT
"""Redis and the database by name, while the name server is silent."""

import os
import signal
import time

import pytest
from stack import confs
from stack.procs import read_text
from stack.resolver import DOMAIN, Forward, Resolver, start_booking
from stack.sentinels import RedisGroup
from stack.visitor import Visitor, new_key, unique_address, wait_until

# A name server on port 53, and a file system of one's own.
pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="needs root: a mount and port 53")

QUICK_S = 2     # glibc gives a silent name server 10 s
POSTS = 6
NAME = "db." + DOMAIN


@pytest.fixture
def resolver():
    one = Resolver()
    yield one
    one.close()


@pytest.fixture
def group(tmp_path):
    one = RedisGroup(tmp_path / "group", replicas=0, sentinels=1)
    yield one
    one.close()


def addresses_of(group, way):
    if way == "tcp":
        port = group.servers[0]
        return f"tcp:{NAME}:{port}", f"tcp:127.0.0.1:{port}"
    return group.address.replace("127.0.0.1", NAME), group.address


def use(whole, group, way, **more):
    """The group for both programs, by name for the one under test."""
    named, plain = addresses_of(group, way)
    # The group knows no users.
    whole.overrides["maild"].update(confs.REDIS_NO_USERS | {"redis": plain})
    whole.restart("maild")
    whole.overrides["booking"].update(confs.REDIS_NO_USERS | {
        "redis": named, "workers": "2", "outbox_delay": "1s"} | more)
    whole.stop("booking")


def post_all(stack, slot_page, expected=303):
    """Posts one after the other: (addresses, the longest one's seconds)."""
    visitor = Visitor(stack.http_url)
    slot = slot_page.rpartition("/")[2]
    addresses, longest = [], 0
    for _ in range(POSTS):
        form = {"slot": slot, "key": new_key(), "name": "Zoé Martin",
                "seats": "1", "email": unique_address("names")}
        begun = time.monotonic()
        assert visitor.post(form).status_code == expected
        longest = max(longest, time.monotonic() - begun)
        addresses.append(form["email"])
    return addresses, longest


def kills(stack):
    """How many processes were killed for their deadline, in other tests too."""
    return read_text(stack.at.log_file("booking")).count("past its deadline")


@pytest.mark.parametrize("way", ["tcp", "sentinel"])
def test_a_silent_name_server_at_the_start_stops_no_booking(
        whole, tables, mailbox, resolver, group, tmp_path, way):
    before = kills(whole)
    use(whole, group, way)
    start_booking(whole, tmp_path)
    addresses, longest = post_all(whole, tables.add_slot(50))
    assert resolver.asked, "nobody asked: the test tests nothing"
    assert longest < QUICK_S
    # What was booked waits in the outbox; nobody was killed for it.
    assert not any(mailbox.mails_to(address) for address in addresses)
    assert kills(whole) == before
    resolver.silent = False
    for address in addresses:
        mailbox.wait_for(address)


@pytest.mark.parametrize("way", ["tcp", "sentinel"])
def test_addresses_that_were_good_stay_good(whole, tables, mailbox, resolver,
                                            group, tmp_path, way):
    resolver.silent = False
    use(whole, group, way)
    start_booking(whole, tmp_path)
    addresses, _ = post_all(whole, tables.add_slot(50))
    for address in addresses:
        mailbox.wait_for(address)
    resolver.silent = True
    before = set(whole.children("booking").values())
    os.kill(whole.pid("booking"), signal.SIGHUP)
    wait_until(lambda: not before & set(whole.children("booking").values())
               and len(whole.children("booking")) == 4, 30, "new processes")
    addresses, longest = post_all(whole, tables.add_slot(50))
    assert longest < QUICK_S
    for address in addresses:
        mailbox.wait_for(address)


def test_a_database_by_name_answers_or_says_no_at_once(
        whole, tables, resolver, group, tmp_path):
    before = kills(whole)
    forward = Forward(whole.env["MYSQL_SOCKET"])
    try:
        use(whole, group, "tcp", mysql_socket="", mysql_host=NAME,
            mysql_port=str(forward.port), mysql_tls="off")
        start_booking(whole, tmp_path)
        slot_page = tables.add_slot(50)
        _, longest = post_all(whole, slot_page, expected=503)
        assert longest < QUICK_S
        resolver.silent = False
        visitor = Visitor(whole.http_url)
        wait_until(lambda: visitor.get(slot_page).status_code == 200, 30,
                   "the database")
        resolver.silent = True
        _, longest = post_all(whole, slot_page)
        assert longest < QUICK_S
        assert kills(whole) == before
    finally:
        whole.stop("booking")
        forward.close()


def test_a_stop_does_not_wait_for_a_name_server(whole, resolver, group,
                                                tmp_path):
    use(whole, group, "tcp")
    start_booking(whole, tmp_path)
    wait_until(lambda: resolver.asked, 30, "a question")
    begun = time.monotonic()
    whole.stop("booking")
    assert time.monotonic() - begun < 5


def test_the_helper_comes_with_a_name_and_goes_with_it(whole):
    assert "names" not in whole.children("booking")
    for redis, helped in (("tcp:localhost:1", True), ("", False)):
        whole.overrides["booking"]["redis"] = redis or \
            "unix:" + whole.env["REDIS_SOCKET"]
        confs.booking(whole)
        os.kill(whole.pid("booking"), signal.SIGHUP)
        wait_until(lambda: ("names" in whole.children("booking")) == helped,
                   30, f"helped={helped}")
