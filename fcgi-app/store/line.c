/* SPDX-License-Identifier: MIT */
/* Who waits, as lists for organisers. */
#include "config.h"

#include "store/line.h"

#include "store/bookings.h"
#include "store/impl.h"

/* As in bookings.c: of a common word some, and those among the newest. */
#define FEW "1000"

#define LINE_WHAT \
	"SELECT w.ref, w.name, w.email, w.seats, w.created_at, " \
	"IF(w.state = " SQL_OFFERED ", w.offer_until, NULL), " \
	"w.in_line IS NULL, " \
	"s.id, s.service_id, s.starts_at, s.ends_at, s.zone, v.name FROM "
#define LINE_COLUMNS "tttiddiiiddtt"
#define WAITS "w.state IN (" SQL_IN_LINE ", " SQL_OFFERED ") "
#define LINE_JOIN \
	"STRAIGHT_JOIN slot s ON s.id = w.slot_id " \
	"STRAIGHT_JOIN service v ON v.id = s.service_id "
#define SPAN_FROM \
	"slot s FORCE INDEX (slot_service_start) " \
	"STRAIGHT_JOIN waiting w FORCE INDEX (waiting_next) " \
	"ON w.slot_id = s.id AND " WAITS
#define SPAN_WHERE \
	"WHERE s.service_id = ? AND s.starts_at >= ? AND s.starts_at < ? "

static void line_read(const struct dbconn *db, void *row)
{
	struct line_row *w = row;

	dbconn_text_copy(db, 0, w->ref, sizeof(w->ref));
	dbconn_text_copy(db, 1, w->name, sizeof(w->name));
	dbconn_text_copy(db, 2, w->email, sizeof(w->email));
	w->seats = dbconn_int(db, 3);
	w->since_s = dbconn_time_ms(db, 4) / 1000;
	w->offer_until_s = dbconn_time_ms(db, 5) / 1000;
	w->held = dbconn_int(db, 6) != 0;
	w->slot = (struct slot){
		.id = dbconn_int(db, 7),
		.service_id = dbconn_int(db, 8),
		.starts_at_s = dbconn_time_ms(db, 9) / 1000,
		.ends_at_s = dbconn_time_ms(db, 10) / 1000,
	};
	dbconn_text_copy(db, 11, w->slot.zone, sizeof(w->slot.zone));
	dbconn_text_copy(db, 12, w->service, sizeof(w->service));
}

/* The query's LIMIT is its last value. */
static int line_list(struct store *s, struct dbcall call,
		     struct line_rows *out, struct fault *why)
{
	const struct dbvalue *limit = &call.values.list[call.values.count - 1];
	size_t max = (size_t)limit->number;
	struct dbrows rows = { .read = line_read,
			       .size = sizeof(*out->list), .max = max };
	int r = dbconn_list(s->db, call, &rows, why);

	*out = (struct line_rows){ rows.list, rows.count, rows.count == max };
	return r;
}

int store_line_of_slot(struct store *s, const struct line_wish *wish,
		       struct line_rows *out, struct fault *why)
{
	static const struct dbquery query = {
		LINE_WHAT "waiting w FORCE INDEX (waiting_next) " LINE_JOIN
		"WHERE w.slot_id = ? AND " WAITS
		"ORDER BY w.untold, w.id LIMIT ?",
		LINE_COLUMNS,
	};

	return line_list(s, DB_CALL(&query, DB_INT(wish->slot_id),
				    DB_INT((int64_t)wish->max)), out, why);
}

int store_line_of_day(struct store *s, const struct span *span,
		      struct line_rows *out, struct fault *why)
{
	static const struct dbquery query = {
		LINE_WHAT SPAN_FROM
		"STRAIGHT_JOIN service v ON v.id = s.service_id " SPAN_WHERE
		"ORDER BY s.starts_at, w.untold, w.id LIMIT ?",
		LINE_COLUMNS,
	};
	const struct dbvalue values[] = {
		STORE_SPAN_VALUES(span), STORE_MAX_VALUE(span),
	};

	return line_list(s, DB_CALL_ARRAY(&query, values), out, why);
}

int store_line_find(struct store *s, const struct booking_filter *f,
		    struct line_rows *out, struct fault *why)
{
	static const struct dbquery query = {
		LINE_WHAT "(SELECT id FROM waiting WHERE ref = ? "
		"UNION (SELECT id FROM waiting FORCE INDEX (waiting_email) "
		"WHERE email LIKE ? ESCAPE '!' LIMIT " FEW ") "
		"UNION (SELECT waiting_id FROM waiting_namekey "
		"FORCE INDEX (waiting_namekey_begins) "
		"WHERE begins LIKE ? ESCAPE '!' LIMIT " FEW ") "
		"UNION (SELECT r.id FROM (SELECT id, name FROM waiting "
		"ORDER BY id DESC LIMIT " FEW ") r "
		"WHERE r.name LIKE ? ESCAPE '!') "
		"ORDER BY id DESC LIMIT ?) f "
		"STRAIGHT_JOIN waiting w ON w.id = f.id AND " WAITS LINE_JOIN
		"ORDER BY w.id DESC",
		LINE_COLUMNS,
	};
	struct store_patterns p;

	store_patterns_make(&p, f->text);

	const struct dbvalue values[] = {
		DB_ASCII(f->ref),
		DB_TEXT(p.begins.data),
		DB_TEXT(p.key.data),
		DB_TEXT(p.holds.data),
		STORE_MAX_VALUE(&f->span),
	};
	int r = line_list(s, DB_CALL_ARRAY(&query, values), out, why);

	store_patterns_release(&p);
	return r;
}

static void count_read(const struct dbconn *db, void *row)
{
	struct line_count *c = row;

	c->slot_id = dbconn_int(db, 0);
	c->waiting = dbconn_int(db, 1);
	c->held = dbconn_int(db, 2);
}

int store_line_counts(struct store *s, const struct span *span,
		      struct line_counts *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT s.id, COUNT(w.in_line), "
		"COUNT(*) - COUNT(w.in_line) FROM " SPAN_FROM SPAN_WHERE
		"GROUP BY s.id ORDER BY MIN(s.starts_at) LIMIT ?", "iii",
	};
	const struct dbvalue values[] = {
		STORE_SPAN_VALUES(span), STORE_MAX_VALUE(span),
	};
	struct dbrows rows = { .read = count_read,
			       .size = sizeof(*out->list),
			       .max = span->max };
	int r = dbconn_list(s->db, DB_CALL_ARRAY(&query, values), &rows, why);

	*out = (struct line_counts){ rows.list, rows.count };
	return r;
}
