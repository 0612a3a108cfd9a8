/* SPDX-License-Identifier: MIT */
/* Log lines: to standard error, a file or syslog. */
#include "config.h"

#include "logger.h"

#include "fdio.h"
#include "str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

enum target { TARGET_STDERR, TARGET_SYSLOG, TARGET_FILE };

static struct {
	char program[32];
	char role[32];
	char path[256];
	enum target target;
	enum log_level level;
	int fd;
} logger = { .program = "reservoir", .level = LOG_LEVEL_INFO,
	     .fd = STDERR_FILENO };

static const char *const level_names[] = { "error", "warning", "info",
					   "debug" };

int log_level_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(level_names); i++)
		if (strcmp(name, level_names[i]) == 0)
			return (int)i;
	return -1;
}

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
		    0640);
}

static void log_must(const char *sentence)
{
	log_error("%s", sentence);
}

int log_open(const char *program, const char *target, enum log_level level,
	     struct fault *why)
{
	enum target kind = TARGET_STDERR;
	int fd = STDERR_FILENO;

	if (str_starts_with(target, "file:")) {
		const char *path = target + strlen("file:");

		if (!str_copy(logger.path, sizeof(logger.path), path))
			return fault_set(why, FAULT_CONFIG,
					 "log file name is too long: %s", path);
		fd = open_file(path);
		if (fd == -1)
			return fault_set_errno(why, FAULT_CONFIG, errno,
					       "cannot open log file %s", path);
		kind = TARGET_FILE;
	} else if (strcmp(target, "syslog") == 0) {
		kind = TARGET_SYSLOG;
	} else if (strcmp(target, "stderr") != 0) {
		return fault_set(why, FAULT_CONFIG,
				 "log: \"%s\" is not stderr, syslog or "
				 "file:/path", target);
	}
	if (logger.target == TARGET_FILE)
		(void)close(logger.fd);
	logger.target = kind;
	logger.fd = fd;
	logger.level = level;
	(void)snprintf(logger.program, sizeof(logger.program), "%s", program);
	if (kind == TARGET_SYSLOG)
		openlog(logger.program, LOG_PID, LOG_DAEMON);
	must_handler_set(log_must);
	return 0;
}

int log_give(uid_t uid, gid_t gid, struct fault *why)
{
	if (logger.target != TARGET_FILE || fchown(logger.fd, uid, gid) == 0)
		return 0;
	return fault_set_errno(why, FAULT_CONFIG, errno,
			       "cannot give away log file %s", logger.path);
}

void log_reopen(void)
{
	int fd;

	if (logger.target != TARGET_FILE)
		return;
	fd = open_file(logger.path);
	if (fd == -1) {
		log_error("cannot reopen log file %s: %s", logger.path,
			  strerror(errno));
		return;
	}
	(void)close(logger.fd);
	logger.fd = fd;
}

void log_role_set(const char *role)
{
	(void)snprintf(logger.role, sizeof(logger.role), "%s", role);
}

static void write_line(const char *level, const char *text)
{
	char line[LINE_MAX_BYTES + 160];
	struct timespec ts;
	struct tm tm;
	char stamp[32];
	int len;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	(void)gmtime_r(&ts.tv_sec, &tm);
	if (strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		stamp[0] = '\0';
	len = snprintf(line, sizeof(line), "%s.%03ldZ %s[%ld] %s: %s%s%s\n",
		       stamp, ts.tv_nsec / 1000000, logger.program,
		       (long)getpid(), level, logger.role,
		       logger.role[0] ? ": " : "", text);
	if (len < 0)
		return;
	if ((size_t)len >= sizeof(line))
		len = (int)sizeof(line) - 1;
	/* One write a line, so that processes do not mix theirs.  When the
	 * log cannot be written there is nobody left to tell. */
	(void)!fdio_write_all(logger.fd, line, (size_t)len);
}

PRINTF_LIKE(2, 0)
static void emit(enum log_level level, const char *fmt, va_list args)
{
	static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO,
					  LOG_DEBUG };
	char text[LINE_MAX_BYTES];
	int saved = errno;

	if (level > logger.level)
		return;
	(void)vsnprintf(text, sizeof(text), fmt, args);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	if (logger.target == TARGET_SYSLOG)
		syslog(priorities[level], "%s%s%s", logger.role,
		       logger.role[0] ? ": " : "", text);
	else
		write_line(level_names[level], text);
	errno = saved;
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_LEVEL_ERROR, fmt, args);
	va_end(args);
}

void log_warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_LEVEL_WARNING, fmt, args);
	va_end(args);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_LEVEL_INFO, fmt, args);
	va_end(args);
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_LEVEL_DEBUG, fmt, args);
	va_end(args);
}
