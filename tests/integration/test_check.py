# SPDX-License-Identifier: MIT
"""-t, and what a start refuses: each mistake with its file and line."""

import os
import re
import subprocess

import pytest
from stack import names, parts
from stack.layout import TOP, Layout, write_text

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
            + sections)
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
    ("message_domain", "two words", "message_domain: "),
    ("message_domain", "a\tb", "message_domain: "),
    ("alert_command", "/no/such/program", "alert_command: "),
    ("queue_prefix", "", "queue_prefix"),
]
BAD_MAILD = BAD_BOTH + [
    ("hello_name", "two words", "hello_name: "),
    ("mail_from_name", "a\x07b", "mail_from_name: "),
    ("mail_from_address", "nobody", "mail_from_address: "),
    ("envelope_from", "a b@example.org", "envelope_from: "),
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
