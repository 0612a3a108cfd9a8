/* SPDX-License-Identifier: MIT */
/* File descriptors with limits. */
#include "config.h"

#include "base/fdio.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_BYTES_MAX 8192	/* an access token is the longest */

int fdio_write_all(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t put = write(fd, p, len);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return -1;
		p += put;
		len -= (size_t)put;
	}
	return 0;
}

int fdio_cloexec_set(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags == -1 ? -1 : fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

int fdio_nonblock_set(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1)
		return -1;
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags);
}

int fdio_try_write(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY |
		      O_NONBLOCK | flags);
	char *beside;
	int err;

	if (fd == -1 && errno == ENOENT) {
		beside = alloc_printf("%s.XXXXXX", path);
		fd = mkostemp(beside, O_CLOEXEC);
		err = errno;
		if (fd != -1)
			(void)unlink(beside);
		free(beside);
		errno = err;
	}
	if (fd == -1)
		return -1;
	(void)close(fd);
	return 0;
}

static void secret_wipe(struct buf *secret)
{
	explicit_bzero(secret->data, secret->room);
	buf_release(secret);
}

/* The whole file without one newline at its end.  0, or -1 with *why. */
static int read_private(const char *path, struct buf *secret,
			struct fault *why)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "secret file %s", path);
	if (st.st_mode & 077)
		return fault_set(why, FAULT_CONFIG,
				 "secret file %s has mode %03o: others may "
				 "read it; chmod 0600 it", path,
				 st.st_mode & 0777U);
	/* Room first, so that no resize leaves a copy behind. */
	buf_reserve(secret, 2 * SECRET_BYTES_MAX);
	if (buf_add_file(secret, path, SECRET_BYTES_MAX) == -1)
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "secret file %s", path);
	if (secret->len > 0 && secret->data[secret->len - 1] == '\n')
		buf_truncate(secret, secret->len - 1);
	return 0;
}

/* What of it cannot be meant; NULL = nothing. */
static const char *stray_in_key(const struct buf *secret)
{
	if (secret->len == 0)
		return "is empty";
	if (memchr(secret->data, '\0', secret->len))
		return "holds a NUL byte, and nothing behind it would count: "
			"cut it there";
	return NULL;
}

static const char *stray_in_line(const struct buf *secret)
{
	/* UTF-8's, and UTF-16's in either order. */
	static const char *const marks[] = { "\xef\xbb\xbf", "\xff\xfe",
					     "\xfe\xff" };

	for (size_t i = 0; i < ARRAY_COUNT(marks); i++)
		if (secret->len > 0 &&
		    strncmp(secret->data, marks[i], strlen(marks[i])) == 0)
			return "begins with a byte order mark: save it as "
				"plain text without one";
	if (stray_in_key(secret))
		return stray_in_key(secret);
	if (memchr(secret->data, '\r', secret->len))
		return "holds a carriage return, as Windows ends lines: "
			"remove it";
	if (memchr(secret->data, '\n', secret->len))
		return "has more than one line";
	return NULL;
}

static int read_secret(const char *path, char **out,
		       const char *(*stray_in)(const struct buf *secret),
		       struct fault *why)
{
	struct buf secret = BUF_INIT;
	const char *stray = NULL;
	int rc = read_private(path, &secret, why);

	if (rc == 0)
		stray = stray_in(&secret);
	if (stray)
		rc = fault_set(why, FAULT_CONFIG, "secret file %s %s", path,
			       stray);
	if (rc == 0)
		*out = buf_detach(&secret);
	else
		secret_wipe(&secret);
	return rc;
}

int secret_read(const char *path, char **out, struct fault *why)
{
	return read_secret(path, out, stray_in_line, why);
}

int secret_key_read(const char *path, char **out, struct fault *why)
{
	return read_secret(path, out, stray_in_key, why);
}

void secret_free(char *secret)
{
	if (!secret)
		return;
	explicit_bzero(secret, strlen(secret));
	free(secret);
}
