# SPDX-License-Identifier: MIT
"""The stack that integration and browser tests share."""

import os
import pathlib
import random
import subprocess
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "integration")]

from stack.allowed import refused                       # noqa: E402
from stack.discreet import indiscretions                # noqa: E402
from stack.layout import Options                        # noqa: E402
from stack.procs import Trouble                         # noqa: E402
from stack.queuerig import QueueRig                     # noqa: E402
from stack.rig import Rig                               # noqa: E402
from stack.stack import Stack                           # noqa: E402
from stack.visitor import Mailbox, Tables, Visitor            # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "last: after all others of its file")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With REQUIRE_SERVERS=1 a test that is skipped has failed.

    But not an alternative that takes a run of its own, nor, for an ordinary
    user, what only root may do, nor, outside CI, what needs a package of npm's
    or Debian's where none can be had.  pytest prints each reason.
    """
    outcome = yield
    report = outcome.get_result()
    allowed = ["an alternative: "]
    if os.getuid() != 0:
        allowed.append("needs root: ")
    if "CI" not in os.environ:
        allowed.append("not to be had: ")
    if (report.skipped and os.environ.get("REQUIRE_SERVERS") == "1"
            and not any(words in str(report.longrepr) for words in allowed)):
        report.outcome = "failed"
        report.longrepr = f"skipped, but REQUIRE_SERVERS=1: {report.longrepr}"


def pytest_collection_modifyitems(items):
    """RESERVOIR_ORDER=N: the files in another order, and the tests of each.

    The tests of a file stay together: they share what is slow to bring up.
    One that sums up all before it is marked as the last.
    """
    if "RESERVOIR_ORDER" not in os.environ:
        return
    draw = random.Random(int(os.environ["RESERVOIR_ORDER"]))
    files = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    groups = list(files.values())
    draw.shuffle(groups)
    for group in groups:
        draw.shuffle(group)
        group.sort(key=lambda item: item.get_closest_marker("last") is not None)
    items[:] = [item for group in groups for item in group]


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """A stack of its own for this run; every part may be stopped and started.

    A test that changes it puts it back: see also `whole`.
    """
    directory = tmp_path_factory.mktemp("stack")
    options = Options(asan=os.environ.get("RESERVOIR_ASAN") == "1")
    one = Stack(directory, options, quiet=True)
    try:
        one.up()
    except Trouble as trouble:
        one.down()
        pytest.skip(str(trouble))
    yield one
    one.start("redis")
    not_allowed = refused(one)
    one.down()
    assert not not_allowed, "\n".join(not_allowed)
    reports = one.sanitizer_reports()
    assert not reports, "\n".join(reports)
    # The next worker takes over, and a test may not notice.
    assert not one.bugs(), "\n".join(one.bugs())
    # Of all that these tests did, nothing in a log names a visitor.
    told = indiscretions(one.at.log)
    assert not told, "\n".join([f"{len(told)} lines", *told[:40]])


@pytest.fixture
def whole(stack):
    """The stack, with all parts up again and settings as before at the end."""
    yield stack
    changed = [name for name, values in stack.overrides.items() if values]
    for name in changed:
        stack.overrides[name].clear()
        stack.stop(name)
    for name in stack.dead_parts():
        stack.start(name)


@pytest.fixture
def open_room():
    """A scratch directory that other users may enter.

    Not below pytest's: each pytest that starts closes that again.  Name it
    before the stack or scene whose programs write there: what is named first
    is taken down last, and they must be gone by then.
    """
    with tempfile.TemporaryDirectory(prefix="reservoir-") as directory:
        os.chmod(directory, 0o711)
        yield pathlib.Path(directory)


@pytest.fixture
def rig(tmp_path):
    one = Rig(tmp_path / "rig")
    yield one
    one.close()


@pytest.fixture
def mailbox(stack):
    return Mailbox(stack.at.mail)


@pytest.fixture
def tables(stack):
    with Tables(stack.env) as connection:
        yield connection


@pytest.fixture
def bookctl(stack):
    """Runs a command of bookctl, which must succeed; what it printed."""
    def run(*words):
        return subprocess.run(
            [stack.env["BOOKCTL"], "-c", stack.env["BOOKING_CONF"], *words],
            capture_output=True, text=True, timeout=60, check=True).stdout
    return run


@pytest.fixture
def visitor(stack):
    return Visitor(stack.http_url)


@pytest.fixture(scope="module")
def queue_server(tmp_path_factory):
    one = QueueRig(tmp_path_factory.mktemp("queue"))
    yield one
    one.close()


@pytest.fixture
def queue_rig(queue_server):
    """An empty queue, called by hand; in the end no record may be wrong."""
    queue_server.fresh()
    yield queue_server
    queue_server.redis.config_set("maxmemory", 0)
    assert queue_server.contradictions() == []
