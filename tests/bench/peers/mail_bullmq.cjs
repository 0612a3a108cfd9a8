// SPDX-License-Identifier: MIT
// BullMQ with nodemailer.  SOCKET PORT fill COUNT BYTES, or SOCKET PORT work.
const { Queue, Worker } = require("bullmq");
const IORedis = require("ioredis");
const nodemailer = require("nodemailer");

const [socket, port, role, count, bytes] = process.argv.slice(2);
const connection = { path: socket, maxRetriesPerRequest: null };

async function fill() {
  const queue = new Queue("mails", { connection });
  const text = "Please bring this message.\n".repeat(1000).slice(0, bytes);
  const jobs = [];
  for (let i = 0; i < count; i++)
    jobs.push({ name: "mail", data: {
      to: "visitor@bench.example.org", subject: "Your visit", text } });
  for (let at = 0; at < jobs.length; at += 500)
    await queue.addBulk(jobs.slice(at, at + 500));
  await queue.close();
}

function work() {
  const redis = new (IORedis.Redis ?? IORedis)(connection);
  const smtp = nodemailer.createTransport({
    host: "127.0.0.1", port: Number(port), secure: false, pool: true,
    maxConnections: 4, maxMessages: Infinity, ignoreTLS: true });
  new Worker("mails", async (job) => {
    await smtp.sendMail({ from: "bookings@bench.example.org", ...job.data });
    await redis.incr("done");
  }, { connection, concurrency: 4, removeOnComplete: { count: 0 } });
}

if (role === "fill")
  fill();
else
  work();
