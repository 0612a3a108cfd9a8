/* SPDX-License-Identifier: MIT */
/* Lists of mails; opens and ends single ones. */
#include "config.h"

#include "store/mails.h"

#include "base/str.h"
#include "store/fate.h"
#include "store/impl.h"
#include "store/store.h"

#include <string.h>

#define CAUSE \
	"IF(n.state = " SQL_DEAD ", " \
	"SUBSTRING_INDEX(LEFT(n.reply, 64), ':', 1), '')"

static void mail_read(const struct dbconn *db, void *row)
{
	struct mail_row *m = row;

	dbconn_text_copy(db, 0, m->ref, sizeof(m->ref));
	m->mail.id = dbconn_int(db, 1);
	dbconn_text_copy(db, 2, m->mail.envelope_id,
			 sizeof(m->mail.envelope_id));
	dbconn_text_copy(db, 3, m->mail.kind, sizeof(m->mail.kind));
	m->mail.state = (enum notification_state)dbconn_int(db, 4);
	m->mail.attempts = (int)dbconn_int(db, 5);
	m->mail.created_at_ms = dbconn_time_ms(db, 6);
	m->mail.begins_at_ms = dbconn_is_null(db, 7) ?
		m->mail.created_at_ms : dbconn_time_ms(db, 7);
	m->mail.final_at_ms = dbconn_time_ms(db, 8);
	(void)str_printable(m->mail.reply, sizeof(m->mail.reply),
			    dbconn_text(db, 9));
	store_fate_read(db, 10, &m->mail);
	dbconn_text_copy(db, 14, m->name, sizeof(m->name));
}

#define MAIL_SELECT \
	"SELECT b.ref, n.id, n.envelope_id, n.kind, n.state, n.attempts, " \
	"n.created_at, n.begins_at, n.final_at, n.reply, " \
	"n.fate, n.fate_sure, n.fate_at, n.fate_text, b.name " \
	"FROM notification n LEFT JOIN booking b ON b.id = n.booking_id " \
	"WHERE n.id < ? "
#define MAIL_ORDER "ORDER BY n.id DESC LIMIT ?"
#define MAIL_COLUMNS "tittiidddtiidtt"

/* A query for each way to ask, so that each has its index. */
static int mails_read(struct store *s, const struct mail_filter *f,
		      struct dbrows *rows, struct fault *why)
{
	static const struct dbquery all = {
		MAIL_SELECT MAIL_ORDER, MAIL_COLUMNS,
	};
	static const struct dbquery of_state = {
		MAIL_SELECT "AND n.state = ? " MAIL_ORDER, MAIL_COLUMNS,
	};
	/* The fate of one that was sent is its cause. */
	static const struct dbquery of_fate = {
		MAIL_SELECT "AND n.state = " SQL_SENT
		" AND (? < 0 OR ? = " SQL_SENT ") AND n.fate = ? " MAIL_ORDER,
		MAIL_COLUMNS,
	};
	/* Else only dead ones have one. */
	static const struct dbquery of_cause = {
		MAIL_SELECT "AND n.state = " SQL_DEAD
		" AND (? < 0 OR ? = " SQL_DEAD ") AND " CAUSE
		" = ? " MAIL_ORDER, MAIL_COLUMNS,
	};
	const struct dbvalue state = DB_INT(f->state);
	const enum queue_fate fate = queue_fate_of(f->cause);
	const struct dbquery *query = &all;
	struct dbvalue values[5];
	size_t n = 0;

	values[n++] = (struct dbvalue)DB_INT(f->before_id > 0 ? f->before_id :
								INT64_MAX);
	if (*f->cause != '\0') {
		query = fate != QUEUE_FATE_NONE ? &of_fate : &of_cause;
		values[n++] = state;
		values[n++] = state;
		values[n++] = fate != QUEUE_FATE_NONE ?
			(struct dbvalue)DB_INT(fate) :
			(struct dbvalue)DB_TEXT(f->cause);
	} else if (f->state >= 0) {
		query = &of_state;
		values[n++] = state;
	}
	values[n++] = (struct dbvalue)DB_INT((int64_t)rows->max);

	const struct dbcall call = { query, { values, n } };

	return dbconn_list(s->db, call, rows, why);
}

int store_mails(struct store *s, const struct mail_filter *filter,
		struct mail_rows *out, struct fault *why)
{
	struct dbrows rows = { .read = mail_read, .size = sizeof(*out->list),
			       .max = filter->max };
	int r = mails_read(s, filter, &rows, why);

	*out = (struct mail_rows){ rows.list, rows.count };
	return r;
}

static void cause_read(const struct dbconn *db, void *row)
{
	struct mail_cause *c = row;

	c->state = (enum notification_state)dbconn_int(db, 0);
	(void)str_printable(c->cause, sizeof(c->cause), dbconn_text(db, 1));
	c->count = dbconn_int(db, 2);
	c->oldest_ms = dbconn_time_ms(db, 3);
	c->fate = store_fate_of(dbconn_int(db, 4));
	if (c->fate != QUEUE_FATE_NONE)
		must(str_copy(c->cause, sizeof(c->cause),
			      queue_fate_word(c->fate)));
}

int store_mail_causes(struct store *s, struct mail_cause **out,
		      size_t *count_out, struct fault *why)
{
	/* For most mails only the index is read; the first made is the
	 * oldest. */
	static const struct dbquery query = {
		"SELECT n.state, " CAUSE " AS cause, COUNT(*) AS many, "
		"MIN(n.created_at) AS oldest, 0 AS fate FROM notification n "
		"WHERE n.state = " SQL_DEAD " GROUP BY n.state, cause "
		"UNION ALL SELECT c.state, '', c.many, f.created_at, c.fate "
		"FROM (SELECT state, IF(state = " SQL_SENT
		", fate, 0) AS fate, COUNT(*) AS many, MIN(id) AS first "
		"FROM notification FORCE INDEX (notification_fate) "
		"WHERE state <> " SQL_DEAD " GROUP BY 1, 2) c "
		"JOIN notification f ON f.id = c.first "
		"ORDER BY state, fate, cause",
		"itidi",
	};
	struct dbrows rows = { .read = cause_read, .size = sizeof(**out),
			       .max = STORE_ROWS_MAX };
	int r = dbconn_list(s->db, DB_CALL_BARE(&query), &rows, why);

	*out = rows.list;
	*count_out = rows.count;
	return r;
}

/* ---- one mail ------------------------------------------------------------ */

/* One mail on its way to another state. */
struct mail_change {
	const struct dbquery *query;	/* its values: booking, id */
	const struct mail_order *order;
	const char *action;
};

static int mail_body(struct store *s, void *arg, struct fault *why)
{
	const struct mail_change *c = arg;
	const struct mail_order *o = c->order;
	const struct audit_entry entry = { o->by, c->action, "", o->id };
	int r = store_update(s, c->query, DB_VALUES(DB_INT(o->booking_id),
						    DB_ASCII(o->id)), why);

	if (r != STORE_CHANGED)
		return r;
	return store_event_add(s, o->booking_id, &entry, why);
}

int store_mail_retry(struct store *s, const struct mail_order *order,
		     struct fault *why)
{
	/* An erased booking has no address left to send to, and a cancelled one
	 * needs no confirmation any more. */
	static const struct dbquery query = DB_CHANGE(
		"UPDATE notification n JOIN booking b ON b.id = n.booking_id "
		"SET n.state = " SQL_OPEN ", n.final_at = NULL, n.reply = '', "
		"n.checks = 0, n.begins_at = NOW(3), n.due_at = NOW(3), "
		"n.fate = 0, n.fate_sure = 0, n.fate_at = NULL, "
		"n.fate_text = '' "
		"WHERE n.booking_id = ? AND n.envelope_id = ? "
		"AND n.state IN (" SQL_DEAD ", " SQL_EXPIRED
		") AND b.erased_at IS NULL "
		"AND (b.cancelled_at IS NULL OR n.kind IN "
		"('" KIND_CANCELLED "', '" KIND_ORGANISER "'))");
	struct mail_change c = { &query, order, "retried" };

	return store_transaction(s, mail_body, &c, why);
}

int store_mail_abort(struct store *s, const struct mail_order *order,
		     struct fault *why)
{
	/* What has begun may be in the queue: the relay takes it out. */
	static const struct dbquery query = DB_CHANGE(
		"UPDATE notification SET state = " SQL_ABORTED
		", final_at = NOW(3), "
		"due_at = IF(begins_at > NOW(3), NULL, NOW(3)) "
		"WHERE booking_id = ? AND envelope_id = ? AND state = "
		SQL_OPEN);
	struct mail_change c = { &query, order, "aborted" };

	return store_transaction(s, mail_body, &c, why);
}
