/* SPDX-License-Identifier: MIT */
/* What organisers see below /admin: one handler a page, and who may in. */
#ifndef ADMIN_H
#define ADMIN_H

#include "compiler.h"

#include <stdbool.h>

struct call;
struct json_object;
struct store_actor;

/* Is that path one of organisers' pages? */
bool admin_owns(const char *path);

/*
 * May this request go on?  Somebody must be signed in, as the web server says
 * by REMOTE_USER; what is posted must come from a page of ours, by Origin and
 * by Sec-Fetch-Site, at least one of which every browser sends.
 */
bool admin_allows(const struct call *call);

/* ---- for its pages -------------------------------------------------------- */

/* Who has signed in, or whose key it is, as the history names them. */
struct store_actor admin_actor(const struct call *call);

/* The values of a page below "/admin"; self as for page_new(). */
struct json_object *admin_page(struct call *call, const char *self,
			       const char *title) MUST_USE RETURNS_NONNULL;

/* The text of "web.admin.{group}.{word}", or word itself. */
const char *admin_word(const struct call *call, const char *group,
		       const char *word);

/* Adds {name}: "2025-12-03 14:30:05", the time in zone, and {name}_iso; both ""
 * for 0. */
void admin_put_time(struct json_object *to, const char *name, const char *zone,
		    long long at_ms);

/* Answers 503 and writes a log line. */
struct fault;
void admin_fault(struct call *call, const char *what, const struct fault *why);

/* ---- handlers ------------------------------------------------------------- */

/* admin_today.c */
void admin_today(struct call *call);		/* GET /admin */
void admin_search(struct call *call);		/* GET /admin/search */

/* admin_booking.c */
void admin_booking(struct call *call);		/* GET /admin/b/{ref} */
/* The same after a mistake: error is the sentence about the field ("email",
 * "reason"; NULL = none), which keeps what was typed. */
void admin_booking_show(struct call *call, const char *error,
			const char *field, const char *typed);

/* admin_change.c: POST /admin/b/{ref}/... */
void admin_resend_post(struct call *call);
void admin_retry_post(struct call *call);
void admin_abort_post(struct call *call);
void admin_email_post(struct call *call);
void admin_cancel_post(struct call *call);

/* admin_mails.c */
void admin_mails(struct call *call);		/* GET /admin/mails */
void admin_log(struct call *call);		/* GET /admin/log */

/* admin_templates.c: GET /admin/templates[/{language}/{kind}[/html]] */
void admin_templates(struct call *call);
void admin_template(struct call *call);
void admin_template_html(struct call *call);

#endif
