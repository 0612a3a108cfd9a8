# SPDX-License-Identifier: MIT
"""A private Redis, Postfix's smtp-sink and maild; envelopes and their size."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time

import redis

from measure import Trouble, cpu_s, pss_kb, running, wait_until

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

from stack.certs import Authority                      # noqa: E402
from stack.layout import TOP, free_port                # noqa: E402
from stack.parts import answers                        # noqa: E402

SINK = "/usr/sbin/smtp-sink"
SOURCE = "/usr/sbin/smtp-source"
MAIL_BYTES = 4096
PREFIX = "{bench}:"
ID_WIDTH = 12
ID_MARK = "B" * ID_WIDTH        # is replaced by each mail's id
STEP = 1000                     # envelopes pushed at once

REDIS_CONF = """\
port 0
unixsocket {socket}
dir {dir}
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
logfile ""
daemonize no
"""

MAILD_CONF = """\
workers = {workers}
pid_file = {dir}/{name}.pid
log = file:{dir}/{name}.log
redis = unix:{socket}
queue_prefix = {prefix}
data_dir = {data}
template_dir = {dir}/templates
hello_name = bench.example.org
mail_from_name = Reservoir
mail_from_address = bookings@bench.example.org
message_domain = bench.example.org
default_locale = en
"""

STUNNEL = "/usr/bin/stunnel4"
STUNNEL_CONF = """\
foreground = yes
[sink]
accept = 127.0.0.1:{port}
connect = 127.0.0.1:{sink}
cert = {certificate}
key = {key}
"""

# Behind all other settings.
MAILD_RELAY = """
[relay sink]
host = 127.0.0.1
port = {port}
"""


def envelope(kind, data):
    """An envelope's text with ID_MARK where its id belongs."""
    return json.dumps({
        "v": 1, "id": ID_MARK, "kind": kind, "locale": "en",
        "to": {"name": "Visitor", "email": "visitor@bench.example.org"},
        "na": int(time.time() * 1000) + 86400000, "data": data},
        ensure_ascii=False, separators=(",", ":"))


def notice(paragraph_chars):
    """A plain mail whose size follows its one paragraph."""
    text = ("Please bring this message with you. " * 400)[:paragraph_chars]
    return envelope("notice", {"subject": "Your visit",
                               "paragraphs": [text]})


def confirmation():
    """The mail of a booking, with the shipped sample's data."""
    path = os.path.join(TOP, "templates/mail/sample.json")
    with open(path, encoding="utf-8") as file:
        return envelope("booking.confirmed",
                        json.load(file)["booking.confirmed"])


class OneMail:
    """An SMTP server that takes mails and keeps the last one's bytes."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.bytes = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                peer, _ = self.server.accept()
            except OSError:
                return
            with peer, peer.makefile("rb") as lines:
                self._session(peer, lines)

    def _session(self, peer, lines):
        peer.sendall(b"220 size ESMTP\r\n")
        while True:
            verb = lines.readline()[:4].upper()
            if not verb:
                return
            if verb == b"DATA":
                peer.sendall(b"354 go\r\n")
                mail = bytearray()
                while (line := lines.readline()) not in (b".\r\n", b""):
                    mail += line
                self.bytes = bytes(mail)
            peer.sendall(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return

    def taken(self):
        wait_until(lambda: self.bytes is not None, 15, "a mail to measure")
        mail, self.bytes = self.bytes, None
        return mail

    def close(self):
        self.server.close()


class Rig:
    """Redis and a sink for the length of a with block; maild when asked."""

    def __init__(self, directory, build):
        self.dir = directory
        self.build = build
        self.socket = os.path.join(directory, "redis.sock")
        self.port = free_port()
        self.stack = contextlib.ExitStack()
        self.redis = redis.Redis(unix_socket_path=self.socket)
        self.intake = PREFIX + "intake"
        self.receipts = PREFIX + "receipts"
        self.serial = 0

    def path(self, name):
        return os.path.join(self.dir, name)

    def __enter__(self):
        os.makedirs(self.path("templates"), exist_ok=True)
        conf = self.path("redis.conf")
        with open(conf, "w", encoding="ascii") as file:
            file.write(REDIS_CONF.format(socket=self.socket, dir=self.dir))
        with self.stack:
            self.stack.enter_context(running(
                ["/usr/bin/redis-server", conf], self.path("redis.log")))
            wait_until(self._redis_answers, 10, "start of Redis")
            user = ["-u", "nobody"] if os.getuid() == 0 else []
            self.stack.enter_context(running(
                [SINK, *user, f"127.0.0.1:{self.port}", "128"],
                self.path("sink.log")))
            wait_until(self._sink_answers, 10, "start of smtp-sink")
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _redis_answers(self):
        try:
            return self.redis.ping()
        except redis.RedisError:
            return False

    def _sink_answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    @contextlib.contextmanager
    def maild(self, workers, port=0, name="maild", relay="", **settings):
        """maild with so many workers, ready; yields its master's pid.

        relay: further lines of the relay's section.
        """
        conf = self.path(name + ".conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(MAILD_CONF.format(
                workers=workers, dir=self.dir, name=name, socket=self.socket,
                prefix=PREFIX,
                data=os.path.join(self.dir, "share")))
            for setting, value in settings.items():
                file.write(f"{setting} = {value}\n")
            file.write(MAILD_RELAY.format(port=port or self.port) + relay)
        self._share()
        program = os.path.join(self.build, "maild/maild")
        with running([program, "-c", conf, "-F"],
                     self.path(name + ".log")) as child:
            def ready():
                if child.poll() is not None:
                    with open(self.path(name + ".log"), "rb") as log:
                        raise Trouble("maild has ended:\n"
                                      + log.read().decode()[-2000:])
                blocked = self.redis.info("clients")["blocked_clients"]
                # All workers and a dispatcher wait for work.
                return blocked > workers
            wait_until(ready, 15, "start of maild")
            yield child.pid

    @contextlib.contextmanager
    def secured(self, implicit):
        """The sink behind TLS 1.3: its port, and lines for the relay."""
        port = free_port()
        authority = Authority(self.path(f"ca-{port}"))
        certificate, key = authority.issue("sink.bench.example")
        conf = self.path(f"stunnel-{port}.conf")
        with open(conf, "w", encoding="ascii") as file:
            file.write(STUNNEL_CONF.format(
                port=port, sink=self.port, certificate=certificate, key=key)
                + ("" if implicit else "protocol = smtp\n"))
        with running([STUNNEL, conf], self.path("stunnel.log")):
            wait_until(lambda: answers(("127.0.0.1", port)), 10,
                       "start of stunnel")
            yield port, (f"tls = {'implicit' if implicit else 'required'}\n"
                         f"tls_ca_file = {authority.file}\n"
                         "tls_name = sink.bench.example\n")

    def _share(self):
        share = self.path("share")
        os.makedirs(share, exist_ok=True)
        for name in ("templates", "locale"):
            link = os.path.join(share, name)
            if not os.path.islink(link):
                os.symlink(os.path.join(TOP, name), link)

    def new_ids(self, count):
        first = self.serial
        self.serial += count
        return [f"{number:0{ID_WIDTH}d}" for number in
                range(first, first + count)]

    def queue(self, text, count):
        """Puts mails aside; they are the intake only when drained."""
        ids = self.new_ids(count)
        for at in range(0, count, STEP):
            self.redis.rpush(PREFIX + "aside",
                             *[text.replace(ID_MARK, one)
                               for one in ids[at:at + STEP]])

    def drain(self, pid, text, count):
        """Lets maild send so many mails; returns what that took."""
        self.queue(text, count)
        result = self.drain_first(pid, count)
        sent = self.redis.lrange(self.receipts, 0, -1)
        if len(sent) != count or not all(r[:2] == b"S|" for r in sent):
            raise Trouble("not every mail was sent once: "
                          + sent[-1].decode())
        return result

    def drain_first(self, pid, count):
        """The same for the first ones of what is queued, or all."""
        self.redis.delete(self.receipts)
        cpu = cpu_s(pid)
        begun = time.monotonic()
        # One step, so that what is queued is all there at the start.
        self.redis.rename(PREFIX + "aside", self.intake)
        wait_until(lambda: self.redis.llen(self.receipts) >= count,
                   60 + count / 50, "the drain")
        seconds = time.monotonic() - begun
        return {"rate": count / seconds,
                "cpu_per_1000": (cpu_s(pid) - cpu) * 1000 / count,
                "pss_mb": pss_kb(pid) / 1024}

    def source(self, sessions, count, body_bytes, port=0):
        """Postfix's smtp-source with kept connections; mails a second."""
        begun = time.monotonic()
        subprocess.run(
            [SOURCE, "-d", "-s", str(sessions), "-m", str(count), "-l",
             str(body_bytes), "-f", "bookings@bench.example.org", "-t",
             "visitor@bench.example.org", f"127.0.0.1:{port or self.port}"],
            check=True, timeout=120, capture_output=True)
        return {"rate": count / (time.monotonic() - begun)}


def measure_mail(rig, text):
    """Bytes of the mail that maild makes of an envelope, as sent."""
    catcher = OneMail()
    try:
        with rig.maild(1, catcher.port):
            one = rig.new_ids(1)[0]
            rig.redis.rpush(rig.intake, text.replace(ID_MARK, one))
            return len(catcher.taken())
    finally:
        catcher.close()


def notice_of(rig, wanted):
    """A notice whose mail has about so many bytes, and its exact size."""
    base = measure_mail(rig, notice(10))
    step = measure_mail(rig, notice(510))
    # Both its text and its HTML hold the paragraph.
    chars = 10 + round((wanted - base) * 500 / (step - base))
    text = notice(chars)
    return text, measure_mail(rig, text)


def source_body(rig, wanted):
    """smtp-source's -l for mails of so many bytes in all."""
    catcher = OneMail()
    try:
        rig.source(1, 1, 1000, catcher.port)
        return wanted - (len(catcher.taken()) - 1000)
    finally:
        catcher.close()
