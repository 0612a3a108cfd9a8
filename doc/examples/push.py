#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Has one mail sent, with Debian's python3-redis.

usage: push.py ID ADDRESS TEXT
Redis is at $REDIS_SOCKET, or on this host.  Push again with the same ID when
it fails: one id is one mail.
"""

import json
import os
import sys

import redis


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 64
    ident, address, text = sys.argv[1:]
    envelope = {
        "v": 1,
        "id": ident,
        "kind": "notice",
        "to": {"email": address},
        "locale": "en",
        "data": {"subject": "A notice", "paragraphs": [text]},
    }
    socket = os.environ.get("REDIS_SOCKET")
    options = {"unix_socket_path": socket} if socket else {"host": "127.0.0.1"}
    try:
        with redis.Redis(socket_timeout=5, **options) as connection:
            connection.rpush("{maild}:intake",
                             json.dumps(envelope, ensure_ascii=False))
    except redis.RedisError as error:
        print(f"push.py: {error}", file=sys.stderr)
        return 75
    return 0


if __name__ == "__main__":
    sys.exit(main())
