/* SPDX-License-Identifier: MIT */
/* Lists of kinds, as settings name them. */
#include "config.h"

#include "queue/queue.h"

#include <string.h>

static bool matches(const char *word, size_t len, const char *kind)
{
	/* "name.*": the dot belongs to the kind's beginning. */
	if (len >= 2 && word[len - 1] == '*' && word[len - 2] == '.')
		return strncmp(word, kind, len - 1) == 0;
	return strlen(kind) == len && memcmp(word, kind, len) == 0;
}

bool queue_kind_is_in(const char *list, const char *kind)
{
	while (*list) {
		size_t len;

		list += strspn(list, " \t");
		len = strcspn(list, " \t");
		if (len > 0 && matches(list, len, kind))
			return true;
		list += len;
	}
	return false;
}

bool queue_kinds_are_names(const char *list)
{
	while (*(list += strspn(list, " \t"))) {
		size_t len = strcspn(list, " \t");
		size_t name = len;

		if (len > 2 && memcmp(list + len - 2, ".*", 2) == 0)
			name -= 2;
		if (name > ENVELOPE_KIND_MAX ||
		    strspn(list, "abcdefghijklmnopqrstuvwxyz0123456789_.-") <
		    name)
			return false;
		list += len;
	}
	return true;
}
