# SPDX-License-Identifier: MIT
"""TLS to the database: whom we trust, and what is said when it is nobody."""

import re

import pytest
from stack.certs import Authority
from stack.dbserver import DbServer
from stack.elsewhere import Elsewhere
from stack.visitor import Visitor

NAME = "db.reservoir.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


def server_of(directory, pair, more=""):
    """A server with this certificate, None = without TLS."""
    tls = (f"ssl_cert = {pair[0]}\nssl_key = {pair[1]}\n" if pair
           else "loose_skip_ssl\n")
    server = DbServer(directory, more=tls + more)
    try:
        server.start()
    except BaseException:
        server.close()
        raise
    return server


@pytest.fixture
def begin(open_room, whole, authority):
    """Starts a server and moves the stack's database settings there."""
    servers = []

    def one(pair, more="", require="", **settings):
        directory = open_room / f"db{len(servers)}"
        directory.mkdir()
        servers.append(server_of(directory, pair, more))
        there = Elsewhere(whole, servers[-1], directory, **{
            "mysql_tls": "required", "mysql_tls_ca_file": authority.file,
            "mysql_tls_name": NAME} | settings)
        there.accounts(require)
        return there
    yield one
    for server in servers:
        server.close()


def test_all_our_programs_use_it_where_it_is_demanded(whole, begin, authority,
                                                      mailbox):
    there = begin(authority.issue(NAME), "require_secure_transport = ON",
                  " REQUIRE SSL")
    there.tables()
    status, said = there.check()
    assert status == 0 and "mysql" not in said, said
    there.move()
    visitor = Visitor(whole.http_url)
    assert visitor.get("/readyz").json()["mysql"] == "ok"
    form = visitor.form()
    assert visitor.post(form).status_code == 303
    mailbox.wait_for(form["email"])
    # All three accounts are let in by TLS only.
    users = {row[0] for row in there.server.ask(
        "SELECT user FROM information_schema.processlist")}
    assert {"reservoir", "reservoir_relay"} <= users
    there.bookctl("service", "list", conf=whole.env["BOOKING_CONF"])


def test_without_tls_the_sentence_names_the_setting(begin, authority):
    there = begin(authority.issue(NAME), "require_secure_transport = ON")
    status, said = there.check(mysql_tls="off")
    assert status == 0
    assert "mysql: connect: " in said and "mysql_tls = required" in said, said
    # This host is the loopback: nothing is demanded of it by us.
    assert "mysql_tls = required" in there.check(mysql_tls="auto")[1]


def test_what_the_server_refuses_is_said_of_the_setting_it_is_about(begin,
                                                                    authority):
    there = begin(authority.issue(NAME))
    there.tables()
    for name, value, words in (
            ("mysql_user", "nobody_here", "Access denied"),
            ("mysql_database", "none_here", ""),
            ("mysql_host", "127.0.9.9", "")):
        status, said = there.check(**{name: value})
        assert status == 0
        assert re.search(rf"^note: \S+:\d+: {name}: mysql: connect: .*{words}",
                         said, re.M), said


@pytest.mark.parametrize("wrong", ["authority", "system", "name", "host",
                                   "expired", "nobody"])
def test_a_certificate_that_proves_nothing_is_refused(
        begin, authority, tmp_path, wrong):
    pair = (authority.self_signed(NAME) if wrong == "nobody"
            else authority.issue(NAME, expired=wrong == "expired"))
    changes = {
        "authority": {"mysql_tls_ca_file": Authority(tmp_path / "x").file},
        "system": {"mysql_tls_ca_file": ""},
        "name": {"mysql_tls_name": "other.reservoir.example"},
        "host": {"mysql_tls_name": ""},
    }.get(wrong, {})
    # Of 127.0.0.1 itself MariaDB's library has asked no name since 3.4.
    there = begin(pair, "bind_address = 127.0.0.2" if wrong == "host" else "")
    if wrong == "host":
        changes["mysql_host"] = f"127.0.0.2:{there.server.port}"
    status, said = there.check(**changes)
    assert status == 0
    note = next(line for line in said.splitlines() if "mysql" in line)
    assert ": mysql_tls: mysql: connect: " in note, said
    assert "see mysql_tls, mysql_tls_ca_file and mysql_tls_name" in note
    assert there.stack.at.make_secret("mysql") not in said


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_name_is_the_hosts_unless_another_is_set(begin, authority, name):
    there = begin(authority.issue(name), mysql_tls_name="")
    host = f"{name}:{there.server.port}"
    there.settings["mysql_host"] = host
    there.write_owner()
    there.tables()
    status, said = there.check()
    assert status == 0 and "mysql" not in said, said


def test_a_server_without_tls_is_refused(begin):
    there = begin(None)
    status, said = there.check()
    assert status == 0
    assert "mysql: connect: " in said and "see mysql_tls" in said, said


@pytest.mark.parametrize("text,words", [
    (None, "No such file"), ("", "holds no certificate"),
    ("-----BEGIN CERTIFICATE-----\nx\n", "holds no certificate")])
def test_a_file_without_authorities_is_refused(begin, authority, tmp_path,
                                               text, words):
    there = begin(authority.issue(NAME))
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    status, said = there.check(mysql_tls_ca_file=str(path))
    assert status == 78
    assert f"mysql_tls_ca_file: {path}" in said and words in said, said
