/* SPDX-License-Identifier: MIT */
/* bookctl key: who may book from other sites, and which programs may in. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "domain/bearer.h"
#include "domain/model.h"
#include "http/origin.h"
#include "json/put.h"
#include "store/keys.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define DAY_SIZE 16
#define NAME_MAX_COUNT 200	/* characters, as the column */

/* The day of an instant in UTC, "2025-12-03". */
static void day_write(int64_t at_ms, char out[DAY_SIZE])
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm utc;

	if (gmtime_r(&at, &utc) == NULL ||
	    strftime(out, DAY_SIZE, "%Y-%m-%d", &utc) == 0)
		out[0] = '\0';
}

/* ---- of programs ------------------------------------------------------ */

/* Prints what is shown this once. */
static int api_print(const struct apikey *key, const char *secret, bool json,
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

static int api_add(struct ctl *ctl, const char *name, bool read_only,
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
	status = r < 0 ? ctl_status(why) : api_print(&key, secret, json, why);
	OPENSSL_cleanse(secret, sizeof(secret));
	return status;
}

static void api_line_put(void *arg, const struct apikey *key)
{
	char created[DAY_SIZE];
	char used[DAY_SIZE];

	(void)arg;
	day_write(key->created_at_ms, created);
	day_write(key->used_on_ms, used);
	printf("api   %s  %s  %-7s  %s  used: %s\n", key->name, created,
	       key->revoked ? "revoked" : "in use",
	       key->may_write ? "reads and writes" : "reads",
	       key->used_on_ms > 0 ? used : "never");
}

static void api_row_put(void *arg, const struct apikey *key)
{
	struct json_object *row = put_row(arg);
	char used[DAY_SIZE] = "";

	if (key->used_on_ms > 0)
		day_write(key->used_on_ms, used);
	put_text(row, "kind", "api");
	put_text(row, "name", key->name);
	put_flag(row, "read_only", !key->may_write);
	put_int(row, "created_ms", key->created_at_ms);
	put_text(row, "used_on", used);
	put_flag(row, "revoked", key->revoked);
}

static int api_list(struct ctl *ctl, struct json_object *list,
		    struct fault *why)
{
	return store_apikey_each(ctl->store, list ? api_row_put : api_line_put, list,
				 why);
}

static int api_revoke(struct ctl *ctl, const char *name, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };

	return store_apikey_revoke(ctl->store, name, &by, why);
}

/* ---- of forms --------------------------------------------------------- */

/* A form's key as it is asked for. */
struct wish {
	const char *name;	/* whose form it is */
	struct buf origins;
	struct buf returns;
};

static bool is_return(const char *text)
{
	/* What would not allow itself allows nothing. */
	return origin_may_return(text, text) && !strpbrk(text, "?#");
}

/* Lists what was given to an option, with blanks between.  0, or -1. */
static int list_read(const struct cli_call *call, const char *option,
		     bool (*is_good)(const char *text), struct buf *list,
		     struct fault *why)
{
	for (size_t i = 0; i < call->given_count; i++) {
		const char *text = call->given[i].text;

		if (strcmp(call->given[i].option, option) != 0)
			continue;
		if (!is_good(text))
			return fault_set(why, FAULT_REJECT,
					 "--%s %s: not %s", option, text,
					 is_good == is_return ?
					 "the beginning of an address" :
					 "an origin such as "
					 "https://example.org");
		buf_addf(list, "%s%s", list->len > 0 ? " " : "", text);
	}
	return 0;
}

static int form_print(const struct formkey *k, bool json, struct fault *why)
{
	struct json_object *row;

	if (!json)
		return puts(k->key) == EOF ? EX_IOERR : EX_OK;
	row = json_object_new_object();
	must(row != NULL);
	put_text(row, "kind", "form");
	put_text(row, "name", k->name);
	put_text(row, "key", k->key);
	return ctl_print_json(row, why);
}

static int form_add(struct ctl *ctl, const struct wish *w, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	struct formkey k = { .id = 0 };
	uint8_t random[FORMKEY_LEN / 2];
	int status;

	if (!str_is_utf8(w->name, strlen(w->name)) ||
	    str_has_control(w->name) ||
	    str_utf8_count(w->name, strlen(w->name)) > NAME_MAX_COUNT ||
	    w->origins.len > FORMKEY_ORIGINS_MAX ||
	    w->returns.len > FORMKEY_RETURNS_MAX) {
		(void)fault_set(why, FAULT_REJECT,
				"a name or a list is too long, or no text");
		return EX_USAGE;
	}
	must(RAND_bytes(random, sizeof(random)) == 1);
	str_hex(k.key, random, sizeof(random));
	k.name = alloc_text(w->name);
	k.origins = alloc_text(w->origins.data);
	k.returns = alloc_text(w->returns.data);
	/* That there is such a key means that we have written it: a COMMIT
	 * without an answer was tried again. */
	if (store_formkey_add(ctl->store, &k, &by, why) < 0)
		status = ctl_status(why);
	else
		status = form_print(&k, cli_flag(ctl->call, "json"), why);
	formkey_release(&k);
	return status;
}

int ctl_key_add(struct ctl *ctl, struct fault *why)
{
	const struct cli_call *call = ctl->call;
	const char *api = cli_text(call, "api");
	const char *form = cli_text(call, "form");
	const char *name = form ? form : cli_text(call, "name");
	bool read_only = cli_flag(call, "read-only");
	struct wish w = { name ? name : "", BUF_INIT, BUF_INIT };
	int status = EX_USAGE;

	if (list_read(call, "origin", origin_is_exact, &w.origins, why) < 0 ||
	    list_read(call, "return", is_return, &w.returns, why) < 0)
		;
	else if (api && (name || w.origins.len > 0 || w.returns.len > 0))
		(void)fault_set(why, FAULT_REJECT,
				"--api is not for forms on other sites");
	else if (api)
		status = api_add(ctl, api, read_only,
					cli_flag(call, "json"), why);
	else if (read_only)
		(void)fault_set(why, FAULT_REJECT,
				"--read-only is only for --api");
	else if (w.origins.len == 0)
		(void)fault_set(why, FAULT_REJECT,
				"--api, or --form with --origin is wanted");
	else
		status = form_add(ctl, &w, why);
	buf_release(&w.origins);
	buf_release(&w.returns);
	return status;
}

static void form_line_put(void *arg, const struct formkey *k)
{
	char day[DAY_SIZE];

	(void)arg;
	day_write(k->created_at_ms, day);
	printf("form  %s  %s  %-7s  trapped=%" PRId64 "  %s\n", k->key, day,
	       k->revoked ? "revoked" : "in use", k->trapped, k->name);
	printf("\torigins: %s\n", k->origins);
	if (*k->returns != '\0')
		printf("\treturns: %s\n", k->returns);
}

static void form_row_put(void *arg, const struct formkey *k)
{
	struct json_object *row = put_row(arg);

	put_text(row, "kind", "form");
	put_text(row, "key", k->key);
	put_text(row, "name", k->name);
	put_text(row, "origins", k->origins);
	put_text(row, "returns", k->returns);
	put_int(row, "trapped", k->trapped);
	put_int(row, "created_ms", k->created_at_ms);
	put_flag(row, "revoked", k->revoked);
}

int ctl_key_list(struct ctl *ctl, struct fault *why)
{
	struct json_object *list = NULL;

	if (cli_flag(ctl->call, "json"))
		list = json_object_new_array();
	if (store_formkey_each(ctl->store, list ? form_row_put : form_line_put, list,
			       why) < 0 ||
	    api_list(ctl, list, why) < 0) {
		json_object_put(list);
		return ctl_status(why);
	}
	return list ? ctl_print_json(list, why) : EX_OK;
}

static int form_revoke(struct ctl *ctl, const char *key, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };

	return store_formkey_revoke(ctl->store, key, &by, why);
}

int ctl_key_revoke(struct ctl *ctl, struct fault *why)
{
	const char *api = cli_text(ctl->call, "api");
	const char *form = cli_text(ctl->call, "form");
	const char *word = ctl->call->words[0];
	struct json_object *answer;

	if (!api + !form + !word != 2)
		return EX_USAGE;
	if (word)
		form = word;

	int r = form ? form_revoke(ctl, form, why) :
		       api_revoke(ctl, api, why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT,
			      "there is no key \"%s\" in use",
			      form ? form : api);
	if (r < 0)
		return ctl_status(why);
	if (!cli_flag(ctl->call, "json"))
		return EX_OK;
	answer = json_object_new_object();
	must(answer != NULL);
	put_text(answer, form ? "key" : "name", form ? form : api);
	put_flag(answer, "revoked", true);
	return ctl_print_json(answer, why);
}
