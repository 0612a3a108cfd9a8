/* SPDX-License-Identifier: MIT */
/* bookctl feed: calendars that organisers subscribe to. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "actions/feed.h"
#include "base/fdio.h"
#include "json/get.h"
#include "json/put.h"

#include <json-c/json.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

/* Prints the address, which is shown only once, and wipes the order; finishes a
 * command that made a feed (r as of feed_make()). */
static int address_tell(const struct ctl *ctl, struct feed_order *o, int r)
{
	if (r == 1) {
		char *address = feed_address(&ctl->conf, o->token);
		struct json_object *row = put_new();

		put_text(row, "name", o->name);
		(void)ctl_tell_secret(ctl, row, "address", address);
		secret_free(address);
	}
	OPENSSL_cleanse(o, sizeof(*o));
	return r < 0 ? CLI_BY_FAULT : EX_OK;
}

static int no_such(const char *name, struct fault *why)
{
	return fault_set(why, FAULT_REJECT, "there is no feed \"%s\"", name);
}

int ctl_feed_add(struct ctl *ctl, struct fault *why)
{
	const char *service = cli_text(ctl->call, "service");
	struct feed_order order = {
		.store = ctl->store,
		.by = &ctl->by,
		.typed = ctl->call->words[0],
		.service = service ? service : "",
		.names = cli_flag(ctl->call, "names"),
	};
	int r = feed_make(&order, why);

	if (r == 0)
		r = ctl_refuse(ctl, NULL, &order.wrong, why);
	return address_tell(ctl, &order, r);
}

static void feed_put(struct json_object *list, const struct feed *f)
{
	struct json_object *row = put_row(list);
	char used[ZONE_ISO_SIZE];

	put_text(row, "name", f->name);
	put_text(row, "service", f->service);
	put_flag(row, "names", f->names);
	put_int(row, "version", f->version);
	put_int(row, "created_ms", f->created_at_ms);
	put_text(row, "used_on", ctl_day(f->used_on_ms, used));
}

static void print_feed(struct json_object *row)
{
	const char *service = get_text(row, "service");

	printf("%s: %s%s\n", get_text(row, "name"),
	       *service ? service : "all services",
	       get_flag(row, "names") ? ", with names" : "");
}

int ctl_feed_list(struct ctl *ctl, struct fault *why)
{
	struct json_object *list;
	struct feed *feeds;
	size_t count;

	if (store_feeds(ctl->store, &feeds, &count, why) < 0)
		return CLI_BY_FAULT;
	list = put_new_list();
	for (size_t i = 0; i < count; i++)
		feed_put(list, &feeds[i]);
	free(feeds);
	return ctl_tell(ctl, list, print_feed);
}

int ctl_feed_rotate(struct ctl *ctl, struct fault *why)
{
	struct feed_order order = {
		.store = ctl->store,
		.by = &ctl->by,
		.typed = ctl->call->words[0],
		.version = -1,
	};
	int r = feed_rotate(&order, why);

	if (r == 0)
		r = no_such(order.typed, why);
	return address_tell(ctl, &order, r);
}

int ctl_feed_revoke(struct ctl *ctl, struct fault *why)
{
	const char *name = ctl->call->words[0];
	struct json_object *answer;
	int r = store_feed_revoke(ctl->store, name, &ctl->by, why);

	if (r != 1)
		return r == 0 ? no_such(name, why) : CLI_BY_FAULT;
	answer = put_new();
	put_text(answer, "name", name);
	put_flag(answer, "revoked", true);
	return ctl_tell(ctl, answer, NULL);
}
