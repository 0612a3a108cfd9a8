/* SPDX-License-Identifier: MIT */
/* Writes rows into the outbox, and takes them out again. */
#include "config.h"

#include "store/impl.h"

#include "base/str.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define VALUES_A_ROW 10

void store_outbox_id(const struct outbox_row *row,
		     char out[STORE_ENVELOPE_ID_MAX + 1])
{
	size_t ref_len = strnlen(row->ref, STORE_REF_LEN);
	size_t word_len = strlen(row->word);

	must(ref_len + word_len + 2 + STR_INT_SIZE <=
	     STORE_ENVELOPE_ID_MAX + 1);
	memcpy(out, row->ref, ref_len);
	out += ref_len;
	*out++ = '.';
	memcpy(out, row->word, word_len);
	out += word_len;
	*out++ = '.';
	(void)str_int(out, row->number);
}

/* The values of one row, in the order of the statement's columns. */
static void row_values(const struct outbox_row *row, const char *id,
		       int64_t created_at_ms, struct dbvalue *values)
{
	const char *detail = row->detail ? row->detail : "";
	const char *was_zone = row->was_zone ? row->was_zone : "";
	const struct dbvalue all[VALUES_A_ROW] = {
		DB_INT_OR_NULL(row->booking_id),
		DB_INT_OR_NULL(row->waiting_id),
		DB_TEXT(id),
		DB_TEXT(row->kind),
		DB_TEXT(detail),
		DB_TIME_MS(created_at_ms),
		DB_TIME_MS_OR_NULL(row->begins_at_ms),
		DB_TIME_MS_OR_NULL(row->was_at_s * 1000),
		DB_TEXT(was_zone),
		DB_TIME_MS(row->begins_at_ms ? row->begins_at_ms :
			   created_at_ms + row->due_in_ms),
	};

	memcpy(values, all, sizeof(all));
}

int store_outbox_add(struct store *s, const struct outbox_rows *rows,
		     int64_t created_at_ms, struct fault *why)
{
#define INSERT \
	"INSERT INTO notification (booking_id, waiting_id, envelope_id, " \
	"kind, detail, created_at, begins_at, was_at, was_zone, due_at, " \
	"state, attempts, checks, reply) VALUES "
#define ROW "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " SQL_OPEN ", 0, 0, '')"
	static const struct dbquery queries[STORE_OUTBOX_ROWS_MAX] = {
		{ INSERT ROW, NULL },
		{ INSERT ROW ", " ROW, NULL },
		{ INSERT ROW ", " ROW ", " ROW, NULL },
	};
	struct dbvalue values[VALUES_A_ROW * STORE_OUTBOX_ROWS_MAX];
	char ids[STORE_OUTBOX_ROWS_MAX][STORE_ENVELOPE_ID_MAX + 1];

	must(rows->count <= STORE_OUTBOX_ROWS_MAX);
	if (!rows->count)
		return 0;
	for (size_t i = 0; i < rows->count; i++) {
		store_outbox_id(&rows->list[i], ids[i]);
		row_values(&rows->list[i], ids[i], created_at_ms,
			   values + i * VALUES_A_ROW);
	}
	return dbconn_run(s->db, &queries[rows->count - 1],
			  (struct dbvalues){ values,
					     rows->count * VALUES_A_ROW },
			  why);
}

void store_outbox_plan(struct outbox_rows *rows, const struct booking_view *v,
		       const char *event, int64_t now_ms)
{
	int64_t remind_at_ms = v->slot.starts_at_s * 1000 -
			       v->service.reminder_min * MINUTE_MS;

	/* Anybody booking later needs no reminder. */
	if (v->service.reminder_min > 0 && remind_at_ms > now_ms &&
	    strcmp(event, "cancelled") != 0)
		rows->list[rows->count++] = (struct outbox_row){
			.booking_id = v->id,
			.ref = v->ref,
			.word = "reminder",
			.number = v->revision,
			.kind = KIND_REMINDER,
			.begins_at_ms = remind_at_ms,
		};
	if (v->service.organiser_mails && *v->service.organiser_email)
		rows->list[rows->count++] = (struct outbox_row){
			.booking_id = v->id,
			.ref = v->ref,
			.word = "organiser",
			.number = v->revision,
			.kind = KIND_ORGANISER,
			.detail = event,
		};
}

int store_outbox_abort(struct store *s, int64_t booking_id, bool only_begun,
		       struct fault *why)
{
	/* What has not begun was never pushed: nobody need look after it. */
#define ABORT \
	"UPDATE notification SET state = " SQL_ABORTED ", final_at = NOW(3), " \
	"due_at = IF(begins_at > NOW(3), NULL, NOW(3)) " \
	"WHERE booking_id = ? AND state = " SQL_OPEN \
	" AND kind <> '" KIND_ORGANISER "'"
	static const struct dbquery all = DB_CHANGE(ABORT);
	static const struct dbquery begun = DB_CHANGE(
		ABORT " AND (begins_at IS NULL OR begins_at <= NOW(3))");

	return dbconn_run(s->db, only_begun ? &begun : &all,
			  DB_VALUES(DB_INT(booking_id)), why);
}

int store_forget_booking(struct store *s, int64_t booking_id,
			 struct fault *why)
{
	/* A reminder that waits for its time was never pushed. */
	static const struct dbquery mails = DB_CHANGE(
		"UPDATE notification SET forget = " SQL_FORGET_NOW ", "
		"due_at = NOW(3), reply = '', fate_text = '' "
		"WHERE booking_id = ? "
		"AND (begins_at IS NULL OR begins_at <= NOW(3))");
	static const struct dbquery line = DB_CHANGE(
		STORE_FORGET_WAITING "w.booking_id = ?");
	const struct dbvalue id[] = { DB_INT(booking_id) };

	if (dbconn_run(s->db, &mails, DB_ARRAY(id), why) < 0)
		return -1;
	return dbconn_run(s->db, &line, DB_ARRAY(id), why);
}

int store_forget_waiting(struct store *s, int64_t waiting_id,
			 struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		STORE_FORGET_WAITING "w.id = ?");

	return dbconn_run(s->db, &query, DB_VALUES(DB_INT(waiting_id)), why);
}
