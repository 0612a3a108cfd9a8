/* SPDX-License-Identifier: MIT */
/* What the store forgets by its age. */
#include "config.h"

#include "store/erase.h"

#include "base/ticks.h"
#include "store/change.h"
#include "store/impl.h"
#include "store/view.h"

#define KEY_LIFE "24 HOUR"
#define KEYS_AT_ONCE 1000
#define ERASED_AT_ONCE 100
#define SLOTS_AT_ONCE 2000

int store_keys_forget(struct store *s, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE booking b JOIN (SELECT id FROM booking "
		"WHERE idem_key IS NOT NULL "
		"AND created_at < NOW(3) - INTERVAL " KEY_LIFE " LIMIT ?) o "
		"ON o.id = b.id SET b.idem_key = NULL");

	/* One that is to be confirmed keeps its key as long as it is. */
	static const struct dbquery held = DB_CHANGE(
		"UPDATE waiting w JOIN (SELECT id FROM waiting "
		"WHERE idem_key IS NOT NULL AND state <> " SQL_OFFERED
		" AND created_at < NOW(3) - INTERVAL " KEY_LIFE " LIMIT ?) o "
		"ON o.id = w.id SET w.idem_key = NULL");
	const struct dbvalue most[] = { DB_INT(KEYS_AT_ONCE) };

	if (dbconn_run(s->db, &query, DB_ARRAY(most), why) < 0)
		return -1;
	return dbconn_run(s->db, &held, DB_ARRAY(most), why);
}

/* The next slots that ended long ago. */
struct old_slots {
	int64_t from_ms;
	int64_t limit_ms;	/* before this */
	int64_t end_ms;		/* the last one's end */
	int64_t count;
};

/* Looks for them from from_ms on.  0, or -1. */
static int old_look(struct store *s, struct old_slots *o, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT MAX(o.ends_at), COUNT(*) FROM (SELECT ends_at "
		"FROM slot WHERE ends_at >= ? AND ends_at < ? "
		"ORDER BY ends_at LIMIT ?) o",
		"di",
	};
	const struct dbvalue values[] = {
		DB_TIME_MS(o->from_ms), DB_TIME_MS(o->limit_ms),
		DB_INT(SLOTS_AT_ONCE),
	};

	if (dbconn_get(s->db, &query, DB_ARRAY(values), why) < 0)
		return -1;
	o->end_ms = dbconn_time_ms(s->db, 0);
	o->count = dbconn_int(s->db, 1);
	return 0;
}

#define OLD "s.ends_at >= ? AND s.ends_at <= ?"
#define OLD_WAITING \
	"slot s FORCE INDEX (slot_end) " \
	"STRAIGHT_JOIN waiting w ON w.slot_id = s.id "

static int old_waiting_delete(struct store *s, struct dbvalues ends,
			      struct fault *why)
{
	static const struct dbquery mails = DB_CHANGE(
		"UPDATE " OLD_WAITING STORE_FORGET_MAILS_OF OLD);
	static const struct dbquery waiting = DB_CHANGE(
		"DELETE w FROM " OLD_WAITING "WHERE " OLD);

	if (dbconn_run(s->db, &mails, ends, why) < 0)
		return -1;
	return dbconn_run(s->db, &waiting, ends, why);
}

/* What became of bookings. */
struct erased {
	int found;
	int erased;
	int kept;	/* somebody changed them just now */
};

static void ref_read(const struct dbconn *db, void *row)
{
	dbconn_text_copy(db, 0, row, STORE_REF_LEN + 1);
}

/* Erases bookings of slots with these ends.  0, or -1. */
static int old_erase(struct store *s, const struct dbvalue ends[2],
		     struct erased *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT b.ref FROM slot s FORCE INDEX (slot_end) "
		"STRAIGHT_JOIN booking b ON b.slot_id = s.id "
		"WHERE " OLD " AND b.erased_at IS NULL LIMIT ?",
		"t",
	};
	static const struct store_actor by = { .name = "system",
					       .request_id = "" };
	char refs[ERASED_AT_ONCE][STORE_REF_LEN + 1];
	struct dbrows rows = { .read = ref_read, .size = sizeof(refs[0]),
			       .max = ERASED_AT_ONCE, .list = refs };
	int r = dbconn_list(s->db, DB_CALL(&query, ends[0], ends[1],
				       DB_INT(ERASED_AT_ONCE)), &rows, why);

	*out = (struct erased){ .found = (int)rows.count };
	for (int i = 0; r >= 0 && i < out->found; i++) {
		struct booking_view v;

		r = store_booking_by_ref(s, refs[i], &v, why);
		if (r == 1 && !v.erased) {
			r = store_erase(s, &(struct booking_order){
				.v = &v, .by = &by,
			}, why);
			out->erased += r == STORE_CHANGED;
			out->kept += r == STORE_MEANWHILE;
		}
		booking_view_release(&v);
	}
	return r < 0 ? -1 : 0;
}

int store_erase_old(struct store *s, int64_t retention_ms,
		    struct store_erasing *e, struct fault *why)
{
	struct old_slots old = { .from_ms = e->from_ms,
				 .limit_ms = wall_ms() - retention_ms };
	struct erased n;

	e->done = true;
	if (old_look(s, &old, why) < 0)
		return -1;
	if (old.count == 0)
		return 0;

	const struct dbvalue ends[] = { DB_TIME_MS(e->from_ms),
					DB_TIME_MS(old.end_ms) };

	if (old_waiting_delete(s, DB_ARRAY(ends), why) < 0 ||
	    old_erase(s, ends, &n, why) < 0)
		return -1;
	e->done = n.found < ERASED_AT_ONCE && old.count < SLOTS_AT_ONCE;
	/* What was kept is tried again: at once if others were erased, else in
	 * a while. */
	if (n.kept > 0)
		e->done = n.erased == 0;
	else if (n.found < ERASED_AT_ONCE)
		e->from_ms = old.end_ms + 1000;	/* the next second */
	return n.erased;
}
