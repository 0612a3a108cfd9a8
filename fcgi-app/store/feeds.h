/* SPDX-License-Identifier: MIT */
/* Organisers' calendar feeds in MySQL, and the bookings in them. */
#ifndef STORE_FEEDS_H
#define STORE_FEEDS_H

#include "domain/bearer.h"
#include "domain/model.h"
#include "store/store.h"

#define FEED_NAME_MAX 80	/* characters, as the column */

struct feed {
	int64_t id;
	char name[4 * FEED_NAME_MAX + 1];
	int64_t version;	/* counts the addresses that it had */
	int64_t service_id;	/* 0 = all */
	char service[65];	/* slug; "" = all */
	char service_name[4 * 200 + 1];	/* "" = all */
	bool names;		/* of visitors */
	int64_t created_at_ms;
	int64_t used_on_ms;	/* the day's beginning in UTC; 0 = never yet */
	uint8_t hash[BEARER_HASH_BYTES];	/* its token's: only written */
};

/* Finds the feed whose address has that hash, and notes that it was read today.
 * 1 with *out filled, 0, -1. */
int store_feed(struct store *s, const uint8_t hash[BEARER_HASH_BYTES],
	       struct feed *out, struct fault *why) MUST_USE;

/* All, by name; free with free().  0, or -1. */
int store_feeds(struct store *s, struct feed **out, size_t *count_out,
		struct fault *why) MUST_USE;

/*
 * Each with its line in the record of who did what: 1 done, 0 not, -1.
 *
 * Adds one (name, service_id, names and hash are read): 0 if the name is taken.
 * Gives the one of that name another address (hash), its version being what the
 * caller saw (-1 = any); the old one opens nothing any more.  Forgets it.
 */
int store_feed_add(struct store *s, const struct feed *feed,
		   const struct store_actor *by, struct fault *why) MUST_USE;
int store_feed_rotate(struct store *s, const struct feed *feed,
		      const struct store_actor *by, struct fault *why)
	MUST_USE;
int store_feed_revoke(struct store *s, const char *name,
		      const struct store_actor *by, struct fault *why)
	MUST_USE;

/* A booking that is not cancelled, for a feed; texts borrowed until the
 * next. */
struct feed_booking {
	int64_t id;
	int64_t slot_id;
	int64_t starts_at_s;
	int64_t ends_at_s;
	int64_t capacity;
	const char *service;	/* its name */
	const char *place;
	const char *ref;
	const char *name;	/* "" if erased */
	int64_t seats;
	int64_t changed_at_s;	/* or made */
};

/* Who is given the bookings; each() must not use the store. */
struct feed_reader {
	void (*each)(void *arg, const struct feed_booking *b);
	void *arg;
};

/* Reads the bookings of the span in order of time, those of one slot together,
 * in any order of their own.  0, or -1. */
int store_feed_bookings(struct store *s, const struct span *span,
			const struct feed_reader *reader, struct fault *why)
	MUST_USE;

#endif
