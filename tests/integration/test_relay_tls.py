# SPDX-License-Identifier: MIT
"""TLS and AUTH: what maild demands of a relay, and what it shows it."""

import os
import re
import shutil
import ssl
import subprocess
import time
import warnings

import pytest
from stack.certs import Authority
from stack.faulty import FaultySmtp, server_context
from stack.layout import write_text
from stack.rig import LIMIT_S, Rig, once
from stack.visitor import wait_until

NAME = "mx.reservoir.example"
EXTENSIONS = (*FaultySmtp.EXTENSIONS, "STARTTLS")
START_S = 10            # more than maild's start takes under load
USER, PASSWORD = "reservoir@example.org", "s3cret wörd"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def good(authority):
    """The files of a certificate that is what it should be."""
    return authority.issue(NAME)


# How the connection is secured, and the only version that the server speaks.
WAYS = {
    "STARTTLS 1.2": ("required", ssl.TLSVersion.TLSv1_2),
    "STARTTLS 1.3": ("required", ssl.TLSVersion.TLSv1_3),
    "implicit 1.2": ("implicit", ssl.TLSVersion.TLSv1_2),
    "implicit 1.3": ("implicit", ssl.TLSVersion.TLSv1_3),
}


@pytest.fixture(params=WAYS)
def way(request):
    return request.param


# Some of it is the same on each.
whatever_way = pytest.mark.parametrize("way", ["STARTTLS 1.2"], indirect=True)


def context(way, files):
    _, version = WAYS[way]
    return server_context(*files, newest=version, oldest=version)


@pytest.fixture
def rig(tmp_path, way, authority, good):
    one = Rig(tmp_path / "rig")
    one.server.implicit = WAYS[way][0] == "implicit"
    one.server.extensions = list(
        FaultySmtp.EXTENSIONS if one.server.implicit else EXTENSIONS)
    one.server.tls = lambda: context(way, good)
    one.server.users = {USER: PASSWORD}
    one.relay(tls=WAYS[way][0], tls_ca_file=authority.file, tls_name=NAME)
    yield one
    one.close()


def run(rig, *words):
    return subprocess.run(
        [rig.stack.env["MAILD"], "-c", rig.stack.env["MAILD_CONF"], *words],
        capture_output=True, text=True, check=False, timeout=60)


def with_password(rig, password=PASSWORD, **settings):
    path = os.path.join(rig.stack.at.conf, "relay.password")
    write_text(path, password + "\n")
    rig.relay(auth_user=USER, auth_password_file=path, **settings)


def refused(rig, *words):
    """Waits until the relay is said to be unusable, with these words."""
    wait_until(lambda: "relay local cannot be used" in rig.log(), LIMIT_S,
               "the alert")
    for word in words:
        assert word in rig.log()


def test_mails_go_through_one_session_after_the_other(rig):
    rig.relay(session_mails="2")
    rig.set(workers="1")
    names = rig.push(5)
    for name in names:
        rig.wait(name, "S")
    assert rig.server.sessions >= 3
    assert rig.accepted() == names
    assert set(rig.server.names) == {NAME}
    seen = [line.split()[0] for session, line in rig.server.commands
            if session == 1]
    # No round trip that need not be.
    begin = [] if rig.server.implicit else ["EHLO", "STARTTLS"]
    assert seen[:len(begin) + 4] == [*begin, "EHLO", "MAIL", "RCPT", "DATA"]


def test_a_relay_named_by_number_is_checked_by_number(rig, way,
                                                      authority):
    files = authority.issue("127.0.0.1")
    rig.server.tls = lambda: context(way, files)
    rig.relay(tls_name="")
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    assert not any(rig.server.names)


# What is wrong, the words for it, and the ways that it can happen on.
FAULTS = [
    ("self-signed", "certificate for mx.reservoir.example: self-signed", ""),
    ("wrong name", "certificate for mx.reservoir.example: hostname mismatch",
     ""),
    ("expired", "certificate has expired", ""),
    ("tls 1.1 only", "protocol version", ""),
    ("stripped", "the server offers no STARTTLS", "STARTTLS"),
    ("refused", "454 4.7.0 not now", "STARTTLS"),
    ("injected", "slipped in", "STARTTLS"),
    ("in clear", "TLS handshake failed: wrong version number", "implicit"),
    ("handshake cut", "TLS handshake failed", ""),
]


@pytest.mark.parametrize("way", ["STARTTLS 1.3", "implicit 1.3"],
                         indirect=True)
@pytest.mark.parametrize("first", [0, 2, 10])
@pytest.mark.parametrize("more", [
    {}, {"banner": 1, "ehlo": 1}, {"after ehlo": 1},
    {"after mail": 2, "data": 1, "after data": 1, "reply": 3, "after dot": 1},
], ids=["no more", "with the answer", "after it", "all the time"])
def test_session_tickets_may_come_at_any_time(rig, way, good, first, more):
    one = context(way, good)
    one.num_tickets = first
    rig.server.tls = lambda: one
    rig.server.tickets = more
    rig.relay(session_mails="2")
    names = rig.push(12)
    begun = time.monotonic()
    rig.start()
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    # None waited for a time-out.
    assert rig.server.sessions <= 8
    assert time.monotonic() - begun < 2 + START_S


def test_a_handshake_resumes_the_session_before(rig, way, good):
    one = context(way, good)
    rig.server.tls = lambda: one
    rig.relay(session_mails="1")
    rig.set(workers="1")
    names = rig.push(8)
    for name in names:
        rig.wait(name, "S")
    assert rig.accepted() == names
    assert rig.server.resumed == rig.server.sessions - 1
    # A server that has forgotten it, as after a restart.
    another = context(way, good)
    rig.server.tls = lambda: another
    for name in rig.push(3):
        assert rig.wait(name, "S")["n"] == "1"
    assert rig.server.resumed == rig.server.sessions - 2


@whatever_way
def test_what_is_trusted_no_more_is_not_resumed(rig, way, tmp_path, authority,
                                                good):
    one = context(way, good)
    rig.server.tls = lambda: one
    file = os.fspath(tmp_path / "trusted.pem")
    shutil.copy(authority.file, file)
    rig.relay(tls_ca_file=file, session_mails="1")
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    shutil.copy(Authority(tmp_path / "other").file, file)
    rig.reload()
    # A worker that has not heard of it may still take one.
    wait_until(lambda: rig.push() and "relay local cannot be used" in rig.log(),
               LIMIT_S, "the alert", 0.3)
    refused(rig, "certificate")


@pytest.mark.skipif(os.getuid() != 0,
                    reason="needs root: what a worker has open is hidden")
@pytest.mark.parametrize("way", ["STARTTLS 1.2", "implicit 1.3"],
                         indirect=True)
def test_nothing_is_left_of_many_sessions(rig):
    rig.relay(session_mails="1")
    rig.set(workers="1")

    def left():
        (worker,) = [pid for title, pid in rig.stack.children("maild").items()
                     if title.startswith("worker")]
        return [len(os.listdir(f"/proc/{worker}/{kind}"))
                for kind in ("fd", "task")]

    for name in rig.push(20):
        rig.wait(name, "S")
    wait_until(lambda: rig.server.open == 0, LIMIT_S, "the last session's end")
    before = left()
    for name in rig.push(300):
        rig.wait(name, "S")
    assert rig.server.sessions >= 320
    wait_until(lambda: rig.server.open == 0 and left() == before, LIMIT_S,
               f"{before} descriptors and threads")


def test_the_test_mail_shows_only_what_was_said(rig):
    """A log-in that fails ends it: no command of the library's follows."""
    rig.server.extensions.append("AUTH LOGIN PLAIN")
    with_password(rig, "wrong")
    rig.start()
    done = run(rig, "--test-mail", "zoe@example.org")
    assert done.returncode == 77, done.stdout
    said = [line[3:] for line in done.stdout.splitlines()
            if line.startswith("C: ") and line != "C: [redacted]"]
    heard = [line for session, line in rig.server.commands
             if session == rig.server.sessions]
    assert len(said) == len(heard)
    for shown, line in zip(said, heard, strict=True):
        assert shown.split()[:2] == line.split()[:2]
    assert said[-1].endswith("[redacted]")
    assert PASSWORD not in done.stdout


def test_the_test_mail_shows_no_mail_that_may_not_go(rig):
    rig.server.extensions.append("AUTH CRAM-MD5")
    with_password(rig)
    rig.start()
    done = run(rig, "--test-mail", "zoe@example.org")
    assert done.returncode == 77, done.stdout
    assert "MAIL FROM" not in done.stdout
    assert done.stdout.splitlines()[-1].endswith(
        "neither AUTH PLAIN nor AUTH LOGIN, only CRAM-MD5")


@pytest.mark.parametrize("way,fault,words", [
    (way, fault, words) for fault, words, only in FAULTS
    for way in WAYS if only in way], indirect=["way"])
def test_no_mail_goes_to_a_relay_that_is_not_proven(rig, way, authority, good,
                                                    fault, words):
    server = rig.server
    bad = {
        "self-signed": lambda: authority.self_signed(NAME),
        "wrong name": lambda: authority.issue("other.example"),
        "expired": lambda: authority.issue(NAME, expired=True),
    }.get(fault)
    if bad:
        files = bad()
        server.tls = lambda: context(way, files)
    if fault == "tls 1.1 only":
        with warnings.catch_warnings(action="ignore"):      # it is that old
            server.tls = server_context(*good, newest=ssl.TLSVersion.TLSv1_1,
                                        oldest=ssl.TLSVersion.TLSv1_1)
        server.tls.set_ciphers("DEFAULT:@SECLEVEL=0")
    if fault == "stripped":
        server.extensions.remove("STARTTLS")
    if fault == "refused":
        server.plan = once("starttls", "454 4.7.0 not now", 1000)
    if fault == "injected":
        server.inject = "250 2.1.0 injected\r\n"
    if fault == "in clear":
        server.implicit = False
    if fault == "handshake cut":
        server.plan = once("handshake", "close", 1000)
    (name,) = rig.push()
    rig.start()
    refused(rig, words)
    assert rig.job(name)["st"] in "QP"
    assert rig.job(name)["n"] == "0"
    assert server.mails == 0
    # As soon as it is mended, the mail goes.
    server.plan = lambda *unused: None
    server.inject = ""
    server.tls = lambda: context(way, good)
    server.implicit = way.startswith("implicit")
    server.extensions = list(EXTENSIONS)
    assert rig.wait(name, "S")["n"] == "1"
    assert rig.accepted() == [name]


@whatever_way
def test_a_server_that_is_older_than_allowed_gets_no_mail(rig):
    rig.relay(tls_min="1.3")
    (name,) = rig.push()
    rig.start()
    refused(rig, "protocol version")
    rig.relay(tls_min="1.2")
    rig.reload()
    rig.wait(name, "S")


@whatever_way
def test_a_new_authority_needs_no_reload(rig, tmp_path, authority):
    """Its file is read again when a certificate is refused: no alert."""
    other = Authority(tmp_path / "other")
    file = os.fspath(tmp_path / "trusted.pem")
    shutil.copy(other.file, file)
    first = other.issue(NAME)
    rig.server.tls = lambda: server_context(*first)
    rig.relay(tls_ca_file=file, session_mails="1")
    rig.set(workers="1")
    (name,) = rig.push()
    rig.wait(name, "S")
    shutil.copy(authority.file, file)
    second = authority.issue(NAME)
    rig.server.tls = lambda: server_context(*second)
    (name,) = rig.push()
    rig.wait(name, "S")
    assert "cannot be used" not in rig.log()
    # Once a minute at the most.
    rig.server.tls = lambda: server_context(*first)
    rig.push()
    refused(rig, "certificate")


def test_a_handshake_that_hangs_ends_with_the_time_out(rig):
    rig.server.plan = once("handshake", "hang")
    rig.start()
    (name,) = rig.push()
    assert rig.wait(name, "S")["n"] == "1"
    assert rig.server.sessions == 2


@pytest.mark.parametrize("way", ["STARTTLS 1.3", "implicit 1.3"],
                         indirect=True)
def test_the_check_of_the_settings_knocks_as_a_session_would(rig, authority):
    rig.start()
    result = run(rig, "-t")
    assert (result.returncode, result.stderr) == (0, "")
    files = authority.issue("other.example")
    rig.server.tls = lambda: server_context(*files)
    result = run(rig, "-t")
    assert result.returncode == 0
    if rig.server.implicit:
        assert re.search(r"fails: certificate for mx.*: hostname mismatch$",
                         result.stderr, re.M)


@whatever_way
@pytest.mark.parametrize("port,words", [
    ("465", "TLS from the first byte"), ("587", "in clear")])
def test_the_port_says_how_tls_begins(rig, port, words):
    """Unless the settings do: this host is otherwise spoken to in clear."""
    rig.relay(port=port, tls="auto")
    rig.start()
    shown = run(rig, "--test-mail", "zoe@example.org").stdout
    assert shown.startswith(f"relay local: 127.0.0.1, port {port}, {words}\n")


@whatever_way
def test_a_relay_elsewhere_must_have_tls(rig):
    rig.relay(host="mail.invalid", tls="off", tls_ca_file="")
    with pytest.raises(Exception, match="off-anywhere"):
        rig.start()


# ---- AUTH -------------------------------------------------------------------

@pytest.mark.parametrize("offer", [
    "AUTH PLAIN", "AUTH LOGIN", "AUTH CRAM-MD5 PLAIN",
    "AUTH XOAUTH2 NTLM LOGIN PLAIN"])
def test_the_password_is_shown_inside_tls_only(rig, offer):
    rig.server.extensions.append(offer)
    with_password(rig)
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    assert set(rig.server.logins) == {(USER, PASSWORD)}
    seen = [line.split()[0] for _, line in rig.server.commands]
    begin = [] if rig.server.implicit else ["EHLO", "STARTTLS"]
    assert seen[:len(begin) + 2] == [*begin, "EHLO", "AUTH"]
    assert PASSWORD not in rig.log()


def test_a_wrong_password_buries_nothing_and_is_told(rig):
    rig.server.extensions.append("AUTH LOGIN PLAIN")
    with_password(rig, "wrong")
    rig.set(breaker_max="1s")
    names = rig.push(3)
    refused(rig, "535 5.7.8 wrong user or password; it offers LOGIN, PLAIN",
            "at AUTH")
    for name in names:
        assert rig.job(name)["st"] in "QP"
        assert rig.job(name)["n"] == "0"
    assert rig.server.mails == 0
    # One try a session: a second one would lock the account sooner.  It goes
    # on meanwhile: between a command and what comes of it they differ.
    wait_until(lambda: len(rig.server.logins) == sum(
        line.startswith("AUTH") for _, line in rig.server.commands), LIMIT_S,
        "one log-in for each AUTH")
    assert len(rig.server.logins) <= rig.server.sessions
    rig.server.users = {USER: "wrong"}
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"


@pytest.mark.parametrize("code", [
    "534 5.7.9 too weak", "538 5.7.11 encrypt",
    "550 5.7.30 Basic authentication is not supported"])
def test_a_refused_way_of_logging_in_buries_nothing(rig, code):
    rig.server.extensions.append("AUTH PLAIN")
    rig.server.plan = once("auth", code)
    with_password(rig)
    (name,) = rig.push()
    rig.start()
    refused(rig, code)
    assert rig.wait(name, "S")["n"] == "1"


def test_a_log_in_that_fails_for_now_is_no_matter_for_people(rig):
    rig.server.extensions.append("AUTH PLAIN")
    rig.server.plan = once("auth", "454 4.7.0 try later")
    with_password(rig)
    (name,) = rig.push()
    rig.start()
    assert rig.wait(name, "S")["n"] == "1"
    assert "cannot be used" not in rig.log()


def test_a_server_that_offers_no_way_to_log_in_gets_no_mail(rig):
    rig.server.extensions.append("AUTH CRAM-MD5 GSSAPI")
    with_password(rig)
    (name,) = rig.push()
    rig.start()
    refused(rig, "neither AUTH PLAIN nor AUTH LOGIN, only CRAM-MD5, GSSAPI")
    assert not rig.server.accepted
    assert rig.job(name)["n"] == "0"


@whatever_way
def test_a_server_that_wants_a_log_in_is_a_matter_of_configuration(rig):
    rig.server.plan = once("mail", "530 5.7.0 authentication required")
    (name,) = rig.push()
    rig.start()
    refused(rig, "530 5.7.0")
    assert rig.wait(name, "S")["n"] == "1"


@whatever_way
def test_no_password_in_clear_unless_asked_for_by_name(rig):
    with_password(rig, tls="off", tls_ca_file="", tls_name="")
    rig.server.extensions = ["AUTH PLAIN"]
    with pytest.raises(Exception, match="in clear"):
        rig.start()
    rig.relay(auth_clear="yes")
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    assert rig.server.logins == [(USER, PASSWORD)]


@whatever_way
def test_a_password_file_that_others_may_read_is_refused(rig):
    with_password(rig)
    os.chmod(os.path.join(rig.stack.at.conf, "relay.password"), 0o640)
    with pytest.raises(Exception, match="relay.password"):
        rig.start()


@whatever_way
def test_a_new_password_comes_with_a_reload(rig):
    rig.server.extensions.append("AUTH PLAIN")
    with_password(rig, "old")
    rig.set(breaker_max="300s")
    (name,) = rig.push()
    refused(rig, "535 5.7.8")
    with_password(rig)
    rig.reload()
    rig.wait(name, "S")


# ---- CHUNKING ---------------------------------------------------------------

def test_an_offer_of_chunks_is_not_taken_up(rig):
    rig.server.extensions.append("CHUNKING")
    rig.set(workers="1")
    names = rig.push(5)
    for name in names:
        rig.wait(name, "S")
    assert rig.accepted() == names
    assert not any(line.startswith("BDAT") for _, line in rig.server.commands)


def test_a_server_with_chunks_can_refuse_a_mail_for_now(rig):
    rig.server.extensions.append("CHUNKING")
    rig.server.plan = lambda step, session, mail: (
        "450 4.7.1 come back" if step == "data" and mail == 1 else None)
    rig.start()
    (name,) = rig.push()
    assert rig.wait(name, "R")["err"].startswith("450 4.7.1 come back")


# ---- DSN --------------------------------------------------------------------

def test_reports_are_asked_for_where_they_are_offered(rig):
    rig.server.extensions.append("DSN")
    rig.relay(dsn="delay")
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    lines = [line for _, line in rig.server.commands]
    assert any(line.startswith("MAIL") and f" RET=HDRS ENVID={name}" in line
               for line in lines)
    assert any(line.startswith("RCPT") and line.endswith(
        " NOTIFY=FAILURE,DELAY") for line in lines)


@pytest.mark.parametrize("wish,offered", [("no", True), ("all", False)])
def test_no_reports_are_asked_for_otherwise(rig, wish, offered):
    if offered:
        rig.server.extensions.append("DSN")
    rig.relay(dsn=wish)
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    assert not any("NOTIFY" in line or "ENVID" in line
                   for _, line in rig.server.commands)
