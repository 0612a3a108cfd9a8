# SPDX-License-Identifier: MIT
"""doc/operations.md: its examples are taken, its commands work as typed."""

import os
import re
import subprocess
import time

import pytest
from stack import confs, parts
from stack.certs import Authority
from stack.layout import Layout, write_text
from stack.paper import blocks, commands
from stack.procs import read_text, spawn, wait_until
from stack.sysadmin import Sysadmin
from stack.visitor import Page, Visitor

PAGE = "operations.md"
LIMIT_S = 30
SETTINGS = blocks(PAGE, "conf", None)


def alone(argv, env):
    """Runs it without any network: no provider is asked whether it is there."""
    return subprocess.run(["/usr/bin/unshare", "-n", *argv], env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=LIMIT_S, check=False)


@pytest.fixture(scope="module", autouse=True)
def seconds(request):
    begun = time.monotonic()
    yield
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\ntest_paper: {time.monotonic() - begun:.0f} s")


@pytest.fixture
def root():
    if os.getuid() != 0:
        pytest.skip("needs root: unshare, init scripts")


@pytest.fixture
def at(open_room, root):
    one = Layout(open_room / "d", os.environ.get("RESERVOIR_ASAN") == "1")
    one.make()
    one.open_to_all()
    yield one
    one.drop_run()


def moved(at, text):
    """An example for the files and accounts of this machine; makes secrets."""
    for name in re.findall(r"/etc/reservoir/secrets/(\w+)", text):
        at.make_secret(name)
    for name in re.findall(r"/etc/reservoir/([\w-]+\.pem)", text):
        write_text(os.path.join(at.share, name), read_text(
            Authority(at.path("authority")).file), 0o644)
    return (text.replace("/etc/reservoir/secrets", at.secret)
            .replace("/etc/reservoir/database", at.share + "/database")
            .replace("/etc/reservoir/global", at.share + "/global")
            .replace("/run/reservoir", at.run)
            .replace("/usr/bin/reservoir-token",
                     at.program("maild/token/reservoir-token"))
            .replace("user = reservoir\n", "user = nobody\n")
            .replace("user = reservoir-amqp\n", "user = nobody\n"))


def test_there_are_examples():
    assert len(SETTINGS) > 12
    names = {text.splitlines()[0] for text in SETTINGS}
    assert names == {"# amqp.conf", "# booking.conf", "# maild.conf"}


@pytest.mark.parametrize("text", SETTINGS, ids=[
    f"{text.split()[1]}-{number}" for number, text in enumerate(SETTINGS)])
def test_an_example_of_settings_is_good(at, text):
    name = text.split()[1]
    at.make_secret("server.key")
    base = {"pid_file": f"{at.run}/daemon.pid"}
    base |= {"maild.conf": {"data_dir": at.share,
                            "template_dir": at.path("templates"),
                            "journal_dir": at.path("journal")},
             "booking.conf": {"data_dir": at.share,
                              "server_key_file": at.secret_file("server.key"),
                              "listen": f"unix:{at.run}/booking.sock"},
             "amqp.conf": {}}[name]
    conf = os.path.join(at.conf, name)
    write_text(conf, confs.settings_text(base))
    os.makedirs(conf + ".d")
    write_text(os.path.join(conf + ".d", "10.conf"), moved(at, text))
    program = parts.program(at, name.partition(".")[0])
    if name == "amqp.conf" and not os.path.exists(program):
        pytest.skip("maild-amqp is not built: librabbitmq-dev is missing")
    done = alone([program, "-t", "-c", conf], parts.environment(at))
    if "rediss:" in text and "speaks no TLS" in done.stdout:
        pytest.skip("an alternative: hiredis speaks no TLS here")
    assert done.returncode == 0, done.stdout
    notes = [line for line in done.stdout.splitlines()
             if not line.startswith("note: ")]
    assert len(notes) == 1 and " are good" in notes[0], done.stdout
    # And each of its settings is in force.
    shown = alone([program, "-T", "-c", conf], parts.environment(at)).stdout
    for line in moved(at, text).splitlines():
        setting = line.partition(" = ")[0]
        if " = " in line:
            assert re.search(rf"^{setting} = \S", shown, re.M), line


def test_the_examples_for_nginx_are_good(at, tmp_path):
    certificate, key = Authority(tmp_path / "ca").issue("rdv.example.fr")
    conf = confs.nginx(at, 8080, 0)
    site = os.path.join(at.conf, "reservoir.conf")
    tls, server = blocks(PAGE, "nginx")
    (upstream,) = blocks(PAGE, "nginx", "upstream")
    tls = re.sub(r"/etc/\S+fullchain.pem", certificate, tls)
    tls = re.sub(r"/etc/\S+privkey.pem", key, tls)
    text = read_text(site)
    text, count = re.subn(r"^upstream reservoir \{.*?^\}\n",
                          lambda _: upstream, text, flags=re.M | re.S)
    assert count == 1 and "listen 127.0.0.1:8080;" in text
    write_text(site, text.replace("listen 127.0.0.1:8080;", tls) + server)
    done = alone([parts.PROGRAMS["nginx"], "-t", "-p", at.dir, "-e",
                  at.log_file("nginx"), "-c", conf], parts.environment(at))
    assert done.returncode == 0 and "[warn]" not in done.stdout, done.stdout


def test_the_example_for_redis_is_good(at):
    (text,) = blocks(PAGE, "redis")
    path = os.path.join(at.conf, "redis.conf")
    write_text(path, text.replace("/run/redis/redis-server.sock",
                                  at.socket("redis"))
               + f"port 0\ndir {at.path('redis')}\n")
    child = spawn([parts.PROGRAMS["redis"], path], at.log_file("redis"),
                  parts.environment(at))
    try:
        wait_until(lambda: parts.answers(at.socket("redis")), LIMIT_S,
                   "Redis")
    finally:
        child.terminate()
        child.wait(LIMIT_S)


def test_the_first_start_works_as_typed(stack, root):
    """Another database, other accounts and files, on the stack's servers."""
    admin = Sysadmin(stack)
    etc = stack.at.path("first")
    admin.moved = {"/etc/reservoir": etc, "reservoir_owner": "first_owner",
                   "/run/mysqld/mysqld.sock": stack.at.socket("mariadb"),
                   "/run/redis/redis-server.sock": stack.at.socket("redis"),
                   "/run/reservoir": stack.at.run + "/first"}
    os.makedirs(stack.at.run + "/first", exist_ok=True)

    def our(text):
        for before, after in admin.moved.items():
            text = text.replace(before, after)
        return re.sub(r"\breservoir(?=[.@ ;])", "first", text)
    (sql,) = blocks(PAGE, "sql")
    path = stack.at.path("tmp", "first.sql")
    write_text(path, our(sql))
    admin.type(f"mariadb <{path}")
    (secrets,) = [text for text in blocks(PAGE, "sh") if "server_key" in text]
    admin.type(secrets)
    booking = next(text for text in SETTINGS if "server_key_file" in text)
    text = our(booking).replace("user = reservoir\n", "") + (
        f"mysql_user = first\nmysql_database = first\ndata_dir = "
        f"{stack.at.share}\npid_file = {stack.at.run}/first/pid\n"
        f"log = file:{stack.at.log_file('first')}\n")
    write_text(os.path.join(etc, "booking.conf"), text)
    write_text(os.path.join(etc, "owner.conf"), text.replace(
        "mysql_user = first\n", "mysql_user = first_owner\n").replace(
            "secrets/mysql\n", "secrets/mysql_owner\n"))
    # Before there are tables it says so.
    said = admin.type(f"booking.fcgi -c {etc}/booking.conf -t")
    assert re.search(r"note: .*booking.conf:\d+: mysql_database: mysql: ", said)
    admin.type("bookctl -c /etc/reservoir/owner.conf migrate")
    said = admin.type(f"booking.fcgi -c {etc}/booking.conf -t")
    # More than they need, as that section says; nothing else.
    assert said.count("note: ") == said.count("may do more than it needs") == 2
    assert "are good" in said
    admin.type("bookctl -c /etc/reservoir/booking.conf sample")
    admin.type(f"booking.fcgi -c {etc}/booking.conf")
    try:
        wait_until(lambda: parts.answers(
            stack.at.run + "/first/booking.sock"), LIMIT_S, "the program")
    finally:
        admin.type(f"kill -TERM $(cat {stack.at.run}/first/pid)")
        admin.type('mariadb -e "DROP DATABASE first; DROP USER'
                   ' first@localhost, first_owner@localhost"')


# ---- backup and restore -----------------------------------------------------

def test_a_backup_is_restored_as_typed(root, whole, tables, mailbox):
    admin = Sysadmin(whole)
    backups = whole.at.path("backups")
    os.makedirs(backups, exist_ok=True)
    admin.moved = {"/var/backups": backups, "tar -C / ":
                   f"tar -C {whole.at.dir} ", " etc/reservoir":
                   " conf secret", **admin.moved}
    # The client programs want to know the socket, as root on Debian does.
    admin.moved["mariadb-dump "] = "mariadb-dump --defaults-file=" \
        f"{os.path.join(whole.at.conf, 'mariadb.cnf')} "
    visitor = Visitor(whole.http_url, "en")
    slot = tables.add_slot(10)

    def book():
        form = visitor.form(slot)
        answer = visitor.post(form)
        assert answer.status_code == 303
        return form["email"], answer.headers["Location"]

    wait_until(lambda: tables.open_rows() == 0, 60, "a quiet stack")
    whole.stop("maild")
    early, early_page = book()              # its mail is open in the backup
    for line in commands(blocks(PAGE, "sh", "backup")[0]):
        admin.type("umask 077; " + line)
    whole.start("maild")
    mailbox.wait_for(early)
    wait_until(lambda: tables.open_rows() == 0, 60, "the receipt")
    whole.stop("maild")
    late, late_page = book()                # unknown to the backup
    lines = commands(blocks(PAGE, "sh", "restore")[0])
    reads = next(line for line in lines if "/var/backups/reservoir.sql" in line)
    # A client that stops at what it does not know: all is as it was.
    write_text(os.path.join(backups, "unknown.sql"), "\\- unknown\n" + read_text(
        os.path.join(backups, "reservoir.sql")))
    for line in lines[:lines.index(reads)]:
        admin.type(line)
    status, _ = admin.try_to(reads.replace("reservoir.sql", "unknown.sql"))
    assert status != 0
    assert tables.value("SELECT COUNT(*) FROM booking WHERE email = %s",
                        late) == 1
    tables.connection.close()               # it would hold a table
    # The disaster: other tables, and another key.
    admin.type('mariadb -e "DROP DATABASE reservoir"')
    write_text(whole.at.secret_file("server.key"), "0" * 64 + "\n")

    assert lines[-1] == "maildctl resume queue"
    for line in lines[:-1]:
        admin.type(line)
    waiting = wait_until(lambda: re.findall(
        r"\b(\w+\.confirm\.0)\b", admin.type(lines[-2])), LIMIT_S,
        "the mail of a booking that is gone")
    assert len(waiting) == 1
    admin.type(f"maildctl cancel {waiting[0]} --yes")
    admin.type(lines[-1])

    assert Page(visitor.get(early_page).text).text.count("Zoé Martin") >= 1
    assert visitor.get(late_page).status_code == 404
    after, _ = book()
    mailbox.wait_for(after)
    wait_until(lambda: tables.open_rows() == 0, 60, "all rows final")
    assert tables.value("SELECT state FROM notification n JOIN booking b"
                        " ON b.id = n.booking_id WHERE b.email = %s",
                        early) == 1
    assert len(mailbox.mails_to(early)) == 1
    assert mailbox.mails_to(late) == []
    assert tables.value("SELECT booked FROM slot_inventory WHERE slot_id"
                        " = %s", int(slot.rpartition("/")[2])) == 2
