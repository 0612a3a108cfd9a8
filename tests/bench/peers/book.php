<?php
// SPDX-License-Identifier: MIT
// A booking as a plain script makes it: the rows, the limits and the push that
// booking.fcgi makes, with connections that outlive a request.
$conf = require getenv("BENCH_CONF");
$redis = new Redis();
$redis->pconnect($conf["redis"]);
$db = new PDO("mysql:unix_socket={$conf["mysql"]};dbname={$conf["database"]}",
    $conf["user"], $conf["password"], [
        PDO::ATTR_PERSISTENT => true, PDO::ATTR_EMULATE_PREPARES => false,
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);

function counted($redis, $prefix, $address, $client)
{
    $a = $prefix . "cap:a:" . substr(hash("sha256", $client . "|" . $address), 0, 32);
    $c = $prefix . "cap:c:" . substr(hash("sha256", $client), 0, 32);
    $counts = $redis->pipeline()->set($a, 0, ["nx", "ex" => 86400])->incr($a)
        ->set($c, 0, ["nx", "ex" => 3600])->incr($c)->exec();
    return $counts[1] <= 1000000 && $counts[3] <= 1000000000;
}

if (!counted($redis, $conf["prefix"], $_POST["email"], $_SERVER["REMOTE_ADDR"])) {
    http_response_code(429);
    exit;
}
$ref = "";
foreach (str_split(random_bytes(8)) as $byte)
    $ref .= "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[ord($byte) & 31];
$now = gmdate("Y-m-d H:i:s");
$db->beginTransaction();
$db->prepare("INSERT INTO booking (ref, version, slot_id, seats, name, email,
    locale, notes, idem_key, req_hash, created_at, request_id, nonce, old_link,
    calendar_domain) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)")
    ->execute([$ref, $_POST["slot"], $_POST["seats"], $_POST["name"],
        $_POST["email"], $_POST["lang"], $_POST["notes"],
        hex2bin($_POST["key"]),
        hash("sha256", implode("\0", $_POST), true), $now,
        bin2hex(random_bytes(16)), random_bytes(16), $conf["domain"]]);
$db->prepare("INSERT INTO notification (booking_id, waiting_id, envelope_id,
    kind, detail, created_at, begins_at, was_at, due_at, state, attempts, checks,
    reply) VALUES (?, NULL, ?, 'booking.confirmed', '', ?, NULL, NULL,
    NOW(3) + INTERVAL 1 HOUR, 0, 0, 0, '')")
    ->execute([$db->lastInsertId(), "$ref.confirm.0", $now]);
$taken = $db->prepare("UPDATE slot_inventory SET booked = booked + ?
    WHERE slot_id = ? AND booked + ? <= capacity");
$taken->execute([$_POST["seats"], $_POST["slot"], $_POST["seats"]]);
if ($taken->rowCount() == 0) {
    $db->rollBack();
    http_response_code(409);
    exit;
}
$db->commit();
$job = $conf["envelope"];
$job["id"] = "$ref.confirm.0";
$job["to"] = ["name" => $_POST["name"], "email" => $_POST["email"]];
$link = $conf["base"] . "/b/$ref-" . rtrim(strtr(base64_encode(hash_hmac("sha256",
    $ref, $conf["secret"], true)), "+/", "-_"), "=");
$job["data"]["booking"]["url"] = $link;
$redis->rPush($conf["prefix"] . "intake", json_encode($job,
    JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES));
header("Location: $link", true, 303);
header("Content-Length: 0");
