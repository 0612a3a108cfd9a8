# SPDX-License-Identifier: MIT
"""Names that one process and its children know, and nobody else.

As a program: brings the loopback of a network of its own up, is the name
server that never answers there, and runs a command.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys

from .layout import write_text

SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
# An ordinary user is root in a namespace of their own, where that is allowed.
UNSHARE = ["/usr/bin/unshare", "--mount",
           *([] if os.geteuid() == 0 else ["--map-root-user"])]
NEEDS_ROOT = subprocess.run(
    [*UNSHARE, "--net", "--uts", "/bin/true"], check=False,
    stderr=subprocess.DEVNULL).returncode != 0


def _mounting(path, over):
    return ["/bin/sh", "-c", f'mount --bind "$0" {over} && exec "$@"', path]


def known(directory, names):
    """What to put before a command: it finds these addresses of these names.

    names: {name: [address, ...]}.
    """
    path = os.path.join(directory, "hosts")
    write_text(path, "127.0.0.1 localhost\n" + "".join(
        f"{address} {name}\n" for name, addresses in names.items()
        for address in addresses))
    return [*UNSHARE, *_mounting(path, "/etc/hosts")]


def called(name):
    """What to put before a command: this is its host's name."""
    return [*UNSHARE, "--uts", "/bin/sh", "-c", 'hostname "$0" && exec "$@"',
            name]


def unanswered(directory):
    """What to put before a command: its name server never answers."""
    path = os.path.join(directory, "resolv.conf")
    write_text(path, "nameserver 127.0.0.1\n")
    return [*UNSHARE, "--net", *_mounting(path, "/etc/resolv.conf"),
            "/usr/bin/env", "PYTHONPATH=" + os.path.dirname(
                os.path.dirname(os.path.realpath(__file__))),
            "/usr/bin/python3", "-m", "stack.names"]


def main(command):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        fcntl.ioctl(server, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo",
                                                      IFF_UP))
        server.bind(("127.0.0.1", 53))
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
