/* SPDX-License-Identifier: MIT */
/*
 * What organisers see below /admin: who may enter, what its pages share
 * (admin.c), and the handlers that web.c routes to, by file.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "base/compiler.h"
#include "domain/refusal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct call;
struct json_object;

/*
 * Why may this request not go on?  Somebody must be signed in, as the web
 * server says by REMOTE_USER; what is posted must come from a page of ours, by
 * Origin and by Sec-Fetch-Site, at least one of which every browser sends, but
 * not every proxy hands on.  FAIL_NONE: it may.
 */
enum fail_kind admin_hindrance(const struct call *call);

/* ---- for its pages ------------------------------------------------------ */

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

/* Adds {name}: "2025-12-03", as addresses name a day. */
void admin_put_day(struct json_object *to, const char *name, struct tm day);

/* 303 to a formatted path below the root, which says what was done
 * (admin_put_done()). */
void admin_see(struct call *call, const char *done, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* What a page is about, to whose acts admin_see() leads. */
enum admin_on { ADMIN_ON_BOOKING, ADMIN_ON_SERVICE, ADMIN_ON_SLOTS,
		ADMIN_ON_SLOT, ADMIN_ON_FEEDS };
struct admin_acts {
	enum admin_on on;
	int64_t booking_id;	/* of a booking */
	const char *object;	/* of others: as the record names it */
	const char *detail;	/* and how its details begin; "" = any */
};

/*
 * Adds "done": what admin_see() says was done, the text of "admin.done.WORD".
 * Anybody can write such an address: only if an act on this page leads to that,
 * and if the record has it that this organiser has just done so; else "".
 */
void admin_put_done(const struct call *call, struct json_object *values,
		    const struct admin_acts *acts);

/* Adds "taken": "12 of 40 places taken". */
void admin_put_taken(const struct call *call, struct json_object *to,
		     int64_t booked, int64_t capacity);

/* Adds the list "service_choices" of {slug, name, zone, chosen} and the flag
 * "all_services", for the part admin_choice; slug is the one that is chosen,
 * "" = all.  0, or -1 with *why. */
struct fault;
int admin_put_services(const struct call *call, struct json_object *to,
		       const char *slug, struct fault *why) MUST_USE;

/* Splits member name of row, a mail's reply or the text of an attempt, for the
 * part admin_said: "said", what of it is ours, in the reader's language, and
 * "quoted", what a server or library said. */
void admin_say(const struct call *call, struct json_object *row,
	       const char *name);

/* Says row's "detail" of an action in the reader's language: amounts, and the
 * slot that was changed.  Other details stay. */
void admin_say_detail(const struct call *call, struct json_object *row);

/* Adds "waiting": how many wait (by the text of key), and how many bookings are
 * to be confirmed; "" if there are neither. */
struct line_count;
void admin_put_waiting(const struct call *call, struct json_object *to,
		       const char *key, const struct line_count *count);

/*
 * Adds "line": who waits, for the part admin_line; "waiting", how many they are
 * in words, "" if nobody does; "cut_line" if there may be more.  by_slot: of
 * one slot, whose time need not be said.
 */
struct line_rows;
void admin_put_line(const struct call *call, struct json_object *to,
		    const struct line_rows *rows, bool by_slot);

/* ---- handlers ----------------------------------------------------------- */

/* today.c */
void admin_today(struct call *call);		/* GET /admin */
void admin_search(struct call *call);		/* GET /admin/search */

/* booking.c */
void admin_booking(struct call *call);		/* GET /admin/b/{ref} */
void admin_change_ask(struct call *call);	/* GET .../cancel, .../erase */
/* POST /admin/b/{ref}/VERB: resend, retry, abort, email, cancel, erase */
void admin_change_post(struct call *call);

/* services.c: /admin/services... */
void admin_services(struct call *call);
void admin_service_new(struct call *call);
void admin_service_new_post(struct call *call);
void admin_service(struct call *call);
void admin_service_post(struct call *call);

/* questions.c: /admin/services/{slug}/question, .../questions/{name}... */
void admin_question(struct call *call);
void admin_question_post(struct call *call);
void admin_question_raise(struct call *call);	/* POST .../raise */
void admin_question_retire(struct call *call);	/* GET: asks */
void admin_question_retire_post(struct call *call);
void admin_question_restore(struct call *call);	/* POST .../restore */

/* slots.c: /admin/services/{slug}/slots, /admin/slots/{id}... */
void admin_slots(struct call *call);
void admin_slot(struct call *call);
/* POST .../capacity, .../close, .../open */
void admin_slot_post(struct call *call);
void admin_slot_remove(struct call *call);	/* GET: asks */
void admin_slot_remove_post(struct call *call);

/* waiting.c */
void admin_wait_new(struct call *call);	/* GET, POST /admin/slots/{id}/wait */
void admin_wait_new_post(struct call *call);
void admin_wait_again(struct call *call);	/* POST .../wait/again */
/* GET (asks), POST .../wait/{ref}/remove */
void admin_wait_remove(struct call *call);
void admin_wait_remove_post(struct call *call);

/* plan.c: /admin/services/{slug}/slots/... */
void admin_slot_new(struct call *call);
void admin_slot_new_post(struct call *call);
void admin_plan(struct call *call);
void admin_plan_post(struct call *call);

/* mails.c */
void admin_mails(struct call *call);		/* GET /admin/mails */
void admin_log(struct call *call);		/* GET /admin/log */

/* export.c */
void admin_export(struct call *call);		/* GET /admin/export */
void admin_export_csv(struct call *call);	/* GET /admin/export.csv */

/* feeds.c */
void admin_feeds(struct call *call);		/* GET /admin/feeds */
void admin_feeds_ask(struct call *call);	/* GET .../rotate, .../revoke */
/* POST /admin/feeds, .../rotate, .../revoke */
void admin_feeds_post(struct call *call);

/* templates.c: GET /admin/templates[/{language}/{kind}[/html]] */
void admin_templates(struct call *call);
void admin_template(struct call *call);
void admin_template_html(struct call *call);

#endif
