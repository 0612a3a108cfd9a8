/* SPDX-License-Identifier: MIT */
/* maild-amqp's master: supervises the bridge, reloads. */
#ifndef AMQP_MASTER_H
#define AMQP_MASTER_H

#include "amqp/amqpconf.h"
#include "daemon/startup.h"

/*
 * Runs one bridge until it is told to stop.  A reload reads the settings file
 * again and replaces what conf holds; the caller releases it.  Returns the exit
 * status.
 */
int bridge_master_run(struct amqpconf *conf, const struct startup *startup);

/* What the settings say about the start; borrowed from conf. */
struct startup_settings bridge_master_settings(const struct amqpconf *conf);

#endif
