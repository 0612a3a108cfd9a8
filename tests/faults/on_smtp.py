# SPDX-License-Identifier: MIT
"""Faults of the mail server: each step of a session, each way to fail."""

import time

# How a relay is reached.
WAYS = ("clear", "STARTTLS 1.2", "STARTTLS 1.3", "implicit")


def _away(campaign, harm):
    campaign.server.go_away()
    try:
        time.sleep(harm.random.uniform(0.5, 3))
    finally:
        campaign.server.come_back()


def _spoil(step, wish):
    """For a while every third such step goes wrong."""
    def act(campaign, harm):
        campaign.server.spoil(step, wish)
        try:
            time.sleep(harm.random.uniform(0.5, 2))
        finally:
            campaign.server.heal()
    return act


# What a server may answer there when it will not, later or ever.  "reply" is
# the lie: it has taken the mail.  "connect" and "body" have no answer.
REFUSALS = {
    "banner": ("421 4.3.2 busy", "554 5.7.1 go away"),
    "ehlo": ("421 4.3.2 closing", "550 5.7.1 not you"),
    "starttls": ("454 4.7.0 not now", "501 5.5.4 no"),
    "auth": ("454 4.7.0 later", "535 5.7.8 wrong password"),
    "mail": ("451 4.3.0 later", "550 5.7.1 not this sender"),
    "rcpt": ("450 4.7.1 later", "550 5.1.1 no such user"),
    "data": ("451 4.3.0 later", "554 5.7.1 no"),
    "dot": ("451 4.3.0 later", "554 5.7.1 spam"),
    "reply": ("451 4.3.0 taken all the same", "554 5.3.0 taken all the same"),
    "quit": ("421 4.3.2 closing", "500 5.5.1 what?"),
}

KINDS = {"smtp away": _away}
for _step in ("connect", "banner", "ehlo", "starttls", "auth", "mail", "rcpt",
              "data", "body", "dot", "reply", "quit"):
    _wishes = ["close", "reset", "hang", *REFUSALS.get(_step, ())]
    if _step not in ("connect", "body"):
        _wishes += ["drip", "garbage"]
    elif _step == "body":
        _wishes.append("drip")
    if _step == "starttls":
        _wishes.append("tls")
    for _wish in _wishes:
        _word = _wish.partition(" ")[0]
        KINDS[f"smtp {_step} {_word}"] = _spoil(_step, _wish)


def is_possible(kind, way):
    """Whether a relay that is reached that way has this step."""
    if kind.startswith("smtp starttls "):
        return way.startswith("STARTTLS")
    return way != "clear" or not kind.startswith("smtp auth ")


def ways_for(kinds):
    """The ways on which some of these faults are possible; without any fault,
    all of them."""
    return [way for way in WAYS if not kinds or
            any(is_possible(kind, way) for kind in kinds)]
