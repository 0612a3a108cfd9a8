/* SPDX-License-Identifier: MIT */
/* People's data by address, all bookings in order, and counts. */
#include "config.h"

#include "store/people.h"

#include "store/impl.h"
#include "store/waiting.h"

#include <string.h>

int store_address_booking(struct store *s, const char *email,
			  char ref_out[STORE_REF_LEN + 1], struct fault *why)
{
	static const struct dbquery query = {
		"SELECT ref FROM booking WHERE email = ? AND email <> '' "
		"AND erased_at IS NULL LIMIT 1",
		"t",
	};

	int r = dbconn_get(s->db, &query, DB_VALUES(DB_TEXT(email)), why);

	if (r == 1)
		dbconn_text_copy(s->db, 0, ref_out, STORE_REF_LEN + 1);
	return r;
}

int store_address_waiting_erase(struct store *s, const char *email,
				struct fault *why)
{
	static const struct dbquery query = {
		"SELECT ref FROM waiting WHERE email = ? AND email <> '' "
		"LIMIT 1",
		"t",
	};
	int count = 0;

	for (;;) {
		char ref[STORE_REF_LEN + 1];
		struct waiting_view w;
		int r = dbconn_get(s->db, &query, DB_VALUES(DB_TEXT(email)),
				   why);

		if (r != 1)
			return r < 0 ? -1 : count;
		dbconn_text_copy(s->db, 0, ref, sizeof(ref));
		r = store_waiting_by_ref(s, ref, &w, why);
		if (r < 0)
			return -1;
		if (r == 0)
			continue;	/* it left just now */
		r = store_waiting_leave(s, &w, why);
		waiting_view_release(&w);
		if (r < 0)
			return -1;
		count++;
	}
}

static void name_read(const struct dbconn *db, void *row)
{
	dbconn_text_copy(db, 0, row, QUESTION_NAME_MAX + 1);
}

int store_export_columns(struct store *s, int64_t service_id,
			 struct export_columns *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT DISTINCT name FROM question "
		"WHERE (? = 0 OR service_id = ?) ORDER BY name", "t",
	};
	struct dbrows rows = { .read = name_read,
			       .size = QUESTION_NAME_MAX + 1 };
	int r = dbconn_list(s->db, DB_CALL(&query, DB_INT(service_id),
				       DB_INT(service_id)), &rows, why);

	*out = (struct export_columns){ rows.list, rows.count };
	return r;
}

struct exporting {
	enum export_state (*state)(const struct dbconn *db);
	const struct export_reader *reader;
};

static int64_t export_run(struct store *s, struct dbcall call,
			  const struct exporting *e, struct fault *why)
{
	int64_t count = 0;
	int r;

	if (dbconn_run(s->db, call.query, call.values, why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		const struct export_row row = {
			.ref = dbconn_text(s->db, 0),
			.service = dbconn_text(s->db, 1),
			.zone = dbconn_text(s->db, 2),
			.name = dbconn_text(s->db, 3),
			.email = dbconn_text(s->db, 4),
			.locale = dbconn_text(s->db, 5),
			.notes = dbconn_text(s->db, 6),
			.starts_at_ms = dbconn_time_ms(s->db, 7),
			.ends_at_ms = dbconn_time_ms(s->db, 8),
			.created_at_ms = dbconn_time_ms(s->db, 9),
			.seats = dbconn_int(s->db, 10),
			.state = e->state(s->db),
			.answers = dbconn_text(s->db, 13),
		};

		e->reader->each(e->reader->arg, &row);
		store_tell(s, ++count, 0);
	}
	return r < 0 ? -1 : count;
}

static enum export_state booked_state(const struct dbconn *db)
{
	return dbconn_is_null(db, 11) ? EXPORT_BOOKED : EXPORT_CANCELLED;
}

int64_t store_export(struct store *s, const struct span *span,
		     const struct export_reader *reader, struct fault *why)
{
	/* In the order of the index, of which no more than max is read. */
	static const struct dbquery query = {
		"SELECT b.ref, v.slug, s.zone, b.name, b.email, b.locale, "
		"b.notes, s.starts_at, s.ends_at, b.created_at, b.seats, "
		"b.cancelled_at, b.erased_at, "
		"(SELECT JSON_ARRAYAGG(JSON_ARRAY(q.name, a.seat, a.text)) "
		"FROM answer a JOIN question q ON q.id = a.question_id "
		"WHERE a.booking_id = b.id) "
		"FROM slot s FORCE INDEX (slot_start) "
		"STRAIGHT_JOIN service v ON v.id = s.service_id "
		"STRAIGHT_JOIN booking b FORCE INDEX (booking_slot) "
		"ON b.slot_id = s.id "
		"WHERE (? = 0 OR s.service_id = ?) AND s.starts_at >= ? "
		"AND s.starts_at < ? "
		"ORDER BY s.starts_at, s.service_id, s.id LIMIT ?",
		"tttttttdddiddt",
	};
	const struct dbvalue values[] = {
		DB_INT(span->service_id), STORE_SPAN_VALUES(span),
		STORE_MAX_VALUE(span),
	};
	const struct exporting e = { booked_state, reader };

	return export_run(s, DB_CALL_ARRAY(&query, values), &e, why);
}

static enum export_state line_state(const struct dbconn *db)
{
	if (!dbconn_is_null(db, 12))
		return EXPORT_UNCONFIRMED;
	return dbconn_int(db, 11) == WAITING_OFFERED ? EXPORT_OFFERED :
						       EXPORT_WAITING;
}

int64_t store_export_line(struct store *s, const struct span *span,
			  const struct export_reader *reader,
			  struct fault *why)
{
	static const struct dbquery query = {
		"SELECT w.ref, v.slug, s.zone, w.name, w.email, w.locale, "
		"w.notes, s.starts_at, s.ends_at, w.created_at, w.seats, "
		"w.state, IF(w.in_line IS NULL, 1, NULL), "
		"(SELECT JSON_ARRAYAGG(JSON_ARRAY(q.name, a.seat, a.text)) "
		"FROM waiting h CROSS JOIN " SQL_ANSWERS_OF("h.answers")
		" JOIN question q ON q.id = a.question WHERE h.id = w.id) "
		"FROM slot s FORCE INDEX (slot_start) "
		"STRAIGHT_JOIN service v ON v.id = s.service_id "
		"STRAIGHT_JOIN waiting w FORCE INDEX (waiting_next) "
		"ON w.slot_id = s.id "
		"AND w.state IN (" SQL_IN_LINE ", " SQL_OFFERED ") "
		"WHERE (? = 0 OR s.service_id = ?) AND s.starts_at >= ? "
		"AND s.starts_at < ? ORDER BY s.starts_at, s.service_id, "
		"s.id, w.untold, w.id LIMIT ?",
		"tttttttdddiiit",
	};
	const struct dbvalue values[] = {
		DB_INT(span->service_id), STORE_SPAN_VALUES(span),
		STORE_MAX_VALUE(span),
	};
	const struct exporting e = { line_state, reader };

	return export_run(s, DB_CALL_ARRAY(&query, values), &e, why);
}

int store_counts(struct store *s, struct store_counts *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT (SELECT COUNT(*) FROM service), a.slots, a.places, "
		"a.booked, b.all_of_them - b.cancelled, b.cancelled, b.erased, "
		"(SELECT COUNT(in_line) FROM waiting "
		"WHERE state IN (" SQL_IN_LINE ", " SQL_OFFERED ")) "
		"FROM (SELECT COUNT(*) AS slots, CAST(COALESCE(SUM("
		STORE_PLACES "), 0) AS SIGNED) AS places, "
		"CAST(COALESCE(SUM(i.booked), 0) AS SIGNED) AS booked "
		"FROM slot s JOIN slot_inventory i ON i.slot_id = s.id "
		"WHERE s.starts_at > NOW()) a, "
		"(SELECT COUNT(*) AS all_of_them, "
		"COUNT(cancelled_at) AS cancelled, COUNT(erased_at) AS erased "
		"FROM booking) b",
		"iiiiiiii",
	};

	memset(out, 0, sizeof(*out));
	if (dbconn_get(s->db, &query, DB_NO_VALUES, why) < 0)
		return -1;
	out->services = dbconn_int(s->db, 0);
	out->slots_ahead = dbconn_int(s->db, 1);
	out->places_ahead = dbconn_int(s->db, 2);
	out->places_booked = dbconn_int(s->db, 3);
	out->bookings = dbconn_int(s->db, 4);
	out->cancelled = dbconn_int(s->db, 5);
	out->erased = dbconn_int(s->db, 6);
	out->waiting = dbconn_int(s->db, 7);
	return 0;
}
