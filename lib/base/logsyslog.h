/* SPDX-License-Identifier: MIT */
/*
 * Sends log lines to the syslog daemon of this machine, without ever waiting.
 *
 * syslog(3) waits for as long as the daemon stands still.  What is sent here is
 * what it sends: RFC 3164's form to /dev/log, as datagrams, or over a
 * connection where that is what the daemon offers.
 */
#ifndef BASE_LOGSYSLOG_H
#define BASE_LOGSYSLOG_H

#include "base/compiler.h"

#include <stdbool.h>

/*
 * Sends the text as from that program; priority is one of syslog(3)'s levels,
 * the facility is LOG_DAEMON.  Connects first if need be, again if the daemon
 * has been replaced.  False if it was not taken at once.
 */
bool logsyslog_send(const char *program, int priority, const char *text)
	MUST_USE;

#endif
