/* SPDX-License-Identifier: MIT */
/*
 * Alerts: what a person must hear of.
 *
 * An alert is a log line at level error, a count in shared memory, and a line
 * to the master, which runs the operator's command (alert_run.h).  Every
 * process may raise one; nothing here waits.
 */
#ifndef DAEMON_ALERT_H
#define DAEMON_ALERT_H

#include "base/compiler.h"
#include "base/fault.h"
#include "daemon/alert_reader.h"

#include <stdint.h>

/*
 * In a master, before its first fork: makes the count and the way to the
 * master.  Without it (bookctl, -t) alerts are log lines.  Returns 0, or -1
 * with *why.
 */
int alert_open(struct fault *why) MUST_USE;
void alert_close(void);

/*
 * Raises an alert.  key says what it is about ("outbox-expired",
 * "relay-config:main"): a word without blanks by which the command's runs are
 * limited.  The sentence obeys the rules of a log line.
 */
void alert_raise(const char *key, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * The same, but only if no process has raised this key by it since the start or
 * the last alert_forget(): for what many children find out one by one.
 */
void alert_raise_once(const char *key, const char *fmt, ...)
	PRINTF_LIKE(2, 3);
void alert_forget(void);

/* How many were raised by all processes since the start. */
int64_t alert_count(void);

/*
 * In the master: the next alert that has come from a process, if there is one.
 * Returns 1 with key and text filled, 0 when there is none.
 */
int alert_take(char key[ALERT_KEY_MAX], char text[ALERT_TEXT_MAX]);

#endif
