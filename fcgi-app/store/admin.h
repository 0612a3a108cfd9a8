/* SPDX-License-Identifier: MIT */
/*
 * What organisers ask and do: lists over all bookings and mails, giving up on a
 * mail or trying it again, and the record of who did what.
 *
 * Lists are heap arrays that the caller frees with free().
 */
#ifndef STORE_ADMIN_H
#define STORE_ADMIN_H

#include "base/compiler.h"
#include "store/change.h"
#include "store/store.h"

#define STORE_ROWS_MAX 500	/* of one list */

/* One booking as it stands in a list. */
struct booking_row {
	int64_t id;
	char ref[STORE_REF_LEN + 1];
	char name[4 * 200 + 1];
	char email[255];
	char notes[4 * 4000 + 1];
	int64_t seats;
	bool cancelled;
	bool erased;
	int64_t starts_at_s;
	int64_t ends_at_s;
	int64_t created_at_s;
	char service[4 * 200 + 1];	/* its name */
	char slug[65];
	char zone[STORE_ZONE_MAX + 1];	/* the slot's */
	int64_t open_mails;	/* begun, and not final */
	int64_t bad_mails;	/* dead or expired, no later one sent */
};

/* The bookings of a service that begin in from_s..until_s, by time and name.
 * Returns 0 with at most STORE_ROWS_MAX rows, or -1. */
int store_bookings_of_day(struct store *s, int64_t service_id, int64_t from_s,
			  int64_t until_s, struct booking_row **out,
			  size_t *count_out, struct fault *why) MUST_USE;

/*
 * The bookings with that reference (ref, "" = none), or whose address begins
 * with text, or whose name holds it; the newest first, at most max.
 */
int store_bookings_find(struct store *s, const char *ref, const char *text,
			size_t max, struct booking_row **out,
			size_t *count_out, struct fault *why) MUST_USE;

/* Which bookings, and behind which one: the end of the page before. */
struct booking_filter {
	int64_t service_id;	/* 0 = all */
	int64_t from_s;		/* those that begin in from_s..until_s */
	int64_t until_s;
	const char *ref;	/* "" = any */
	const char *text;	/* address begins with it, name holds it; "" = any */
	int64_t after_s;	/* its beginning and its id; 0 and 0 = the first */
	int64_t after_id;	/* page */
};

/* In order of time, at most max. */
int store_bookings_page(struct store *s, const struct booking_filter *f,
			size_t max, struct booking_row **out,
			size_t *count_out, struct fault *why) MUST_USE;

/* One mail as it stands in a list. */
struct mail_row {
	char ref[STORE_REF_LEN + 1];	/* "" if about the waiting list */
	struct notification mail;
};

#define STORE_CAUSE_MAX 64

struct mail_filter {
	int state;		/* a notification_state, or -1 = all */
	const char *cause;	/* as mail_cause has it; "" = all */
	int64_t before_id;	/* older than that one; 0 = from the newest */
};

/* The newest first, at most max. */
int store_mails(struct store *s, const struct mail_filter *filter, size_t max,
		struct mail_row **out, size_t *count_out, struct fault *why)
	MUST_USE;

/* How many mails are in a state for a cause: what stands before the first colon
 * of the reply of a dead one ("rejected"), "" of all others. */
struct mail_cause {
	enum notification_state state;
	char cause[STORE_CAUSE_MAX + 1];
	int64_t count;
	int64_t oldest_ms;
};
int store_mail_causes(struct store *s, struct mail_cause **out,
		      size_t *count_out, struct fault *why) MUST_USE;

/* A line of the record of who did what. */
struct audit_row {
	int64_t at_ms;
	char actor[4 * 64 + 1];
	char action[33];
	char object[65];	/* a reference, a slug; "" = none */
	bool is_booking;	/* object is a reference */
	char detail[4 * 500 + 1];
	char request_id[65];
};

/* What people did, visitors and the program itself apart, the newest first, at
 * most max. */
int store_audit(struct store *s, size_t max, struct audit_row **out,
		size_t *count_out, struct fault *why) MUST_USE;

/* Adds a line that is about no booking.  0, or -1. */
int store_audit_add(struct store *s, const struct store_actor *by,
		    const char *action, const char *object,
		    const char *detail, struct fault *why) MUST_USE;

/*
 * One mail of a booking: retry opens a dead or expired row again, with a new
 * life; the caller has given its job back to the queue before.  abort ends an
 * open one.  STORE_CHANGED, STORE_MEANWHILE (it is not in such a state), -1.
 */
int store_mail_retry(struct store *s, int64_t booking_id, const char *id,
		     const struct store_actor *by, struct fault *why) MUST_USE;
int store_mail_abort(struct store *s, int64_t booking_id, const char *id,
		     const struct store_actor *by, struct fault *why) MUST_USE;

/* ---- people's data, and counts ------------------------------------------- */

/* One booking of that address that is not erased yet: 1, 0 = none, -1. */
int store_address_booking(struct store *s, const char *email,
			  char ref_out[STORE_REF_LEN + 1], struct fault *why)
	MUST_USE;

/* Forgets what waits by that address: how many places, or -1. */
int store_address_waiting_erase(struct store *s, const char *email,
				struct fault *why) MUST_USE;

struct export_row {		/* all borrowed until the next row */
	const char *ref;
	const char *service;	/* slug */
	const char *zone;	/* the slot's */
	const char *name;
	const char *email;
	const char *locale;
	const char *notes;
	int64_t starts_at_ms;
	int64_t ends_at_ms;
	int64_t created_at_ms;
	int64_t seats;
	bool cancelled;
	bool erased;
};

/* Calls each() for the bookings of a service (0 = all) that begin in
 * from_s..until_s, in order of time, at most max (0 = all).  each() must not
 * use the store.  Returns how many, or -1. */
int64_t store_export(struct store *s, int64_t service_id, int64_t from_s,
		     int64_t until_s, int64_t max,
		     void (*each)(void *arg, const struct export_row *row),
		     void *arg, struct fault *why) MUST_USE;

struct store_counts {
	int64_t services;
	int64_t slots_ahead;
	int64_t places_ahead;	/* of closed slots those that are taken */
	int64_t places_booked;	/* of places_ahead */
	int64_t bookings;	/* not cancelled, past ones too */
	int64_t cancelled;
	int64_t erased;
	int64_t waiting;	/* in line, or offered a place */
};
int store_counts(struct store *s, struct store_counts *out, struct fault *why)
	MUST_USE;

/* The request id of the POST that made a booking; "" = none, or erased.
 * 1, 0, -1. */
int store_booking_request(struct store *s, int64_t booking_id,
			  char out[65], struct fault *why) MUST_USE;

#endif
