/* SPDX-License-Identifier: MIT */
/*
 * Requests: target, query, root, Content-Length, id and method, each behind a
 * form feed, as nginx gives them; then which row of a table fits.
 */
#include "config.h"

#include "fuzz.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"
#include "formcheck.h"
#include "http/request.h"
#include "http/routes.h"

#include <string.h>

static void handler(struct call *call)
{
	(void)call;
}

static const struct route rows[] = {
	{ "GET", "/", handler },
	{ "GET", "/s/{service}/{slot}", handler },
	{ "POST", "/bookings", handler },
	{ "GET", "/b/{cap}", handler },
	{ "GET", "/b/{cap}/calendar.ics", handler },
	{ "POST", "/b/{cap}/cancel", handler },
};
static const struct routes routes = { rows, ARRAY_COUNT(rows) };

/* What was taken for arguments, put back into the path. */
static bool gives_path(const char *path, const struct route_match *m)
{
	size_t at = 0;

	for (size_t i = 0; i < ROUTE_ARGS_MAX && m->args[i][0]; i++) {
		const char *found = strstr(path + at, m->args[i]);

		if (found == NULL || strchr(m->args[i], '/') != NULL)
			return false;
		at = (size_t)(found - path) + strlen(m->args[i]);
	}
	return true;
}

static void check_path(const struct request *rq, const char *uri,
		       const char *root)
{
	struct route_match m;

	must(rq->path[0] == '/' || *root != '\0');
	must(strlen(rq->path) <= REQUEST_PATH_MAX);
	must(strlen(rq->path) <= strlen(uri) + 1);
	for (const char *p = rq->path; *p != '\0'; p++)
		must(*p > ' ' && *p <= '~');
	switch (route_find(&routes, rq->method, rq->path, &m)) {
	case ROUTE_FOUND:
		must(m.handler == handler);
		must(gives_path(rq->path, &m));
		break;
	case ROUTE_NO_METHOD:
		must(m.handler == NULL && m.allow[0] != '\0');
		break;
	case ROUTE_NO_PATH:
		must(m.handler == NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"REQUEST_URI", "QUERY_STRING", "CONTENT_LENGTH", "REQUEST_ID",
		"REQUEST_METHOD",
	};
	struct fuzz_input in = { (const char *)data, size };
	char *params[ARRAY_COUNT(names) + 1] = { NULL };
	const char *uri;
	struct request rq;

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		char *value = fuzz_next(&in);

		params[i] = alloc_printf("%s=%s", names[i], value);
		free(value);
	}
	/* It stands in our settings. */
	char *root = fuzz_next(&in);
	int status = request_read_head(&rq, params, root);

	uri = params[0] + strlen("REQUEST_URI=");
	must(status == 0 || status == 400 || status == 404 || status == 413);
	must(strlen(rq.id) < sizeof(rq.id) && strpbrk(rq.id, " =\r\n") == NULL);
	formcheck_result(&rq.query, FORM_READ);
	if (status == 0) {
		must(rq.content_length >= 0);
		must(rq.content_length <= REQUEST_BODY_MAX);
		check_path(&rq, uri, root);
	}
	request_release(&rq);
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		free(params[i]);
	free(root);
	return 0;
}
