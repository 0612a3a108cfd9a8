/* SPDX-License-Identifier: MIT */
/* A byte string that grows. */
#include "config.h"

#include "base/buf.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char buf_empty[1];

void buf_init(struct buf *b)
{
	b->data = buf_empty;
	b->len = 0;
	b->room = 0;
}

void buf_release(struct buf *b)
{
	if (b->room)
		free(b->data);
	buf_init(b);
}

void buf_clear(struct buf *b)
{
	buf_truncate(b, 0);
}

void buf_truncate(struct buf *b, size_t len)
{
	must(len <= b->len);
	b->len = len;
	if (b->room)
		b->data[len] = '\0';
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t need;
	size_t room = b->room ? b->room : 64;

	must(more < SIZE_MAX / 4 && b->len < SIZE_MAX / 4);
	need = b->len + more + 1;
	if (need <= b->room)
		return;
	while (room < need)
		room *= 2;
	b->data = alloc_resize(b->room ? b->data : NULL, room, 1);
	b->data[b->len] = '\0';
	b->room = room;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	buf_reserve(b, len);
	memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_addch(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addstr(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_addint(struct buf *b, int64_t number)
{
	char text[STR_INT_SIZE];

	buf_add(b, text, str_int(text, number));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(small, sizeof(small), fmt, args);
	va_end(args);
	must(len >= 0);
	if ((size_t)len < sizeof(small)) {
		buf_add(b, small, (size_t)len);
		return;
	}
	buf_reserve(b, (size_t)len);
	va_start(args, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)len + 1, fmt, args);
	va_end(args);
	b->len += (size_t)len;
}

char *buf_detach(struct buf *b)
{
	char *data;

	buf_reserve(b, 0);
	data = b->data;
	buf_init(b);
	return data;
}

int buf_add_file(struct buf *b, const char *path, size_t max_bytes)
{
	size_t start = b->len;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd == -1)
		return -1;
	for (;;) {
		ssize_t got;

		buf_reserve(b, 4096);
		got = read(fd, b->data + b->len, 4096);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			err = errno;
		if (got <= 0)
			break;
		b->len += (size_t)got;
		if (b->len - start > max_bytes) {
			err = EFBIG;
			break;
		}
	}
	(void)close(fd);	/* read only: nothing can be lost */
	buf_truncate(b, err ? start : b->len);
	if (!err)
		return 0;
	errno = err;
	return -1;
}
