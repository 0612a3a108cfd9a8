/* SPDX-License-Identifier: MIT */
/* bookctl key: who may book from other sites, and which programs may in. */
#include "config.h"

#include "bookctl/key.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "bookctl/bookctl.h"
#include "http/origin.h"
#include "json/put.h"
#include "store/audit.h"
#include "store/keys.h"

#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define NAME_MAX_COUNT 200	/* characters, as the column */

static void word_add(struct buf *list, const char *word)
{
	if (list->len > 0)
		buf_addch(list, ' ');
	buf_addstr(list, word);
}

/* What the words behind "add" say. */
struct wish {
	const char *api;	/* name of a key of the admin interface, or NULL */
	const char *name;	/* whose form it is */
	struct buf origins;
	struct buf returns;
	bool read_only;
	bool form;
	bool json;
};

static int origin_add(struct wish *w, const char *text, struct fault *why)
{
	if (!origin_is_exact(text))
		return fault_set(why, FAULT_REJECT,
				 "--origin %s: not an origin such as "
				 "https://example.org", text);
	word_add(&w->origins, text);
	return 0;
}

static int return_add(struct wish *w, const char *text, struct fault *why)
{
	/* What would not allow itself allows nothing. */
	if (!origin_may_return(text, text) || strpbrk(text, "?#") != NULL)
		return fault_set(why, FAULT_REJECT,
				 "--return %s: not the beginning of an address",
				 text);
	word_add(&w->returns, text);
	return 0;
}

static int option_read(struct wish *w, int option, struct fault *why)
{
	switch (option) {
	case 'a':
		w->api = optarg;
		return 0;
	case 'w':
		w->read_only = true;
		return 0;
	case 'j':
		w->json = true;
		return 0;
	case 'n':
		w->name = optarg;
		break;
	case 'o':
		if (origin_add(w, optarg, why) < 0)
			return -1;
		break;
	case 'r':
		if (return_add(w, optarg, why) < 0)
			return -1;
		break;
	default:
		return fault_set(why, FAULT_REJECT, "what is wanted is below");
	}
	w->form = true;
	return 0;
}

/* Reads the options of "add".  0, or -1. */
static int add_read(int argc, char **argv, struct wish *w, struct fault *why)
{
	static const struct option options[] = {
		{ "api", required_argument, NULL, 'a' },
		{ "read-only", no_argument, NULL, 'w' },
		{ "form", required_argument, NULL, 'n' },
		{ "name", required_argument, NULL, 'n' },
		{ "origin", required_argument, NULL, 'o' },
		{ "return", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	int found;

	while ((found = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option_read(w, found, why) < 0)
			return -1;
	if (optind < argc)
		return fault_set(why, FAULT_REJECT, "unexpected \"%s\"",
				 argv[optind]);
	if (w->api && w->form)
		return fault_set(why, FAULT_REJECT,
				 "--api is not for forms on other sites");
	if (!w->api && w->read_only)
		return fault_set(why, FAULT_REJECT,
				 "--read-only is only for --api");
	if (!w->api && w->origins.len == 0)
		return fault_set(why, FAULT_REJECT,
				 "--api, or --form with --origin is wanted");
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
	if (store_formkey_add(ctl->store, &k, why) < 0 ||
	    store_audit_add(ctl->store, &by, "key_added", k.key, k.name,
			    why) < 0)
		status = ctl_status(why);
	else
		status = form_print(&k, w->json, why);
	formkey_release(&k);
	return status;
}

static int key_add(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	struct wish w = { .name = "", .origins = BUF_INIT,
			  .returns = BUF_INIT };
	int status = EX_USAGE;

	if (add_read(argc, argv, &w, why) == 0)
		status = w.api ? ctl_apikey_add(ctl, w.api, w.read_only,
						w.json, why) :
				 form_add(ctl, &w, why);
	buf_release(&w.origins);
	buf_release(&w.returns);
	return status;
}

void ctl_day(int64_t at_ms, char out[CTL_DAY_SIZE])
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm utc;

	if (gmtime_r(&at, &utc) == NULL ||
	    strftime(out, CTL_DAY_SIZE, "%Y-%m-%d", &utc) == 0)
		out[0] = '\0';
}

static void line_put(void *arg, const struct formkey *k)
{
	char day[CTL_DAY_SIZE];

	(void)arg;
	ctl_day(k->created_at_ms, day);
	printf("form  %s  %s  %-7s  trapped=%" PRId64 "  %s\n", k->key, day,
	       k->revoked ? "revoked" : "in use", k->trapped, k->name);
	printf("\torigins: %s\n", k->origins);
	if (*k->returns != '\0')
		printf("\treturns: %s\n", k->returns);
}

static void row_put(void *arg, const struct formkey *k)
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

static int key_list(struct ctl *ctl, int argc, char **argv,
		    struct fault *why)
{
	static const char *const names[] = { "-json" };
	const char *texts[] = { NULL };
	struct json_object *list = NULL;

	if (ctl_options(argc, argv, names, ARRAY_COUNT(names), texts, why))
		return EX_USAGE;
	if (texts[0])
		list = json_object_new_array();
	if (store_formkey_each(ctl->store, list ? row_put : line_put, list,
			       why) < 0 ||
	    ctl_apikey_list(ctl, list, why) < 0) {
		json_object_put(list);
		return ctl_status(why);
	}
	return list ? ctl_print_json(list, why) : EX_OK;
}

static int form_revoke(struct ctl *ctl, const char *key, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	int r = store_formkey_revoke(ctl->store, key, why);

	if (r == 1 && store_audit_add(ctl->store, &by, "key_revoked", key, "",
				      why) < 0)
		return -1;
	return r;
}

static int key_revoke(struct ctl *ctl, int argc, char **argv,
		      struct fault *why)
{
	enum { API, FORM, JSON, KEY, COUNT };
	static const char *const names[COUNT] = { "api", "form", "-json", "" };
	const char *texts[COUNT] = { NULL };
	struct json_object *answer;

	if (ctl_options(argc, argv, names, COUNT, texts, why) ||
	    !texts[API] + !texts[FORM] + !texts[KEY] != 2)
		return EX_USAGE;

	const char *form = texts[FORM] ? texts[FORM] : texts[KEY];
	int r = form ? form_revoke(ctl, form, why) :
		       ctl_apikey_revoke(ctl, texts[API], why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT,
			      "there is no key \"%s\" in use",
			      form ? form : texts[API]);
	if (r < 0)
		return ctl_status(why);
	if (!texts[JSON])
		return EX_OK;
	answer = json_object_new_object();
	must(answer != NULL);
	put_text(answer, form ? "key" : "name", form ? form : texts[API]);
	put_flag(answer, "revoked", true);
	return ctl_print_json(answer, why);
}

int ctl_key(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	static const struct {
		const char *verb;
		ctl_run *run;
	} verbs[] = {
		{ "add", key_add },
		{ "list", key_list },
		{ "revoke", key_revoke },
	};

	for (size_t i = 0; argc > 1 && i < ARRAY_COUNT(verbs); i++)
		if (strcmp(argv[1], verbs[i].verb) == 0)
			return verbs[i].run(ctl, argc - 1, argv + 1, why);
	return EX_USAGE;
}
