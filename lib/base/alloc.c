/* SPDX-License-Identifier: MIT */
/* Memory or the end of the process. */
#include "config.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

NORETURN static void out_of_memory(void)
{
	static const char text[] = "out of memory\n";

	/* Nothing can be done if this fails, too. */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) == -1)
		_exit(EX_OSERR);
	_exit(EX_OSERR);
}

void *alloc_zeroed(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *alloc_resize(void *p, size_t count, size_t size)
{
	void *bigger = reallocarray(p, count ? count : 1, size ? size : 1);

	if (!bigger)
		out_of_memory();
	return bigger;
}

void *alloc_grow(void *p, size_t count, size_t *room, size_t size)
{
	if (p && count < *room)
		return p;
	*room = count < 16 ? 32 : 2 * count;
	return alloc_resize(p, *room, size);
}

void *alloc_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		out_of_memory();
	return p;
}

char *alloc_textn(const char *bytes, size_t len)
{
	char *copy = alloc_zeroed(len + 1, 1);

	memcpy(copy, bytes, len);
	return copy;
}

char *alloc_text(const char *text)
{
	return alloc_textn(text, strlen(text));
}

char *alloc_vprintf(const char *fmt, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, args) == -1)
		out_of_memory();
	return text;
}

char *alloc_printf(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	char *text = alloc_vprintf(fmt, args);

	va_end(args);
	return text;
}
