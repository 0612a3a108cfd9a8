/* SPDX-License-Identifier: MIT */
/*
 * One HTTP answer: built whole in memory, then written at once with its length,
 * so that a small one leaves in one packet and a failing one leaves nothing
 * half said.
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "base/buf.h"
#include "base/compiler.h"

#include <stdbool.h>

struct FCGX_Request;
struct json_object;

/* reply_init(), fill, reply_send(), reply_release(). */
struct reply {
	int status;		/* 200 unless set */
	struct buf headers;	/* "Name: value\r\n" each */
	struct buf body;
	bool no_body;		/* HEAD: the length, but nothing behind it */
	const char *framers;	/* origins whose pages may have it in a frame,
				 * blank-separated; borrowed; NULL = none */
	bool storable;		/* without it: no-store, no-transform */
	bool shared;		/* whoever asks the same may be given it, for a
				 * second: nginx keeps it if it is 200 or 404 */
};

void reply_init(struct reply *r);
void reply_release(struct reply *r);

/* Forgets all that was said, keeps no_body. */
void reply_clear(struct reply *r);

/*
 * Adds a header.  name is a constant of ours.  Each control character in the
 * formatted value becomes a blank, so that nothing can begin a header of its
 * own.
 */
void reply_header(struct reply *r, const char *name, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* The body is HTML, plain text, or JSON, whose value it frees; in UTF-8.  A
 * problem is an RFC 9457 document. */
void reply_html(struct reply *r);
void reply_text(struct reply *r, int status, const char *text);
void reply_json(struct reply *r, int status, struct json_object *value);
void reply_problem(struct reply *r, int status, struct json_object *value);

/* 303 to a formatted address: the answer to a form that was carried out. */
void reply_see_other(struct reply *r, const char *format, ...)
	PRINTF_LIKE(2, 3);

/* 307: the same request, body and all, is to be sent there. */
void reply_ask_there(struct reply *r, const char *format, ...)
	PRINTF_LIKE(2, 3);

/* Writes all.  A visitor who has gone is not an error. */
void reply_send(const struct reply *r, struct FCGX_Request *fcgi);

#endif
