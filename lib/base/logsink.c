/* SPDX-License-Identifier: MIT */
/* Where log lines go, as a descriptor. */
#include "config.h"

#include "base/logsink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(LOGSINK_LINE_MAX <= PIPE_BUF, "lines are not torn in pipes");

#define SPLICED_PIPE_BYTES (1 << 20)

/* The same file once more, as an open file of our own; -1 if we may not. */
static int open_again(int fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

void logsink_stderr(struct logsink *s)
{
	struct stat st;
	int fd = -1;

	*s = (struct logsink){ .fd = STDERR_FILENO, .way = LOGSINK_WRITE };
	/* A file's offset and append mode come from whoever opened it. */
	if (fstat(s->fd, &st) == -1 || S_ISREG(st.st_mode))
		return;
	if (S_ISSOCK(st.st_mode)) {
		s->way = LOGSINK_SEND;
		return;
	}
	fd = open_again(s->fd);
	if (fd != -1) {
		s->fd = fd;
		s->own = true;
	} else if (S_ISFIFO(st.st_mode)) {
		s->way = LOGSINK_SPLICE;
		/* A spliced line fills a page; more pages, if we may. */
		(void)fcntl(s->fd, F_SETPIPE_SZ, SPLICED_PIPE_BYTES);
	} else {
		s->way = LOGSINK_ASK;
	}
}

int logsink_file(struct logsink *s, const char *path)
{
	const int flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY |
			  O_NONBLOCK;
	int fd = open(path, O_WRONLY | flags, 0640);

	/* A FIFO without a reader: as a reader ourselves we may write. */
	if (fd == -1 && errno == ENXIO)
		fd = open(path, O_RDWR | flags, 0640);
	if (fd == -1)
		return -1;
	*s = (struct logsink){ .fd = fd, .way = LOGSINK_WRITE, .own = true };
	return 0;
}

void logsink_close(struct logsink *s)
{
	if (s->own)
		(void)close(s->fd);
	s->own = false;
}

/* A pipe of ours holds the line in one piece, which moves or does not. */
static ssize_t splice_line(int fd, const char *line, size_t len)
{
	ssize_t put = -1;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	if (write(fds[1], line, len) == (ssize_t)len)
		put = splice(fds[0], NULL, fd, NULL, len, SPLICE_F_NONBLOCK);
	(void)close(fds[0]);
	(void)close(fds[1]);
	return put;
}

static bool has_room(int fd)
{
	struct pollfd ask = { .fd = fd, .events = POLLOUT };

	return poll(&ask, 1, 0) == 1 && (ask.revents & POLLOUT);
}

static ssize_t put_some(const struct logsink *s, const char *line, size_t len)
{
	switch (s->way) {
	case LOGSINK_SEND:
		return send(s->fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	case LOGSINK_SPLICE:
		return splice_line(s->fd, line, len);
	case LOGSINK_ASK:
		return has_room(s->fd) ? write(s->fd, line, len) : -1;
	case LOGSINK_WAIT:
	case LOGSINK_WRITE:
		break;
	}
	return write(s->fd, line, len);
}

enum logsink_result logsink_put(const struct logsink *s, const char *line,
				size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t put = put_some(s, line + done, len - done);

		if (put > 0)
			done += (size_t)put;
		else if (put == 0 || errno != EINTR)
			break;
	}
	if (done == len)
		return LOGSINK_WHOLE;
	return done > 0 ? LOGSINK_TORN : LOGSINK_NOTHING;
}
