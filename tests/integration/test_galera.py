# SPDX-License-Identifier: MIT
"""A Galera cluster as the database: its nodes die while bookings go on."""

import collections
import os
import threading
import time

import pytest
import requests
from stack.elsewhere import Elsewhere
from stack.galera import PROVIDER, Galera
from stack.visitor import Visitor, new_key, unique_address, wait_until

pytestmark = pytest.mark.skipif(not os.path.exists(PROVIDER),
                                reason="needs galera-4")

CLIENTS = 6
LONGEST_S = 10
REFUSED_AT_MOST = 0.02


class Flow:
    """Visitors who book one after the other until it is enough."""

    def __init__(self, stack, slots):
        self.stack, self.slots = stack, slots
        self.answers = []       # (status, seconds, address, when)
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,))
                         for number in range(CLIENTS)]
        self.begun = time.monotonic()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *unused):
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number):
        visitor = Visitor(self.stack.http_url)
        while not self._enough.is_set():
            form = {"slot": self.slots[number % len(self.slots)],
                    "key": new_key(), "name": "Zoé Martin", "seats": "1",
                    "email": unique_address("galera")}
            begun = time.monotonic()
            try:
                status = visitor.post(form).status_code
            except requests.RequestException:
                status = 0
            self.answers.append((status, time.monotonic() - begun,
                                 form["email"], begun - self.begun))

    def wait_more(self, count):
        """Until so many more were booked."""
        before = self.booked()
        wait_until(lambda: self.booked() >= before + count, 60,
                   f"{count} more bookings", 0.1)

    def booked(self):
        return sum(status == 303 for status, _, _, _ in list(self.answers))

    def judge(self, ask):
        """Few were refused, none waited long, none was lost or doubled."""
        statuses = collections.Counter(one[0] for one in self.answers)
        longest = max(one[1] for one in self.answers)
        told = (statuses, f"{longest:.1f} s",
                [one for one in self.answers if one[0] != 303][:20])
        assert set(statuses) <= {303, 503}, told
        assert statuses[503] <= REFUSED_AT_MOST * len(self.answers), told
        assert longest <= LONGEST_S, told
        rows = collections.Counter(row[0] for row in ask(
            "SELECT email FROM booking WHERE email LIKE 'galera.%'"))
        booked = [address for status, _, address, _ in self.answers
                  if status == 303]
        assert not [one for one in booked if not rows[one]], told
        assert not [one for one, count in rows.items() if count > 1], told
        for taken, seats in ask(
                "SELECT i.booked, COALESCE(SUM(b.seats), 0)"
                " FROM slot_inventory i LEFT JOIN booking b"
                " ON b.slot_id = i.slot_id AND b.cancelled_at IS NULL"
                " GROUP BY i.slot_id, i.booked"):
            assert taken == seats
        return told


@pytest.fixture
def cluster(open_room):
    one = Galera(str(open_room))
    yield one
    one.close()


def move_to(cluster, whole, directory, **settings):
    there = Elsewhere(whole, cluster.nodes[0], directory,
                      mysql_host=cluster.hosts, **settings)
    there.accounts()
    there.tables()
    there.move()
    return there


def slots_of(cluster, count):
    """Numbers of free slots with room for all."""
    cluster.ask("UPDATE slot_inventory SET capacity = 100000",
                database="reservoir")
    return [str(row[0]) for row in cluster.ask(
        "SELECT id FROM slot WHERE starts_at > NOW() + INTERVAL 2 DAY"
        " ORDER BY starts_at LIMIT %s", count, database="reservoir")]


def test_each_node_dies_in_turn_while_visitors_book(open_room, whole, cluster,
                                                    capsys):
    move_to(cluster, whole, str(open_room))
    slots = slots_of(cluster, 3)
    with Flow(whole, slots) as flow:
        for node in cluster.nodes:
            flow.wait_more(150)
            node.kill()
            flow.wait_more(150)
            cluster.revive(node)
        flow.wait_more(50)
    told = flow.judge(lambda words: cluster.ask(words, database="reservoir"))
    with capsys.disabled():
        print(len(flow.answers), told[:2])
