# SPDX-License-Identifier: MIT
"""maildctl explain: without Redis, without settings, by words or by lines."""

import json
import os
import subprocess

import pytest

LIMIT_S = 30
TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


@pytest.fixture(scope="module")
def explain():
    asan = os.environ.get("RESERVOIR_ASAN") == "1"
    program = os.path.join(TREE, "build", "asan" if asan else "release",
                           "maild/maildctl/maildctl")

    def run(*words, stdin="", status=0):
        done = subprocess.run(
            [program, "-c", "/nonexistent/maild.conf", "explain", *words],
            input=stdin, text=True, timeout=LIMIT_S, check=False,
            capture_output=True, env={"PATH": "/usr/bin:/bin", "LANG": "C"})
        assert done.returncode == status, (done.stdout, done.stderr)
        return done.stdout, done.stderr
    return run


def test_an_answer_is_explained_in_a_line(explain):
    out, said = explain("--stage", "dot", "550-5.4.5 Daily user sending"
                        " limit exceeded.\n550 5.4.5 x - gsmtp")
    assert out.split()[0] == "quota" and "counts no attempt" in out
    assert out.count("\n") == 1 and said == ""
    assert explain("--stage", "rcpt", "550", "5.1.1", "User", "unknown")[0] \
        .startswith("recipient ")


def test_an_answer_is_explained_as_json(explain):
    one = json.loads(explain("--json", "--stage", "RCPT",
                             "554 5.7.1 <a@b.example>: Relay access denied")[0])
    assert set(one) == {"v", "verdict", "rule", "does"}
    assert one["verdict"] == "us" and one["rule"] and one["does"]


def test_lines_are_answered_by_lines(explain):
    text = ("RCPT\t550 5.1.1 no such user\n"
            "dot\t421 4.3.0 Server local error\\nsecond line\n"
            "MAIL/RCPT\t450 4.7.1 Error: too much mail from 192.0.2.1\n")
    out = explain(stdin=text)[0].splitlines()
    assert [line.split()[0] for line in out] == ["recipient", "relay",
                                                 "too-fast"]
    objects = [json.loads(line)
               for line in explain("--json", stdin=text)[0].splitlines()]
    assert [one["verdict"] for one in objects] == ["recipient", "relay",
                                                   "too-fast"]
    out = explain("--stage", "RCPT", stdin="550 no such user\n552 full\n")[0]
    assert [line.split()[0] for line in out.splitlines()] == ["recipient"] * 2
    assert "refuses nothing" in explain("--stage", "dot", "250 2.0.0 Ok")[0]


def test_a_recipients_name_is_no_reason(explain):
    reply = "550 Unknown user: blacklisted"
    assert explain("--stage", "RCPT", reply)[0].split()[0] == "us"
    assert explain("--recipient", "blacklisted@example.org", "--stage", "RCPT",
                   reply)[0].split()[0] == "recipient"


def test_what_cannot_be_understood_is_told(explain):
    assert 'no stage "lunch"' in explain("--stage", "lunch", "550 x",
                                         status=64)[1]
    assert "--stage" in explain("550 no", status=64)[1]
    assert "twice" in explain("--stage", "a", "--stage", "b", status=64)[1]
    out, said = explain(stdin="RCPT\t550 x\n550 x\nRCPT\t450 y\n", status=65)
    assert out.count("\n") == 2 and "line 2: no tab" in said
    out, said = explain(stdin="lunch\t550 x\n", status=65)
    assert out.count("\n") == 1 and 'not a stage: "lunch"' in said


def test_the_whole_file_of_real_answers_is_answered(explain):
    path = os.path.join(TREE, "tests", "unit", "smtpreply", "answers.tsv")
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    text = "".join(f"{row[1]}\t{row[2]} {row[3]} {row[4]}\n" for row in rows)
    said = [json.loads(line)["verdict"]
            for line in explain("--json", stdin=text)[0].splitlines()]
    assert len(said) == len(rows)
    wrong = [row[0] for row, verdict in zip(rows, said)
             if row[7] == "sure" and verdict != row[6]]
    assert wrong == []
