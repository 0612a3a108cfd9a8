# SPDX-License-Identifier: MIT
"""maild's drain beside smtp-source, and its latency beside a bare client."""

import json
import os
import subprocess
import sys
import time

import mailrig
from measure import (compile_helper, median, open_files, own_kb, pairs, spread,
                     wait_for_calm)

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

from stack.distance import Distance                     # noqa: E402

GOAL_DRAIN = 0.35
GOAL_CPU_S = 0.3
GOAL_PSS_MB = 12
GOAL_LATENCY = 3
GOAL_DISTANCE = 0.85    # the beginnings of sessions count, too
GOAL_TLS_MAIL = 2       # of its CPU in clear
GOAL_TLS_SESSION = 8    # a handshake each, which resumes the one before
GOAL_SESSIONS_MEMORY = 1.05   # 0.1 KB a session
SETTLE_S = 2            # until the last session is closed
TURNS = 3               # MAIL; RCPT and DATA; the mail


def described(result):
    words = f"{result['rate']:.0f} mails/s"
    if "cpu_per_1000" in result:
        words += f" {result['cpu_per_1000']:.2f} CPU s per 1000"
    return words


def middle(results):
    return sorted(results, key=lambda one: one["rate"])[len(results) // 2]


def drain_pairs(rig, options, text, body, workers):
    """A B A B; one small drain before, that nothing is cold."""
    with rig.maild(workers) as pid:
        rig.drain(pid, text, 500)
        rig.source(workers, 500, body)
        return pairs(options.pairs,
                     lambda: rig.drain(pid, text, options.mails),
                     lambda: rig.source(workers, options.mails, body))


def drain(rig, options, report):
    text, size = mailrig.notice_of(rig, mailrig.MAIL_BYTES)
    body = mailrig.source_body(rig, size)
    report.section(f"drain: {options.mails} queued mails of {size} bytes into "
                   "smtp-sink, beside smtp-source with kept connections")
    for workers in (1, 4):
        wait_for_calm(report, options.calm)
        ours, source = drain_pairs(rig, options, text, body, workers)
        ratios = [a["rate"] / b["rate"] for a, b in zip(ours, source)]
        report.at_least(f"workers: {workers}", described(middle(ours)),
                        described(middle(source)), median(ratios), GOAL_DRAIN,
                        f"pairs {spread(ratios)}")
        report.raw[f"drain_{workers}"] = {"maild": ours, "source": source}
    cpu = median([one["cpu_per_1000"] for one in ours])
    report.bounded("CPU of maild, 4 workers", cpu, "s per 1000 mails",
                   GOAL_CPU_S)
    pss = max(one["pss_mb"] for one in ours)
    report.bounded("memory of maild, 4 workers", pss, "MB PSS", GOAL_PSS_MB)
    confirmations(rig, options, report)


def confirmations(rig, options, report):
    """The same with the mail that a booking really makes."""
    text = mailrig.confirmation()
    size = mailrig.measure_mail(rig, text)
    ours, source = drain_pairs(rig, options, text,
                               mailrig.source_body(rig, size), 4)
    ratios = [a["rate"] / b["rate"] for a, b in zip(ours, source)]
    report.at_least(f"4 workers, booking.confirmed of {size} bytes",
                    described(middle(ours)), described(middle(source)),
                    median(ratios), GOAL_DRAIN, f"pairs {spread(ratios)}")
    report.raw["drain_confirmed"] = {"maild": ours, "source": source}


def latency(rig, options, report):
    mailping = compile_helper(rig.dir, "mailping", ["hiredis"])
    text, size = mailrig.notice_of(rig, mailrig.MAIL_BYTES)
    path = os.path.join(rig.dir, "envelope.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    report.section(f"latency: from RPUSH to the receipt of the 250, {size} "
                   "bytes, beside connect to 250 of a bare C client")

    def ping(*words):
        return json.loads(subprocess.run(
            [mailping, *map(str, words)], check=True, timeout=120,
            stdout=subprocess.PIPE, text=True).stdout)

    def queued():
        first = int(rig.new_ids(options.pings)[0])
        return ping("queue", rig.socket, mailrig.PREFIX, path,
                    mailrig.ID_MARK, first, options.pings)

    def bare():
        return ping("bare", rig.port, size, options.pings)

    for what, settings in (("a new session for each mail",
                            {"session_idle": "0ms"}),
                           ("session kept by the mail before", {})):
        wait_for_calm(report, options.calm)
        with rig.maild(4, **settings):
            rig.redis.delete(rig.receipts)
            queued()
            ours, source = pairs(options.pairs, queued, bare)
        ratios = [a["p50_us"] / b["p50_us"] for a, b in zip(ours, source)]
        one, other = (sorted(list_, key=lambda r: r["p50_us"])[len(list_) // 2]
                      for list_ in (ours, source))
        report.at_most(
            what, f"p50 {one['p50_us'] / 1000:.2f} "
            f"p99 {one['p99_us'] / 1000:.2f} ms",
            f"p50 {other['p50_us'] / 1000:.2f} "
            f"p99 {other['p99_us'] / 1000:.2f} ms",
            median(ratios), GOAL_LATENCY, f"pairs {spread(ratios)}")
        report.raw["latency " + what] = {"maild": ours, "bare": source}


def drain_far(rig, place, round_trip_s, workers, mails):
    """One drain, and the ceiling by the round trip that it really was."""
    port, relay = place
    with Distance(port, round_trip_s) as far, \
            rig.maild(workers, far.port, relay=relay) as pid:
        return (rig.drain(pid, *mails),
                workers / (TURNS * far.round_trip_s()))


def distance(rig, options, report):
    """Nothing but waiting: a worker's mail waits three times for the server."""
    text, size = mailrig.notice_of(rig, mailrig.MAIL_BYTES)
    report.section(f"distance: mails of {size} bytes into a smtp-sink that is "
                   "so far away, beside workers / (3 round trips)")
    clear = rig.port, ""
    with rig.secured(False) as starttls, rig.secured(True) as implicit:
        for round_trip_ms in (20, 50, 100):
            for what, workers, place in (
                    ("", 4, clear), ("", 16, clear),
                    (", STARTTLS", 16, starttls),
                    (", port 465", 16, implicit)):
                name = f"{round_trip_ms} ms, workers: {workers}{what}"
                count = round(workers / (TURNS * round_trip_ms / 1000)
                              * 4 * options.seconds)
                ours, ceiling = drain_far(rig, place, round_trip_ms / 1000,
                                          workers, (text, count))
                report.at_least(name, f"{count} mails, {described(ours)}",
                                f"{ceiling:.0f}", ours["rate"] / ceiling,
                                GOAL_DISTANCE)
                report.raw["distance " + name] = ours


def tls(rig, options, report):
    """What TLS costs maild: stunnel's share of the cores is no matter."""
    text, size = mailrig.notice_of(rig, mailrig.MAIL_BYTES)
    report.section(f"tls: CPU of maild for mails of {size} bytes through "
                   "implicit TLS 1.3, beside the same in clear")

    def cost(place, session_mails, mails):
        port, relay = place
        with rig.maild(4, port, relay=relay + (
                f"session_mails = {session_mails}\n")) as pid:
            rig.drain(pid, text, 4 * session_mails)
            return rig.drain(pid, text, mails)

    with rig.secured(True) as secured:
        for what, session_mails, mails, goal in (
                ("100 mails a session", 100, options.mails, GOAL_TLS_MAIL),
                ("1 mail a session", 1, options.mails // 5, GOAL_TLS_SESSION)):
            wait_for_calm(report, options.calm)
            inside, clear = pairs(
                options.pairs, lambda: cost(secured, session_mails, mails),
                lambda: cost((rig.port, ""), session_mails, mails))
            ratios = [a["cpu_per_1000"] / b["cpu_per_1000"]
                      for a, b in zip(inside, clear)]
            report.at_most(what, described(middle(inside)),
                           described(middle(clear)), median(ratios), goal,
                           f"pairs {spread(ratios)}")
            report.raw["tls " + what] = {"inside": inside, "clear": clear}


def sessions(rig, options, report):
    """What a worker keeps of each session shows once there were many."""
    text = mailrig.notice(200)
    mails = options.sessions
    # A worker's heap grows by some twenty pages in its first few hundred.
    first = mails // 2
    report.section(f"sessions: {mails} of one mail each, by both ways of TLS, "
                   f"beside the same processes after the first {first}")
    for implicit in (False, True):
        # stunnel lets each client with STARTTLS wait for 0.2 s.
        with rig.secured(implicit) as (port, relay), rig.maild(
                16, port, relay=relay + "session_mails = 1\n") as pid:
            rig.drain(pid, text, first)
            time.sleep(SETTLE_S)
            files, memory = open_files(pid), own_kb(pid)
            rig.drain(pid, text, mails)
            time.sleep(SETTLE_S)
            name = "implicit TLS" if implicit else "STARTTLS"
            now = open_files(pid)
            report.at_most(f"{name}, descriptors", str(now), str(files),
                           now / files, 1)
            now = own_kb(pid)
            report.at_most(f"{name}, memory", f"{now} KB", f"{memory}",
                           now / memory, GOAL_SESSIONS_MEMORY)
            report.raw["sessions " + name] = {"files": files, "kb": memory,
                                              "kb_after": now}


BENCHMARKS = {"drain": drain, "tls": tls, "latency": latency,
              "distance": distance, "sessions": sessions}


def run(names, directory, options, report):
    """Runs the named ones on one Redis and one sink."""
    with mailrig.Rig(directory, options.build) as rig:
        for name in names:
            BENCHMARKS[name](rig, options, report)
