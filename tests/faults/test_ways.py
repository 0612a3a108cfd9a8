# SPDX-License-Identifier: MIT
"""How a campaign's relay is reached: in turn by seeds, or as told."""

import argparse
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE]

import on_smtp                                          # noqa: E402
from campaign import Campaign                           # noqa: E402


@pytest.fixture
def way_of(tmp_path):
    """Makes a campaign, which is never begun; returns its way."""
    def make(seed, kinds=(), way=None):
        one = Campaign(str(tmp_path), argparse.Namespace(
            asan=False, kinds=list(kinds), way=way), seed)
        one.close()
        return one.way
    return make


def test_seeds_take_turns(way_of):
    assert [way_of(seed) for seed in range(4)] == list(on_smtp.WAYS)


def test_faults_choose_a_way_on_which_they_are_possible(way_of):
    for seed in range(4):
        assert way_of(seed, ["smtp starttls tls"]).startswith("STARTTLS")


@pytest.mark.parametrize("way", on_smtp.WAYS)
def test_any_seed_goes_the_way_that_it_is_told(way_of, way):
    assert {way_of(seed, way=way) for seed in range(4)} == {way}


def test_a_way_without_any_of_the_faults_is_refused():
    result = subprocess.run(
        [sys.executable, os.path.join(HERE, "run.py"), "--only",
         "smtp auth *", "--way", "clear"], text=True, capture_output=True,
        check=False, timeout=60)
    assert result.returncode == 2
    assert "none of these faults is possible by clear" in result.stderr
