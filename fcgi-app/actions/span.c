/* SPDX-License-Identifier: MIT */
/* Reads which service and days are meant. */
#include "config.h"

#include "actions/span.h"

#include "domain/zone.h"
#include "store/service.h"

#include <time.h>

void span_days(struct fields *f, const char *zone, struct span *span)
{
	struct tm day;

	if (fields_day(f, "from", "from_date", &day))
		span->from_s = zone_day_begin(zone, &day);
	if (fields_day(f, "until", "until_date", &day)) {
		day = zone_date_after(&day, 1);
		span->until_s = zone_day_begin(zone, &day);
	}
	if (f->of_page && f->error_count == 0 &&
	    span->until_s <= span->from_s)
		fields_fail(f, "until", "until_before", 0);
}

int span_read(struct store *s, struct fields *f, struct span *span,
	      struct fault *why)
{
	const char *slug = fields_sent(f, "service");
	struct service service = { .id = 0 };
	int found = 0;

	span->from_s = 0;
	span->until_s = SPAN_EVER_S;
	if (*slug != '\0')
		found = store_service_by_slug(s, slug, &service, why);
	if (found < 0)
		return -1;
	if (*slug != '\0' && found == 0)
		fields_fail(f, "service", "service_unknown", 0);
	span->service_id = service.id;
	span_days(f, found == 1 ? service.zone : "UTC", span);
	service_release(&service);
	return 0;
}
