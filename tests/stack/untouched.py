# SPDX-License-Identifier: MIT
"""What must be as before: each table's rows, and the jobs of the queue."""

import hashlib

import redis

__all__ = ["content_of", "jobs_of"]


def content_of(tables):
    """How many rows each table has, and a fingerprint of all of them."""
    found = {}
    for (name,) in tables.rows("SHOW TABLES"):
        rows = sorted(map(repr, tables.rows(f"SELECT * FROM `{name}`")))
        found[name] = (len(rows), hashlib.sha256(
            "\n".join(rows).encode()).hexdigest())
    return found


def jobs_of(stack):
    """The records of all jobs, without when each was last looked at."""
    prefix = stack.env["QUEUE_PREFIX"]
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as server:
        return sorted(server.scan_iter(match=f"{prefix}j:*", count=1000))
