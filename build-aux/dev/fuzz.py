#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fuzzes the parsers: tests/fuzz/f_<target>.c by libFuzzer, ASan and UBSan.

usage: ./dev fuzz [--target NAME ...] [--duration S] [--seed N] [--jobs N]
                  [--runs N] [--fresh] [--keep] [--list]

Each target runs for S seconds (60), or until N inputs, from the corpus in
tests/fuzz/corpus/<target> and from what earlier runs found, which is kept in
build/fuzz/corpus/<target>; --fresh leaves that aside.  The same seed with
--fresh and --runs tries the same inputs again.  --keep writes the short ones of
them that reach more than the corpus into tests/fuzz/found/<target>.hex, from
which the next tree begins.  What breaks a target is in build/fuzz/found/; run
build/asan/tests/fuzz/f_<target> FILE with it, and when it is mended, keep it
in tests/fuzz/corpus/<target>.

One line a target: inputs, seconds, edges of code reached, inputs kept as new
in this run.  The status is 1 if a target broke, 0 if none did.
"""

import argparse
import concurrent.futures
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
TREE = os.path.join(TOP, "build", "fuzz")
SEEDS = os.path.join(TOP, "tests", "fuzz", "corpus")

# An input that takes longer than this is a finding, too.
TIMEOUT_S = 10
INPUT_MAX_BYTES = 8192
KEPT_MAX_BYTES = 600
FOUND = os.path.join(TOP, "tests", "fuzz", "found")


def all_targets():
    return sorted(os.path.basename(path)[2:-2]
                  for path in glob.glob(TOP + "/tests/fuzz/f_*.c"))


def options():
    parser = argparse.ArgumentParser(prog="./dev fuzz")
    parser.add_argument("--target", nargs="+", default=all_targets(),
                        metavar="NAME", choices=all_targets())
    parser.add_argument("--duration", type=int, default=60, metavar="S")
    parser.add_argument("--runs", type=int, default=-1, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


def command(target, corpus, found, opts):
    argv = [os.path.join(TREE, "tests", "fuzz", "f_" + target),
            f"-max_total_time={opts.duration}", f"-runs={opts.runs}",
            f"-seed={opts.seed}", f"-timeout={TIMEOUT_S}",
            f"-max_len={INPUT_MAX_BYTES}", "-rss_limit_mb=1024",
            "-print_final_stats=1", f"-artifact_prefix={found}/{target}-"]
    words = os.path.join(TOP, "tests", "fuzz", "dict", target)
    if os.path.exists(words):
        argv.append("-dict=" + words)
    return argv + [corpus, os.path.join(SEEDS, target)]


def number(pattern, log, fallback=0):
    """The last number that the pattern finds."""
    hits = re.findall(pattern, log)
    return int(hits[-1]) if hits else fallback


def found_file(target):
    return os.path.join(FOUND, target + ".hex")


def unpack(target, corpus):
    """What was kept, for a tree that is new."""
    os.makedirs(corpus, exist_ok=True)
    with open(found_file(target), encoding="ascii") as file:
        for line in file:
            content = bytes.fromhex(line)
            name = hashlib.sha1(content, usedforsecurity=False).hexdigest()
            with open(os.path.join(corpus, name), "wb") as out:
                out.write(content)


def keep(target, corpus):
    """Writes what reaches code that nothing shorter does."""
    with tempfile.TemporaryDirectory() as work:
        seeds, short = os.path.join(work, "seeds"), os.path.join(work, "short")
        shutil.copytree(os.path.join(SEEDS, target), seeds)
        os.mkdir(short)
        for path in glob.glob(corpus + "/*"):
            if os.path.getsize(path) <= KEPT_MAX_BYTES:
                shutil.copy(path, short)
        notes = os.path.join(work, "notes")
        subprocess.run([
            os.path.join(TREE, "tests", "fuzz", "f_" + target), "-merge=1",
            f"-merge_control_file={notes}", f"-max_len={INPUT_MAX_BYTES}",
            seeds, short], cwd=TREE, check=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(notes, encoding="utf-8") as file:
            lines = file.read().splitlines()
        # Their names, and for each what it reaches for the first time.
        paths = lines[2:2 + int(lines[0])]
        inputs = []
        for words in map(str.split, lines[2 + len(paths):]):
            path = paths[int(words[1])] if words[:1] == ["COV"] else seeds
            if len(words) > 2 and path.startswith(short):
                with open(path, "rb") as file:
                    inputs.append(file.read().hex())
    with open(found_file(target), "w", encoding="ascii") as file:
        file.writelines(one + "\n" for one in sorted(
            inputs, key=lambda one: (len(one), one)))


def run(target, opts):
    """Runs one target; returns its line and whether it held."""
    if not opts.fresh:
        corpus = os.path.join(TREE, "corpus", target)
        unpack(target, corpus)
        line = run_with(corpus, target, opts)
        if opts.keep:
            keep(target, corpus)
        return line
    with tempfile.TemporaryDirectory() as corpus:
        return run_with(corpus, target, opts)


def run_with(corpus, target, opts):
    """The same, with what is found new kept in the folder corpus."""
    found = os.path.join(TREE, "found")
    for folder in (corpus, found):
        os.makedirs(folder, exist_ok=True)
    before = len(os.listdir(corpus))
    log_path = os.path.join(TREE, f"{target}.log")
    begun = time.monotonic()
    with open(log_path, "w", encoding="utf-8") as log:
        status = subprocess.run(
            command(target, corpus, found, opts), cwd=TREE, check=False,
            stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT).returncode
    seconds = time.monotonic() - begun
    with open(log_path, encoding="utf-8", errors="replace") as log:
        said = log.read()
    inputs = number(r"stat::number_of_executed_units: +(\d+)", said)
    edges = number(r"cov: (\d+)", said)
    line = (f"{target:<12} {inputs:>11} inputs {seconds:>7.0f} s "
            f"{edges:>6} edges {len(os.listdir(corpus)) - before:>5} new")
    if status == 0:
        return line, True
    artifact = re.findall(r"Test unit written to (\S+)", said)
    return (f"{line}  BROKEN, status {status}: "
            f"{artifact[-1] if artifact else log_path}\n"
            + "".join(f"    {text}\n" for text in said.splitlines()
                      if re.search(r"^bug:|ERROR:|runtime error|SUMMARY",
                                   text))).rstrip("\n"), False


def main():
    opts = options()
    if opts.list:
        print("\n".join(all_targets()))
        return 0
    held = True
    with concurrent.futures.ThreadPoolExecutor(max(opts.jobs, 1)) as pool:
        for line, good in pool.map(lambda one: run(one, opts), opts.target):
            print(line, flush=True)
            held = held and good
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
