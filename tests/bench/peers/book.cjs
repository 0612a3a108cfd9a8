// SPDX-License-Identifier: MIT
// The same booking from Node, in as many processes as there are cores.
const cluster = require("cluster");
const crypto = require("crypto");
const fs = require("fs");
const http = require("http");
const os = require("os");

const conf = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

async function main() {
  const mysql = require("mysql2/promise");
  const IORedis = require("ioredis");
  const redis = new (IORedis.Redis ?? IORedis)({ path: conf.redis });
  const pool = mysql.createPool({
    socketPath: conf.mysql, user: conf.user, password: conf.password,
    database: conf.database, connectionLimit: 8 });
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  async function counted(address, client) {
    const hash = (text) => crypto.createHash("sha256").update(text)
      .digest("hex").slice(0, 32);
    const a = `${conf.prefix}cap:a:${hash(client + "|" + address)}`;
    const c = `${conf.prefix}cap:c:${hash(client)}`;
    const counts = await redis.pipeline().set(a, 0, "EX", 86400, "NX").incr(a)
      .set(c, 0, "EX", 3600, "NX").incr(c).exec();
    return counts[1][1] <= 1000000 && counts[3][1] <= 1000000000;
  }

  async function book(form, client) {
    if (!await counted(form.get("email"), client))
      return [429, ""];
    const ref = [...crypto.randomBytes(8)].map((b) => letters[b & 31]).join("");
    const now = new Date().toISOString().slice(0, 19).replace("T", " ");
    const db = await pool.getConnection();
    try {
      await db.beginTransaction();
      const [booking] = await db.execute(
        "INSERT INTO booking (ref, version, slot_id, seats, name, email, " +
        "locale, notes, idem_key, req_hash, created_at, request_id, nonce, " +
        "old_link, calendar_domain) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, " +
        "?, ?, 0, ?)", [ref, form.get("slot"), form.get("seats"),
          form.get("name"), form.get("email"), form.get("lang"),
          form.get("notes"), Buffer.from(form.get("key"), "hex"),
          crypto.createHash("sha256").update(form.toString()).digest(), now,
          crypto.randomBytes(16).toString("hex"), crypto.randomBytes(16),
          conf.domain]);
      await db.execute(
        "INSERT INTO notification (booking_id, waiting_id, envelope_id, kind, " +
        "detail, created_at, begins_at, was_at, due_at, state, attempts, " +
        "checks, reply) VALUES (?, NULL, ?, 'booking.confirmed', '', ?, NULL, " +
        "NULL, NOW(3) + INTERVAL 1 HOUR, 0, 0, 0, '')",
        [booking.insertId, `${ref}.confirm.0`, now]);
      const [taken] = await db.execute(
        "UPDATE slot_inventory SET booked = booked + ? " +
        "WHERE slot_id = ? AND booked + ? <= capacity",
        [form.get("seats"), form.get("slot"), form.get("seats")]);
      if (taken.affectedRows === 0) {
        await db.rollback();
        return [409, ""];
      }
      await db.commit();
    } catch (error) {
      await db.rollback();
      throw error;
    } finally {
      db.release();
    }
    const link = `${conf.base}/b/${ref}-` + crypto.createHmac("sha256",
      conf.secret).update(ref).digest("base64url");
    const data = { ...conf.envelope.data };
    data.booking = { ...data.booking, url: link };
    await redis.rpush(conf.prefix + "intake", JSON.stringify({
      ...conf.envelope, id: `${ref}.confirm.0`,
      to: { name: form.get("name"), email: form.get("email") }, data }));
    return [303, link];
  }

  http.createServer((request, reply) => {
    let body = "";
    request.on("data", (part) => { body += part; });
    request.on("end", () => {
      book(new URLSearchParams(body), request.headers["x-real-ip"])
        .catch((error) => {
          console.error(error);
          return [503, ""];
        })
        .then(([status, link]) => {
          reply.writeHead(status, link ?
            { Location: link, "Content-Length": 0 } : { "Content-Length": 0 });
          reply.end();
        });
    });
  }).listen(Number(process.argv[3]), "127.0.0.1");
}

if (cluster.isPrimary)
  for (let i = 0; i < os.cpus().length; i++)
    cluster.fork();
else
  main();
