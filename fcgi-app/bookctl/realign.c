/* SPDX-License-Identifier: MIT */
/* bookctl slots realign: back to the time that was promised. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "base/alloc.h"
#include "json/get.h"
#include "json/put.h"
#include "store/clocks.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define EX_LEFT 1

/* A slot that clocks have moved, and what became of it. */
struct moved {
	struct clocks_slot is;
	int64_t to_s;		/* 0 = clocks skip the promised time */
	bool done;
};

struct realigning {
	const char *slug;	/* NULL = all services */
	struct moved *list;
	size_t count;
	size_t room;
};

static void note(void *arg, const struct clocks_slot *slot)
{
	struct realigning *r = arg;
	struct moved one = { .is = *slot };

	if (slot->found != CLOCKS_MOVED ||
	    (r->slug && strcmp(r->slug, slot->slug) != 0))
		return;
	if (!store_clocks_promised(slot, &one.to_s))
		one.to_s = 0;
	r->list = alloc_grow(r->list, r->count, &r->room, sizeof(*r->list));
	r->list[r->count++] = one;
}

/* Moves what can be, from the last to the first and over again: a slot may
 * have to wait until the one behind it has left its place.  0, or -1. */
static int move_all(struct ctl *ctl, struct realigning *r, struct fault *why)
{
	struct clocks_order order = { .by = &ctl->by,
				      .tell = cli_flag(ctl->call, "tell") };
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = r->count; i-- > 0;) {
			struct moved *one = &r->list[i];
			int result;

			if (one->done || one->to_s == 0)
				continue;
			order.slot = &one->is;
			order.starts_at_s = one->to_s;
			result = store_clocks_mend(ctl->store, &order, why);
			if (result < 0)
				return -1;
			one->done = result == STORE_CHANGED;
			again = again || one->done;
		}
	}
	return 0;
}

static void put_moved(struct json_object *list, const struct moved *one)
{
	const struct slot *slot = &one->is.slot;
	struct json_object *row = put_row(list);

	put_int(row, "id", slot->id);
	put_text(row, "service", one->is.slug);
	zone_put(row, "was", slot->zone, slot->starts_at_s * 1000);
	zone_put(row, "promised", slot->zone, one->to_s * 1000);
	put_int(row, "booked", slot->booked);
	put_flag(row, "moved", one->done);
}

static void print_moved(struct json_object *row)
{
	const char *promised = ctl_text(row, "promised");

	printf("%s %s %s -> %s (%s taken)%s\n", ctl_text(row, "id"),
	       ctl_text(row, "service"), ctl_text(row, "was"),
	       *promised ? promised : "a time that clocks skip",
	       ctl_text(row, "booked"),
	       get_flag(row, "moved") ? "" : ": not moved");
}

int ctl_slots_realign(struct ctl *ctl, struct fault *why)
{
	struct realigning r = { .slug = cli_text(ctl->call, "service") };
	struct clocks_walk walk = { .found = note, .arg = &r };
	bool dry = cli_flag(ctl->call, "dry-run");
	struct json_object *list = NULL;
	size_t left = 0;
	int more;

	while ((more = store_clocks_next(ctl->store, &walk, why)) == 1)
		continue;
	if (more == 0 && !dry)
		more = move_all(ctl, &r, why);
	if (more == 0)
		list = put_new_list();
	for (size_t i = 0; list && i < r.count; i++) {
		put_moved(list, &r.list[i]);
		left += !r.list[i].done;
	}
	free(r.list);
	if (!list)
		return CLI_BY_FAULT;
	(void)ctl_tell(ctl, list, print_moved);
	return left > 0 ? EX_LEFT : EX_OK;
}
