/* SPDX-License-Identifier: MIT */
/* bookctl slots: lists them, and makes them from weekly opening hours. */
#include "config.h"

#include "ctl.h"

#include "openings.h"
#include "put.h"
#include "store_admin.h"
#include "story.h"
#include "str.h"
#include "ticks.h"
#include "zone.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define DAY_S 86400
#define DAYS_MAX 800
#define LIST_MAX 10000
#define CAPACITY_MAX 1000000

static int service_find(struct ctl *ctl, const char *slug, struct service *out,
			struct fault *why)
{
	int r = store_service_by_slug(ctl->store, slug, out, why);

	if (r == 0)
		return fault_set(why, FAULT_REJECT,
				 "there is no service \"%s\"", slug);
	return r < 0 ? -1 : 0;
}

/* The instant of a minute of a day; false where clocks do not show it. */
static bool instant(const char *zone, int64_t day, int min, int64_t *at_s_out)
{
	time_t noon = (time_t)(day * DAY_S + DAY_S / 2);
	struct tm local;

	must(gmtime_r(&noon, &local) != NULL);
	local.tm_hour = min / 60;
	local.tm_min = min % 60;
	return zone_instant(zone, &local, at_s_out) == ZONE_OK;
}

/* ---- list ------------------------------------------------------------------ */

static void slot_put(struct json_object *list, const struct slot *slot)
{
	struct json_object *row = put_row(list);
	char text[STORY_TIME_SIZE];

	put_int(row, "id", slot->id);
	story_time(slot->zone, slot->starts_at_s * 1000, text);
	put_text(row, "starts_at", text);
	story_time(slot->zone, slot->ends_at_s * 1000, text);
	put_text(row, "ends_at", text);
	put_text(row, "time_zone", slot->zone);
	put_int(row, "capacity", slot->capacity);
	put_int(row, "booked", slot->booked);
}

static int list(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	enum { SERVICE, FROM, UNTIL, JSON, COUNT };
	static const char *const names[COUNT] = {
		"service", "from", "until", "-json",
	};
	const char *texts[COUNT] = { [UNTIL] = "9999-12-31" };
	struct service service;
	struct slot *slots = NULL;
	size_t count = 0;
	int64_t from = wall_ms() / 1000 / DAY_S;
	int64_t until;
	struct json_object *all;

	if (ctl_options(argc, argv, names, COUNT, texts, why) ||
	    !texts[SERVICE] ||
	    (texts[FROM] && !openings_day(texts[FROM], &from)) ||
	    !openings_day(texts[UNTIL], &until))
		return EX_USAGE;
	if (service_find(ctl, texts[SERVICE], &service, why) < 0)
		return ctl_status(why);
	if (store_slots(ctl->store, service.id, from * DAY_S, until * DAY_S,
			false, LIST_MAX, &slots, &count, why) < 0) {
		service_release(&service);
		return ctl_status(why);
	}
	all = json_object_new_array();
	must(all != NULL);
	for (size_t i = 0; i < count; i++)
		slot_put(all, &slots[i]);
	free(slots);
	service_release(&service);
	if (texts[JSON])
		return ctl_print_json(all, why);
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = json_object_array_get_idx(all, i);

		printf("%s %s %s %s of %s\n",
		       json_object_get_string(
			       json_object_object_get(row, "id")),
		       json_object_get_string(
			       json_object_object_get(row, "starts_at")),
		       json_object_get_string(
			       json_object_object_get(row, "time_zone")),
		       json_object_get_string(
			       json_object_object_get(row, "booked")),
		       json_object_get_string(
			       json_object_object_get(row, "capacity")));
	}
	json_object_put(all);
	return EX_OK;
}

/* ---- generate ---------------------------------------------------------------- */

struct generating {
	struct service service;
	struct openings openings;
	int64_t from;		/* days since 1970, both included */
	int64_t until;
	int64_t length_min;
	int64_t capacity;
	bool dry;
	int64_t added;
	int64_t there;		/* were there already */
	int64_t skipped;	/* clocks leave that time out */
};

static int day_generate(struct ctl *ctl, struct generating *g, int64_t day,
			struct fault *why)
{
	int starts[OPENINGS_MINUTES];
	size_t count = openings_starts(&g->openings, day, (int)g->length_min,
				       starts);

	for (size_t i = 0; i < count; i++) {
		struct slot slot = { .service_id = g->service.id,
				     .capacity = g->capacity };
		int64_t id;
		int r;

		must(str_copy(slot.zone, sizeof(slot.zone), g->service.zone));
		if (!instant(g->service.zone, day, starts[i],
			     &slot.starts_at_s)) {
			g->skipped++;
			continue;
		}
		slot.ends_at_s = slot.starts_at_s + g->length_min * 60;
		r = g->dry ? 1 : store_slot_add(ctl->store, &slot, &id, why);
		if (r < 0)
			return -1;
		g->added += r;
		g->there += !r;
	}
	return 0;
}

static int generate_all(struct ctl *ctl, struct generating *g, bool json,
			struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	char detail[80];
	int r = 0;

	for (int64_t day = g->from; r == 0 && day <= g->until; day++)
		r = day_generate(ctl, g, day, why);
	(void)snprintf(detail, sizeof(detail), "%" PRId64 " slots", g->added);
	/* What was added before a fault stays, so it is written down, too. */
	if (!g->dry && g->added > 0 &&
	    store_audit_add(ctl->store, &by, "slots_added", g->service.slug,
			    detail, why) < 0)
		r = -1;
	if (r < 0)
		return ctl_status(why);
	if (!json) {
		printf("added: %" PRId64 "; there already: %" PRId64
		       "; left out by the clocks: %" PRId64 "\n", g->added,
		       g->there, g->skipped);
		return EX_OK;
	}

	struct json_object *answer = json_object_new_object();

	must(answer != NULL);
	put_int(answer, "added", g->added);
	put_int(answer, "there", g->there);
	put_int(answer, "skipped", g->skipped);
	put_flag(answer, "dry_run", g->dry);
	return ctl_print_json(answer, why);
}

static int generate(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	enum { SERVICE, FROM, UNTIL, HOURS, CLOSED, MINUTES, CAPACITY, DRY,
	       JSON, COUNT };
	static const char *const names[COUNT] = {
		"service", "from", "until", "hours", "closed", "minutes",
		"capacity", "-dry-run", "-json",
	};
	const char *texts[COUNT] = { [CLOSED] = "", [MINUTES] = "30" };
	struct generating g = { .from = 0 };
	int status;

	if (ctl_options(argc, argv, names, COUNT, texts, why))
		return EX_USAGE;
	for (int i = SERVICE; i <= CAPACITY; i++)
		if (!texts[i])
			return EX_USAGE;
	g.dry = texts[DRY] != NULL;
	if (!openings_day(texts[FROM], &g.from) ||
	    !openings_day(texts[UNTIL], &g.until) || g.until < g.from ||
	    g.until - g.from >= DAYS_MAX ||
	    !str_to_int(texts[MINUTES], 1, OPENINGS_MINUTES, &g.length_min) ||
	    !str_to_int(texts[CAPACITY], 1, CAPACITY_MAX, &g.capacity)) {
		(void)fault_set(why, FAULT_REJECT, "--from, --until: days, at "
				"most %d of them; --minutes, --capacity: 1 or "
				"more", DAYS_MAX);
		return EX_USAGE;
	}
	if (openings_read(&g.openings, texts[HOURS], why) < 0 ||
	    openings_close(&g.openings, texts[CLOSED], why) < 0 ||
	    service_find(ctl, texts[SERVICE], &g.service, why) < 0)
		return ctl_status(why);
	status = generate_all(ctl, &g, texts[JSON] != NULL, why);
	service_release(&g.service);
	return status;
}

int ctl_slots(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	if (argc > 1 && strcmp(argv[1], "list") == 0)
		return list(ctl, argc - 1, argv + 1, why);
	if (argc > 1 && strcmp(argv[1], "generate") == 0)
		return generate(ctl, argc - 1, argv + 1, why);
	return EX_USAGE;
}
