#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A campaign of faults: bookings flow while things die; nothing is lost.

Every few seconds the seed chooses a fault.  Then all faults stop, everything
must drain, and bookings, rows, maild's log and what the mail server saw are
joined.  Exit code 1 when a booking has no mail, a row says sent and the server
never took it, a mail came twice or was given up without a cause of its own,
something does not drain, or a process died that nobody killed.

With --seeds a whole table: one campaign a seed, one line each, then the sums.
"""

import argparse
import fnmatch
import json
import os
import random
import re
import shlex
import shutil
import signal
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

import kinds                                            # noqa: E402
import on_smtp                                          # noqa: E402
import table                                            # noqa: E402
from campaign import Campaign                           # noqa: E402
from report import report                               # noqa: E402
from stack.procs import Trouble                         # noqa: E402


def seed_range(text):
    found = re.fullmatch(r"(\d+)\.\.(\d+)", text)
    if not found or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError(f"{text}: A..B is wanted")
    return range(int(found[1]), int(found[2]) + 1)


def arguments():
    parser = argparse.ArgumentParser(
        prog="./dev faults", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="kinds:\n  " + "\n  ".join(kinds.KINDS))
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().randrange(1000000))
    parser.add_argument("--duration", type=int, default=60, metavar="SECONDS")
    parser.add_argument("--only", action="append", default=[],
                        metavar="KIND", help="these alone; * is a wildcard")
    parser.add_argument("--without", action="append", default=[],
                        metavar="KIND", help="not these")
    parser.add_argument("--way", choices=on_smtp.WAYS,
                        help="how the relay is reached (default: seeds take "
                        "turns)")
    parser.add_argument("--asan", action="store_true",
                        help="the programs of build/asan")
    parser.add_argument("--seeds", type=seed_range, metavar="A..B",
                        help="a campaign for each of them")
    parser.add_argument("--jobs", type=int, default=1, metavar="N",
                        help="with --seeds: so many stacks at once")
    parser.add_argument("--json", metavar="FILE",
                        help="write all results there")
    options = parser.parse_args()
    for pattern in options.only + options.without:
        if not fnmatch.filter(kinds.KINDS, pattern):
            parser.error(f"no such kind of fault: {pattern}")
    options.kinds = [
        kind for kind in kinds.KINDS
        if any(fnmatch.fnmatchcase(kind, one) for one in options.only or "*")
        and not any(fnmatch.fnmatchcase(kind, one)
                    for one in options.without)]
    if not options.kinds:
        parser.error("no kind of fault is left")
    if options.way and options.way not in on_smtp.ways_for(options.kinds):
        parser.error(f"none of these faults is possible by {options.way}")
    return options


def again(options):
    """The command that repeats this campaign."""
    words = f"./dev faults --seed {options.seed} --duration {options.duration}"
    for name in ("only", "without"):
        words += "".join(f" --{name} '{kind}'"
                         for kind in getattr(options, name))
    if options.way:
        words += " --way " + shlex.quote(options.way)
    return words + (" --asan" if options.asan else "")


def interrupted(*_):
    raise KeyboardInterrupt


def one_campaign(options):
    directory = tempfile.mkdtemp(prefix="reservoir-faults.")
    campaign = Campaign(directory, options, options.seed,
                        lambda line: print(line, flush=True))
    code = 1
    try:
        campaign.run()
        result = report(campaign)
        code = 1 if result["bad"] else 0
        if options.json:
            with open(options.json, "w", encoding="utf-8") as file:
                json.dump(result, file, indent=1)
    except Trouble as trouble:
        print(f"FAILED: {trouble}")
    except KeyboardInterrupt:
        code = 130
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        campaign.close()
        if code == 1:
            print(f"logs stay in {campaign.stack.at.log}")
        else:
            shutil.rmtree(directory)
    print("again:", again(options))
    return code


def main():
    options = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    return table.run(options) if options.seeds else one_campaign(options)


if __name__ == "__main__":
    sys.exit(main())
