/* SPDX-License-Identifier: MIT */
/*
 * Calendars that organisers subscribe to: making them, changing their
 * addresses, turning bookings into events.
 */
#ifndef ACTIONS_FEED_H
#define ACTIONS_FEED_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/fault.h"
#include "domain/fields.h"
#include "store/feeds.h"

struct appconf;
struct store;
struct store_actor;

/* A request for a feed, as typed, borrowed; and its result.  Whoever shows the
 * address, this one time, wipes this with OPENSSL_cleanse(). */
struct feed_order {
	struct store *store;
	const struct store_actor *by;
	const char *typed;	/* its name */
	const char *service;	/* a slug; "" = all */
	bool names;		/* visitors' names are in it */
	int64_t version;	/* that was seen, -1 = any */

	char name[4 * FEED_NAME_MAX + 1];
	char token[BEARER_LEN + 1];
	struct fields wrong;	/* with n of FEED_NAME_MAX */
};

/* Makes one: 1, 0 with what is wrong, -1. */
int feed_make(struct feed_order *o, struct fault *why) MUST_USE;

/* Gives the one of that name and version another address: 1, 0 there is none,
 * -1. */
int feed_rotate(struct feed_order *o, struct fault *why) MUST_USE;

/* A token's address, just as secret; the caller wipes and frees it. */
char *feed_address(const struct appconf *conf, const char *token)
	MUST_USE RETURNS_NONNULL;

/* ---- what stands in it: pure, one event for each slot that is booked ---- */

/* The same bookings give the same bytes, so that a program which has them need
 * not fetch them again. */

#define FEED_LINES_MAX 200	/* bookings listed in one event */

struct feed_line {
	int64_t booking_id;
	char *text;
};

/* feed_init(), feed_add() for each booking in order, feed_end(). */
struct feed_writer {
	struct buf *out;	/* borrowed */
	const char *domain;	/* of the events' ids; borrowed */
	bool names;
	/* The event of one slot, which the next slot or the end completes. */
	struct buf service;
	struct buf place;
	/* One for each booking.  Sorted before writing: the database's order
	 * within a slot varies, and a calendar that has not changed is not sent
	 * again. */
	struct feed_line *lines;
	size_t line_count, line_room;
	struct buf who;		/* whom the first booking is for */
	int64_t slot_id;	/* 0 = none yet */
	int64_t starts_at_s, ends_at_s;
	int64_t capacity;
	int64_t seats;
	int64_t changed_at_s;
	int failed;		/* events that could not be written */
};

struct feed_opts {
	const char *name;	/* of the calendar */
	bool names;		/* of visitors */
	const char *domain;	/* of its UIDs; borrowed until feed_end() */
};

void feed_init(struct feed_writer *w, const struct feed_opts *opts,
	       struct buf *out);

/* arg is the feed_writer: for store_feed_bookings(). */
void feed_add(void *arg, const struct feed_booking *b);

/* Completes the calendar and releases what w holds.  Returns how many events
 * could not be written, as their data make no event. */
int feed_end(struct feed_writer *w);

#endif
