/* SPDX-License-Identifier: MIT */
/* Counts the outbox, and writes the operators' daily mail into it. */
#include "config.h"

#include "store/figures.h"

#include "base/str.h"
#include "base/ticks.h"
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
	 * Taken back (aborted) rows may be due, too: the relay's work.  What
	 * has begun is due within LATEST_MS; of all that waits for its time
	 * behind that, which may be a reminder for each booking, only the
	 * index is read.
	 */
	static const struct dbquery query = {
		"SELECT COUNT(CASE WHEN state = " SQL_OPEN " AND "
		"COALESCE(begins_at, created_at) <= ? THEN 1 END), "
		"(SELECT COUNT(*) FROM notification WHERE due_at IS NOT NULL) "
		"- COUNT(CASE WHEN state = " SQL_OPEN
		" AND begins_at > ? THEN NULL "
		"ELSE 1 END), "
		"MIN(CASE WHEN state = " SQL_OPEN " THEN "
		"COALESCE(begins_at, created_at) END), MIN(due_at) "
		"FROM notification WHERE due_at <= ?",
		"iidd",
	};
	int64_t now_ms = wall_ms();
	const struct dbvalue values[] = { DB_TIME_MS(now_ms),
					  DB_TIME_MS(now_ms),
					  DB_TIME_MS(now_ms + LATEST_MS) };

	*out = (struct store_figures){ .open = 0 };
	if (dbconn_get(s->db, &query, DB_ARRAY(values), why) != 1)
		return -1;
	out->open = dbconn_int(s->db, 0);
	out->scheduled = dbconn_int(s->db, 1);
	out->oldest_ms = age_ms(s->db, 2, now_ms);
	out->lag_ms = age_ms(s->db, 3, now_ms);
	return 0;
}

/* ---- the daily mail ----------------------------------------------------- */

int store_digest_add(struct store *s, const char *envelope_id,
		     int64_t begins_at_ms, struct fault *why)
{
	/* Not IGNORE, which would hide other mistakes, too. */
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO notification (envelope_id, kind, detail, "
		"created_at, begins_at, due_at, state, attempts, checks, "
		"reply) VALUES (?, '" KIND_DIGEST "', '', ?, ?, ?, "
		SQL_OPEN ", 0, 0, '') ON DUPLICATE KEY UPDATE checks = checks");
	const struct dbvalue values[] = {
		DB_TEXT(envelope_id),
		DB_TIME_MS(wall_ms()),
		DB_TIME_MS(begins_at_ms),
		DB_TIME_MS(begins_at_ms),
	};

	return dbconn_run(s->db, &query, DB_ARRAY(values), why);
}

static int reports_count(struct store *s, struct dbvalues span,
			 struct store_digest *out, struct fault *why)
{
	/* By state and fate: few came back. */
	static const struct dbquery query = {
		"SELECT COUNT(CASE WHEN fate = " SQL_RETURNED " THEN 1 END), "
		"COUNT(CASE WHEN fate = " SQL_RETURNED
		" AND fate_sure = 0 THEN 1 END), "
		"COUNT(CASE WHEN fate = " SQL_COMPLAINED " THEN 1 END) "
		"FROM notification WHERE state = " SQL_SENT
		" AND fate IN (" SQL_RETURNED ", " SQL_COMPLAINED ") "
		"AND fate_at > ? AND fate_at <= ? "
		"AND kind <> '" KIND_DIGEST "'",
		"iii",
	};

	if (dbconn_get(s->db, &query, span, why) < 0)
		return -1;
	out->returned = dbconn_int(s->db, 0);
	out->returned_likely = dbconn_int(s->db, 1);
	out->complained = dbconn_int(s->db, 2);
	return 0;
}

int store_digest_read(struct store *s, int64_t until_ms,
		      struct store_digest *out, struct fault *why)
{
	/* By state: few rows are dead or given up. */
	static const struct dbquery query = {
		"SELECT state, IF(state = " SQL_DEAD
		", SUBSTRING_INDEX(reply, ':', 1), "
		"'') AS cause, COUNT(*) AS many FROM notification "
		"WHERE state IN (" SQL_DEAD ", " SQL_EXPIRED
		") AND final_at > ? AND final_at <= ? "
		"AND kind <> '" KIND_DIGEST "' GROUP BY state, cause "
		"ORDER BY many DESC, cause",
		"iti",
	};
	const struct dbvalue span[] = {
		DB_TIME_MS(until_ms - DAY_MS), DB_TIME_MS(until_ms),
	};
	int r;

	*out = (struct store_digest){ .dead = 0 };
	if (store_figures(s, &out->outbox, why) < 0 ||
	    reports_count(s, DB_ARRAY(span), out, why) < 0 ||
	    dbconn_run(s->db, &query, DB_ARRAY(span), why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		int64_t count = dbconn_int(s->db, 2);

		if (dbconn_int(s->db, 0) == NOTIFICATION_EXPIRED) {
			out->expired += count;
			continue;
		}
		out->dead += count;
		if (out->cause_count == STORE_DIGEST_CAUSES)
			continue;
		(void)str_printable(out->causes[out->cause_count].cause,
				    sizeof(out->causes[0].cause),
				    dbconn_text(s->db, 1));
		out->causes[out->cause_count++].count = count;
	}
	return r;
}
