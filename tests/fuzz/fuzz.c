/* SPDX-License-Identifier: MIT */
/* What fuzz targets share. */
#include "config.h"

#include "fuzz.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

char *fuzz_next(struct fuzz_input *in)
{
	const char *end = memchr(in->at, '\f', in->left);
	size_t len = end != NULL ? (size_t)(end - in->at) : in->left;
	char *text = alloc_textn(in->at, len);

	in->at += len + (end != NULL);
	in->left -= len + (end != NULL);
	return text;
}

char *fuzz_rest(struct fuzz_input *in, size_t *len_out)
{
	/* Of nothing there is a block, too: one that may not be read. */
	char *copy = malloc(in->left);

	must(copy != NULL);
	if (in->left > 0)
		memcpy(copy, in->at, in->left);
	*len_out = in->left;
	in->at += in->left;
	in->left = 0;
	return copy;
}

bool fuzz_is_utf8(const char *s)
{
	return str_is_utf8(s, strlen(s));
}

bool fuzz_has_whole_lines(const char *text, size_t len, size_t max)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\0' || text[i] == '\n')
			return false;
		if (text[i] != '\r') {
			used++;
			continue;
		}
		if (++i == len || text[i] != '\n' || used > max)
			return false;
		used = 0;
	}
	return used == 0;
}
