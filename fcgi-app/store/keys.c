/* SPDX-License-Identifier: MIT */
/* Keys of the admin interface, and keys of forms on other sites. */
#include "config.h"

#include "store/keys.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "db/conn.h"
#include "http/origin.h"
#include "store/audit.h"
#include "store/impl.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
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
	must(str_copy(out->name, sizeof(out->name), dbconn_text(db, 1)));
}

/* A day is enough to see which keys nobody needs any more, and one write a day
 * costs nothing. */
static int use_note(struct store *s, const struct apikey *key,
		    struct fault *why)
{
	static const struct dbquery query = {
		"UPDATE api_key SET used_on = ? WHERE id = ?", NULL,
	};
	int64_t now_ms = wall_ms();
	const struct dbvalue values[] = {
		DB_TIME_MS(now_ms - now_ms % DAY_MS), DB_INT(key->id),
	};

	if (key->used_on_ms == now_ms - now_ms % DAY_MS)
		return 0;
	return dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why);
}

int store_apikey(struct store *s, const uint8_t hash[BEARER_HASH_BYTES],
		 struct apikey *out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " COLUMNS " FROM api_key "
		"WHERE key_hash = ? AND revoked_at IS NULL",
		COLUMN_TYPES,
	};
	const struct dbvalue value = DB_BYTES(hash, BEARER_HASH_BYTES);

	*out = (struct apikey){ 0 };
	if (dbconn_run(s->db, &query, &value, 1, why) < 0)
		return -1;

	int r = dbconn_next(s->db, why);

	if (r != 1)
		return r;
	apikey_read(s->db, out);
	return use_note(s, out, why) < 0 ? -1 : 1;
}

/* ---- what operators do ----------------------------------------------------- */

struct apikey_change {
	const char *name;
	bool may_write;
	const uint8_t *hash;
	const struct store_actor *by;
};

static int add_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = {
		"INSERT INTO api_key (name, key_hash, may_write, created_at) "
		"VALUES (?, ?, ?, ?)",
		NULL,
	};
	const struct apikey_change *c = arg;
	const struct dbvalue values[] = {
		DB_TEXT(c->name),
		DB_BYTES(c->hash, BEARER_HASH_BYTES),
		DB_INT(c->may_write),
		DB_TIME_MS(wall_ms()),
	};

	if (dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why) < 0)
		return dbconn_error(s->db) == DBCONN_DUPLICATE ?
			STORE_MEANWHILE : -1;
	return store_audit_add(s, c->by, "key_added", c->name,
			       c->may_write ? "" : "read-only", why) < 0 ?
		-1 : STORE_CHANGED;
}

static int revoke_body(struct store *s, void *arg, struct fault *why)
{
	static const struct dbquery query = {
		"UPDATE api_key SET revoked_at = ? "
		"WHERE name = ? AND revoked_at IS NULL",
		NULL,
	};
	const struct apikey_change *c = arg;
	const struct dbvalue values[] = { DB_TIME_MS(wall_ms()),
					  DB_TEXT(c->name) };

	if (dbconn_run(s->db, &query, values, ARRAY_COUNT(values), why) < 0)
		return -1;
	if (dbconn_affected(s->db) == 0)
		return STORE_MEANWHILE;
	return store_audit_add(s, c->by, "key_revoked", c->name, "", why) < 0 ?
		-1 : STORE_CHANGED;
}

static int change(struct store *s,
		  int (*body)(struct store *s, void *arg, struct fault *why),
		  struct apikey_change *c, struct fault *why)
{
	int r = store_transaction(s, body, c, why);

	return r < 0 ? -1 : r == STORE_CHANGED;
}

int store_apikey_add(struct store *s, const struct apikey *key,
		     const uint8_t hash[BEARER_HASH_BYTES],
		     const struct store_actor *by, struct fault *why)
{
	struct apikey_change c = { key->name, key->may_write, hash, by };

	return change(s, add_body, &c, why);
}

int store_apikey_revoke(struct store *s, const char *name,
			const struct store_actor *by, struct fault *why)
{
	struct apikey_change c = { .name = name, .by = by };

	return change(s, revoke_body, &c, why);
}

int store_apikey_each(struct store *s,
		      void (*each)(void *arg, const struct apikey *key),
		      void *arg, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT " COLUMNS " FROM api_key ORDER BY id", COLUMN_TYPES,
	};
	int r;

	if (dbconn_run(s->db, &query, NULL, 0, why) < 0)
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
		"SELECT " FORM_COLUMNS " FROM form_key "
		"WHERE form_key = ? AND revoked_at IS NULL",
		FORM_COLUMN_TYPES,
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
		"SELECT " FORM_COLUMNS " FROM form_key ORDER BY id", FORM_COLUMN_TYPES,
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
