/* SPDX-License-Identifier: MIT */
/* Writes into the outbox what was heard of mails that were sent. */
#include "config.h"

#include "store/fate.h"

#include "base/str.h"
#include "base/ticks.h"
#include "store/impl.h"

#include <string.h>

enum queue_fate store_fate_of(int64_t column)
{
	return column > 0 && column <= QUEUE_FATE_COMPLAINED ?
		(enum queue_fate)column : QUEUE_FATE_NONE;
}

void store_fate_read(const struct dbconn *db, size_t at,
		     struct notification *out)
{
	out->fate = store_fate_of(dbconn_int(db, at));
	out->fate_sure = dbconn_int(db, at + 1) != 0;
	out->fate_at_ms = dbconn_time_ms(db, at + 2);
	(void)str_printable(out->fate_text, sizeof(out->fate_text),
			    dbconn_text(db, at + 3));
}

/* Does it say more than the row, which is locked?  1, 0 (also if there is no
 * such row), -1. */
static int report_is_news(struct store *s, const struct mail_report *r,
			  struct fault *why)
{
	static const struct dbquery query = {
		"SELECT fate, fate_sure, fate_at, fate_text FROM notification "
		"WHERE envelope_id = ? FOR UPDATE",
		"iidt",
	};
	struct notification now;
	int found = dbconn_get(s->db, &query,
			       DB_VALUES(DB_ASCII(r->envelope_id)), why);

	if (found != 1)
		return found;
	store_fate_read(s->db, 0, &now);
	return queue_fate_weight(r->fate, r->sure) >
	       queue_fate_weight(now.fate, now.fate_sure);
}

static int report_write(struct store *s, const struct mail_report *r,
			struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE notification SET fate = ?, fate_sure = ?, fate_at = ?, "
		"fate_text = IF(forget <> " SQL_FORGET_NOT ", '', ?) "
		"WHERE envelope_id = ?");
	const int64_t at_s = r->at_ms / 1000;
	const bool is_time = at_s > 0 && at_s == store_within_s(at_s);
	const struct dbvalue values[] = {
		DB_INT(r->fate),
		DB_INT(r->sure),
		DB_TIME_MS(is_time ? r->at_ms : wall_ms()),
		DB_TEXT(r->text),
		DB_ASCII(r->envelope_id),
	};

	return dbconn_run(s->db, &query, DB_ARRAY(values), why);
}

struct reports {
	struct mail_report *list;
	size_t count;
};

static int reports_body(struct store *s, void *arg, struct fault *why)
{
	const struct reports *all = arg;

	for (size_t i = 0; i < all->count; i++) {
		struct mail_report *r = &all->list[i];
		int news = report_is_news(s, r, why);

		if (news < 0 || (news && report_write(s, r, why) < 0))
			return -1;
		r->is_news = news;
	}
	return STORE_CHANGED;
}

int store_reports(struct store *s, struct mail_report *list, size_t count,
		  struct fault *why)
{
	struct reports all = { list, count };

	return count ? store_transaction(s, reports_body, &all, why) : 0;
}

int64_t store_returned_before(struct store *s, const struct booking_view *v,
			      int64_t since_ms, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT n.fate_at FROM booking b "
		"JOIN notification n ON n.booking_id = b.id "
		"WHERE b.email = ? AND b.email <> '' AND b.id <> ? "
		"AND n.fate = " SQL_RETURNED " AND n.fate_sure = 1 "
		"AND n.fate_at > ? AND n.kind LIKE 'booking.%' "
		"AND NOT EXISTS (SELECT 1 FROM booking_event e "
		"WHERE e.booking_id = b.id AND e.action = 'readdressed' "
		"AND e.at > n.final_at) "
		"ORDER BY n.fate_at DESC LIMIT 1",
		"d",
	};
	int r = dbconn_get(s->db, &query,
			   DB_VALUES(DB_TEXT(v->email), DB_INT(v->id),
				     DB_TIME_MS(since_ms)), why);

	return r == 1 ? dbconn_time_ms(s->db, 0) : r;
}
