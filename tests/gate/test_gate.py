# SPDX-License-Identifier: MIT
"""The gate: it reads what callgrind writes, and sees what grew."""

import os
import sys

sys.path[:0] = [os.path.dirname(os.path.realpath(__file__))]

import growth                                           # noqa: E402
from callgrind import Cost, median, read                # noqa: E402

PROFILE = """\
# callgrind format
version: 1
cmd:  /build/maild -c /maild.conf

positions: line
events: Ir
summary: 1160

ob=(2) /build/maild
fl=(5) worker.c
fn=(7) work
10 20
+1 30
cob=(3) /lib/libc.so.6
cfi=(9) strlen.c
cfn=(8) strlen
calls=1 3
+2 100
fi=(6) buf.h
* 10

fn=(9) copy.part.0
5 400

fn=(10) copy'2
5 500

ob=(3)
fl=(9)
fn=(8)
3 200
totals: 1160
""".splitlines(keepends=True)


def cost(own=1000, whole=9000, **parts):
    return Cost(own, whole, parts)


def said(own, whole=9000, parts=None, record=cost(buf_add=200)):
    return growth.lines({"mail": Cost(own, whole, parts or {})},
                        record and {"mail": record}, "debian")


def failed(lines):
    return sum(line.startswith("not ok") for line in lines)


def test_a_call_does_not_count_what_its_callee_took():
    one = read(PROFILE, "/build/maild")
    assert (one.own, one.whole) == (960, 1160)


def test_copies_of_a_function_are_one():
    one = read(PROFILE, "/build/maild")
    assert one.parts == {"work": 60, "copy": 900, "[libc.so.6]": 200}


def test_the_middle_one_is_not_moved_by_a_first_one():
    one = median([cost(900000, 9900000, buf_add=700), cost(1000, buf_add=3),
                  cost(1001, buf_add=5)])
    assert (one.own, one.parts) == (1001, {"buf_add": 5})


def test_what_stays_within_the_tolerance_is_good():
    assert [failed(said(own)) for own in (951, 1000, 1049)] == [0, 0, 0]


def test_what_leaves_it_in_either_direction_is_not():
    assert [failed(said(own)) for own in (949, 1051)] == [1, 1]


def test_a_statement_more_is_seen_in_the_libraries():
    lines = said(1000, 9500, {"[libmariadb.so.3]": 700, "buf_add": 200})
    assert failed(lines) == 1
    assert any("grew most: [libmariadb.so.3] +610" in line for line in lines)


def test_the_function_that_grew_most_is_named_first():
    lines = said(1100, parts={"buf_add": 210, "new": 90, "same": 10})
    assert any(line.endswith("grew most: new +80, buf_add +10")
               for line in lines)


def test_another_system_is_not_compared_and_not_counted():
    lines = said(5000, record=None)
    assert not failed(lines)
    assert not any(line.startswith("ok - ") for line in lines)
    assert "debian" in lines[-1]


def test_numbers_are_read_as_they_were_written(tmp_path):
    path = str(tmp_path / "instructions.tsv")
    big = {"booking": cost(buf_add=200, tiny=9), "mail": cost(copy=30)}
    assert growth.load(path) == {}
    growth.save(path, {"debian": big, "other": {"mail": cost()}})
    big["booking"].parts.pop("tiny")
    assert growth.load(path) == {"debian": big, "other": {"mail": cost()}}
