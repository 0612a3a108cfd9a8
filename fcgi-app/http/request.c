/* SPDX-License-Identifier: MIT */
/* Takes a request from libfcgi: parameters, then the body. */
#include "config.h"

#include "http/request.h"

#include "base/str.h"

#include <fcgiapp.h>

static const char *param_or_null(char *const *params, const char *name)
{
	size_t len = strlen(name);

	for (; *params != NULL; params++)
		if (strncmp(*params, name, len) == 0 && (*params)[len] == '=')
			return *params + len + 1;
	return NULL;
}

static const char *param(char *const *params, const char *name)
{
	const char *value = param_or_null(params, name);

	return value != NULL ? value : "";
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
static void read_id(struct request *rq, char *const *params)
{
	const char *id = param(params, "REQUEST_ID");

	if (*id == '\0')
		id = param(params, "HTTP_X_REQUEST_ID");
	(void)str_printable(rq->id, sizeof(rq->id), id);
	/* A blank would break the log line's key=value. */
	for (char *p = rq->id; *p != '\0'; p++)
		if (*p == ' ' || *p == '=')
			*p = '?';
}

int request_read_head(struct request *rq, char *const *params,
		      const char *root)
{
	const char *length = param(params, "CONTENT_LENGTH");
	const char *query = param(params, "QUERY_STRING");

	*rq = (struct request){ 0 };
	buf_init(&rq->body);
	rq->content_type = param(params, "CONTENT_TYPE");
	rq->accept = param(params, "HTTP_ACCEPT");
	rq->accept_language = param(params, "HTTP_ACCEPT_LANGUAGE");
	rq->idempotency_key = param(params, "HTTP_IDEMPOTENCY_KEY");
	rq->has_idempotency_key =
		param_or_null(params, "HTTP_IDEMPOTENCY_KEY") != NULL;
	rq->client = param(params, "REMOTE_ADDR");
	rq->if_none_match = param(params, "HTTP_IF_NONE_MATCH");
	rq->user = param(params, "REMOTE_USER");
	rq->authorization = param(params, "HTTP_AUTHORIZATION");
	rq->host = param(params, "HTTP_HOST");
	rq->origin = param(params, "HTTP_ORIGIN");
	rq->fetch_site = param(params, "HTTP_SEC_FETCH_SITE");
	rq->fetch_dest = param(params, "HTTP_SEC_FETCH_DEST");
	rq->referer = param(params, "HTTP_REFERER");
	rq->wanted_method = param(params, "HTTP_ACCESS_CONTROL_REQUEST_METHOD");
	/* No client's header has this name: theirs begin with HTTP_. */
	rq->shows_metrics =
		strcmp(param(params, "RESERVOIR_METRICS"), "1") == 0;
	read_id(rq, params);
	/* Links get odd things appended; they shall still work. */
	rq->query_broken = form_read_urlencoded(&rq->query, query,
						strlen(query)) != FORM_READ;

	if (!str_copy(rq->method, sizeof(rq->method),
		      param(params, "REQUEST_METHOD")) ||
	    rq->method[0] == '\0')
		return 400;
	int status = read_path(rq, param(params, "REQUEST_URI"), root);

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

	if (wanted == 0)
		return 0;
	buf_reserve(&rq->body, (size_t)wanted + 1);

	/* At an error the library returns what it has, as at the end. */
	int got = FCGX_GetStr(rq->body.data, wanted, fcgi->in);

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
