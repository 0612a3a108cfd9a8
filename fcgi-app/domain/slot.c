/* SPDX-License-Identifier: MIT */
/* Decides about the fields of new slots; asks nobody. */
#include "config.h"

#include "domain/slot.h"

#include "base/str.h"
#include "domain/zone.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LENGTH_MIN 30	/* the default */
/* What the database can keep: in UTC, with the zones' distance from it. */
#define LAST_S INT64_C(253402300799)	/* of the year 9999 */
#define LAST_DAY 2932894		/* 29 December 9999 */

/* ---- an instant ------------------------------------------------------- */

/* "+01:00" or "Z", as seconds east of UTC. */
static bool offset_read(const char *text, int64_t *seconds_out)
{
	char number[3] = { 0 };
	int64_t hours;
	int64_t minutes;

	*seconds_out = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	if (strlen(text) != 6 || strchr("+-", text[0]) == NULL ||
	    text[3] != ':')
		return false;
	memcpy(number, text + 1, 2);
	if (!str_to_int(number, 0, 23, &hours))
		return false;
	memcpy(number, text + 4, 2);
	if (!str_to_int(number, 0, 59, &minutes))
		return false;
	*seconds_out = (hours * 60 + minutes) * 60;
	if (text[0] == '-')
		*seconds_out = -*seconds_out;
	return true;
}

/* NULL, or what is wrong with it. */
static const char *instant_read(const char *text, const char *zone,
				int64_t *at_s_out)
{
	struct tm local;
	struct tm same;
	int64_t offset_s;
	const char *rest;

	memset(&local, 0, sizeof(local));
	rest = strptime(text, "%Y-%m-%dT%H:%M", &local);
	/* strptime() is content with "2027-3-8": that is not how it is
	 * written. */
	if (rest == NULL || rest - text != 16)
		return "time_wrong";
	if (strncmp(rest, ":00", 3) == 0)
		rest += 3;
	same = local;
	*at_s_out = (int64_t)timegm(&same);
	/* 31 February has become a day of March. */
	if (same.tm_mday != local.tm_mday)
		return "time_wrong";
	if (*rest != '\0') {
		if (!offset_read(rest, &offset_s))
			return "time_wrong";
		*at_s_out -= offset_s;
		return NULL;
	}
	switch (zone_instant(zone, &local, at_s_out)) {
	case ZONE_OK:
		return NULL;
	case ZONE_UNKNOWN:
		return "zone_lost";
	case ZONE_NO_SUCH_TIME:
		break;
	}
	return "time_skipped";
}

/* ---- fields ----------------------------------------------------------- */

void slot_form_capacity(struct fields *f, int64_t *out)
{
	if (!fields_int(f, "capacity",
			(struct fields_range){ 1, SLOT_CAPACITY_MAX,
					       "capacity_wrong" },
			out))
		fields_fail(f, "capacity", "capacity_wrong",
			    SLOT_CAPACITY_MAX);
}

void slot_form_read(const struct form *f, const char *zone, int64_t now_s,
		    struct slot_form *out)
{
	struct fields *fields = &out->fields;
	char *text = NULL;

	*out = (struct slot_form){ .fields = { .form = f }, .times = 1,
				   .length_min = LENGTH_MIN };
	if (fields_text(fields, "starts_at", &text)) {
		const char *code = *text == '\0' ? "time_required" :
			instant_read(text, zone, &out->starts_at_s);

		if (code == NULL && out->starts_at_s < now_s)
			code = "time_past";
		if (code != NULL)
			fields_fail(fields, "starts_at", code, 0);
		free(text);
	} else {
		fields_fail(fields, "starts_at", "time_required", 0);
	}
	(void)fields_minutes(fields, "minutes",
			     (struct fields_range){ 1, SLOT_MINUTES_MAX,
						    "length_wrong" },
			     &out->length_min);
	slot_form_capacity(fields, &out->capacity);
	(void)fields_int(fields, "count",
			 (struct fields_range){ 1, SLOT_ROW_MAX,
						"count_wrong" },
			 &out->times);
	if (out->starts_at_s > LAST_S - out->times * out->length_min * 60)
		fields_fail(fields, "starts_at", "time_wrong", 0);
	fields->form = NULL;
}

/* ---- a plan ----------------------------------------------------------- */

static bool read_day(struct fields *f, const char *field, int64_t *day_out)
{
	bool good = false;
	char *text;

	if (fields_text(f, field, &text)) {
		good = openings_day(text, day_out) && *day_out <= LAST_DAY;
		free(text);
	}
	if (!good)
		fields_fail(f, field, "day_wrong", 0);
	return good;
}

static void read_days(struct fields *f, int64_t today, struct plan_form *out)
{
	bool from = read_day(f, "from", &out->from);

	if (from && out->from < today)
		fields_fail(f, "from", "day_past", 0);
	if (!read_day(f, "until", &out->until) || !from)
		return;
	if (out->until < out->from)
		fields_fail(f, "until", "until_before", 0);
	else if (out->until - out->from >= SLOT_DAYS_MAX)
		fields_fail(f, "until", "days_many", SLOT_DAYS_MAX);
}

/* A page asks for each day by itself. */
static void read_week(struct fields *f, struct plan_form *out)
{
	static const char *const days[] = {
		"hours_sun", "hours_mon", "hours_tue", "hours_wed",
		"hours_thu", "hours_fri", "hours_sat",
	};
	bool asked = false;
	char *text;

	for (size_t i = 0; i < ARRAY_COUNT(days); i++) {
		if (!fields_text(f, days[i], &text))
			continue;
		asked = true;
		if (openings_read_day(&out->openings, (int)i, text,
				      &out->why) < 0)
			fields_fail(f, days[i], "hours_wrong", 0);
		free(text);
	}
	if (out->openings.span_count == 0 && out->why.class == FAULT_NONE)
		fields_fail(f, asked ? "hours_mon" : "hours", "hours_required",
			    0);
}

static void read_hours(struct fields *f, struct plan_form *out)
{
	char *text;

	if (!fields_text(f, "hours", &text)) {
		read_week(f, out);
		return;
	}
	if (openings_read(&out->openings, text, &out->why) < 0)
		fields_fail(f, "hours", *text == '\0' ? "hours_required" :
							"hours_wrong", 0);
	free(text);
}

void plan_form_read(const struct form *f, int64_t today,
		    struct plan_form *out)
{
	struct fields *fields = &out->fields;
	char *text;

	*out = (struct plan_form){ .fields = { .form = f },
				   .length_min = LENGTH_MIN };
	read_days(fields, today, out);
	read_hours(fields, out);
	if (fields_text(fields, "closed", &text)) {
		if (openings_close(&out->openings, text, &out->why) < 0)
			fields_fail(fields, "closed", "closed_wrong", 0);
		free(text);
	}
	(void)fields_int(fields, "minutes",
			 (struct fields_range){ 1, OPENINGS_MINUTES,
						"length_wrong" },
			 &out->length_min);
	slot_form_capacity(fields, &out->capacity);
	(void)fields_flag(fields, "dry_run", &out->dry);
	fields->form = NULL;
}
