/* SPDX-License-Identifier: MIT */
/* Counts bookings and mails. */
#include "config.h"

#include "actions/stats.h"

#include "actions/story.h"
#include "domain/zone.h"
#include "json/put.h"
#include "store/mails.h"
#include "store/people.h"

#include <json-c/json.h>
#include <stdlib.h>

int stats_put_mails(struct store *s, struct json_object *to, const char *name,
		    struct fault *why)
{
	struct mail_cause *causes;
	struct json_object *list;
	size_t count;

	if (store_mail_causes(s, &causes, &count, why) < 0)
		return -1;
	list = put_list(to, name);
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = put_row(list);

		put_text(row, "state", story_state(causes[i].state));
		put_text(row, "cause", causes[i].cause);
		put_int(row, "count", causes[i].count);
		zone_put(row, "oldest_created_at", "UTC",
			 causes[i].oldest_ms);
	}
	free(causes);
	return 0;
}

int stats_read(struct store *s, struct json_object **out, struct fault *why)
{
	struct store_counts c;
	struct json_object *all;

	if (store_counts(s, &c, why) < 0)
		return -1;
	all = put_new();
	put_int(all, "services", c.services);
	put_int(all, "slots_ahead", c.slots_ahead);
	put_int(all, "places_ahead", c.places_ahead);
	put_int(all, "places_booked", c.places_booked);
	put_int(all, "bookings", c.bookings);
	put_int(all, "cancelled", c.cancelled);
	put_int(all, "erased", c.erased);
	put_int(all, "waiting", c.waiting);
	if (stats_put_mails(s, all, "mails", why) < 0) {
		json_object_put(all);
		return -1;
	}
	*out = all;
	return 0;
}
