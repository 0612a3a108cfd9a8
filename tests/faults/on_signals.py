# SPDX-License-Identifier: MIT
"""What a sysadmin sends to the masters, beyond what on_processes.py does."""

import os
import signal

from on_processes import KINDS, STOP_LIMIT_S, freeze, jobs_of
from stack.procs import alive, read_text, send_signal, wait_until


def _stop_fast(part, *numbers):
    """The master kills its children at once, and ends."""
    def act(campaign, harm):
        master = campaign.stack.pid(part)
        pids = [int(word) for word in read_text(
            f"/proc/{master}/task/{master}/children").split()]
        harm.ends_master = part == "maild"
        harm.stops = part
        for pid in pids:
            # What has it in hand when it dies?  Nobody could say later.
            freeze(pid)
            harm.jobs |= jobs_of(campaign, pid) if part == "maild" else set()
        harm.pids += pids
        for number in numbers:
            send_signal(master, number)
        wait_until(lambda: not alive(master), STOP_LIMIT_S, "a fast stop")
        campaign.stack.start(part)
    return act


def _move_log(part):
    """As logrotate does it: another name first, then the signal."""
    def act(campaign, harm):
        log = campaign.stack.at.log_file(part)
        os.rename(log, f"{log}.{harm.number:03d}")
        campaign.stack.kill(part, signal.SIGUSR1)
        wait_until(lambda: os.path.exists(log), STOP_LIMIT_S, "a new log")
    return act


SIGNALS = {}        # harmless ones
STOPS = {}
for _part in ("booking", "maild"):
    SIGNALS |= {f"{_part}'s log moved": _move_log(_part),
                f"{_part} reloaded": KINDS[f"{_part} reloaded"],
                f"{_part} resized": KINDS[f"{_part} resized"]}
    STOPS |= {f"{_part} restarted": KINDS[f"{_part} restarted"],
              f"{_part} interrupted": _stop_fast(_part, signal.SIGINT),
              f"{_part} quit": _stop_fast(_part, signal.SIGQUIT),
              f"{_part} stopped twice": _stop_fast(
                  _part, signal.SIGTERM, signal.SIGTERM),
              f"{_part} killed": KINDS[f"{_part} killed"]}
for _name in ("booking worker", "relay", "dispatcher", "mail worker"):
    STOPS |= {f"{_name} {_word}": KINDS[f"{_name} {_word}"]
              for _word in ("ended", "killed")}
