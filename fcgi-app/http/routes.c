/* SPDX-License-Identifier: MIT */
/* Matches paths against the patterns of a table. */
#include "config.h"

#include "http/routes.h"

#include "base/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool fits(const char *pattern, const char *path,
		 char args[ROUTE_ARGS_MAX][ROUTE_ARG_MAX + 1])
{
	size_t arg = 0;

	while (*pattern != '\0') {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t len = strcspn(path, "/");

		if (len == 0 || len > ROUTE_ARG_MAX || arg == ROUTE_ARGS_MAX)
			return false;
		memcpy(args[arg], path, len);
		args[arg++][len] = '\0';
		path += len;
		pattern += strcspn(pattern, "}") + 1;
	}
	return *path == '\0';
}

static bool method_fits(const char *wanted, const char *method)
{
	return strcmp(wanted, method) == 0 ||
	       (strcmp(wanted, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

static void allow_add(char *allow, size_t size, const char *method)
{
	size_t len = strlen(allow);

	/* All methods of the table fit into the field many times. */
	(void)snprintf(allow + len, size - len, "%s%s%s",
		       len > 0 ? ", " : "", method,
		       strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

enum route_found route_find(const struct routes *all, const char *method,
			    const char *path, struct route_match *out)
{
	enum route_found found = ROUTE_NO_PATH;

	*out = (struct route_match){ 0 };
	for (size_t i = 0; i < all->count; i++) {
		const struct route *row = &all->list[i];

		memset(out->args, 0, sizeof(out->args));
		if (!fits(row->pattern, path, out->args))
			continue;
		if (method_fits(row->method, method)) {
			out->handler = row->handler;
			return ROUTE_FOUND;
		}
		allow_add(out->allow, sizeof(out->allow), row->method);
		found = ROUTE_NO_METHOD;
	}
	return found;
}

size_t route_above(const struct routes *all, const char *path)
{
	struct route_match ignored;
	char *above = alloc_text(path);
	char *slash;
	size_t len = 0;

	while (len == 0 && (slash = strrchr(above, '/')) != NULL) {
		*slash = '\0';
		if (route_find(all, "GET", above, &ignored) == ROUTE_FOUND)
			len = (size_t)(slash - above);
	}
	free(above);
	return len;
}
