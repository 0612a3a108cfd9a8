# SPDX-License-Identifier: MIT
"""-t, and what a start refuses: each mistake with its file and line."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest
from stack import names, parts
from stack.layout import TOP, Layout, copy_for_all, write_text
from stack.procs import alive, read_pid, wait_until

ASAN = os.environ.get("RESERVOIR_ASAN") == "1"
PROGRAMS = {"maild": "maild/maild", "booking": "fcgi-app/booking.fcgi"}


class Check:
    """A settings file of one program, and what the program says of it."""

    def __init__(self, directory, name):
        self.at = Layout(directory, ASAN)
        self.at.make()
        self.name = name
        self.conf = os.path.join(self.at.conf, name + ".conf")
        self.values = {
            "redis": "unix:" + self.at.socket("redis"),
            "data_dir": self.at.share, "log": "stderr",
            "pid_file": self.at.pid_file(name)}
        if name == "maild":
            self.values |= {"template_dir": self.at.path("templates"),
                            "journal_dir": self.at.path("journal")}
        else:
            self.at.make_secret("server.key")
            self.values |= {
                "listen": "unix:" + self.at.socket("booking"),
                "mysql_socket": self.at.socket("mariadb"),
                "server_key_file": self.at.secret_file("server.key")}

    def run(self, *words, sections="", env=None, before=(), **changes):
        values = self.values | changes
        write_text(self.conf, "# A comment.\n" + "".join(
            f"{name} = {value}\n" for name, value in values.items())
            + sections, 0o644)
        self.lines = {name: number + 2 for number, name in enumerate(values)}
        return subprocess.run(
            [*before, self.at.program(PROGRAMS[self.name]), *words,
             "-c", self.conf],
            capture_output=True, text=True, timeout=30, check=False,
            env=parts.environment(self.at) | (env or {}))

    def template(self, path, text):
        path = self.at.path("templates", path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_text(path, text)
        return path


@pytest.fixture
def maild(tmp_path):
    one = Check(tmp_path, "maild")
    yield one
    one.at.drop_run()


@pytest.fixture
def booking(tmp_path):
    one = Check(tmp_path, "booking")
    yield one
    one.at.drop_run()


BAD_BOTH = [
    ("log", "bogus", "log: "), ("log", "file:relative", "log: "),
    ("redis", "bogus", "redis: "), ("redis", "tcp:127.0.0.1:99999", "redis: "),
    ("redis", "sentinel:a b@c:1", "redis: "),
    ("redis", "cluster:", "redis: "), ("redis", "cluster:a:1,b", "redis: "),
    ("message_domain", "two words", "message_domain: "),
    ("message_domain", "a\tb", "message_domain: "),
    ("alert_command", "/no/such/program", "alert_command: "),
    ("queue_prefix", "", "queue_prefix"),
    ("queue_prefix", "{maild}:" + "x" * 41, "queue_prefix"),
]
BAD_MAILD = BAD_BOTH + [
    ("hello_name", "two words", "hello_name: "),
    ("mail_from_name", "a\x07b", "mail_from_name: "),
    ("mail_from_address", "nobody", "mail_from_address: "),
    ("envelope_from", "a b@example.org", "envelope_from: "),
    ("bounce_to", "nobody", "bounce_to: "),
    ("bounce_to", "a-name-far-longer-than-24@example.org", "bounce_to: "),
    ("bounce_to", "b@example.org", "bounce_to is set and bounce_key_file"),
    ("bounce_key_file", "/dev/null", "bounce_key_file is set and bounce_to"),
    ("bounce_delimiter", "*", "bounce_delimiter"),
    ("default_locale", "xx", "default_locale: "),
    ("default_locale", "../fr", "default_locale: "),
    ("default_locale", "", "default_locale: "),
    ("template_dir", "/no/such/directory", "template_dir: "),
    ("template_dir", "/dev/null", "template_dir: "),
    ("retry_max", "1s", "retry_max"),
]
BAD_BOOKING = BAD_BOTH + [
    ("listen", "bogus", "listen: "), ("listen", "tcp:localhost", "listen: "),
    ("listen", "tcp:127.0.0.1:99999", "listen: "),
    ("listen", "unix:relative", "listen: "),
    ("listen", "unix:/" + "x" * 120, "listen: "),
    ("listen", "tcp:a b:80", "listen: "),
    ("mysql_database", "", "mysql_database"),
    ("mysql_host", "two words", "mysql_host: "),
    ("template_dir", "/no/such/directory", "template_dir: "),
    ("locale_dir", "/dev/null", "locale_dir: "),
    ("digest_to", "nobody", "digest_to: "),
    ("digest_to", "a b@example.org", "digest_to: "),
    ("digest_hour", "24", "digest_hour"),
]


def assert_refused(check, name, value, words):
    for option in ("-t", "-F"):
        result = check.run(option, **{name: value})
        assert result.returncode == 78, result.stderr
        place = f"{check.conf}:{check.lines[name]}: {words}"
        assert place in result.stderr, result.stderr
        assert result.stdout == ""


@pytest.mark.parametrize("name,value,words", BAD_MAILD)
def test_maild_refuses(maild, name, value, words):
    assert_refused(maild, name, value, words)


@pytest.mark.parametrize("name,value,words", BAD_BOOKING)
def test_booking_refuses(booking, name, value, words):
    assert_refused(booking, name, value, words)


def test_a_cluster_needs_a_prefix_with_a_word_in_braces(maild, booking):
    for check in (maild, booking):
        for prefix in ("maild:", "{}:", "{maild:"):
            for option in ("-t", "-F"):
                result = check.run(option, redis="cluster:127.0.0.1:1",
                                   queue_prefix=prefix)
                assert result.returncode == 78, result.stderr
                assert (f"{check.conf}:{check.lines['queue_prefix']}: "
                        f"queue_prefix: \"{prefix}\" has no word in braces"
                        in result.stderr)
        assert check.run("-t", redis="cluster:127.0.0.1:1").returncode == 0


@pytest.mark.parametrize("program,setting", [
    ("maild", "redis_password_file"),
    ("maild", "redis_sentinel_password_file"),
    ("maild", "auth_password_file"),
    ("booking", "mysql_password_file"), ("booking", "redis_password_file"),
    ("booking", "redis_sentinel_password_file")])
@pytest.mark.parametrize("text,words", [
    ("pass\r\n", "holds a carriage return"),
    ("\ufeffpass\n", "begins with a byte order mark"),
    ("pass\n# until 2027\n", "has more than one line"),
    ("pass\0word\n", "holds a NUL byte")])
def test_a_secret_with_stray_bytes_is_refused(request, program, setting, text,
                                              words):
    check = request.getfixturevalue(program)
    secret = check.at.secret_file("strange")
    with open(secret, "w", encoding="utf-8", newline="",
              opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(text)
    if setting == "auth_password_file":
        result = check.run("-t", sections="[relay one]\nhost = 127.0.0.1\n"
                           f"auth_user = me\nauth_clear = yes\n{setting} = "
                           f"{secret}\n")
    else:
        result = check.run("-t", **{setting: secret})
    assert result.returncode == 78
    assert f"secret file {secret} {words}" in result.stderr
    assert "pass" not in result.stderr


@pytest.mark.parametrize("host", ["two words", "", "a\tb", "a\x07b"])
def test_the_host_of_a_relay_is_checked(maild, host):
    result = maild.run("-t", sections=f"[relay one]\nhost = {host}\n")
    assert result.returncode == 78
    assert re.search(re.escape(maild.conf) + r":\d+: .*host", result.stderr)


@pytest.mark.parametrize("name", ["user", "group"])
def test_unknown_accounts_are_refused(maild, booking, name):
    for check in (maild, booking):
        result = check.run("-t", **{name: "nobody-by-that-name"})
        assert result.returncode == 78
        assert (f"{check.conf}:{check.lines[name]}: {name}: no {name} named"
                in result.stderr)


def test_what_is_away_is_a_note_and_no_fault(maild, booking):
    result = maild.run("-t", journal_dir="/no/such/directory",
                       sections="[relay one]\nhost = 127.0.0.1\nport = 1\n")
    assert result.returncode == 0, result.stderr
    assert "are good" in result.stdout
    notes = result.stderr.splitlines()
    assert all(line.startswith("note: ") for line in notes)
    for name in ("journal_dir", "redis"):
        assert any(line.startswith(f"note: {maild.conf}:{maild.lines[name]}: "
                                   f"{name}: ") for line in notes)
    assert any("mail server 127.0.0.1:1 does not answer" in line
               for line in notes)
    result = booking.run("-t")
    assert result.returncode == 0, result.stderr
    notes = result.stderr.splitlines()
    assert all(line.startswith("note: ") for line in notes)
    for name in ("redis", "mysql_socket"):
        assert any(line.startswith(
            f"note: {booking.conf}:{booking.lines[name]}: {name}: ")
            for line in notes)


@pytest.mark.parametrize("host,value,noted", [
    ("box", "", 'is empty, and this host\'s name "box"'),
    ("localhost", "", 'is empty, and this host\'s name "localhost"'),
    ("mx.example.org", "", None), ("box", "mx.example.org", None),
    ("mx.example.org", "box", '"box"'),
    ("mx.example.org", "localhost.localdomain", '"localhost.localdomain"'),
])
def test_a_name_for_ehlo_without_a_dot_is_noted(maild, host, value, noted):
    if names.NEEDS_ROOT:
        pytest.skip("needs root: a host name of its own")
    result = maild.run("-t", before=names.called(host), hello_name=value)
    assert result.returncode == 0, result.stderr
    found = re.findall("note: (.*hello_name: .*)", result.stderr)
    want = ([f"{maild.conf}:{maild.lines['hello_name']}: hello_name: {noted} "
             "is no full name with a dot, many mail servers refuse it in EHLO"]
            if noted else [])
    assert found == want


def test_a_broken_template_is_printed_once_with_its_line(maild):
    path = maild.template("fr/notice.txt", "Subject: x\n\n{{#never}}\nclosed")
    result = maild.run("-t")
    assert result.returncode == 78
    assert result.stderr.count("notice.txt") == 1
    assert f"{path}:3: " in result.stderr


def test_files_that_are_never_read_are_named(maild):
    good = "Subject: x\n\ny"
    for path in ("fr/notice.txt", "fr/.hidden", "fr/notice.txt~", "README",
                 "fr/notice.txt.dpkg-old", "fr/booking.confirmed.html"):
        maild.template(path, good)
    result = maild.run("-t")
    assert result.returncode == 0, result.stderr
    for path, why in (("notice.txt", "not in the folder of a language"),
                      ("fr/booking.confirmed.text", "the name ends neither"),
                      ("fr/no.such.kind.html", "there is no .txt"),
                      ("fr/deep/notice.txt", "a folder within"),
                      ("not a language/notice.txt", "its name is not")):
        path = maild.template(path, good)
        result = maild.run("-t")
        assert result.returncode == 78
        assert f"ignored: {why}" in result.stderr, result.stderr
        os.unlink(path)
        if "/deep/" in path or "not a language" in path:
            os.rmdir(os.path.dirname(path))


def test_the_shipped_examples_are_good(maild):
    text = open(os.path.join(TOP, "etc", "maild.conf.example"),
                encoding="utf-8").read()
    assert "#redis = " in text
    assert maild.run("-t").returncode == 0


def test_a_system_without_time_zones_is_noted(booking, tmp_path):
    assert "time zones" not in booking.run("-t").stderr
    result = booking.run("-t", env={"TZDIR": str(tmp_path)})
    assert result.returncode == 0
    assert (f"note: no time zones in {tmp_path}: all times will be shown in "
            "UTC; install tzdata") in result.stderr


# ---- all that a start does --------------------------------------------------

BOTH = pytest.mark.parametrize("name", ["maild", "booking"])


@pytest.fixture
def check(name, tmp_path):
    one = Check(tmp_path, name)
    yield one
    one.at.drop_run()


def refused(check, name, words, status=78, options=("-t", "-F"), **changes):
    """By -t as by a start, with the setting's line; nothing is left."""
    def there():
        return sorted(os.walk(check.at.dir))
    check.run("-V", **changes)
    before = there()
    for option in options:
        result = check.run(option, **changes)
        assert result.returncode == status, result.stderr
        place = f"{check.conf}:{check.lines[name]}: {name}: "
        line = [one for one in result.stderr.splitlines() if place in one]
        assert line and words in line[0], result.stderr
        assert result.stdout == ""
        assert there() == before


@BOTH
def test_a_log_that_cannot_be_opened_is_found(check, tmp_path):
    refused(check, "log", "No such file", log=f"file:{tmp_path}/no/log")
    refused(check, "log", "Is a directory", log=f"file:{tmp_path}")


@BOTH
def test_a_pid_file_that_cannot_be_made_is_found(check, tmp_path):
    refused(check, "pid_file", "No such file", pid_file=f"{tmp_path}/no/pid")
    refused(check, "pid_file", "Is a directory", pid_file=tmp_path)
    link = tmp_path / "link"
    link.symlink_to("elsewhere")
    refused(check, "pid_file", "symbolic link", pid_file=link)
    assert not (tmp_path / "elsewhere").exists()


@BOTH
def test_a_good_check_leaves_nothing(check, tmp_path):
    check.run("-V")
    before = sorted(os.walk(check.at.dir))
    assert check.run("-t", log=f"file:{tmp_path}/new.log").returncode == 0
    assert sorted(os.walk(check.at.dir)) == before
    assert not (tmp_path / "new.log").exists()


def test_a_group_that_there_is_not_is_found(booking):
    refused(booking, "listen_group", "no group named elves",
            listen_group="elves")


def test_a_socket_that_cannot_be_made_is_found(booking, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    refused(booking, "listen", "is no socket", listen=f"unix:{file}")
    refused(booking, "listen", "cannot bind", listen=f"unix:{tmp_path}/no/it")


def test_an_address_that_another_has_is_found(booking, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        refused(booking, "listen", "another program listens there",
                listen=f"tcp:127.0.0.1:{other.getsockname()[1]}",
                options=["-F"])
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(tmp_path / "other"))
        other.listen()
        refused(booking, "listen", "another program listens there",
                listen=f"unix:{tmp_path}/other", options=["-t"])


def test_what_may_come_in_a_moment_is_not_a_wrong_setting(booking):
    """A unit tries these again: 78 forbids that."""
    refused(booking, "listen", "Cannot assign", status=71,
            listen="tcp:192.0.2.1:9000", options=["-t"])
    refused(booking, "listen", "tcp:no-such-host.invalid:9000: ", status=71,
            listen="tcp:no-such-host.invalid:9000")


def test_ipv6_numbers_may_stand_in_brackets(booking):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    for address in (f"[::1]:{port}", f"::1:{port}"):
        result = booking.run("-t", listen=f"tcp:{address}")
        assert result.returncode == 0, result.stderr


@contextlib.contextmanager
def running(check, **changes):
    """The daemon, with these settings."""
    assert check.run(**changes).returncode == 0
    try:
        yield read_pid(check.at.pid_file(check.name))
    finally:
        pid = read_pid(check.at.pid_file(check.name))
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not alive(pid), 30, "its end")


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_what_we_hold_ourselves_is_not_taken(booking, kind, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        ours = f"tcp:127.0.0.1:{free.getsockname()[1]}"
    if kind == "unix":
        ours = booking.values["listen"]
    log = f"file:{tmp_path}/my.log"
    with running(booking, listen=ours, log=log) as pid:
        for _ in range(2):
            result = booking.run("-t", listen=ours, log=log)
            assert result.returncode == 0, result.stderr
        assert read_pid(booking.at.pid_file("booking")) == pid
        # Another pid file does not make us strangers to ourselves.
        result = booking.run("-t", listen=ours, log=log,
                             pid_file=tmp_path / "other.pid")
        assert result.returncode == 0, result.stderr
        # Nor is a pid file ours that another one holds.
        pid_file = tmp_path / "taken.pid"
        pid_file.write_text("1\n")
        with open(pid_file, "r+b") as other:
            fcntl.lockf(other, fcntl.LOCK_EX)
            refused(booking, "pid_file", "already running as process",
                    options=["-t"], log=log, listen=ours, pid_file=pid_file)
        # What we do not hold is not ours because we run.
        with socket.create_server(("127.0.0.1", 0)) as other:
            refused(booking, "listen", "another program listens there",
                    options=["-t"], log=log,
                    listen=f"tcp:127.0.0.1:{other.getsockname()[1]}")
        ours = booking.values["listen"]
        refused(booking, "listen_group", "no group named elves", log=log,
                options=["-t"], listen=ours, listen_group="elves")


@pytest.fixture
def public(open_room):
    """What nobody may read: copies, since a home may be closed."""
    if os.getuid() != 0:
        pytest.skip("needs root: nobody else becomes another user")

    def make(check):
        share = open_room / check.name
        copy_for_all(check.at.share, share)
        (open_room / "etc").mkdir(mode=0o755)
        check.conf = str(open_room / "etc/it.conf")
        check.values |= {"user": "nobody", "data_dir": share,
                         "template_dir": ""}
        if check.name == "booking":
            check.values |= {"locale_dir": ""}
        else:
            check.values |= {"journal_dir": ""}
        return share
    return make


@BOTH
def test_what_the_user_may_not_read_is_found(check, public):
    share = public(check)
    result = check.run("-t")
    assert result.returncode == 0, result.stderr
    hidden = {"maild": "templates/mail/en", "booking": "locale/en.json"}
    os.chmod(share / hidden[check.name], 0)
    for option in ("-t", "-F"):
        result = check.run(option)
        assert result.returncode == 78, result.stderr
        assert hidden[check.name] in result.stderr
        assert "Permission denied" in result.stderr


@BOTH
def test_an_alert_command_is_run_by_the_user(check, public, tmp_path):
    public(check)
    os.chmod(tmp_path, 0o700)
    command = tmp_path / "alert"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    refused(check, "alert_command", "Permission denied",
            alert_command=command)


@BOTH
def test_settings_that_a_reload_cannot_read_are_noted(check, public,
                                                      open_room):
    public(check)
    assert "a reload" not in check.run("-t").stderr
    os.chmod(open_room / "etc", 0o700)
    result = check.run("-t")
    assert result.returncode == 0
    assert "note: a reload will be refused: " in result.stderr
    assert check.conf in result.stderr


def test_a_certificate_is_read_by_the_user(maild, public, tmp_path):
    public(maild)
    os.chmod(tmp_path, 0o700)
    file = tmp_path / "ca.pem"
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", file)
    relay = f"[relay one]\nhost = 127.0.0.1\ntls = required\n" \
        f"tls_ca_file = {file}\n"
    for option in ("-t", "-F"):
        result = maild.run(option, sections=relay)
        assert result.returncode == 78, result.stderr
        assert f"[relay one] {file}: Permission denied" in result.stderr


TOKEN_RELAY = "[relay one]\nhost = 127.0.0.1\nport = 1\n" \
    "auth = xoauth2\nauth_user = me\nauth_clear = yes\n"


@pytest.fixture
def token(maild):
    """Asserts that a relay is refused by file and line."""
    def refuse(setting, words, options=("-t", "-F")):
        for option in options:
            result = maild.run(
                option, sections=f"{TOKEN_RELAY}{setting}\n")
            assert result.returncode == 78, result.stderr
            line = len(maild.values) + 2
            assert f"{maild.conf}:{line}: [relay one] " \
                f"{setting.split()[0]}: " in result.stderr, result.stderr
            assert words in result.stderr
            assert "s3cret" not in result.stderr
    return refuse


def test_what_a_token_comes_from_is_checked(maild, token, tmp_path):
    token("auth_token_command = /no/such/program", "No such file")
    token(f"auth_token_command = {tmp_path}", "not a program")
    file = tmp_path / "token"
    setting = f"auth_token_file = {file}"
    # Whoever renews it may come after us: a start waits.
    token(setting, "No such file", options=["-t"])
    file.write_text("s3cret\n")
    file.chmod(0o640)
    token(setting, "chmod 0600")
    file.chmod(0o600)
    result = maild.run("-t", sections=f"{TOKEN_RELAY}{setting}\n")
    assert result.returncode == 0, result.stderr
    for text in ("", "s3cret s3cret\n", '{"access_token":"s3cret"}\n',
                 "Bearer s3cret\n"):
        file.write_text(text)
        token(setting, "secret file")


def test_what_a_token_comes_from_is_tried_by_the_user(
        maild, token, public, tmp_path, open_room):
    public(maild)
    os.chmod(tmp_path, 0o700)
    hidden = tmp_path / "helper"
    hidden.write_text("#!/bin/sh\n")
    hidden.chmod(0o755)
    token(f"auth_token_command = {hidden}", "Permission denied")
    file = open_room / "token"
    file.write_text("s3cret\n")
    file.chmod(0o600)
    token(f"auth_token_file = {file}", "Permission denied")
    shutil.chown(file, "nobody")
    result = maild.run(
        "-t", sections=f"{TOKEN_RELAY}auth_token_file = {file}\n")
    assert result.returncode == 0, result.stderr


def test_a_journal_is_tried_by_the_user(maild, public, open_room):
    public(maild)
    journal = open_room / "journal"
    journal.mkdir(mode=0o700)
    assert "journal_dir" in maild.run("-t", journal_dir=journal).stderr
    shutil.chown(journal, "nobody")
    assert "journal_dir" not in maild.run("-t", journal_dir=journal).stderr


def test_a_setting_of_a_later_file_is_named_where_it_stands(booking, tmp_path):
    more = tmp_path / "conf/booking.conf.d"
    more.mkdir()
    (more / "10.conf").write_text("workers = 2\n")
    (more / "20.conf").write_text("\nlisten_group = elves\n")
    result = booking.run("-t", listen_group="dwarves")
    assert result.returncode == 78
    assert f"{more}/20.conf:2: listen_group: no group" in result.stderr
