# SPDX-License-Identifier: MIT
"""Log-ins with tokens at a real Postfix, whose Dovecot asks a token service."""

import contextlib

import pytest
from mail_servers import NAME, Missing, dovecot_sasl, postfix
from stack.certs import Authority
from stack.layout import write_text
from stack.rig import LIMIT_S
from stack.tokens import TokenService
from stack.visitor import wait_until

USER = "rdv@example.org"
WAYS = pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])


@pytest.fixture(scope="module", name="authority")
def _authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(name="service")
def _service():
    one = TokenService(None)    # what it says about tokens stays on this host
    one.user = USER
    yield one
    one.close()


@pytest.fixture(name="serve")
def _serve(rig, authority, service, tmp_path):
    """Starts the servers, with these lines in main.cf; maild's relay goes
    there with a token from a file, whose name is returned."""
    file = str(tmp_path / "token")
    with contextlib.ExitStack() as stack:
        def serve(auth, tls="required", more=""):
            try:
                port = stack.enter_context(postfix(
                    authority.issue(NAME), rig.server.port, more=more,
                    sasl=dovecot_sasl(service)))
            except Missing as missing:
                pytest.skip(str(missing))
            write_text(file, service.make())
            rig.relay(port=port, tls=tls, tls_ca_file=authority.file,
                      tls_name=NAME, auth=auth, auth_user=USER,
                      auth_token_file=file, session_mails="5")
            return file
        yield serve


def sends(rig, service):
    """Mails go all the way."""
    rig.start()
    names = rig.push(10)
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    wait_until(lambda: len(rig.server.accepted) >= 10, LIMIT_S,
               "the mails at the end of the way")
    assert sorted(rig.accepted()) == sorted(names)
    assert service.introspected > 0


# More than a line of Postfix' may have, which is 2,048 bytes.
@pytest.mark.parametrize("length", [300, 3000, 4096])
@WAYS
def test_a_real_server_takes_mails_by_token(rig, service, serve, auth, length):
    service.length = length
    serve(auth)
    sends(rig, service)


@WAYS
def test_the_same_with_tls_from_the_first_byte(rig, service, serve, auth):
    service.length = 3000
    serve(auth, "implicit", "smtpd_tls_wrappermode = yes\n"
          "smtpd_tls_mandatory_protocols = >=TLSv1.3\n"
          "smtpd_tls_protocols = >=TLSv1.3\n")
    sends(rig, service)


@WAYS
def test_a_real_server_refuses_a_token_that_has_run_out(rig, service, serve,
                                                        auth):
    # Dovecot lets who is refused wait for two seconds.
    rig.stack.overrides["maild"]["greeting_timeout"] = "20s"
    service.length = 3000
    file = serve(auth)
    rig.relay(session_mails="1")
    rig.start()
    (name,) = rig.push()
    rig.wait(name, "S")
    service.known.clear()
    write_text(file, service.make())
    (name,) = rig.push()
    assert rig.wait(name, "S")["n"] == "1"
    assert "cannot be used" not in rig.log()
    # And one that nobody replaces.
    service.known.clear()
    (name,) = rig.push()
    wait_until(lambda: "relay local cannot be used" in rig.log(), LIMIT_S,
               "the alert")
    assert "at AUTH: 535 5.7.8" in rig.log()
    assert rig.job(name)["n"] == "0"
