/* SPDX-License-Identifier: MIT */
/* Writes services, slots and plans as JSON. */
#include "config.h"

#include "actions/service_json.h"

#include "domain/zone.h"
#include "json/put.h"

#include <json-c/json.h>

static struct json_object *object_new(void)
{
	struct json_object *o = json_object_new_object();

	must(o != NULL);
	return o;
}

struct json_object *service_json(const struct service *s)
{
	struct json_object *row = object_new();

	put_text(row, "slug", s->slug);
	put_text(row, "name", s->name);
	put_text(row, "description", s->description);
	put_text(row, "place", s->place);
	put_text(row, "time_zone", s->zone);
	put_text(row, "organiser_name", s->organiser_name);
	put_text(row, "organiser_email", s->organiser_email);
	put_text(row, "language", s->language);
	put_int(row, "notice_minutes", s->notice_min);
	put_int(row, "reminder_minutes", s->reminder_min);
	put_int(row, "offer_minutes", s->offer_min);
	put_flag(row, "organiser_mails", s->organiser_mails);
	return row;
}

struct json_object *slot_json(const struct slot *slot)
{
	struct json_object *row = object_new();
	char text[ZONE_ISO_SIZE];

	put_int(row, "id", slot->id);
	zone_iso(slot->zone, slot->starts_at_s * 1000, text);
	put_text(row, "starts_at", text);
	zone_iso(slot->zone, slot->ends_at_s * 1000, text);
	put_text(row, "ends_at", text);
	put_text(row, "time_zone", slot->zone);
	put_int(row, "capacity", slot->capacity);
	put_int(row, "booked", slot->booked);
	put_flag(row, "closed", slot->closed);
	return row;
}

struct json_object *plan_json(const struct slot_plan *plan, bool dry)
{
	struct json_object *o = object_new();

	for (enum slot_planned what = 0; what < SLOT_PLANNED; what++)
		put_int(o, slot_planned_name(what),
			(int64_t)slot_plan_count(plan, what));
	put_flag(o, "dry_run", dry);
	return o;
}
