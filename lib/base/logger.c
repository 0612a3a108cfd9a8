/* SPDX-License-Identifier: MIT */
/* Log lines: to standard error, a file or syslog. */
#include "config.h"

#include "base/logger.h"

#include "base/alloc.h"
#include "base/logsink.h"
#include "base/logsyslog.h"
#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX_BYTES 1024
#define ROLE_MAX_BYTES 32
#define LINE_MAX_BYTES (TEXT_MAX_BYTES + 160)

_Static_assert(LINE_MAX_BYTES <= LOGSINK_LINE_MAX, "a line is written whole");

enum target { TARGET_STDERR, TARGET_JOURNAL, TARGET_SYSLOG, TARGET_FILE };

/* What all processes of a master count together. */
struct drops {
	_Atomic uint64_t count;		/* lines, since the start */
	_Atomic uint64_t untold;	/* of these */
	atomic_int torn;	/* not 0: the log's last line has no end */
};

static struct drops alone;	/* of a program that never opens its log */

static struct {
	char program[32];
	char role[ROLE_MAX_BYTES];
	char path[256];
	enum target target;
	enum log_level level;
	struct logsink sink;	/* unused with TARGET_SYSLOG */
	struct drops *drops;
} logger = { .program = "reservoir", .level = LOG_LEVEL_INFO,
	     .sink = { .fd = STDERR_FILENO, .way = LOGSINK_WAIT },
	     .drops = &alone };

static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

static const char *const level_names[] = { "error", "warning", "info",
					   "debug" };

int log_level_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(level_names); i++)
		if (strcmp(name, level_names[i]) == 0)
			return (int)i;
	return -1;
}

static void log_must(const char *sentence)
{
	log_error("%s", sentence);
}

/* Is standard error what the service manager connected to the journal? */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) == -1)
		return false;
	(void)snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st.st_dev,
		       (uintmax_t)st.st_ino);
	return strcmp(stream, ours) == 0;
}

/* Goes to the new target; what the old one had is closed. */
static void change(enum target target, const struct logsink *sink)
{
	logsink_close(&logger.sink);
	logger.target = target;
	logger.sink = *sink;
}

static void take_stderr(void)
{
	struct logsink sink;

	logsink_stderr(&sink);
	change(stderr_is_journal() ? TARGET_JOURNAL : TARGET_STDERR, &sink);
}

static bool is_on_stderr(void)
{
	return logger.target == TARGET_STDERR ||
	       logger.target == TARGET_JOURNAL;
}

static int take_file(const char *path, struct fault *why)
{
	struct logsink sink;

	if (strlen(path) >= sizeof(logger.path))
		return fault_set(why, FAULT_CONFIG,
				 "log file name is too long: %s", path);
	if (logsink_file(&sink, path) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot open log file %s", path);
	must(str_copy(logger.path, sizeof(logger.path), path));
	change(TARGET_FILE, &sink);
	return 0;
}

int log_open(const char *program, const char *target, enum log_level level,
	     struct fault *why)
{
	const struct logsink none = { .fd = -1 };

	if (str_starts_with(target, "file:")) {
		if (take_file(target + strlen("file:"), why) == -1)
			return -1;
	} else if (strcmp(target, "syslog") == 0) {
		change(TARGET_SYSLOG, &none);
	} else if (strcmp(target, "stderr") != 0) {
		return fault_set(why, FAULT_CONFIG,
				 "log: \"%s\" is not stderr, syslog or "
				 "file:/path", target);
	} else if (logger.drops == &alone || !is_on_stderr()) {
		/* At a reload it stays: the user may be unable to reopen what
		 * root could. */
		take_stderr();
	}
	if (logger.drops == &alone)
		logger.drops = alloc_shared(sizeof(*logger.drops));
	logger.level = level;
	(void)snprintf(logger.program, sizeof(logger.program), "%s", program);
	must_handler_set(log_must);
	return 0;
}

int log_give(uid_t uid, gid_t gid, struct fault *why)
{
	if (logger.target != TARGET_FILE ||
	    fchown(logger.sink.fd, uid, gid) == 0)
		return 0;
	return fault_set_errno(why, FAULT_CONFIG, errno,
			       "cannot give away log file %s", logger.path);
}

const char *log_file_of(const char *log)
{
	return str_starts_with(log, "file:") ? log + strlen("file:") : "";
}

void log_reopen(void)
{
	struct logsink sink;

	if (logger.target != TARGET_FILE)
		return;
	if (logsink_file(&sink, logger.path) == -1)
		log_error("cannot reopen log file %s: %s", logger.path,
			  strerror(errno));
	else
		change(TARGET_FILE, &sink);
}

void log_stderr_changed(void)
{
	if (is_on_stderr() && logger.drops != &alone)
		take_stderr();
}

void log_role_set(const char *role)
{
	(void)snprintf(logger.role, sizeof(logger.role), "%s", role);
}

/* ---- one line ----------------------------------------------------------- */

/* "worker 3: text": what syslog and the journal do not know themselves. */
struct spoken {
	char text[ROLE_MAX_BYTES + 2 + TEXT_MAX_BYTES];
};

static struct spoken speak(const char *text)
{
	struct spoken s;

	(void)snprintf(s.text, sizeof(s.text), "%s%s%s", logger.role,
		       logger.role[0] ? ": " : "", text);
	return s;
}

/* The line for a descriptor, with its end; returns its length. */
static size_t format(char *line, size_t size, enum log_level level,
		     const char *text)
{
	struct timespec ts;
	struct tm tm;
	char stamp[32];
	int len;

	if (logger.target == TARGET_JOURNAL) {
		len = snprintf(line, size, "<%d>%s\n", priorities[level], text);
	} else {
		(void)clock_gettime(CLOCK_REALTIME, &ts);
		(void)gmtime_r(&ts.tv_sec, &tm);
		if (strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm)
		    == 0)
			stamp[0] = '\0';
		len = snprintf(line, size, "%s.%03ldZ %s[%ld] %s: %s\n", stamp,
			       ts.tv_nsec / 1000000, logger.program,
			       (long)getpid(), level_names[level], text);
	}
	if (len < 0)
		return 0;	/* no must() here: that logs */
	if ((size_t)len < size)
		return (size_t)len;
	line[size - 2] = '\n';
	return size - 1;
}

/*
 * One write a line, so that processes do not mix theirs.  What is left of a
 * torn line is ended before the next one, by whichever process that writes.
 */
static bool write_line(enum log_level level, const char *text)
{
	char line[1 + LINE_MAX_BYTES] = "\n";
	bool torn = atomic_load(&logger.drops->torn) != 0;
	size_t len = format(line + 1, sizeof(line) - 1, level, text);
	enum logsink_result result =
		logsink_put(&logger.sink, torn ? line : line + 1,
			    torn ? len + 1 : len);

	if (result != LOGSINK_NOTHING && torn != (result == LOGSINK_TORN))
		atomic_store(&logger.drops->torn, result == LOGSINK_TORN);
	return result == LOGSINK_WHOLE;
}

static bool put(enum log_level level, const char *text)
{
	struct spoken s = speak(text);

	if (logger.target == TARGET_SYSLOG)
		return logsyslog_send(logger.program, priorities[level],
				      s.text);
	return write_line(level, s.text);
}

/* ---- what could not be written ------------------------------------------ */

/* False if it must be told and cannot be. */
static bool tell_drops(void)
{
	char text[64];
	uint64_t count;

	if (atomic_load(&logger.drops->untold) == 0)
		return true;
	/* Only one process tells it. */
	count = atomic_exchange(&logger.drops->untold, 0);
	if (count == 0)
		return true;
	(void)snprintf(text, sizeof(text),
		       "log lines were dropped count=%" PRIu64, count);
	if (put(LOG_LEVEL_WARNING, text))
		return true;
	(void)atomic_fetch_add(&logger.drops->untold, count);
	return false;
}

void log_dropped_tell(void)
{
	(void)tell_drops();
}

uint64_t log_dropped_count(void)
{
	return atomic_load(&logger.drops->count);
}

PRINTF_LIKE(2, 0)
static void emit(enum log_level level, const char *fmt, va_list args)
{
	char text[TEXT_MAX_BYTES];
	int saved = errno;

	if (level > logger.level)
		return;
	(void)vsnprintf(text, sizeof(text), fmt, args);
	str_mask_controls(text);
	if (!tell_drops() || !put(level, text)) {
		(void)atomic_fetch_add(&logger.drops->count, 1);
		(void)atomic_fetch_add(&logger.drops->untold, 1);
	}
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
