# SPDX-License-Identifier: MIT
"""Mails that real servers bounce, delivered to the reader by their pipes."""

import os
import shutil

import pytest
from bounce_servers import BOUNCES, BOX, SERVERS, SLOW, exim
from mail_servers import Missing
from stack import confs
from stack.layout import write_text
from stack.procs import read_text
from stack.rig import Rig
from stack.visitor import wait_until

KEY = "0123456789abcdef0123456789abcdef"
LIMIT_S = 90        # a warning of a delay takes two runs of a queue

pytestmark = pytest.mark.skipif(
    os.getuid() != 0,
    reason="needs root: a mail server that runs the reader as another user")


def refuse(rig):
    """The next server's plan: by recipient, or by the mail."""
    def plan(step, session, _mail):
        recipient = [line for which, line in rig.server.commands
                     if which == session and line.startswith("RCPT")]
        to = recipient[-1].partition("<")[2].partition(">")[0] if (
            recipient) else ""
        if step == "rcpt" and to.startswith("unknown"):
            return f"550 5.1.1 <{to}>: Recipient address rejected: unknown"
        if step == "dot" and to.startswith("full"):
            return "552 5.2.2 The mailbox is full"
        return None
    return plan


class Scene:
    """maild, a directory for nobody with the reader and its settings."""

    def __init__(self, room):
        self.room = room
        self.rig = Rig(str(room / "rig"))
        self.rig.server.plan = refuse(self.rig)
        at = self.rig.stack.at
        at.open_to_all()
        # The reader is another user: Redis's socket is for it, too.
        os.chmod(at.run, 0o711)
        os.chmod(self.rig.stack.env["REDIS_SOCKET"], 0o777)
        self.reader = str(room / "reservoir-bounce")
        shutil.copy(os.path.join(at.build, "maild", "bounce",
                                 "reservoir-bounce"), self.reader)
        self.log = self._mine("bounce.log", "")
        # Readable by its owner alone; root reads it all the same.
        key = self._mine("bounce.key", KEY + "\n")
        bounces = {"bounce_to": "bounces@" + BOUNCES, "bounce_key_file": key}
        self.rig.stack.overrides["maild"].update(bounces)
        self.conf = self._mine("bounce.conf", confs.settings_text({
            "redis": "unix:" + self.rig.stack.env["REDIS_SOCKET"],
            "queue_prefix": self.rig.prefix, "log": "file:" + self.log,
            "template_dir": at.path("templates"),
            "message_domain": "reservoir.example"} | bounces))

    def _mine(self, name, text):
        path = str(self.room / name)
        write_text(path, text)
        shutil.chown(path, "nobody")
        return path

    def send(self, **people):
        """Sends a mail to each {name: address}; {name: id}."""
        return {name: self.rig.push(to={"name": "Zoé", "email": address})[0]
                for name, address in people.items()}

    def fate(self, name):
        """Fate and sure, by the record."""
        found = self.rig.job(name).get("ft", "").split("|")
        return (found[1], found[2]) if len(found) == 4 else None

    def told(self, name):
        return self.rig.job(name)["at"].rpartition("|1|")[2]


@pytest.fixture
def scene(open_room):
    one = Scene(open_room)
    yield one
    one.rig.close()
    assert "ERROR: " not in read_text(one.log)


@pytest.fixture(params=SERVERS)
def server(request, scene):
    try:
        with SERVERS[request.param](scene.rig.server.port, scene.reader,
                                    scene.conf) as port:
            scene.rig.relay(port=port, dsn="all")
            scene.rig.start()
            yield request.param
    except Missing as missing:
        pytest.skip(str(missing))


def test_what_a_real_server_reports_reaches_the_mail(scene, server):
    names = scene.send(unknown="unknown@far.example",
                       full="full@far.example", slow=f"zoe@{SLOW}",
                       box=f"zoe@{BOX}", good="zoe@far.example")
    wanted = {"unknown": ("returned", "1"), "full": ("returned", "1"),
              "slow": ("delayed", "1"), "box": ("delivered", "1")}
    wait_until(lambda: {one: scene.fate(names[one]) for one in wanted}
               == wanted, LIMIT_S, "all reports")
    assert scene.told(names["unknown"]).startswith("550 5.1.1 ")
    assert scene.told(names["full"]).startswith("552 5.2.2 The mailbox is")
    assert not [one for one in wanted if "@" in scene.told(names[one])]
    # "Relayed" to a server that reports nothing further is no news; Exim says
    # "delivered" of it.
    wait_until(lambda: len(scene.rig.accepted()) == 1, LIMIT_S, "the good one")
    assert scene.fate(names["good"]) in {"postfix": [None], "exim": [
        None, ("delivered", "1")]}[server]


def test_an_exim_that_offers_no_reports_bounces_all_the_same(scene):
    try:
        with exim(scene.rig.server.port, scene.reader, scene.conf,
                  dsn="") as port:
            scene.rig.relay(port=port)
            scene.rig.start()
            names = scene.send(unknown="unknown@far.example",
                               slow=f"zoe@{SLOW}")
            wanted = {"unknown": ("returned", "1"), "slow": ("delayed", "1")}
            wait_until(lambda: {one: scene.fate(names[one])
                                for one in wanted} == wanted, LIMIT_S,
                       "both bounces")
            assert scene.told(names["unknown"]).startswith("550 5.1.1 ")
    except Missing as missing:
        pytest.skip(str(missing))


def test_postfix_keeps_a_bounce_while_redis_is_away(scene):
    try:
        with SERVERS["postfix"](scene.rig.server.port, scene.reader,
                                scene.conf) as port:
            scene.rig.relay(port=port)
            scene.rig.start()
            (name,) = scene.rig.push(to={"name": "Z", "email": f"z@{SLOW}"})
            scene.rig.wait(name, "S")
            socket = scene.rig.stack.env["REDIS_SOCKET"]
            os.chmod(socket, 0o700)
            wait_until(lambda: "cannot take in a mail that came back" in
                       read_text(scene.log), LIMIT_S, "a try")
            assert scene.fate(name) is None
            os.chmod(socket, 0o777)
            wait_until(lambda: scene.fate(name) == ("delayed", "1"), LIMIT_S,
                       "the report after all")
    except Missing as missing:
        pytest.skip(str(missing))
