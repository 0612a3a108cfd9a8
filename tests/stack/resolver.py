# SPDX-License-Identifier: MIT
"""A name server on loopback that answers, or is silent; who asks it."""

import os
import socket
import subprocess
import threading

from . import parts
from .confs import booking

ADDRESS = "127.66.0.1"          # port 53 of loopback, not the host's own
DOMAIN = "reservoir.test"


class Resolver:
    """Says that each name below DOMAIN is 127.0.0.1, unless it is silent."""

    def __init__(self):
        self.silent = True
        self.asked = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ADDRESS, 53))
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                query, client = self.socket.recvfrom(512)
            except OSError:
                return
            if not query:
                return
            self.asked += 1
            if not self.silent:
                self.socket.sendto(self._answer(query), client)

    @staticmethod
    def _answer(query):
        end = query.index(b"\0", 12) + 5
        wants_a = query[end - 4:end - 2] == b"\0\1"
        head = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if wants_a else b"\0\0")
        answer = (b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x7f\0\0\1"
                  if wants_a else b"")
        return head + b"\0\0\0\0" + query[12:end] + answer

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (ADDRESS, 53))
        self.thread.join(10)
        self.socket.close()


def start_booking(stack, directory):
    """Starts booking.fcgi where only this name server is known."""
    conf = os.path.join(directory, "resolv.conf")
    with open(conf, "w", encoding="ascii") as file:
        file.write(f"nameserver {ADDRESS}\n")
    subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c",
         'mount --bind "$0" /etc/resolv.conf && exec "$@"', conf,
         parts.program(stack.at, "booking"), "-c", booking(stack)],
        check=True, timeout=60, env=parts.environment(stack.at),
        stdin=subprocess.DEVNULL)


class Forward:
    """A TCP port of loopback that leads to a unix socket."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.socket.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.path)
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=pair,
                                 daemon=True).start()

    @staticmethod
    def _copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


