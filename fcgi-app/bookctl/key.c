/* SPDX-License-Identifier: MIT */
/* bookctl key: who may book from other sites, which programs get in. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/utext.h"
#include "domain/bearer.h"
#include "domain/model.h"
#include "http/origin.h"
#include "json/get.h"
#include "json/put.h"
#include "store/keys.h"

#include <json-c/json.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define NAME_MAX_COUNT 200	/* characters, as the column */

/* ---- of programs ------------------------------------------------------ */

static int api_add(struct ctl *ctl, const char *name, struct fault *why)
{
	struct apikey key = { .may_write = !cli_flag(ctl->call, "read-only") };
	char secret[BEARER_LEN + 1];
	int r;

	if (!bearer_is_name(name) ||
	    !str_copy(key.name, sizeof(key.name), name))
		return fault_set(why, FAULT_REJECT,
				 "--api %s: not a name of at most %d letters, "
				 "digits, dots, underscores and hyphens", name,
				 BEARER_NAME_MAX);
	bearer_draw(secret);
	must(bearer_hash(secret, key.hash));
	r = store_apikey_add(ctl->store, &key, &ctl->by, why);
	if (r == 0)
		r = fault_set(why, FAULT_REJECT,
			      "there is or was a key \"%s\": a name stands for "
			      "one key in the history, choose another", name);
	if (r > 0) {
		struct json_object *row = put_new();

		put_text(row, "kind", "api");
		put_text(row, "name", name);
		put_flag(row, "read_only", !key.may_write);
		r = ctl_tell_secret(ctl, row, "key", secret);
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	return r;
}

static void api_put(void *list, const struct apikey *key)
{
	struct json_object *row = put_row(list);
	char used[ZONE_ISO_SIZE];

	put_text(row, "kind", "api");
	put_text(row, "name", key->name);
	put_flag(row, "read_only", !key->may_write);
	put_int(row, "created_ms", key->created_at_ms);
	put_text(row, "used_on", ctl_day(key->used_on_ms, used));
	put_flag(row, "revoked", key->revoked);
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
	/* What does not match itself matches nothing. */
	return origin_may_return(text, text) && !strpbrk(text, "?#");
}

/* One that may be given several times. */
struct list_option {
	const char *name;
	bool (*is_good)(const char *text);
	const char *what;	/* is wanted */
};

static const struct list_option origin_option = {
	"origin", origin_is_exact, "an origin such as https://example.org",
};
static const struct list_option return_option = {
	"return", is_return, "the beginning of an address",
};

/* Lists what was given to an option, with blanks between.  0, or -1. */
static int list_read(const struct cli_call *call,
		     const struct list_option *option, struct buf *list,
		     struct fault *why)
{
	for (size_t i = 0; i < call->given_count; i++) {
		const char *text = call->given[i].text;

		if (strcmp(call->given[i].option, option->name) != 0)
			continue;
		if (!option->is_good(text))
			return fault_set(why, FAULT_REJECT, "--%s %s: not %s",
					 option->name, text, option->what);
		buf_addf(list, "%s%s", list->len > 0 ? " " : "", text);
	}
	return 0;
}

static int form_add(struct ctl *ctl, const struct wish *w, struct fault *why)
{
	struct formkey k = { .id = 0 };
	uint8_t random[FORMKEY_LEN / 2];
	int r;

	if (utext_has_invisible(w->name) ||
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
	r = store_formkey_add(ctl->store, &k, &ctl->by, why);
	if (r >= 0) {
		struct json_object *row = put_new();

		put_text(row, "kind", "form");
		put_text(row, "name", k.name);
		r = ctl_tell_secret(ctl, row, "key", k.key);
	}
	formkey_release(&k);
	return r;
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

	if (list_read(call, &origin_option, &w.origins, why) < 0 ||
	    list_read(call, &return_option, &w.returns, why) < 0)
		;
	else if (api && (name || w.origins.len > 0 || w.returns.len > 0))
		(void)fault_set(why, FAULT_REJECT,
				"--api is not for forms on other sites");
	else if (api)
		status = api_add(ctl, api, why);
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

static void form_put(void *list, const struct formkey *k)
{
	struct json_object *row = put_row(list);

	put_text(row, "kind", "form");
	put_text(row, "key", k->key);
	put_text(row, "name", k->name);
	put_text(row, "origins", k->origins);
	put_text(row, "returns", k->returns);
	put_int(row, "trapped", k->trapped);
	put_int(row, "created_ms", k->created_at_ms);
	put_flag(row, "revoked", k->revoked);
}

/* ---- of both ---------------------------------------------------------- */

static void print_key(struct json_object *row)
{
	bool is_form = strcmp(get_text(row, "kind"), "form") == 0;
	const char *used = get_text(row, "used_on");
	const char *returns = get_text(row, "returns");
	char day[ZONE_ISO_SIZE];

	printf("%-5s %s  %s  %-7s  ", get_text(row, "kind"),
	       get_text(row, is_form ? "key" : "name"),
	       ctl_day(get_int(row, "created_ms"), day),
	       get_flag(row, "revoked") ? "revoked" : "in use");
	if (!is_form) {
		printf("%s  used: %s\n",
		       get_flag(row, "read_only") ? "reads" :
						    "reads and writes",
		       *used ? used : "never");
		return;
	}
	printf("trapped=%s  %s\n\torigins: %s\n", ctl_text(row, "trapped"),
	       get_text(row, "name"), get_text(row, "origins"));
	if (*returns)
		printf("\treturns: %s\n", returns);
}

int ctl_key_list(struct ctl *ctl, struct fault *why)
{
	struct json_object *list = put_new_list();

	if (store_formkey_each(ctl->store, form_put, list, why) == 0 &&
	    store_apikey_each(ctl->store, api_put, list, why) == 0)
		return ctl_tell(ctl, list, print_key);
	json_object_put(list);
	return CLI_BY_FAULT;
}

int ctl_key_revoke(struct ctl *ctl, struct fault *why)
{
	const char *api = cli_text(ctl->call, "api");
	const char *form = cli_text(ctl->call, "form");
	const char *word = ctl->call->words[0];
	const char *name = api ? api : form ? form : word;
	struct json_object *answer;
	int r;

	if (!api + !form + !word != 2)
		return EX_USAGE;
	r = (api ? store_apikey_revoke : store_formkey_revoke)(
		ctl->store, name, &ctl->by, why);
	if (r == 0)
		return fault_set(why, FAULT_REJECT,
				 "there is no key \"%s\" in use", name);
	if (r < 0)
		return CLI_BY_FAULT;
	answer = put_new();
	put_text(answer, api ? "name" : "key", name);
	put_flag(answer, "revoked", true);
	return ctl_tell(ctl, answer, NULL);
}
