<?php
// SPDX-License-Identifier: MIT
// Has one mail sent, with Debian's php-redis.
//
// usage: php push.php ID ADDRESS TEXT
// Redis is at $REDIS_SOCKET, or on this host.  Push again with the same ID
// when it fails: one id is one mail.

declare(strict_types=1);

function push(string $envelope): void
{
    $redis = new Redis();
    $socket = getenv("REDIS_SOCKET");
    if ($socket !== false && $socket !== "") {
        $redis->connect($socket);
    } else {
        $redis->connect("127.0.0.1", 6379, 5.0);
    }
    $redis->setOption(Redis::OPT_READ_TIMEOUT, 5);
    if ($redis->rPush("{maild}:intake", $envelope) === false) {
        throw new RedisException($redis->getLastError() ?? "refused");
    }
    $redis->close();
}

if ($argc !== 4) {
    fwrite(STDERR, "usage: php push.php ID ADDRESS TEXT\n");
    exit(64);
}
[, $id, $address, $text] = $argv;
// Without data write (object) [], never []: an empty list is no object.
$envelope = [
    "v" => 1,
    "id" => $id,
    "kind" => "notice",
    "to" => ["email" => $address],
    "locale" => "en",
    "data" => ["subject" => "A notice", "paragraphs" => [$text]],
];
try {
    // @: connect() warns, too, and the exception says it all.
    @push(json_encode($envelope, JSON_THROW_ON_ERROR));
} catch (RedisException | JsonException $error) {
    fwrite(STDERR, "push.php: " . $error->getMessage() . "\n");
    exit(75);
}
