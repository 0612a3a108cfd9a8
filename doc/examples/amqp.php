#!/usr/bin/php
<?php
// SPDX-License-Identifier: MIT
// Has one mail sent by way of RabbitMQ, with Debian's php-amqplib.
//
// usage: amqp.php ID ADDRESS TEXT
// RabbitMQ is at $AMQP_HOST and $AMQP_PORT, for the user $AMQP_USER with the
// password $AMQP_PASSWORD.  It has confirmed that it keeps the mail when this
// returns 0.  Do it again with the same ID when it fails: one id is one mail.

require_once 'PhpAmqpLib/autoload.php';

use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Message\AMQPMessage;

if ($argc != 4) {
	fwrite(STDERR, "usage: amqp.php ID ADDRESS TEXT\n");
	exit(64);
}
$envelope = [
	'v' => 1,
	'id' => $argv[1],
	'kind' => 'notice',
	'to' => ['email' => $argv[2]],
	'locale' => 'en',
	'data' => ['subject' => 'A notice', 'paragraphs' => [$argv[3]]],
];
$kept = false;
try {
	$connection = new AMQPStreamConnection(
		getenv('AMQP_HOST') ?: '127.0.0.1', getenv('AMQP_PORT') ?: 5672,
		getenv('AMQP_USER'), getenv('AMQP_PASSWORD'));
	$channel = $connection->channel();
	$channel->confirm_select();
	$channel->set_ack_handler(function () use (&$kept) {
		$kept = true;
	});
	// There is no such queue; RabbitMQ confirms all the same.
	$returned = false;
	$channel->set_return_listener(function () use (&$returned) {
		$returned = true;
	});
	$message = new AMQPMessage(json_encode($envelope), [
		'content_type' => 'application/json',
		'message_id' => $argv[1],
		'timestamp' => time(),
		'delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT,
	]);
	$channel->basic_publish($message, '',
		getenv('AMQP_QUEUE') ?: 'reservoir.mails', true);
	$channel->wait_for_pending_acks_returns(10);
	$connection->close();
} catch (Exception $error) {
	fwrite(STDERR, 'amqp.php: ' . $error->getMessage() . "\n");
	exit(75);
}
exit($kept && !$returned ? 0 : 75);
