/* SPDX-License-Identifier: MIT */
/* A folder of its own for a unit test that reads files.  Included once. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char work[] = "/tmp/t_reservoir.XXXXXX";

/* "work/name"; the caller frees it. */
static inline char *scratch_path(const char *name)
{
	return alloc_printf("%s/%s", work, name);
}

/* Writes work/file, or removes it if text is NULL. */
static inline void put(const char *file, const char *text)
{
	char *path = scratch_path(file);
	FILE *f;

	if (text) {
		f = fopen(path, "we");
		assert_non_null(f);
		assert_true(fputs(text, f) >= 0);
		assert_int_equal(fclose(f), 0);
	} else {
		assert_int_equal(unlink(path), 0);
	}
	free(path);
}

/* Makes work and these folders in it, those above first.  0 or -1. */
static inline int scratch_begin(const char *const *folders, size_t count)
{
	if (!mkdtemp(work))
		return -1;
	for (size_t i = 0; i < count; i++) {
		char *path = scratch_path(folders[i]);
		int rc = mkdir(path, 0700);

		free(path);
		if (rc == -1)
			return -1;
	}
	return 0;
}

/* A teardown: removes work with all that is in it. */
static inline int scratch_end(void **state)
{
	char *command = alloc_printf("rm -r '%s'", work);
	int rc = system(command);

	(void)state;
	free(command);
	return rc;
}

#endif
