/* SPDX-License-Identifier: MIT */
/* The hosts of one database, in their order. */
#include "config.h"

#include "db/hosts.h"

#include "base/str.h"

#include <stdint.h>
#include <string.h>

#define HOST_CHARS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:"

static bool name_take(struct dbhost *host, const char *s, size_t len)
{
	if (len == 0 || len >= sizeof(host->name) ||
	    strspn(s, HOST_CHARS) < len)
		return false;
	memcpy(host->name, s, len);
	host->name[len] = '\0';
	return true;
}

/* s: one entry without blanks around it; it is written to. */
static bool host_read(char *s, struct dbhost *host)
{
	char *colon = strrchr(s, ':');
	char *close = strchr(s, ']');
	int64_t port;

	if (*s == '[') {
		if (!close || (close[1] && close + 1 != colon))
			return false;
		colon = close[1] ? colon : NULL;
		if (!name_take(host, s + 1, (size_t)(close - s - 1)))
			return false;
	} else {
		/* Several colons: an address without a port. */
		if (colon && strchr(s, ':') != colon)
			colon = NULL;
		if (!name_take(host, s, colon ? (size_t)(colon - s) :
						strlen(s)))
			return false;
	}
	if (!colon)
		return true;
	if (!str_to_int(colon + 1, 1, 65535, &port))
		return false;
	host->port = (unsigned)port;
	return true;
}

bool dbhosts_read(const char *text, unsigned port, struct dbhosts *out)
{
	char entry[DBHOST_NAME_MAX + 16];

	out->count = 0;
	for (;;) {
		size_t len = strcspn(text, ",");
		struct dbhost *host = &out->list[out->count];

		if (out->count == DBHOSTS_MAX || len >= sizeof(entry))
			return false;
		memcpy(entry, text, len);
		entry[len] = '\0';
		host->port = port;
		if (!host_read(str_trim(entry), host))
			return false;
		out->count++;
		if (!text[len])
			return true;
		text += len + 1;
	}
}
