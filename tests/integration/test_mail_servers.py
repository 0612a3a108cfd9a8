# SPDX-License-Identifier: MIT
"""maild with real mail servers: TLS, AUTH, and what they say."""

import os
import re
import socket
import ssl

import pytest
from mail_servers import (NAME, PASSWORD, SERVERS, USER, Missing, opensmtpd,
                          postfix)
from stack.certs import Authority
from stack.layout import write_text
from stack.rig import LIMIT_S
from stack.visitor import wait_until


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


def use(rig, authority, port, password=PASSWORD, **settings):
    path = os.path.join(rig.stack.at.conf, "relay.password")
    write_text(path, password + "\n")
    rig.relay(port=port, tls_ca_file=authority.file, tls_name=NAME,
              auth_user=USER, auth_password_file=path, **settings)


def refuses_tls_1_2(port):
    """So that it is known what goes through."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", port), LIMIT_S) as one, \
            pytest.raises(ssl.SSLError):
        context.wrap_socket(one)


@pytest.fixture(params=SERVERS)
def port(request, rig, authority):
    start, tls = SERVERS[request.param]
    rig.relay(tls=tls)
    try:
        with start(authority.issue(NAME), rig.server.port) as one:
            if tls == "implicit":
                refuses_tls_1_2(one)
            yield one
    except Missing as missing:
        pytest.skip(str(missing))


def test_mails_go_through_a_real_server(rig, authority, port):
    use(rig, authority, port, session_mails="5", dsn="failure")
    rig.start()
    names = rig.push(40)
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    wait_until(lambda: len(rig.server.accepted) >= 40, LIMIT_S,
               "the mails at the end of the way")
    assert sorted(rig.accepted()) == sorted(names)


def test_mails_go_through_opensmtpd_one_by_one_refused(rig):
    try:
        with opensmtpd(rig.server.port) as port:
            rig.relay(port=port, session_mails="5", dsn="failure")
            rig.start()
            names = rig.push(20)
            (refused,) = rig.push(to={"email": "nobody@example.org"})
            names += rig.push(20)
            for name in names:
                assert rig.wait(name, "S")["n"] == "1"
            rig.wait(refused, "X")
            wait_until(lambda: len(rig.server.accepted) >= 40, LIMIT_S,
                       "the mails at the end of the way")
    except Missing as missing:
        pytest.skip(str(missing))
    assert sorted(rig.accepted()) == sorted(names)
    assert rig.job(refused)["rep"].startswith("rejected: 550 ")


def test_a_real_server_that_refuses_the_log_in_buries_nothing(rig, authority,
                                                              port):
    use(rig, authority, port, "wrong")
    rig.start()
    (name,) = rig.push()
    wait_until(lambda: "cannot be used as it is configured" in rig.log(),
               LIMIT_S, "the alert")
    assert "at AUTH: 535" in rig.log()
    assert rig.job(name)["n"] == "0"
    use(rig, authority, port)
    rig.reload()
    rig.wait(name, "S")


def test_a_real_server_with_another_name_gets_nothing(rig, authority, port):
    use(rig, authority, port)
    rig.relay(tls_name="elsewhere.example")
    rig.start()
    rig.push()
    wait_until(lambda: "hostname mismatch" in rig.log(), LIMIT_S, "the alert")
    assert not rig.server.accepted


@pytest.mark.parametrize("late,stage", [("yes", "RCPT"), ("no", "EHLO")])
def test_a_name_that_postfix_refuses_in_ehlo_is_named(rig, authority, late,
                                                      stage):
    try:
        with postfix(authority.issue(NAME), rig.server.port, more=f"""
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_non_fqdn_helo_hostname
smtpd_delay_reject = {late}
""") as port:
            use(rig, authority, port, tls="required")
            rig.set(hello_name="box")
            (name,) = rig.push()
            wait_until(lambda: "alert key=relay-config:local" in rig.log(),
                       LIMIT_S, "the alert")
            (alert,) = re.findall("alert key=relay-config:local.*", rig.log())
            assert f"at {stage}: 504 5.5.2 <box>: Helo" in alert
            assert "set hello_name to this host's full name in DNS" in alert
            assert rig.job(name)["n"] == "0"
            rig.stack.overrides["maild"]["hello_name"] = "mx.example.org"
            rig.reload()
            assert rig.wait(name, "S")["n"] == "1"
    except Missing as missing:
        pytest.skip(str(missing))


def test_postfix_that_limits_connections_is_served_slower(rig, authority):
    try:
        with postfix(authority.issue(NAME), rig.server.port, 2) as port:
            use(rig, authority, port, tls="required", session_mails="10")
            rig.set(workers="6")
            names = rig.push(60)
            for name in names:
                assert rig.wait(name, "S")["n"] == "1"
    except Missing as missing:
        pytest.skip(str(missing))
    assert "too many connections relay=local" in rig.log()
