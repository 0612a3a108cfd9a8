/* SPDX-License-Identifier: MIT */
/* Builds HTTP answers and hands them to libfcgi. */
#include "config.h"

#include "http/reply.h"

#include "base/alloc.h"

#include <fcgiapp.h>
#include <json-c/json.h>

#include <stdlib.h>

static const char *reason(int status)
{
	switch (status) {
	case 200: return "OK";
	case 201: return "Created";
	case 204: return "No Content";
	case 303: return "See Other";
	case 304: return "Not Modified";
	case 307: return "Temporary Redirect";
	case 400: return "Bad Request";
	case 401: return "Unauthorized";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 409: return "Conflict";
	case 410: return "Gone";
	case 413: return "Content Too Large";
	case 415: return "Unsupported Media Type";
	case 422: return "Unprocessable Content";
	case 429: return "Too Many Requests";
	case 500: return "Internal Server Error";
	case 503: return "Service Unavailable";
	default: return "";
	}
}

void reply_init(struct reply *r)
{
	*r = (struct reply){ .status = 200 };
	buf_init(&r->headers);
	buf_init(&r->body);
}

void reply_release(struct reply *r)
{
	buf_release(&r->headers);
	buf_release(&r->body);
}

void reply_clear(struct reply *r)
{
	buf_clear(&r->headers);
	buf_clear(&r->body);
	r->status = 200;
	r->storable = false;
	r->shared = false;
}

PRINTF_LIKE(3, 0)
static void add_header(struct reply *r, const char *name, const char *format,
		       va_list args)
{
	char *value = alloc_vprintf(format, args);

	for (char *p = value; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	buf_addf(&r->headers, "%s: %s\r\n", name, value);
	free(value);
}

void reply_header(struct reply *r, const char *name, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_header(r, name, format, args);
	va_end(args);
}

void reply_html(struct reply *r)
{
	reply_header(r, "Content-Type", "text/html; charset=utf-8");
	/* nginx says these itself, with the framers that it finds here; any
	 * other server shall not lack them. */
	reply_header(r, "Content-Security-Policy",
		     "default-src 'none'; style-src 'self'; img-src 'self'; "
		     "form-action 'self'; frame-ancestors %s; base-uri 'none'",
		     r->framers ? r->framers : "'none'");
	reply_header(r, "X-Content-Type-Options", "nosniff");
}

void reply_text(struct reply *r, int status, const char *text)
{
	r->status = status;
	reply_header(r, "Content-Type", "text/plain; charset=utf-8");
	buf_addstr(&r->body, text);
}

static void json_body(struct reply *r, int status, const char *media_type,
		      struct json_object *value)
{
	r->status = status;
	reply_header(r, "Content-Type", "%s", media_type);
	buf_addstr(&r->body, json_object_to_json_string_ext(
				     value, JSON_C_TO_STRING_PLAIN |
				     JSON_C_TO_STRING_NOSLASHESCAPE));
	buf_addch(&r->body, '\n');
	json_object_put(value);
}

void reply_json(struct reply *r, int status, struct json_object *value)
{
	json_body(r, status, "application/json", value);
}

void reply_problem(struct reply *r, int status, struct json_object *value)
{
	json_body(r, status, "application/problem+json", value);
}

void reply_see_other(struct reply *r, const char *format, ...)
{
	va_list args;

	r->status = 303;
	va_start(args, format);
	add_header(r, "Location", format, args);
	va_end(args);
}

void reply_ask_there(struct reply *r, const char *format, ...)
{
	va_list args;

	r->status = 307;
	va_start(args, format);
	add_header(r, "Location", format, args);
	va_end(args);
}

void reply_send(const struct reply *r, struct FCGX_Request *fcgi)
{
	struct buf all = BUF_INIT;

	buf_addf(&all, "Status: %d %s\r\n", r->status, reason(r->status));
	/* For nginx alone, which takes it out; what stands behind Cache-Control
	 * would not count.  That there is no such page is shared, too. */
	if (r->shared && !r->no_body && (r->status == 200 || r->status == 404))
		buf_addstr(&all, "X-Accel-Expires: 1\r\n");
	buf_add(&all, r->headers.data, r->headers.len);
	/* Nor may a proxy rewrite the addresses on a page. */
	if (!r->storable)
		buf_addstr(&all, "Cache-Control: no-store, no-transform\r\n");
	buf_addf(&all, "Content-Length: %zu\r\n\r\n", r->body.len);
	if (!r->no_body)
		buf_add(&all, r->body.data, r->body.len);
	/* The booking is committed by now: a client that has gone loses only
	 * this answer. */
	(void)FCGX_PutStr(all.data, (int)all.len, fcgi->out);
	buf_release(&all);
}
