/* SPDX-License-Identifier: MIT */
/* The journal: mails that the relay took while Redis could not be told. */
#include "config.h"

#include "state/journal.h"

#include "base/alloc.h"
#include "base/fdio.h"
#include "base/str.h"
#include "base/ticks.h"
#include "queue/queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_PREFIX "acks."
#define LINE_MAX_BYTES 512	/* longer ones are not ours */
#define LOCK_NAP_MS 10

/* ---- one line ----------------------------------------------------------- */

/* CRC-32 (IEEE 802.3), bit by bit: a line is short. */
static uint32_t crc_add(uint32_t crc, const char *bytes, size_t len)
{
	crc = ~crc;
	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

/* The checksum covers the queue's name: a line of another queue counts as
 * damaged. */
static uint32_t sum_of(const struct journal *j, const char *text)
{
	return crc_add(crc_add(0, j->queue, strlen(j->queue)), text,
		       strlen(text));
}

/* Writes "2 crc id token ms relay reply\n"; returns its length.  The relay's
 * name has no blanks; one that is unknown is "-". */
static size_t line_write(const struct journal *j,
			 const struct journal_fact *fact,
			 char line[LINE_MAX_BYTES])
{
	char reply[JOURNAL_REPLY_MAX];
	char text[LINE_MAX_BYTES - 16];
	int len;

	str_printable(reply, sizeof(reply), fact->reply);
	len = snprintf(text, sizeof(text), "%s %" PRId64 " %" PRId64 " %s %s",
		       fact->id, fact->token, fact->at_ms,
		       *fact->relay ? fact->relay : "-", reply);
	must(len > 0 && (size_t)len < sizeof(text));
	len = snprintf(line, LINE_MAX_BYTES, "2 %08" PRIx32 " %s\n",
		       sum_of(j, text), text);
	must(len > 0 && len < LINE_MAX_BYTES);
	return (size_t)len;
}

/* Cuts *rest at the next blank and returns what stood before it. */
static char *word_cut(char **rest)
{
	char *word = *rest;
	char *blank = word ? strchr(word, ' ') : NULL;

	*rest = blank ? blank + 1 : NULL;
	if (blank)
		*blank = '\0';
	return blank ? word : NULL;
}

/* Reads a line without its end; false if it is not whole and ours.  Lines of
 * version 1 name no relay. */
static bool line_read(const struct journal *j, char *line,
		      struct journal_fact *fact)
{
	char *rest = line;
	char sum[16];
	char *version = word_cut(&rest);
	char *crc = word_cut(&rest);
	char *id;
	char *token;
	char *at;
	const char *relay = "";
	bool old;

	if (!crc || !rest)
		return false;
	old = strcmp(version, "1") == 0;
	if (!old && strcmp(version, "2") != 0)
		return false;
	(void)snprintf(sum, sizeof(sum), "%08" PRIx32, sum_of(j, rest));
	if (strcmp(crc, sum) != 0)
		return false;
	id = word_cut(&rest);
	token = word_cut(&rest);
	at = word_cut(&rest);
	if (at && !old)
		relay = word_cut(&rest);
	if (relay && strcmp(relay, "-") == 0)
		relay = "";
	return at && relay && rest &&
	       str_copy(fact->id, sizeof(fact->id), id) &&
	       str_to_int(token, 0, INT64_MAX, &fact->token) &&
	       str_to_int(at, 0, INT64_MAX, &fact->at_ms) &&
	       str_copy(fact->relay, sizeof(fact->relay), relay) &&
	       str_copy(fact->reply, sizeof(fact->reply), rest);
}

/* ---- files -------------------------------------------------------------- */

static bool is_off(const struct journal *j)
{
	return !j->dir || j->dir[0] == '\0';
}

/* Really makes a file: access(2) is wrong for root and on read-only disks. */
int journal_check(const struct journal *j, struct fault *why)
{
	char *path;
	int fd;
	int err;

	if (is_off(j))
		return 0;
	path = alloc_printf("%s/.try.%ld", j->dir, (long)getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	err = errno;
	if (fd != -1) {
		(void)close(fd);
		(void)unlink(path);
	}
	free(path);
	if (fd == -1)
		return fault_set_errno(why, FAULT_CONFIG, err,
				       "journal_dir: cannot make a file in %s",
				       j->dir);
	return 0;
}

/* Whoever holds the lock writes one line, or waits for Redis, but never for
 * long. */
static int lock(int fd)
{
	const struct timespec nap = { 0, LOCK_NAP_MS * 1000000L };
	int64_t until_ms = ticks_ms() + JOURNAL_LOCK_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (ticks_ms() >= until_ms) {
			errno = ETIMEDOUT;
			return -1;
		}
		(void)nanosleep(&nap, NULL);
	}
	return 0;
}

/* Opens and locks the worker's file.  Returns the descriptor, or -1 with *why,
 * whose class is FAULT_NONE if there is no such file. */
static int file_open(const struct journal *j, unsigned worker, int flags,
		     struct fault *why)
{
	char *path = alloc_printf("%s/%s%u", j->dir, FILE_PREFIX, worker);
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	int err = errno;

	if (fd != -1 && lock(fd) == -1) {
		err = errno;
		(void)close(fd);
		fd = -1;
	}
	if (fd == -1)
		fault_set_errno(why, err == ENOENT && !(flags & O_CREAT)
				? FAULT_NONE : FAULT_RETRY, err, "journal %s",
				path);
	free(path);
	return fd;
}

/* A new file is on the disk only once its directory is. */
static int dir_sync(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (fd == -1)
		return -1;
	result = fsync(fd);
	(void)close(fd);
	return result;
}

/* Did the last writer die in the middle of a line? */
static bool is_torn(int fd, off_t size)
{
	char last = '\n';

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static int line_append(const struct journal *j, int fd, const char *line,
		       size_t len)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	if ((is_torn(fd, st.st_size) && fdio_write_all(fd, "\n", 1) == -1) ||
	    fdio_write_all(fd, line, len) == -1 || fdatasync(fd) == -1 ||
	    (st.st_size == 0 && dir_sync(j->dir) == -1)) {
		int err = errno;

		/* If that fails, too, a replay skips the fragment. */
		(void)!ftruncate(fd, st.st_size);
		errno = err;
		return -1;
	}
	return 0;
}

int journal_append(const struct journal *j, unsigned worker,
		   const struct journal_fact *fact, struct fault *why)
{
	char line[LINE_MAX_BYTES];
	size_t len;
	int result = 0;
	int fd;

	if (is_off(j))
		return 0;
	len = line_write(j, fact, line);
	fd = file_open(j, worker, O_RDWR | O_APPEND | O_CREAT, why);
	if (fd == -1)
		return -1;
	if (line_append(j, fd, line, len) == -1)
		result = fault_set_errno(why, FAULT_RETRY, errno,
					 "journal %s/%s%u", j->dir,
					 FILE_PREFIX, worker);
	(void)close(fd);
	return result;
}

/* ---- replay ------------------------------------------------------------- */

/*
 * Reads the next line, whatever bytes it has, without its end.  Returns 1, 0 at
 * the end of the file; *good is false for one that has a NUL or is longer than
 * ours.
 */
static int line_next(FILE *file, char line[LINE_MAX_BYTES], bool *good)
{
	size_t len = 0;
	int c;

	*good = true;
	while ((c = getc(file)) != EOF && c != '\n') {
		if (c == '\0' || len == LINE_MAX_BYTES - 1)
			*good = false;
		else
			line[len++] = (char)c;
	}
	line[len] = '\0';
	return c != EOF || len > 0;
}

static int lines_tell(const struct journal *j, unsigned worker, FILE *file,
		      struct fault *why)
{
	char line[LINE_MAX_BYTES];
	bool good;
	int count = 0;

	while (line_next(file, line, &good) == 1) {
		struct journal_fact fact;

		if (!good || !line_read(j, line, &fact))
			continue;
		if (j->tell(j->arg, worker, &fact, why) == -1)
			return -1;
		count++;
	}
	if (ferror(file))
		return fault_set_errno(why, FAULT_RETRY, errno,
				       "cannot read the journal of worker %u",
				       worker);
	return count;
}

int journal_replay(const struct journal *j, unsigned worker,
		   struct fault *why)
{
	struct fault inner;
	struct stat st;
	FILE *file;
	int count = 0;
	int fd;

	if (is_off(j))
		return 0;
	fd = file_open(j, worker, O_RDWR, &inner);
	if (fd == -1) {
		if (inner.class == FAULT_NONE)
			return 0;
		*why = inner;
		return -1;
	}
	if (fstat(fd, &st) == 0 && st.st_size == 0) {
		(void)close(fd);
		return 0;
	}
	file = fdopen(fd, "r+");
	if (!file) {
		(void)close(fd);
		return fault_set_errno(why, FAULT_RETRY, errno, "fdopen");
	}
	count = lines_tell(j, worker, file, why);
	/* If it cannot be emptied, its lines are told again, which does no
	 * harm. */
	if (count != -1)
		(void)!ftruncate(fd, 0);
	(void)fclose(file);
	return count;
}

int journal_replay_all(const struct journal *j, struct fault *why)
{
	const struct dirent *entry;
	DIR *dir;
	int count = 0;

	if (is_off(j))
		return 0;
	dir = opendir(j->dir);
	if (!dir) {
		/* Nothing can have been written there either. */
		return errno == ENOENT || errno == EACCES ? 0
			: fault_set_errno(why, FAULT_RETRY, errno,
					  "journal %s", j->dir);
	}
	while (count != -1 && (entry = readdir(dir)) != NULL) {
		int64_t worker;
		int told;

		if (!str_starts_with(entry->d_name, FILE_PREFIX) ||
		    !str_to_int(entry->d_name + strlen(FILE_PREFIX), 0,
				QUEUE_SLOTS_MAX - 1, &worker))
			continue;
		told = journal_replay(j, (unsigned)worker, why);
		count = told == -1 ? -1 : count + told;
	}
	(void)closedir(dir);
	return count;
}
