/* SPDX-License-Identifier: MIT */
/* Counts the outbox. */
#include "config.h"

#include "store/figures.h"

#include "base/ticks.h"
#include "db/conn.h"
#include "store/impl.h"

/* Longer than the relay ever lets a mail that has begun lie (relay_step.h),
 * though this host's clock and the server's differ. */
#define LATEST_MS (INT64_C(2) * 3600 * 1000)

static int64_t age_ms(const struct dbconn *db, size_t column, int64_t now_ms)
{
	int64_t age = dbconn_is_null(db, column) ? 0 :
		now_ms - dbconn_time_ms(db, column);

	return age > 0 ? age : 0;
}

int store_figures(struct store *s, struct store_figures *out,
		  struct fault *why)
{
	/*
	 * Taken back rows (state 4) may be due, too: the relay's work.  What
	 * has begun is due within LATEST_MS; of all that waits for its time
	 * behind that, which may be a reminder for each booking, only the
	 * index is read.
	 */
	static const struct dbquery query = {
		"SELECT COUNT(CASE WHEN state = 0 AND "
		"COALESCE(begins_at, created_at) <= ? THEN 1 END), "
		"(SELECT COUNT(*) FROM notification WHERE due_at IS NOT NULL) "
		"- COUNT(CASE WHEN state = 0 AND begins_at > ? THEN NULL "
		"ELSE 1 END), "
		"MIN(CASE WHEN state = 0 THEN "
		"COALESCE(begins_at, created_at) END), MIN(due_at) "
		"FROM notification WHERE due_at <= ?",
		"iidd",
	};
	int64_t now_ms = wall_ms();
	const struct dbvalue values[] = { DB_TIME_MS(now_ms),
					  DB_TIME_MS(now_ms),
					  DB_TIME_MS(now_ms + LATEST_MS) };

	*out = (struct store_figures){ .open = 0 };
	if (dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why) < 0 ||
	    dbconn_next(s->db, why) != 1)
		return -1;
	out->open = dbconn_int(s->db, 0);
	out->scheduled = dbconn_int(s->db, 1);
	out->oldest_ms = age_ms(s->db, 2, now_ms);
	out->lag_ms = age_ms(s->db, 3, now_ms);
	return 0;
}
