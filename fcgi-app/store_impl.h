/* SPDX-License-Identifier: MIT */
/* What the files of the store share: its memory, and reading a booking. */
#ifndef STORE_IMPL_H
#define STORE_IMPL_H

#include "compiler.h"
#include "dbconn.h"
#include "fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_SLOTS_CACHED 1024	/* direct-mapped by slot id */
#define STORE_FULL_MARKS 256	/* likewise */

struct booking_request;
struct booking_view;
struct service;
struct cached_slot;

struct full_mark {
	int64_t slot_id;
	int64_t until_ms;	/* ticks */
};

struct store {
	struct dbconn *db;
	struct cached_slot *slots[STORE_SLOTS_CACHED];
	struct full_mark full[STORE_FULL_MARKS];
};

#define STORE_SERVICE_SELECT \
	"v.id, v.slug, v.name, v.description, v.place, v.zone, " \
	"v.organiser_name, v.organiser_email"
#define STORE_SERVICE_COLUMNS "ittttttt"

#define STORE_VIEW_SELECT \
	"SELECT b.id, b.ref, b.version, b.cancelled_at, b.seats, b.name, " \
	"b.email, b.locale, b.notes, b.created_at, b.req_hash, " \
	"s.id, s.service_id, s.starts_at, s.ends_at, i.capacity, i.booked, " \
	STORE_SERVICE_SELECT " FROM booking b " \
	"JOIN slot s ON s.id = b.slot_id " \
	"JOIN slot_inventory i ON i.slot_id = s.id " \
	"JOIN service v ON v.id = s.service_id "
#define STORE_VIEW_COLUMNS "itidittttdt" "iiddii" STORE_SERVICE_COLUMNS

/*
 * Runs a STORE_VIEW_SELECT with one value in its WHERE and reads its only row.
 * req_hash (may be NULL) gets the stored hash.  1 found, 0 not, -1 fault.
 */
int store_view_get(struct store *s, const struct dbquery *query,
		   const struct dbvalue *value, struct booking_view *out,
		   uint8_t req_hash[32], struct fault *why) MUST_USE;

/* Marks a slot as full, for the next second. */
void store_full_remember(struct store *s, int64_t slot_id);

bool store_full_is_remembered(struct store *s, int64_t slot_id);

/*
 * Is there still no room?  One read outside any transaction: 9 times cheaper
 * than to begin and fail.  A request that was booked before is let through.
 * 1 full, 0 worth trying, -1 fault.
 */
int store_full_peek(struct store *s, const struct booking_request *req,
		    struct fault *why) MUST_USE;

/* Deep copy; *to is released by service_release(). */
void store_service_copy(struct service *to, const struct service *from);

#endif
