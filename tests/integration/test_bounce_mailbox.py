# SPDX-License-Identifier: MIT
"""Reports in a provider's mailbox, fetched by the manual's own recipes.

A real Postfix bounces to a mailbox in a real Dovecot, from which fetchmail or
Dovecot's Sieve hands them to the reader.
"""

import contextlib
import os
import re
import subprocess

import pytest
from bounce_servers import Scene
from mail_servers import Missing, dovecot_of, need, postfix_of, room_of
from stack.certs import Authority
from stack.layout import TOP, free_port, write_text
from stack.procs import read_text
from stack.visitor import wait_until

LIMIT_S = 60
BOX = "rdv@rdv.example"
NAME = "imap.example.net"

POSTFIX_MAIN = """\
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
transport_maps = inline:{{ {{ rdv.example = lmtp:inet:127.0.0.1:{port} }} }}
"""

POSTFIX_MASTER = """\
qmgr unix n - n 1 1 qmgr
retry unix - - n - - error
lmtp unix - - n - - lmtp
"""

DOVECOT_CONF = """\
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:{dir}/mail/%n
passdb {{
  driver = static
  args = password=s3cret
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={dir}/mail/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imap_port}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
"""

SIEVE_CONF = """\
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:{dir}/mail/all.sieve
  sieve_plugins = sieve_extprograms
  sieve_extensions = +vnd.dovecot.pipe
  sieve_pipe_bin_dir = {dir}/bin
}}
"""

pytestmark = pytest.mark.skipif(
    os.getuid() != 0, reason="needs root: only it can start these servers")


def recipe(mark):
    """The block of the manual that holds this."""
    blocks = re.findall(r"^```text\n(.*?)^```", read_text(
        os.path.join(TOP, "doc", "operations.md")), re.M | re.S)
    (found,) = [block for block in blocks if mark in block]
    return found


def replaced(text, *pairs):
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


class Mailbox:
    """Dovecot with one mailbox, of nobody."""

    def __init__(self, scene, room, authority):
        self.scene = scene
        self.room = room
        self.imap_port = free_port()
        self.lmtp_port = free_port()
        self.authority = authority

    def conf(self, more=""):
        certificate, key = self.authority.issue(NAME)
        return (DOVECOT_CONF + more).format(
            dir=self.room, certificate=certificate, key=key,
            imap_port=self.imap_port, lmtp_port=self.lmtp_port)

    def mails(self):
        return [name for _, _, names in os.walk(self.room + "/mail/rdv")
                for name in names if ",S=" in name or ".M" in name]

    def fetch(self):
        """One round of the manual's fetchmail; returns its status."""
        path = os.path.join(self.room, "fetchmailrc")
        write_text(path, replaced(
            recipe("fetchmailrc"),
            (f"poll {NAME}", f"poll 127.0.0.1 port {self.imap_port}"),
            ('"rdv@example.fr"', f'"{BOX}"'), ('"..."', '"s3cret"'),
            (" ssl", f" ssl sslcertfile {self.authority.file} "
             f"sslcommonname {NAME}"),
            ('/usr/libexec/reservoir-bounce"',
             f'{self.scene.reader} -c {self.scene.conf}"')))
        done = subprocess.run(
            ["fetchmail", "-f", path, "--pidfile", self.room + "/pid", "-i",
             self.room + "/ids", "--nosyslog"], timeout=LIMIT_S, text=True,
            capture_output=True, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def scene(open_room):
    one = Scene(open_room, bounces={"envelope_from": BOX})
    yield one
    one.rig.close()
    assert "ERROR: " not in read_text(one.log)


@pytest.fixture
def serve(scene, tmp_path):
    """Starts both servers; a function of what Dovecot has besides."""
    with contextlib.ExitStack() as stack:
        def start(more=""):
            try:
                need("dovecot")
                room, _ = stack.enter_context(room_of("bin", "mail"))
                os.chmod(room + "/mail", 0o777)
                box = Mailbox(scene, room, Authority(tmp_path / "ca"))
                stack.enter_context(dovecot_of(
                    room, box.conf(more), ("127.0.0.1", box.lmtp_port)))
                main = POSTFIX_MAIN.format(port=box.lmtp_port)
                port = stack.enter_context(postfix_of(
                    lambda _room: main, POSTFIX_MASTER,
                    scene.rig.server.port))
            except Missing as missing:
                pytest.skip(str(missing))
            scene.rig.relay(port=port)
            scene.rig.start()
            return box
        yield start


def heard(scene, name):
    wait_until(lambda: scene.fate(name) == ("returned", "0"), LIMIT_S,
               "the report")
    assert scene.told(name).startswith("550 5.1.1 ")


def test_fetchmail_hands_on_what_came_back(scene, serve):
    box = serve()
    name = scene.send(unknown="unknown@far.example")["unknown"]
    wait_until(box.mails, LIMIT_S, "the bounce in the mailbox")
    socket = scene.rig.stack.env["REDIS_SOCKET"]
    os.rename(socket, socket + ".away")
    box.fetch()
    os.rename(socket + ".away", socket)
    assert box.mails() and scene.fate(name) is None
    status, said = box.fetch()
    assert status == 0, said
    heard(scene, name)
    assert not box.mails()
    assert box.fetch()[0] == 1      # fetchmail's word for no mail


def test_sieve_hands_on_what_came_back(scene, serve):
    box = serve(SIEVE_CONF)
    write_text(box.room + "/mail/all.sieve", recipe("vnd.dovecot.pipe"), 0o644)
    program = box.room + "/bin/reservoir-bounce"
    write_text(program, f"#!/bin/sh\nexec {scene.reader} -c {scene.conf}\n",
               0o755)
    name = scene.send(unknown="unknown@far.example")["unknown"]
    heard(scene, name)
    assert not box.mails()
    # What could not be read is kept, and the other recipe reads it later.
    write_text(program, "#!/bin/sh\nexit 75\n", 0o755)
    name = scene.send(unknown="unknown@far.example")["unknown"]
    wait_until(box.mails, LIMIT_S, "the bounce in the mailbox")
    assert scene.fate(name) is None
    assert box.fetch()[0] == 0
    heard(scene, name)
    assert not box.mails()
