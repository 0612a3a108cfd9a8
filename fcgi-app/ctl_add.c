/* SPDX-License-Identifier: MIT */
/* bookctl service-add, service-change and slot-add. */
#include "config.h"

#include "ctl.h"

#include "envelope.h"
#include "store_admin.h"
#include "str.h"
#include "utext.h"
#include "zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define SLUG_MAX 64
#define NAME_MAX_COUNT 200	/* characters, as the columns */
#define DESCRIPTION_MAX_COUNT 2000
#define CAPACITY_MAX 1000000
#define COUNT_MAX 10000
#define DURATION_MAX_S (7 * 24 * 3600)
#define LANGUAGE_MAX 16
#define MINUTES_MAX (60 * 24 * 60)

static bool is_slug(const char *slug)
{
	size_t len = strlen(slug);

	return len && len <= SLUG_MAX &&
	       strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static int text_check(const char *what, const char *text, size_t max,
		      struct fault *why)
{
	size_t len = strlen(text);

	if (str_is_utf8(text, len) && utext_check(text) == UTEXT_GOOD &&
	    str_utf8_count(text, len) <= max)
		return 0;
	return fault_set(why, FAULT_REJECT,
			 "%s: at most %zu characters of UTF-8, no controls",
			 what, max);
}

static int service_check(const struct service *s, struct fault *why)
{
	if (!is_slug(s->slug))
		return fault_set(why, FAULT_REJECT,
				 "--slug: 1 to %d of a-z, 0-9, hyphen",
				 SLUG_MAX);
	if (!*s->name)
		return fault_set(why, FAULT_REJECT, "--name is empty");
	if (!zone_is_known(s->zone))
		return fault_set(why, FAULT_REJECT,
				 "--zone %s: this system has no such time zone",
				 s->zone);
	if (strlen(s->language) > LANGUAGE_MAX ||
	    strspn(s->language, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ-") !=
		    strlen(s->language))
		return fault_set(why, FAULT_REJECT,
				 "--language is not one such as fr or en");
	if (s->organiser_mails && !*s->organiser_email)
		return fault_set(why, FAULT_REJECT,
				 "--organiser-mails yes needs "
				 "--organiser-email");
	if (*s->organiser_email &&
	    !envelope_address_is_plain(s->organiser_email))
		return fault_set(why, FAULT_REJECT,
				 "--organiser-email is not an address");
	if (text_check("--name", s->name, NAME_MAX_COUNT, why) < 0 ||
	    text_check("--place", s->place, NAME_MAX_COUNT, why) < 0 ||
	    text_check("--organiser-name", s->organiser_name, NAME_MAX_COUNT,
		       why) < 0 ||
	    text_check("--description", s->description, DESCRIPTION_MAX_COUNT,
		       why) < 0)
		return -1;
	return 0;
}

/* A member of a struct service that is only read. */
static char *lent(const char *text)
{
	return (char *)(uintptr_t)(text ? text : "");
}

/* "30min", "2h". */
static bool duration_read(const char *text, int64_t min, int64_t max_s,
			  int64_t *seconds_out)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = { { "min", 60 }, { "h", 3600 } };
	char number[16];

	for (size_t i = 0; i < ARRAY_COUNT(units); i++) {
		size_t len = strlen(text);
		size_t unit_len = strlen(units[i].unit);

		if (!str_ends_with(text, units[i].unit) ||
		    len - unit_len >= sizeof(number))
			continue;
		memcpy(number, text, len - unit_len);
		number[len - unit_len] = '\0';
		if (!str_to_int(number, min, max_s / units[i].seconds,
				seconds_out))
			return false;
		*seconds_out *= units[i].seconds;
		return true;
	}
	return false;
}

static bool minutes_read(const char *text, int64_t min, int64_t *minutes_out)
{
	if (!duration_read(text, min, MINUTES_MAX * 60, minutes_out))
		return false;
	*minutes_out /= 60;
	return true;
}

enum { SLUG, NAME, ZONE, DESCRIPTION, PLACE, BY, BY_EMAIL, LANGUAGE, NOTICE,
       REMINDER, OFFER, MAILS, SERVICE_OPTIONS };

static const char *const service_options[SERVICE_OPTIONS] = {
	"slug", "name", "zone", "description", "place", "organiser-name",
	"organiser-email", "language", "notice", "reminder", "offer",
	"organiser-mails",
};

/* Puts what was given in the place of what there was; *s then borrows it.  0,
 * or the exit status. */
static int service_apply(const char *const *texts, struct service *s,
			 struct fault *why)
{
	char **const members[] = {
		[SLUG] = &s->slug, [NAME] = &s->name, [ZONE] = &s->zone,
		[DESCRIPTION] = &s->description, [PLACE] = &s->place,
		[BY] = &s->organiser_name, [BY_EMAIL] = &s->organiser_email,
		[LANGUAGE] = &s->language,
	};

	for (size_t i = 0; i < ARRAY_COUNT(members); i++)
		if (texts[i])
			*members[i] = lent(texts[i]);
	if ((texts[NOTICE] && !minutes_read(texts[NOTICE], 0,
					    &s->notice_min)) ||
	    (texts[REMINDER] && !minutes_read(texts[REMINDER], 0,
					      &s->reminder_min)) ||
	    (texts[OFFER] && !minutes_read(texts[OFFER], 1, &s->offer_min))) {
		fault_set(why, FAULT_REJECT, "--notice, --reminder, --offer: "
			  "a number of min or h, at most %d days",
			  MINUTES_MAX / 1440);
		return EX_USAGE;
	}
	if (texts[MAILS] && strcmp(texts[MAILS], "yes") != 0 &&
	    strcmp(texts[MAILS], "no") != 0) {
		fault_set(why, FAULT_REJECT, "--organiser-mails: yes or no");
		return EX_USAGE;
	}
	if (texts[MAILS])
		s->organiser_mails = strcmp(texts[MAILS], "yes") == 0;
	return service_check(s, why) < 0 ? ctl_status(why) : EX_OK;
}

int ctl_service_add(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	const char *texts[SERVICE_OPTIONS] = {
		[DESCRIPTION] = "", [PLACE] = "", [BY] = "", [BY_EMAIL] = "",
		[LANGUAGE] = "", [NOTICE] = "0min", [REMINDER] = "24h",
		[OFFER] = "2h", [MAILS] = "no",
	};
	struct service service = { .id = 0 };
	int64_t id;

	if (ctl_options(argc, argv, service_options, SERVICE_OPTIONS, texts,
			why) ||
	    !texts[SLUG] || !texts[NAME] || !texts[ZONE])
		return EX_USAGE;

	int status = service_apply(texts, &service, why);

	if (status)
		return status;

	int r = store_service_add(ctl->store, &service, &id, why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT,
			      "there is a service \"%s\" already, id %" PRId64,
			      service.slug, id);
	if (r < 0)
		return ctl_status(why);
	printf("%" PRId64 "\n", id);
	return EX_OK;
}

int ctl_service_change(struct ctl *ctl, int argc, char **argv,
		       struct fault *why)
{
	const struct store_actor by = { .name = ctl->actor, .request_id = "" };
	const char *texts[SERVICE_OPTIONS] = { NULL };
	struct service before;
	struct service after;

	if (ctl_options(argc, argv, service_options, SERVICE_OPTIONS, texts,
			why) ||
	    !texts[SLUG])
		return EX_USAGE;

	int r = store_service_by_slug(ctl->store, texts[SLUG], &before, why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT, "there is no service \"%s\"",
			      texts[SLUG]);
	if (r < 0)
		return ctl_status(why);
	after = before;

	int status = service_apply(texts, &after, why);

	if (!status &&
	    (store_service_change(ctl->store, &after, why) < 0 ||
	     store_audit_add(ctl->store, &by, "service_changed", after.slug,
			     "", why) < 0))
		status = ctl_status(why);
	service_release(&before);
	return status;
}

static int start_read(const char *text, const char *zone, int64_t *at_s_out,
		      struct fault *why)
{
	struct tm local;
	const char *end;

	memset(&local, 0, sizeof(local));
	end = strptime(text, "%Y-%m-%dT%H:%M", &local);
	if (!end || *end)
		return fault_set(why, FAULT_REJECT,
				 "--start %s: not YYYY-MM-DDTHH:MM", text);
	switch (zone_instant(zone, &local, at_s_out)) {
	case ZONE_OK:
		return 0;
	case ZONE_UNKNOWN:
		return fault_set(why, FAULT_CONFIG,
				 "this system has no time zone %s", zone);
	case ZONE_NO_SUCH_TIME:
		break;
	}
	return fault_set(why, FAULT_REJECT,
			 "--start %s: clocks in %s do not show that time",
			 text, zone);
}

static int slots_add(struct ctl *ctl, struct slot *slot, int64_t count,
		     struct fault *why)
{
	int64_t length_s = slot->ends_at_s - slot->starts_at_s;

	for (int64_t i = 0; i < count; i++) {
		int64_t id;
		int r = store_slot_add(ctl->store, slot, &id, why);

		if (r == 0)
			return fault_set(why, FAULT_REJECT,
					 "the service has a slot at that time "
					 "already, id %" PRId64, id);
		if (r < 0)
			return -1;
		printf("%" PRId64 "\n", id);
		slot->starts_at_s += length_s;
		slot->ends_at_s += length_s;
	}
	return 0;
}

int ctl_slot_add(struct ctl *ctl, int argc, char **argv, struct fault *why)
{
	enum { SERVICE, START, CAPACITY, DURATION, TIMES, COUNT };
	static const char *const names[COUNT] = {
		"service", "start", "capacity", "duration", "count",
	};
	const char *texts[COUNT] = { [DURATION] = "30min", [TIMES] = "1" };
	struct service service;
	struct slot slot = { .id = 0 };
	int64_t length_s;
	int64_t times;

	if (ctl_options(argc, argv, names, COUNT, texts, why))
		return EX_USAGE;
	if (!texts[SERVICE] || !texts[START] || !texts[CAPACITY] ||
	    !str_to_int(texts[CAPACITY], 1, CAPACITY_MAX, &slot.capacity) ||
	    !str_to_int(texts[TIMES], 1, COUNT_MAX, &times) ||
	    !duration_read(texts[DURATION], 1, DURATION_MAX_S,
			   &length_s))
		return EX_USAGE;

	int r = store_service_by_slug(ctl->store, texts[SERVICE], &service,
				      why);

	if (r == 0)
		r = fault_set(why, FAULT_REJECT, "there is no service \"%s\"",
			      texts[SERVICE]);
	if (r == 1)
		r = start_read(texts[START], service.zone, &slot.starts_at_s,
			       why);
	if (r == 0) {
		slot.service_id = service.id;
		must(str_copy(slot.zone, sizeof(slot.zone), service.zone));
		slot.ends_at_s = slot.starts_at_s + length_s;
		r = slots_add(ctl, &slot, times, why);
	}
	service_release(&service);
	return r < 0 ? ctl_status(why) : EX_OK;
}
