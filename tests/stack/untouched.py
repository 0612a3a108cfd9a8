# SPDX-License-Identifier: MIT
"""What must be as before: each table's rows, and the jobs of the queue."""

import hashlib

import redis

from .visitor import wait_for_keys, wait_until

__all__ = ["at_rest", "content_of", "jobs_of"]

LIMIT_S = 60
# What other tests have left is due some day: not while this one looks.
LATER = (
    "UPDATE waiting SET offer_until = NOW(3) + INTERVAL 1 DAY WHERE state = 1"
    " AND offer_until < NOW(3) + INTERVAL 1 DAY",
    "UPDATE notification SET begins_at = NOW(3) + INTERVAL 1 DAY,"
    " due_at = NOW(3) + INTERVAL 1 DAY WHERE state = 0 AND forget = 0"
    " AND begins_at BETWEEN NOW(3) AND NOW(3) + INTERVAL 1 DAY",
)


def at_rest(tables):
    """Until the relay has nothing left that it would do by itself, for a day."""
    def put_off():
        for statement in LATER:
            tables.rows(statement)

    put_off()
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM waiting WHERE state = 4") == 0,
        LIMIT_S, "those whom an organiser has removed", 0.1)
    wait_until(lambda: tables.open_rows() == 0, LIMIT_S, "every mail's fate",
               0.1)
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM service WHERE tell_from IS NOT NULL") == 0,
        LIMIT_S, "services whose news are told", 0.1)
    # The time of an offer runs from when its mail was taken, once the relay
    # has looked; it ends there and then if nobody can be told of it.
    wait_until(lambda: tables.value(
        "SELECT COUNT(*) FROM waiting w WHERE w.state = 1 AND w.told_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.waiting_id ="
        " w.id AND n.created_at >= w.offered_at AND n.state = 0)") == 0,
        LIMIT_S, "all offers' clocks", 0.1)
    wait_for_keys(tables)
    put_off()


def content_of(tables):
    """How many rows each table has, and a fingerprint of all of them.

    Without what the relay notes of slots each hour: what their clocks showed.
    """
    found = {}
    for (name,) in tables.rows("SHOW TABLES"):
        columns = ", ".join(f"`{row[0]}`" for row in tables.rows(
            f"SHOW COLUMNS FROM `{name}`") if row[0] != "wall_at")
        rows = sorted(map(repr, tables.rows(f"SELECT {columns} FROM `{name}`")))
        found[name] = (len(rows), hashlib.sha256(
            "\n".join(rows).encode()).hexdigest())
    return found


def jobs_of(stack):
    """The records of all jobs, without when each was last looked at."""
    prefix = stack.env["QUEUE_PREFIX"]
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as server:
        return sorted(server.scan_iter(match=f"{prefix}j:*", count=1000))
