/* SPDX-License-Identifier: MIT */
/* Lists of bookings for organisers. */
#include "config.h"

#include "store_admin.h"

#include "buf.h"
#include "dbconn.h"
#include "store_impl.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

#define BOOKING_SELECT \
	"SELECT b.ref, b.name, b.email, b.notes, b.seats, b.cancelled_at, " \
	"b.erased_at, s.starts_at, s.ends_at, v.name, s.zone, " \
	"(SELECT COUNT(*) FROM notification n WHERE n.booking_id = b.id " \
	"AND n.state = 0 AND (n.begins_at IS NULL OR " \
	"n.begins_at <= NOW(3))), " \
	"(SELECT COUNT(*) FROM notification n WHERE n.booking_id = b.id " \
	"AND n.state IN (2, 3)), b.id, v.slug, b.created_at " \
	"FROM booking b JOIN slot s ON s.id = b.slot_id " \
	"JOIN service v ON v.id = s.service_id "
#define BOOKING_COLUMNS "ttttiddddttiiitd"

static void booking_read(const struct dbconn *db, void *row)
{
	struct booking_row *b = row;

	store_text_read(db, 0, b->ref, sizeof(b->ref));
	store_text_read(db, 1, b->name, sizeof(b->name));
	store_text_read(db, 2, b->email, sizeof(b->email));
	store_text_read(db, 3, b->notes, sizeof(b->notes));
	b->seats = dbconn_int(db, 4);
	b->cancelled = !dbconn_is_null(db, 5);
	b->erased = !dbconn_is_null(db, 6);
	b->starts_at_s = dbconn_time_ms(db, 7) / 1000;
	b->ends_at_s = dbconn_time_ms(db, 8) / 1000;
	store_text_read(db, 9, b->service, sizeof(b->service));
	store_text_read(db, 10, b->zone, sizeof(b->zone));
	b->open_mails = dbconn_int(db, 11);
	b->bad_mails = dbconn_int(db, 12);
	b->id = dbconn_int(db, 13);
	store_text_read(db, 14, b->slug, sizeof(b->slug));
	b->created_at_s = dbconn_time_ms(db, 15) / 1000;
}

static int bookings_read(struct store *s, size_t max, struct booking_row **out,
			 size_t *count_out, struct fault *why)
{
	void *list;
	int r = store_rows_read(s, max, sizeof(**out), booking_read, &list,
			  count_out, why);

	*out = list;
	return r;
}

int store_bookings_of_day(struct store *s, int64_t service_id, int64_t from_s,
			  int64_t until_s, struct booking_row **out,
			  size_t *count_out, struct fault *why)
{
	static const struct dbquery query = {
		BOOKING_SELECT "WHERE s.service_id = ? AND s.starts_at >= ? "
		"AND s.starts_at < ? ORDER BY s.starts_at, b.name, b.id "
		"LIMIT ?",
		BOOKING_COLUMNS,
	};
	const struct dbvalue values[] = {
		DB_INT(service_id),
		DB_TIME_MS(from_s * 1000),
		DB_TIME_MS(until_s * 1000),
		DB_INT(STORE_ROWS_MAX),
	};

	*out = NULL;
	*count_out = 0;
	if (dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why) < 0)
		return -1;
	return bookings_read(s, STORE_ROWS_MAX, out, count_out, why);
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

static void patterns_make(const char *text, struct buf *begins,
			  struct buf *holds)
{
	like_add(begins, text);
	buf_addch(begins, '%');
	buf_addch(holds, '%');
	like_add(holds, text);
	buf_addch(holds, '%');
}

int store_bookings_find(struct store *s, const char *ref, const char *text,
			size_t max, struct booking_row **out,
			size_t *count_out, struct fault *why)
{
	static const struct dbquery query = {
		BOOKING_SELECT "WHERE b.ref = ? OR b.email LIKE ? ESCAPE '!' "
		"OR b.name LIKE ? ESCAPE '!' ORDER BY b.id DESC LIMIT ?",
		BOOKING_COLUMNS,
	};
	struct buf begins = BUF_INIT;
	struct buf holds = BUF_INIT;

	patterns_make(text, &begins, &holds);

	const struct dbvalue values[] = {
		DB_TEXT(ref),
		DB_TEXT(begins.data),
		DB_TEXT(holds.data),
		DB_INT((int64_t)max),
	};
	int r = dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);

	*out = NULL;
	*count_out = 0;
	if (r == 0)
		r = bookings_read(s, max, out, count_out, why);
	buf_release(&begins);
	buf_release(&holds);
	return r;
}

int store_bookings_page(struct store *s, const struct booking_filter *f,
			size_t max, struct booking_row **out,
			size_t *count_out, struct fault *why)
{
	/* The page before ended at after_s and after_id: what stands behind it
	 * begins not earlier, which an index can use. */
	static const struct dbquery query = {
		BOOKING_SELECT "WHERE (? = 0 OR s.service_id = ?) "
		"AND s.starts_at >= ? AND s.starts_at < ? "
		"AND (s.starts_at > ? OR b.id > ?) AND (? = '' OR b.ref = ?) "
		"AND (? = '' OR b.email LIKE ? ESCAPE '!' "
		"OR b.name LIKE ? ESCAPE '!') "
		"ORDER BY s.starts_at, b.id LIMIT ?",
		BOOKING_COLUMNS,
	};
	struct buf begins = BUF_INIT;
	struct buf holds = BUF_INIT;
	int64_t from_s = f->from_s > f->after_s ? f->from_s : f->after_s;

	patterns_make(f->text, &begins, &holds);

	const struct dbvalue values[] = {
		DB_INT(f->service_id),
		DB_INT(f->service_id),
		DB_TIME_MS(store_within_s(from_s) * 1000),
		DB_TIME_MS(store_within_s(f->until_s) * 1000),
		DB_TIME_MS(store_within_s(f->after_s) * 1000),
		DB_INT(f->after_id),
		DB_TEXT(f->ref),
		DB_TEXT(f->ref),
		DB_TEXT(f->text),
		DB_TEXT(begins.data),
		DB_TEXT(holds.data),
		DB_INT((int64_t)max),
	};
	int r = dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);

	*out = NULL;
	*count_out = 0;
	if (r == 0)
		r = bookings_read(s, max, out, count_out, why);
	buf_release(&begins);
	buf_release(&holds);
	return r;
}

int store_booking_request(struct store *s, int64_t booking_id, char out[65],
			  struct fault *why)
{
	static const struct dbquery query = {
		"SELECT request_id FROM booking WHERE id = ?", "t",
	};
	struct dbvalue id = DB_INT(booking_id);

	out[0] = '\0';
	if (dbconn_run(s->db, &query, &id, 1, why) < 0)
		return -1;

	int r = dbconn_next(s->db, why);

	if (r == 1)
		store_text_read(s->db, 0, out, 65);
	return r;
}
