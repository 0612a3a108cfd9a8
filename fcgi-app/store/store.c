/* SPDX-License-Identifier: MIT */
/* Reading services, slots and bookings, and the cache of what never changes. */
#include "config.h"

#include "store/store.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "db/conn.h"
#include "store/impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_LIFE_MS 60000
#define LAST_SECOND INT64_C(253402300799)	/* of the year 9999 */

struct cached_slot {
	struct slot slot;
	struct service service;
	int64_t until_ms;	/* ticks */
};

struct store *store_new(struct dbconn *db)
{
	struct store *s = alloc_zeroed(1, sizeof(*s));

	s->db = db;
	return s;
}

static void cached_slot_free(struct cached_slot *c)
{
	if (!c)
		return;
	service_release(&c->service);
	free(c);
}

void store_free(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < STORE_SLOTS_CACHED; i++)
		cached_slot_free(s->slots[i]);
	free(s);
}

void store_service_read(const struct dbconn *db, size_t at,
			struct service *out)
{
	out->id = dbconn_int(db, at);
	out->slug = alloc_text(dbconn_text(db, at + 1));
	out->name = alloc_text(dbconn_text(db, at + 2));
	out->description = alloc_text(dbconn_text(db, at + 3));
	out->place = alloc_text(dbconn_text(db, at + 4));
	out->zone = alloc_text(dbconn_text(db, at + 5));
	out->organiser_name = alloc_text(dbconn_text(db, at + 6));
	out->organiser_email = alloc_text(dbconn_text(db, at + 7));
	out->language = alloc_text(dbconn_text(db, at + 8));
	out->notice_min = dbconn_int(db, at + 9);
	out->reminder_min = dbconn_int(db, at + 10);
	out->offer_min = dbconn_int(db, at + 11);
	out->organiser_mails = dbconn_int(db, at + 12) != 0;
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

int store_services(struct store *s, struct service **out, size_t *count_out,
		   struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " STORE_SERVICE_SELECT " FROM service v ORDER BY v.id",
		STORE_SERVICE_COLUMNS,
	};
	struct service *list = NULL;
	size_t count = 0;
	size_t room = 0;
	int r;

	*out = NULL;
	*count_out = 0;
	if (dbconn_run(s->db, &query, NULL, 0, why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		if (count == room) {
			room = room ? room * 2 : 8;
			list = alloc_resize(list, room, sizeof(*list));
		}
		store_service_read(s->db, 0, &list[count++]);
	}
	if (r < 0) {
		store_services_free(list, count);
		return -1;
	}
	*out = list;
	*count_out = count;
	return 0;
}

int store_service_by_slug(struct store *s, const char *slug,
			  struct service *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " STORE_SERVICE_SELECT
		" FROM service v WHERE v.slug = ?",
		STORE_SERVICE_COLUMNS,
	};
	struct dbvalue value = DB_TEXT(slug);

	memset(out, 0, sizeof(*out));
	if (dbconn_run(s->db, &query, &value, 1, why) < 0)
		return -1;

	int r = dbconn_next(s->db, why);

	if (r == 1)
		store_service_read(s->db, 0, out);
	return r;
}

/* An instant that DATETIME can hold. */
static int64_t datetime_ms(int64_t at_s)
{
	if (at_s < 0)
		return 0;
	return (at_s > LAST_SECOND ? LAST_SECOND : at_s) * 1000;
}

#define SLOT_SELECT "SELECT " STORE_SLOT_SELECT
#define SLOT_FROM \
	" FROM slot s JOIN slot_inventory i ON i.slot_id = s.id "
#define SLOTS_WHERE \
	"WHERE s.service_id = ? AND s.starts_at >= ? AND s.starts_at < ? "

int store_slots(struct store *s, int64_t service_id, int64_t from_s,
		int64_t until_s, bool only_free, size_t max,
		struct slot **out, size_t *count_out, struct fault *why)
{
	static const struct dbquery all = {
		SLOT_SELECT SLOT_FROM SLOTS_WHERE
		"ORDER BY s.starts_at LIMIT ?",
		STORE_SLOT_COLUMNS,
	};
	static const struct dbquery free_ones = {
		SLOT_SELECT SLOT_FROM SLOTS_WHERE
		"AND i.booked < i.capacity AND i.closed = 0 "
		"ORDER BY s.starts_at LIMIT ?",
		STORE_SLOT_COLUMNS,
	};
	const struct dbvalue values[] = {
		DB_INT(service_id),
		DB_TIME_MS(datetime_ms(from_s)),
		DB_TIME_MS(datetime_ms(until_s)),
		DB_INT((int64_t)max),
	};
	int r;

	*out = NULL;
	*count_out = 0;
	if (dbconn_run(s->db, only_free ? &free_ones : &all, values,
		       ARRAY_COUNT(values), why) < 0)
		return -1;

	struct slot *list = alloc_zeroed(max + 1, sizeof(*list));
	size_t count = 0;

	while ((r = dbconn_next(s->db, why)) == 1 && count < max)
		store_slot_read(s->db, 0, &list[count++]);
	if (r < 0) {
		free(list);
		return -1;
	}
	*out = list;
	*count_out = count;
	return 0;
}

static int cache_fill(struct store *s, int64_t slot_id,
		      struct cached_slot **out, struct fault *why)
{
	static const struct dbquery query = {
		SLOT_SELECT ", " STORE_SERVICE_SELECT SLOT_FROM
		"JOIN service v ON v.id = s.service_id WHERE s.id = ?",
		STORE_SLOT_COLUMNS STORE_SERVICE_COLUMNS,
	};
	struct dbvalue value = DB_INT(slot_id);

	if (dbconn_run(s->db, &query, &value, 1, why) < 0)
		return -1;

	int r = dbconn_next(s->db, why);

	if (r != 1)
		return r;

	struct cached_slot *c = alloc_zeroed(1, sizeof(*c));

	store_slot_read(s->db, 0, &c->slot);
	store_service_read(s->db, strlen(STORE_SLOT_COLUMNS), &c->service);
	c->until_ms = ticks_ms() + CACHE_LIFE_MS;
	*out = c;
	return 1;
}

int store_slot(struct store *s, int64_t slot_id, bool fresh,
	       struct slot *slot_out, struct service *service_out,
	       struct fault *why)
{
	struct cached_slot **place =
		&s->slots[(uint64_t)slot_id % STORE_SLOTS_CACHED];
	struct cached_slot *c = *place;

	if (service_out)
		memset(service_out, 0, sizeof(*service_out));
	if (fresh || !c || c->slot.id != slot_id || ticks_ms() >= c->until_ms) {
		int r = cache_fill(s, slot_id, &c, why);

		if (r != 1)
			return r;
		cached_slot_free(*place);
		*place = c;
	}
	*slot_out = c->slot;
	if (service_out)
		service_copy(service_out, &c->service);
	return 1;
}

void store_link_read(const struct dbconn *db, size_t at, int64_t id,
		     int version, struct token_seed *out)
{
	*out = (struct token_seed){
		.id = id,
		.version = version,
		.drawn = !dbconn_is_null(db, at),
		.old_link = dbconn_int(db, at + 1) != 0,
	};
	if (!out->drawn)
		return;
	must(dbconn_text_len(db, at) == TOKEN_NONCE_BYTES);
	memcpy(out->nonce, dbconn_text(db, at), TOKEN_NONCE_BYTES);
}

static void view_read(const struct dbconn *db, struct booking_view *out,
		      uint8_t req_hash[32])
{
	out->id = dbconn_int(db, 0);
	must(str_copy(out->ref, sizeof(out->ref), dbconn_text(db, 1)));
	store_link_read(db, 19, out->id, (int)dbconn_int(db, 2), &out->link);
	out->cancelled = !dbconn_is_null(db, 3);
	out->seats = dbconn_int(db, 4);
	out->name = alloc_text(dbconn_text(db, 5));
	out->email = alloc_text(dbconn_text(db, 6));
	out->locale = alloc_text(dbconn_text(db, 7));
	out->notes = alloc_text(dbconn_text(db, 8));
	out->created_at_s = dbconn_time_ms(db, 9) / 1000;
	if (req_hash) {
		must(dbconn_text_len(db, 10) == 32);
		memcpy(req_hash, dbconn_text(db, 10), 32);
	}
	out->revision = (int)dbconn_int(db, 11);
	out->sequence = (int)dbconn_int(db, 12);
	out->resends = (int)dbconn_int(db, 13);
	out->corrections = (int)dbconn_int(db, 14);
	out->cancelled_by = (enum cancelled_by)dbconn_int(db, 15);
	out->cancel_reason = alloc_text(dbconn_text(db, 16));
	out->changed_at_s = dbconn_time_ms(db, 17) / 1000;
	out->erased = !dbconn_is_null(db, 18);
	store_slot_read(db, 21, &out->slot);
	store_service_read(db, 21 + strlen(STORE_SLOT_COLUMNS),
			   &out->service);
}

int store_view_get(struct store *s, const struct dbquery *query,
		   const struct dbvalue *value, struct booking_view *out,
		   uint8_t req_hash[32], struct fault *why)
{
	memset(out, 0, sizeof(*out));
	if (dbconn_run(s->db, query, value, 1, why) < 0)
		return -1;

	int r = dbconn_next(s->db, why);

	if (r == 1)
		view_read(s->db, out, req_hash);
	return r;
}

int store_booking_by_ref(struct store *s, const char *ref,
			 struct booking_view *out, struct fault *why)
{
	static const struct dbquery query = {
		STORE_VIEW_SELECT "WHERE b.ref = ?", STORE_VIEW_COLUMNS,
	};
	struct dbvalue value = DB_TEXT(ref);

	return store_view_get(s, &query, &value, out, NULL, why);
}

int store_booking_by_id(struct store *s, int64_t id, struct booking_view *out,
			struct fault *why)
{
	static const struct dbquery query = {
		STORE_VIEW_SELECT "WHERE b.id = ?", STORE_VIEW_COLUMNS,
	};
	struct dbvalue value = DB_INT(id);

	return store_view_get(s, &query, &value, out, NULL, why);
}

int store_ping(struct store *s, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT MAX(version) FROM schema_version", "i",
	};

	if (dbconn_run(s->db, &query, NULL, 0, why) < 0 ||
	    dbconn_next(s->db, why) < 0)
		return -1;

	int64_t version = dbconn_int(s->db, 0);

	if (version < STORE_SCHEMA_VERSION)
		return fault_set(why, FAULT_CONFIG,
				 "the schema is version %" PRId64
				 ", %d is needed: run bookctl migrate",
				 version, STORE_SCHEMA_VERSION);
	return 0;
}
