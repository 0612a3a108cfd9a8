/* SPDX-License-Identifier: MIT */
/* Calendar feeds, in MySQL. */
#include "config.h"

#include "store/feeds.h"

#include "base/ticks.h"
#include "store/impl.h"
#include "store/store.h"

#include <string.h>

#define SELECT \
	"SELECT f.id, f.name, f.version, f.service_id, v.slug, v.name, " \
	"f.names, f.created_at, f.used_on FROM feed f " \
	"LEFT JOIN service v ON v.id = f.service_id "
#define COLUMNS "itiittidd"

static void feed_read(const struct dbconn *db, void *row)
{
	struct feed *f = row;

	f->id = dbconn_int(db, 0);
	dbconn_text_copy(db, 1, f->name, sizeof(f->name));
	f->version = dbconn_int(db, 2);
	f->service_id = dbconn_int(db, 3);
	dbconn_text_copy(db, 4, f->service, sizeof(f->service));
	dbconn_text_copy(db, 5, f->service_name, sizeof(f->service_name));
	f->names = dbconn_int(db, 6) != 0;
	f->created_at_ms = dbconn_time_ms(db, 7);
	f->used_on_ms = dbconn_time_ms(db, 8);
}

int store_feed(struct store *s, const uint8_t hash[BEARER_HASH_BYTES],
	       struct feed *out, struct fault *why)
{
	static const struct dbquery query = {
		SELECT "WHERE f.token_hash = ?", COLUMNS,
	};
	static const struct dbquery note = DB_CHANGE(
		"UPDATE feed SET used_on = ? WHERE id = ?");

	*out = (struct feed){ 0 };
	int r = dbconn_get(s->db, &query,
			   DB_VALUES(DB_BYTES(hash, BEARER_HASH_BYTES)), why);

	if (r != 1)
		return r;
	feed_read(s->db, out);

	const struct last_use last = { out->id, out->used_on_ms };

	return store_use_note(s, &note, &last, why) < 0 ? -1 : 1;
}

int store_feeds(struct store *s, struct feed **out, size_t *count_out,
		struct fault *why)
{
	static const struct dbquery query = {
		SELECT "ORDER BY f.name LIMIT ?", COLUMNS,
	};
	struct dbrows rows = { .read = feed_read, .size = sizeof(**out),
			       .max = STORE_ROWS_MAX };
	int r = dbconn_list(s->db, DB_CALL(&query, DB_INT(STORE_ROWS_MAX)),
			    &rows, why);

	*out = rows.list;
	*count_out = rows.count;
	return r;
}

/* ---- changes ------------------------------------------------------------ */

static const struct dbquery feed_proof = {
	"SELECT 1 FROM feed WHERE token_hash = ?", "i",
};

int store_feed_add(struct store *s, const struct feed *feed,
		   const struct store_actor *by, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO feed (name, token_hash, service_id, names, "
		"created_at) VALUES (?, ?, NULLIF(?, 0), ?, ?)");
	const struct dbvalue values[] = {
		DB_TEXT(feed->name), DB_BYTES(feed->hash, sizeof(feed->hash)),
		DB_INT(feed->service_id), DB_INT(feed->names),
		DB_TIME_MS(wall_ms()),
	};
	const struct audited c = {
		&query, DB_ARRAY(values),
		{ by, "feed_added", "", feed->name },
		&feed_proof, DB_VALUES(DB_BYTES(feed->hash,
						sizeof(feed->hash))),
	};

	return store_audited(s, &c, why);
}

int store_feed_rotate(struct store *s, const struct feed *feed,
		      const struct store_actor *by, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE feed SET token_hash = ?, version = version + 1 "
		"WHERE name = ? AND (? < 0 OR version = ?)");
	const struct dbvalue values[] = {
		DB_BYTES(feed->hash, sizeof(feed->hash)), DB_TEXT(feed->name),
		DB_INT(feed->version), DB_INT(feed->version),
	};
	const struct audited c = {
		&query, DB_ARRAY(values),
		{ by, "feed_rotated", "", feed->name },
		&feed_proof, DB_VALUES(DB_BYTES(feed->hash,
						sizeof(feed->hash))),
	};

	return store_audited(s, &c, why);
}

int store_feed_revoke(struct store *s, const char *name,
		      const struct store_actor *by, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"DELETE FROM feed WHERE name = ?");
	const struct audited c = {
		.query = &query, .values = DB_VALUES(DB_TEXT(name)),
		.entry = { by, "feed_revoked", "", name },
	};

	return store_audited(s, &c, why);
}

/* ---- what stands in one ------------------------------------------------- */

int store_feed_bookings(struct store *s, const struct span *span,
			const struct feed_reader *reader, struct fault *why)
{
	/* In the order of the indexes, of which no more than max is read: the
	 * same bookings are the same calendar. */
	static const struct dbquery query = {
		"SELECT s.id, s.starts_at, s.ends_at, i.capacity, v.name, "
		"v.place, b.ref, b.name, b.seats, "
		"GREATEST(COALESCE(b.changed_at, b.created_at), "
		"COALESCE(v.changed_at, b.created_at)), b.id "
		"FROM slot s FORCE INDEX (slot_start) "
		"STRAIGHT_JOIN slot_inventory i ON i.slot_id = s.id "
		"STRAIGHT_JOIN service v ON v.id = s.service_id "
		"STRAIGHT_JOIN booking b FORCE INDEX (booking_slot) "
		"ON b.slot_id = s.id "
		"WHERE (? = 0 OR s.service_id = ?) AND s.starts_at >= ? "
		"AND s.starts_at < ? AND b.cancelled_at IS NULL "
		"ORDER BY s.starts_at, s.service_id, s.id LIMIT ?",
		"iddittttidi",
	};
	const struct dbvalue values[] = {
		DB_INT(span->service_id), STORE_SPAN_VALUES(span),
		STORE_MAX_VALUE(span),
	};
	int r;

	if (dbconn_run(s->db, &query, DB_ARRAY(values), why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		const struct feed_booking b = {
			.slot_id = dbconn_int(s->db, 0),
			.starts_at_s = dbconn_time_ms(s->db, 1) / 1000,
			.ends_at_s = dbconn_time_ms(s->db, 2) / 1000,
			.capacity = dbconn_int(s->db, 3),
			.service = dbconn_text(s->db, 4),
			.place = dbconn_text(s->db, 5),
			.ref = dbconn_text(s->db, 6),
			.name = dbconn_text(s->db, 7),
			.seats = dbconn_int(s->db, 8),
			.changed_at_s = dbconn_time_ms(s->db, 9) / 1000,
			.id = dbconn_int(s->db, 10),
		};

		reader->each(reader->arg, &b);
	}
	return r;
}
