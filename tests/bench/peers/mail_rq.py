# SPDX-License-Identifier: MIT
"""RQ without a fork for each job, four processes.  Arguments as Celery's."""

import os
import sys

import redis
import rq
from smtp_once import Smtp

SOCKET, PORT, ROLE = sys.argv[1:4]
done = redis.Redis(unix_socket_path=SOCKET)
smtp = Smtp(PORT)


def mail(to, subject, text):
    smtp.send(to, subject, text)
    done.incr("done")


if __name__ == "__main__":
    # A job names its function by module.
    sys.modules["mail_rq"] = sys.modules["__main__"]
    mail.__module__ = "mail_rq"
    queue = rq.Queue("mails", connection=done)
    if ROLE == "fill":
        body = ("Please bring this message.\n" * 1000)[:int(sys.argv[5])]
        queue.enqueue_many([
            rq.Queue.prepare_data(
                mail, ("visitor@bench.example.org", "Your visit", body),
                result_ttl=0) for _ in range(int(sys.argv[4]))])
    else:
        for _ in range(3):
            if os.fork() == 0:
                break
        rq.SimpleWorker([queue], connection=redis.Redis(
            unix_socket_path=SOCKET)).work(logging_level="WARNING")
