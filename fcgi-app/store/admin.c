/* SPDX-License-Identifier: MIT */
/* Lists for organisers: mails, and who did what. */
#include "config.h"

#include "store/admin.h"

#include "base/alloc.h"
#include "base/str.h"
#include "db/conn.h"
#include "store/impl.h"

#include <stdlib.h>
#include <string.h>

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

/* ---- mails --------------------------------------------------------------- */

#define CAUSE "IF(n.state = 2, SUBSTRING_INDEX(LEFT(n.reply, 64), ':', 1), '')"

static void mail_read(const struct dbconn *db, void *row)
{
	struct mail_row *m = row;

	store_text_read(db, 0, m->ref, sizeof(m->ref));
	m->mail.id = dbconn_int(db, 1);
	store_text_read(db, 2, m->mail.envelope_id, sizeof(m->mail.envelope_id));
	store_text_read(db, 3, m->mail.kind, sizeof(m->mail.kind));
	m->mail.state = (enum notification_state)dbconn_int(db, 4);
	m->mail.attempts = (int)dbconn_int(db, 5);
	m->mail.created_at_ms = dbconn_time_ms(db, 6);
	m->mail.begins_at_ms = dbconn_is_null(db, 7) ?
		m->mail.created_at_ms : dbconn_time_ms(db, 7);
	m->mail.final_at_ms = dbconn_time_ms(db, 8);
	(void)str_printable(m->mail.reply, sizeof(m->mail.reply),
			    dbconn_text(db, 9));
}

#define MAIL_SELECT \
	"SELECT b.ref, n.id, n.envelope_id, n.kind, n.state, n.attempts, " \
	"n.created_at, n.begins_at, n.final_at, n.reply " \
	"FROM notification n LEFT JOIN booking b ON b.id = n.booking_id " \
	"WHERE n.id < ? "
#define MAIL_ORDER "ORDER BY n.id DESC LIMIT ?"
#define MAIL_COLUMNS "tittiidddt"

/* A query for each way to ask, so that each has its index. */
static int mails_run(struct store *s, const struct mail_filter *f, size_t max,
		     struct fault *why)
{
	static const struct dbquery all = {
		MAIL_SELECT MAIL_ORDER, MAIL_COLUMNS,
	};
	static const struct dbquery of_state = {
		MAIL_SELECT "AND n.state = ? " MAIL_ORDER, MAIL_COLUMNS,
	};
	/* Only dead ones have a cause. */
	static const struct dbquery of_cause = {
		MAIL_SELECT "AND n.state = 2 AND (? < 0 OR ? = 2) AND " CAUSE
		" = ? " MAIL_ORDER, MAIL_COLUMNS,
	};
	const struct dbvalue before = DB_INT(f->before_id > 0 ? f->before_id :
							       INT64_MAX);
	const struct dbvalue state = DB_INT(f->state);
	const struct dbvalue limit = DB_INT((int64_t)max);

	if (*f->cause != '\0') {
		const struct dbvalue values[] = {
			before, state, state, DB_TEXT(f->cause), limit,
		};

		return dbconn_run(s->db, &of_cause, values,
				  ARRAY_COUNT(values), why);
	}
	if (f->state >= 0) {
		const struct dbvalue values[] = { before, state, limit };

		return dbconn_run(s->db, &of_state, values,
				  ARRAY_COUNT(values), why);
	}

	const struct dbvalue values[] = { before, limit };

	return dbconn_run(s->db, &all, values, ARRAY_COUNT(values), why);
}

int store_mails(struct store *s, const struct mail_filter *filter, size_t max,
		struct mail_row **out, size_t *count_out, struct fault *why)
{
	void *list = NULL;
	int r;

	*count_out = 0;
	r = mails_run(s, filter, max, why);
	if (r == 0)
		r = store_rows_read(s, max, sizeof(**out), mail_read, &list,
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
	/* Of most mails only the index is read; the first made is the
	 * oldest. */
	static const struct dbquery query = {
		"SELECT n.state, " CAUSE " AS cause, COUNT(*) AS many, "
		"MIN(n.created_at) AS oldest FROM notification n "
		"WHERE n.state = 2 GROUP BY n.state, cause "
		"UNION ALL SELECT c.state, '', c.many, f.created_at FROM "
		"(SELECT state, COUNT(*) AS many, MIN(id) AS first "
		"FROM notification FORCE INDEX (notification_state) "
		"WHERE state <> 2 GROUP BY state) c "
		"JOIN notification f ON f.id = c.first "
		"ORDER BY state, cause",
		"itid",
	};
	void *list = NULL;
	int r;

	*count_out = 0;
	r = dbconn_run(s->db, &query, NULL, 0, why);
	if (r == 0)
		r = store_rows_read(s, STORE_ROWS_MAX, sizeof(**out),
				    cause_read, &list, count_out, why);
	*out = list;
	return r;
}

/* ---- who did what -------------------------------------------------------- */

static void audit_read(const struct dbconn *db, void *row)
{
	struct audit_row *a = row;

	a->at_ms = dbconn_time_ms(db, 0);
	store_text_read(db, 1, a->actor, sizeof(a->actor));
	store_text_read(db, 2, a->action, sizeof(a->action));
	store_text_read(db, 3, a->object, sizeof(a->object));
	store_text_read(db, 4, a->detail, sizeof(a->detail));
	store_text_read(db, 5, a->request_id, sizeof(a->request_id));
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
		r = store_rows_read(s, max, sizeof(**out), audit_read, &list,
				    count_out, why);
	*out = list;
	return r;
}
