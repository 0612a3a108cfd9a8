/* SPDX-License-Identifier: MIT */
/* Takes a request from libfcgi: parameters, then the body. */
#include "config.h"

#include "http/request.h"

#include "base/str.h"

#include <fcgiapp.h>

#include <stdio.h>

/* What is read of all that the web server says. */
enum param {
	PARAM_ACCEPT,
	PARAM_ACCEPT_LANGUAGE,
	PARAM_AUTHORIZATION,
	PARAM_CLIENT,
	PARAM_CONTENT_LENGTH,
	PARAM_CONTENT_TYPE,
	PARAM_FETCH_DEST,
	PARAM_FETCH_SITE,
	PARAM_HOST,
	PARAM_IDEMPOTENCY_KEY,
	PARAM_IF_NONE_MATCH,
	PARAM_METHOD,
	PARAM_METRICS,
	PARAM_ORIGIN,
	PARAM_QUERY,
	PARAM_REFERER,
	PARAM_REQUEST_ID,
	PARAM_URI,
	PARAM_USER,
	PARAM_WANTED_METHOD,
	PARAM_X_REQUEST_ID,
	PARAM_COUNT
};

#define NAMED(name) { name, sizeof(name) - 1 }

static const struct {
	const char *name;
	size_t len;
} names[PARAM_COUNT] = {
	[PARAM_ACCEPT] = NAMED("HTTP_ACCEPT"),
	[PARAM_ACCEPT_LANGUAGE] = NAMED("HTTP_ACCEPT_LANGUAGE"),
	[PARAM_AUTHORIZATION] = NAMED("HTTP_AUTHORIZATION"),
	[PARAM_CLIENT] = NAMED("REMOTE_ADDR"),
	[PARAM_CONTENT_LENGTH] = NAMED("CONTENT_LENGTH"),
	[PARAM_CONTENT_TYPE] = NAMED("CONTENT_TYPE"),
	[PARAM_FETCH_DEST] = NAMED("HTTP_SEC_FETCH_DEST"),
	[PARAM_FETCH_SITE] = NAMED("HTTP_SEC_FETCH_SITE"),
	[PARAM_HOST] = NAMED("HTTP_HOST"),
	[PARAM_IDEMPOTENCY_KEY] = NAMED("HTTP_IDEMPOTENCY_KEY"),
	[PARAM_IF_NONE_MATCH] = NAMED("HTTP_IF_NONE_MATCH"),
	[PARAM_METHOD] = NAMED("REQUEST_METHOD"),
	/* No client's header has this name: theirs begin with HTTP_. */
	[PARAM_METRICS] = NAMED("RESERVOIR_METRICS"),
	[PARAM_ORIGIN] = NAMED("HTTP_ORIGIN"),
	[PARAM_QUERY] = NAMED("QUERY_STRING"),
	[PARAM_REFERER] = NAMED("HTTP_REFERER"),
	[PARAM_REQUEST_ID] = NAMED("REQUEST_ID"),
	[PARAM_URI] = NAMED("REQUEST_URI"),
	[PARAM_USER] = NAMED("REMOTE_USER"),
	[PARAM_WANTED_METHOD] = NAMED("HTTP_ACCESS_CONTROL_REQUEST_METHOD"),
	[PARAM_X_REQUEST_ID] = NAMED("HTTP_X_REQUEST_ID"),
};

/* Finds all in one pass; of two with one name the first counts.  NULL: not
 * there. */
static void find_params(char *const *params, const char *found[PARAM_COUNT])
{
	for (size_t i = 0; i < PARAM_COUNT; i++)
		found[i] = NULL;
	for (; *params != NULL; params++) {
		const char *equals = strchr(*params, '=');
		size_t len = equals ? (size_t)(equals - *params) : 0;

		for (size_t i = 0; len > 0 && i < PARAM_COUNT; i++)
			if (names[i].len == len && found[i] == NULL &&
			    memcmp(names[i].name, *params, len) == 0)
				found[i] = equals + 1;
	}
}

/* The path of a request target, without query and escapes; 0, 400 or 404. */
static int read_path(struct request *rq, const char *uri, const char *root)
{
	size_t root_len = strlen(root);
	size_t len = 0;

	if (*uri != '/')
		return 400;
	/* A proxy may have taken it away. */
	if (strncmp(uri, root, root_len) == 0 &&
	    strchr("/?", uri[root_len]) != NULL)
		uri += root_len;
	while (*uri != '\0' && *uri != '?') {
		char c = *uri++;

		if (c == '%') {
			char hex[3] = { 0 };
			uint8_t byte;

			hex[0] = uri[0];
			hex[1] = uri[0] != '\0' ? uri[1] : '\0';
			if (!str_unhex(&byte, 1, hex))
				return 400;
			c = (char)byte;
			uri += 2;
			/* No segment of ours may hold the separator. */
			if (c == '/')
				return 404;
		}
		/* All our paths are plain ASCII. */
		if (c <= ' ' || c > '~' || len == REQUEST_PATH_MAX)
			return 404;
		rq->path[len++] = c;
	}
	rq->path[len] = '\0';
	if (len == 0)
		(void)str_copy(rq->path, sizeof(rq->path), "/");
	return 0;
}

/* The first of the two names of nginx's request id. */
static void read_id(struct request *rq, const char *const *param)
{
	const char *id = param[PARAM_REQUEST_ID];

	if (*id == '\0')
		id = param[PARAM_X_REQUEST_ID];
	(void)str_printable(rq->id, sizeof(rq->id), id);
	/* A blank would break the log line's key=value. */
	for (char *p = rq->id; *p != '\0'; p++)
		if (*p == ' ' || *p == '=')
			*p = '?';
}

int request_read_head(struct request *rq, char *const *params,
		      const char *root)
{
	const char *param[PARAM_COUNT];
	const char *length;
	const char *query;

	*rq = (struct request){ 0 };
	buf_init(&rq->body);
	find_params(params, param);
	rq->has_idempotency_key = param[PARAM_IDEMPOTENCY_KEY] != NULL;
	for (size_t i = 0; i < PARAM_COUNT; i++)
		if (param[i] == NULL)
			param[i] = "";
	rq->content_type = param[PARAM_CONTENT_TYPE];
	rq->accept = param[PARAM_ACCEPT];
	rq->accept_language = param[PARAM_ACCEPT_LANGUAGE];
	rq->idempotency_key = param[PARAM_IDEMPOTENCY_KEY];
	rq->client = param[PARAM_CLIENT];
	rq->if_none_match = param[PARAM_IF_NONE_MATCH];
	rq->user = param[PARAM_USER];
	rq->authorization = param[PARAM_AUTHORIZATION];
	rq->host = param[PARAM_HOST];
	rq->origin = param[PARAM_ORIGIN];
	rq->fetch_site = param[PARAM_FETCH_SITE];
	rq->fetch_dest = param[PARAM_FETCH_DEST];
	rq->referer = param[PARAM_REFERER];
	rq->wanted_method = param[PARAM_WANTED_METHOD];
	rq->shows_metrics = strcmp(param[PARAM_METRICS], "1") == 0;
	read_id(rq, param);
	length = param[PARAM_CONTENT_LENGTH];
	query = param[PARAM_QUERY];
	/* Links get odd things appended; they shall still work. */
	rq->query_broken = form_read_urlencoded(&rq->query, query,
						strlen(query)) != FORM_READ;

	if (!str_copy(rq->method, sizeof(rq->method),
		      param[PARAM_METHOD]) ||
	    rq->method[0] == '\0')
		return 400;
	int status = read_path(rq, param[PARAM_URI], root);

	if (status != 0)
		return status;
	if (*length != '\0' &&
	    !str_to_int(length, 0, INT64_MAX, &rq->content_length))
		return 400;
	return rq->content_length > REQUEST_BODY_MAX ? 413 : 0;
}

int request_read_body(struct request *rq, struct FCGX_Request *fcgi)
{
	int wanted = (int)rq->content_length;

	/* The end is read as well: the connection can then be closed without
	 * waiting (app.c). */
	if (wanted == 0)
		return FCGX_GetChar(fcgi->in) == EOF ? 0 : 400;
	buf_reserve(&rq->body, (size_t)wanted + 1);

	/* At an error the library returns what it has, as at the end. */
	int got = FCGX_GetStr(rq->body.data, wanted + 1, fcgi->in);

	if (got != wanted)
		return 400;
	rq->body.len = (size_t)got;
	rq->body.data[got] = '\0';
	return 0;
}

void request_release(struct request *rq)
{
	form_release(&rq->query);
	buf_release(&rq->body);
}
