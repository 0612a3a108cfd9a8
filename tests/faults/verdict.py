# SPDX-License-Identifier: MIT
"""What became of each booking, and whether each oddity has its cause.

Works on Facts alone, so test_verdict.py can lie to it.  A mail that came
twice is explained only by what happened to this very mail (invariant 11):

  The 250 of the first copy never reached its worker: the server withheld it
  or was too slow, the session broke or was held up under it, or the worker
  that had this job in hand died.  maild's log has no "delivered" then.

  Or maild knew of the 250, and what knew of it is gone: Redis lost its data
  while the mail was past its dot, or with the ring of the master that ended;
  or the whole host vanished, with this job in hand, before Redis was told.
"""

import collections
import re

SENT, DEAD = 1, 2
UNCERTAIN_LIMIT = 3     # maild's defaults
CRASH_LIMIT = 3
RING_S = 120            # doc/states.md, "When Redis has lost its data"
NOTICED_S = 2           # for a dispatcher to see a lost epoch
SEEN_S = 1.0            # from the server's 250 to the worker's log line
ACK_LATE_S = 0.02       # from that log line to the ack; the ring is before it
SLACK_S = 0.3           # between two threads' reading of one moment
STAMP_S = 0.001         # log stamps are cut to milliseconds
GRACE_S = 8             # maild's and booking's stop_grace, and a little


class Verdict:
    """The numbers of a campaign, and `bad`: what must not be, with ids."""

    def __init__(self, facts):
        self.facts = facts
        self.bad = {}
        self.bookings = len(facts.rows)
        self.mails = 0
        self.why = collections.Counter()        # duplicates by cause
        self.why_dead = collections.Counter()   # dead letters by cause
        self.buried_taken = 0
        for what, found in facts.wrong.items():
            self._blame(what, found)
        self._mails()
        self._duplicates()
        self._dead_letters()
        self._deaths()

    def _blame(self, what, found):
        if found:
            self.bad[what] = found

    def taken(self, name):
        return [one for one in self.facts.attempts.get(name, ())
                if one.taken_at is not None]

    def _mails(self):
        rows = self.facts.rows
        self.mails = sum(len(self.taken(name)) for name in rows)
        self._blame("lost", [
            name for name, row in rows.items()
            if not self.taken(name) and row.state not in (SENT, DEAD)])
        self._blame("marked sent and not accepted", [
            name for name, row in rows.items()
            if row.state == SENT and not self.taken(name)])
        self._blame("neither sent nor dead", {
            name: row.state for name, row in rows.items()
            if row.state not in (SENT, DEAD)})
        # 250 was said and understood, and yet it is called dead.
        self._blame("dead though delivered", [
            name for name, row in rows.items()
            if row.state == DEAD and self.facts.delivered.get(name)])

    # ---- duplicates --------------------------------------------------------

    def _duplicates(self):
        unexplained = {}
        for name in self.facts.rows:
            copies = self.taken(name)
            for one, again in zip(copies, copies[1:]):
                why = self.unheard(name, one, again) \
                    or self._forgotten(name, one, again)
                if why:
                    self.why[why] += 1
                else:
                    unexplained[name] = [copy.taken_at for copy in copies]
        self._blame("accepted twice, unexplained", unexplained)

    def _heard_at(self, name, one, again=None):
        """When maild logged the 250 of this copy, or None."""
        end = again.taken_at - STAMP_S if again else float("inf")
        return next((at for at in self.facts.delivered.get(name, ())
                     if one.taken_at - STAMP_S <= at < end), None)

    def unheard(self, name, one, again=None):
        """Why the worker never heard the 250 of this copy; None if it did."""
        if self._heard_at(name, one, again) is not None:
            return None
        return self._broken(name, one, again)

    def _broken(self, name, one, again=None):
        """What kept the answer from the worker that sent this mail's dot."""
        limit_s = self.facts.final_timeout_s
        link = one.link
        end = one.replied_at or one.taken_at
        if link and link.broken_at is not None and \
                one.data_at <= link.broken_at <= end + SEEN_S:
            return "its session was cut"
        if one.replied_at is None or not one.told:
            return "the server withheld its 250"
        if one.replied_at - one.data_at >= limit_s:
            return "the server was slow"
        if link and any(begun <= one.replied_at + SLACK_S and
                        ended >= one.mail_at and ended - begun >= SLACK_S
                        for begun, ended in link.holds):
            return "its session was held up"
        return self._worker_died(name, one, again)

    def _worker_died(self, name, one, again):
        end = again.taken_at if again else float("inf")
        for harm in self.facts.harms:
            if name in harm.jobs and harm.begun < end and \
                    harm.ended >= one.data_at - SLACK_S and \
                    harm.begun <= one.replied_at + SEEN_S:
                return f"{harm.kind} with it in hand"
        return None

    def _forgotten(self, name, one, again):
        """Who knew of the 250 and is gone; None if somebody still knew."""
        heard = self._heard_at(name, one, again)
        if heard is None:
            return None
        for harm in self.facts.harms:
            # Between its log line and the ack; the ring died with it.
            if harm.ends_master and name in harm.jobs and \
                    harm.begun - ACK_LATE_S <= heard <= harm.ended:
                return f"{harm.kind} before the queue was told"
        for loss in self.facts.harms:
            if loss.kept_until is None or loss.back_at >= again.taken_at or \
                    heard + ACK_LATE_S < loss.kept_until or \
                    one.data_at > loss.lost_at + ACK_LATE_S:
                continue
            # Past the gate when the data went, in no ring when they were
            # looked for: heard of later than that.
            if heard >= loss.back_at:
                return f"{loss.kind} while it was past its dot"
            if loss.lost_at - heard > RING_S:
                return f"{loss.kind}, sent long before"
            if any(harm.ends_master
                   and harm.ended >= one.data_at
                   and harm.begun <= min(loss.back_at + NOTICED_S,
                                         again.taken_at)
                   for harm in self.facts.harms):
                return f"{loss.kind} and the end of maild's master"
        return None

    # ---- dead letters --------------------------------------------------------

    def _dead_letters(self):
        strange = {}
        for name, row in self.facts.rows.items():
            if row.state != DEAD:
                continue
            self.buried_taken += bool(self.taken(name))
            why = self.dead_cause(name, row.reply)
            if why:
                self.why_dead[why] += 1
            else:
                strange[name] = row.reply
        self._blame("dead without a reason", strange)

    def dead_cause(self, name, reply):
        """Why maild was right to give this mail up, or None."""
        attempts = self.facts.attempts.get(name, ())
        if reply.startswith("rejected: "):
            said = {one.reply for one in attempts if one.reply[:1] == "5"}
            # The step stands before it where it tells who is meant.
            words = re.sub("^(MAIL|DATA|dot) ", "", reply[len("rejected: "):])
            return "rejected" if words in said else None
        if reply.startswith("uncertain"):
            # Each try that counts broke after DATA, or lost its worker then.
            broken = sum(1 for one in attempts if one.data_at is not None
                         and (one.taken_at is None and not one.reply
                              or one.taken_at is not None
                              and self._broken(name, one)))
            return "uncertain" if broken > UNCERTAIN_LIMIT else None
        if reply.startswith("poison: "):
            kills = sum(name in harm.jobs for harm in self.facts.harms)
            return "poison" if kills >= CRASH_LIMIT else None
        return None

    # ---- processes -------------------------------------------------------------

    def _deaths(self):
        """Deaths that are not our doing."""
        harms = self.facts.harms
        ours = {pid for harm in harms for pid in harm.pids}
        self._blame("died by itself", self.facts.found_dead + [
            f"{part}: {what} pid={pid} {rest}"
            for at, part, what, pid, rest in self.facts.deaths
            if pid not in ours and "reason=deadline" not in rest
            and not (rest.startswith("signal=9") and any(
                harm.stops == part
                and harm.begun <= at <= harm.ended + GRACE_S
                for harm in harms))])

    def recovery(self):
        """{kind: seconds}: the slowest until all booked so far was sent.

        A later fault in between counts too: one follows in a second or two.
        """
        delays = []
        for name, row in self.facts.rows.items():
            copies = self.taken(name)
            if copies and row.address in self.facts.answered:
                # A mail may be there before its visitor has the answer.
                delays.append((self.facts.answered[row.address],
                               copies[0].taken_at))
        found = collections.defaultdict(float)
        begun = 0
        for harm in self.facts.harms:
            last = max((sent for booked, sent in delays
                        if begun < booked <= harm.ended), default=0)
            found[harm.kind] = max(found[harm.kind], last - harm.ended)
            begun = harm.ended
        return found
