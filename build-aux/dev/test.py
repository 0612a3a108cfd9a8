#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every test, in order of cheapness; the last line counts them all.

What failed is told once more before that line, each with its last words: of a
long log often only the end is kept.

usage: test.py [--quick] [pytest argument ...]

Lint, the build with sanitizers, unit tests (make check), another compiler and
client library, what make installs, the integration tests on a real stack; the
page in a browser, the instructions of a booking and a mail, the memory of TLS
sessions, a slice of fuzzing, every crash point and a slice of the fault
campaign (none of these with --quick).  The last line is "N passed, N failed";
the status is 0 only if none failed.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
TREE = os.path.join(TOP, "build", "asan")
# How many test files at a time.  A stack under the sanitizers wants some memory.
STACK_BYTES = 1_500_000_000
AT_ONCE = max(1, min(2 * (os.cpu_count() or 1), os.sysconf("SC_PHYS_PAGES")
                     * os.sysconf("SC_PAGE_SIZE") // STACK_BYTES))


# Lines that the end repeats of each failure.
LAST_WORDS = 20


class Count:
    """How many tests passed and failed so far, and what the bad ones said."""

    def __init__(self):
        self.passed = self.failed = 0
        self.told = []

    def step(self, title, action):
        """Runs one step and says how long it took.

        An action returns how many passed, how many failed and, a text each,
        what is known of those that failed.
        """
        begun = time.monotonic()
        print(f"\n== {title}", flush=True)
        passed, failed, *told = action()
        self.passed += passed
        self.failed += failed
        if failed:
            self.told.append(f"in the step \"{title}\": {failed}")
        self.told += [text for texts in told for text in texts]
        print(f"-- {title}: {passed} passed, {failed} failed, "
              f"{time.monotonic() - begun:.0f} s", flush=True)

    def report(self):
        """What failed, and the last line."""
        if self.failed:
            print("\n== what failed")
            for text in self.told:
                print("\n".join(text.splitlines()[-LAST_WORDS:]))
        print(f"\n{self.passed} passed, {self.failed} failed", flush=True)


def run(argv, env=None):
    """Runs a program in the tree's top; returns its status."""
    return subprocess.run(argv, cwd=TOP, env=env, stdin=subprocess.DEVNULL,
                          check=False).returncode


def script(*argv):
    """A script that prints a line "ok - ..." or "not ok - ..." a check."""
    result = subprocess.run(
        argv, cwd=TOP, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, check=False)
    print(result.stdout, end="", flush=True)
    lines = result.stdout.splitlines()
    passed = sum(line.startswith("ok - ") for line in lines)
    bad = [line for line in lines if line.startswith("not ok - ")]
    return passed, max(len(bad), 1 if result.returncode else 0), bad


def build(kind):
    status = run([os.path.join(TOP, "build-aux/dev/build.sh"), kind])
    return (0, 1) if status else (1, 0)


def unit_tests():
    """make check; a program that died counts as one failure more."""
    for old in glob.glob(TREE + "/tests/**/*.trs", recursive=True):
        os.unlink(old)
    status = run(["make", "-s", "-C", TREE, "-j", str(os.cpu_count() or 1),
                  "check"])
    passed = failed = 0
    told = []
    for result in glob.glob(TREE + "/tests/**/*.trs", recursive=True):
        with open(result, encoding="utf-8") as file:
            verdict = re.search(r"^:test-result: (\w+)", file.read(), re.M)
        with open(result[:-4] + ".log", encoding="utf-8",
                  errors="replace") as file:
            log = file.read()
        counts = {word: sum(map(int, re.findall(
            rf"^\[  {word}  \] (\d+) test", log, re.M)))
            for word in ("PASSED", "FAILED")}
        good = bool(verdict) and verdict[1] == "PASS"
        passed += counts["PASSED"] or int(good)
        failed += counts["FAILED"] or int(not good)
        if not good:
            told.append(f"{log[-4000:]}\n{result[:-4]}")
            print(f"---- {told[-1]}")
    if status and not failed:
        failed = 1
    return passed, failed, told


def pytest(directories, words, spread="loadfile", at_once=AT_ONCE):
    """One run of pytest on all cores; its own failure to run counts as one.

    Several at a time on each core, with stacks of their own, since tests wait
    more than they compute.  By files where the tests of one share what is slow
    to bring up.
    """
    directories = [name for name in directories
                   if glob.glob(os.path.join(TOP, name, "test_*.py"))]
    with tempfile.TemporaryDirectory() as scratch:
        report = os.path.join(scratch, "report.xml")
        status = run(
            ["/usr/bin/python3", "-m", "pytest", "-q", "-rs", "-p",
             "no:cacheprovider", "-n", str(at_once),
             f"--dist={spread}", "--durations=25", f"--junitxml={report}",
             *words, *directories],
            os.environ | {"REQUIRE_SERVERS": "1", "RESERVOIR_ASAN": "1",
                          "RESERVOIR_EVERYDAY": "1",
                          "PYTHONDONTWRITEBYTECODE": "1"})
        try:
            root = xml.etree.ElementTree.parse(report).getroot()
        except (OSError, xml.etree.ElementTree.ParseError):
            return 0, 1
    # Skipped are alternatives only, and pytest has printed why: conftest.py
    # makes a failure of every other skip.  They count for nothing.
    passed = failed = 0
    told = []
    for suite in root.iter("testsuite"):
        bad = sum(int(suite.get(name, 0)) for name in ("failures", "errors"))
        passed += int(suite.get("tests", 0)) - bad \
            - int(suite.get("skipped", 0))
        failed += bad
        # A fixture's end that fails is an error beside a test that passed.
        told += [f"{text.text or text.get('message')}\n"
                 f"{case.get('classname')}::{case.get('name')}, {text.tag}"
                 for case in suite.iter("testcase") for text in case
                 if text.tag in ("failure", "error")]
    return passed, max(failed, 1 if status else 0), told


def fuzz():
    """The same few inputs for each target, which counts as one test."""
    result = subprocess.run(
        [sys.executable, os.path.join(TOP, "build-aux/dev/fuzz.py"),
         "--fresh", "--runs", "20000", "--duration", "1",
         "--jobs", str(os.cpu_count() or 1), "--seed", "1"], cwd=TOP, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    print(result.stdout, end="", flush=True)
    lines = [line for line in result.stdout.splitlines() if " edges " in line]
    broken = [line for line in lines if "BROKEN" in line]
    failed = max(len(broken), 1 if result.returncode else 0)
    return len(lines) - len(broken), failed, broken


def faults():
    """A short slice of the campaign, always the same one."""
    status = run(["/usr/bin/python3", "tests/faults/run.py", "--asan",
                  "--seed", "7", "--duration", "60"],
                 os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
    return (0, 1) if status else (1, 0)


def main():
    words = sys.argv[1:]
    quick = "--quick" in words
    words = [word for word in words if word != "--quick"]
    count = Count()
    # Browsers first: the slowest files, which would else be waited for alone.
    directories = [] if quick else ["tests/browser"]
    directories += ["tests/faults", "tests/gate", "tests/integration",
                    "tests/packaging"]
    count.step("lint", lambda: script("build-aux/dev/lint.sh"))
    count.step("build with sanitizers", lambda: build("asan"))
    if count.failed == 0 or os.path.exists(os.path.join(TREE, "Makefile")):
        count.step("unit tests", unit_tests)
        count.step("clang, libmysqlclient", lambda: script(
            "tests/packaging/compile.sh", "build/asan"))
        count.step("tarball and installation", lambda: script(
            "tests/packaging/install.sh", "build/asan"))
        count.step("the real stack", lambda: pytest(directories, words))
        if not quick:
            count.step("build for counting", lambda: build("release"))
            count.step("hardening of programs and units", lambda: script(
                "/usr/bin/python3", "tests/gate/hardening.py"))
            count.step("instructions of a booking and a mail", lambda: script(
                "/usr/bin/python3", "tests/gate/run.py"))
            count.step("memory of sessions under valgrind", lambda: script(
                "/usr/bin/python3", "tests/gate/memory.py"))
            count.step("build of the fuzz targets", lambda: build("fuzz"))
            count.step("a slice of fuzzing", fuzz)
            count.step("build with crash points", lambda: build("crash"))
            # They wait for leases of seconds: one at a time on each core.
            count.step("every crash point", lambda: pytest(
                ["tests/crash"], words, "load", os.cpu_count() or 1))
            count.step("a slice of the fault campaign", faults)
    count.report()
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main())
