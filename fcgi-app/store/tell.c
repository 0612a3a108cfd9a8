/* SPDX-License-Identifier: MIT */
/* Tells those who have booked that something of their service has changed. */
#include "config.h"

#include "store/tell.h"

#include "base/ticks.h"
#include "store/impl.h"

#define SLOTS_MAX 100		/* in one transaction */
#define WRITTEN_MS 60000	/* longer than a booking is being written */

/* ---- whom it is about ---------------------------------------------------- */

int store_tell_begin(struct store *s, const struct seen_change *change,
		     struct fault *why)
{
	/* Who was not yet told of an earlier change is told of both; columns
	 * are set from left to right. */
	static const struct dbquery query = DB_CHANGE(
		"UPDATE service SET tell_what = IF(tell_from IS NULL "
		"OR tell_what = ?, ?, 'name-place'), "
		"tell_langs = IF(tell_from IS NULL OR tell_langs = ?, ?, ''), "
		"tell_from = ?, tell_after = 0 WHERE id = ?");
	const struct service_seen *seen = &change->seen;
	const struct dbvalue values[] = {
		DB_TEXT(seen->what), DB_TEXT(seen->what),
		DB_TEXT(seen->langs), DB_TEXT(seen->langs),
		DB_TIME_MS(change->at_ms), DB_INT(change->service_id),
	};

	return dbconn_run(s->db, &query, DB_ARRAY(values), why);
}

/* A step through the bookings of a service. */
struct telling {
	int64_t service_id;
	int64_t from_ms;	/* the slots that begin from there on; 0 = all
				   are told */
	int64_t after;		/* of the first one, the bookings after it */
	int64_t before_ms;	/* who booked later knows */
	char what[65];
	char langs[sizeof(((struct service_seen *)NULL)->langs)];
	int told;
};

/* Reads where it stands, and keeps it locked.  1, 0 = there is nobody to be
 * told, -1. */
static int telling_lock(struct store *s, struct telling *t, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT tell_from, tell_after, tell_what, changed_at, "
		"tell_langs "
		"FROM service WHERE id = ? AND tell_from IS NOT NULL "
		"FOR UPDATE",
		"ditdt",
	};
	int r = dbconn_get(s->db, &query, DB_VALUES(DB_INT(t->service_id)),
			   why);

	if (r != 1)
		return r;
	t->from_ms = dbconn_time_ms(s->db, 0);
	t->after = dbconn_int(s->db, 1);
	dbconn_text_copy(s->db, 2, t->what, sizeof(t->what));
	t->before_ms = dbconn_time_ms(s->db, 3) + WRITTEN_MS;
	dbconn_text_copy(s->db, 4, t->langs, sizeof(t->langs));
	return 1;
}

static int telling_write(struct store *s, const struct telling *t,
			 struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE service SET tell_from = ?, tell_after = ? "
		"WHERE id = ?");

	return dbconn_run(s->db, &query,
			  DB_VALUES(DB_TIME_MS_OR_NULL(t->from_ms),
				    DB_INT(t->after), DB_INT(t->service_id)),
			  why);
}

/* ---- their mails --------------------------------------------------------- */

struct told {
	int64_t id;
	int revision;
	char ref[STORE_REF_LEN + 1];
};

static void told_read(const struct dbconn *db, void *row)
{
	struct told *b = row;

	b->id = dbconn_int(db, 0);
	b->revision = (int)dbconn_int(db, 1);
	dbconn_text_copy(db, 2, b->ref, sizeof(b->ref));
}

static int mail_add(struct store *s, const struct told *b, const char *what,
		    struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE booking SET revision = revision + 1 WHERE id = ?");
	const struct outbox_rows rows = {
		.list = { {
			.booking_id = b->id,
			.ref = b->ref,
			.word = "changed",
			.number = b->revision + 1,
			.kind = KIND_CHANGED,
			.detail = what,
		} },
		.count = 1,
	};

	if (dbconn_run(s->db, &query, DB_VALUES(DB_INT(b->id)), why) < 0)
		return -1;
	return store_outbox_add(s, &rows, wall_ms(), why);
}

int store_tell_slot(struct store *s, const struct slot_telling *t,
		    struct fault *why)
{
	static const struct dbquery query = {
		"SELECT id, revision, ref FROM booking "
		"WHERE slot_id = ? AND id > ? AND cancelled_at IS NULL "
		"AND erased_at IS NULL AND created_at < ? "
		"AND " STORE_READS("locale") " "
		"ORDER BY id LIMIT ? FOR UPDATE",
		"iit",
	};
	struct told list[STORE_TELL_MAX];
	struct dbrows rows = { .read = told_read, .size = sizeof(list[0]),
			       .max = t->max, .list = list };
	const struct dbvalue values[] = {
		DB_INT(t->slot_id), DB_INT(*t->after),
		DB_TIME_MS(t->before_ms), STORE_READS_VALUES(t->langs),
		DB_INT((int64_t)t->max),
	};

	must(t->max <= STORE_TELL_MAX);
	if (dbconn_list(s->db, DB_CALL_ARRAY(&query, values), &rows, why) < 0)
		return -1;
	for (size_t i = 0; i < rows.count; i++) {
		if (mail_add(s, &list[i], t->what, why) < 0)
			return -1;
		*t->after = list[i].id;
	}
	return (int)rows.count;
}

struct next_slot {
	int64_t id;
	int64_t at_ms;
};

/* The next slot that somebody has booked: 1, 0, -1. */
static int slot_next(struct store *s, const struct telling *t,
		     struct next_slot *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT s.id, s.starts_at FROM slot s "
		"FORCE INDEX (slot_service_start) "
		"STRAIGHT_JOIN slot_inventory i ON i.slot_id = s.id "
		"WHERE s.service_id = ? AND s.starts_at >= ? "
		"AND s.starts_at > NOW() AND i.booked > 0 "
		"ORDER BY s.starts_at LIMIT 1",
		"id",
	};
	int r = dbconn_get(s->db, &query, DB_VALUES(DB_INT(t->service_id),
						    DB_TIME_MS(t->from_ms)),
			   why);

	if (r == 1) {
		out->id = dbconn_int(s->db, 0);
		out->at_ms = dbconn_time_ms(s->db, 1);
	}
	return r;
}

/* Tells who has booked the next slot.  1, 0 = there is none, -1. */
static int slot_tell(struct store *s, struct telling *t, struct fault *why)
{
	struct next_slot next;
	int r = slot_next(s, t, &next, why);

	if (r == 0)
		t->from_ms = 0;
	if (r != 1)
		return r;
	if (next.at_ms != t->from_ms)
		t->after = 0;
	t->from_ms = next.at_ms;

	const struct slot_telling slot = {
		.slot_id = next.id,
		.what = t->what,
		.langs = t->langs,
		.before_ms = t->before_ms,
		.max = (size_t)(STORE_TELL_MAX - t->told),
		.after = &t->after,
	};
	int told = store_tell_slot(s, &slot, why);

	if (told < 0)
		return -1;
	if ((size_t)told < slot.max) {
		t->from_ms += 1000;	/* the next second */
		t->after = 0;
	}
	t->told += told;
	return 1;
}

static int tell_body(struct store *s, void *arg, struct fault *why)
{
	struct telling *t = arg;
	int r = telling_lock(s, t, why);

	t->told = 0;
	if (r != 1)
		return r < 0 ? -1 : STORE_MEANWHILE;
	for (int i = 0; r == 1 && i < SLOTS_MAX; i++)
		r = t->told < STORE_TELL_MAX ? slot_tell(s, t, why) : 0;
	return r < 0 ? -1 : telling_write(s, t, why);
}

int store_tell_next(struct store *s, struct fault *why)
{
	/* A booking whose transaction had passed the test of the edition when
	 * the service changed has the old name and place: see tell.h. */
	static const struct dbquery query = {
		"SELECT id FROM service WHERE tell_from IS NOT NULL "
		"AND changed_at < ? LIMIT 1",
		"i",
	};
	const struct dbvalue before[] = {
		DB_TIME_MS(wall_ms() - WRITTEN_MS),
	};
	struct telling t = { .told = 0 };

	t.service_id = store_id_find(s, &query, DB_ARRAY(before), why);
	if (t.service_id < 0 ||
	    (t.service_id > 0 && store_transaction(s, tell_body, &t, why) < 0))
		return -1;
	return t.told;
}
