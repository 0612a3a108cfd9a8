# SPDX-License-Identifier: MIT
"""Every signal to both programs while people book: no mail is lost."""

import argparse
import glob
import os
import re
import sys
import time

import pytest

sys.path[:0] = [os.path.dirname(os.path.realpath(__file__))]

import on_signals                                       # noqa: E402
from campaign import Campaign                           # noqa: E402
from kinds import Harm                                  # noqa: E402
from report import report                               # noqa: E402
from stack.procs import Trouble, read_text              # noqa: E402
from stack.visitor import wait_until                    # noqa: E402

SEED = 7
FLOW_S = 0.3        # bookings between two signals


class Signals(Campaign):
    """A campaign of signals alone, each of them once, in order."""

    def harm(self):
        for kind, act in on_signals.SIGNALS.items():
            self.send(kind, act)
        wait_until(lambda: sum(
            bool(one.taken_at) and one.taken_at < time.time() - 1
            for one in list(self.server.attempts)) > 20, 60, "some mails")
        # From here on processes die, and lines of theirs are not written.
        self.calm_until = time.time()
        for kind, act in on_signals.STOPS.items():
            self.send(kind, act)

    def send(self, kind, act):
        booked = len(self.booked)
        time.sleep(FLOW_S)
        wait_until(lambda: len(self.booked) > booked, 30, "a flow")
        self.revive()
        one = Harm(SEED, len(self.faults), kind)
        self.faults.append(one)
        one.begun, one.ended = time.time(), float("inf")
        try:
            act(self, one)
        except (Trouble, OSError) as trouble:
            self.broken_faults.append(f"{kind}: {trouble}")
        one.ended = time.time()


def logged(campaign, part, words):
    """What follows these words in all logs of a part, moved ones too."""
    names = glob.glob(campaign.stack.at.log_file(part) + "*")
    return sum((re.findall(rf"{words}(\S+)", read_text(name))
                for name in names), [])


@pytest.fixture(scope="module")
def campaign(tmp_path_factory, request):
    begun = time.monotonic()
    options = argparse.Namespace(
        asan=os.environ.get("RESERVOIR_ASAN") == "1", kinds=[], way=None,
        duration=0)
    one = Signals(tmp_path_factory.mktemp("signals"), options, SEED)
    try:
        one.run()
        one.result = report(one)
        yield one
    finally:
        one.close()
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\ntest_signals: {time.monotonic() - begun:.0f} s")


def test_nothing_is_lost_and_nothing_doubled_without_a_cause(campaign):
    assert campaign.result["bad"] == {}
    assert campaign.result["bookings"] > 50
    assert [one.kind for one in campaign.faults] == \
        [*on_signals.SIGNALS, *on_signals.STOPS]


def test_no_line_is_lost_when_logs_are_moved(campaign):
    assert len(glob.glob(campaign.stack.at.log_file("maild") + ".*")) == 1
    # Mails of bookings that were answered while nobody died.
    early = {address for address, at in campaign.booked.items()
             if at < campaign.calm_until}
    accepted = {one.message: one for one in campaign.server.attempts
                if one.recipient in early and one.taken_at
                and one.taken_at < campaign.calm_until - 1}
    assert len(accepted) > 10
    assert not set(accepted) - set(logged(campaign, "maild",
                                          r"delivered job="))
    assert not set(accepted) - set(logged(campaign, "booking",
                                          r"booked ref=.* envelope="))
