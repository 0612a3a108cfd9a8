/* SPDX-License-Identifier: MIT */
/*
 * Web addresses: a list of return addresses, a form feed, where a form wants
 * its visitor sent.
 */
#include "config.h"

#include "fuzz.h"

#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "http/origin.h"

#include <string.h>
#include <strings.h>

static void check_origin(const char *url)
{
	char origin[ORIGIN_MAX + 1];
	char again[ORIGIN_MAX + 1];

	if (!origin_of(url, origin)) {
		must(origin[0] == '\0' && !origin_is_exact(url));
		return;
	}
	must(strncasecmp(origin, url, strlen(origin)) == 0 ||
	     strchr(url + 8, ':') != NULL);
	must(str_starts_with(origin, "http://") ||
	     str_starts_with(origin, "https://"));
	must(strpbrk(origin, "@?#\\ \r\n\t") == NULL);
	must(strcspn(origin + strlen("https://"), "/") ==
	     strlen(origin) - strlen("https://"));
	must(origin_of(origin, again) && strcmp(origin, again) == 0);
	must(origin_is_exact(origin));
	must(origin_is_listed(origin, origin));
}

/* The row that allowed url begins as it does, apart from case and port. */
static bool a_row_begins_it(const char *list, const char *url)
{
	char origin[ORIGIN_MAX + 1];
	char row_origin[ORIGIN_MAX + 1];
	bool found = false;

	must(origin_of(url, origin));
	for (const char *at = list; *at != '\0' && !found;) {
		size_t len = strcspn(at, " ");
		char *row = strndup(at, len);

		must(row != NULL);
		found = origin_of(row, row_origin) &&
			strcmp(origin, row_origin) == 0;
		free(row);
		at += len + strspn(at + len, " ");
	}
	return found;
}

static void check_return(const char *list, const char *url)
{
	struct buf sent = BUF_INIT;
	char before[ORIGIN_MAX + 1];
	char after[ORIGIN_MAX + 1];

	if (!origin_may_return(list, url))
		return;
	must(a_row_begins_it(list, url));
	must(strlen(url) <= ORIGIN_URL_MAX);
	must(strstr(url, "/../") == NULL || strpbrk(url, "?#") != NULL);
	for (const char *p = url; *p != '\0'; p++)
		must(*p > ' ' && *p <= '~' && *p != '\\' && *p != '"');
	/* The reference is appended; the visitor goes to the same site. */
	origin_add_query(&sent, url, "ref", "RK7F3M2Q");
	must(origin_of(url, before) && origin_of(sent.data, after));
	must(strcmp(before, after) == 0);
	must(strstr(sent.data, "ref=RK7F3M2Q") != NULL);
	buf_release(&sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	char *list = fuzz_next(&in);
	char *url = fuzz_next(&in);
	struct buf escaped = BUF_INIT;

	check_origin(url);
	check_return(list, url);
	/* The same address below one of our own rows. */
	check_return("https://a.example/x https://b.example:8443/y/", url);
	origin_escape(&escaped, url);
	must(strcspn(escaped.data, "&=?#/ \"<>'\r\n") == escaped.len);
	buf_release(&escaped);
	free(list);
	free(url);
	return 0;
}
