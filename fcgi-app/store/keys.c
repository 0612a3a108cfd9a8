/* SPDX-License-Identifier: MIT */
/* Keys of the admin interface, and keys of forms on other sites. */
#include "config.h"

#include "store/keys.h"

#include "base/alloc.h"
#include "base/ticks.h"
#include "http/origin.h"
#include "store/impl.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS "id, name, may_write, revoked_at IS NOT NULL, created_at, " \
	"used_on"
#define COLUMN_TYPES "itiidd"

static void apikey_read(const struct dbconn *db, struct apikey *out)
{
	*out = (struct apikey){
		.id = dbconn_int(db, 0),
		.may_write = dbconn_int(db, 2) != 0,
		.revoked = dbconn_int(db, 3) != 0,
		.created_at_ms = dbconn_time_ms(db, 4),
		.used_on_ms = dbconn_time_ms(db, 5),
	};
	dbconn_text_copy(db, 1, out->name, sizeof(out->name));
}

int store_apikey(struct store *s, const uint8_t hash[BEARER_HASH_BYTES],
		 struct apikey *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " COLUMNS " FROM api_key "
		"WHERE key_hash = ? AND revoked_at IS NULL",
		COLUMN_TYPES,
	};
	static const struct dbquery note = DB_CHANGE(
		"UPDATE api_key SET used_on = ? WHERE id = ?");

	*out = (struct apikey){ 0 };
	int r = dbconn_get(s->db, &query,
			   DB_VALUES(DB_BYTES(hash, BEARER_HASH_BYTES)), why);

	if (r != 1)
		return r;
	apikey_read(s->db, out);

	const struct last_use last = { out->id, out->used_on_ms };

	return store_use_note(s, &note, &last, why) < 0 ? -1 : 1;
}

/* ---- what operators do -------------------------------------------------- */

int store_apikey_add(struct store *s, const struct apikey *key,
		     const struct store_actor *by, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO api_key (name, key_hash, may_write, created_at) "
		"VALUES (?, ?, ?, ?)");
	const struct dbvalue values[] = {
		DB_TEXT(key->name),
		DB_BYTES(key->hash, sizeof(key->hash)),
		DB_INT(key->may_write),
		DB_TIME_MS(wall_ms()),
	};
	static const struct dbquery proof = {
		"SELECT 1 FROM api_key WHERE key_hash = ?", "i",
	};
	const struct audited c = {
		&query, DB_ARRAY(values),
		{ by, "key_added", key->name,
		  key->may_write ? "" : "read-only" },
		&proof, DB_VALUES(DB_BYTES(key->hash, sizeof(key->hash))),
	};

	return store_audited(s, &c, why);
}

int store_apikey_revoke(struct store *s, const char *name,
			const struct store_actor *by, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE api_key SET revoked_at = ? "
		"WHERE name = ? AND revoked_at IS NULL");
	const struct audited c = {
		.query = &query,
		.values = DB_VALUES(DB_TIME_MS(wall_ms()), DB_ASCII(name)),
		.entry = { by, "key_revoked", name, "" },
	};

	return store_audited(s, &c, why);
}

int store_apikey_each(struct store *s,
		      void (*each)(void *arg, const struct apikey *key),
		      void *arg, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " COLUMNS " FROM api_key ORDER BY id", COLUMN_TYPES,
	};
	int r;

	if (dbconn_run(s->db, &query, DB_NO_VALUES, why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		struct apikey key;

		apikey_read(s->db, &key);
		each(arg, &key);
	}
	return r;
}

/* ---- forms on other sites ------------------------------------------------ */

#define FORM_COLUMNS "id, form_key, name, origins, returns, trapped, " \
	"created_at, revoked_at IS NOT NULL"
#define FORM_COLUMN_TYPES "ittttidi"

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
	dbconn_text_copy(db, 1, out->key, sizeof(out->key));
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
		"SELECT " FORM_COLUMNS " FROM form_key "
		"WHERE form_key = ? AND revoked_at IS NULL",
		FORM_COLUMN_TYPES,
	};

	*out = (struct formkey){ 0 };
	int r = dbconn_get(s->db, &query, DB_VALUES(DB_ASCII(key)), why);

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

	if (dbconn_run(s->db, &query, DB_NO_VALUES, why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1)
		found |= origin_is_listed(dbconn_text(s->db, 0), origin);
	return r < 0 ? -1 : found;
}

int store_formkey_trapped(struct store *s, int64_t id, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE form_key SET trapped = trapped + 1 WHERE id = ?");

	return dbconn_run(s->db, &query, DB_VALUES(DB_INT(id)), why);
}

int store_formkey_add(struct store *s, const struct formkey *k,
		      const struct store_actor *by, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"INSERT INTO form_key (form_key, name, origins, returns, "
		"created_at) VALUES (?, ?, ?, ?, ?)");
	const struct dbvalue values[] = {
		DB_TEXT(k->key), DB_TEXT(k->name), DB_TEXT(k->origins),
		DB_TEXT(k->returns), DB_TIME_MS(wall_ms()),
	};
	const struct audited c = {
		.query = &query, .values = DB_ARRAY(values),
		.entry = { by, "key_added", k->key, k->name },
	};

	return store_audited(s, &c, why);
}

int store_formkey_revoke(struct store *s, const char *key,
			 const struct store_actor *by, struct fault *why)
{
	static const struct dbquery query = DB_CHANGE(
		"UPDATE form_key SET revoked_at = ? "
		"WHERE form_key = ? AND revoked_at IS NULL");
	const struct audited c = {
		.query = &query,
		.values = DB_VALUES(DB_TIME_MS(wall_ms()), DB_ASCII(key)),
		.entry = { by, "key_revoked", key, "" },
	};

	return store_audited(s, &c, why);
}

int store_formkey_each(struct store *s,
		       void (*each)(void *arg, const struct formkey *k),
		       void *arg, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " FORM_COLUMNS " FROM form_key ORDER BY id",
		FORM_COLUMN_TYPES,
	};
	int r;

	if (dbconn_run(s->db, &query, DB_NO_VALUES, why) < 0)
		return -1;
	while ((r = dbconn_next(s->db, why)) == 1) {
		struct formkey k;

		formkey_read(s->db, &k);
		each(arg, &k);
		formkey_release(&k);
	}
	return r;
}
