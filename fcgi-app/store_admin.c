/* SPDX-License-Identifier: MIT */
/* Lists for organisers: bookings, mails, and who did what. */
#include "config.h"

#include "store_admin.h"

#include "alloc.h"
#include "buf.h"
#include "dbconn.h"
#include "store_impl.h"
#include "str.h"

#include <stdlib.h>
#include <string.h>

/*
 * Reads all rows of the statement just run into a heap array of max + 1 rows of
 * size bytes each.
 */
static int rows_read(struct store *s, size_t max, size_t size,
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

/* The columns are as wide as the members that they are copied to. */
static void text_read(const struct dbconn *db, size_t i, char *out,
		      size_t size)
{
	must(str_copy(out, size, dbconn_text(db, i)));
}

/* ---- bookings ------------------------------------------------------------ */

#define BOOKING_SELECT \
	"SELECT b.ref, b.name, b.email, b.notes, b.seats, b.cancelled_at, " \
	"b.erased_at, s.starts_at, s.ends_at, v.name, s.zone, " \
	"(SELECT COUNT(*) FROM notification n WHERE n.booking_id = b.id " \
	"AND n.state = 0 AND (n.begins_at IS NULL OR " \
	"n.begins_at <= NOW(3))), " \
	"(SELECT COUNT(*) FROM notification n WHERE n.booking_id = b.id " \
	"AND n.state IN (2, 3)) " \
	"FROM booking b JOIN slot s ON s.id = b.slot_id " \
	"JOIN service v ON v.id = s.service_id "
#define BOOKING_COLUMNS "ttttiddddttii"

static void booking_read(const struct dbconn *db, void *row)
{
	struct booking_row *b = row;

	text_read(db, 0, b->ref, sizeof(b->ref));
	text_read(db, 1, b->name, sizeof(b->name));
	text_read(db, 2, b->email, sizeof(b->email));
	text_read(db, 3, b->notes, sizeof(b->notes));
	b->seats = dbconn_int(db, 4);
	b->cancelled = !dbconn_is_null(db, 5);
	b->erased = !dbconn_is_null(db, 6);
	b->starts_at_s = dbconn_time_ms(db, 7) / 1000;
	b->ends_at_s = dbconn_time_ms(db, 8) / 1000;
	text_read(db, 9, b->service, sizeof(b->service));
	text_read(db, 10, b->zone, sizeof(b->zone));
	b->open_mails = dbconn_int(db, 11);
	b->bad_mails = dbconn_int(db, 12);
}

static int bookings_read(struct store *s, size_t max, struct booking_row **out,
			 size_t *count_out, struct fault *why)
{
	void *list;
	int r = rows_read(s, max, sizeof(**out), booking_read, &list,
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

	like_add(&begins, text);
	buf_addch(&begins, '%');
	buf_addch(&holds, '%');
	like_add(&holds, text);
	buf_addch(&holds, '%');

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
		text_read(s->db, 0, out, 65);
	return r;
}

/* ---- mails --------------------------------------------------------------- */

#define CAUSE "IF(n.state = 2, SUBSTRING_INDEX(LEFT(n.reply, 64), ':', 1), '')"

static void mail_read(const struct dbconn *db, void *row)
{
	struct mail_row *m = row;

	text_read(db, 0, m->ref, sizeof(m->ref));
	m->mail.id = dbconn_int(db, 1);
	text_read(db, 2, m->mail.envelope_id, sizeof(m->mail.envelope_id));
	text_read(db, 3, m->mail.kind, sizeof(m->mail.kind));
	m->mail.state = (enum notification_state)dbconn_int(db, 4);
	m->mail.attempts = (int)dbconn_int(db, 5);
	m->mail.created_at_ms = dbconn_time_ms(db, 6);
	m->mail.begins_at_ms = dbconn_is_null(db, 7) ?
		m->mail.created_at_ms : dbconn_time_ms(db, 7);
	m->mail.final_at_ms = dbconn_time_ms(db, 8);
	(void)str_printable(m->mail.reply, sizeof(m->mail.reply),
			    dbconn_text(db, 9));
}

int store_mails(struct store *s, const struct mail_filter *filter, size_t max,
		struct mail_row **out, size_t *count_out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT b.ref, n.id, n.envelope_id, n.kind, n.state, "
		"n.attempts, n.created_at, n.begins_at, n.final_at, n.reply "
		"FROM notification n LEFT JOIN booking b ON b.id = "
		"n.booking_id WHERE (? < 0 OR n.state = ?) AND "
		"(? = '' OR " CAUSE " = ?) ORDER BY n.id DESC LIMIT ?",
		"tittiidddt",
	};
	const struct dbvalue values[] = {
		DB_INT(filter->state),
		DB_INT(filter->state),
		DB_TEXT(filter->cause),
		DB_TEXT(filter->cause),
		DB_INT((int64_t)max),
	};
	void *list = NULL;
	int r;

	*count_out = 0;
	r = dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);
	if (r == 0)
		r = rows_read(s, max, sizeof(**out), mail_read, &list,
			      count_out, why);
	*out = list;
	return r;
}

static void cause_read(const struct dbconn *db, void *row)
{
	struct mail_cause *c = row;

	c->state = (enum notification_state)dbconn_int(db, 0);
	(void)str_printable(c->cause, sizeof(c->cause), dbconn_text(db, 1));
	c->count = dbconn_int(db, 2);
	c->oldest_ms = dbconn_time_ms(db, 3);
}

int store_mail_causes(struct store *s, struct mail_cause **out,
		      size_t *count_out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT n.state, " CAUSE " AS cause, COUNT(*), "
		"MIN(n.created_at) FROM notification n GROUP BY n.state, cause "
		"ORDER BY n.state, cause",
		"itid",
	};
	void *list = NULL;
	int r;

	*count_out = 0;
	r = dbconn_run(s->db, &query, NULL, 0, why);
	if (r == 0)
		r = rows_read(s, STORE_ROWS_MAX, sizeof(**out), cause_read,
			      &list, count_out, why);
	*out = list;
	return r;
}

/* ---- who did what -------------------------------------------------------- */

static void audit_read(const struct dbconn *db, void *row)
{
	struct audit_row *a = row;

	a->at_ms = dbconn_time_ms(db, 0);
	text_read(db, 1, a->actor, sizeof(a->actor));
	text_read(db, 2, a->action, sizeof(a->action));
	text_read(db, 3, a->object, sizeof(a->object));
	text_read(db, 4, a->detail, sizeof(a->detail));
	text_read(db, 5, a->request_id, sizeof(a->request_id));
	a->is_booking = dbconn_int(db, 6) != 0;
}

int store_audit(struct store *s, size_t max, struct audit_row **out,
		size_t *count_out, struct fault *why)
{
	static const struct dbquery query = {
		"(SELECT e.at AS happened, e.actor, e.action, b.ref, e.detail, "
		"e.request_id, 1 FROM booking_event e JOIN booking b "
		"ON b.id = e.booking_id WHERE e.actor NOT IN "
		"('visitor', 'system') ORDER BY e.id DESC LIMIT ?) "
		"UNION ALL (SELECT at, actor, action, object, detail, "
		"request_id, 0 FROM audit ORDER BY id DESC LIMIT ?) "
		"ORDER BY happened DESC LIMIT ?",
		"dttttti",
	};
	const struct dbvalue values[] = {
		DB_INT((int64_t)max),
		DB_INT((int64_t)max),
		DB_INT((int64_t)max),
	};
	void *list = NULL;
	int r;

	*count_out = 0;
	r = dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);
	if (r == 0)
		r = rows_read(s, max, sizeof(**out), audit_read, &list,
			      count_out, why);
	*out = list;
	return r;
}
