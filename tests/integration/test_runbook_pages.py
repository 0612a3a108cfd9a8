# SPDX-License-Identifier: MIT
"""The runbook's symptoms that visitors and organisers see, staged."""

import contextlib
import os
import re
import shutil
import signal

import pymysql
import pytest
import requests
from runbook_scene import ENTRIES, scene, seconds, stages
from stack import confs
from stack.layout import write_text
from stack.organiser import Organiser
from stack.parts import answers
from stack.procs import read_text
from stack.visitor import Tables, Visitor, new_key, unique_address, wait_until

HERE = os.path.dirname(os.path.realpath(__file__))


def test_every_symptom_is_staged_and_numbered():
    names = [name for name in os.listdir(HERE)
             if re.fullmatch(r"test_runbook_\w+\.py", name)]
    titles = sum((re.findall(r"""^@stages\(["'](.+)["']\)$""", read_text(
        os.path.join(HERE, name)), re.M) for name in names), [])
    assert sorted(titles) == sorted(ENTRIES)
    assert [one.number for one in ENTRIES.values()] == \
        list(range(1, len(ENTRIES) + 1))


# ---- nginx finds no program -------------------------------------------------

@stages("No program behind nginx")
def test_no_program(scene):
    scene.admin.type("service reservoir-booking stop")
    scene.sees(scene.page)
    scene.acts()
    assert scene.page().startswith("200")


@stages("A socket without its program")
def test_a_dead_socket(scene):
    scene.stack.kill("booking")
    where = scene.stack.at.socket("booking")
    wait_until(lambda: not answers(where), 20, "the children's end")
    scene.sees(scene.page)
    scene.acts()
    assert scene.page().startswith("200")


@stages("nginx may not use the socket")
def test_nginx_is_in_no_group(open_room, scene):
    where = str(open_room / "booking.sock")
    scene.edit("booking", f"listen = unix:{where}")
    for name, before, after in (
            ("nginx.conf", "user root;", "user www-data;"),
            ("reservoir.conf", scene.stack.at.socket("booking"), where)):
        conf = os.path.join(scene.stack.at.conf, name)
        assert before in read_text(conf)
        write_text(conf, read_text(conf).replace(before, after))
    scene.admin.changed.add("nginx")
    scene.admin.type("nginx -s reload")
    scene.sees(scene.page)
    scene.acts("booking")
    assert scene.page().startswith("200"), scene.log("nginx")
    scene.admin.type("service reservoir-booking stop")


# ---- the database -------------------------------------------------------------

@stages("The database is away")
def test_the_database_is_away(scene):
    scene.stack.stop("mariadb")
    scene.sees(scene.page)
    scene.acts()
    wait_until(lambda: scene.page().startswith("200"), 20, "a page")


@stages("The database refuses the account")
def test_the_account_is_refused(scene):
    scene.edit("booking", "mysql_user = somebody")
    scene.sees(lambda: scene.page("/readyz"))
    scene.acts("booking", USER="reservoir")
    assert scene.page().startswith("200")


@stages("The database's account may not change rows")
def test_an_account_without_rights(scene):
    revoke = "REVOKE UPDATE ON slot_inventory FROM reservoir@localhost"
    scene.admin.type(f'mariadb reservoir -e "{revoke}"')
    try:
        scene.admin.type("service reservoir-booking restart")
        said = scene.admin.type("/usr/libexec/booking.fcgi -t")
        assert re.search(r"^note: \S+:\d+: mysql_user: .*UPDATE command denied",
                         said, re.M), said
        answer = scene.visitor.post(scene.visitor.form())
        scene.sees(lambda: answer.status_code)
    finally:
        scene.acts()
    assert scene.visitor.post(scene.visitor.form()).status_code == 303
    assert "denied" not in scene.admin.type("/usr/libexec/booking.fcgi -t")


@stages("The tables are those of an older version")
def test_old_tables(scene):
    scene.admin.type('mariadb reservoir -e "DELETE FROM schema_version'
                     ' ORDER BY version DESC LIMIT 1"')
    scene.sees(lambda: scene.page("/readyz"))
    assert "run bookctl migrate" in scene.admin.type("booking.fcgi -t")
    scene.acts()
    assert scene.page("/readyz").startswith("200")
    assert "run bookctl" not in scene.admin.type("booking.fcgi -t")


def as_workers(stack):
    """A connection: one more is kept for the administrator."""
    return pymysql.connect(
        unix_socket=stack.env["MYSQL_SOCKET"], user=stack.env["MYSQL_USER"],
        password=read_text(stack.env["MYSQL_PASSWORD_FILE"]).strip())


@stages("The database has no connection left")
def test_no_connection_is_left(scene):
    scene.stack.stop("booking")
    scene.admin.type('mariadb -e "SET GLOBAL max_connections = 10"')
    with contextlib.ExitStack() as held:
        with contextlib.suppress(pymysql.err.OperationalError):
            while True:
                held.enter_context(as_workers(scene.stack))
        scene.stack.start("booking")
        scene.sees(lambda: scene.page("/readyz"))
        scene.acts()
        wait_until(lambda: scene.page("/readyz").startswith("200"), 20,
                   "a connection")


@stages("A lock in the database")
def test_a_lock(scene, tables):
    slot_page = tables.add_slot(10)
    form = scene.visitor.form(slot_page)
    with Tables(scene.stack.env) as other:
        other.connection.begin()
        other.rows("SELECT * FROM slot_inventory WHERE slot_id = %s"
                   " FOR UPDATE", form["slot"])
        answer = scene.visitor.post(form)
        scene.sees(lambda: answer.status_code)
        said = scene.acts(ID=other.connection.thread_id())
        assert str(other.connection.thread_id()) in said
        assert scene.visitor.post(form).status_code == 303


@stages("The database is read-only")
def test_the_database_is_read_only(scene, tables):
    form = scene.visitor.form(tables.add_slot(10))
    scene.admin.type('mariadb -e "SET GLOBAL read_only = ON"')
    try:
        scene.sees(lambda: scene.visitor.post(form).status_code,
                   lambda: scene.page("/readyz"))
        assert scene.page().startswith("200")
        said = scene.admin.type("/usr/libexec/booking.fcgi -t")
        assert re.search(r"^note: \S+:\d+: mysql_socket: nothing can be booked:"
                         " mysql: it is read-only", said, re.M), said
    finally:
        scene.acts()
    assert scene.visitor.post(form).status_code == 303
    assert scene.page("/readyz").startswith("200")


# ---- Redis ------------------------------------------------------------------

@stages("Redis is away")
def test_redis_is_away(scene, mailbox):
    scene.edit("booking", "outbox_delay = 500ms")
    form = scene.visitor.form()
    scene.stack.stop("redis")
    assert scene.visitor.post(form).status_code == 303
    scene.sees()
    scene.acts()
    mailbox.wait_for(form["email"])


@stages("Redis is full")
def test_redis_is_full(scene, mailbox, request):
    request.addfinalizer(lambda: scene.admin.type(
        "redis-cli config set maxmemory 0"))
    scene.edit("booking", "outbox_delay = 500ms")
    scene.admin.type("redis-cli config set maxmemory 1")
    form = scene.visitor.form()
    assert scene.visitor.post(form).status_code == 303
    scene.sees()
    scene.acts()
    mailbox.wait_for(form["email"])


@stages("Redis wants a password")
def test_redis_wants_a_password(scene, mailbox, request):
    """Of a default user, that is: programs with a name do not notice."""
    for part in ("booking", "maild"):
        scene.stack.overrides[part].update(confs.REDIS_NO_USERS)
        scene.stack.restart(part)
        scene.admin.changed.add(part)
    scene.admin.type("redis-cli config set requirepass geheim")
    request.addfinalizer(lambda: scene.admin.type(
        'redis-cli -a geheim config set requirepass ""'))
    scene.admin.try_to("redis-cli -a geheim client kill type normal")
    scene.sees()
    path = scene.stack.at.secret_file("redis")
    write_text(path, "geheim\n")
    scene.acts("booking maild", FILE=path)
    form = scene.visitor.form()
    assert scene.visitor.post(form).status_code == 303
    mailbox.wait_for(form["email"])


# ---- limits -----------------------------------------------------------------

@stages("Too many posts from one address, says nginx")
def test_too_many_posts(scene):
    scene.stack.use_shipped_limits(True)
    scene.admin.changed.add("nginx")

    def post(number=0):
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        # A kept connection would stay with nginx' old worker.
        return requests.post(scene.stack.http_url + "/bookings", data={"name": "x"},
                             headers=headers, timeout=20)
    scene.sees(lambda: [post().text for _ in range(30)][-1])
    scene.acts(PROXY="127.0.0.1")
    wait_until(lambda: post(99).status_code != 429, 20, "new settings")
    wait_until(lambda: {post(n).status_code for n in range(40)} == {422}, 20,
               "nginx' old workers to be gone")


@stages("Too many mails for one visitor, says booking.fcgi")
def test_too_many_mails(scene, tables):
    slot_page = tables.add_slot(1000)
    form = scene.visitor.form(slot_page)

    def post():
        return scene.visitor.post(form | {
            "key": new_key(), "email": unique_address()}).status_code
    scene.edit("booking", "client_mails_an_hour = 1")
    scene.sees(post)
    scene.acts("booking")
    wait_until(lambda: post() == 303, 20, "new settings")


# ---- links --------------------------------------------------------------------

@stages("Links in mails lead nowhere")
def test_a_wrong_base(scene, mailbox):
    scene.edit("booking", "base_url = http://wrong.example")

    def link():
        form = scene.visitor.form()
        assert scene.visitor.post(form).status_code == 303
        raw = mailbox.wait_for(form["email"]).decode()
        return re.search(r"^(http://[^/\s]+)/b/", raw, re.M)[1]
    assert link() == "http://wrong.example"
    scene.sees()
    scene.acts("booking", URL=scene.stack.http_url)
    wait_until(lambda: link() == scene.stack.http_url, 20, "new settings")


@stages('All links to bookings are "not found"')
def test_another_key(scene):
    place = scene.visitor.book()
    key = scene.stack.at.secret_file("server.key")
    shutil.copy(key, key + ".old")
    write_text(key, "0" * 64 + "\n")
    scene.admin.type("service reservoir-booking restart")
    scene.sees(lambda: scene.page(place))
    os.replace(key + ".old", key)
    scene.acts()
    assert scene.page(place).startswith("200")


@stages("An edited page is not used")
def test_a_broken_page(scene):
    folder = scene.stack.at.path("pages")
    path = os.path.join(folder, "web", "services.html")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_text(path, "<p>edited</p>\n{{#never}}\n")
    scene.admin.edit("booking", f"template_dir = {folder}")
    os.kill(scene.stack.pid("booking"), signal.SIGHUP)
    scene.sees(scene.page)
    status, said = scene.admin.try_to("bookctl check-templates")
    assert status != 0 and f"{path}:2: " in said
    write_text(path, "<p>edited</p>\n")
    scene.acts()
    wait_until(lambda: "<p>edited</p>" in scene.page(), 20, "the page")


# ---- /admin -------------------------------------------------------------------

@stages("/admin is 403, and nobody is asked for a password")
def test_no_passwords(scene):
    os.unlink(os.path.join(scene.stack.at.conf, "htpasswd"))
    scene.admin.changed.add("nginx")
    anna = Organiser(scene.stack)
    scene.sees(lambda: anna.get("/admin").status_code == 403)
    scene.acts(NAME="berta", stdin="geheim\ngeheim\n")
    anna.session.auth = ("berta", "geheim")
    assert anna.get("/admin").status_code == 200
    anna.session.auth = ("berta", "wrong")
    assert anna.get("/admin").status_code == 401


@stages("/admin is 403 after the right password")
def test_nobody_says_who(scene):
    line = "fastcgi_param REMOTE_USER $remote_user;"
    site = os.path.join(scene.stack.at.conf, "reservoir.conf")
    assert line in read_text(site)
    write_text(site, read_text(site).replace(line, ""))
    scene.admin.type("nginx -s reload")
    anna = Organiser(scene.stack)
    scene.sees(lambda: anna.get("/admin").status_code == 403)
    scene.acts(nginx_before='auth_basic "Reservoir";')
    wait_until(lambda: anna.get("/admin").status_code == 200, 20, "a user")


# ---- the tables -----------------------------------------------------------------

@stages("Rows do not fit together")
def test_a_wrong_count(scene, tables):
    slot = tables.add_slot(3).rpartition("/")[2]
    count = "SELECT booked FROM slot_inventory WHERE slot_id = %s"
    tables.rows("UPDATE slot_inventory SET booked = 2 WHERE slot_id = %s",
                slot)
    scene.sees()
    assert "mended" in scene.acts()
    assert tables.value(count, slot) == 0
