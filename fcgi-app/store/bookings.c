/* SPDX-License-Identifier: MIT */
/* Lists of bookings for organisers. */
#include "config.h"

#include "store/bookings.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "domain/namekey.h"
#include "store/impl.h"

#include <stdlib.h>
#include <string.h>

/* A search that finds more than that is one of a common word. */
#define FEW "1000"
/* A search looks for any part of a name in so many of the newest. */
#define NEWEST "1000"
/* A page that is to be of some few is looked for in steps of so many slots and
 * bookings, and ends early behind the last step. */
#define STEP "1000"
#define STEPS_MAX 20

/* What went wrong with a mail to the visitor, n, is made good by a later one
 * that was taken and did not come back. */
#define LATER "l.id > n.id"
#define MENDED(later) \
	" AND NOT EXISTS (SELECT 1 FROM notification l " \
	"WHERE l.booking_id = n.booking_id AND l.state = " SQL_SENT \
	" AND l.fate <> " SQL_RETURNED " AND " later \
	" AND n.kind LIKE 'booking.%' AND l.kind LIKE 'booking.%')"
/* It came back, and whoever saw that has sent no other: a reminder that was
 * planned before is no better than the mail that came back. */
#define RETURNED \
	"n.fate = " SQL_RETURNED MENDED("l.created_at > n.fate_at")

#define BOOKING_WHAT \
	"SELECT b.ref, b.name, b.email, b.notes, b.seats, b.cancelled_at, " \
	"b.erased_at, s.starts_at, s.ends_at, v.name, s.zone, " \
	"(SELECT COUNT(*) FROM notification n WHERE n.booking_id = b.id " \
	"AND n.state = " SQL_OPEN " AND (n.begins_at IS NULL OR " \
	"n.begins_at <= NOW(3))), " \
	"(SELECT COUNT(*) FROM notification n WHERE n.booking_id = b.id " \
	"AND ((n.state IN (" SQL_DEAD ", " SQL_EXPIRED ")" MENDED(LATER) \
	") OR (n.fate_sure = 1 AND " RETURNED "))), " \
	"b.id, v.slug, b.created_at, " \
	"(SELECT COALESCE(MAX(1 + n.fate_sure), 0) FROM notification n " \
	"WHERE n.booking_id = b.id AND n.kind LIKE 'booking.%' AND " \
	RETURNED "), " \
	"(SELECT a.text FROM answer a WHERE a.booking_id = b.id " \
	"AND a.phone_back IS NOT NULL ORDER BY a.question_id, a.seat " \
	"LIMIT 1) FROM "
#define BOOKING_SELECT \
	BOOKING_WHAT "booking b JOIN slot s ON s.id = b.slot_id " \
	"JOIN service v ON v.id = s.service_id "
#define BOOKING_COLUMNS "ttttiddddttiiitdit"

static void booking_read(const struct dbconn *db, void *row)
{
	struct booking_row *b = row;

	dbconn_text_copy(db, 0, b->ref, sizeof(b->ref));
	dbconn_text_copy(db, 1, b->name, sizeof(b->name));
	dbconn_text_copy(db, 2, b->email, sizeof(b->email));
	dbconn_text_copy(db, 3, b->notes, sizeof(b->notes));
	b->seats = dbconn_int(db, 4);
	b->cancelled = !dbconn_is_null(db, 5);
	b->erased = !dbconn_is_null(db, 6);
	b->starts_at_s = dbconn_time_ms(db, 7) / 1000;
	b->ends_at_s = dbconn_time_ms(db, 8) / 1000;
	dbconn_text_copy(db, 9, b->service, sizeof(b->service));
	dbconn_text_copy(db, 10, b->zone, sizeof(b->zone));
	b->open_mails = dbconn_int(db, 11);
	b->bad_mails = dbconn_int(db, 12);
	b->id = dbconn_int(db, 13);
	dbconn_text_copy(db, 14, b->slug, sizeof(b->slug));
	b->created_at_s = dbconn_time_ms(db, 15) / 1000;
	b->returned = (enum booking_returned)dbconn_int(db, 16);
	dbconn_text_copy(db, 17, b->phone, sizeof(b->phone));
}

#define BOOKING_ROWS(most) \
	{ .read = booking_read, .size = sizeof(struct booking_row), \
	  .max = (most) }

int store_bookings_of_day(struct store *s, const struct span *span,
			  struct booking_rows *out, struct fault *why)
{
	static const struct dbquery query = {
		BOOKING_SELECT "WHERE s.service_id = ? AND s.starts_at >= ? "
		"AND s.starts_at < ? ORDER BY s.starts_at, b.name, b.id "
		"LIMIT ?",
		BOOKING_COLUMNS,
	};
	const struct dbvalue values[] = {
		STORE_SPAN_VALUES(span), STORE_MAX_VALUE(span),
	};
	struct dbrows rows = BOOKING_ROWS(span->max);
	int r = dbconn_list(s->db, DB_CALL_ARRAY(&query, values), &rows, why);

	*out = (struct booking_rows){ rows.list, rows.count, 0 };
	return r;
}

/* A pattern for LIKE that means the text itself. */
static void like_add(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("%_!", *text))
			buf_addch(out, '!');
		buf_addch(out, *text);
	}
}

void store_patterns_make(struct store_patterns *p, const char *text)
{
	char key[4 * NAMEKEY_CHARS + 1];

	buf_init(&p->begins);
	buf_init(&p->key);
	buf_init(&p->holds);
	like_add(&p->begins, text);
	buf_addch(&p->begins, '%');
	/* Without a word it is an empty one, which no name begins with. */
	if (namekey_term(text, key)) {
		like_add(&p->key, key);
		buf_addch(&p->key, '%');
	} else {
		buf_addstr(&p->key, "");
	}
	buf_addch(&p->holds, '%');
	like_add(&p->holds, text);
	buf_addch(&p->holds, '%');
}

void store_patterns_release(struct store_patterns *p)
{
	buf_release(&p->begins);
	buf_release(&p->key);
	buf_release(&p->holds);
}

/* No more than some of each are read, in the order of the index, which must not
 * be left to the server: it would read a table whole for a common word. */
#define BY_EMAIL \
	"SELECT id FROM booking FORCE INDEX (booking_email) " \
	"WHERE email LIKE ? ESCAPE '!' LIMIT "
#define BY_NAME \
	"SELECT booking_id FROM booking_namekey " \
	"FORCE INDEX (booking_namekey_begins) " \
	"WHERE begins LIKE ? ESCAPE '!' LIMIT "
#define BY_PHONE \
	"SELECT booking_id FROM answer FORCE INDEX (answer_phone) " \
	"WHERE phone_back LIKE ? LIMIT "
#define OF_NEWEST \
	"SELECT r.id FROM (SELECT id, name FROM booking ORDER BY id DESC " \
	"LIMIT " NEWEST ") r WHERE r.name LIKE ? ESCAPE '!'"

int store_bookings_find(struct store *s, const struct booking_filter *f,
			struct booking_rows *out, struct fault *why)
{
	static const struct dbquery query = {
		BOOKING_WHAT "(SELECT id FROM booking WHERE ref = ? "
		"UNION (" BY_EMAIL FEW ") UNION (" BY_NAME FEW ") "
		"UNION (" BY_PHONE FEW ") UNION (" OF_NEWEST ") "
		"ORDER BY id DESC LIMIT ?) f "
		"STRAIGHT_JOIN booking b ON b.id = f.id "
		"STRAIGHT_JOIN slot s ON s.id = b.slot_id "
		"STRAIGHT_JOIN service v ON v.id = s.service_id "
		"ORDER BY b.id DESC",
		BOOKING_COLUMNS,
	};
	struct store_patterns p;
	char phone[PHONE_DIGITS_MAX + 2];

	store_patterns_make(&p, f->text);
	/* Without a number the pattern is that of an empty one, and there is
	 * none. */
	if (phone_term(f->text, phone))
		memcpy(phone + strlen(phone), "%", 2);

	const struct dbvalue values[] = {
		DB_ASCII(f->ref),
		DB_TEXT(p.begins.data),
		DB_TEXT(p.key.data),
		DB_ASCII(phone),
		DB_TEXT(p.holds.data),
		STORE_MAX_VALUE(&f->span),
	};
	struct dbrows rows = BOOKING_ROWS(f->span.max);
	int r = dbconn_list(s->db, DB_CALL_ARRAY(&query, values), &rows, why);

	*out = (struct booking_rows){ rows.list, rows.count, 0 };
	store_patterns_release(&p);
	return r;
}

/* ---- page by page ------------------------------------------------------- */

/* The page before ended at after_s and after_id: what follows begins no
 * earlier, which an index can use. */
#define PAGE_WHERE_OF(service) \
	"WHERE " service "AND s.starts_at >= ? AND s.starts_at < ? " \
	"AND (s.starts_at > ? OR b.id > ?) "
#define ANY_SERVICE "(? = 0 OR s.service_id = ?) "
#define ONE_SERVICE "? <> 0 AND s.service_id = ? "
#define PAGE_WHERE PAGE_WHERE_OF(ANY_SERVICE)
#define PAGE_ORDER "ORDER BY s.starts_at, b.id LIMIT ?"
/* In the order of time, so that it ends with the page: one query for all, one
 * that does not read other services' slots. */
#define PAGE_FROM(index) \
	"slot s FORCE INDEX (" index ") " \
	"STRAIGHT_JOIN booking b ON b.slot_id = s.id "
#define PAGE_BY(query, columns) { \
	{ query("slot_start", ANY_SERVICE), columns }, \
	{ query("slot_service_start", ONE_SERVICE), columns }, \
}
#define PAGE_TEXT \
	"AND (? = '' OR b.email LIKE ? ESCAPE '!' OR b.name LIKE ? ESCAPE '!') "

/* The values of PAGE_WHERE. */
#define PAGE_VALUES(p) \
	DB_INT((p)->f->span.service_id), STORE_SPAN_VALUES(&(p)->span), \
	DB_TIME_MS((p)->after_ms), DB_INT((p)->after_id)
/* Those of PAGE_TEXT. */
#define TEXT_VALUES(p) \
	DB_TEXT((p)->f->text), DB_TEXT((p)->patterns.begins.data), \
	DB_TEXT((p)->patterns.holds.data)

struct page {
	const struct booking_filter *f;
	struct span span;	/* no earlier than the page before */
	struct dbrows rows;	/* what was read */
	struct store_patterns patterns;
	int64_t after_ms;
	int64_t after_id;
	int64_t more_s;		/* where it ended early; 0 = it did not */
};

static void page_init(struct page *p, const struct booking_filter *f)
{
	*p = (struct page){
		.f = f,
		.span = f->span,
		.rows = BOOKING_ROWS(f->span.max),
		.after_ms = store_within_s(f->after_s) * 1000,
		.after_id = f->after_id,
	};
	if (p->span.from_s < f->after_s)
		p->span.from_s = f->after_s;
	store_patterns_make(&p->patterns, f->text);
}

static int page_of_ref(struct store *s, struct page *p, struct fault *why)
{
	static const struct dbquery query = {
		BOOKING_SELECT PAGE_WHERE "AND b.ref = ? " PAGE_TEXT
		PAGE_ORDER, BOOKING_COLUMNS,
	};
	const struct dbvalue values[] = {
		PAGE_VALUES(p), DB_ASCII(p->f->ref), TEXT_VALUES(p),
		STORE_MAX_VALUE(&p->span),
	};

	return dbconn_list(s->db, DB_CALL_ARRAY(&query, values), &p->rows, why);
}

/* 1 unless there is one behind the first FEW of the text, 0, -1. */
static int few_find(struct store *s, const struct page *p, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT COUNT(*) = 0 FROM ((" BY_EMAIL FEW ", 1) "
		"UNION ALL (" BY_NAME FEW ", 1)) f",
		"i",
	};
	const struct dbvalue values[] = {
		DB_TEXT(p->patterns.begins.data),
		DB_TEXT(p->patterns.key.data),
	};

	if (dbconn_get(s->db, &query, DB_ARRAY(values), why) < 0)
		return -1;
	return dbconn_int(s->db, 0) != 0;
}

/* For a text that few have: those few, sorted. */
static int page_of_few(struct store *s, struct page *p, struct fault *why)
{
	static const struct dbquery query = {
		BOOKING_WHAT "((" BY_EMAIL FEW ") UNION (" BY_NAME FEW ") "
		"UNION (" OF_NEWEST ")) f "
		"STRAIGHT_JOIN booking b ON b.id = f.id "
		"STRAIGHT_JOIN slot s ON s.id = b.slot_id "
		"STRAIGHT_JOIN service v ON v.id = s.service_id "
		PAGE_WHERE PAGE_ORDER, BOOKING_COLUMNS,
	};
	const struct dbvalue values[] = {
		DB_TEXT(p->patterns.begins.data),
		DB_TEXT(p->patterns.key.data),
		DB_TEXT(p->patterns.holds.data),
		PAGE_VALUES(p), STORE_MAX_VALUE(&p->span),
	};

	return dbconn_list(s->db, DB_CALL_ARRAY(&query, values), &p->rows, why);
}

/* The last instant of the next step: 1, 0 if it would go beyond the end of
 * all, -1.  A slot without bookings is a row, too. */
static int step_end(struct store *s, const struct page *p, int64_t *at_ms_out,
		    struct fault *why)
{
#define STEP_END(index, service) \
	"SELECT s.starts_at FROM slot s FORCE INDEX (" index ") " \
	"LEFT JOIN booking b FORCE INDEX (booking_slot) " \
	"ON b.slot_id = s.id WHERE " service \
	"AND s.starts_at >= ? AND s.starts_at < ? AND (s.starts_at > ? " \
	"OR b.id > ?) ORDER BY s.starts_at LIMIT " STEP ", 1"
	static const struct dbquery queries[] = PAGE_BY(STEP_END, "d");
	const struct dbvalue values[] = { PAGE_VALUES(p) };
	int r = dbconn_get(s->db, &queries[p->f->span.service_id > 0],
			   DB_ARRAY(values), why);

	*at_ms_out = r == 1 ? dbconn_time_ms(s->db, 0) :
			     store_within_s(p->span.until_s) * 1000;
	return r;
}

/* When the last booking of the page begins, the end of the step if it is not
 * full: else everything behind it would be read to be put in order. */
static int page_end(struct store *s, const struct page *p, int64_t *at_ms,
		    struct fault *why)
{
#define END(index, service) \
	"SELECT s.starts_at FROM " PAGE_FROM(index) PAGE_WHERE_OF(service) \
	PAGE_TEXT "AND s.starts_at <= ? ORDER BY s.starts_at LIMIT ?, 1"
	static const struct dbquery queries[] = PAGE_BY(END, "d");
	const struct dbvalue values[] = {
		PAGE_VALUES(p), TEXT_VALUES(p), DB_TIME_MS(*at_ms),
		DB_INT((int64_t)(p->span.max - p->rows.count) - 1),
	};
	int r = dbconn_get(s->db, &queries[p->f->span.service_id > 0],
			   DB_ARRAY(values), why);

	if (r == 1)
		*at_ms = dbconn_time_ms(s->db, 0);
	return r < 0 ? -1 : 0;
}

/* Appends what a step has. */
static int step_read(struct store *s, struct page *p, int64_t end_ms,
		     struct fault *why)
{
#define IN_ORDER(index, service) \
	BOOKING_WHAT PAGE_FROM(index) \
	"STRAIGHT_JOIN service v ON v.id = s.service_id " \
	PAGE_WHERE_OF(service) PAGE_TEXT "AND s.starts_at <= ? " PAGE_ORDER
	static const struct dbquery queries[] = PAGE_BY(IN_ORDER,
							BOOKING_COLUMNS);
	struct dbrows rows = BOOKING_ROWS(p->span.max - p->rows.count);

	if (page_end(s, p, &end_ms, why) < 0)
		return -1;

	const struct dbvalue values[] = {
		PAGE_VALUES(p), TEXT_VALUES(p), DB_TIME_MS(end_ms),
		DB_INT((int64_t)rows.max),
	};

	const struct dbquery *query = &queries[p->f->span.service_id > 0];

	if (dbconn_list(s->db, DB_CALL_ARRAY(query, values), &rows, why) < 0)
		return -1;
	if (rows.count > 0) {
		p->rows.list = alloc_resize(p->rows.list,
					    p->rows.count + rows.count,
					    rows.size);
		memcpy((char *)p->rows.list + p->rows.count * rows.size,
		       rows.list, rows.count * rows.size);
		p->rows.count += rows.count;
	}
	free(rows.list);
	return 0;
}

static int page_in_order(struct store *s, struct page *p, struct fault *why)
{
	for (int step = 0; step < STEPS_MAX; step++) {
		int64_t end_ms;
		int more = step_end(s, p, &end_ms, why);

		if (more < 0 || step_read(s, p, end_ms, why) < 0)
			return -1;
		if (!more || p->rows.count == p->span.max)
			return 0;
		p->after_ms = end_ms;
		p->after_id = INT64_MAX;
		p->span.from_s = end_ms / 1000;
	}
	p->more_s = p->span.from_s;
	return 0;
}

static int page_read(struct store *s, struct page *p, struct fault *why)
{
	int few = 0;

	if (*p->f->ref != '\0')
		return page_of_ref(s, p, why);
	if (*p->f->text != '\0')
		few = few_find(s, p, why);
	if (few < 0)
		return -1;
	return few ? page_of_few(s, p, why) : page_in_order(s, p, why);
}

int store_bookings_page(struct store *s, const struct booking_filter *f,
			struct booking_rows *out, struct fault *why)
{
	struct page p;
	int r;

	must(f->span.max > 0);
	page_init(&p, f);
	r = page_read(s, &p, why);
	if (r < 0) {
		free(p.rows.list);
		p.rows = (struct dbrows){ .count = 0 };
	}
	*out = (struct booking_rows){ p.rows.list, p.rows.count, p.more_s };
	store_patterns_release(&p.patterns);
	return r;
}

#define WITHOUT_BLANKS(text) \
	"REPLACE(REPLACE(" text ", ' ', ''), '\u00a0', '')"

int store_booked_before(struct store *s, const struct booker *who,
			struct booked_before *out, struct fault *why)
{
	/* The column's own collation takes all rarer Han for one letter. */
	static const struct dbquery query = {
		"SELECT ref, cancelled_at IS NULL AND "
		WITHOUT_BLANKS("name") " = " WITHOUT_BLANKS("?")
		" COLLATE utf8mb4_unicode_520_ci "
		"FROM booking WHERE slot_id = ? AND email = ? ORDER BY id",
		"ti",
	};
	int found = 0;
	int r;

	out->others = 0;
	if (dbconn_run(s->db, &query,
		       DB_VALUES(DB_TEXT(who->name), DB_INT(who->slot_id),
				 DB_TEXT(who->email)), why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		if (dbconn_int(s->db, 1) == 0) {
			out->others++;
			continue;
		}
		dbconn_text_copy(s->db, 0, out->ref, sizeof(out->ref));
		found = 1;
	}
	return r < 0 ? -1 : found;
}
