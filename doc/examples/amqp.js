// SPDX-License-Identifier: MIT
// Has one mail sent by way of RabbitMQ, with the package amqplib of npm.
//
// usage: node amqp.js ID ADDRESS TEXT
// RabbitMQ is at $AMQP_URL, for example amqps://shop:PASSWORD@mq1:5671/%2F.  It
// has confirmed that it keeps the mail when this ends with 0.  Do it again with
// the same ID when it fails: one id is one mail.
"use strict";

const amqplib = require("amqplib");

const QUEUE = process.env.AMQP_QUEUE || "reservoir.mails";
const LIMIT_MS = 30000;

async function publish(envelope) {
  const connection = await amqplib.connect(process.env.AMQP_URL,
                                           { timeout: LIMIT_MS });
  const broken = new Promise((_, reject) => {
    connection.on("error", reject);
    setTimeout(() => reject(new Error("no confirm in time")),
               LIMIT_MS).unref();
  });
  broken.catch(() => {});
  try {
    const channel = await connection.createConfirmChannel();
    const returned = new Promise((_, reject) => {
      channel.on("error", reject);
      channel.on("return", () => reject(
        new Error(`there is no queue ${QUEUE}`)));
    });
    returned.catch(() => {});
    channel.publish("", QUEUE, Buffer.from(JSON.stringify(envelope)), {
      contentType: "application/json",
      messageId: envelope.id,
      timestamp: Math.floor(Date.now() / 1000),
      persistent: true,         // it is kept on disk
      mandatory: true,          // it comes back if there is no such queue
    });
    // What comes back does so before its confirm.
    await Promise.race([channel.waitForConfirms(), returned, broken]);
    await Promise.race([returned, new Promise(setImmediate)]);
  } finally {
    await connection.close().catch(() => {});
  }
}

const [id, address, text] = process.argv.slice(2);
if (process.argv.length !== 5 || !process.env.AMQP_URL) {
  console.error("usage: AMQP_URL=URL node amqp.js ID ADDRESS TEXT");
  process.exit(64);
}
publish({
  v: 1,
  id,
  kind: "notice",
  to: { email: address },
  locale: "en",
  data: { subject: "A notice", paragraphs: [text] },
}).catch((error) => {
  console.error(`amqp.js: ${error.message}`);
  process.exitCode = 75;
});
