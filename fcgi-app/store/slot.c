/* SPDX-License-Identifier: MIT */
/* Slots, the cache of what never changes of them, and which were full a moment
 * ago. */
#include "config.h"

#include "store/slot.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "store/impl.h"
#include "store/questions.h"

#include <stdlib.h>
#include <string.h>

struct cached_slot {
	struct slot slot;
	struct service service;
	int64_t until_ms;	/* ticks */
};

void store_cached_slot_free(struct cached_slot *c)
{
	if (!c)
		return;
	service_release(&c->service);
	free(c);
}

void store_slot_read(const struct dbconn *db, size_t at, struct slot *out)
{
	out->id = dbconn_int(db, at);
	out->service_id = dbconn_int(db, at + 1);
	out->starts_at_s = dbconn_time_ms(db, at + 2) / 1000;
	out->ends_at_s = dbconn_time_ms(db, at + 3) / 1000;
	/* The column is as wide as this member. */
	must(str_copy(out->zone, sizeof(out->zone), dbconn_text(db, at + 4)));
	out->capacity = dbconn_int(db, at + 5);
	out->booked = dbconn_int(db, at + 6);
	out->closed = dbconn_int(db, at + 7) != 0;
}

#define SLOT_SELECT "SELECT " STORE_SLOT_SELECT
#define SLOT_FROM \
	" FROM slot s JOIN slot_inventory i ON i.slot_id = s.id "
#define SLOTS_WHERE \
	"WHERE s.service_id = ? AND s.starts_at >= ? AND s.starts_at < ? "

static void slot_read(const struct dbconn *db, void *row)
{
	store_slot_read(db, 0, row);
}

static int slots_list(struct store *s, struct dbcall call, struct slots *out,
		      struct fault *why)
{
	struct dbrows rows = { .read = slot_read, .size = sizeof(*out->list) };
	int r = dbconn_list(s->db, call, &rows, why);

	*out = (struct slots){ rows.list, rows.count };
	return r;
}

int store_slots(struct store *s, const struct span *span, struct slots *out,
		struct fault *why)
{
	static const struct dbquery query = {
		SLOT_SELECT SLOT_FROM SLOTS_WHERE
		"ORDER BY s.starts_at LIMIT ?",
		STORE_SLOT_COLUMNS,
	};
	const struct dbvalue values[] = {
		STORE_SPAN_VALUES(span), STORE_MAX_VALUE(span),
	};

	return slots_list(s, DB_CALL_ARRAY(&query, values), out, why);
}

int store_slots_free(struct store *s, const struct span *span,
		     struct slots *out, struct fault *why)
{
	static const struct dbquery query = {
		SLOT_SELECT SLOT_FROM SLOTS_WHERE
		"AND i.booked < i.capacity AND i.closed = 0 "
		"ORDER BY s.starts_at LIMIT ?",
		STORE_SLOT_COLUMNS,
	};
	const struct dbvalue values[] = {
		STORE_SPAN_VALUES(span), STORE_MAX_VALUE(span),
	};

	return slots_list(s, DB_CALL_ARRAY(&query, values), out, why);
}

static struct cached_slot **cache_place(struct store *s, int64_t slot_id)
{
	return &s->slots[(uint64_t)slot_id % STORE_SLOTS_CACHED];
}

static int cache_fill(struct store *s, int64_t slot_id, struct fault *why)
{
	static const struct dbquery query = {
		SLOT_SELECT ", EXISTS (SELECT 1 FROM question q "
		"WHERE q.service_id = s.service_id), "
		STORE_SERVICE_SELECT SLOT_FROM
		"JOIN service v ON v.id = s.service_id WHERE s.id = ?",
		STORE_SLOT_COLUMNS "i" STORE_SERVICE_COLUMNS,
	};
	const size_t asks = strlen(STORE_SLOT_COLUMNS);

	int r = dbconn_get(s->db, &query, DB_VALUES(DB_INT(slot_id)), why);

	if (r != 1)
		return r;

	struct cached_slot **kept = cache_place(s, slot_id);
	struct cached_slot *c = alloc_zeroed(1, sizeof(*c));

	store_slot_read(s->db, 0, &c->slot);
	store_service_read(s->db, asks + 1, &c->service);
	/* Most services ask nothing, and cost no second query. */
	if (dbconn_int(s->db, asks) != 0 &&
	    store_service_questions(s, &c->service, why) < 0) {
		store_cached_slot_free(c);
		return -1;
	}
	c->until_ms = ticks_ms() + STORE_CACHE_LIFE_MS;
	store_cached_slot_free(*kept);
	*kept = c;
	return 1;
}

static void cache_copy(const struct cached_slot *c, struct slot *slot_out,
		       struct service *service_out)
{
	*slot_out = c->slot;
	if (service_out)
		service_copy(service_out, &c->service);
}

int store_slot(struct store *s, struct slot *slot, struct service *service_out,
	       struct fault *why)
{
	int r = cache_fill(s, slot->id, why);

	if (service_out)
		memset(service_out, 0, sizeof(*service_out));
	if (r == 1)
		cache_copy(*cache_place(s, slot->id), slot, service_out);
	return r;
}

int store_slot_cached(struct store *s, struct slot *slot,
		      struct service *service_out, struct fault *why)
{
	const struct cached_slot *c = *cache_place(s, slot->id);

	if (!c || c->slot.id != slot->id || ticks_ms() >= c->until_ms)
		return store_slot(s, slot, service_out, why);
	cache_copy(c, slot, service_out);
	return 1;
}

/* ---- what was full ------------------------------------------------------- */

#define FULL_LIFE_MS 1000

static struct full_mark *mark_of(struct store *s, int64_t slot_id)
{
	return &s->full[(uint64_t)slot_id % STORE_FULL_MARKS];
}

void store_full_remember(struct store *s, int64_t slot_id)
{
	struct full_mark *mark = mark_of(s, slot_id);

	mark->slot_id = slot_id;
	mark->until_ms = ticks_ms() + FULL_LIFE_MS;
}

bool store_full_is_remembered(struct store *s, int64_t slot_id)
{
	const struct full_mark *mark = mark_of(s, slot_id);

	return mark->slot_id == slot_id && ticks_ms() < mark->until_ms;
}

int store_full_peek(struct store *s, const struct booking_request *req,
		    struct fault *why)
{
	static const struct dbquery query = {
		"SELECT IF(i.closed, 0, i.capacity - i.booked), "
		"(SELECT COUNT(*) FROM booking b WHERE b.idem_key = ?) + "
		"(SELECT COUNT(*) FROM waiting w WHERE w.idem_key = ?) "
		"FROM slot_inventory i "
		"WHERE i.slot_id = ?",
		"ii",
	};
	const struct dbvalue values[] = {
		DB_BYTES(req->idem_key, sizeof(req->idem_key)),
		DB_BYTES(req->idem_key, sizeof(req->idem_key)),
		DB_INT(req->slot_id),
	};

	int r = dbconn_get(s->db, &query, DB_ARRAY(values), why);

	if (r != 1)
		return r;
	if (dbconn_int(s->db, 1) || dbconn_int(s->db, 0) >= req->seats)
		return 0;
	store_full_remember(s, req->slot_id);
	return 1;
}
