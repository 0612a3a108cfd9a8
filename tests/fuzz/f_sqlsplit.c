/* SPDX-License-Identifier: MIT */
/* Files of SQL: statements in their order, without what stands between. */
#include "config.h"

#include "fuzz.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "db/sqlsplit.h"

#include <string.h>

/* By itself a statement is one, the same. */
static void check_alone(const char *start, size_t len)
{
	char *alone = alloc_textn(start, len);
	const char *at = alone;
	const char *again;
	size_t again_len;

	/* Two hyphens before a semicolon are none; before nothing they are a
	 * comment. */
	if (strcmp(alone, "--") != 0) {
		must(sqlsplit_next(&at, &again, &again_len));
		must(again == alone && again_len == len);
		must(!sqlsplit_next(&at, &again, &again_len));
	}
	free(alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	char *text = fuzz_next(&in);
	const char *end = text + strlen(text);
	const char *at = text;
	const char *behind = text;
	const char *start;
	size_t len;

	while (sqlsplit_next(&at, &start, &len)) {
		must(len > 0 && start >= behind && start + len <= end);
		must(at >= start + len && at <= end);
		must(strchr(" \t\r\n;#", *start) == NULL);
		must(strchr(" \t\r\n", start[len - 1]) == NULL);
		/* Without a quote or comment nothing hides a semicolon. */
		must(memchr(start, ';', len) == NULL ||
		     strcspn(start, "'\"`#-/") < len);
		check_alone(start, len);
		behind = start + len;
	}
	free(text);
	return 0;
}
