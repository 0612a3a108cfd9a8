/* SPDX-License-Identifier: MIT */
/* bookctl feed: calendars that organisers subscribe to. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/feed.h"
#include "domain/model.h"
#include "domain/zone.h"
#include "json/put.h"

#include <json-c/json.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* Prints the address, which is shown this once. */
static int address_print(const struct ctl *ctl, const struct feed_order *o,
			 struct fault *why)
{
	char *address = feed_address(ctl->conf.base_url, o->token);
	struct json_object *row;
	int status;

	if (!cli_flag(ctl->call, "json")) {
		status = puts(address) == EOF ? EX_IOERR : EX_OK;
	} else {
		row = json_object_new_object();
		must(row != NULL);
		put_text(row, "name", o->name);
		put_text(row, "address", address);
		status = ctl_print_json(row, why);
	}
	explicit_bzero(address, strlen(address));
	free(address);
	return status;
}

int ctl_feed_add(struct ctl *ctl, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	const char *service = cli_text(ctl->call, "service");
	struct feed_order order = {
		.store = ctl->store,
		.by = &by,
		.typed = ctl->call->words[0],
		.service = service ? service : "",
		.names = cli_flag(ctl->call, "names"),
	};
	int r = feed_make(&order, why);
	int status;

	if (r == 0)
		r = ctl_refuse(ctl, NULL, 0, &order.wrong, why);
	status = r < 0 ? ctl_status(why) : address_print(ctl, &order, why);
	OPENSSL_cleanse(&order, sizeof(order));
	return status;
}

static void feed_put(struct json_object *list, const struct feed *f)
{
	struct json_object *row = put_row(list);
	char used[ZONE_ISO_SIZE];

	zone_iso("UTC", f->used_on_ms, used);
	used[strcspn(used, "T")] = '\0';
	put_text(row, "name", f->name);
	put_text(row, "service", f->service);
	put_flag(row, "names", f->names);
	put_int(row, "version", f->version);
	put_int(row, "created_ms", f->created_at_ms);
	put_text(row, "used_on", used);
}

int ctl_feed_list(struct ctl *ctl, struct fault *why)
{
	bool json = cli_flag(ctl->call, "json");
	struct json_object *list;
	struct feed *feeds;
	size_t count;

	if (store_feeds(ctl->store, &feeds, &count, why) < 0)
		return ctl_status(why);
	list = json_object_new_array();
	must(list != NULL);
	for (size_t i = 0; i < count; i++) {
		feed_put(list, &feeds[i]);
		if (!json)
			printf("%s: %s%s\n", feeds[i].name,
			       *feeds[i].service != '\0' ? feeds[i].service :
							   "all services",
			       feeds[i].names ? ", with names" : "");
	}
	free(feeds);
	if (json)
		return ctl_print_json(list, why);
	json_object_put(list);
	return EX_OK;
}

int ctl_feed_rotate(struct ctl *ctl, struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	struct feed_order order = {
		.store = ctl->store,
		.by = &by,
		.typed = ctl->call->words[0],
		.version = -1,
	};
	int r = feed_rotate(&order, why);
	int status;

	if (r == 0)
		r = fault_set(why, FAULT_REJECT, "there is no feed \"%s\"",
			      order.typed);
	status = r < 0 ? ctl_status(why) : address_print(ctl, &order, why);
	OPENSSL_cleanse(&order, sizeof(order));
	return status;
}

int ctl_feed_revoke(struct ctl *ctl, struct fault *why)
{
	const char *name = ctl->call->words[0];
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	struct json_object *answer;

	int r = store_feed_revoke(ctl->store, name, &by, why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT, "there is no feed \"%s\"",
			      name);
	if (r < 0)
		return ctl_status(why);
	if (!cli_flag(ctl->call, "json"))
		return EX_OK;
	answer = json_object_new_object();
	must(answer != NULL);
	put_text(answer, "name", name);
	put_flag(answer, "revoked", true);
	return ctl_print_json(answer, why);
}
