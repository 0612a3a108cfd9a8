/* SPDX-License-Identifier: MIT */
/*
 * Log lines: to standard error, a file or syslog.
 *
 * Style: a lower-case verb, then key=value; one line an event.  No addresses,
 * names or message text above debug.  Text from outside goes through
 * str_printable() first; the logger masks control characters in any case.
 */
#ifndef LOGGER_H
#define LOGGER_H

#include "compiler.h"
#include "fault.h"

#include <sys/types.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
		 LOG_LEVEL_DEBUG };

/*
 * Opens the log.  target is "stderr", "syslog" or "file:/absolute/path";
 * program is the name in each line.  May be called again to change it.
 * Returns 0, or -1 with FAULT_CONFIG (the old target stays).
 */
int log_open(const char *program, const char *target, enum log_level level,
	     struct fault *why) MUST_USE;

/* Gives the log, if it is a file, to who will open it anew.  0, or -1 with
 * FAULT_CONFIG. */
int log_give(uid_t uid, gid_t gid, struct fault *why) MUST_USE;

/* Opens the file anew after logrotate; says so on failure, keeps the old. */
void log_reopen(void);

/* The role named in each line of this process, e.g. "worker 3". */
void log_role_set(const char *role);

/* Reads "error", "warning", "info", "debug"; -1 if it is none of them. */
int log_level_parse(const char *name);

void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);	  /* someone must act */
void log_warning(const char *fmt, ...) PRINTF_LIKE(1, 2); /* may need action */
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);	  /* one a job outcome */
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
