# SPDX-License-Identifier: MIT
"""Redis behind Sentinel: failovers while mails flow."""

import collections
import json
import secrets
import signal
import threading

import pytest
from stack import confs
from stack.rig import LIMIT_S
from stack.sentinels import RedisGroup
from stack.visitor import Visitor, book_many, new_key, wait_until

BOOKINGS = 300


@pytest.fixture
def group(tmp_path):
    one = RedisGroup(tmp_path / "group")
    yield one
    one.close()


def push(group, rig, name=None):
    """Pushes a notice to the master; its id, None if nobody took it."""
    name = name or secrets.token_hex(8)
    envelope = {"v": 1, "id": name, "kind": "notice", "locale": "fr",
                "to": {"name": "Zoé", "email": "zoe@example.org"},
                "data": {"subject": "Bonjour", "paragraphs": ["x"]}}
    port = group.master()
    return port and group.ask(port, "RPUSH", rig.prefix + "intake",
                              json.dumps(envelope)) and name


def state(group, rig, name):
    port = group.master()
    return port and group.ask(port, "HGET", f"{rig.prefix}j:{name}", "st")


def sent(group, rig, name):
    wait_until(lambda: state(group, rig, name) == "S", LIMIT_S,
               f"{name} sent")


def test_the_master_is_found_and_found_again(rig, group):
    rig.set(**confs.REDIS_NO_USERS, redis=group.address)
    first = push(group, rig)
    sent(group, rig, first)
    old, _ = group.failover()
    second = wait_until(lambda: push(group, rig), LIMIT_S, "a push")
    sent(group, rig, second)
    # The old one comes back and becomes a replica of the new one.
    group.revive(old)
    wait_until(lambda: (group.ask(old, "ROLE") or [""])[0] == "slave",
               LIMIT_S, "a replica")
    # On a busy machine Sentinel may change its mind once more.
    third = wait_until(lambda: push(group, rig), LIMIT_S, "a push")
    sent(group, rig, third)
    assert rig.accepted() == [first, second, third]


def test_a_master_that_becomes_a_replica_is_left(rig, group):
    """A planned failover: READONLY or a closed connection, no death."""
    rig.set(**confs.REDIS_NO_USERS, redis=group.address)
    first = push(group, rig)
    sent(group, rig, first)
    old = group.master()
    assert group.ask(group.sentinels[0], "SENTINEL", "FAILOVER", "mails")
    wait_until(lambda: group.master() not in (0, old), LIMIT_S,
               "another master")
    second = wait_until(lambda: push(group, rig), LIMIT_S, "a push")
    sent(group, rig, second)
    assert rig.accepted() == [first, second]


def test_sentinels_that_are_dead_or_hang_are_passed_over(rig, group):
    group.kill(group.sentinels[0])
    group.kill(group.sentinels[1], signal.SIGSTOP)
    rig.set(**confs.REDIS_NO_USERS, redis=group.address)
    name = push(group, rig)
    sent(group, rig, name)
    assert rig.accepted() == [name]


def test_a_sentinel_that_leads_to_a_replica_is_not_believed(rig, group):
    """One that is cut off may call a master what is none any more."""
    master = group.master()
    replica = next(port for port in group.servers if port != master)
    liar = RedisGroup(group.dir + "/liar", replicas=0, sentinels=1)
    try:
        # It watches a server of its own, which then follows our master.
        assert group.ask(liar.servers[0], "REPLICAOF", "127.0.0.1",
                         str(master))
        rig.set(**confs.REDIS_NO_USERS, redis=f"sentinel:mails@127.0.0.1:{liar.sentinels[0]},"
                f"127.0.0.1:{group.sentinels[0]}")
        name = push(group, rig)
        sent(group, rig, name)
        assert group.ask(replica, "ROLE")[0] == "slave"
    finally:
        liar.close()


def test_all_sentinels_away_is_an_outage_that_ends(rig, group):
    for port in group.sentinels:
        group.kill(port)
    rig.set(**confs.REDIS_NO_USERS, redis=group.address)
    wait_until(lambda: "waiting since_ms=" in rig.log(), LIMIT_S, "the wait")
    assert "sentinel 127.0.0.1:" in rig.log()
    for port in group.sentinels:
        group.revive(port)
    name = push(group, rig)
    sent(group, rig, name)


def test_an_unknown_name_is_said(rig, group):
    rig.set(**confs.REDIS_NO_USERS, redis=group.address.replace("mails@", "other@"))
    wait_until(lambda: 'does not know "other"' in rig.log(), LIMIT_S,
               "the line")


@pytest.fixture
def locked(tmp_path):
    """A group with both passwords, and the settings that lead there."""
    one = RedisGroup(tmp_path / "locked", replicas=0, sentinels=1,
                     password="of-redis", sentinel_password="of-sentinels")
    settings = {"redis": one.address} | confs.REDIS_NO_USERS
    for setting, text in (("redis_password_file", one.password),
                          ("redis_sentinel_password_file",
                           one.sentinel_password)):
        path = tmp_path / setting
        path.write_text(text + "\n")
        path.chmod(0o600)
        settings[setting] = str(path)
    yield one, settings
    one.close()


def test_passwords_of_redis_and_of_sentinels(rig, locked):
    group, settings = locked
    rig.set(**settings)
    name = push(group, rig)
    sent(group, rig, name)
    rig.set(redis_sentinel_password_file="")
    wait_until(lambda: "NOAUTH" in rig.log(), LIMIT_S, "the refusal")
    assert "of-sentinels" not in rig.log()


def test_mails_are_counted_behind_sentinels_with_passwords(whole, tables,
                                                           locked):
    """Whoever reaches the queue must reach the limits, too."""
    _, settings = locked
    whole.overrides["booking"].update(settings | {"address_mails_a_day": "2"})
    whole.restart("booking")
    visitor = Visitor(whole.http_url)
    form = visitor.form(tables.add_slot(9))
    answers = [visitor.post(form | {"key": new_key()}).status_code
               for _ in range(4)]
    assert answers == [303, 303, 429, 429]
    assert visitor.get("/readyz").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_failover_in_the_flow_loses_no_booking(whole, tables, mailbox,
                                                 group, number):
    """The outbox brings back what the replica had not got yet."""
    for part in ("booking", "maild"):
        whole.overrides[part].update(
            confs.REDIS_NO_USERS | {"redis": group.address})
    whole.overrides["booking"]["outbox_delay"] = "1s"
    for part in ("booking", "maild"):
        whole.restart(part)
    form = Visitor(whole.http_url).form(tables.add_slot(10000))
    before = len(mailbox.names())
    result = []
    posting = threading.Thread(target=lambda: result.append(
        book_many(whole, form, BOOKINGS, f"flow{int(number)}")))
    posting.start()
    wait_until(lambda: len(mailbox.names()) > before + 20, 30, "a flow")
    old, _ = group.failover(number)
    if number == signal.SIGSTOP:
        # It wakes up as a master; the sentinels make a replica of it.
        group.kill(old, signal.SIGCONT)
    posting.join()
    statuses, _, addresses = result[0]
    assert collections.Counter(statuses) == {303: BOOKINGS}
    wait_until(lambda: tables.open_rows() == 0, 90, "all rows final", 0.2)
    got = collections.Counter(mailbox.recipients())
    assert not [address for address in addresses if not got[address]]
    assert not [address for address in addresses if got[address] > 1]
