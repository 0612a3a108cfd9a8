/* SPDX-License-Identifier: MIT */
/* Opens and ends single mails, and writes down who did it. */
#include "config.h"

#include "store/admin.h"

#include "base/ticks.h"
#include "db/conn.h"
#include "store/impl.h"

#include <string.h>

/* One mail on its way to another state. */
struct mail_change {
	const struct dbquery *query;	/* its values: booking, id */
	int64_t booking_id;
	const char *id;
	const struct store_actor *by;
	const char *action;
};

static int mail_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery event = {
		"INSERT INTO booking_event (booking_id, at, actor, action, "
		"detail, request_id) VALUES (?, NOW(3), ?, ?, ?, ?)",
		NULL,
	};
	const struct mail_change *c = arg;
	const struct dbvalue which[] = {
		DB_INT(c->booking_id), DB_TEXT(c->id),
	};
	const struct dbvalue line[] = {
		DB_INT(c->booking_id),
		DB_TEXT(c->by->name),
		DB_TEXT(c->action),
		DB_TEXT(c->id),
		DB_TEXT(c->by->request_id),
	};

	if (dbconn_run(s->db, c->query, which, ARRAY_COUNT(which), why) < 0)
		return -1;
	if (!dbconn_affected(s->db))
		return STORE_MEANWHILE;
	if (dbconn_run(s->db, &event, line, ARRAY_COUNT(line), why) < 0)
		return -1;
	return STORE_CHANGED;
}

int store_mail_retry(struct store *s, int64_t booking_id, const char *id,
		     const struct store_actor *by, struct fault *why)
{
	/* An erased booking has no address left to send to, and who has
	 * cancelled wants no confirmation any more. */
	static const struct dbquery query = {
		"UPDATE notification n JOIN booking b ON b.id = n.booking_id "
		"SET n.state = 0, n.final_at = NULL, n.reply = '', "
		"n.checks = 0, n.begins_at = NOW(3), n.due_at = NOW(3) "
		"WHERE n.booking_id = ? AND n.envelope_id = ? "
		"AND n.state IN (2, 3) AND b.erased_at IS NULL "
		"AND (b.cancelled_at IS NULL OR n.kind IN "
		"('" KIND_CANCELLED "', '" KIND_ORGANISER "'))",
		NULL,
	};
	struct mail_change c = { &query, booking_id, id, by, "retried" };

	return store_transaction(s, mail_body, &c, why);
}

int store_mail_abort(struct store *s, int64_t booking_id, const char *id,
		     const struct store_actor *by, struct fault *why)
{
	/* What has begun may be in the queue: the relay takes it out. */
	static const struct dbquery query = {
		"UPDATE notification SET state = 4, final_at = NOW(3), "
		"due_at = IF(begins_at > NOW(3), NULL, NOW(3)) "
		"WHERE booking_id = ? AND envelope_id = ? AND state = 0",
		NULL,
	};
	struct mail_change c = { &query, booking_id, id, by, "aborted" };

	return store_transaction(s, mail_body, &c, why);
}

int store_audit_add(struct store *s, const struct store_actor *by,
		    const char *action, const char *object,
		    const char *detail, struct fault *why)
{
	static const struct dbquery query = {
		"INSERT INTO audit (at, actor, action, object, detail, "
		"request_id) VALUES (?, ?, ?, ?, ?, ?)",
		NULL,
	};
	const struct dbvalue values[] = {
		DB_TIME_MS(wall_ms()),
		DB_TEXT(by->name),
		DB_TEXT(action),
		DB_TEXT(object),
		DB_TEXT(detail),
		DB_TEXT(by->request_id),
	};

	return dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);
}
