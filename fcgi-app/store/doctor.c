/* SPDX-License-Identifier: MIT */
/* Finds rows that do not fit together, and mends what can be. */
#include "config.h"

#include "store/doctor.h"

#include "base/str.h"
#include "store/impl.h"

typedef int mend_body(struct store *s, void *arg, struct fault *why);

static mend_body mend_seats;
static mend_body mend_nobody;
static mend_body mend_unwatched;

struct check {
	struct dbquery ids;
	struct dbquery find;	/* ids above and up to, how many */
	mend_body *mend;	/* arg: the id; NULL = it cannot */
};

const struct store_check store_checks[] = {
	{ "seats", "slot counts other places as taken than are",
	  "count them anew: --mend; if more are taken than there are, give "
	  "the slot more places or cancel bookings first", true },
	{ "nobody", "mail about no booking and no place in line",
	  "withdraw or remove it: --mend", true },
	{ "unwatched", "mail is open, and nobody looks after it",
	  "have the relay look: --mend", true },
	{ "booking", "booking's slot is not there",
	  "the restore was not complete: restore the whole backup", false },
	{ "waiting", "place in line has no slot",
	  "the restore was not complete: restore the whole backup", false },
	{ "slot", "slot has no service or no counter of places",
	  "the restore was not complete: restore the whole backup", false },
	{ "history", "line of the history is about no booking",
	  "the restore was not complete: restore the whole backup", false },
};
const size_t store_check_count = ARRAY_COUNT(store_checks);

#define BETWEEN(alias) " " alias ".id > ? AND " alias ".id <= ? "
#define LACKS(table, condition) \
	"NOT EXISTS (SELECT 1 FROM " table " WHERE " condition ")"
/* Seats of bookings, and those kept for people in line. */
#define TAKEN(slot) \
	"CAST(COALESCE((SELECT SUM(b.seats) FROM booking b " \
	"WHERE b.slot_id = " slot " AND b.cancelled_at IS NULL), 0) + " \
	"COALESCE((SELECT SUM(w.seats) FROM waiting w " \
	"WHERE w.slot_id = " slot " AND w.state = " SQL_OFFERED \
	"), 0) AS SIGNED)"
/* The digest is about no booking, and a mail that has ended may be about a
 * place in line that was left since. */
#define OF_NOBODY \
	"((n.booking_id IS NULL AND n.waiting_id IS NULL " \
	"AND n.kind <> '" KIND_DIGEST "') OR (n.booking_id IS NOT NULL AND " \
	LACKS("booking b", "b.id = n.booking_id") ") OR (n.state = " SQL_OPEN \
	" AND n.waiting_id IS NOT NULL AND " \
	LACKS("waiting w", "w.id = n.waiting_id") "))"

static const struct check checks[ARRAY_COUNT(store_checks)] = {
	{ { STORE_IDS_OF("slot") },
	  { "SELECT c.id, CONCAT(c.booked, ' counted, ', c.taken, "
	    "' taken, ', c.capacity, ' there') FROM (SELECT s.id, i.booked, "
	    "i.capacity, " TAKEN("s.id") " AS taken FROM slot s "
	    "JOIN slot_inventory i ON i.slot_id = s.id WHERE" BETWEEN("s")
	    ") c WHERE c.booked <> c.taken "
	    "ORDER BY 1 LIMIT ?", "it" }, mend_seats },
	{ { STORE_IDS_OF("notification") },
	  { "SELECT n.id, n.envelope_id FROM notification n WHERE"
	    BETWEEN("n") "AND " OF_NOBODY " ORDER BY 1 LIMIT ?",
	    "it" }, mend_nobody },
	{ { STORE_IDS_OF("notification") },
	  { "SELECT n.id, n.envelope_id FROM notification n WHERE"
	    BETWEEN("n") "AND n.state = " SQL_OPEN " AND n.due_at IS NULL "
	    "ORDER BY 1 LIMIT ?",
	    "it" }, mend_unwatched },
	{ { STORE_IDS_OF("booking") },
	  { "SELECT b.id, b.ref FROM booking b WHERE" BETWEEN("b") "AND "
	    LACKS("slot s", "s.id = b.slot_id") " ORDER BY 1 LIMIT ?",
	    "it" }, NULL },
	{ { STORE_IDS_OF("waiting") },
	  { "SELECT w.id, w.ref FROM waiting w WHERE" BETWEEN("w") "AND "
	    LACKS("slot s", "s.id = w.slot_id") " ORDER BY 1 LIMIT ?",
	    "it" }, NULL },
	{ { STORE_IDS_OF("slot") },
	  { "SELECT s.id, '' FROM slot s WHERE" BETWEEN("s") "AND ("
	    LACKS("service v", "v.id = s.service_id") " OR "
	    LACKS("slot_inventory i", "i.slot_id = s.id") ") "
	    "ORDER BY 1 LIMIT ?", "it" }, NULL },
	{ { STORE_IDS_OF("booking_event") },
	  { "SELECT e.id, e.action FROM booking_event e WHERE" BETWEEN("e")
	    "AND " LACKS("booking b", "b.id = e.booking_id") " "
	    "ORDER BY 1 LIMIT ?", "it" }, NULL },
};

static void misfit_read(const struct dbconn *db, void *row)
{
	struct store_misfit *m = row;

	m->id = dbconn_int(db, 0);
	(void)str_printable(m->text, sizeof(m->text), dbconn_text(db, 1));
}

int store_misfits(struct store *s, size_t check, struct store_misfits *m,
		  struct fault *why)
{
	const struct check *c = &checks[check];
	struct dbrows rows = { .read = misfit_read, .size = sizeof(m->list[0]),
			       .max = STORE_MISFITS_MAX, .list = m->list };
	int64_t until;

	must(check < store_check_count);
	m->count = 0;
	until = store_ids_until(s, &c->ids, m->after, why);
	if (until <= 0)
		return (int)until;
	if (dbconn_list(s->db, DB_CALL(&c->find, DB_INT(m->after),
				       DB_INT(until),
				       DB_INT(STORE_MISFITS_MAX)),
			&rows, why) < 0)
		return -1;
	m->count = rows.count;
	/* There may be more: begin again behind the last one. */
	m->after = m->count == STORE_MISFITS_MAX ? m->list[m->count - 1].id :
						   until;
	return 1;
}

/* ---- mending ------------------------------------------------------------ */

/* The counter stays locked while it is counted: bookings and cancellations take
 * it last, so they are either seen, or added to what is written here. */
static int mend_seats(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery lock = {
		"SELECT capacity FROM slot_inventory WHERE slot_id = ? "
		"FOR UPDATE", "i",
	};
	static const struct dbquery count = {
		"SELECT " TAKEN("?"), "i",
	};
	static const struct dbquery write = DB_CHANGE(
		"UPDATE slot_inventory SET booked = ? WHERE slot_id = ? "
		"AND capacity >= ?");
	const int64_t *id = arg;

	if (dbconn_get(s->db, &lock, DB_VALUES(DB_INT(*id)), why) < 0 ||
	    dbconn_get(s->db, &count, DB_VALUES(DB_INT(*id), DB_INT(*id)),
		       why) < 0)
		return -1;

	int64_t taken = dbconn_int(s->db, 0);

	return store_update(s, &write, DB_VALUES(DB_INT(taken), DB_INT(*id),
						 DB_INT(taken)), why);
}

/* What is open may be in the queue: the relay takes it out first. */
static int mend_nobody(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery withdraw = DB_CHANGE(
		"UPDATE notification n SET n.state = " SQL_ABORTED
		", n.due_at = NOW(3), "
		"n.final_at = NOW(3) WHERE n.id = ? AND n.state = " SQL_OPEN
		" AND "
		OF_NOBODY);
	static const struct dbquery remove = DB_CHANGE(
		"DELETE n FROM notification n WHERE n.id = ? "
		"AND n.due_at IS NULL AND " OF_NOBODY);
	const int64_t *id = arg;
	int r = store_update(s, &withdraw, DB_VALUES(DB_INT(*id)), why);

	return r != STORE_MEANWHILE ? r :
	       store_update(s, &remove, DB_VALUES(DB_INT(*id)), why);
}

static int mend_unwatched(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE notification SET due_at = NOW(3) WHERE id = ? "
		"AND state = " SQL_OPEN " AND due_at IS NULL");
	const int64_t *id = arg;

	return store_update(s, &query, DB_VALUES(DB_INT(*id)), why);
}

int store_misfit_mend(struct store *s, size_t check, int64_t id,
		      struct fault *why)
{
	int r;

	must(check < store_check_count);
	if (!checks[check].mend)
		return 0;
	r = store_transaction(s, checks[check].mend, &id, why);
	return r < 0 ? -1 : r == STORE_CHANGED;
}
