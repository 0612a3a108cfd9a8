#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The mail catcher: an SMTP server that keeps every mail as one file.

usage: catcher.py HOST PORT DIRECTORY LOG

A mail is DIRECTORY/NNNNNN-MS.eml, in order of arrival; it has its name
before its sender reads the 250.  LOG gets one line a mail: milliseconds
since the epoch, file, Message-ID, recipient, separated by tabs.
"""

import asyncio
import os
import re
import signal
import sys
import time

from aiosmtpd.smtp import SMTP

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
BIGGEST_BYTES = 32 * 1024 * 1024


def last_number(directory):
    """The number of the newest mail here, 0 when there is none."""
    numbers = [int(name[:6]) for name in os.listdir(directory)
               if re.fullmatch(r"\d{6}-\d+\.eml", name)]
    return max(numbers, default=0)


def printable(text):
    """One word for a log line: what a sender chose has no tabs or breaks."""
    return re.sub(r"[^\x21-\x7e]", "?", text)[:300]


class Catcher:
    """Keeps mails; its handle_DATA is what aiosmtpd calls."""

    def __init__(self, directory, log):
        self.directory = directory
        self.log = log
        self.count = last_number(directory)

    async def handle_DATA(self, _server, _session, envelope):
        now_ms = time.time_ns() // 1_000_000
        self.count += 1
        name = f"{self.count:06d}-{now_ms}.eml"
        content = envelope.original_content
        part = os.path.join(self.directory, "." + name)
        trace = (f"Return-Path: <{printable(envelope.mail_from or '')}>\r\n"
                 + "".join(f"Delivered-To: {printable(to)}\r\n"
                           for to in envelope.rcpt_tos))
        with open(part, "wb") as file:
            file.write(trace.encode("ascii") + content)
        os.rename(part, os.path.join(self.directory, name))
        found = MESSAGE_ID.search(content[:65536])
        message_id = printable(found[1].decode("latin-1")) if found else "-"
        for to in envelope.rcpt_tos:
            self.log.write(f"{now_ms}\t{name}\t{message_id}\t"
                           f"{printable(to)}\n")
        self.log.flush()
        return f"250 2.0.0 queued as {name}"


async def serve(host, port, catcher):
    loop = asyncio.get_running_loop()
    stop = loop.create_future()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(
            number, lambda: stop.done() or stop.set_result(None))
    server = await loop.create_server(
        lambda: SMTP(catcher, hostname="mailbox.reservoir.example",
                     ident="Reservoir mail catcher", enable_SMTPUTF8=True,
                     data_size_limit=BIGGEST_BYTES, loop=loop),
        host, port, backlog=511)
    await stop
    server.close()


def main():
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 64
    host, port, directory, log_path = sys.argv[1:]
    with open(log_path, "a", encoding="ascii") as log:
        asyncio.run(serve(host, int(port), Catcher(directory, log)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
