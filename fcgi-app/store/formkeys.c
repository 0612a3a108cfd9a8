/* SPDX-License-Identifier: MIT */
/* Keys of forms on other sites, in MySQL. */
#include "config.h"

#include "store/formkeys.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "db/conn.h"
#include "http/origin.h"
#include "store/impl.h"

#include <string.h>

#define COLUMNS "id, form_key, name, origins, returns, trapped, " \
	"created_at, revoked_at IS NOT NULL"
#define COLUMN_TYPES "ittttidi"

static void formkey_read(const struct dbconn *db, struct formkey *out)
{
	*out = (struct formkey){
		.id = dbconn_int(db, 0),
		.name = alloc_text(dbconn_text(db, 2)),
		.origins = alloc_text(dbconn_text(db, 3)),
		.returns = alloc_text(dbconn_text(db, 4)),
		.trapped = dbconn_int(db, 5),
		.created_at_ms = dbconn_time_ms(db, 6),
		.revoked = dbconn_int(db, 7) != 0,
	};
	must(str_copy(out->key, sizeof(out->key), dbconn_text(db, 1)));
}

void formkey_release(struct formkey *k)
{
	free(k->name);
	free(k->origins);
	free(k->returns);
	*k = (struct formkey){ 0 };
}

int store_formkey(struct store *s, const char *key, struct formkey *out,
		  struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " COLUMNS " FROM form_key "
		"WHERE form_key = ? AND revoked_at IS NULL",
		COLUMN_TYPES,
	};
	const struct dbvalue value = DB_TEXT(key);

	*out = (struct formkey){ 0 };
	if (dbconn_run(s->db, &query, &value, 1, why) < 0)
		return -1;
	int r = dbconn_next(s->db, why);

	if (r == 1)
		formkey_read(s->db, out);
	return r;
}

int store_formkey_origin(struct store *s, const char *origin,
			 struct fault *why)
{
	static const struct dbquery query = {
		"SELECT origins FROM form_key WHERE revoked_at IS NULL", "t",
	};
	int found = 0;
	int r;

	if (dbconn_run(s->db, &query, NULL, 0, why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1)
		found |= origin_is_listed(dbconn_text(s->db, 0), origin);
	return r < 0 ? -1 : found;
}

int store_formkey_trapped(struct store *s, int64_t id, struct fault *why)
{
	static const struct dbquery query = {
		"UPDATE form_key SET trapped = trapped + 1 WHERE id = ?", NULL,
	};
	const struct dbvalue value = DB_INT(id);

	return dbconn_run(s->db, &query, &value, 1, why);
}

int store_formkey_add(struct store *s, const struct formkey *k,
		      struct fault *why)
{
	static const struct dbquery query = {
		"INSERT INTO form_key (form_key, name, origins, returns, "
		"created_at) VALUES (?, ?, ?, ?, ?)",
		NULL,
	};
	const struct dbvalue values[] = {
		DB_TEXT(k->key), DB_TEXT(k->name), DB_TEXT(k->origins),
		DB_TEXT(k->returns), DB_TIME_MS(wall_ms()),
	};

	return dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);
}

int store_formkey_revoke(struct store *s, const char *key, struct fault *why)
{
	static const struct dbquery query = {
		"UPDATE form_key SET revoked_at = ? "
		"WHERE form_key = ? AND revoked_at IS NULL",
		NULL,
	};
	const struct dbvalue values[] = { DB_TIME_MS(wall_ms()),
					  DB_TEXT(key) };

	if (dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why) < 0)
		return -1;
	return dbconn_affected(s->db) > 0;
}

int store_formkey_each(struct store *s,
		       void (*each)(void *arg, const struct formkey *k),
		       void *arg, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " COLUMNS " FROM form_key ORDER BY id", COLUMN_TYPES,
	};
	int r;

	if (dbconn_run(s->db, &query, NULL, 0, why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		struct formkey k;

		formkey_read(s->db, &k);
		each(arg, &k);
		formkey_release(&k);
	}
	return r;
}

int store_booked_before(struct store *s, int64_t slot_id, const char *email,
			char ref_out[STORE_REF_LEN + 1], int64_t *ended_out,
			struct fault *why)
{
	static const struct dbquery query = {
		"SELECT ref, cancelled_at IS NOT NULL FROM booking "
		"WHERE slot_id = ? AND email = ? ORDER BY id",
		"ti",
	};
	const struct dbvalue values[] = { DB_INT(slot_id), DB_TEXT(email) };
	int found = 0;
	int r;

	*ended_out = 0;
	if (dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		if (dbconn_int(s->db, 1) != 0) {
			*ended_out += 1;
			continue;
		}
		must(str_copy(ref_out, STORE_REF_LEN + 1,
			      dbconn_text(s->db, 0)));
		found = 1;
	}
	return r < 0 ? -1 : found;
}
