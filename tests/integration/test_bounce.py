# SPDX-License-Identifier: MIT
"""What comes back of a mail: the reader on its own, fed with our own reports."""

import os
import re
import subprocess
import time

import pytest
from stack import parts
from stack.console import Console
from stack.layout import write_text
from stack.rig import LIMIT_S, Rig

KEY = "0123456789abcdef0123456789abcdef"
PLAIN = "bounces@rdv.example"
USER_UNKNOWN = "550 5.1.1 <zoe@example.org>: no such | user"


class Reader:
    """A maild that names each mail in its return path, and the reader."""

    def __init__(self, directory):
        self.rig = Rig(directory)
        at = self.rig.stack.at
        self.key = os.path.join(at.conf, "bounce.key")
        self.keep = os.path.join(at.conf, "kept")
        write_text(self.key, KEY + "\n")
        self.rig.stack.overrides["maild"].update(
            bounce_to=PLAIN, bounce_key_file=self.key, bounce_keep=self.keep)
        self.rig.relay(dsn="all")
        self.rig.server.extensions.append("DSN")
        self.rig.start()
        self.program = os.path.join(at.build, "maild", "bounce",
                                    "reservoir-bounce")
        self.conf = os.path.join(at.conf, "maild.conf")
        self.redis, self.prefix = self.rig.redis, self.rig.prefix

    def sent(self, **changes):
        """Sends a mail; returns its id and its return path."""
        (name,) = self.rig.push(**changes)
        self.rig.wait(name, "S")
        self.redis.delete(self.prefix + "receipts")
        line = [line for _, line in self.rig.server.commands
                if line.startswith("MAIL FROM") and f"ENVID={name}" in line]
        return name, re.match(r"MAIL FROM:<(.*?)>", line[-1])[1]

    def read(self, mail, *words, status=0, conf=None):
        if isinstance(mail, str):
            mail = mail.encode()
        done = subprocess.run(
            [self.program, "-c", conf or self.conf, *words], input=mail,
            env=parts.environment(self.rig.stack.at), timeout=LIMIT_S,
            capture_output=True, check=False)
        assert done.returncode == status, (done.returncode, done.stderr)
        return done.stdout.decode(), done.stderr.decode()

    def show(self, name):
        return Console(self.rig.stack).json("show", name)

    def told(self):
        """The receipts of reports since, without their times."""
        key = self.prefix + "receipts"
        lines = [line for line in self.redis.lrange(key, 0, -1)
                 if line.startswith("B|")]
        self.redis.delete(key)
        for line in lines:
            assert abs(int(line.split("|")[4]) - time.time() * 1000) < 60_000
        return [re.sub(r"\|\d{12,}\|", "|", line) for line in lines]

    def counted(self, what):
        return int(self.redis.hget(self.prefix + "stat", what) or 0)

    def kept(self):
        new = os.path.join(self.keep, "new")
        return len(os.listdir(new)) if os.path.isdir(new) else 0


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    one = Reader(tmp_path_factory.mktemp("bounce") / "rig")
    yield one
    one.rig.close()


def report(action="failed", status="5.1.1", words=USER_UNKNOWN, envid="",
           to=PLAIN, headers=""):
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

I am sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
{"Original-Envelope-Id: " + envid if envid else "X-Nothing: x"}

Final-Recipient: rfc822; zoe@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: text/rfc822-headers

{headers}
--b--
"""


# ---- the return path --------------------------------------------------------

def test_the_return_path_names_the_mail(reader):
    name, path = reader.sent()
    assert re.fullmatch(rf"bounces\+{name}=[a-z2-7]{{8}}@rdv\.example", path)
    name, path = reader.sent(id="RK7F3M2Q.confirm.0")
    assert path.startswith("bounces+=RK7F3M2Q.=confirm.0=")
    _, path = reader.sent(id="x" * 60)
    assert path == PLAIN


@pytest.mark.parametrize("mode,key,words", [
    (0o644, KEY, "has mode 644"), (0o600, "short", "less than 16 bytes"),
    (0o600, "", "is empty"), (0o600, None, "No such file")])
def test_a_key_that_is_none_is_refused_with_file_and_line(reader, tmp_path,
                                                          mode, key, words):
    path = str(tmp_path / "key")
    if key is not None:
        write_text(path, key, mode)
    conf = str(tmp_path / "maild.conf")
    with open(reader.conf, encoding="utf-8") as file:
        text = file.read()
    write_text(conf, text.replace(reader.key, path))
    line = text[:text.index("bounce_key_file")].count("\n") + 1
    done = subprocess.run(
        [parts.program(reader.rig.stack.at, "maild"), "-t", "-c", conf],
        env=parts.environment(reader.rig.stack.at), timeout=LIMIT_S,
        capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert f"{conf}:{line}: bounce_key_file: " in done.stderr
    assert words in done.stderr and KEY not in done.stderr
    # The mail waits until somebody has mended it.
    _, said = reader.read(report(), status=75, conf=conf)
    assert words in said


# ---- what is told -----------------------------------------------------------

def test_a_mail_that_came_back_is_told_for_sure(reader):
    name, path = reader.sent()
    reader.read(report(), path)
    text = "550 5.1.1 [address] no such | user"
    assert reader.told() == [f"B|{name}|returned|1|{text}"]
    said = reader.show(name)
    assert (said["state"], said["fate"], said["fate_sure"]) == (
        "sent", "returned", True)
    assert (said["story"][-1]["verdict"], said["story"][-1]["text"]) == (
        "returned", text)
    assert "zoe@" not in str(said) and "zoe@" not in reader.rig.log()
    assert f"heard of job={name} fate=returned sure=yes by=return-path" in (
        reader.rig.log())


def test_a_fetched_mailbox_needs_no_argument_and_case_may_be_lost(reader):
    name, path = reader.sent(id="Invoice-2025-AbC.sent")
    reader.read(report(to=path.lower()))
    reader.read(report(action="delayed", status="4.4.1"), path.upper())
    assert [line.split("|")[1:4] for line in reader.told()] == [
        [name, "returned", "1"], [name, "delayed", "1"]]
    assert reader.show(name)["fate"] == "returned"


def test_a_complaint_is_told(reader):
    name, path = reader.sent()
    reader.read(f"""\
From: fbl@isp.example
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b

This is an e-mail abuse report.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Original-Mail-From: <{path}>

--b
Content-Type: message/rfc822

X-Reservoir-Id: {name}

Hello
--b--
""")
    assert reader.told() == [f"B|{name}|complained|1|"]


def test_reports_of_what_nobody_remembers_are_told_too(reader):
    name, path = reader.sent()
    reader.redis.delete(f"{reader.prefix}j:{name}")
    reader.read(report(words="550 no"), path)
    assert reader.told() == [f"B|{name}|returned|1|550 no"]
    assert reader.rig.job(name) == {}


# ---- what is not sure, or nothing -------------------------------------------

@pytest.mark.parametrize("how", ["envid", "header", "message-id"])
def test_a_report_without_the_proof_is_only_likely(reader, how):
    """Whoever got the mail, or looked at its page, knows its id."""
    name, _ = reader.sent()
    reader.read(report(
        to=f"bounces+{name}=aaaaaaaa@rdv.example",
        envid=name if how == "envid" else "",
        headers={"header": f"X-Reservoir-Id: {name}", "envid": "",
                 "message-id": f"Message-ID: <{name}@reservoir.example>",
                 }[how]), f"bounces+{name}=aaaaaaaa@rdv.example")
    assert [line.split("|")[1:4] for line in reader.told()] == [
        [name, "returned", "0"]]
    assert not reader.show(name)["fate_sure"]


def test_another_installations_mail_changes_nothing(reader):
    name, _ = reader.sent()
    before = reader.counted("report_of_others")
    reader.read(report(headers=f"Message-ID: <{name}@other.example>\n"
                               f"X-Reservoir-Id: {name}"))
    reader.read(report(headers="Message-ID: <x@reservoir.example.org>"))
    reader.read(report())
    assert reader.told() == []
    assert reader.counted("report_of_others") == before + 3
    assert reader.show(name)["fate"] == ""


def test_an_absence_is_counted_and_tells_nothing(reader):
    name, path = reader.sent()
    before, kept = reader.counted("report_reply"), reader.kept()
    reader.read("From: zoe@example.org\nAuto-Submitted: auto-replied\n"
                f"Subject: Re: x\nIn-Reply-To: <{name}@reservoir.example>\n\n"
                "I am away; mail to me is not delivered.\n", path)
    assert reader.told() == [] and reader.show(name)["fate"] == ""
    assert reader.counted("report_reply") == before + 1
    assert reader.kept() == kept + 1


def test_what_people_write_is_kept_for_people(reader):
    _, path = reader.sent()
    before, kept = reader.counted("report_unknown"), reader.kept()
    reader.read("From: zoe@example.org\n\nI cannot come.\n", path)
    assert reader.counted("report_unknown") == before + 1
    assert reader.kept() == kept + 1
    new = os.path.join(reader.keep, "new")
    assert os.stat(reader.keep).st_mode & 0o777 == 0o700
    assert any(b"I cannot come." in open(os.path.join(new, one), "rb").read()
               for one in os.listdir(new))


def test_a_dry_run_only_says_what_it_is(reader):
    name, path = reader.sent()
    out, _ = reader.read(report(), "-n", path)
    assert out == (f"returned job={name} sure=yes by=return-path: "
                   f"{USER_UNKNOWN}\n")
    assert reader.told() == []


# ---- trouble ----------------------------------------------------------------

def test_while_redis_is_away_the_mail_system_keeps_the_mail(reader):
    name, path = reader.sent()
    reader.rig.stack.stop("redis")
    _, said = reader.read(report(words="550 no"), path, status=75)
    assert "reservoir-bounce: " in said
    _, said = reader.read("From: zoe@example.org\n\nx\n", path, status=75)
    reader.rig.stack.start("redis")
    reader.read(report(words="550 no"), path)
    assert reader.told() == [f"B|{name}|returned|1|550 no"]


def test_settings_that_cannot_be_read_keep_the_mail_too(reader, tmp_path):
    _, said = reader.read(report(), status=75, conf="/no/such/file")
    assert "/no/such/file" in said
    conf = str(tmp_path / "maild.conf")
    write_text(conf, "bounce_too = x\n")
    _, said = reader.read(report(), status=75, conf=conf)
    assert "maild.conf:1: " in said


def test_a_wrong_call_is_refused(reader):
    _, said = reader.read("", "a", "b", status=64)
    assert said.startswith("usage: ")
    reader.read("", "-x", status=64)
    out, _ = reader.read("", "-h")
    assert out.startswith("usage: ")


def test_hostile_mails_end_soon_and_tell_nothing(reader):
    name, path = reader.sent()
    deep = "".join(
        f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"
        for i in range(5000))
    for mail in (b"", b"\0" * 100_000, os.urandom(200_000), deep.encode(),
                 b"X:\n" * 20_000, b"Content-Type: message/rfc822\n\n" * 9000,
                 # Longer than is read, and the report is at its end.
                 b"x: y\n\n" + b"a" * 5_000_000 + report().encode()):
        begun = time.monotonic()
        reader.read(mail, path)
        assert time.monotonic() - begun < 20
    assert reader.told() == [] and reader.show(name)["fate"] == ""
