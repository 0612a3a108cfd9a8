/* SPDX-License-Identifier: MIT */
/* The outbox: what became of each notification, and which to look at next. */
#include "config.h"

#include "store/due.h"

#include "base/str.h"
#include "base/ticks.h"
#include "db/transaction.h"
#include "store/fate.h"
#include "store/impl.h"

#include <string.h>

#define REPLY_MAX 128

#define ROW_SELECT \
	"SELECT id, booking_id, envelope_id, kind, state, attempts, checks, " \
	"created_at, final_at, reply, waiting_id, begins_at, was_at, detail, " \
	"was_zone, forget, fate, fate_sure, fate_at, fate_text " \
	"FROM notification "
#define ROW_COLUMNS "iittiiiddtiddttiiidt"

static void row_read(const struct dbconn *db, void *row)
{
	struct notification *out = row;

	out->id = dbconn_int(db, 0);
	out->booking_id = dbconn_int(db, 1);
	/* The columns are as wide as these members. */
	dbconn_text_copy(db, 2, out->envelope_id, sizeof(out->envelope_id));
	dbconn_text_copy(db, 3, out->kind, sizeof(out->kind));
	out->state = (enum notification_state)dbconn_int(db, 4);
	out->attempts = (int)dbconn_int(db, 5);
	out->checks = (int)dbconn_int(db, 6);
	out->created_at_ms = dbconn_time_ms(db, 7);
	out->final_at_ms = dbconn_time_ms(db, 8);
	(void)str_printable(out->reply, sizeof(out->reply),
			    dbconn_text(db, 9));
	out->waiting_id = dbconn_int(db, 10);
	out->begins_at_ms = dbconn_is_null(db, 11) ? out->created_at_ms :
						     dbconn_time_ms(db, 11);
	out->was_at_s = dbconn_time_ms(db, 12) / 1000;
	dbconn_text_copy(db, 13, out->detail, sizeof(out->detail));
	dbconn_text_copy(db, 14, out->was_zone, sizeof(out->was_zone));
	out->forget = (enum notification_forget)dbconn_int(db, 15);
	store_fate_read(db, 16, out);
}

int store_notifications(struct store *s, int64_t booking_id,
			struct notifications *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT * FROM (" ROW_SELECT "WHERE booking_id = ? "
		"ORDER BY id DESC LIMIT ?) n ORDER BY id",
		ROW_COLUMNS,
	};
	struct dbrows rows = { .read = row_read, .size = sizeof(*out->list),
			       .max = out->max, .list = out->list };
	int r = dbconn_list(s->db, DB_CALL(&query, DB_INT(booking_id),
				       DB_INT((int64_t)out->max)), &rows, why);

	out->count = r < 0 ? 0 : rows.count;
	return r;
}

/* How a row ends. */
struct ending {
	const struct dbquery *query;	/* the last of its values is the key */
	struct dbvalue key;		/* which row it is */
	enum notification_state state;
	int attempts;
	int64_t at_ms;			/* 0 = now */
	const char *reply;		/* NULL = none */
};

static int end_write(struct store *s, const struct ending *end,
		     struct fault *why)
{
	char reply[REPLY_MAX + 1];

	(void)str_printable(reply, sizeof(reply),
			    end->reply ? end->reply : "");

	const struct dbvalue values[] = {
		DB_INT(end->state),
		DB_INT(end->attempts),
		DB_TEXT(reply),
		DB_TIME_MS(end->at_ms > 0 ? end->at_ms : wall_ms()),
		end->key,
	};

	return dbconn_run(s->db, end->query, DB_ARRAY(values), why);
}

/*
 * SENT is a fact and overrides all else; other ends only close open rows.  Of a
 * person that was erased nobody's words are kept, and the job that has just
 * ended, or that a worker told a Redis of that lost its data, is to be
 * forgotten.  Columns are set from left to right.
 */
static int verdict_write(struct store *s, const struct notification_verdict *v,
			 struct fault *why)
{
#define IS_FORGOTTEN "forget <> " SQL_FORGET_NOT
#define VERDICT(state) \
	"UPDATE notification SET state = " state ", attempts = ?, " \
	"reply = IF(" IS_FORGOTTEN ", '', ?), final_at = ?, " \
	"due_at = IF(" IS_FORGOTTEN ", NOW(3), NULL), " \
	"forget = IF(" IS_FORGOTTEN ", " SQL_FORGET_NOW ", " SQL_FORGET_NOT \
	") WHERE envelope_id = ? AND "
	static const struct dbquery sent = DB_CHANGE(
		VERDICT("?") "(state <> " SQL_SENT " OR " IS_FORGOTTEN ")");
	static const struct dbquery other = DB_CHANGE(
		VERDICT("IF(state = " SQL_OPEN ", ?, state)")
		"(state = " SQL_OPEN " OR " IS_FORGOTTEN ")");
	const struct ending end = {
		.query = v->state == NOTIFICATION_SENT ? &sent : &other,
		.key = DB_ASCII(v->envelope_id),
		.state = v->state,
		.attempts = v->attempts,
		.at_ms = v->at_ms,
		.reply = v->reply,
	};

	return end_write(s, &end, why);
}

struct verdicts {
	const struct notification_verdict *list;
	size_t count;
};

static int verdicts_body(struct store *s, void *arg, struct fault *why)
{
	const struct verdicts *v = arg;

	for (size_t i = 0; i < v->count; i++)
		if (verdict_write(s, &v->list[i], why) < 0)
			return -1;
	return STORE_CHANGED;
}

int store_verdicts(struct store *s, const struct notification_verdict *v,
		   size_t count, struct fault *why)
{
	struct verdicts all = { v, count };

	return count ? store_transaction(s, verdicts_body, &all, why) : 0;
}

int store_due(struct store *s, size_t max, struct due_rows *out,
	      struct fault *why)
{
	/* No join: FOR UPDATE would lock bookings and services, too. */
	static const struct dbquery query = {
		ROW_SELECT "WHERE due_at <= NOW(3) ORDER BY due_at, id "
		"LIMIT ? FOR UPDATE SKIP LOCKED",
		ROW_COLUMNS,
	};
	struct dbrows rows = { .read = row_read, .size = sizeof(*out->list),
			       .max = max };
	int r = dbconn_begin(s->db, why);

	if (r == 0)
		r = dbconn_list(s->db, DB_CALL(&query, DB_INT((int64_t)max)),
				&rows, why);
	if (r < 0)
		dbconn_rollback(s->db);
	*out = (struct due_rows){ rows.list, rows.count };
	return r;
}

static int step_open(struct store *s, const struct due_step *step,
		     struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE notification SET checks = checks + 1, attempts = ?, "
		"due_at = NOW(3) + INTERVAL ? MICROSECOND "
		"WHERE id = ? AND state IN (" SQL_OPEN ", " SQL_ABORTED ")");
	const struct dbvalue values[] = {
		DB_INT(step->attempts),
		DB_INT(step->next_ms * 1000),
		DB_INT(step->id),
	};

	return dbconn_run(s->db, &query, DB_ARRAY(values), why);
}

/* Nobody has to look after it any more. */
static int step_aborted(struct store *s, const struct due_step *step,
			struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE notification SET due_at = NULL, "
		"final_at = COALESCE(final_at, NOW(3)), "
		"state = IF(state = " SQL_OPEN ", " SQL_ABORTED
		", state) WHERE id = ?");

	return dbconn_run(s->db, &query, DB_VALUES(DB_INT(step->id)), why);
}

static int step_final(struct store *s, const struct due_step *step,
		      struct fault *why)
{
#define FINAL \
	"UPDATE notification SET state = ?, attempts = ?, reply = ?, " \
	"final_at = ?, due_at = NULL WHERE id = ?"
	static const struct dbquery sent = DB_CHANGE(FINAL);
	static const struct dbquery other = DB_CHANGE(
		FINAL " AND state = " SQL_OPEN);
	const struct ending end = {
		.query = step->state == NOTIFICATION_SENT ? &sent : &other,
		.key = DB_INT(step->id),
		.state = step->state,
		.attempts = step->attempts,
		.at_ms = step->at_ms,
		.reply = step->reply,
	};

	return end_write(s, &end, why);
}

static int step_forget(struct store *s, const struct due_step *step,
		       struct fault *why)
{
	static const struct dbquery later = DB_CHANGE(
		"UPDATE notification SET due_at = NOW(3) + "
		"INTERVAL ? MICROSECOND WHERE id = ?");
	/* Columns are set from left to right. */
	static const struct dbquery forgotten = DB_CHANGE(
		"UPDATE notification SET due_at = IF(state = " SQL_OPEN
		", NOW(3), "
		"IF(forget = " SQL_FORGET_NOW
		", NOW(3) + INTERVAL ? MICROSECOND, NULL)), "
		"forget = IF(state = " SQL_OPEN
		", " SQL_FORGET_NOT ", forget + 1) WHERE id = ?");
	const struct dbvalue values[] = {
		DB_INT(step->next_ms * 1000), DB_INT(step->id),
	};

	return dbconn_run(s->db, step->forget == DUE_FORGET ? &later :
							      &forgotten,
			  DB_ARRAY(values), why);
}

static int step_write(struct store *s, const struct due_step *step,
		      struct fault *why)
{
	if (step->forget != DUE_KEEP)
		return step_forget(s, step, why);
	switch (step->state) {
	case NOTIFICATION_OPEN:
		return step_open(s, step, why);
	case NOTIFICATION_ABORTED:
		return step_aborted(s, step, why);
	default:
		return step_final(s, step, why);
	}
}

void store_due_drop(struct store *s)
{
	dbconn_rollback(s->db);
}

int store_due_done(struct store *s, const struct due_step *steps,
		   size_t count, struct fault *why)
{
	if (!count) {
		store_due_drop(s);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (step_write(s, &steps[i], why) < 0) {
			dbconn_rollback(s->db);
			return -1;
		}
	}
	return dbconn_commit(s->db, why);
}

/* A reminder that waits for its time was never in the queue.  What has begun is
 * due within an hour (relay_step.h), and only so far all rows are looked at. */
#define HAS_BEGUN \
	"due_at <= NOW(3) + INTERVAL 2 HOUR " \
	"AND (begins_at IS NULL OR begins_at <= NOW(3))"

/* The last of the next 1000 due times, 0 if nothing is due later than now. */
static int later_until(struct store *s, int64_t *until_ms_out,
		       struct fault *why)
{
	static const struct dbquery query = {
		"SELECT MAX(l.due_at) FROM (SELECT due_at FROM notification "
		"WHERE due_at > NOW(3) AND " HAS_BEGUN
		" ORDER BY due_at LIMIT 1000) l",
		"d",
	};

	if (dbconn_get(s->db, &query, DB_NO_VALUES, why) < 0)
		return -1;
	*until_ms_out = dbconn_time_ms(s->db, 0);
	return 0;
}

int store_all_due(struct store *s, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE notification SET due_at = NOW(3) "
		"WHERE due_at > NOW(3) AND due_at <= ? AND " HAS_BEGUN);

	for (;;) {
		int64_t until_ms;

		if (later_until(s, &until_ms, why) < 0)
			return -1;
		if (!until_ms)
			return 0;

		if (dbconn_run(s->db, &query, DB_VALUES(DB_TIME_MS(until_ms)),
			       why) < 0)
			return -1;
	}
}
