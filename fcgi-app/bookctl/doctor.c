/* SPDX-License-Identifier: MIT */
/* bookctl doctor: what does not fit in the database, and what to do. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "base/alloc.h"
#include "base/str.h"
#include "json/put.h"
#include "store/clocks.h"
#include "store/doctor.h"
#include "store/names.h"
#include "store/service.h"
#include "store/store.h"

#include <json-c/json.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#define TOLD_MAX 20		/* rows of one sort that are named */
#define EX_MISFITS 1
#define LOST_TODO "install it (tzdata, tzdata-legacy)"

struct exam {
	struct ctl *ctl;
	bool mend;
	struct json_object *list;	/* NULL: they are printed */
	int64_t found;
	int64_t left;			/* and not mended */
};

struct finding {
	const char *check;
	char *what;		/* tell() frees it */
	const char *todo;	/* unless it was mended */
	bool mended;
};

static void tell(struct exam *e, const struct finding *f)
{
	const char *todo = f->mended ? "" : f->todo;
	struct json_object *row;

	if (e->list) {
		row = put_row(e->list);
		put_text(row, "check", f->check);
		put_text(row, "found", f->what);
		put_text(row, "todo", todo);
		put_flag(row, "mended", f->mended);
	} else {
		printf("%s: %s: %s\n", f->check, f->what,
		       f->mended ? "mended" : todo);
	}
	free(f->what);
}

static void found(struct exam *e, int64_t count, bool mended)
{
	e->found += count;
	if (!mended)
		e->left += count;
}

/* ---- the checks --------------------------------------------------------- */

static int check_counters(struct exam *e, struct fault *why)
{
	struct store *store = e->ctl->store;

	for (size_t i = 0; i < STORE_COUNTERS; i++) {
		struct store_counter c;
		struct finding raise = {
			.check = "counter", .mended = e->mend,
			.todo = "raise it: bookctl restored, after a restore; "
				"else --mend, as the tables' owner",
		};

		if (store_counter_read(store, i, &c, why) < 0)
			return -1;
		if (c.next > c.known)
			continue;
		if (e->mend && store_counter_raise(store, &c, why) < 0)
			return -1;
		raise.what = alloc_printf("the next row of %s gets number %"
					  PRId64 ", but %" PRId64
					  " was given out", c.table, c.next,
					  c.known);
		tell(e, &raise);
		found(e, 1, e->mend);
	}
	return 0;
}

static int check_links(struct exam *e, struct fault *why)
{
	int64_t count;
	int r = e->mend ? store_links_fill(e->ctl->store, &count, why) :
			  store_links_missing(e->ctl->store, &count, why);

	if (r < 0)
		return -1;
	if (count == 0)
		return 0;
	tell(e, &(struct finding){
		.check = "links", .mended = e->mend,
		.what = alloc_printf("%" PRId64 " bookings and places in line "
				     "have only a link made from their number",
				     count),
		.todo = "give them one of their own, their old ones go on "
			"working: --mend",
	});
	found(e, count, e->mend);
	return 0;
}

/* The rows of one check, and how many were seen. */
struct misfits {
	size_t check;
	int64_t seen;
};

static int tell_misfit(struct exam *e, struct misfits *all,
		       const struct store_misfit *m, struct fault *why)
{
	const struct store_check *check = &store_checks[all->check];
	int mended = e->mend ? store_misfit_mend(e->ctl->store, all->check,
						 m->id, why) : 0;

	if (mended < 0)
		return -1;
	found(e, 1, mended);
	if (++all->seen > TOLD_MAX)
		return 0;
	tell(e, &(struct finding){
		.check = check->name, .todo = check->todo, .mended = mended,
		.what = alloc_printf("%" PRId64 "%s%s%s: %s", m->id,
				     *m->text ? " (" : "", m->text,
				     *m->text ? ")" : "", check->what),
	});
	return 0;
}

static int check_rows(struct exam *e, size_t i, struct fault *why)
{
	struct misfits all = { .check = i };
	struct store_misfits m = { .after = 0 };
	int r;

	while ((r = store_misfits(e->ctl->store, i, &m, why)) == 1)
		for (size_t j = 0; j < m.count; j++)
			if (tell_misfit(e, &all, &m.list[j], why) < 0)
				return -1;
	if (r == 0 && all.seen > TOLD_MAX)
		tell(e, &(struct finding){
			.check = store_checks[i].name,
			.what = alloc_printf("%" PRId64 " more such rows",
					     all.seen - TOLD_MAX),
			.todo = store_checks[i].todo,
			.mended = e->mend && store_checks[i].mends,
		});
	return r;
}

/* ---- by the clocks ------------------------------------------------------ */

static int check_zones(struct exam *e, struct fault *why)
{
	struct service *services;
	size_t count;

	if (store_services(e->ctl->store, &services, &count, why) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (zone_is_known(services[i].zone))
			continue;
		tell(e, &(struct finding){
			.check = "zone",
			.what = alloc_printf("service %s is in %s, which %s "
					     "does not have: its times are "
					     "shown in UTC", services[i].slug,
					     services[i].zone, zone_dir()),
			.todo = LOST_TODO ", or have new slots made in another "
				"one: bookctl service change --zone",
		});
		found(e, 1, false);
	}
	store_services_free(services, count);
	return 0;
}

struct clocks_told {
	struct exam *e;
	int64_t moved;
	int64_t lost;
	char zone[STORE_ZONE_MAX + 1];	/* the first one that is gone */
};

static void tell_moved(struct exam *e, const struct clocks_slot *c)
{
	char shown[ZONE_ISO_SIZE];
	char promised[ZONE_ISO_SIZE];

	zone_iso(c->slot.zone, c->slot.starts_at_s * 1000, shown);
	zone_utc(c->wall_s, promised);
	tell(e, &(struct finding){
		.check = "clocks",
		.what = alloc_printf("slot %" PRId64 " of %s (%" PRId64
				     " taken): promised for %.16s, clocks now "
				     "show %.16s", c->slot.id, c->slug,
				     c->slot.booked, promised, shown),
		.todo = "move it back: bookctl slots realign",
	});
}

static void note_slot(void *arg, const struct clocks_slot *c)
{
	struct clocks_told *t = arg;

	found(t->e, 1, false);
	if (c->found == CLOCKS_MOVED && ++t->moved <= TOLD_MAX)
		tell_moved(t->e, c);
	if (c->found == CLOCKS_LOST && t->lost++ == 0)
		must(str_copy(t->zone, sizeof(t->zone), c->slot.zone));
}

static int check_clocks(struct exam *e, struct fault *why)
{
	struct clocks_told t = { .e = e };
	struct clocks_walk walk = { .found = note_slot, .arg = &t };
	int r;

	while ((r = store_clocks_next(e->ctl->store, &walk, why)) == 1)
		continue;
	if (r == 0 && t.moved > TOLD_MAX)
		tell(e, &(struct finding){
			.check = "clocks",
			.what = alloc_printf("%" PRId64 " more such slots",
					     t.moved - TOLD_MAX),
			.todo = "move them back: bookctl slots realign",
		});
	if (r == 0 && t.lost > 0)
		tell(e, &(struct finding){
			.check = "zone",
			.what = alloc_printf("%" PRId64 " slots ahead are in a "
					     "zone that %s does not have, the "
					     "first one in %s", t.lost,
					     zone_dir(), t.zone),
			.todo = LOST_TODO,
		});
	return r;
}

static int examine(struct exam *e, struct fault *why)
{
	if (store_ping(e->ctl->store, why) < 0 ||
	    check_counters(e, why) < 0 || check_links(e, why) < 0)
		return -1;
	for (size_t i = 0; i < store_check_count; i++)
		if (check_rows(e, i, why) < 0)
			return -1;
	return check_zones(e, why) < 0 ? -1 : check_clocks(e, why);
}

int ctl_doctor(struct ctl *ctl, struct fault *why)
{
	struct exam e = { .ctl = ctl, .mend = cli_flag(ctl->call, "mend") };
	struct json_object *answer = NULL;

	if (ctl->json) {
		answer = put_new();
		e.list = put_list(answer, "findings");
	}
	if (examine(&e, why) < 0) {
		json_object_put(answer);
		return CLI_BY_FAULT;
	}
	if (answer) {
		put_int(answer, "found", e.found);
		put_int(answer, "left", e.left);
		(void)ctl_tell(ctl, answer, NULL);
	} else if (e.found == 0) {
		puts("all rows fit");
	}
	return e.left > 0 ? EX_MISFITS : EX_OK;
}
