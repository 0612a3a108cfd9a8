# SPDX-License-Identifier: MIT
"""Keys of the admin interface: who gets in, who does not, and bookctl key."""

import contextlib
import hashlib
import json
import os
import re
import socket
import subprocess
import threading

import pytest
import requests
from stack.contract import BASE
from stack.keys import add_api_key, bookctl_says
from stack.organiser import ORGANISER

STATS = BASE + "/admin/stats"


@pytest.fixture(scope="module")
def key(stack):
    return add_api_key(stack, "in-use")


def problem_of(answer):
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "no-store" in answer.headers["Cache-Control"]
    problem = answer.json()
    assert problem["status"] == answer.status_code
    return problem["type"].rpartition("/")[2]


def test_without_a_key_in_use_everything_looks_the_same(stack, key):
    revoked = add_api_key(stack, "revoked")
    assert requests.get(stack.http_url + STATS, headers=revoked,
                        timeout=20).status_code == 200
    assert bookctl_says(stack, "key", "revoke", "--api", "revoked")[0] == 0
    right = key["Authorization"].partition(" ")[2]
    answers = []
    for value in (None, revoked["Authorization"], f"Basic {right}", right,
                  "Bearer", f"Bearer {right[:-1]}", f"Bearer {right}x",
                  f"Bearer {right[:-1]}{'A' if right[-1] != 'A' else 'Q'}",
                  "Bearer ' OR 1=1 --", "Bearer " + "x" * 5000):
        headers = {} if value is None else {"Authorization": value}
        for path in ("/stats", "", "/nothing", "/bookings/RK7F-3M2Q"):
            answers.append(requests.get(
                f"{stack.http_url}{BASE}/admin{path}", headers=headers,
                timeout=20))
    assert {one.status_code for one in answers} == {401}
    assert len({one.text for one in answers}) == 1
    assert {one.headers["WWW-Authenticate"] for one in answers} == {
        'Bearer realm="Reservoir"'}
    assert problem_of(answers[0]) == "key-needed"


def test_a_browser_gets_in_by_nothing(stack, key):
    """No password of /admin, no other site's page, no preflight."""
    answer = requests.get(stack.http_url + STATS, timeout=20,
                          auth=(ORGANISER, stack.at.make_secret("organiser")))
    assert answer.status_code == 401
    page = {"Origin": "https://evil.example"}
    preflight = requests.options(stack.http_url + STATS, timeout=20, headers={
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization"} | page)
    assert preflight.status_code == 401
    for one in (preflight, requests.get(stack.http_url + STATS, timeout=20,
                                        headers=page | key)):
        assert not [name for name in one.headers
                    if name.lower().startswith("access-control")]


def test_a_read_only_key_may_not_write(stack):
    reader = add_api_key(stack, "reader", read_only=True)
    assert requests.get(stack.http_url + STATS, headers=reader,
                        timeout=20).status_code == 200
    assert requests.head(stack.http_url + STATS, headers=reader,
                         timeout=20).status_code == 200
    answer = requests.post(stack.http_url + STATS, headers=reader, timeout=20)
    assert answer.status_code == 403
    assert problem_of(answer) == "key-read-only"
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]


def test_the_key_itself_is_kept_nowhere(stack, tables):
    headers = add_api_key(stack, "Secret-1")
    secret = headers["Authorization"].partition(" ")[2]
    assert len(secret) == 47
    assert requests.get(stack.http_url + STATS, headers=headers,
                        timeout=20).status_code == 200
    assert requests.get(stack.http_url + STATS, timeout=20, headers={
        "Authorization": headers["Authorization"] + "x"}).status_code == 401
    assert tables.rows("SELECT key_hash, used_on = UTC_DATE() FROM api_key"
                       " WHERE name = 'secret-1'")[0] == (
        hashlib.sha256(secret.encode()).digest(), 1)
    for folder, _, names in os.walk(stack.at.dir):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and "/mysql/" not in path:
                with open(path, "rb") as file:
                    assert secret[8:].encode() not in file.read(), path


def test_a_name_is_never_given_twice(stack):
    assert bookctl_says(stack, "key", "add", "--api", "once")[0] == 0
    for _ in range(2):
        status, out, err = bookctl_says(stack, "key", "add", "--api", "Once")
        assert (status, out) == (65, "") and "another" in err
        bookctl_says(stack, "key", "revoke", "--api", "once")
    assert bookctl_says(stack, "key", "revoke", "--api", "once")[0] == 65


@pytest.mark.parametrize("words", [
    ("add", "--api", "a b"), ("add", "--api", ""), ("add", "--api", "é"),
    ("add", "--api", "x" * 41), ("add", "--read-only"),
    ("add", "--api", "a", "--origin", "https://example.org"),
    ("add", "--form", "a", "--origin", "https://example.org", "--read-only"),
    ("add", "--form", "a"), ("revoke", "--api", "a", "--form", "b"),
    ("revoke", "--api", "a", "b"), ("list", "--api")])
def test_bookctl_key_says_no_to_what_makes_no_sense(stack, words):
    assert bookctl_says(stack, "key", *words)[0] in (64, 65)


def test_bookctl_key_speaks_json_and_is_in_the_record(stack, tables):
    status, out, _ = bookctl_says(stack, "key", "add", "--api", "json",
                                  "--read-only", "--json")
    made = json.loads(out)
    assert status == 0 and made.pop("key").startswith("rsv_")
    assert made == {"kind": "api", "name": "json", "read_only": True}
    status, out, _ = bookctl_says(stack, "key", "add", "--form", "Our site",
                                  "--origin", "https://example.org", "--json")
    form = json.loads(out)
    assert (form["kind"], form["name"]) == ("form", "Our site")
    rows = {row.get("name"): row for row in json.loads(
        bookctl_says(stack, "key", "list", "--json")[1])}
    assert rows["json"]["used_on"] == "" and rows["json"]["read_only"]
    assert not rows["json"]["revoked"]
    assert "key" not in rows["json"] and rows["Our site"]["kind"] == "form"
    text = bookctl_says(stack, "key", "list")[1]
    assert "json" in text and form["key"] in text
    for words, said in ((("--api", "json"), {"name": "json"}),
                        (("--form", form["key"]), {"key": form["key"]})):
        out = bookctl_says(stack, "key", "revoke", *words, "--json")[1]
        assert json.loads(out) == said | {"revoked": True}
    lines = tables.rows("SELECT action, object, detail FROM audit WHERE"
                        " object IN ('json', %s) ORDER BY id", form["key"])
    assert list(lines) == [("key_added", "json", "read-only"),
                     ("key_added", form["key"], "Our site"),
                     ("key_revoked", "json", ""),
                     ("key_revoked", form["key"], "")]


class Scissors:
    """A database's socket whose first COMMIT is done, but not answered."""

    def __init__(self, path, target):
        self.target = target
        self.cuts = 0
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                server.connect(self.target)
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self.pass_on, args=ends,
                                     daemon=True).start()

    def pass_on(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
                if data.endswith(b"\x03COMMIT") and not self.cuts:
                    self.cuts = 1
                    # Its answer is on its way, or was dropped with this.
                    source.shutdown(socket.SHUT_RDWR)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("words", [
    ["key", "add", "--api", "unanswered"],
    ["feed", "add", "unanswered"],
    ["feed", "rotate", "unanswered"]])
def test_a_secret_whose_commit_had_no_answer_is_told(stack, tmp_path, words):
    """Otherwise it would be there already, and nobody would know it."""
    path = os.path.join(stack.at.conf, "booking.conf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    real = re.search(r"^mysql_socket = (.*)$", text, re.M)[1]
    cut = Scissors(tmp_path / "s", real)
    conf = tmp_path / "booking.conf"
    conf.write_text(text.replace(f"mysql_socket = {real}",
                                 f"mysql_socket = {tmp_path}/s"))
    done = subprocess.run([stack.env["BOOKCTL"], "-c", conf, *words],
                          capture_output=True, text=True, timeout=60,
                          check=False)
    cut.listener.close()
    assert cut.cuts == 1
    assert done.returncode == 0, done.stderr
    secret = done.stdout.strip()
    if words[0] == "feed":
        assert requests.get(secret, timeout=20).status_code == 200
    else:
        assert requests.get(stack.http_url + STATS, timeout=20, headers={
            "Authorization": f"Bearer {secret}"}).status_code == 200
