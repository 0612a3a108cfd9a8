/* SPDX-License-Identifier: MIT */
/* Writes the keys by which names are found. */
#include "config.h"

#include "store/names.h"

#include "base/ticks.h"
#include "domain/namekey.h"
#include "json/put.h"
#include "store/impl.h"

#include <json-c/json.h>

#include <string.h>

#define SETTLED_MS 60000	/* no transaction lasts as long */
#define BACK "10000"		/* rows that a start looks at again */
#define MANY 500		/* there are more behind these */

/* A name of signs alone has one that nobody looks for: so that it is known to
 * have been seen. */
static void keys_make(struct namekeys *keys, const char *name)
{
	namekeys_make(keys, name);
	if (keys->count == 0)
		keys->list[keys->count++][0] = '\0';
}

int store_booking_unnamed(struct store *s, int64_t booking_id,
			  struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"DELETE FROM booking_namekey WHERE booking_id = ?");

	return dbconn_run(s->db, &query, DB_VALUES(DB_INT(booking_id)), why);
}

/* A table of people, and what is done to some of its rows at a time. */
struct people {
	struct dbquery last;
	struct dbquery ids;
	struct dbquery missing;	/* ids above and up to */
	struct dbquery lock;	/* the same rows */
	struct dbquery insert;
	struct dbquery begin;	/* the id to begin behind */
};

#define LACKING(what, of) \
	"SELECT " what " FROM " of " p WHERE p.id > ? AND p.id <= ? " \
	"AND p.name <> '' AND NOT EXISTS (SELECT 1 FROM " of "_namekey k " \
	"WHERE k." of "_id = p.id)"
#define PEOPLE(of) { \
	{ STORE_LAST_OF(of) }, { STORE_IDS_OF(of) }, \
	{ LACKING("COUNT(*)", of), "i" }, \
	{ LACKING("p.id, p.name", of) " FOR UPDATE SKIP LOCKED", "it" }, \
	{ "INSERT IGNORE INTO " of "_namekey (" of "_id, number, begins) " \
	  "SELECT a.id, a.number, a.begins FROM " \
	  "JSON_TABLE(CONVERT(? USING utf8mb4), '$[*]' COLUMNS (" \
	  "id BIGINT PATH '$[0]', number INT PATH '$[1]', " \
	  "begins VARCHAR(32) PATH '$[2]')) a", NULL }, \
	{ "SELECT COALESCE(MIN(o.id), 0) FROM (SELECT id FROM " of " " \
	  "WHERE id <= (SELECT MAX(" of "_id) FROM " of "_namekey) " \
	  "ORDER BY id DESC LIMIT " BACK ") o", "i" }, \
}

static const struct people people[STORE_PEOPLE] = {
	PEOPLE("booking"), PEOPLE("waiting"),
};

struct filling {
	const struct people *of;
	int64_t after;
	int64_t until;
	int64_t count;
};

/* Keys of those in the range that have none.  They stay locked: else somebody
 * erased meanwhile would be back by name.  What others have locked is left for
 * the next look. */
static int fill_body(struct store *s, void *arg, struct fault *why)
{
	struct filling *f = arg;
	struct json_object *rows = put_new_list();
	int r = dbconn_run(s->db, &f->of->lock,
			   DB_VALUES(DB_INT(f->after), DB_INT(f->until)), why);

	f->count = 0;
	while (r >= 0 && (r = dbconn_next(s->db, why)) == 1) {
		struct namekeys keys;

		keys_make(&keys, dbconn_text(s->db, 1));
		for (size_t i = 0; i < keys.count; i++) {
			struct json_object *row = json_object_new_array();

			(void)json_object_array_add(row, json_object_new_int64(
				dbconn_int(s->db, 0)));
			(void)json_object_array_add(row,
				json_object_new_int64((int64_t)i));
			(void)json_object_array_add(row,
				json_object_new_string(keys.list[i]));
			(void)json_object_array_add(rows, row);
		}
		f->count++;
	}
	if (r >= 0 && f->count > 0)
		r = dbconn_run(s->db, &f->of->insert, DB_VALUES(
			DB_TEXT(json_object_to_json_string(rows))), why);
	json_object_put(rows);
	return r < 0 ? -1 : STORE_CHANGED;
}

/* The next rows of a range: 1 with their count, 0 = there are none, -1. */
static int fill_next(struct store *s, struct filling *f, struct fault *why)
{
	f->until = store_ids_until(s, &f->of->ids, f->after, why);
	if (f->until <= 0)
		return (int)f->until;
	if (dbconn_get(s->db, &f->of->missing,
		       DB_VALUES(DB_INT(f->after), DB_INT(f->until)), why) < 0)
		return -1;
	f->count = dbconn_int(s->db, 0);
	if (f->count > 0 && store_transaction(s, fill_body, f, why) < 0)
		return -1;
	f->after = f->until;
	return 1;
}

int store_names_fill(struct store *s, struct fault *why)
{
	for (size_t i = 0; i < STORE_PEOPLE; i++) {
		struct filling f = { .of = &people[i] };
		int64_t last;
		int r;

		if (dbconn_get(s->db, &f.of->last, DB_NO_VALUES, why) < 0)
			return -1;
		last = dbconn_int(s->db, 0);
		while ((r = fill_next(s, &f, why)) == 1)
			store_tell(s, f.after, last);
		if (r < 0)
			return -1;
	}
	return 0;
}

/* A booking that is being written is seen only later, and may have a lower id
 * than those that are there already: so each is looked at again. */
static int naming_begin(struct store *s, const struct people *of,
			struct store_naming *n, struct fault *why)
{
	int64_t now_ms = ticks_ms();

	if (n->again_at_ms == 0) {
		if (dbconn_get(s->db, &of->begin, DB_NO_VALUES, why) < 0)
			return -1;
		n->after = dbconn_int(s->db, 0) - 1;
		n->settled = n->seen = n->after;
	} else if (now_ms >= n->again_at_ms) {
		int64_t from = n->settled;

		n->settled = n->seen;
		n->seen = n->after;
		n->after = from;
	} else {
		return 0;
	}
	n->again_at_ms = now_ms + SETTLED_MS;
	return 0;
}

int store_names_step(struct store *s, struct store_naming all[STORE_PEOPLE],
		     struct fault *why)
{
	int more = 0;

	for (size_t i = 0; i < STORE_PEOPLE; i++) {
		struct store_naming *n = &all[i];
		struct filling f = { .of = &people[i] };
		int r;

		if (naming_begin(s, f.of, n, why) < 0)
			return -1;
		f.after = n->after;
		r = fill_next(s, &f, why);
		if (r < 0)
			return -1;
		/* None at all: it is going over what was seen before. */
		more |= r == 1 && (f.count == 0 || f.count >= MANY);
		n->after = f.after;
	}
	return more;
}
