/* SPDX-License-Identifier: MIT */
/* Slots that are there: their places, closing, removing. */
#include "config.h"

#include "store/plan.h"

#include "base/str.h"
#include "db/conn.h"
#include "domain/zone.h"
#include "store/admin.h"
#include "store/impl.h"

#include <inttypes.h>
#include <stdio.h>

#define SERVICES_MAX 10000

/* ---- what is ahead ---------------------------------------------------- */

static void numbers_read(const struct dbconn *db, void *row)
{
	struct service_numbers *n = row;

	n->service_id = dbconn_int(db, 0);
	n->slots = dbconn_int(db, 1);
	n->capacity = dbconn_int(db, 2);
	n->booked = dbconn_int(db, 3);
	n->next_at_s = dbconn_time_ms(db, 4) / 1000;
	/* The column is as wide as this member. */
	must(str_copy(n->next_zone, sizeof(n->next_zone),
		      dbconn_text(db, 5)));
}

int store_service_numbers(struct store *s, struct service_numbers **out,
			  size_t *count_out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT n.service_id, n.slots, n.capacity, n.booked, "
		"n.next_at, f.zone FROM (SELECT s.service_id, "
		"COUNT(*) AS slots, "
		"CAST(SUM(" STORE_PLACES ") AS SIGNED) AS capacity, "
		"CAST(SUM(i.booked) AS SIGNED) AS booked, "
		"MIN(s.starts_at) AS next_at FROM slot s "
		"JOIN slot_inventory i ON i.slot_id = s.id "
		"WHERE s.starts_at > NOW() GROUP BY s.service_id) n "
		"JOIN slot f ON f.service_id = n.service_id "
		"AND f.starts_at = n.next_at ORDER BY n.service_id",
		"iiiidt",
	};
	void *list = NULL;
	int r;

	*count_out = 0;
	r = dbconn_run(s->db, &query, NULL, 0, why);
	if (r == 0)
		r = store_rows_read(s, SERVICES_MAX, sizeof(**out),
				    numbers_read, &list, count_out, why);
	*out = list;
	return r;
}

/* ---- changes ---------------------------------------------------------- */

struct stock_change {
	const struct slot *slot;
	const char *slug;
	const struct store_actor *by;
	const struct slot_change *change;
	struct slot now;	/* places and whether it is closed */
};

/* "2027-03-28T14:30:00+02:00" and what became of it. */
static int audit(struct store *s, const struct stock_change *c,
		 const char *action, const char *what, struct fault *why)
{
	char at[ZONE_ISO_SIZE];
	char detail[ZONE_ISO_SIZE + 64];

	zone_iso(c->slot->zone, c->slot->starts_at_s * 1000, at);
	(void)snprintf(detail, sizeof(detail), "%s%s", at, what);
	return store_audit_add(s, c->by, action, c->slug, detail, why);
}

/* Reads the counter and keeps it locked: 1, 0 = no such slot, -1. */
static int stock_lock(struct store *s, int64_t slot_id, struct slot *out,
		      struct fault *why)
{
	static const struct dbquery query = {
		"SELECT capacity, booked, closed FROM slot_inventory "
		"WHERE slot_id = ? FOR UPDATE",
		"iii",
	};
	struct dbvalue id = DB_INT(slot_id);

	if (dbconn_run(s->db, &query, &id, 1, why) < 0)
		return -1;

	int r = dbconn_next(s->db, why);

	if (r == 1) {
		out->capacity = dbconn_int(s->db, 0);
		out->booked = dbconn_int(s->db, 1);
		out->closed = dbconn_int(s->db, 2) != 0;
	}
	return r;
}

/* Writes down what is another than before. */
static int change_audit(struct store *s, const struct stock_change *c,
			const struct slot *before, struct fault *why)
{
	char what[64];

	(void)snprintf(what, sizeof(what), ": %" PRId64 " -> %" PRId64,
		       before->capacity, c->now.capacity);
	if (c->now.capacity != before->capacity &&
	    audit(s, c, "slot_capacity", what, why) < 0)
		return -1;
	if (c->now.closed != before->closed &&
	    audit(s, c, c->now.closed ? "slot_closed" : "slot_opened", "",
		  why) < 0)
		return -1;
	return 0;
}

static int change_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = {
		"UPDATE slot_inventory SET capacity = ?, closed = ? "
		"WHERE slot_id = ? AND booked <= ?",
		NULL,
	};
	struct stock_change *c = arg;
	struct slot before = *c->slot;
	int r = stock_lock(s, c->slot->id, &before, why);

	if (r != 1)
		return r < 0 ? -1 : STORE_MEANWHILE;
	c->now = before;
	if (c->change->capacity > 0)
		c->now.capacity = c->change->capacity;
	if (c->change->sets_closed)
		c->now.closed = c->change->closed;

	const struct dbvalue values[] = {
		DB_INT(c->now.capacity), DB_INT(c->now.closed),
		DB_INT(c->slot->id), DB_INT(c->now.capacity),
	};

	if (dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why) < 0)
		return -1;
	/* No row is changed if too many are taken, and if all is the same. */
	if (!dbconn_affected(s->db) && (c->now.capacity != before.capacity ||
					c->now.closed != before.closed))
		return STORE_NO_PLACE;
	return change_audit(s, c, &before, why) < 0 ? -1 : STORE_CHANGED;
}

int store_slot_change(struct store *s, struct slot *slot, const char *slug,
		      const struct slot_change *change,
		      const struct store_actor *by, struct fault *why)
{
	struct stock_change c = { .slot = slot, .slug = slug, .by = by,
				  .change = change, .now = *slot };
	int r = store_transaction(s, change_body, &c, why);

	if (r == STORE_CHANGED)
		*slot = c.now;
	else
		slot->booked = c.now.booked;
	return r;
}

/* The slot first: a booking that is being written holds it, too, before it
 * asks for the counter. */
static int remove_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery lock = {
		"SELECT id FROM slot WHERE id = ? FOR UPDATE", "i",
	};
	static const struct dbquery counter = {
		"DELETE FROM slot_inventory WHERE slot_id = ? AND booked = 0 "
		"AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.slot_id = ?) "
		"AND NOT EXISTS (SELECT 1 FROM waiting w WHERE w.slot_id = ?)",
		NULL,
	};
	static const struct dbquery slot = {
		"DELETE FROM slot WHERE id = ?", NULL,
	};
	struct stock_change *c = arg;
	struct dbvalue id = DB_INT(c->slot->id);
	const struct dbvalue ids[] = { id, id, id };
	int r;

	if (dbconn_run(s->db, &lock, &id, 1, why) < 0)
		return -1;
	r = dbconn_next(s->db, why);
	if (r != 1)
		return r < 0 ? -1 : STORE_CHANGED;
	if (dbconn_run(s->db, &counter, ids, ARRAY_COUNT(ids), why) < 0)
		return -1;
	if (!dbconn_affected(s->db))
		return STORE_NO_PLACE;
	if (dbconn_run(s->db, &slot, &id, 1, why) < 0 ||
	    audit(s, c, "slot_removed", "", why) < 0)
		return -1;
	return STORE_CHANGED;
}

int store_slot_remove(struct store *s, const struct slot *slot,
		      const char *slug, const struct store_actor *by,
		      struct fault *why)
{
	struct stock_change c = { .slot = slot, .slug = slug, .by = by };

	return store_transaction(s, remove_body, &c, why);
}
