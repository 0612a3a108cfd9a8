# SPDX-License-Identifier: MIT
"""What the programs' users in Redis asked for and were not allowed."""

import redis

__all__ = ["refused"]


def refused(stack):
    """Each refusal that Redis remembers, as a text."""
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"],
                     decode_responses=True) as server:
        # -t looks whether a user may do more than it needs.
        return [str(one) for one in server.acl_log()
                if one["object"] != "config|get" and one["reason"] != "auth"]
