# SPDX-License-Identifier: MIT
"""A mail server far away: how often it is waited for."""

import pytest
from stack.certs import Authority
from stack.distance import Distance
from stack.faulty import server_context
from stack.layout import write_text
from stack.visitor import wait_until

LIMIT_S = 30
MAILS = 4
NAME = "mx.reservoir.example"


def send(rig, far):
    names = rig.push(MAILS)     # all are there when the session begins
    rig.set(workers="1")
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    # Its last word: QUIT.
    wait_until(lambda: rig.server.open == 0, LIMIT_S, "the session's end")
    (call,) = far.calls
    return call.turns


def test_a_mail_waits_three_times_and_a_session_once_more(rig):
    with Distance(rig.server.port, 0.02) as far:
        rig.relay(port=far.port)
        turns = send(rig, far)
    assert turns[0].startswith(b"EHLO ") and turns.pop() == b"QUIT\r\n"
    assert len(turns) == 1 + 3 * MAILS
    for mail, to_and_data, text in zip(*[iter(turns[1:])] * 3):
        assert mail.startswith(b"MAIL FROM:") and mail.count(b"\n") == 1
        assert to_and_data.startswith(b"RCPT TO:")
        assert to_and_data.endswith(b"\r\nDATA\r\n")
        assert text.endswith(b"\r\n.\r\n")


def test_without_pipelining_a_mail_waits_four_times(rig):
    rig.server.extensions.remove("PIPELINING")
    with Distance(rig.server.port, 0.02) as far:
        rig.relay(port=far.port)
        turns = send(rig, far)
    assert len(turns) == 1 + 4 * MAILS + 1


@pytest.fixture(params=["required", "implicit"])
def guarded(request, rig, tmp_path):
    """The same server with TLS 1.3 and a log-in."""
    authority = Authority(tmp_path / "ca")
    rig.server.implicit = request.param == "implicit"
    rig.server.extensions += ["AUTH PLAIN"] if rig.server.implicit else [
        "STARTTLS", "AUTH PLAIN"]
    rig.server.tls = server_context(*authority.issue(NAME))
    rig.server.users = {"me": "secret"}
    password = rig.stack.at.secret_file("relay")
    write_text(password, "secret\n", 0o600)
    rig.relay(tls=request.param, tls_ca_file=authority.file, tls_name=NAME,
              auth_user="me", auth_password_file=password)
    return rig


def test_tls_and_a_log_in_cost_a_session_four_turns_and_a_mail_none(guarded):
    # Long enough that what a server says unasked, as tickets, falls into no
    # pause between two words of ours.
    with Distance(guarded.server.port, 0.1) as far:
        guarded.relay(port=far.port)
        turns = send(guarded, far)
    # EHLO and STARTTLS, or the greeting within TLS; the handshake's two, of
    # which the second brings EHLO after STARTTLS; AUTH.  Then QUIT, and the
    # end of TLS.
    begin = 4 if guarded.server.implicit else 5
    assert len(turns) <= begin + 3 * MAILS + 2, [len(one) for one in turns]
