#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Has one mail sent by way of RabbitMQ, with Debian's python3-pika.

usage: amqp.py ID ADDRESS TEXT
RabbitMQ is at $AMQP_URL, for example amqps://shop:PASSWORD@mq1:5671/%2F.  It
has confirmed that it keeps the mail when this returns 0.  Do it again with the
same ID when it fails: one id is one mail.
"""

import json
import os
import sys
import time

import pika
from pika.exceptions import AMQPError

QUEUE = os.environ.get("AMQP_QUEUE", "reservoir.mails")


def main():
    if len(sys.argv) != 4 or "AMQP_URL" not in os.environ:
        print(__doc__, file=sys.stderr)
        return 64
    ident, address, text = sys.argv[1:]
    envelope = {
        "v": 1,
        "id": ident,
        "kind": "notice",
        "to": {"email": address},
        "locale": "en",
        "data": {"subject": "A notice", "paragraphs": [text]},
    }
    properties = pika.BasicProperties(
        content_type="application/json", message_id=ident,
        timestamp=int(time.time()),
        delivery_mode=2)        # it is kept on disk
    try:
        with pika.BlockingConnection(pika.URLParameters(
                os.environ["AMQP_URL"])) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            # mandatory: an error if there is no such queue.
            channel.basic_publish("", QUEUE, json.dumps(envelope), properties,
                                  mandatory=True)
    except (AMQPError, OSError) as error:
        print(f"amqp.py: {error!r}", file=sys.stderr)
        return 75
    return 0


if __name__ == "__main__":
    sys.exit(main())
