# SPDX-License-Identifier: MIT
"""The envelope as a contract: schema and parser agree, examples work."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys

import jsonschema
import pytest
from stack.layout import TOP
from stack.procs import read_text
from stack.visitor import wait_until

LIMIT_S = 30
WHOLE_MAX = 2 ** 53 - 1
GOOD = {"v": 1, "id": "a-1.b_2", "kind": "notice",
        "to": {"name": "Zoé", "email": "zoe@example.org"}, "locale": "fr-CH",
        "nb": 1, "na": 2, "data": {"subject": "x"}}
ABSENT = object()


def changed(path, value):
    """GOOD with one member set or, for ABSENT, taken out."""
    envelope = copy.deepcopy(GOOD)
    *way, last = path.split(".")
    place = envelope
    for name in way:
        place = place[name]
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return envelope


def deep(levels):
    value = "x"
    for _ in range(levels):
        value = [value]
    return value


VALUES = {
    "v": [1, 1.0, 0, 2, "1", True, None, [], ABSENT],
    "id": ["a", "A" * 64, "A" * 65, "", "a b", "é", "a\n", "\x00", "..",
           "a/b", 5, None, ABSENT],
    "kind": ["a", "notice", "booking.confirmed", "a-b_c.9", "a" * 64,
             "a" * 65, "", ".a", "a.", "a..b", "A", "a/b", "a\n", "../x",
             None, 1, ABSENT, "-", "_", "."],
    "to": [{}, [], None, "zoe@example.org", ABSENT,
           {"email": "a@b", "other": 1}],
    "not_before": [1, 0, None],
    "to.cc": ["a@b"],
    "to.email": ["a@b", "a@b@c", "@b", "a@", "a", "", "a b@c", "é@b.fr",
                 "a@b\n", "a@b\r\nBcc: c@d", "<a@b>", "a,b@c", "a(b)@c",
                 'a"b@c', "a\\b@c", "a@[1.2.3.4]", "a:b@c", "a;b@c",
                 "!#$%&'*+-/=?^_`{|}~.@x-y.example", "a" * 64 + "@b",
                 "a" * 65 + "@b", "a@" + "b" * 252, "a@" + "b" * 253,
                 "a\x7f@b", "a@b\x00", 5, None, ABSENT],
    "to.name": ["", "Zoé", "x" * 400, "x" * 401, "é" * 400, "é" * 401,
                "日本", "a\nb", "a\tb", "a\x7fb", "a\x85b", "a\u202eb",
                "a\u200bb", "\ufeffa", "a\u2029b", "\U0001f600", "\x00",
                5, None, [], ABSENT],
    "locale": ["fr", "fr-CH", "x" * 16, "x" * 17, "", "fr_CH", "fr\n", "é",
               5, None, ABSENT],
    "na": [0, 1, 2.0, 2.5, -1, WHOLE_MAX, WHOLE_MAX + 1, 10 ** 30, "1", None,
           True, ABSENT],
    "nb": [0, 1.0, 1.5, -1, "1", None, False, ABSENT],
    "data": [{}, [], None, "x", 5, ABSENT, {"a": None, "b": [1, {"c": 2}]}],
    "later": [1, None, {"x": []}],
}
CORPUS = [(f"{path}={value!r:.40}" if value is not ABSENT else f"no {path}",
           json.dumps(changed(path, value), ensure_ascii=False).encode())
          for path, values in VALUES.items() for value in values]
CORPUS += [("empty", b""), ("a list", b"[]"), ("a text", b'"x"'),
           ("null", b"null"), ("escaped", json.dumps(GOOD).encode()),
           ("blanks", b" \r\n\t" + json.dumps(GOOD, indent=1).encode()),
           ("trailing comma", b'{"v":1,}'), ("single quotes", b"{'v':1}"),
           ("comment", b"/* x */" + json.dumps(GOOD).encode()),
           ("two", json.dumps(GOOD).encode() * 2),
           ("raw line end", json.dumps(GOOD).encode().replace(b'"x"', b'"\n"')),
           ("infinity", json.dumps(GOOD).encode().replace(b'"x"', b"Infinity")),
           ("leading zero", json.dumps(GOOD).encode().replace(b'"x"', b"01"))]

# What no schema can say: the parser alone refuses it.
BEYOND = [
    ("not UTF-8", json.dumps(GOOD).encode().replace(b"zoe", b"z\xff")),
    ("too large", json.dumps(changed("data.subject", "x" * 65536)).encode()),
    ("too deep", json.dumps(changed("data.subject", deep(15))).encode()),
    ("na before nb", json.dumps(GOOD | {"nb": 3}).encode()),
]
AT_THE_EDGE = [
    ("just deep", json.dumps(changed("data.subject", deep(14))).encode()),
    ("na is nb", json.dumps(GOOD | {"nb": 2}).encode()),
]


def ecma_pattern(validator, pattern, instance, schema):
    """A schema's $ is the very end; Python's matches before a line end, too."""
    if validator.is_type(instance, "string") and not re.search(
            pattern.replace("$", r"\Z"), instance):
        yield jsonschema.ValidationError(f"{instance!r}: {pattern}")


def strict(text):
    """Python's JSON reader, without what it adds to JSON."""
    def refuse(word):
        raise ValueError(word)
    return json.loads(text.decode(), parse_constant=refuse)


@pytest.fixture(scope="module")
def schema():
    with open(os.path.join(TOP, "doc/envelope.schema.json"),
              encoding="utf-8") as file:
        text = json.load(file)
    jsonschema.Draft202012Validator.check_schema(text)
    return jsonschema.validators.extend(
        jsonschema.Draft202012Validator, {"pattern": ecma_pattern})(text)


@pytest.fixture
def parser(tmp_path):
    """The verdict of maild's own parser on each of many texts."""
    tree = "asan" if os.environ.get("RESERVOIR_ASAN") == "1" else "release"
    program = os.path.join(TOP, "build", tree, "maild/maildctl/maildctl")

    def verdicts(texts):
        names = []
        for number, text in enumerate(texts):
            names.append(str(tmp_path / f"{number}.json"))
            with open(names[-1], "wb") as file:
                file.write(text)
        done = subprocess.run(
            [program, "enqueue", "--json", "--check", *names], timeout=60,
            capture_output=True, check=False)
        assert done.returncode in (0, 65), done.stderr
        said = json.loads(done.stdout)["envelopes"]
        assert [one["file"] for one in said] == names
        return said
    return verdicts


def test_schema_and_parser_agree(schema, parser):
    good = 0
    for (label, text), said in zip(CORPUS, parser([t for _, t in CORPUS])):
        try:
            valid = schema.is_valid(strict(text))
        except ValueError:
            valid = False
        assert said["good"] == valid, (label, said)
        good += valid
    assert 40 < good < len(CORPUS) - 40     # the corpus says something


def test_what_a_schema_cannot_say_is_refused_by_the_parser(parser):
    for (label, _), said in zip(BEYOND, parser([t for _, t in BEYOND])):
        assert not said["good"], label
    for (label, _), said in zip(AT_THE_EDGE,
                                parser([t for _, t in AT_THE_EDGE])):
        assert said["good"], (label, said)


def test_a_mistake_is_told_with_its_place(parser):
    said = parser([b'{"v":1,\n "id":"a", "kind":"notice",\n'
                   b' "to":{"email": "a b"}}', b'{"v":1,\n "id" "a"}'])
    assert (said[0]["line"], said[0]["column"]) == (3, 17)
    assert "to.email" in said[0]["fault"]
    assert (said[1]["line"], said[1]["column"]) == (2, 7)


def test_the_schema_knows_its_own_example(schema):
    for example in schema.schema["examples"]:
        schema.validate(example)


# ---- doc/examples -----------------------------------------------------------

def answers(argv, **env):
    """True when the interpreter is there and has what the program needs."""
    try:
        return subprocess.run(argv, env=os.environ | env, timeout=30,
                              capture_output=True, check=False).returncode == 0
    except OSError:
        return False


NODE_PATH = "/usr/share/nodejs"         # where Debian's packages are
EXAMPLES = {
    "push.sh": (["sh"], shutil.which("redis-cli") is not None, {}),
    "push.py": (["/usr/bin/python3"],
                answers(["/usr/bin/python3", "-c", "import redis"]), {}),
    "push.php": (["php"], answers(["php", "-r", "new Redis;"]), {}),
    "push.js": (["node"], answers(["node", "-e", "require('redis')"],
                                  NODE_PATH=NODE_PATH),
                {"NODE_PATH": NODE_PATH}),
}
THERE = [name for name, (_, there, _) in EXAMPLES.items() if there]
for absent in sorted(set(EXAMPLES) - set(THERE)):
    print(f"doc/examples/{absent} is not tried: its interpreter or its Redis "
          "client is not on this machine", file=sys.__stderr__)


def run_example(name, socket, *words):
    argv, _, env = EXAMPLES[name]
    return subprocess.run(
        [*argv, os.path.join(TOP, "doc/examples", name), *words],
        env=os.environ | env | {"REDIS_SOCKET": socket}, timeout=60,
        capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", THERE)
def test_an_example_sends_a_mail(name, stack, mailbox):
    ident = f"example-{name}-{os.getpid()}"
    address = f"{name}@example.org"
    done = run_example(name, stack.env["REDIS_SOCKET"], ident, address,
                       "Élodie & Zoé")
    assert done.returncode == 0, done.stderr
    wait_until(lambda: f"<{ident}@" in read_text(stack.env["SMTP_LOG"]),
               LIMIT_S, f"the mail of {name}")
    mailbox.wait_for(address)
    mail = mailbox.mail(mailbox.mails_to(address)[0])
    assert "Élodie & Zoé" in mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize("name", THERE)
def test_an_example_says_when_redis_is_away(name, tmp_path):
    done = run_example(name, str(tmp_path / "nobody.sock"), "x-1",
                       "zoe@example.org", "x")
    assert done.returncode not in (0, None)
    assert done.stderr.strip() and "Traceback" not in done.stderr, done.stderr
