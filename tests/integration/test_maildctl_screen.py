# SPDX-License-Identifier: MIT
"""maildctl on a terminal, with files, and with a wrong command line."""

import os
import re
import signal

import pytest
from stack.console import Console
from stack.ctlrig import ctl, dead, rig, tell  # noqa: F401


# ---- enqueue and templates ------------------------------------------------------

def test_enqueue_checks_and_pushes(rig, ctl, tmp_path):
    good = tmp_path / "good.json"
    good.write_text('{"v":1,\n "id":"by-hand.1","kind":"notice",\n'
                    ' "to":{"email":"zoe@example.org"}}\n')
    bad = tmp_path / "bad.json"
    bad.write_text('{"v":1,\n "id":"by hand","kind":"notice",\n'
                   ' "to":{"email":"zoe@example.org"}}\n')
    assert ctl.out("enqueue", "--check", str(good)) == "by-hand.1: good\n"
    assert not rig.job("by-hand.1")
    out, said = ctl.run("enqueue", str(bad), str(good), status=65)
    assert said.startswith(f'{bad}:2:7: envelope: "id"')
    assert out == "by-hand.1: pushed\n"
    rig.wait("by-hand.1", "S")
    ctl.run("enqueue", "-", stdin=good.read_text())
    said = ctl.json("enqueue", str(bad), status=65)["envelopes"][0]
    assert (said["good"], said["line"], said["column"]) == (False, 2, 7)
    ctl.run("enqueue", str(tmp_path / "none"), status=66)
    ctl.run("enqueue", "-", stdin="x" * 70000, status=65)
    ctl.run("enqueue", status=64)


def test_check_templates_names_file_and_line(rig, ctl):
    assert ctl.out("check-templates") == "all templates are good\n"
    own = rig.stack.at.path("templates", "fr")
    os.makedirs(own, exist_ok=True)
    path = os.path.join(own, "notice.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("Subject: x\n\n{{#open}}\n")
    try:
        _, said = ctl.run("check-templates", status=78)
        assert re.search(r"fr/notice\.txt:\d+", said)
        assert ctl.json("check-templates", status=78)["faults"]
    finally:
        os.unlink(path)


# ---- top, usage -------------------------------------------------------------------

def lines_of(shown):
    """What stood on a screen, line by line, without colours and moves."""
    return re.sub(r"\033\[[0-9?]*[a-zA-Z]", "", shown).split("\r\n")


@pytest.mark.parametrize("end", ["q", "\x03"])
def test_top_fits_the_screen_and_gives_it_back(rig, ctl, end):
    tell(rig)
    top = ctl.terminal("top")
    at = top.wait_for("MALFORMED")
    top.wait_for("a second: ", at)          # a second frame
    assert max(map(len, lines_of(top.said))) <= 80, lines_of(top.said)
    top.resize(5, 40)
    top.child.send_signal(signal.SIGWINCH)
    at = len(top.said)
    at = top.wait_for("\033[H", at)
    at = top.wait_for("\033[H", at)
    frame = top.said[top.said.rindex("\033[H", 0, at - 3):at]
    assert len(lines_of(frame)) <= 5 and max(map(len, lines_of(frame))) <= 40
    top.type(end)
    status, said = top.end()
    assert status == 0 and said.endswith("\033[?25h\033[?1049l")


def test_top_without_a_terminal_is_one_frame(ctl):
    assert "MALFORMED" in ctl.out("top")
    assert ctl.json("top")["v"] == 1


def test_a_wrong_command_line_is_refused(rig, ctl, tmp_path):
    ctl.run(status=64)
    assert "no command" in ctl.run("stat", status=64)[1]
    assert "usage: maildctl" in ctl.run("status", "--frob", status=64)[1]
    assert "has no option --all" in ctl.run("status", "--all", status=64)[1]
    ctl.run("list", "--kind", status=64)
    ctl.run("list", "--kind", "a", "--kind", "b", status=64)
    assert "usage: maildctl" in ctl.out("status", "-h")
    assert "--yes" in ctl.out("cancel", "-h")
    assert "--yes" not in ctl.out("status", "-h")
    other = Console(rig.stack)
    other.conf = str(tmp_path / "none.conf")
    other.run("status", status=78)
    other.run("status", "--check", status=3)


def test_colour_and_width_are_for_terminals(rig, ctl):
    dead(rig)
    shown = ctl.terminal("list", columns=50)
    status, said = shown.end()
    assert status == 0
    assert max(map(len, said.splitlines())) <= 50
    status, said = ctl.terminal("status").end()
    assert "\033[1m" in said
    ctl.env["NO_COLOR"] = "1"
    status, said = ctl.terminal("status").end()
    assert "\033" not in said
