/* SPDX-License-Identifier: MIT */
/* Counts slots by day, and finds the next one with room. */
#include "config.h"

#include "store/days.h"

#include "base/alloc.h"
#include "store/impl.h"

#include <stdlib.h>
#include <string.h>

int store_slots_ahead(struct store *s, const struct span *span,
		      struct slots_ahead *out, struct fault *why)
{
	/* Of the index alone, and of its end. */
	static const struct dbquery query = {
		"SELECT (SELECT COUNT(*) FROM (SELECT starts_at FROM slot "
		"WHERE service_id = ? AND starts_at >= ? AND starts_at < ? "
		"ORDER BY starts_at LIMIT ?) few), "
		"(SELECT MAX(starts_at) FROM slot WHERE service_id = ? "
		"AND starts_at >= ? AND starts_at < ?)",
		"id",
	};
	const struct dbvalue values[] = {
		STORE_SPAN_VALUES(span), STORE_MAX_VALUE(span),
		STORE_SPAN_VALUES(span),
	};
	int r = dbconn_get(s->db, &query, DB_ARRAY(values), why);

	*out = (struct slots_ahead){ 0 };
	if (r == 1) {
		out->count = dbconn_int(s->db, 0);
		out->last_s = dbconn_time_ms(s->db, 1) / 1000;
	}
	return r < 0 ? -1 : 0;
}

int store_slot_next(struct store *s, const struct slot_wish *wish,
		    struct slot *out, struct fault *why)
{
	/* By the index in order of time: it ends at the first one found. */
	static const struct dbquery query = {
		"SELECT " STORE_SLOT_SELECT
		" FROM slot s FORCE INDEX (slot_service_start) "
		"STRAIGHT_JOIN slot_inventory i ON i.slot_id = s.id "
		"WHERE s.service_id = ? AND s.starts_at >= ? "
		"AND i.closed = 0 AND i.capacity - i.booked >= ? "
		"AND s.id <> ? ORDER BY s.starts_at LIMIT 1",
		STORE_SLOT_COLUMNS,
	};
	const struct dbvalue values[] = {
		DB_INT(wish->service_id),
		DB_TIME_MS(store_within_s(wish->from_s) * 1000),
		DB_INT(wish->seats),
		DB_INT(wish->except_id),
	};
	int r = dbconn_get(s->db, &query, DB_ARRAY(values), why);

	if (r == 1)
		store_slot_read(s->db, 0, out);
	return r;
}

/* A join to the services would read all slots that have passed: a range of the
 * index needs the service as a constant. */
#define NEXT_OF_ONE \
	"(SELECT " STORE_SLOT_SELECT \
	" FROM slot s FORCE INDEX (slot_service_start) " \
	"STRAIGHT_JOIN slot_inventory i ON i.slot_id = s.id " \
	"WHERE s.service_id = ? AND s.starts_at > NOW() " \
	"AND s.starts_at < NOW() + INTERVAL 400 DAY " \
	"AND i.closed = 0 AND i.booked < i.capacity " \
	"ORDER BY s.starts_at LIMIT 1)"
#define NEXT_OF_TWO NEXT_OF_ONE " UNION ALL " NEXT_OF_ONE
#define NEXT_OF_FOUR NEXT_OF_TWO " UNION ALL " NEXT_OF_TWO
#define NEXT_AT_ONCE 16

/* Services, and the next slot of each. */
struct next_slots {
	const struct service *services;
	struct slot *slots;
	size_t count;		/* at most NEXT_AT_ONCE */
};

static int next_read(struct store *s, const struct next_slots *next,
		     struct fault *why)
{
	/* The server plans each part anew: no more of them than it takes. */
	static const struct {
		size_t services;
		struct dbquery query;
	} sizes[] = {
		{ 1, { NEXT_OF_ONE, STORE_SLOT_COLUMNS } },
		{ 2, { NEXT_OF_TWO, STORE_SLOT_COLUMNS } },
		{ 4, { NEXT_OF_FOUR, STORE_SLOT_COLUMNS } },
		{ NEXT_AT_ONCE, { NEXT_OF_FOUR " UNION ALL " NEXT_OF_FOUR
				  " UNION ALL " NEXT_OF_FOUR
				  " UNION ALL " NEXT_OF_FOUR,
				  STORE_SLOT_COLUMNS } },
	};
	const struct service *services = next->services;
	struct dbvalue values[NEXT_AT_ONCE];
	struct slot slot;
	size_t size = 0;
	int r;

	while (sizes[size].services < next->count)
		size++;
	/* Without any more services there are no slots. */
	for (size_t i = 0; i < sizes[size].services; i++)
		values[i] = (struct dbvalue)DB_INT(
			i < next->count ? services[i].id : 0);
	r = dbconn_run(s->db, &sizes[size].query,
		       (struct dbvalues){ values, sizes[size].services }, why);
	while (r == 0 && (r = dbconn_next(s->db, why)) == 1) {
		store_slot_read(s->db, 0, &slot);
		for (size_t i = 0; i < next->count; i++)
			if (services[i].id == slot.service_id)
				next->slots[i] = slot;
		r = 0;
	}
	return r;
}

struct slot *store_slots_next(struct store *s, const struct service *services,
			      size_t count, struct fault *why)
{
	struct slot *slots = alloc_zeroed(count > 0 ? count : 1,
					  sizeof(*slots));

	for (size_t at = 0; at < count; at += NEXT_AT_ONCE) {
		const struct next_slots next = {
			services + at, slots + at,
			count - at < NEXT_AT_ONCE ? count - at : NEXT_AT_ONCE,
		};

		if (next_read(s, &next, why) < 0) {
			free(slots);
			return NULL;
		}
	}
	return slots;
}

static void day_read(const struct dbconn *db, void *row)
{
	struct slot_day *d = row;

	/* The column is as wide as this member. */
	dbconn_text_copy(db, 0, d->zone, sizeof(d->zone));
	d->day = dbconn_int(db, 1);
	d->offered = dbconn_int(db, 2);
	d->fitting = dbconn_int(db, 3);
}

/* Of a zone that begin somewhere near; some zones, few as a rule. */
#define DAY_ROWS_MAX (8 * (STORE_DAYS_MAX + 2))
#define EIGHT "?, ?, ?, ?, ?, ?, ?, ?"

int store_slot_days(struct store *s, const struct slot_days *days,
		    struct slot_day_rows *out, struct fault *why)
{
	/* INTERVAL() counts the days that have begun, whatever their length. */
	static const struct dbquery query = {
		"SELECT s.zone, INTERVAL(TIMESTAMPDIFF(SECOND, ?, "
		"s.starts_at), " EIGHT ", " EIGHT ", " EIGHT ", " EIGHT
		") AS day, COUNT(*), "
		"CAST(SUM(i.capacity - i.booked >= ? AND s.id <> ?) AS SIGNED) "
		"FROM slot s FORCE INDEX (slot_service_start) "
		"STRAIGHT_JOIN slot_inventory i ON i.slot_id = s.id "
		"WHERE s.service_id = ? AND s.starts_at >= ? "
		"AND s.starts_at < ? AND i.closed = 0 "
		"GROUP BY s.zone, day LIMIT ?",
		"tiii",
	};
	const struct slot_wish *wish = &days->wish;
	int64_t base_s = days->begins_s[0];
	int64_t from_s = base_s - STORE_ZONES_APART_S;
	struct dbvalue values[1 + STORE_DAYS_MAX + 1 + 6];
	struct dbrows rows = { .read = day_read, .size = sizeof(*out->list),
			       .max = DAY_ROWS_MAX };
	size_t n = 0;

	if (from_s < wish->from_s)
		from_s = wish->from_s;
	values[n++] = (struct dbvalue)DB_TIME_MS(base_s * 1000);
	for (size_t i = 0; i <= STORE_DAYS_MAX; i++) {
		size_t last = i < days->count ? i : days->count;

		/* Behind the last one others, which have no slots. */
		values[n++] = (struct dbvalue)DB_INT(
			days->begins_s[last] - base_s +
			(int64_t)(i - last) * 2 * STORE_ZONES_APART_S);
	}

	const struct dbvalue rest[] = {
		DB_INT(wish->seats), DB_INT(wish->except_id),
		DB_INT(wish->service_id), DB_TIME_MS(from_s * 1000),
		DB_TIME_MS((days->begins_s[days->count] +
			    STORE_ZONES_APART_S) * 1000),
		DB_INT(DAY_ROWS_MAX),
	};

	memcpy(values + n, rest, sizeof(rest));

	int r = dbconn_list(s->db, DB_CALL_ARRAY(&query, values), &rows, why);

	*out = (struct slot_day_rows){ rows.list, rows.count };
	return r;
}
