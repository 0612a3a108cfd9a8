# SPDX-License-Identifier: MIT
"""Which programs the tests take for Redis: another one by the environment."""

import os

# "/usr/bin/valkey-server" tries Valkey in its place.
REDIS_SERVER = os.environ.get("RESERVOIR_REDIS_SERVER",
                              "/usr/bin/redis-server")
REDIS_CLI = os.environ.get("RESERVOIR_REDIS_CLI", "/usr/bin/redis-cli")
