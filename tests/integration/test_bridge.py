# SPDX-License-Identifier: MIT
"""maild-amqp: what comes by RabbitMQ is mailed once, whoever is away."""

import os
import signal
import subprocess
import time

import pika
import pytest
from stack.bridgerig import BridgeRig, notice
from stack.certs import Authority
from stack.layout import TOP
from stack.paper import blocks
from stack.procs import Trouble, alive, read_text, wait_until
from stack.rabbits import Rabbits, missing
from stack.rig import LIMIT_S


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def rabbits(tmp_path_factory, authority):
    if missing():
        pytest.skip(missing())
    try:
        one = Rabbits(tmp_path_factory.mktemp("rabbits"), tls=(
            *authority.issue("localhost"), authority.file))
    except Trouble as trouble:
        pytest.skip(str(trouble))
    yield one
    one.close()


@pytest.fixture
def rig(tmp_path, rabbits):
    one = BridgeRig(tmp_path / "rig", rabbits)
    if not os.path.exists(one.program):
        one.close()
        pytest.skip("maild-amqp is not built: librabbitmq-dev is missing")
    yield one
    try:
        refused = one.refused_by_redis()
    finally:
        one.close()
    assert not refused, refused


# ---- what flows ------------------------------------------------------------


def test_mails_of_another_program_are_sent_once(rig):
    rig.start()
    rig.bridge()
    rig.consumes()
    ids = rig.send(150)
    rig.verdict(ids)
    rig.bridge_stop()
    assert "passed messages=150 refused=0" in rig.bridge_log()


def test_order_is_kept_and_what_comes_twice_is_mailed_once(rig):
    rig.bridge()
    rig.consumes()
    ids = rig.send(60)
    for _ in range(2):
        rig.send_raw(notice(ids[0]))
    rig.waits(62)
    assert rig.intake() == ids + [ids[0]] * 2
    rig.start()
    rig.verdict(ids)


def test_what_is_no_envelope_is_kept_apart_with_its_reason(rig):
    rig.bridge()
    rig.consumes()
    good = rig.send(1)
    rig.send_raw("hello", message_id="m-1", headers={"shop": "7"})
    rig.send_raw("")
    rig.send_raw(notice("big", data={"x": "y" * 300000}), message_id="big")
    rig.send_raw(notice("old"), timestamp=int(time.time()) - 7 * 86400)
    rig.send_raw(notice("ms"), timestamp=int(time.time() * 1000))
    rig.send_raw(notice("wrong", to={"email": "no address"}),
                 message_id="zoe@example.org")
    more = rig.send(1)
    rig.waits(3)
    assert rig.intake() == [*good, "ms", *more]
    found = rig.refusals(5)
    reasons = [reason for reason, _, _ in found]
    assert "not JSON" in reasons[0] and "not JSON" in reasons[1]
    assert "larger than 65536 bytes" in reasons[2]
    assert reasons[3].startswith("too old: 6048")
    assert '"to.email" is not an address' in reasons[4]
    first, big = found[0], found[2]
    assert first[1].message_id == "m-1" and first[2] == b"hello"
    assert first[1].headers["shop"] == "7"
    assert len(big[2]) > 300000
    rig.said("refused id=old: too old")
    rig.said("refused id=m-1: envelope: not JSON")
    rig.said("refused id=[address]: ")
    wait_until(lambda: rig.rabbits.count(rig.queue) == 0, LIMIT_S, "all acked")


def test_one_bridge_at_a_time_and_the_next_when_it_dies(rig, rabbits,
                                                        tmp_path):
    other = BridgeRig(tmp_path / "other", rabbits)
    try:
        other.queue, other.refused = rig.queue, rig.refused
        for one in rig, other:
            one.bridge()
            one.consumes()
        ids = rig.send(20)
        rig.waits(20)
        assert other.intake() == []
        rig.bridge_kill()
        ids = rig.send(5)
        other.waits(5)
        assert other.intake() == ids
    finally:
        other.close()


# ---- who is away -----------------------------------------------------------


def test_without_redis_nothing_is_taken_until_it_is_back(rig):
    rig.bridge()
    rig.consumes()
    rig.stack.stop("redis")
    rig.bridge_stop()
    ids = rig.send(5)
    rig.bridge()
    rig.said("/redis.sock: ")
    assert rig.rabbits.count(rig.queue) == 5
    rig.stack.start("redis")
    rig.waits(5)
    assert rig.intake() == ids
    rig.said("redis is back")


def test_messages_in_hand_wait_for_redis_and_then_go_back(rig):
    """With Redis dead they stay ours for a while, then anybody's."""
    rig.bridge(give_back="3s")
    rig.consumes()
    rig.stack.kill("redis")
    ids = rig.send(5)
    rig.said("gave back messages=")
    wait_until(lambda: rig.rabbits.count(rig.queue) == 5, LIMIT_S, "all back")
    rig.stack.start("redis")
    rig.start()
    rig.verdict(ids)


def test_a_full_redis_gets_them_when_it_has_room(rig):
    rig.bridge()
    rig.consumes()
    rig.redis.config_set("maxmemory", 1)
    ids = rig.send(5)
    rig.said("OOM")
    assert rig.redis.llen(rig.prefix + "intake") == 0
    assert "alert" not in rig.bridge_log()
    rig.redis.config_set("maxmemory", 0)
    rig.start()
    rig.verdict(ids)


def test_a_redis_that_hangs_holds_nothing_up_for_good(rig):
    rig.bridge()
    rig.consumes()
    rig.stack.kill("redis", signal.SIGSTOP)
    try:
        ids = rig.send(5)
        rig.said("no answer in time")
    finally:
        rig.stack.kill("redis", signal.SIGCONT)
    rig.start()
    rig.verdict(ids)


def test_the_intake_does_not_grow_without_end(rig):
    rig.bridge(intake_limit=20, prefetch=10)
    rig.consumes()
    ids = rig.send(60)
    rig.said("pauses: the intake holds ")
    assert 20 <= rig.redis.llen(rig.prefix + "intake") < 40
    wait_until(lambda: rig.rabbits.count(rig.queue) >= 20, LIMIT_S,
               "the rest in RabbitMQ")
    rig.start()
    rig.verdict(ids)
    assert "goes on: the intake holds " in rig.bridge_log()


def test_without_a_queue_for_refused_ones_nothing_is_dropped(rig):
    with rig.rabbits.channel() as channel:
        for queue in (rig.queue, rig.refused):
            channel.queue_declare(queue, durable=True)
    rig.bridge(declare="no")
    rig.consumes()
    with rig.rabbits.channel() as channel:
        channel.queue_delete(rig.refused)
    good = rig.send(2)
    rig.send_raw("hello")
    rig.said(f"there is no queue {rig.refused}")
    rig.waits(2)
    assert rig.intake() == good
    with rig.rabbits.channel() as channel:
        channel.queue_declare(rig.refused, durable=True)
    assert rig.refusals(1)[0][2] == b"hello"
    wait_until(lambda: rig.rabbits.count(rig.queue) == 0, LIMIT_S, "all acked")


def test_a_queue_that_is_taken_away_is_made_again(rig):
    rig.bridge()
    rig.consumes()
    with rig.rabbits.channel() as channel:
        channel.queue_delete(rig.queue)
    wait_until(lambda: rig.bridge_log().count("consumes queue=") == 2,
               LIMIT_S, "another consumer")
    ids = rig.send(3)
    rig.waits(3)
    assert rig.intake() == ids


# ---- manners ---------------------------------------------------------------


def test_a_stop_finishes_what_is_in_hand(rig):
    rig.bridge()
    rig.consumes()
    ids = rig.send(250)
    rig.bridge_stop()
    came = rig.intake()
    wait_until(lambda: rig.rabbits.count(rig.queue) == 250 - len(came),
               LIMIT_S, "the rest, ready again")
    assert came == ids[:len(came)]
    assert "stopped" in rig.bridge_log()


def test_a_reload_takes_new_settings_and_refuses_wrong_ones(rig):
    rig.bridge()
    rig.consumes()
    child = rig.bridge_child()
    rig.conf(prefetch="many")
    os.kill(rig.bridge_pid(), signal.SIGHUP)
    rig.said("reload refused, the old settings stay: ")
    assert rig.bridge_child() == child
    rig.queue += ".other"
    rig.conf(prefetch="7")
    os.kill(rig.bridge_pid(), signal.SIGHUP)
    wait_until(lambda: not alive(child), LIMIT_S, "another bridge")
    rig.said(f"consumes queue={rig.queue}")
    ids = rig.send(3)
    rig.waits(3)
    assert rig.intake() == ids


def test_a_bridge_that_dies_is_started_again(rig):
    rig.bridge()
    rig.consumes()
    os.kill(rig.bridge_child(), signal.SIGKILL)
    ids = rig.send(3)
    rig.waits(3)
    assert rig.intake() == ids


def test_the_check_names_file_and_line(rig):
    good = rig.ask("-t")
    assert good.returncode == 0 and good.stderr == ""
    assert good.stdout.endswith("amqp.conf: settings are good\n")
    wrong = rig.ask("-t", amqp="mq1")
    assert wrong.returncode == 78
    assert "amqp.conf:6: amqp: \"mq1\" is not HOST:PORT" in wrong.stderr
    away = rig.ask("-t", amqp="127.0.0.1:1," + rig.rabbits.address)
    assert away.returncode == 0
    assert "note: " in away.stderr and "127.0.0.1:1: connect" in away.stderr
    assert away.stderr.count("\n") == 1
    os.chmod(rig.rabbits.password_file, 0o644)
    try:
        shown = rig.ask("-t", amqp=rig.rabbits.address)
    finally:
        os.chmod(rig.rabbits.password_file, 0o600)
    assert shown.returncode == 78 and "amqp_password_file" in shown.stderr
    listed = rig.ask("-T").stdout
    assert "\nqueue = " in listed and "\nprefetch = 200" in listed


def test_a_wrong_password_is_told_once_and_waited_for(rig, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("guess\n")
    wrong.chmod(0o600)
    rig.bridge(amqp_password_file=wrong)
    rig.said("ACCESS_REFUSED")
    time.sleep(3)
    log = rig.bridge_log()
    assert log.count("rabbitmq refuses the bridge") == 1
    assert log.count("ACCESS_REFUSED") == 2     # the alert, and the outage


# ---- TLS -------------------------------------------------------------------


def test_tls_is_verified(rig, authority, tmp_path):
    port = rig.rabbits.tls_port
    others = Authority(tmp_path / "others")
    rig.bridge(amqp=f"localhost:{port}", amqp_tls="required",
               amqp_tls_ca_file=others.file)
    rig.said("verif")
    assert "consumes" not in rig.bridge_log()
    rig.conf(amqp_tls_ca_file=authority.file, amqp=f"127.0.0.1:{port}")
    os.kill(rig.bridge_pid(), signal.SIGHUP)
    rig.said("hostname")
    assert "consumes" not in rig.bridge_log()
    rig.conf(amqp=f"localhost:{port}")
    os.kill(rig.bridge_pid(), signal.SIGHUP)
    rig.consumes()
    ids = rig.send(30)
    rig.send_raw(notice("big", data={"x": "y" * 300000}))
    rig.waits(30)
    assert rig.intake() == ids
    assert len(rig.refusals(1)[0][2]) > 300000


# ---- the examples ----------------------------------------------------------


def example(rig, words, **env):
    return subprocess.run(
        [*words, "example-" + words[-1].rpartition(".")[2],
         "zoe@example.org", "Bonjour"], capture_output=True, text=True,
        timeout=60, check=False, env={
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "AMQP_USER": "reservoir",
            "AMQP_PASSWORD": rig.rabbits.password, "AMQP_HOST": "127.0.0.1",
            "AMQP_PORT": str(rig.rabbits.ports[0]), "AMQP_QUEUE": rig.queue,
            "AMQP_URL": f"amqp://reservoir:{rig.rabbits.password}@127.0.0.1:"
                        f"{rig.rabbits.ports[0]}/%2F"} | env)


def amqplib():
    """Where node finds it, fetched once."""
    where = os.path.join(TOP, "build", "amqplib")
    modules = os.path.join(where, "node_modules")
    if not os.path.exists(os.path.join(modules, ".package-lock.json")):
        try:
            subprocess.run(["npm", "install", "--no-audit", "--no-fund",
                            "--fetch-retries=1", "--ignore-scripts",
                            "--prefix", where, "amqplib@0.10"],
                           check=True, capture_output=True, timeout=300)
        except (OSError, subprocess.SubprocessError) as trouble:
            pytest.skip(f"not to be had: amqplib, of npm: {trouble}")
    return {"NODE_PATH": modules}


@pytest.mark.parametrize("name", ("amqp.py", "amqp.php", "amqp.js"))
def test_an_example_has_a_mail_sent(rig, name):
    interpreter = {"py": "/usr/bin/python3", "php": "/usr/bin/php",
                   "js": "/usr/bin/node"}[name.rpartition(".")[2]]
    if name.endswith("php") and not os.path.exists(
            "/usr/share/php/PhpAmqpLib/autoload.php"):
        pytest.skip("not to be had: php-amqplib is not installed")
    env = amqplib() if name.endswith("js") else {}
    words = [interpreter, os.path.join(TOP, "doc", "examples", name)]
    # Nobody has made the queue: the mail is nowhere, and that is said.
    assert example(rig, words, **env).returncode == 75
    rig.bridge()
    rig.consumes()
    for _ in range(2):
        done = example(rig, words, **env)
        assert (done.returncode, done.stderr) == (0, "")
    rig.start()
    rig.verdict(["example-" + name.rpartition(".")[2]])


# ---- doc/operations.md -----------------------------------------------------


def test_commands_for_rabbitmq_work_as_typed(rig, rabbits, tmp_path):
    """With the user that they make, who may not do more."""
    for name in ("rabbitmq", "rabbitmq_age"):
        words = blocks("operations.md", "sh", name)[0].replace(
            "reservoir ", "documented ")
        rabbits.ctl(words, tmp_path)
    own = {"amqp_user": "documented", "queue": "reservoir.mails",
           "refused": "reservoir.refused",
           "amqp_password_file": str(tmp_path / "amqp.password")}
    said = rig.ask("-t", **own)
    assert said.returncode == 0, said.stdout + said.stderr
    rig.bridge()
    rig.consumes()
    rig.queue, rig.refused = own["queue"], own["refused"]
    rig.send_raw(b"{}")
    assert rig.refusals(1)[0][2] == b"{}"
    rig.send(3)
    rig.waits(3)
    login = pika.PlainCredentials(
        "documented", read_text(own["amqp_password_file"]).strip())
    with rabbits.connect(credentials=login) as connection, \
            pytest.raises(pika.exceptions.ChannelClosedByBroker) as failed:
        connection.channel().queue_declare("orders", durable=True)
    assert failed.value.reply_code == 403
