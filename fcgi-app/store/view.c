/* SPDX-License-Identifier: MIT */
/* Reads one booking. */
#include "config.h"

#include "store/view.h"

#include "base/alloc.h"
#include "store/impl.h"

#include <string.h>

void store_link_read(const struct dbconn *db, size_t at,
		     struct token_seed *out)
{
	out->drawn = !dbconn_is_null(db, at);
	out->old_link = dbconn_int(db, at + 1) != 0;
	if (!out->drawn)
		return;
	must(dbconn_text_len(db, at) == TOKEN_NONCE_BYTES);
	memcpy(out->nonce, dbconn_text(db, at), TOKEN_NONCE_BYTES);
}

bool store_view_is_of(const struct dbconn *db,
		      const struct booking_request *req)
{
	must(dbconn_text_len(db, 10) == sizeof(req->req_hash));
	return memcmp(dbconn_text(db, 10), req->req_hash,
		      sizeof(req->req_hash)) == 0;
}

/* What was kept, or what is set now. */
static void names_read(const struct store *s, size_t at,
		       struct calendar_names *out)
{
	*out = s->calendar;
	if (!dbconn_is_null(s->db, at))
		dbconn_text_copy(s->db, at, out->domain, sizeof(out->domain));
	if (!dbconn_is_null(s->db, at + 1))
		dbconn_text_copy(s->db, at + 1, out->sender,
				 sizeof(out->sender));
}

static void view_read(const struct store *s, struct booking_view *out)
{
	const struct dbconn *db = s->db;

	out->id = dbconn_int(db, 0);
	dbconn_text_copy(db, 1, out->ref, sizeof(out->ref));
	out->link.id = out->id;
	out->link.version = (int)dbconn_int(db, 2);
	store_link_read(db, 19, &out->link);
	out->cancelled = !dbconn_is_null(db, 3);
	out->seats = dbconn_int(db, 4);
	out->name = alloc_text(dbconn_text(db, 5));
	out->email = alloc_text(dbconn_text(db, 6));
	out->locale = alloc_text(dbconn_text(db, 7));
	out->notes = alloc_text(dbconn_text(db, 8));
	out->created_at_s = dbconn_time_ms(db, 9) / 1000;
	out->revision = (int)dbconn_int(db, 11);
	out->sequence = (int)dbconn_int(db, 12);
	out->resends = (int)dbconn_int(db, 13);
	out->corrections = (int)dbconn_int(db, 14);
	out->cancelled_by = (enum cancelled_by)dbconn_int(db, 15);
	out->cancel_reason = alloc_text(dbconn_text(db, 16));
	out->changed_at_s = dbconn_time_ms(db, 17) / 1000;
	out->erased = !dbconn_is_null(db, 18);
	names_read(s, 21, &out->calendar);
	store_slot_read(db, 23, &out->slot);
	store_service_read(db, 23 + strlen(STORE_SLOT_COLUMNS),
			   &out->service);
}

int store_view_get(struct store *s, struct dbcall call,
		   struct booking_view *out, struct fault *why)
{
	memset(out, 0, sizeof(*out));
	int r = dbconn_get(s->db, call.query, call.values, why);

	if (r == 1)
		view_read(s, out);
	return r;
}

int store_booking_by_ref(struct store *s, const char *ref,
			 struct booking_view *out, struct fault *why)
{
	static const struct dbquery query = {
		STORE_VIEW_SELECT "WHERE b.ref = ?", STORE_VIEW_COLUMNS,
	};

	return store_view_get(s, DB_CALL(&query, DB_ASCII(ref)), out, why);
}

int store_booking_by_id(struct store *s, int64_t id, struct booking_view *out,
			struct fault *why)
{
	static const struct dbquery query = {
		STORE_VIEW_SELECT "WHERE b.id = ?", STORE_VIEW_COLUMNS,
	};

	return store_view_get(s, DB_CALL(&query, DB_INT(id)), out, why);
}

int store_booking_request(struct store *s, int64_t booking_id, char out[65],
			  struct fault *why)
{
	static const struct dbquery query = {
		"SELECT request_id FROM booking WHERE id = ?", "t",
	};

	out[0] = '\0';
	int r = dbconn_get(s->db, &query, DB_VALUES(DB_INT(booking_id)), why);

	if (r == 1)
		dbconn_text_copy(s->db, 0, out, 65);
	return r;
}
