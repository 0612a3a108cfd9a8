/* SPDX-License-Identifier: MIT */
/* Writes the operators' daily mail into the outbox, and counts for it. */
#include "config.h"

#include "store/digest.h"

#include "base/str.h"
#include "base/ticks.h"
#include "db/conn.h"
#include "store/impl.h"

int store_digest_add(struct store *s, const char *envelope_id,
		     int64_t begins_at_ms, struct fault *why)
{
	/* Not IGNORE, which would hide other mistakes, too. */
	static const struct dbquery query = {
		"INSERT INTO notification (envelope_id, kind, detail, "
		"created_at, begins_at, due_at, state, attempts, checks, "
		"reply) VALUES (?, '" KIND_DIGEST "', '', ?, ?, ?, 0, 0, 0, "
		"'') ON DUPLICATE KEY UPDATE checks = checks",
		NULL,
	};
	const struct dbvalue values[] = {
		DB_TEXT(envelope_id),
		DB_TIME_MS(wall_ms()),
		DB_TIME_MS(begins_at_ms),
		DB_TIME_MS(begins_at_ms),
	};

	return dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);
}

int store_digest_read(struct store *s, int64_t from_ms, int64_t until_ms,
		      struct store_digest *out, struct fault *why)
{
	/* By state, of which few rows are dead or given up. */
	static const struct dbquery query = {
		"SELECT state, IF(state = 2, SUBSTRING_INDEX(reply, ':', 1), "
		"'') AS cause, COUNT(*) AS many FROM notification "
		"WHERE state IN (2, 3) AND final_at > ? AND final_at <= ? "
		"AND kind <> '" KIND_DIGEST "' GROUP BY state, cause "
		"ORDER BY many DESC, cause",
		"iti",
	};
	const struct dbvalue values[] = { DB_TIME_MS(from_ms),
					  DB_TIME_MS(until_ms) };
	int r;

	*out = (struct store_digest){ .dead = 0 };
	if (store_figures(s, &out->outbox, why) < 0 ||
	    dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why) < 0)
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
