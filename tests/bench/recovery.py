# SPDX-License-Identifier: MIT
"""From a death to the dead one's mail accepted: workers, and whole hosts."""

import contextlib
import os
import signal
import sys
import threading
import time

import mailrig
from measure import Trouble, read_text, wait_for_calm, wait_until

sys.path.insert(0, os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))

from stack.faulty import FaultySmtp                     # noqa: E402

GOAL_WORKER_S = 1.0         # p99
GOAL_LEASE_S = 5.0          # after the lease
WORKERS = 4
BETWEEN_S = 0.6             # so that a slot's next worker lives long enough
BEHIND = 20                 # jobs that wait behind the one whose worker dies


class Holder:
    """A mail server that lets chosen mails wait for their 354."""

    def __init__(self):
        self.held = threading.Semaphore(0)      # one for each that waits
        self.left = 0                           # to be held yet
        self.lock = threading.Lock()
        self.gone = threading.Event()
        self.server = FaultySmtp(self.plan)

    def plan(self, step, _session, _mail):
        with self.lock:
            if step != "data" or not self.left:
                return None
            self.left -= 1
        self.held.release()
        self.gone.wait(60)
        return "close"

    def hold(self, count):
        self.gone.clear()
        self.left = count

    def accepted(self):
        """{id: when}: the first acceptance of each mail."""
        found = {}
        for (message, _, _), at in zip(list(self.server.accepted),
                                       list(self.server.accepted_at)):
            found.setdefault(message.partition("@")[0], at)
        return found

    def await_mails(self, ids, limit_s):
        wait_until(lambda: set(ids) <= self.accepted().keys(), limit_s,
                   "the mails")
        return self.accepted()


def children(master):
    return [int(word) for word in read_text(
        f"/proc/{master}/task/{master}/children").split()]


def sender_of(master, job):
    """The worker that says that it sends this job."""
    for pid in children(master):
        if job in read_text(f"/proc/{pid}/cmdline"):
            return pid
    return 0


def push(rig, text, count):
    ids = rig.new_ids(count)
    rig.redis.rpush(rig.intake,
                    *[text.replace(mailrig.ID_MARK, one) for one in ids])
    return ids


def kill_workers(rig, holder, pid, text, kills):
    """Each time a worker dies with one mail before its dot, others waiting.

    Returns the seconds from each kill to that mail's 250, and those from the
    kill to the 250 of the ones behind it.
    """
    own, behind = [], []
    for _ in range(kills):
        holder.hold(1)
        (job,) = push(rig, text, 1)
        if not holder.held.acquire(timeout=10):
            raise Trouble("no mail came to the server")
        wait_until(lambda job=job: sender_of(pid, job), 10, "its worker")
        worker = sender_of(pid, job)
        others = push(rig, text, BEHIND)
        killed = time.time()
        os.kill(worker, signal.SIGKILL)
        holder.gone.set()
        at = holder.await_mails([job, *others], 60)
        own.append(at[job] - killed)
        behind += [max(at[one] - killed, 0) for one in others]
        time.sleep(BETWEEN_S)
    return sorted(own), sorted(behind)


def part(values, share):
    return values[min(int(len(values) * share), len(values) - 1)]


def worker_kills(rig, options, report, holder):
    report.section(f"recovery: {options.kills} x kill -9 of a worker before "
                   f"the dot, {WORKERS} workers, {BEHIND} jobs behind it")
    text = mailrig.notice(500)
    wait_for_calm(report, options.calm)
    with rig.maild(WORKERS, holder.server.port) as pid:
        own, behind = kill_workers(rig, holder, pid, text, options.kills)
    if len(holder.server.accepted) != len(holder.accepted()):
        raise Trouble("a mail before its dot came twice")
    report.note(f"its own mail: p50 {part(own, 0.5):.3f} "
                f"p99 {part(own, 0.99):.3f} s; those behind: "
                f"p50 {part(behind, 0.5):.3f} p99 {part(behind, 0.99):.3f} s")
    report.bounded("from the kill to its mail's 250, p99",
                   part(own, 0.99), "s", GOAL_WORKER_S)
    report.bounded("to those of the jobs behind it, p99",
                   part(behind, 0.99), "s", GOAL_WORKER_S)
    report.raw["recovery_worker"] = {"own_s": own, "behind_s": behind}


def host_vanishes(rig, options, report, holder):
    """All processes of one maild die with mails in hand; another one is up."""
    lease = options.lease
    report.section(f"recovery: a host that vanishes with {WORKERS} mails "
                   f"before their dot, host_lease {lease} s, another is up")
    text = mailrig.notice(500)
    holder.hold(WORKERS)
    with contextlib.ExitStack() as stack:
        master = stack.enter_context(rig.maild(
            WORKERS, holder.server.port, host_lease=f"{lease}s"))
        jobs = push(rig, text, WORKERS)
        for _ in jobs:
            if not holder.held.acquire(timeout=10):
                raise Trouble("a mail did not come to the server")
        stack.enter_context(rig.maild(
            WORKERS, holder.server.port, name="other",
            host_lease=f"{lease}s"))
        killed = time.time()
        for one in [master, *children(master)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        holder.gone.set()
        (probe,) = push(rig, text, 1)
        at = holder.await_mails([*jobs, probe], lease + 60)
    report.note(f"a job that came after it: {at[probe] - killed:.3f} s")
    report.bounded("from the kill to the last 250",
                   max(at[one] for one in jobs) - killed, "s",
                   lease + GOAL_LEASE_S)
    report.raw["recovery_host"] = {"lease_s": lease, "seconds": sorted(
        at[one] - killed for one in jobs)}


def recovery(rig, options, report):
    for measure in (worker_kills, host_vanishes):
        holder = Holder()
        try:
            measure(rig, options, report, holder)
        finally:
            holder.gone.set()
            holder.server.close()


BENCHMARKS = {"recovery": recovery}


def run(names, directory, options, report):
    with mailrig.Rig(directory, options.build) as rig:
        for name in names:
            BENCHMARKS[name](rig, options, report)
