#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The verbs run, up and down of ./dev."""

import argparse
import fcntl
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

from stack.layout import Options                        # noqa: E402
from stack.procs import Trouble, tail                   # noqa: E402
from stack.stack import Stack                           # noqa: E402


def state_directory():
    """Where `./dev run` keeps its stack between two runs."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(
        os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "reservoir")


def host_and_port(text):
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text}: HOST:PORT is wanted")
    return text


def port_number(text):
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text}: a port is wanted")
    return int(text)


def count(text):
    if not text.isdigit() or not 0 < int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text}: 1 to 256 is wanted")
    return int(text)


def arguments(words):
    parser = argparse.ArgumentParser(prog="./dev")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("run", "up"):
        one = verbs.add_parser(verb)
        one.add_argument("--dir", required=verb == "up",
                         default=state_directory())
        one.add_argument("--http", type=port_number, default=0,
                         metavar="PORT")
        one.add_argument("--smtp", type=host_and_port, default=None,
                         metavar="HOST:PORT")
        one.add_argument("--workers", type=count, default=0, metavar="N")
        one.add_argument("--booking-workers", type=count, default=0,
                         metavar="N")
        one.add_argument("--asan", action="store_true")
        one.add_argument("--no-sample", dest="sample", action="store_false")
    down = verbs.add_parser("down")
    down.add_argument("--dir", required=True)
    return parser.parse_args(words)


def chosen_options(args):
    return Options(http=args.http,
                   liked=(8080, 8025) if args.verb == "run" else (0, 0),
                   smtp=args.smtp or "", workers=args.workers,
                   booking_workers=args.booking_workers, asan=args.asan,
                   sample=args.sample)


def show(stack):
    env = stack.env
    print(f"""
  bookings    {env['HTTP_URL']}/
  organisers  {env['ADMIN_URL']}
              user {env['ADMIN_USER']}, password {env['ADMIN_PASSWORD']}""")
    if stack.mail_url:
        print(f"  mailbox     {env['MAIL_URL']}")
    print(f"""
  {env['BOOKCTL']} -c {env['BOOKING_CONF']}
  {env['MAILDCTL']} -c {env['MAILD_CONF']}
              command lines of both sides; -h says what they do
  {stack.at.env_file}
              all of this and more, for scripts
""", flush=True)


def up(args):
    stack = Stack(args.dir, chosen_options(args))
    stack.lists_are_kept = True     # as shipped
    stack.up()
    show(stack)
    return 0


def down(args):
    if not os.path.isdir(args.dir):
        raise Trouble(f"{args.dir}: no such directory")
    Stack(args.dir).down()
    return 0


def run(args):
    """Up, then waits for Ctrl-C or a part's death, then down."""
    def interrupted(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    os.makedirs(args.dir, mode=0o700, exist_ok=True)
    # Held as long as we run; gone with us, however we end.
    with open(os.path.join(args.dir, "lock"), "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Trouble(f"another ./dev run uses {args.dir}: give this one "
                          "a --dir of its own") from None
        stack = Stack(args.dir, chosen_options(args))
        stack.lists_are_kept = True     # as shipped
        stack.down()            # what an earlier run left behind
        try:
            stack.up()
            show(stack)
            print("  Ctrl-C stops all of it.", flush=True)
            return watch(stack)
        except KeyboardInterrupt:
            return 0
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            print("\ndev: stopping", file=sys.stderr, flush=True)
            stack.down()


def watch(stack):
    """Returns when a part has died; says which, and what its log says."""
    while True:
        time.sleep(1)
        dead = stack.dead_parts()
        if dead:
            time.sleep(1)       # it may be on its way back
            dead = stack.dead_parts()
        for name in dead:
            print(f"dev: {name} has died\n{tail(stack.at.log_file(name))}",
                  file=sys.stderr)
        if dead:
            return 1


def main():
    args = arguments(sys.argv[1:])
    try:
        return {"run": run, "up": up, "down": down}[args.verb](args)
    except Trouble as trouble:
        print(f"dev: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
