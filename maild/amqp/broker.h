/* SPDX-License-Identifier: MIT */
/*
 * One connection to RabbitMQ: only its file knows librabbitmq.
 *
 * Every call has a limit.  A fault leaves the connection good for nothing but
 * broker_close(): what was not acknowledged goes back to its queue by that.
 * FAULT_CONFIG: RabbitMQ refuses who we are or what we ask for; else
 * FAULT_RETRY.
 */
#ifndef AMQP_BROKER_H
#define AMQP_BROKER_H

#include "amqp/amqpconf.h"
#include "amqp/judge.h"
#include "base/compiler.h"
#include "base/fault.h"

struct broker;

/*
 * Connects and logs in; conf is borrowed.  The hosts are tried in turn, from
 * number *host on, which then is the one that answered (at most all of them
 * once).  NULL with *why of the last one.
 */
struct broker *broker_open(const struct amqpconf *conf, size_t *host,
			   struct fault *why) MUST_USE;

/* The same at one place. */
struct broker *broker_open_at(const struct amqpconf *conf,
			      const struct amqpconf_place *place,
			      struct fault *why) MUST_USE;

/* "mq1:5671" */
const char *broker_name(const struct broker *b);

/* Makes both queues, or looks whether they are there.  0, or -1. */
int broker_declare(struct broker *b, struct fault *why) MUST_USE;

/* Asks for messages, conf->prefetch ahead.  0, or -1. */
int broker_consume(struct broker *b, struct fault *why) MUST_USE;

/* The descriptor to wait on, once broker_next() has returned 0. */
int broker_fd(const struct broker *b);

/*
 * Reads what has come, without waiting, and keeps the heartbeats: to be called
 * at least every BROKER_TEND_MS.  Returns 1 with a message, which is borrowed
 * until the next call, 0 if there is none, -1.
 */
#define BROKER_TEND_MS 3000
int broker_next(struct broker *b, struct message *out, struct fault *why)
	MUST_USE;

/* Acknowledges all messages up to this one.  0, or -1: perhaps some come
 * again. */
int broker_ack(struct broker *b, uint64_t tag, struct fault *why) MUST_USE;

/*
 * Puts the message that came last from another connection into the queue of the
 * refused ones, as it came and with the reason in its header
 * "x-reservoir-reason"; waits until RabbitMQ has confirmed that it keeps it.
 * Over a connection of its own: one that publishes may be stopped by RabbitMQ,
 * and would acknowledge nothing meanwhile.  0, or -1.
 */
int broker_refuse(struct broker *b, const struct broker *from,
		  const char *reason, struct fault *why) MUST_USE;

/* Closes in good order if it still works; NULL is fine. */
void broker_close(struct broker *b);

#endif
