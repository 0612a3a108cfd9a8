/* SPDX-License-Identifier: MIT */
/* Slots by the clocks of their zone: looked at, written down, moved back. */
#include "config.h"

#include "store/clocks.h"

#include "base/str.h"
#include "base/ticks.h"
#include "domain/zone.h"
#include "store/impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_MAX 500

/* ---- looking ------------------------------------------------------------ */

static void slot_judge(struct clocks_slot *c)
{
	int64_t shown_s;

	c->found = CLOCKS_FIT;
	if (!zone_wall(c->slot.zone, c->slot.starts_at_s, &shown_s))
		c->found = CLOCKS_LOST;
	else if (c->wall_s != 0 && c->wall_s != shown_s)
		c->found = CLOCKS_MOVED;
}

static void slot_read(const struct dbconn *db, void *row)
{
	struct clocks_slot *c = row;

	*c = (struct clocks_slot){
		.slot = {
			.id = dbconn_int(db, 0),
			.service_id = dbconn_int(db, 1),
			.starts_at_s = dbconn_time_ms(db, 2) / 1000,
			.ends_at_s = dbconn_time_ms(db, 3) / 1000,
			.booked = dbconn_int(db, 7),
		},
		.wall_s = dbconn_time_ms(db, 5) / 1000,
	};
	dbconn_text_copy(db, 4, c->slot.zone, sizeof(c->slot.zone));
	dbconn_text_copy(db, 6, c->slug, sizeof(c->slug));
}

/* Slots that are to be written down. */
struct filling {
	const struct clocks_slot *list;
	size_t count;
};

static int fill_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE slot SET wall_at = ? WHERE id = ? "
		"AND wall_at IS NULL AND starts_at = ?");
	const struct filling *f = arg;

	for (size_t i = 0; i < f->count; i++) {
		const struct slot *slot = &f->list[i].slot;
		int64_t wall_s;

		if (f->list[i].wall_s != 0 ||
		    !zone_wall(slot->zone, slot->starts_at_s, &wall_s))
			continue;
		if (dbconn_run(s->db, &query,
			       DB_VALUES(DB_TIME_MS(wall_s * 1000),
					 DB_INT(slot->id),
					 DB_TIME_MS(slot->starts_at_s * 1000)),
			       why) < 0)
			return -1;
	}
	return STORE_CHANGED;
}

static bool is_to_be_filled(const struct filling *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->list[i].wall_s == 0)
			return true;
	return false;
}

static int walk_on(struct store *s, struct clocks_walk *walk,
		   struct filling *f, struct fault *why)
{
	const struct clocks_slot *last = &f->list[f->count - 1];

	walk->from_s = last->slot.starts_at_s;
	walk->after_service_id = last->slot.service_id;
	for (size_t i = 0; i < f->count; i++)
		if (f->list[i].found != CLOCKS_FIT)
			walk->found(walk->arg, &f->list[i]);
	if (walk->fill && is_to_be_filled(f) &&
	    store_transaction(s, fill_body, f, why) < 0)
		return -1;
	return f->count == LOOK_MAX;
}

int store_clocks_next(struct store *s, struct clocks_walk *walk,
		      struct fault *why)
{
	static const struct dbquery query = {
		"SELECT s.id, s.service_id, s.starts_at, s.ends_at, s.zone, "
		"s.wall_at, v.slug, i.booked "
		"FROM slot s FORCE INDEX (slot_start) "
		"STRAIGHT_JOIN slot_inventory i ON i.slot_id = s.id "
		"STRAIGHT_JOIN service v ON v.id = s.service_id "
		"WHERE s.starts_at >= ? AND s.starts_at > NOW() "
		"AND (s.starts_at > ? OR s.service_id > ?) "
		"ORDER BY s.starts_at, s.service_id LIMIT ?",
		"iiddtdti",
	};
	struct dbrows rows = { .read = slot_read,
			       .size = sizeof(struct clocks_slot),
			       .max = LOOK_MAX };
	const struct dbvalue values[] = {
		DB_TIME_MS(walk->from_s * 1000),
		DB_TIME_MS(walk->from_s * 1000),
		DB_INT(walk->after_service_id),
		DB_INT(LOOK_MAX),
	};
	int r = dbconn_list(s->db, DB_CALL_ARRAY(&query, values), &rows, why);
	struct clocks_slot *list = rows.list;

	for (size_t i = 0; r >= 0 && i < rows.count; i++)
		slot_judge(&list[i]);
	if (r >= 0 && rows.count > 0)
		r = walk_on(s, walk, &(struct filling){ list, rows.count },
			    why);
	else if (r >= 0)
		r = 0;
	free(list);
	return r;
}

bool store_clocks_promised(const struct clocks_slot *slot, int64_t *at_s_out)
{
	time_t wall = (time_t)slot->wall_s;
	struct tm local;

	must(gmtime_r(&wall, &local) != NULL);
	return zone_instant(slot->slot.zone, &local, at_s_out) == ZONE_OK;
}

/* ---- moving back -------------------------------------------------------- */

static int slot_move(struct store *s, const struct clocks_order *o,
		     struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE slot SET ends_at = ?, starts_at = ? "
		"WHERE id = ? AND starts_at = ?");
	const struct slot *slot = &o->slot->slot;
	int64_t by_s = o->starts_at_s - slot->starts_at_s;
	int r = store_update(s, &query,
			     DB_VALUES(DB_TIME_MS((slot->ends_at_s + by_s) *
						  1000),
				       DB_TIME_MS(o->starts_at_s * 1000),
				       DB_INT(slot->id),
				       DB_TIME_MS(slot->starts_at_s * 1000)),
			     why);

	return r < 0 && dbconn_error(s->db) == DBCONN_DUPLICATE ?
		STORE_NO_PLACE : r;
}

static int bookings_move(struct store *s, const struct clocks_order *o,
			 struct fault *why)
{
	static const struct dbquery bookings = DB_CHANGE(
		"UPDATE booking SET sequence = sequence + 1, "
		"revision = revision + 1, changed_at = ? "
		"WHERE slot_id = ? AND cancelled_at IS NULL");
	static const struct dbquery reminders = DB_CHANGE(
		"UPDATE booking b JOIN notification n ON n.booking_id = b.id "
		"SET n.begins_at = n.begins_at + INTERVAL ? SECOND, "
		"n.due_at = n.due_at + INTERVAL ? SECOND "
		"WHERE b.slot_id = ? AND n.kind = '" KIND_REMINDER "' "
		"AND n.state = " SQL_OPEN " AND n.begins_at > NOW(3)");
	int64_t id = o->slot->slot.id;
	int64_t by_s = o->starts_at_s - o->slot->slot.starts_at_s;

	if (dbconn_run(s->db, &bookings,
		       DB_VALUES(DB_TIME_MS(wall_ms()), DB_INT(id)), why) < 0)
		return -1;
	return dbconn_run(s->db, &reminders,
			  DB_VALUES(DB_INT(by_s), DB_INT(by_s), DB_INT(id)),
			  why);
}

static int bookings_tell(struct store *s, int64_t slot_id, struct fault *why)
{
	int64_t after = 0;
	const struct slot_telling t = {
		.slot_id = slot_id,
		.what = "clocks",
		.langs = "",
		.before_ms = wall_ms() + DAY_MS,	/* everybody */
		.max = STORE_TELL_MAX,
		.after = &after,
	};
	int told = STORE_TELL_MAX;

	while (told == STORE_TELL_MAX)
		told = store_tell_slot(s, &t, why);
	return told < 0 ? -1 : 0;
}

/* The slot first: a booking that is being written holds it, too. */
static int mend_body(struct store *s, void *arg, struct fault *why)
{
	const struct clocks_order *o = arg;
	const struct slot *slot = &o->slot->slot;
	char was[ZONE_ISO_SIZE];
	char now[ZONE_ISO_SIZE];
	char detail[2 * ZONE_ISO_SIZE + 8];
	int r = slot_move(s, o, why);

	if (r != STORE_CHANGED)
		return r;
	if (store_edition_count(s, slot->service_id, why) < 0 ||
	    bookings_move(s, o, why) < 0 ||
	    (o->tell && bookings_tell(s, slot->id, why) < 0))
		return -1;
	zone_iso(slot->zone, slot->starts_at_s * 1000, was);
	zone_iso(slot->zone, o->starts_at_s * 1000, now);
	(void)snprintf(detail, sizeof(detail), "%s -> %s", was, now);

	const struct audit_entry entry = {
		o->by, "slot_realigned", o->slot->slug, detail,
	};

	return store_audit_add(s, &entry, why);
}

int store_clocks_mend(struct store *s, const struct clocks_order *order,
		      struct fault *why)
{
	struct clocks_order o = *order;

	return store_transaction(s, mend_body, &o, why);
}
