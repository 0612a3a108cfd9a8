/* SPDX-License-Identifier: MIT */
/* Changes bookings: one transaction each. */
#include "config.h"

#include "store/change.h"

#include "base/ticks.h"
#include "domain/zone.h"
#include "store/impl.h"

#include <string.h>

/* One change on its way. */
struct change {
	struct booking_order order;
	const struct booking_view *v;	/* the order's */
	const struct store_actor *by;	/* the same */
	struct token_seed link;	/* after it */
	const char *event;	/* told to the organiser; NULL = it is not */
	int64_t now_ms;
};

static struct change change_of(const struct booking_order *order,
			       const char *event)
{
	/* It goes elsewhere by a move alone. */
	must((order->to != NULL) == (event && strcmp(event, "moved") == 0));
	return (struct change){
		.order = *order, .v = order->v, .by = order->by,
		.link = order->v->link, .event = event, .now_ms = wall_ms(),
	};
}

/* The visitor's mail about the change (NULL = none), and what goes with it. */
static int mails_add(struct store *s, const struct change *c,
		     const struct outbox_row *mail, struct fault *why)
{
	struct booking_view after = *c->v;	/* borrows all texts */
	struct outbox_rows rows = { .count = 0 };

	after.revision++;
	if (c->order.to)
		after.slot = *c->order.to;
	if (mail) {
		rows.list[0] = *mail;
		rows.list[0].booking_id = after.id;
		rows.list[0].ref = after.ref;
		rows.list[0].number = after.revision;
		rows.count = 1;
	}
	if (c->event)
		store_outbox_plan(&rows, &after, c->event, c->now_ms);
	/* The organiser, too, reads when a moved booking was before. */
	for (size_t i = 1; mail && i < rows.count; i++)
		if (strcmp(rows.list[i].kind, KIND_ORGANISER) == 0) {
			rows.list[i].was_at_s = mail->was_at_s;
			rows.list[i].was_zone = mail->was_zone;
		}
	return store_outbox_add(s, &rows, c->now_ms, why);
}

static int event_add(struct store *s, const struct change *c,
		     const char *action, struct fault *why)
{
	const struct audit_entry entry = { c->by, action, "", "" };

	return store_event_add(s, c->v->id, &entry, why);
}

/* ---- cancel -------------------------------------------------------------- */

static int cancel_row(struct store *s, const struct change *c,
		      struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE booking SET cancelled_at = ?, changed_at = ?, "
		"cancelled_by = ?, cancel_reason = ?, "
		"sequence = sequence + 1, revision = revision + 1 "
		"WHERE id = ? AND revision = ? AND cancelled_at IS NULL");
	const char *reason = c->by->reason ? c->by->reason : "";
	const struct dbvalue values[] = {
		DB_TIME_MS(c->now_ms),
		DB_TIME_MS(c->now_ms),
		DB_INT(c->by->organiser ? CANCELLED_BY_ORGANISER :
					  CANCELLED_BY_VISITOR),
		DB_TEXT(reason),
		DB_INT(c->v->id),
		DB_INT(c->v->revision),
	};

	return store_update(s, &query, DB_ARRAY(values), why);
}

/* The stock last, as everywhere: its lock is the one that others want. */
static int cancel_body(struct store *s, void *arg, struct fault *why)
{
	const struct change *c = arg;
	const struct outbox_row mail = {
		.word = "cancel", .kind = KIND_CANCELLED,
	};
	int r = cancel_row(s, c, why);

	if (r != STORE_CHANGED)
		return r;
	if (store_outbox_abort(s, c->v->id, false, why) < 0 ||
	    mails_add(s, c, c->by->no_mail ? NULL : &mail, why) < 0 ||
	    event_add(s, c, "cancelled", why) < 0)
		return -1;
	return store_seats_free(s, c->v, c->v->seats, why);
}

int store_cancel(struct store *s, const struct booking_order *order,
		 struct fault *why)
{
	struct change c = change_of(order, "cancelled");

	return store_transaction(s, cancel_body, &c, why);
}

/* ---- move ---------------------------------------------------------------- */

static int move_row(struct store *s, const struct change *c,
		    struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE booking SET slot_id = ?, changed_at = ?, "
		"sequence = sequence + 1, revision = revision + 1 "
		"WHERE id = ? AND revision = ? AND cancelled_at IS NULL "
		"AND (? = 0 OR (SELECT COUNT(*) FROM booking_event e "
		"WHERE e.booking_id = booking.id AND e.action = 'moved') < ?)");
	const struct dbvalue values[] = {
		DB_INT(c->order.to->id),
		DB_TIME_MS(c->now_ms),
		DB_INT(c->v->id),
		DB_INT(c->v->revision),
		DB_INT(c->by->moves_max),
		DB_INT(c->by->moves_max),
	};

	return store_update(s, &query, DB_ARRAY(values), why);
}

static int move_body(struct store *s, void *arg, struct fault *why)
{
	const struct change *c = arg;
	const struct outbox_row mail = {
		.word = "moved", .kind = KIND_MOVED,
		.was_at_s = c->v->slot.starts_at_s,
		.was_zone = c->v->slot.zone,
	};
	char before[ZONE_ISO_SIZE];
	char after[ZONE_ISO_SIZE];
	char detail[2 * ZONE_ISO_SIZE + 4];
	const struct audit_entry entry = { c->by, "moved", "", detail };
	int r = move_row(s, c, why);

	if (r != STORE_CHANGED)
		return r;
	zone_iso(c->v->slot.zone, c->v->slot.starts_at_s * 1000, before);
	zone_iso(c->order.to->zone, c->order.to->starts_at_s * 1000, after);
	(void)snprintf(detail, sizeof(detail), "%s -> %s", before, after);
	if (store_outbox_abort(s, c->v->id, false, why) < 0 ||
	    mails_add(s, c, &mail, why) < 0 ||
	    store_event_add(s, c->v->id, &entry, why) < 0)
		return -1;
	r = store_seats_take(s, &(struct seats_wish){
		.slot_id = c->order.to->id, .seats = c->v->seats,
	}, why);
	return r != STORE_CHANGED ? r :
	       store_seats_free(s, c->v, c->v->seats, why);
}

int store_moves(struct store *s, int64_t booking_id, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT COUNT(*) FROM booking_event "
		"WHERE booking_id = ? AND action = 'moved'", "i",
	};

	if (dbconn_get(s->db, &query, DB_VALUES(DB_INT(booking_id)), why) < 0)
		return -1;
	return (int)dbconn_int(s->db, 0);
}

int store_move(struct store *s, const struct booking_order *order,
	       struct fault *why)
{
	struct change c = change_of(order, "moved");
	int64_t moves_max = order->by->moves_max;

	must(order->to->service_id == c.v->service.id &&
	     order->to->id != c.v->slot.id);

	int r = store_transaction(s, move_body, &c, why);

	if (r != STORE_MEANWHILE || moves_max == 0)
		return r;

	int moves = store_moves(s, c.v->id, why);

	return moves < 0 ? -1 : moves >= moves_max ? STORE_MOVES_OVER : r;
}

/* ---- the address, and the mail once more --------------------------------- */

static int readdress_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE booking SET email = ?, changed_at = ?, "
		"version = version + 1, nonce = ?, old_link = 0, "
		"revision = revision + 1, corrections = corrections + 1 "
		"WHERE id = ? AND revision = ? AND cancelled_at IS NULL");
	const struct change *c = arg;
	const struct outbox_row mail = {
		.word = "confirm", .kind = KIND_CONFIRMED,
	};
	const struct dbvalue values[] = {
		DB_TEXT(c->order.email),
		DB_TIME_MS(c->now_ms),
		DB_BYTES(c->link.nonce, sizeof(c->link.nonce)),
		DB_INT(c->v->id),
		DB_INT(c->v->revision),
	};
	int r = store_update(s, &query, DB_ARRAY(values), why);

	if (r != STORE_CHANGED)
		return r;
	if (store_outbox_abort(s, c->v->id, true, why) < 0 ||
	    mails_add(s, c, &mail, why) < 0)
		return -1;
	return event_add(s, c, "readdressed", why);
}

int store_readdress(struct store *s, const struct booking_order *order,
		    struct fault *why)
{
	struct change c = change_of(order, NULL);
	int r;

	if (c.v->corrections >= STORE_CORRECTIONS_MAX && !c.by->organiser)
		return STORE_TOO_OFTEN;
	token_renew(&c.link);
	r = store_transaction(s, readdress_body, &c, why);
	if (r == STORE_CHANGED)
		order->v->link = c.link;
	return r;
}

static int resend_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE booking SET resends = resends + 1, "
		"revision = revision + 1 "
		"WHERE id = ? AND revision = ? AND cancelled_at IS NULL");
	const struct change *c = arg;
	const struct outbox_row mail = {
		.word = "confirm", .kind = KIND_CONFIRMED,
	};
	int r = store_update(s, &query, DB_VALUES(DB_INT(c->v->id),
						    DB_INT(c->v->revision)),
			       why);

	if (r != STORE_CHANGED)
		return r;
	if (mails_add(s, c, &mail, why) < 0)
		return -1;
	return event_add(s, c, "resent", why);
}

int store_resend(struct store *s, const struct booking_order *order,
		 struct fault *why)
{
	struct change c = change_of(order, NULL);

	if (c.v->resends >= STORE_RESENDS_MAX && !c.by->organiser)
		return STORE_TOO_OFTEN;
	return store_transaction(s, resend_body, &c, why);
}

/* ---- erase --------------------------------------------------------------- */

static int erase_rows(struct store *s, const struct change *c,
		      struct fault *why)
{
	static const struct dbquery booking = DB_CHANGE(
		"UPDATE booking SET name = '', email = '', notes = '', "
		"idem_key = NULL, req_hash = REPEAT('\\0', 32), "
		"request_id = '', cancel_reason = '', erased_at = ?, "
		"changed_at = ?, version = version + 1, "
		"revision = revision + 1 "
		"WHERE id = ? AND revision = ? AND erased_at IS NULL");
	/* The place in line that it came from. */
	static const struct dbquery line = DB_CHANGE(
		"DELETE FROM waiting WHERE booking_id = ?");
	const struct dbvalue values[] = {
		DB_TIME_MS(c->now_ms),
		DB_TIME_MS(c->now_ms),
		DB_INT(c->v->id),
		DB_INT(c->v->revision + c->order.cancels),
	};
	int r = store_update(s, &booking, DB_ARRAY(values), why);

	if (r == STORE_CHANGED &&
	    (store_forget_booking(s, c->v->id, why) < 0 ||
	     store_answers_erase(s, c->v->id, why) < 0 ||
	     store_booking_unnamed(s, c->v->id, why) < 0 ||
	     dbconn_run(s->db, &line, DB_VALUES(values[2]), why) < 0))
		r = -1;
	return r;
}

static int erase_body(struct store *s, void *arg, struct fault *why)
{
	struct change *c = arg;
	int r = c->order.cancels ? cancel_row(s, c, why) : STORE_CHANGED;

	/* First the mails: what is aborted must be forgotten after that. */
	if (r == STORE_CHANGED &&
	    store_outbox_abort(s, c->v->id, false, why) < 0)
		r = -1;
	if (r == STORE_CHANGED)
		r = erase_rows(s, c, why);
	if (r != STORE_CHANGED)
		return r;
	if (event_add(s, c, "erased", why) < 0)
		return -1;
	if (!c->order.cancels)
		return STORE_CHANGED;
	/* The organiser must hear of it; the visitor has no address left. */
	if (mails_add(s, c, NULL, why) < 0)
		return -1;
	return store_seats_free(s, c->v, c->v->seats, why);
}

int store_erase(struct store *s, const struct booking_order *order,
		struct fault *why)
{
	struct change c = change_of(order, "cancelled");

	return store_transaction(s, erase_body, &c, why);
}
