# SPDX-License-Identifier: MIT
"""Speaks FastCGI to booking.fcgi as nginx does, or not quite so."""

import socket
import struct

LIMIT_S = 30
BEGIN, PARAMS, STDIN, STDOUT = 1, 4, 5, 6


def record(kind, content=b""):
    """One record of the only request of a connection."""
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


def stream(kind, content):
    """As many records as the content needs, and the one that ends them."""
    size = 65528
    return b"".join(record(kind, content[at:at + size])
                    for at in range(0, len(content), size)) + record(kind)


def request(method, path, body=b"", **more):
    """All bytes of a request; more are parameters."""
    values = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "REQUEST_URI": path,
        "DOCUMENT_URI": path.partition("?")[0],
        "QUERY_STRING": path.partition("?")[2],
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "REMOTE_ADDR": "192.0.2.1", "SERVER_PROTOCOL": "HTTP/1.1"} | more
    params = b""
    for name, value in values.items():
        name, value = name.encode(), value.encode()
        params += struct.pack("!II", len(name) | 1 << 31,
                              len(value) | 1 << 31) + name + value
    return record(BEGIN, struct.pack("!HB5x", 1, 0)) + \
        stream(PARAMS, params) + stream(STDIN, body)


def connect(stack):
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(LIMIT_S)
    one.connect(stack.at.socket("booking"))
    return one


def rest(one, part=65536):
    """What the program sends until it closes, read in parts of that size."""
    answer = b""
    while more := one.recv(part):
        answer += more
    return answer


def output(answer):
    """The records' output: the whole HTTP answer; asserts that it ends."""
    out = b""
    ended = False
    while answer:
        kind, length, padding = struct.unpack("!xB2xHBx", answer[:8])
        if kind == STDOUT:
            out += answer[8:8 + length]
        ended = kind == 3
        answer = answer[8 + length + padding:]
    assert ended, "no end of the request"
    return out


def ask(stack, text):
    """Sends these bytes and returns the HTTP answer."""
    with connect(stack) as one:
        one.sendall(text)
        return output(rest(one))


def status(answer):
    return int(answer[answer.index(b"Status: ") + 8:][:3])


def body(answer):
    """The body, which must be as long as its head says."""
    head, _, text = answer.partition(b"\r\n\r\n")
    length = head.partition(b"Content-Length: ")[2].partition(b"\r")[0]
    assert len(text) == int(length)
    return text
