# SPDX-License-Identifier: MIT
"""A worker dies before its master has had a word with Redis."""

import os

import pytest
from stack.layout import write_text
from stack.rig import LIMIT_S, Rig
from stack.visitor import wait_until


@pytest.fixture
def rig(tmp_path):
    one = Rig(tmp_path / "rig", crash=True, workers="1")
    yield one
    one.close()


def test_what_its_first_worker_sent_is_told_by_the_master(rig):
    """The mail is taken, the worker is dead, and its ring is all there is."""
    armed = rig.stack.at.path("crash")
    write_text(armed, "worker: in the ring 1")
    (name,) = rig.push()
    rig.start()
    master = rig.stack.pid("maild")
    wait_until(lambda: not os.path.exists(armed), LIMIT_S, "the death")
    rig.wait(name, "S")
    # And it goes on, itself.
    (second,) = rig.push()
    rig.wait(second, "S")
    assert rig.stack.pid("maild") == master
    assert rig.accepted() == [name, second]
