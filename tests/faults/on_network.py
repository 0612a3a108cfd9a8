# SPDX-License-Identifier: MIT
"""Faults of the connections between any two programs."""

import time

PAIRS = {
    "n-book": "nginx-booking",
    "b-mysql": "booking-mysql",
    "b-redis": "booking-redis",
    "m-redis": "maild-redis",
    "m-smtp": "maild-smtp",
}


def _cut(name, reset):
    """Several times in a row, so that some are cut in the middle."""
    def act(campaign, harm):
        for _ in range(harm.random.randint(1, 10)):
            campaign.proxy[name].cut(reset)
            time.sleep(harm.random.uniform(0.01, 0.2))
    return act


def _mode(name, mode, most_s):
    def act(campaign, harm):
        campaign.proxy[name].set(mode)
        try:
            time.sleep(harm.random.uniform(0.3, most_s))
        finally:
            campaign.proxy[name].set("")
    return act


def _refuse(name):
    def act(campaign, harm):
        campaign.proxy[name].set("refuse")
        try:
            campaign.proxy[name].cut()
            time.sleep(harm.random.uniform(0.3, 3))
        finally:
            campaign.proxy[name].set("")
    return act


KINDS = {}
for _name, _pair in PAIRS.items():
    KINDS[f"{_pair} cut"] = _cut(_name, False)
    KINDS[f"{_pair} stalled"] = _mode(_name, "stall", 4)
    KINDS[f"{_pair} dripping"] = _mode(_name, "drip", 3)
    KINDS[f"{_pair} half-open"] = _mode(_name, "half-open", 4)
    KINDS[f"{_pair} refused"] = _refuse(_name)
# A unix socket knows no RST.
KINDS["maild-smtp reset"] = _cut("m-smtp", True)
