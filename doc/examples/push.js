// SPDX-License-Identifier: MIT
// Has one mail sent, with the package redis (Debian: node-redis).
//
// usage: node push.js ID ADDRESS TEXT
// Redis is at $REDIS_SOCKET, or on this host.  Push again with the same ID
// when it fails: one id is one mail.
"use strict";

const { createClient } = require("redis");

async function push(envelope) {
  const path = process.env.REDIS_SOCKET;
  const redis = createClient({
    socket: {
      ...(path ? { path } : { host: "127.0.0.1", port: 6379 }),
      connectTimeout: 5000,
      reconnectStrategy: () => new Error("Redis is away"),
    },
  });
  let cause = null;
  redis.on("error", (error) => { cause = cause || error; });
  try {
    await redis.connect();
    await redis.rPush("{maild}:intake", JSON.stringify(envelope));
    await redis.quit();
  } catch (error) {
    throw cause || error;
  }
}

const [id, address, text] = process.argv.slice(2);
if (text === undefined || process.argv.length !== 5) {
  console.error("usage: node push.js ID ADDRESS TEXT");
  process.exit(64);
}
push({
  v: 1,
  id,
  kind: "notice",
  to: { email: address },
  locale: "en",
  data: { subject: "A notice", paragraphs: [text] },
}).catch((error) => {
  console.error(`push.js: ${error.message}`);
  process.exitCode = 75;
});
