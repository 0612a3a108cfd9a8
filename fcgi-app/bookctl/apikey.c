/* SPDX-License-Identifier: MIT */
/* bookctl key, its part for programs: keys of the admin interface. */
#include "config.h"

#include "bookctl/key.h"

#include "base/str.h"
#include "bookctl/bookctl.h"
#include "domain/bearer.h"
#include "domain/model.h"
#include "json/put.h"
#include "store/keys.h"

#include <json-c/json.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* Prints what is shown this once. */
static int key_print(const struct apikey *key, const char *secret, bool json,
		     struct fault *why)
{
	struct json_object *row;

	if (!json)
		return puts(secret) == EOF ? EX_IOERR : EX_OK;
	row = json_object_new_object();
	must(row != NULL);
	put_text(row, "kind", "api");
	put_text(row, "name", key->name);
	put_text(row, "key", secret);
	put_flag(row, "read_only", !key->may_write);
	return ctl_print_json(row, why);
}

int ctl_apikey_add(struct ctl *ctl, const char *name, bool read_only,
		   bool json, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	struct apikey key = { .may_write = !read_only };
	char secret[BEARER_LEN + 1];
	uint8_t hash[BEARER_HASH_BYTES];
	int status;

	if (!bearer_is_name(name) ||
	    !str_copy(key.name, sizeof(key.name), name)) {
		(void)fault_set(why, FAULT_REJECT,
				"--api %s: not a name of at most %d letters, "
				"digits, dots, underscores and hyphens", name,
				BEARER_NAME_MAX);
		return ctl_status(why);
	}
	bearer_draw(secret);
	must(bearer_hash(secret, hash));

	int r = store_apikey_add(ctl->store, &key, hash, &by, why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT,
			      "there is or was a key \"%s\": a name stands for "
			      "one key in the history, choose another", name);
	status = r < 0 ? ctl_status(why) : key_print(&key, secret, json, why);
	OPENSSL_cleanse(secret, sizeof(secret));
	return status;
}

static void line_put(void *arg, const struct apikey *key)
{
	char created[CTL_DAY_SIZE];
	char used[CTL_DAY_SIZE];

	(void)arg;
	ctl_day(key->created_at_ms, created);
	ctl_day(key->used_on_ms, used);
	printf("api   %s  %s  %-7s  %s  used: %s\n", key->name, created,
	       key->revoked ? "revoked" : "in use",
	       key->may_write ? "reads and writes" : "reads",
	       key->used_on_ms > 0 ? used : "never");
}

static void row_put(void *arg, const struct apikey *key)
{
	struct json_object *row = put_row(arg);
	char used[CTL_DAY_SIZE] = "";

	if (key->used_on_ms > 0)
		ctl_day(key->used_on_ms, used);
	put_text(row, "kind", "api");
	put_text(row, "name", key->name);
	put_flag(row, "read_only", !key->may_write);
	put_int(row, "created_ms", key->created_at_ms);
	put_text(row, "used_on", used);
	put_flag(row, "revoked", key->revoked);
}

int ctl_apikey_list(struct ctl *ctl, struct json_object *list,
		    struct fault *why)
{
	return store_apikey_each(ctl->store, list ? row_put : line_put, list,
				 why);
}

int ctl_apikey_revoke(struct ctl *ctl, const char *name, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };

	return store_apikey_revoke(ctl->store, name, &by, why);
}
