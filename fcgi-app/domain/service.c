/* SPDX-License-Identifier: MIT */
/* Decides about a service's fields; asks nobody. */
#include "config.h"

#include "domain/service.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/utext.h"
#include "domain/address.h"
#include "domain/zone.h"

#include <stdlib.h>
#include <string.h>

#define LANGUAGE_MAX 16
#define REMINDER_MIN 1440	/* of a new service */
#define OFFER_MIN 120

static void replace(char **text, char *with)
{
	free(*text);
	*text = with;
}

static void read_slug(struct fields *f, const struct service *before,
		      struct service *s)
{
	char *slug = NULL;

	if (!fields_text(f, "slug", &slug)) {
		if (before == NULL)
			fields_fail(f, "slug", "slug_required", 0);
		return;
	}

	size_t len = strlen(slug);

	if (before != NULL) {
		/* It stands in links that were sent. */
		if (strcmp(slug, before->slug) != 0)
			fields_fail(f, "slug", "slug_fixed", 0);
	} else if (len == 0) {
		fields_fail(f, "slug", "slug_required", 0);
	} else if (strcmp(slug, "new") == 0) {
		/* The address of the form for another one. */
		fields_fail(f, "slug", "slug_reserved", 0);
	} else if (len > SERVICE_SLUG_MAX ||
		   strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") !=
			   len) {
		fields_fail(f, "slug", "slug_broken", SERVICE_SLUG_MAX);
	} else {
		replace(&s->slug, slug);
		return;
	}
	free(slug);
}

static void read_name(struct fields *f, struct service *s)
{
	char *name;

	if (fields_words(f, "name", SERVICE_TEXT_MAX, false, &name))
		replace(&s->name, name);
	if (utext_name_check(s->name) != UTEXT_GOOD)
		fields_fail(f, "name", "service_name_required", 0);
}

static void read_texts(struct fields *f, struct service *s)
{
	char *text;

	if (fields_words(f, "description", SERVICE_DESCRIPTION_MAX, true,
			 &text))
		replace(&s->description, text);
	if (fields_words(f, "place", SERVICE_TEXT_MAX, false, &text))
		replace(&s->place, text);
}

static void read_zone(struct fields *f, struct service *s)
{
	char *zone;

	if (fields_text(f, "time_zone", &zone))
		replace(&s->zone, zone);
	if (*s->zone == '\0')
		fields_fail(f, "time_zone", "zone_required", 0);
	else if (!zone_is_known(s->zone))
		fields_fail(f, "time_zone", "zone_unknown", 0);
}

static void read_language(struct fields *f, struct service *s)
{
	char *tag;

	if (!fields_text(f, "language", &tag))
		return;
	if (strlen(tag) > LANGUAGE_MAX ||
	    strspn(tag, "abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != strlen(tag))
		fields_fail(f, "language", "language_broken", 0);
	replace(&s->language, tag);
}

static void read_minutes(struct fields *f, struct service *s)
{
	(void)fields_minutes(f, "notice_minutes", 0, SERVICE_MINUTES_MAX,
			     "minutes_wrong", &s->notice_min);
	(void)fields_minutes(f, "reminder_minutes", 0, SERVICE_MINUTES_MAX,
			     "minutes_wrong", &s->reminder_min);
	(void)fields_minutes(f, "offer_minutes", 1, SERVICE_MINUTES_MAX,
			     "minutes_one", &s->offer_min);
}

static void read_organiser(struct fields *f, struct service *s)
{
	static const char *const codes[] = {
		[ADDRESS_GOOD] = NULL,
		[ADDRESS_EMPTY] = NULL,
		[ADDRESS_BROKEN] = "email_broken",
		[ADDRESS_NO_DOT] = "email_no_dot",
		[ADDRESS_LONG] = "email_long",
		[ADDRESS_NON_ASCII] = "email_non_ascii",
		[ADDRESS_DOTS] = "email_dots",
		[ADDRESS_NUMERIC] = "email_numeric",
	};
	char kept[ADDRESS_MAX + 1];
	const char *code;
	char *text;

	if (fields_words(f, "organiser_name", SERVICE_TEXT_MAX, false, &text))
		replace(&s->organiser_name, text);
	if (fields_text(f, "organiser_email", &text)) {
		code = codes[address_normalise(text, kept)];
		if (code != NULL)
			fields_fail(f, "organiser_email", code, 0);
		replace(&s->organiser_email, alloc_text(kept));
		free(text);
	}
	(void)fields_flag(f, "organiser_mails", &s->organiser_mails);
	if (s->organiser_mails && *s->organiser_email == '\0')
		fields_fail(f, "organiser_email", "mails_need_address", 0);
}

void service_form_read(const struct form *f, const struct service *before,
		       struct service_form *out)
{
	static char none[] = "";
	const struct service empty = {
		.slug = none, .name = none, .description = none,
		.place = none, .zone = none, .organiser_name = none,
		.organiser_email = none, .language = none,
		.reminder_min = REMINDER_MIN, .offer_min = OFFER_MIN,
	};
	struct service *s = &out->service;

	*out = (struct service_form){ .fields = { .form = f } };
	service_copy(s, before != NULL ? before : &empty);
	/* In the order of the page. */
	read_name(&out->fields, s);
	read_slug(&out->fields, before, s);
	read_texts(&out->fields, s);
	read_zone(&out->fields, s);
	read_language(&out->fields, s);
	read_minutes(&out->fields, s);
	read_organiser(&out->fields, s);
	out->fields.form = NULL;
}

void service_form_release(struct service_form *form)
{
	service_release(&form->service);
	memset(form, 0, sizeof(*form));
}
