/* SPDX-License-Identifier: MIT */
/* bookctl key: which other sites' forms may book. */
#include "config.h"

#include "ctl.h"

#include "alloc.h"
#include "buf.h"
#include "origin.h"
#include "put.h"
#include "store_formkey.h"
#include "str.h"

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

/* Reads the options of "add" into name and the two lists.  0, or -1. */
static int add_read(int argc, char **argv, const char **name_out,
		    struct buf *origins, struct buf *returns,
		    struct fault *why)
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "origin", required_argument, NULL, 'o' },
		{ "return", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int found;

	while ((found = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (found) {
		case 'n':
			*name_out = optarg;
			break;
		case 'o':
			if (!origin_is_exact(optarg))
				return fault_set(why, FAULT_REJECT,
						 "--origin %s: not an origin "
						 "such as https://example.org",
						 optarg);
			word_add(origins, optarg);
			break;
		case 'r':
			/* What would not allow itself allows nothing. */
			if (!origin_may_return(optarg, optarg) ||
			    strpbrk(optarg, "?#") != NULL)
				return fault_set(why, FAULT_REJECT,
						 "--return %s: not the "
						 "beginning of an address",
						 optarg);
			word_add(returns, optarg);
			break;
		default:
			return fault_set(why, FAULT_REJECT,
					 "what is wanted is below");
		}
	}
	return optind == argc ? 0 :
		fault_set(why, FAULT_REJECT, "unexpected \"%s\"",
			  argv[optind]);
}

static int key_add(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	struct buf origins = BUF_INIT;
	struct buf returns = BUF_INIT;
	const char *name = "";
	struct formkey k = { .id = 0 };
	uint8_t random[FORMKEY_LEN / 2];
	int status = EX_USAGE;

	if (add_read(argc, argv, &name, &origins, &returns, why) < 0)
		goto out;
	if (origins.len == 0) {
		(void)fault_set(why, FAULT_REJECT, "--origin is wanted");
		goto out;
	}
	if (!str_is_utf8(name, strlen(name)) || str_has_control(name) ||
	    str_utf8_count(name, strlen(name)) > NAME_MAX_COUNT ||
	    origins.len > FORMKEY_ORIGINS_MAX ||
	    returns.len > FORMKEY_RETURNS_MAX) {
		(void)fault_set(why, FAULT_REJECT,
				"a name or a list is too long, or no text");
		goto out;
	}
	must(RAND_bytes(random, sizeof(random)) == 1);
	str_hex(k.key, random, sizeof(random));
	k.name = alloc_text(name);
	k.origins = alloc_text(origins.data);
	k.returns = alloc_text(returns.data);
	if (store_formkey_add(ctl->store, &k, why) < 0) {
		status = ctl_status(why);
	} else {
		puts(k.key);
		status = EX_OK;
	}
out:
	formkey_release(&k);
	buf_release(&origins);
	buf_release(&returns);
	return status;
}

static void day_of(int64_t at_ms, char out[16])
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm utc;

	if (gmtime_r(&at, &utc) == NULL ||
	    strftime(out, 16, "%Y-%m-%d", &utc) == 0)
		out[0] = '\0';
}

static void line_put(void *arg, const struct formkey *k)
{
	char day[16];

	(void)arg;
	day_of(k->created_at_ms, day);
	printf("%s  %s  %-7s  trapped=%" PRId64 "  %s\n", k->key, day,
	       k->revoked ? "revoked" : "in use", k->trapped, k->name);
	printf("\torigins: %s\n", k->origins);
	if (*k->returns != '\0')
		printf("\treturns: %s\n", k->returns);
}

static void row_put(void *arg, const struct formkey *k)
{
	struct json_object *row = put_row(arg);

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
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
	struct json_object *list = NULL;

	if (argc > 2 || (argc == 2 && !json))
		return EX_USAGE;
	if (json)
		list = json_object_new_array();
	int r = store_formkey_each(ctl->store, json ? row_put : line_put,
				   list, why);

	if (r == 0 && json)
		puts(json_object_to_json_string_ext(
			list, JSON_C_TO_STRING_PLAIN |
			JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(list);
	return r < 0 ? ctl_status(why) : EX_OK;
}

static int key_revoke(struct ctl *ctl, int argc, char **argv,
		      struct fault *why)
{
	if (argc != 2)
		return EX_USAGE;
	int r = store_formkey_revoke(ctl->store, argv[1], why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT,
			      "there is no key \"%s\" in use", argv[1]);
	return r < 0 ? ctl_status(why) : EX_OK;
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
