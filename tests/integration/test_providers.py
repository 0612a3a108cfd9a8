# SPDX-License-Identifier: MIT
"""doc/operations.md: the examples for mail providers, before such a server.

None of them is asked.  Each server here says and does what the provider's own
pages, or who has seen it, say that it does; host and port are put in its place.
"""

import re
from dataclasses import dataclass

import pytest
from mail_servers import Missing, postfix
from stack import parts
from stack.certs import Authority
from stack.faulty import server_context
from stack.layout import free_port, write_text
from stack.paper import blocks
from stack.procs import read_text, spawn
from stack.rig import LIMIT_S, once
from stack.visitor import wait_until

PAGE = "operations.md"
STUNNEL = "/usr/bin/stunnel4"
PASSWORD = "s3cret pass"
MAILS = 5


@dataclass
class Provider:
    """What is known of one."""

    offers: tuple       # EHLO's words; STARTTLS not on port 465
    step: str           # where it refuses whom it has had enough of
    refusal: str
    log: str            # what maild makes of it


PROVIDERS = {
    # docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html; the
    # offers as seen in jetmore/swaks issue 15.
    "ses": Provider(("8BITMIME", "SIZE 10485760", "STARTTLS",
                     "AUTH PLAIN LOGIN", "Ok"), "dot",
                    "454 Throttling failure: Maximum sending rate exceeded.",
                    "class=too-fast"),
    # aschroder/Magento-SMTP-Pro-Email-Extension issue 94; corecode/dma 54.
    "ovh": Provider(("PIPELINING", "SIZE 104857600", "STARTTLS",
                     "AUTH LOGIN PLAIN", "ENHANCEDSTATUSCODES", "8BITMIME"),
                    "dot", "554 sorry, too many emails (#5.7.1)",
                    "alert key=relay-quota:ovh"),
    # help.brevo.com, "Troubleshooting issues with Brevo SMTP".
    "brevo": Provider(("PIPELINING", "8BITMIME", "STARTTLS",
                       "AUTH PLAIN LOGIN"), "auth",
                      "525 5.7.1 Unauthorized IP address",
                      "alert key=relay-config:brevo"),
}


def example(name):
    """Its relay's name, and that section's settings."""
    (text,) = blocks(PAGE, "conf", name)
    relay, section = re.search(r"^\[relay (\w+)\]\n(.*)", text,
                               re.M | re.S).groups()
    return relay, dict(line.split(" = ", 1) for line in section.splitlines())


def use(rig, name, settings):
    """That relay instead of the rig's own; its rate is not waited for."""
    settings.pop("rate", None)
    if "auth_password_file" in settings:
        settings["auth_password_file"] = rig.stack.at.secret_file("relay")
        write_text(settings["auth_password_file"], PASSWORD + "\n", 0o600)
    rig.relay()
    del rig.stack.overrides["relays"]["local"]
    rig.relay(name, **settings)
    rig.start()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(params=PROVIDERS)
def provider(request, rig, authority):
    """Its server, and maild as in the example."""
    name, settings = example(request.param)
    one = PROVIDERS[request.param]
    host = settings["host"]
    rig.server.implicit = settings["port"] == "465"
    rig.server.extensions = [word for word in one.offers if word != "STARTTLS"
                             or not rig.server.implicit]
    rig.server.tls = server_context(*authority.issue(host))
    rig.server.users = {settings["auth_user"]: PASSWORD}
    use(rig, name, settings | {
        "host": "127.0.0.1", "port": rig.server.port, "tls_name": host,
        "tls": "implicit" if rig.server.implicit else "required",
        "tls_ca_file": authority.file})
    return one


def test_mails_go_through_a_provider(rig, provider):
    names = rig.push(MAILS)
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    assert set(rig.server.names) and rig.server.logins
    assert sorted(rig.accepted()) == sorted(names)
    # Where it refuses in the next test it is asked at all.
    assert provider.step in {step for step, *_ in rig.server.steps}


def test_a_provider_that_has_had_enough_gets_the_mail_later(rig, provider):
    rig.server.plan = once(provider.step, provider.refusal, 2)
    (name,) = rig.push()
    wait_until(lambda: provider.log in rig.log(), LIMIT_S, provider.log)
    assert rig.wait(name, "S")["n"] == "1"


def test_mails_go_through_the_postfix_of_this_host(rig, authority):
    name, settings = example("local")
    assert settings == {"host": "127.0.0.1", "port": "25"}
    try:
        with postfix(authority.issue("mx.reservoir.example"), rig.server.port,
                     more="smtpd_relay_restrictions = permit_mynetworks,"
                     " reject\nmynetworks = 127.0.0.0/8\n") as port:
            use(rig, name, settings | {"port": port})
            names = rig.push(MAILS)
            for mail in names:
                assert rig.wait(mail, "S")["n"] == "1"
            wait_until(lambda: len(rig.accepted()) == MAILS, LIMIT_S,
                       "the mails at the end of the way")
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["smtp.example.net"])
def tunnelled(request, rig, authority, tmp_path):
    """stunnel as on the page, before one that speaks TLS 1.3 alone.

    Yields the far one's log; param: whose certificate that has.
    """
    (recipe,) = blocks(PAGE, "stunnel")
    name, settings = example("stunnel")
    host = re.search(r"^checkHost = (.*)$", recipe, re.M)[1]
    near, far = free_port(), free_port()
    certificate, key = authority.issue(request.param)
    recipe = recipe.replace(f"127.0.0.1:{settings['port']}",
                            f"127.0.0.1:{near}")
    recipe = recipe.replace(f"{host}:465", f"127.0.0.1:{far}")
    recipe = re.sub("^CApath = .*$", f"CAfile = {authority.file}", recipe,
                    flags=re.M)
    running = []
    for number, (port, text) in enumerate({near: recipe, far: f"""
[server]
accept = 127.0.0.1:{far}
connect = 127.0.0.1:{rig.server.port}
cert = {certificate}
key = {key}
sslVersionMin = TLSv1.3
"""}.items()):
        path = str(tmp_path / f"stunnel{number}.conf")
        write_text(path, "foreground = yes\ndebug = info\n" + text)
        running.append(spawn([STUNNEL, path], path + ".log",
                             parts.environment(rig.stack.at)))
        wait_until(lambda port=port: parts.answers(("127.0.0.1", port)),
                   LIMIT_S, "stunnel")
    rig.server.extensions.append("AUTH PLAIN LOGIN")
    rig.server.users = {settings["auth_user"]: PASSWORD}
    use(rig, name, settings | {"port": near})
    yield path + ".log"
    for child in running:
        child.terminate()
        child.wait(LIMIT_S)


def test_mails_go_through_stunnel_to_a_server_with_tls_1_3_alone(rig,
                                                                 tunnelled):
    names = rig.push(MAILS)
    for name in names:
        assert rig.wait(name, "S")["n"] == "1"
    assert rig.server.logins and sorted(rig.accepted()) == sorted(names)
    assert "TLSv1.3" in read_text(tunnelled)


@pytest.mark.parametrize("tunnelled", ["elsewhere.example"], indirect=True)
def test_stunnel_lets_nothing_through_to_another_server(rig, tunnelled):
    (name,) = rig.push()
    wait_until(lambda: "mail server away relay=provider" in rig.log(), LIMIT_S,
               "the breaker")
    assert rig.job(name)["n"] == "0"
    assert not rig.server.commands and "alert" in read_text(tunnelled)
