/* SPDX-License-Identifier: MIT */
/* Slots that are there: adding, their places, closing, removing. */
#include "config.h"

#include "store/stock.h"

#include "domain/zone.h"
#include "store/audit.h"
#include "store/impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Rows that go in together: a plan of thousands must not take a round trip for
 * each, since a worker has only seconds. */
#define ROWS_AT_ONCE 25
#define SLOT_VALUES 6
#define STOCK_VALUES 2
#define FIVE_OF(row) row "," row "," row "," row "," row
#define SLOT_ROW "(?,?,?,?,?,?)"
#define STOCK_ROW "(?,?,0)"
#define SLOT_INSERT \
	"INSERT INTO slot (id, service_id, starts_at, ends_at, zone, " \
	"wall_at) VALUES "
#define STOCK_INSERT \
	"INSERT INTO slot_inventory (slot_id, capacity, booked) VALUES "

/* Up to ROWS_AT_ONCE, all or none. */
static int slots_insert(struct store *s, struct slot *slots, size_t count,
			struct fault *why)
{
	static const struct dbquery one_slot = DB_CHANGE(SLOT_INSERT SLOT_ROW);
	static const struct dbquery one_stock =
		DB_CHANGE(STOCK_INSERT STOCK_ROW);
	static const struct dbquery many_slots =
		DB_CHANGE(SLOT_INSERT FIVE_OF(FIVE_OF(SLOT_ROW)));
	static const struct dbquery many_stocks =
		DB_CHANGE(STOCK_INSERT FIVE_OF(FIVE_OF(STOCK_ROW)));
	struct dbvalue values[ROWS_AT_ONCE * SLOT_VALUES];
	struct dbvalue stocks[ROWS_AT_ONCE * STOCK_VALUES];

	must(count == 1 || count == ROWS_AT_ONCE);
	for (size_t i = 0; i < count; i++) {
		struct slot *slot = &slots[i];
		int64_t wall_s = 0;

		must(*slot->zone != '\0');
		/* Forms elsewhere, feeds and programs know the slot by it: a
		 * number that is counted up would come again after a
		 * restore. */
		slot->id = token_number_draw();
		/* Of a zone that is not known nothing is promised. */
		(void)zone_wall(slot->zone, slot->starts_at_s, &wall_s);

		const struct dbvalue row[SLOT_VALUES] = {
			DB_INT(slot->id),
			DB_INT(slot->service_id),
			DB_TIME_MS(slot->starts_at_s * 1000),
			DB_TIME_MS(slot->ends_at_s * 1000),
			DB_TEXT(slot->zone),
			DB_TIME_MS_OR_NULL(wall_s * 1000),
		};
		const struct dbvalue stock[STOCK_VALUES] = {
			DB_INT(slot->id), DB_INT(slot->capacity),
		};

		memcpy(values + i * SLOT_VALUES, row, sizeof(row));
		memcpy(stocks + i * STOCK_VALUES, stock, sizeof(stock));
	}
	if (dbconn_run(s->db, count == 1 ? &one_slot : &many_slots,
		       (struct dbvalues){ values, count * SLOT_VALUES },
		       why) < 0)
		return -1;
	return dbconn_run(s->db, count == 1 ? &one_stock : &many_stocks,
			  (struct dbvalues){ stocks, count * STOCK_VALUES },
			  why);
}

int store_slots_insert(struct store *s, struct slot *slots, size_t count,
		       struct fault *why)
{
	size_t alone = 0;	/* slots that go in one by one */

	for (size_t i = 0; i < count;) {
		size_t n = alone > 0 || count - i < ROWS_AT_ONCE ?
			1 : ROWS_AT_ONCE;

		if (slots_insert(s, slots + i, n, why) < 0) {
			if (dbconn_error(s->db) != DBCONN_DUPLICATE)
				return -1;
			if (n > 1) {	/* one of these is there: which? */
				alone = n;
				continue;
			}
			slots[i].id = 0;
		}
		i += n;
		if (alone > 0)
			alone--;
	}
	return 0;
}

static int add_body(struct store *s, void *arg, struct fault *why)
{
	struct slot *slot = arg;

	if (store_slots_insert(s, slot, 1, why) < 0)
		return -1;
	return slot->id != 0 ? STORE_CHANGED : STORE_MEANWHILE;
}

int store_slot_add(struct store *s, const struct slot *slot, int64_t *id_out,
		   struct fault *why)
{
	static const struct dbquery find = {
		"SELECT id FROM slot WHERE service_id = ? AND starts_at = ?",
		"i",
	};
	const struct dbvalue values[] = {
		DB_INT(slot->service_id),
		DB_TIME_MS(slot->starts_at_s * 1000),
	};
	struct slot added = *slot;
	int r = store_transaction(s, add_body, &added, why);

	*id_out = added.id;
	if (r == STORE_CHANGED)
		return 1;
	/* Somebody else, or we by a COMMIT that was not answered. */
	if (r == STORE_MEANWHILE)
		*id_out = store_id_find(s, &find, DB_ARRAY(values), why);
	return r == STORE_MEANWHILE && *id_out > 0 ? 0 : -1;
}

/* ---- places ------------------------------------------------------------- */

/* The one statement that takes places: the server checks that enough are free,
 * and the service as it was seen, as it takes them, so nobody can come in
 * between. */
int store_seats_take(struct store *s, const struct seats_wish *wish,
		     struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE slot_inventory SET booked = booked + ? "
		"WHERE slot_id = ? AND booked + ? <= capacity "
		"AND closed = 0 AND (? = 0 OR "
		"(SELECT v.edition FROM service v WHERE v.id = ?) = ?)");
	const struct dbvalue values[] = {
		DB_INT(wish->seats), DB_INT(wish->slot_id),
		DB_INT(wish->seats), DB_INT(wish->service_id),
		DB_INT(wish->service_id), DB_INT(wish->edition),
	};
	int r = store_update(s, &query, DB_ARRAY(values), why);

	return r == STORE_MEANWHILE ? STORE_NO_PLACE : r;
}

/* ---- changes ------------------------------------------------------------ */

struct stock_change {
	const struct slot *slot;
	const struct slot_change *change;
	struct slot now;	/* places and whether it is closed */
};

struct stock_event {
	const char *action;
	const char *what;	/* became of it; "" = the action says so */
};

/* "2027-03-28T14:30:00+02:00" and what became of it. */
static int audit(struct store *s, const struct stock_change *c,
		 const struct stock_event *event, struct fault *why)
{
	char at[ZONE_ISO_SIZE];
	char detail[ZONE_ISO_SIZE + 64];

	zone_iso(c->slot->zone, c->slot->starts_at_s * 1000, at);
	(void)snprintf(detail, sizeof(detail), "%s%s", at, event->what);

	const struct audit_entry entry = {
		c->change->by, event->action, c->change->slug, detail,
	};

	return store_audit_add(s, &entry, why);
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

	int r = dbconn_get(s->db, &query, DB_VALUES(DB_INT(slot_id)), why);

	if (r == 1) {
		out->capacity = dbconn_int(s->db, 0);
		out->booked = dbconn_int(s->db, 1);
		out->closed = dbconn_int(s->db, 2) != 0;
	}
	return r;
}

/* Writes down what has changed. */
static int change_audit(struct store *s, const struct stock_change *c,
			const struct slot *before, struct fault *why)
{
	char what[64];
	const struct stock_event capacity = { "slot_capacity", what };
	const struct stock_event closed = {
		c->now.closed ? "slot_closed" : "slot_opened", "",
	};

	(void)snprintf(what, sizeof(what), ": %" PRId64 " -> %" PRId64,
		       before->capacity, c->now.capacity);
	if (c->now.capacity != before->capacity &&
	    audit(s, c, &capacity, why) < 0)
		return -1;
	if (c->now.closed != before->closed &&
	    audit(s, c, &closed, why) < 0)
		return -1;
	return 0;
}

static int change_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE slot_inventory SET capacity = ?, closed = ? "
		"WHERE slot_id = ? AND booked <= ?");
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

	if (dbconn_run(s->db, &query, DB_ARRAY(values), why) < 0)
		return -1;
	/* No row is changed if too many are taken, and if all is the same. */
	if (!dbconn_affected(s->db) && (c->now.capacity != before.capacity ||
					c->now.closed != before.closed))
		return STORE_NO_PLACE;
	return change_audit(s, c, &before, why);
}

int store_slot_change(struct store *s, struct slot *slot,
		      const struct slot_change *change, struct fault *why)
{
	struct stock_change c = { .slot = slot, .change = change,
				  .now = *slot };
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
	static const struct dbquery counter = DB_CHANGE(
		"DELETE FROM slot_inventory WHERE slot_id = ? AND booked = 0 "
		"AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.slot_id = ?) "
		"AND NOT EXISTS (SELECT 1 FROM waiting w WHERE w.slot_id = ?)");
	static const struct dbquery slot = DB_CHANGE(
		"DELETE FROM slot WHERE id = ?");
	struct stock_change *c = arg;
	const struct dbvalue id[] = { DB_INT(c->slot->id) };
	const struct dbvalue ids[] = { id[0], id[0], id[0] };
	int r;

	r = dbconn_get(s->db, &lock, DB_ARRAY(id), why);
	if (r != 1)
		return r < 0 ? -1 : STORE_CHANGED;
	if (dbconn_run(s->db, &counter, DB_ARRAY(ids), why) < 0)
		return -1;
	if (!dbconn_affected(s->db))
		return STORE_NO_PLACE;
	if (dbconn_run(s->db, &slot, DB_ARRAY(id), why) < 0)
		return -1;
	return audit(s, c, &(struct stock_event){ "slot_removed", "" }, why);
}

int store_slot_remove(struct store *s, const struct slot *slot,
		      const struct slot_change *change, struct fault *why)
{
	struct stock_change c = { .slot = slot, .change = change };

	return store_transaction(s, remove_body, &c, why);
}
