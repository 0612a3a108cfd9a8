/* SPDX-License-Identifier: MIT */
/*
 * Log lines: to standard error, a file or syslog.
 *
 * Style: a lower-case verb, then key=value; one line an event.  No addresses,
 * names or message text above debug.  Text from outside goes through
 * str_printable() first; the logger masks control characters in any case.
 *
 * After log_open() nobody waits for a log: a line that cannot be written at
 * once is dropped and counted, by all processes together, and whoever writes
 * the next line says before it how many there were.
 */
#ifndef BASE_LOGGER_H
#define BASE_LOGGER_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdint.h>
#include <sys/types.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
		 LOG_LEVEL_DEBUG };

/*
 * Opens the log.  target is "stderr", "syslog" or "file:/absolute/path" (or a
 * FIFO's); program is the name in each line.  May be called again to change it.
 * A standard error that is the journal's ($JOURNAL_STREAM) gets lines with the
 * priority that sd-daemon(3) describes, and without what the journal knows
 * itself.  Call it with SIGPIPE ignored, before the first fork.
 * Returns 0, or -1 with FAULT_CONFIG (the old target stays).
 */
int log_open(const char *program, const char *target, enum log_level level,
	     struct fault *why) MUST_USE;

/* Gives the log, if it is a file, to the user who reopens it.  0, or -1 with
 * FAULT_CONFIG. */
int log_give(uid_t uid, gid_t gid, struct fault *why) MUST_USE;

/* Reopens the file after logrotate; says so on failure, keeps the old. */
void log_reopen(void);

/* The path in "file:/path", "" if the log is elsewhere; borrowed. */
const char *log_file_of(const char *log);

/* Standard error is another file now, and so is a log that goes there. */
void log_stderr_changed(void);

/* Says how many lines were dropped, if that can be written now: to be called
 * once in a while by a process that may have nothing else to say. */
void log_dropped_tell(void);

/* How many lines all processes have dropped since the start. */
uint64_t log_dropped_count(void);

/* The role named in each line of this process, e.g. "worker 3". */
void log_role_set(const char *role);

/* Reads "error", "warning", "info", "debug"; -1 if it is none of them. */
int log_level_parse(const char *name);

void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);	  /* someone must act */
void log_warning(const char *fmt, ...) PRINTF_LIKE(1, 2); /* may need action */
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);	  /* a job's outcome */
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
