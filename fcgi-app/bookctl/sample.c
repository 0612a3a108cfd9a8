/* SPDX-License-Identifier: MIT */
/* bookctl sample: a few services with slots, to try the programs out. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "base/ticks.h"
#include "domain/service.h"
#include "domain/zone.h"
#include "store/service.h"
#include "store/stock.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#define DAYS 30
#define SAMPLE_ZONE "Europe/Paris"

/* Bits of the days of the week, as tm_wday counts them. */
#define ON(wday) (1u << (wday))
#define WEEKDAYS (ON(1) | ON(2) | ON(3) | ON(4) | ON(5))
#define EVERY_DAY 127u

/* Slots from first to last (minutes after midnight), each length_min long. */
struct series {
	const char *slug;
	unsigned days;
	int first_min;
	int last_min;
	int length_min;
	int64_t capacity;
};

static const struct series all_series[] = {
	{ "consultation", WEEKDAYS, 9 * 60, 11 * 60 + 30, 30, 1 },
	{ "consultation", WEEKDAYS, 14 * 60, 16 * 60 + 30, 30, 1 },
	{ "visite", EVERY_DAY, 10 * 60 + 30, 10 * 60 + 30, 90, 10 },
	{ "visite", ON(0) | ON(6), 15 * 60, 15 * 60, 90, 10 },
	{ "concert", ON(0) | ON(3) | ON(5) | ON(6), 20 * 60 + 30, 20 * 60 + 30,
	  120, 250 },
};

static int no_zone(struct fault *why)
{
	return fault_set(why, FAULT_CONFIG, "this system has no time zone "
			 SAMPLE_ZONE ": install tzdata");
}

/* As a form would send them. */
#define COMMON "&time_zone=" SAMPLE_ZONE \
	"&language=fr&organiser_email=accueil@example.org"

static const struct {
	const char *own;
	const char *english;
} all_services[] = { {
	"slug=consultation&name=Consultation"
	"&description=Un premier entretien d’une demi-heure, sans engagement."
	"&place=12, rue des Lilas, 75011 Paris"
	"&organiser_name=Cabinet d’Été" COMMON,
	"text_lang=en&name=Consultation"
	"&description=A first half-hour meeting, without obligation.",
}, {
	"slug=visite&name=Visite guidée du jardin botanique"
	"&description=Une heure et demie parmi les serres et les roseraies. "
	"Prévoyez de bonnes chaussures."
	"&place=Entrée nord, allée des Tilleuls"
	"&organiser_name=Les Amis du jardin"
	"&notice_minutes=120&organiser_mails=yes" COMMON,
	"text_lang=en&name=Guided tour of the botanical garden"
	"&description=An hour and a half among greenhouses and rose gardens. "
	"Wear good shoes."
	"&place=North gate, allée des Tilleuls",
}, {
	"slug=concert&name=Concert au kiosque"
	"&description=Quatuor à cordes en plein air ; "
	"repli dans l’orangerie s’il pleut."
	"&place=Kiosque du parc Montsouris, Paris"
	"&organiser_name=Association Plein Air&reminder_minutes=0" COMMON,
	"text_lang=en&name=Concert at the bandstand"
	"&description=A string quartet in the open air; "
	"in the orangery if it rains."
	"&place=Bandstand of the Parc Montsouris, Paris",
} };

struct tally {
	int seen;
	int added;
};

static void text_read(const char *text, const struct service *before,
		      struct service_form *out)
{
	struct form f = { .count = 0 };

	must(form_read_urlencoded(&f, text, strlen(text)) == FORM_READ);
	service_form_read(&f, before, "", out);
	form_release(&f);
}

static int service_add(struct ctl *ctl, size_t i, struct tally *tally,
		       struct fault *why)
{
	struct service_form own;
	struct service_form both;
	int64_t id;
	int r;

	text_read(all_services[i].own, NULL, &own);
	text_read(all_services[i].english, &own.service, &both);
	/* Only the time zone may be missing, if this system has none. */
	r = own.fields.error_count > 0 ? no_zone(why) :
		store_service_add(ctl->store, &both.service, &id, why);
	service_form_release(&both);
	service_form_release(&own);
	if (r < 0)
		return -1;
	tally->seen++;
	tally->added += r;
	return 0;
}

/* A series on its way into the store. */
struct adding {
	struct store *store;
	const struct series *series;
	int64_t service_id;
	struct tally *tally;
};

static int slot_add(const struct adding *a, int64_t starts_at_s,
		    struct fault *why)
{
	const struct slot slot = {
		.service_id = a->service_id,
		.zone = SAMPLE_ZONE,
		.starts_at_s = starts_at_s,
		.ends_at_s = starts_at_s + a->series->length_min * 60,
		.capacity = a->series->capacity,
	};
	int64_t id;
	int r = store_slot_add(a->store, &slot, &id, why);

	if (r < 0)
		return -1;
	a->tally->seen++;
	a->tally->added += r;
	return 0;
}

/* One day's slots of a series; those that have begun are left out. */
static int day_add(const struct adding *a, const struct tm *day,
		   struct fault *why)
{
	const struct series *s = a->series;

	for (int min = s->first_min; min <= s->last_min; min += s->length_min) {
		struct tm local = *day;
		int64_t at_s;

		local.tm_hour = min / 60;
		local.tm_min = min % 60;
		local.tm_sec = 0;
		if (zone_instant(SAMPLE_ZONE, &local, &at_s) != ZONE_OK ||
		    at_s <= wall_ms() / 1000)
			continue;
		if (slot_add(a, at_s, why) < 0)
			return -1;
	}
	return 0;
}

/* The date n days after today, in the samples' zone; noon is on every day. */
static int day_after(int n, struct tm *out, struct fault *why)
{
	struct tm noon;
	int64_t noon_s;

	if (zone_local(SAMPLE_ZONE, wall_ms() / 1000, &noon, NULL) < 0)
		return no_zone(why);
	noon.tm_hour = 12;
	noon.tm_min = 0;
	noon.tm_sec = 0;
	must(zone_instant(SAMPLE_ZONE, &noon, &noon_s) == ZONE_OK);
	/* An hour more or less leaves the date alone. */
	return zone_local(SAMPLE_ZONE, noon_s + (int64_t)n * 24 * 3600, out,
			  NULL);
}

static int series_add(struct ctl *ctl, const struct series *s,
		      struct tally *tally, struct fault *why)
{
	struct service service;
	int r = store_service_by_slug(ctl->store, s->slug, &service, why);
	const struct adding a = { ctl->store, s, service.id, tally };

	service_release(&service);
	if (r != 1)
		return r;	/* 0: removed by somebody, nothing to add to */
	for (int n = 0; n <= DAYS; n++) {
		struct tm day;

		if (day_after(n, &day, why) < 0)
			return -1;
		if ((s->days & ON(day.tm_wday)) &&
		    day_add(&a, &day, why) < 0)
			return -1;
	}
	return 0;
}

int ctl_sample(struct ctl *ctl, struct fault *why)
{
	struct tally services = { 0, 0 };
	struct tally slots = { 0, 0 };

	for (size_t i = 0; i < ARRAY_COUNT(all_services); i++)
		if (service_add(ctl, i, &services, why) < 0)
			return CLI_BY_FAULT;
	for (size_t i = 0; i < ARRAY_COUNT(all_series); i++)
		if (series_add(ctl, &all_series[i], &slots, why) < 0)
			return CLI_BY_FAULT;
	printf("services: %d, %d new; slots: %d, %d new\n", services.seen,
	       services.added, slots.seen, slots.added);
	return EX_OK;
}
