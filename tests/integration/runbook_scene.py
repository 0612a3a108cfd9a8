# SPDX-License-Identifier: MIT
"""A symptom of doc/runbook.md on a stack: staged, looked at, mended."""

import os
import time

import pytest
from stack import confs, runbook     # noqa: F401, for those who stage
from stack.certs import Authority
from stack.faulty import FaultySmtp
from stack.procs import read_text
from stack.rig import Rig
from stack.sysadmin import Sysadmin
from stack.visitor import Visitor

ENTRIES = runbook.read()


def stages(title):
    """The test that follows stages this entry; see the fixture `scene`."""
    return pytest.mark.parametrize("scene", [title], indirect=True,
                                   ids=[title.replace(" ", "_")])


class Scene:
    """What one test does about one entry."""

    def __init__(self, stack, title):
        self.stack = stack
        self.entry = ENTRIES[title]
        self.entry.is_seen = self.entry.is_typed = False
        self.entry.values = {}
        self.admin = Sysadmin(stack)
        self.parts = [name for name in stack.names if stack.pid(name)]
        self.begun = {part: len(read_text(stack.at.log_file(part)))
                      for part in ("booking", "maild", "nginx")}
        if stack.http_port:
            self.visitor = Visitor(stack.http_url, "en")

    def log(self, *parts):
        """What was logged since the test began."""
        return "".join(read_text(self.stack.at.log_file(part))[
            self.begun[part]:] for part in parts or self.begun)

    def page(self, path="/"):
        """What a visitor sees: status and text."""
        answer = self.visitor.get(path)
        return f"{answer.status_code}\n{answer.text}"

    def sees(self, *sources, **values):
        self.entry.look(self.admin, self.log, *sources, **values)

    def acts(self, part="", **how):
        return self.entry.act(self.admin, part, **how)

    def edit(self, part, line, action="restart"):
        """A setting of the staging, taken up by its program."""
        self.admin.edit(part, line)
        name = {"booking": "reservoir-booking"}.get(part, part)
        if action:
            self.admin.type(f"service {name} {action}")


def staged(stack, title):
    """For a fixture: at the end everything is as it was, and all of the entry
    was looked at and typed."""
    one = Scene(stack, title)
    yield one
    stack.shipped_limits = False
    one.admin.put_back()
    for name in one.parts:
        stack.start(name)
    assert one.entry.is_seen, f"{title}: what one sees was not looked at"
    assert one.entry.is_typed, f"{title}: what helps was not typed"


# ---- maild alone, for what the mail server does -----------------------------

def nothing(_step, _session, _mail):
    """The plan of a mail server that is well."""


@pytest.fixture(scope="module", autouse=True)
def seconds(request):
    begun = time.monotonic()
    yield
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{request.module.__name__}: {time.monotonic() - begun:.0f} s")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    if os.getuid() != 0:
        pytest.skip("needs root: init scripts")
    one = Rig(tmp_path_factory.mktemp("runbook") / "rig", crash_pause="100ms",
              storm_limit="3", storm_hold="1s", max_age="1min")
    one.start()
    yield one
    one.close()


def rig_put_back(rig):
    rig.server.plan = nothing
    rig.server.users = {}
    rig.server.extensions = list(FaultySmtp.EXTENSIONS)
    rig.stack.overrides.pop("relays", None)
    rig.redis.config_set("maxmemory-policy", "noeviction")
    admin = Sysadmin(rig.stack)
    admin.changed.add("maild")
    admin.put_back()
    rig.start()
    for words in ("resume --all", "cancel --all --yes",
                  "purge --older-than 0s --yes",
                  "purge --state malformed --yes"):
        admin.type(f"maildctl {words}")


@pytest.fixture
def scene(request):
    """A scene on the whole stack, or on `rig` in a module that says so."""
    if os.getuid() != 0:
        pytest.skip("needs root: init scripts")
    if getattr(request.module, "MAILD_ALONE", False):
        rig = request.getfixturevalue("rig")
        try:
            yield from staged(rig.stack, request.param)
        finally:
            rig_put_back(rig)
    else:
        yield from staged(request.getfixturevalue("stack"), request.param)
