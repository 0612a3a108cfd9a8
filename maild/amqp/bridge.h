/* SPDX-License-Identifier: MIT */
/* Carries envelopes from RabbitMQ to the queue's intake in Redis. */
#ifndef AMQP_BRIDGE_H
#define AMQP_BRIDGE_H

#include "amqp/amqpconf.h"

#include <stdatomic.h>

/* What the bridge tells its master, in memory that both see. */
struct bridge_board {
	_Atomic int64_t deadline_ms;	/* ticks; it hangs if it is still at the
					   same step then */
	_Atomic int64_t passed, refused;	/* messages since the start */
};

/*
 * The body of the process: until it is asked to end.  A message is acknowledged
 * when Redis has it, or RabbitMQ has confirmed it as a refused one; one that
 * comes again by then is dropped by its id when it is admitted.  Returns the
 * exit status.
 */
int bridge_run(const struct amqpconf *conf, struct bridge_board *board)
	MUST_USE;

/* A connection to Redis by the settings, unconnected, or NULL with *why. */
struct rconn *bridge_rconn(const struct amqpconf *conf, struct fault *why)
	MUST_USE;

#endif
