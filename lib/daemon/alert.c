/* SPDX-License-Identifier: MIT */
/* Alerts: what a person must hear of.  alert_run.c runs the command. */
#include "config.h"

#include "daemon/alert.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "daemon/alert_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Static_assert(ALERT_LINE_MAX <= PIPE_BUF,
	       "a line is written whole or not at all");

#define BAD_LINES_MAX 1000	/* passed over in one look */
#define ONCE_MAX 128		/* keys remembered by alert_raise_once() */

/* In shared memory. */
struct shared {
	_Atomic int64_t count;
	_Atomic uint64_t once[ONCE_MAX];	/* hashes of keys, 0 = free */
};

static struct {
	struct shared *shared;		/* NULL = not opened */
	int read_fd;
	int write_fd;
	struct alert_reader reader;
	bool warned;			/* of a line that was none of ours */
} alerts = { .read_fd = -1, .write_fd = -1 };

int alert_open(struct fault *why)
{
	int fds[2];

	if (alerts.shared)
		return 0;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "cannot make a pipe for alerts");
	alerts.read_fd = fds[0];
	alerts.write_fd = fds[1];
	alerts.shared = alloc_shared(sizeof(*alerts.shared));
	return 0;
}

void alert_close(void)
{
	if (!alerts.shared)
		return;
	(void)close(alerts.read_fd);
	(void)close(alerts.write_fd);
	alerts.read_fd = alerts.write_fd = -1;
	alerts.shared = NULL;	/* its memory lives until the process ends */
	alerts.reader = (struct alert_reader){ .len = 0 };
}

/* A key goes to a command and into a list: a word, whatever came in. */
static void set_word(char word[ALERT_KEY_MAX], const char *key)
{
	(void)str_printable(word, ALERT_KEY_MAX, key);
	for (char *p = word; *p; p++)
		if (*p == ' ')
			*p = '?';
}

PRINTF_LIKE(2, 0)
static void raise_one(const char *key, const char *fmt, va_list args)
{
	char word[ALERT_KEY_MAX];
	char text[ALERT_TEXT_MAX];
	char line[ALERT_LINE_MAX + 1];
	int len;

	(void)vsnprintf(text, sizeof(text), fmt, args);
	str_mask_controls(text);
	set_word(word, key);
	log_error("alert key=%s: %s", word, text);
	if (!alerts.shared)
		return;
	atomic_fetch_add(&alerts.shared->count, 1);
	len = snprintf(line, sizeof(line), "%s %s\n", word, text);
	/* A full pipe means that the master has more of them than it can
	 * tell: this one stays a line in the log. */
	if (len > 0)
		(void)!write(alerts.write_fd, line, (size_t)len);
}

void alert_raise(const char *key, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	raise_one(key, fmt, args);
	va_end(args);
}

/* Notes the key; false if it had been noted.  With no room left all are new. */
static bool is_new(const char *key)
{
	uint64_t hash = str_hash(STR_HASH, key, strlen(key));

	if (!alerts.shared)
		return true;
	for (size_t i = 0; i < ONCE_MAX; i++) {
		uint64_t there = 0;

		if (atomic_compare_exchange_strong(&alerts.shared->once[i],
						   &there, hash))
			return true;
		if (there == hash)
			return false;
	}
	return true;
}

void alert_raise_once(const char *key, const char *fmt, ...)
{
	va_list args;

	if (!is_new(key))
		return;
	va_start(args, fmt);
	raise_one(key, fmt, args);
	va_end(args);
}

void alert_forget(void)
{
	for (size_t i = 0; alerts.shared && i < ONCE_MAX; i++)
		atomic_store(&alerts.shared->once[i], 0);
}

int64_t alert_count(void)
{
	return alerts.shared ? atomic_load(&alerts.shared->count) : 0;
}

/* Reads more; false when there is no more. */
static bool fill(struct alert_reader *r)
{
	ssize_t got = read(alerts.read_fd, r->bytes + r->len,
			   sizeof(r->bytes) - r->len);

	if (got <= 0)
		return false;
	r->len += (size_t)got;
	return true;
}

int alert_take(char key[ALERT_KEY_MAX], char text[ALERT_TEXT_MAX])
{
	/* A child that floods us does not hold us: the rest comes later. */
	for (int i = 0; alerts.shared && i < BAD_LINES_MAX; i++) {
		int got = alert_reader_take(&alerts.reader, key, text);

		if (got == 1)
			return 1;
		if (got == 0 && !fill(&alerts.reader))
			return 0;
		if (got == -1 && !alerts.warned) {
			alerts.warned = true;
			log_error("a process of ours has written what is no "
				  "alert: ignored, and not told again");
		}
	}
	return 0;
}
