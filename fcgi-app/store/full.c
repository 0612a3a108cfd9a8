/* SPDX-License-Identifier: MIT */
/* Remembers which slots were full a moment ago, and asks before trying them. */
#include "config.h"

#include "store/store.h"

#include "base/ticks.h"
#include "db/conn.h"
#include "store/impl.h"

#define FULL_LIFE_MS 1000

static struct full_mark *full_place(struct store *s, int64_t slot_id)
{
	return &s->full[(uint64_t)slot_id % STORE_FULL_MARKS];
}

void store_full_remember(struct store *s, int64_t slot_id)
{
	struct full_mark *mark = full_place(s, slot_id);

	mark->slot_id = slot_id;
	mark->until_ms = ticks_ms() + FULL_LIFE_MS;
}

bool store_full_is_remembered(struct store *s, int64_t slot_id)
{
	const struct full_mark *mark = full_place(s, slot_id);

	return mark->slot_id == slot_id && ticks_ms() < mark->until_ms;
}

int store_full_peek(struct store *s, const struct booking_request *req,
		    struct fault *why)
{
	static const struct dbquery query = {
		"SELECT IF(i.closed, 0, i.capacity - i.booked), (SELECT COUNT(*) FROM booking b "
		"WHERE b.idem_key = ?) FROM slot_inventory i "
		"WHERE i.slot_id = ?",
		"ii",
	};
	const struct dbvalue values[] = {
		DB_BYTES(req->idem_key, sizeof(req->idem_key)),
		DB_INT(req->slot_id),
	};

	if (dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why) < 0)
		return -1;

	int r = dbconn_next(s->db, why);

	if (r != 1)
		return r;
	if (dbconn_int(s->db, 1) || dbconn_int(s->db, 0) >= req->seats)
		return 0;
	store_full_remember(s, req->slot_id);
	return 1;
}
