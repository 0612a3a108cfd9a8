/* SPDX-License-Identifier: MIT */
/*
 * All that handlers need: settings, texts, templates; in a worker also its
 * connections.  And one call of a handler.
 */
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "base/compiler.h"
#include "base/fault.h"
#include "db/conn.h"
#include "domain/bearer.h"
#include "domain/stamp.h"
#include "outbox/notification.h"
#include "site/appconf.h"
#include "site/palette.h"

#include <stdbool.h>

struct lang;
struct quota;
struct lang_set;
struct metrics;
struct names;
struct page_templates;
struct publish;
struct queue;
struct rconn;
struct reply;
struct request;
struct route_match;
struct store;

struct site {
	struct appconf conf;
	struct appconf_secrets secrets;	/* empty until main hands them over */
	char root[256];		/* path in base_url: "" or "/book" */
	/* "?cell=A" and "&cell=A", by ref_prefix, end those addresses of ours
	 * that name neither a reference nor a service: what is in front cannot
	 * tell otherwise whose they are.  "" without one. */
	char cell[sizeof("?cell=") + TOKEN_PREFIX_MAX];
	char cell_too[sizeof("&cell=") + TOKEN_PREFIX_MAX];
	struct palette palette;	/* of site_colour; empty without one */
	struct lang_set *langs;
	struct page_templates *templates;

	struct metrics *metrics;	/* borrowed; NULL: nobody counts */
	struct names *names;		/* borrowed; NULL: each looks them up */
	dbhosts_choice *db_choice;	/* borrowed; NULL: each its own */

	/* In a child, after site_connect(). */
	struct notification_opts mail;
	struct dbconn_opts db_opts;
	struct dbconn *db;
	struct store *store;
	struct publish *publish;
	struct quota *quota;
	struct rconn *probe;	/* asks Redis for /readyz */

	/* Set by site_later(); NULL = nothing. */
	void (*later)(struct site *site, void *arg);
	void *later_arg;
};

/*
 * Leaves something to be done when the answer of this request is out: nobody
 * can tell by its time what was done.  It is lost if the process dies between
 * the two.  Once a request; it frees arg.
 */
void site_later(struct site *site,
		void (*later)(struct site *site, void *arg), void *arg);

/* Does what was left. */
void site_finish(struct site *site);

/*
 * Reads the settings file (NULL = defaults).  Returns 0, or -1 with
 * FAULT_CONFIG and *site empty.
 */
int site_load(struct site *site, const char *conf_path, struct fault *why)
	MUST_USE;

/* Reads catalogues and templates, as the user that will read them at a reload.
 * 0, or -1 with FAULT_CONFIG. */
int site_load_texts(struct site *site, struct fault *why) MUST_USE;

void site_release(struct site *site);

/* Raises an alert for each of the sysadmin's files that is not used. */
void site_alert(const struct site *site);

/*
 * In a child: makes its connections; none is opened yet.  Returns 0, or -1 with
 * FAULT_CONFIG.
 */
int site_connect(struct site *site, struct fault *why) MUST_USE;

/* How Redis is reached; the limits are to connect and for each command. */
struct rconn_opts site_redis(const struct site *site, int connect_ms,
			     int command_ms);

/* The queue by a connection of its own, not yet open; both are freed by the
 * caller.  NULL with *why if that cannot be. */
struct queue *site_queue(const struct site *site, int limit_ms,
			 struct rconn **redis_out, struct fault *why) MUST_USE;

/* What a handler gets; all borrowed for the call. */
struct call {
	struct site *site;
	const struct request *rq;
	const struct route_match *match;
	const struct lang *lang;	/* of the answer */
	bool lang_chosen;		/* the visitor asked for it */
	const char *noun;	/* service_noun(); NULL = of no service */
	bool json;			/* a program asks: errors are JSON */
	/* "key:NAME" for a request to the admin interface, else "". */
	char key_actor[4 + BEARER_NAME_MAX + 1];
	struct reply *rp;
};

/* Writes the capability of a booking of this site. */
void site_capability(const struct site *site, const struct booking_view *view,
		     char out[TOKEN_LEN + 1]);

/* A stamp that says that what was done now, and whether one does; see stamp.h.
 * Both by the site's key. */
void site_stamp(const struct site *site, const char *what,
		char out[STAMP_SIZE]);
bool site_stamp_is_fresh(const struct site *site, const char *what,
			 const char *stamp);

/*
 * Finds the booking that a capability opens: 1 with *out filled (release it
 * with booking_view_release()), 0 if it opens none (not one, unknown, revoked:
 * nobody shall see which), -1 with *why.
 */
int site_booking(struct site *site, const char *capability,
		 struct booking_view *out, struct fault *why) MUST_USE;

/* The same for a place in the waiting list; waiting_view_release(). */
struct waiting_view;
int site_waiting(struct site *site, const char *capability,
		 struct waiting_view *out, struct fault *why) MUST_USE;

#endif
