/* SPDX-License-Identifier: MIT */
/* Keeps for people the mails to the bounce address that nothing was made of. */
#include "config.h"

#include "bounce/keep.h"

#include "base/alloc.h"
#include "base/dir.h"
#include "base/fdio.h"
#include "base/logger.h"
#include "base/ticks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int count_one(void *arg, const char *path, const char *name,
		     struct fault *why)
{
	int *count = arg;

	(void)path;
	(void)name;
	(void)why;
	++*count;
	return 0;
}

/* Makes the directories of a Maildir.  0, or -1 with errno. */
static int maildir_make(const char *dir)
{
	static const char *const parts[] = { "", "/tmp", "/new", "/cur" };

	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		char *path = alloc_printf("%s%s", dir, parts[i]);
		int result = mkdir(path, 0700);

		free(path);
		if (result == -1 && errno != EEXIST)
			return -1;
	}
	return 0;
}

/* 0, or -1 with errno; a file is there whole or not at all. */
static int file_write(const char *tmp, const char *path, const struct buf *mail)
{
	int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int result;
	int err;

	if (fd == -1)
		return -1;
	result = fdio_write_all(fd, mail->data, mail->len);
	err = errno;
	if (close(fd) == -1 && result == 0) {
		result = -1;
		err = errno;
	}
	if (result == 0 && rename(tmp, path) == 0)
		return 0;
	if (result == 0)
		err = errno;
	(void)unlink(tmp);
	errno = err;
	return -1;
}

void keep_mail(const char *dir, const struct buf *mail)
{
	char *fresh = alloc_printf("%s/new", dir);
	char *name = alloc_printf("%" PRId64 ".P%d.reservoir", wall_ms(),
				  (int)getpid());
	char *tmp = alloc_printf("%s/tmp/%s", dir, name);
	char *path = alloc_printf("%s/%s", fresh, name);
	struct fault why;
	int count = 0;

	if (!*dir)
		goto out;
	if (dir_each_if_any(fresh, count_one, &count, &why) == -1)
		log_warning("cannot keep a mail: %s", why.text);
	else if (count >= KEEP_MAX)
		log_warning("no mail is kept any more: bounce_keep has %d",
			    count);
	else if (maildir_make(dir) == -1 || file_write(tmp, path, mail) == -1)
		log_warning("cannot keep a mail: %s: %s", dir,
			    strerror(errno));
out:
	free(path);
	free(tmp);
	free(name);
	free(fresh);
}
