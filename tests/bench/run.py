#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""./dev bench: each benchmark beside its ceiling, in the same run."""

import argparse
import dataclasses
import json
import os
import platform
import subprocess
import sys
import tempfile
import time

import booking
import growth
import mail
import pages
import peers
import recovery
from measure import Report, Trouble, foreign_share

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

from stack.layout import TOP                            # noqa: E402
from stack.procs import Trouble as StackTrouble         # noqa: E402

MODULES = (booking, pages, mail, recovery)
NAMES = [name for module in (*MODULES, peers, growth)
         for name in module.BENCHMARKS]
QUICK = {"seconds": 1, "pairs": 2, "mails": 3000, "pings": 40, "calm": 0,
         "kills": 15, "lease": 5, "sessions": 2000}
FULL = {"seconds": 3, "pairs": 5, "mails": 10000, "pings": 100, "calm": 20,
        "kills": 100, "lease": 30, "sessions": 10000}


def arguments(words):
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Benchmarks: " + " ".join(NAMES) + " (peer-... with "
        "--peers, growth-... with --growth).  Only gates make the exit code 1; goals are shown as met or "
        "not.")
    parser.add_argument("--only", action="append", choices=NAMES,
                        metavar="NAME", help="run this one (may be repeated)")
    parser.add_argument("--peers", action="store_true",
                        help="other programs that do the same, instead "
                        "(installs them)")
    parser.add_argument("--growth", action="store_true",
                        help="how each path behaves as tables and queues "
                        "grow, instead")
    parser.add_argument("--largest", type=int, default=100000, metavar="N",
                        help="growth: of the curves (default 100000; 10000000 "
                        "takes hours and 20 GB)")
    parser.add_argument("--plots", metavar="DIR",
                        help="growth: write the curves there, as SVG")
    parser.add_argument("--quick", action="store_true",
                        help="short rounds: two minutes in all")
    parser.add_argument("--seconds", type=int, metavar="N",
                        help="of each round of load (default 3)")
    parser.add_argument("--pairs", type=int, metavar="N",
                        help="rounds A B A B ... (default 5)")
    parser.add_argument("--mails", type=int, metavar="N",
                        help="to drain in each round (default 10000)")
    parser.add_argument("--calm", type=int, metavar="SECONDS",
                        help="wait so long for a calm machine (default 20)")
    parser.add_argument("--connections", type=int, action="append",
                        metavar="N", help="booking: only with so many")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--build", metavar="DIR",
                        default=os.path.join(TOP, "build", "release"),
                        help="measure the programs of this build tree")
    parser.add_argument("--json", metavar="FILE",
                        help="write all rounds there")
    args = parser.parse_args(words)
    for name, value in (QUICK if args.quick else FULL).items():
        if getattr(args, name, None) is None:
            setattr(args, name, value)
    args.modules = ((peers,) if args.peers else (growth,) if args.growth
                    else MODULES)
    there = [name for module in args.modules for name in module.BENCHMARKS]
    for name in args.only or ():
        if name not in there:
            parser.error(f"{name} is not among these: {' '.join(there)}")
    if min(args.seconds, args.pairs, args.mails) < 1 or args.calm < 0:
        parser.error("numbers must be positive")
    return args


def describe_machine(report):
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        model = next((line.partition(":")[2].strip() for line in file
                      if line.startswith("model name")), platform.machine())
    report.raw["machine"] = {
        "cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
        "loadavg": os.getloadavg(), "foreign": foreign_share(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    print(f"{os.cpu_count()} x {model}, Linux {platform.release()}; clients "
          "and servers share the cores")


def run(args, report):
    describe_machine(report)
    for module in args.modules:
        wanted = [name for name in module.BENCHMARKS
                  if not args.only or name in args.only]
        if wanted:
            with tempfile.TemporaryDirectory(prefix="bench-") as directory:
                # smtp-sink and Redis run there, the sink as nobody.
                os.chmod(directory, 0o711)
                module.run(wanted, directory, args, report)


def main():
    args = arguments(sys.argv[1:])
    report = Report()
    begun = time.monotonic()
    try:
        run(args, report)
    except (Trouble, StackTrouble, subprocess.SubprocessError) as trouble:
        print(f"bench: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    missed = [line.name for line in report.lines if line.met is False]
    print(f"\n{len(report.lines)} lines in {time.monotonic() - begun:.0f} s; "
          + (f"not met: {'; '.join(missed)}" if missed
             else "all goals are met"))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"raw": report.raw, "lines": [
                dataclasses.asdict(line) for line in report.lines]}, file,
                indent=1)
    return 0 if report.gates_hold() else 1


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
