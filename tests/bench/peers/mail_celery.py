# SPDX-License-Identifier: MIT
"""Celery, prefork.  SOCKET PORT fill COUNT BYTES, or SOCKET PORT work."""

import sys

import celery
import redis
from smtp_once import Smtp

SOCKET, PORT, ROLE = sys.argv[1:4]
app = celery.Celery("mails", broker=f"redis+socket://{SOCKET}")
app.conf.task_ignore_result = True
# A mail that a worker took is lost with it, unless:
app.conf.task_acks_late = True
app.conf.task_reject_on_worker_lost = True
smtp = Smtp(PORT)
done = redis.Redis(unix_socket_path=SOCKET)


@app.task(name="mail")
def mail(to, subject, text):
    smtp.send(to, subject, text)
    done.incr("done")


if ROLE == "fill":
    body = ("Please bring this message.\n" * 1000)[:int(sys.argv[5])]
    with app.producer_pool.acquire(block=True) as producer:
        for _ in range(int(sys.argv[4])):
            mail.apply_async(("visitor@bench.example.org", "Your visit", body),
                             producer=producer)
else:
    app.worker_main(["worker", "--pool=prefork", "--concurrency=4",
                     "--loglevel=WARNING", "--without-gossip",
                     "--without-mingle"])
