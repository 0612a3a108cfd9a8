#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What mail workers keep of many TLS sessions, by valgrind.

usage: memory.py [--sessions N]

maild of build/release sends a mail a session, by each way of TLS.  Each of its
processes must end without memory that nobody can reach any more, without having
read or written where it may not, and without descriptors of sessions.
"""

import argparse
import glob
import os
import re
import ssl
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from stack.certs import Authority                       # noqa: E402
from stack.faulty import server_context                 # noqa: E402
from stack.procs import Trouble, read_text, wait_until  # noqa: E402
from stack.rig import Rig                               # noqa: E402

NAME = "mx.reservoir.example"
USER = "reservoir@example.org"
WAYS = {
    "STARTTLS 1.2": ("required", ssl.TLSVersion.TLSv1_2),
    "STARTTLS 1.3": ("required", ssl.TLSVersion.TLSv1_3),
    "implicit TLS": ("implicit", ssl.TLSVersion.TLSv1_3),
}
SEND_S = 300            # for all mails of one way
# Under valgrind a step takes some thirty times as long.
SLOW = dict.fromkeys(("greeting_timeout", "envelope_timeout",
                      "transfer_timeout", "final_timeout"), "60s")
# Of a worker: log, marks, alerts, Redis, one session.  One kept of each session
# is more than that.
MOST_FILES = 16


def command(pattern):
    """What runs maild so that each process writes pattern.PID at its end."""
    return ["/usr/bin/valgrind", "-q", "--leak-check=full",
            "--show-leak-kinds=definite", "--track-fds=yes",
            f"--log-file={pattern}.%p"]


def prepare(directory, authority, way):
    """A rig whose relay is reached that way."""
    tls, version = WAYS[way]
    rig = Rig(directory, **SLOW)
    rig.server.implicit = tls == "implicit"
    rig.server.extensions += ["AUTH PLAIN LOGIN"] + (
        [] if rig.server.implicit else ["STARTTLS"])
    rig.server.tls = server_context(*authority.issue(NAME), newest=version,
                                    oldest=version)
    rig.server.users = {USER: rig.stack.at.make_secret("relay")}
    rig.relay(tls=tls, tls_ca_file=authority.file, tls_name=NAME,
              session_mails=1, auth_user=USER,
              auth_password_file=rig.stack.at.secret_file("relay"))
    return rig


def send(rig, sessions):
    """Has maild send a mail a session, and ends it."""
    rig.start()
    for name in rig.push(sessions):
        wait_until(lambda: rig.job(name).get("st") == "S", SEND_S, name)
    rig.stack.stop("maild")
    if rig.server.sessions < sessions or not rig.server.logins:
        raise Trouble(f"{sessions} mails in {rig.server.sessions} sessions")


def complaint(text):
    """What valgrind says against a process in its report, or nothing."""
    text = re.sub(r"^==\d+== ?", "", text, flags=re.M)
    # System calls that this valgrind does not know begin with two dashes.
    said, _, files = text.partition("FILE DESCRIPTORS: ")
    said = re.sub("^--.*\n", "", said, flags=re.M).strip()
    # What is lost is said last, behind the descriptors.
    said += "".join(re.findall(r"^.* lost in loss record .*(?:\n .*)*", files,
                               re.M))
    count = re.match(r"(\d+) open", files)
    if not count:
        return f"{said}\nno report of its end"
    if int(count[1]) > MOST_FILES:
        return f"{said}\n{files}"
    return said


def judge(way, pattern):
    """Prints a line for this way; returns 1 when something is kept."""
    paths = glob.glob(pattern + ".*")
    found = [text for text in map(complaint, map(read_text, paths)) if text]
    if found or not paths:
        print("\n".join(found) or "no report of valgrind's")
        print(f"not ok - memory and descriptors of sessions: {way}")
        return 1
    print(f"ok - memory and descriptors of sessions: {way}")
    return 0


def main():
    options = argparse.ArgumentParser(
        description=__doc__.split("\n", 1)[0])
    options.add_argument("--sessions", type=int, default=60, metavar="N",
                         help="of each way (default 60)")
    sessions = options.parse_args().sessions
    status = 0
    with tempfile.TemporaryDirectory(prefix="reservoir-memory-") as scratch:
        authority = Authority(os.path.join(scratch, "ca"))
        for way in WAYS:
            pattern = os.path.join(scratch, way.replace(" ", "-"))
            rig = prepare(pattern, authority, way)
            rig.stack.before["maild"] = command(pattern)
            try:
                send(rig, sessions)
                status |= judge(way, pattern)
            except Trouble as trouble:
                print(f"{trouble}\n{rig.log()[-2000:]}")
                print(f"not ok - sessions: {way}")
                status = 1
            finally:
                rig.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
