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

#define SECRET_BYTES_MAX 4096

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

int secret_read(const char *path, char **out, struct fault *why)
{
	struct buf secret = BUF_INIT;
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
	buf_reserve(&secret, 2 * SECRET_BYTES_MAX);
	if (buf_add_file(&secret, path, SECRET_BYTES_MAX) == -1) {
		explicit_bzero(secret.data, secret.room);
		buf_release(&secret);
		return fault_set_errno(why, FAULT_CONFIG, errno,
				       "secret file %s", path);
	}
	if (secret.len > 0 && secret.data[secret.len - 1] == '\n')
		buf_truncate(&secret, secret.len - 1);
	if (secret.len == 0) {
		buf_release(&secret);
		return fault_set(why, FAULT_CONFIG, "secret file %s is empty",
				 path);
	}
	*out = buf_detach(&secret);
	return 0;
}

void secret_free(char *secret)
{
	if (!secret)
		return;
	explicit_bzero(secret, strlen(secret));
	free(secret);
}
