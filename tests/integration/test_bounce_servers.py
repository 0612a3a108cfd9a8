# SPDX-License-Identifier: MIT
"""Mails that real servers bounce, delivered to the reader by their pipes."""

import os

import pytest
from bounce_servers import BOX, SERVERS, SLOW, Scene, exim
from mail_servers import Missing
from stack.procs import read_text
from stack.visitor import wait_until

LIMIT_S = 90        # a warning of a delay takes two runs of a queue

pytestmark = pytest.mark.skipif(
    os.getuid() != 0,
    reason="needs root: a mail server that runs the reader as another user")


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
