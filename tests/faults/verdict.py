# SPDX-License-Identifier: MIT
"""What became of each booking: tables, queue and mail server, joined."""

import collections
import os
import re
import time

from stack.procs import read_text
from stack.visitor import Tables

SENT, DEAD = 1, 2
# Answers that leave a visitor free to send the same form again.
SOFT = {0, 502, 503, 504}
# How long before its worker's death a mail may have been accepted: the
# server answers at once, but the machine may be slow.
NEAR_S = 2
RING_S = 120            # doc/states.md, "When Redis has lost its data"
UNCERTAIN_LIMIT = 3     # maild's defaults
CRASH_LIMIT = 3
LOST = re.compile(r"lost (\S+)=\d+ pid=(\d+) (signal|status)=\d+")


class Verdict:
    """The numbers of a campaign, and `bad`: what must not be, with ids."""

    def __init__(self, campaign, client):
        self.campaign = campaign
        self.took = campaign.server.taken()
        self.bad = {}
        self.why = collections.Counter()    # explained duplicates
        self.buried = self.buried_accepted = 0
        self._spent = set()
        with Tables(campaign.stack.env) as tables:
            self._rows(tables)
            self._bookings(tables)
        self._mails()
        self._dead_letters()
        self._records(client)
        self._processes()

    def _blame(self, what, found):
        if found:
            self.bad[what] = found

    # ---- MySQL ---------------------------------------------------------------

    def _rows(self, tables):
        self.rows = {}
        self.life = {}                      # from booking to verdict
        self.bookings = 0
        without, self.delay_s = [], {}
        for ref, address, name, state, reply, made, ended in tables.rows(
                "SELECT b.ref, b.email, n.envelope_id, n.state, n.reply,"
                " UNIX_TIMESTAMP(n.created_at), UNIX_TIMESTAMP(n.final_at)"
                " FROM booking b LEFT JOIN notification n"
                " ON n.booking_id = b.id"):
            self.bookings += 1
            if name is None:
                without.append(ref)
                continue
            self.rows[name] = (state, reply)
            self.life[name] = (float(made), float(ended or time.time()))
            if name in self.took and address in self.campaign.booked:
                # A mail may be there before its visitor has the answer.
                self.delay_s[name] = (
                    self.campaign.booked[address], self.took[name][0][0])
        self._blame("bookings without a row", without)

    def _bookings(self, tables):
        found = collections.Counter(row[0] for row in tables.rows(
            "SELECT email FROM booking"))
        self._blame("answered 303 and not booked",
                    [address for address in self.campaign.booked
                     if not found[address]])
        self._blame("booked twice with one key",
                    [address for address, count in found.items()
                     if count > 1])
        self._blame("never answered 303", self.campaign.unanswered)
        self._blame("strange answers", {
            status: count for status, count in self.campaign.statuses.items()
            if status not in SOFT | {303}})
        self._blame("slots whose count is wrong", tables.rows(
            "SELECT i.slot_id, i.booked, COALESCE(SUM(b.seats), 0) AS seats"
            " FROM slot_inventory i LEFT JOIN booking b"
            " ON b.slot_id = i.slot_id AND b.cancelled_at IS NULL"
            " GROUP BY i.slot_id, i.booked HAVING i.booked <> seats"))

    # ---- the mail server -----------------------------------------------------

    def _mails(self):
        self.mails = sum(map(len, self.took.values()))
        dead = {name for name, (state, _) in self.rows.items()
                if state == DEAD}
        self._blame("lost", [name for name in self.rows
                             if name not in self.took and name not in dead])
        self._blame("marked sent and not accepted", [
            name for name, (state, _) in self.rows.items()
            if state == SENT and name not in self.took])
        self._blame("neither sent nor dead", {
            name: state for name, (state, _) in self.rows.items()
            if state not in (SENT, DEAD)})
        self._blame("mails of no row", [name for name in self.took
                                        if name not in self.rows])
        unexplained = {}
        for name, times in self.took.items():
            for (first, withheld), (again, _) in zip(times, times[1:]):
                why = "its 250 was withheld" if withheld \
                    else self._explained(first, again)
                if why:
                    self.why[why] += 1
                else:
                    unexplained[name] = [at for at, _ in times]
        self._blame("accepted twice, unexplained", unexplained)

    def _explained(self, first, again):
        """Why a mail whose 250 went out at `first` came again, or None.

        One death or sleep of a worker has at most one mail past its dot.
        """
        near = [harm for harm in self.campaign.faults
                if harm.kind in ("mail worker", "mail worker stopped")
                and harm.number not in self._spent
                and harm.begun - NEAR_S <= first <= harm.ended + NEAR_S]
        if near:
            harm = min(near, key=lambda one: abs(one.begun - first))
            self._spent.add(harm.number)
            return f"{harm.kind} at that moment"
        for loss in self.campaign.faults:
            if loss.kind == "redis emptied" and \
                    first < loss.ended and loss.begun < again:
                if loss.begun - first > RING_S:
                    return "redis emptied, sent long before"
                if any(harm.kind == "maild"
                       and first - NEAR_S <= harm.begun <= loss.begun
                       for harm in self.campaign.faults):
                    return "redis emptied after maild's death"
        return None

    # ---- dead letters ----------------------------------------------------------

    def _dead_letters(self):
        strange = {}
        for name, (state, reply) in self.rows.items():
            if state == DEAD:
                self.buried += 1
                self.buried_accepted += name in self.took
                if not self._may_be_dead(name, reply):
                    strange[name] = reply
        self._blame("dead without a reason", strange)

    def _may_be_dead(self, name, reply):
        """Whether enough went wrong in its life for maild to give it up."""
        begun, ended = self.life[name]
        during = [harm.kind for harm in self.campaign.faults
                  if harm.ended >= begun and harm.begun <= ended]
        kills = during.count("mail worker")
        if reply.startswith("poison: 3 workers crashed"):
            return kills >= CRASH_LIMIT
        if reply.startswith("uncertain"):
            server = self.campaign.server
            known = server.cut[name] + sum(
                withheld for _, withheld in self.took.get(name, ()))
            # Whose body was cut is not known, nor whose worker died.
            return (known + sum(begun <= at <= ended
                                for at in server.cut_bodies) + kills
                    + during.count("mail worker stopped")) > UNCERTAIN_LIMIT
        return False

    # ---- Redis and processes ---------------------------------------------------

    def _records(self, client):
        prefix = self.campaign.stack.env["QUEUE_PREFIX"]
        names = list(client.scan_iter(prefix + "j:*", count=1000))
        step = client.pipeline(transaction=False)
        for name in names:
            step.hget(name, "st")
        self._blame("records not final", {
            name: state for name, state in zip(names, step.execute())
            if state not in ("S", "X")})
        self._blame("malformed envelopes",
                    client.lrange(prefix + "malformed", 0, 9))

    def _processes(self):
        """Deaths that are not our doing, and what the sanitizers say."""
        ours = {pid for harm in self.campaign.faults for pid in harm.pids}
        self._blame("died by itself", self.campaign.found_dead + [
            found[0] for part in ("booking", "maild")
            for found in LOST.finditer(read_text(
                self.campaign.stack.at.log_file(part)))
            if int(found[2]) not in ours])
        self._blame("sanitizer", self.campaign.stack.sanitizer_reports())

    def recovery(self):
        """{kind: seconds}: the slowest until all booked so far was sent.

        A later fault in between counts too: one follows in a second or two.
        """
        found = collections.defaultdict(float)
        begun = 0
        for harm in self.campaign.faults:
            last = max((sent for booked, sent in self.delay_s.values()
                        if begun < booked <= harm.ended), default=0)
            found[harm.kind] = max(found[harm.kind], last - harm.ended)
            begun = harm.ended
        return found

    def history(self, limit=5):
        """The log lines about the mails that are bad, a few of them."""
        names = {name for found in self.bad.values()
                 if isinstance(found, (list, dict)) for name in found
                 if name in self.rows}
        lines = []
        for name in sorted(names)[:limit]:
            for part in ("booking", "maild"):
                log = os.path.join(self.campaign.stack.at.log, part + ".log")
                lines += [line for line in read_text(log).splitlines()
                          if re.search(rf"=\"?{re.escape(name)}\b", line)]
        return lines
