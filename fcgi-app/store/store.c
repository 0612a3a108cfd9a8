/* SPDX-License-Identifier: MIT */
/* The handle of the store, and what all its files use. */
#include "config.h"

#include "store/store.h"

#include "base/alloc.h"
#include "base/str.h"
#include "db/conn.h"
#include "store/impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct store *store_new(struct dbconn *db)
{
	struct store *s = alloc_zeroed(1, sizeof(*s));

	s->db = db;
	return s;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < STORE_SLOTS_CACHED; i++)
		store_cached_slot_free(s->slots[i]);
	free(s);
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

int store_rights_check(struct store *s, struct fault *why)
{
	/* The right is looked at before the condition is. */
	static const struct dbquery queries[] = {
		{ "INSERT INTO notification SELECT * FROM notification "
		  "WHERE 1 = 0", NULL },
		{ "UPDATE slot_inventory SET booked = booked WHERE 1 = 0",
		  NULL },
		{ "DELETE FROM notification WHERE 1 = 0", NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(queries); i++) {
		if (dbconn_run(s->db, &queries[i], NULL, 0, why) < 0)
			return -1;
	}
	return 0;
}

int store_rows_read(struct store *s, size_t max, size_t size,
		    void (*read)(const struct dbconn *db, void *row),
		    void **out, size_t *count_out, struct fault *why)
{
	char *list = NULL;
	size_t count = 0;
	size_t room = 0;
	int r;

	while ((r = dbconn_next(s->db, why)) == 1 && count < max) {
		if (count == room) {
			room = room ? room * 2 : 16;
			list = alloc_resize(list, room, size);
		}
		memset(list + count * size, 0, size);
		read(s->db, list + count++ * size);
	}
	*out = NULL;
	*count_out = 0;
	if (r < 0) {
		free(list);
		return -1;
	}
	*out = list;
	*count_out = count;
	return 0;
}

#define LAST_SECOND INT64_C(253402300799)	/* of the year 9999 */

int64_t store_within_s(int64_t at_s)
{
	if (at_s < 0)
		return 0;
	return at_s < LAST_SECOND ? at_s : LAST_SECOND;
}

void store_text_read(const struct dbconn *db, size_t i, char *out, size_t size)
{
	must(str_copy(out, size, dbconn_text(db, i)));
}
