/* SPDX-License-Identifier: MIT */
/* Decides about a service's fields; asks nobody. */
#include "config.h"

#include "domain/service.h"

#include "base/alloc.h"
#include "base/utext.h"
#include "domain/address.h"
#include "domain/zone.h"
#include "text/catalogue.h"

#include <stdlib.h>
#include <string.h>

static const char *slug_wrong(const struct service_member *m, const char *slug,
			      const struct service *before)
{
	size_t len = strlen(slug);

	if (before != NULL)
		/* It is in links already sent. */
		return strcmp(slug, before->slug) != 0 ? "slug_fixed" : NULL;
	if (len == 0)
		return "slug_required";
	if (strcmp(slug, "new") == 0)
		/* The address of the form for another one. */
		return "slug_reserved";
	return len > (size_t)m->most ||
	       strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != len ?
		"slug_broken" : NULL;
}

static const char *zone_wrong(const char *zone)
{
	if (*zone == '\0')
		return "zone_required";
	return zone_is_known(zone) ? NULL : "zone_unknown";
}

static const char *const nouns[] = { "appointment", "visit", "place" };

const char *service_noun_at(size_t i)
{
	return i < ARRAY_COUNT(nouns) ? nouns[i] : NULL;
}

const char *service_noun(const struct service *service, int64_t seats)
{
	for (size_t i = 0; i < ARRAY_COUNT(nouns); i++) {
		if (strcmp(service->noun, nouns[i]) != 0)
			continue;
		return seats > 1 && strcmp(nouns[i], "place") == 0 ?
			"places" : nouns[i];
	}
	return NULL;
}

static bool is_noun(const char *text)
{
	const char *noun;

	for (size_t i = 0; (noun = service_noun_at(i)) != NULL; i++)
		if (strcmp(text, noun) == 0)
			return true;
	return *text == '\0';
}

static const char *address_wrong(char **text)
{
	char kept[ADDRESS_MAX + 1];
	enum address_result result = address_normalise(*text, kept);

	free(*text);
	*text = alloc_text(kept);
	return result == ADDRESS_EMPTY ? NULL : address_code(result);
}

/* The code of what is wrong with a text for its kind, or NULL. */
static const char *text_wrong(const struct service_member *m, char **text,
			      const struct service *before)
{
	switch (m->kind) {
	case SERVICE_NAME:
		return utext_name_check(*text) != UTEXT_GOOD ?
			"service_name_required" : NULL;
	case SERVICE_SLUG:
		return slug_wrong(m, *text, before);
	case SERVICE_ZONE:
		return zone_wrong(*text);
	case SERVICE_LANGUAGE:
		return **text != '\0' && !catalogue_is_tag(*text) ?
			"language_broken" : NULL;
	case SERVICE_NOUN:
		return is_noun(*text) ? NULL : "noun_unknown";
	case SERVICE_ADDRESS:
		return address_wrong(text);
	default:
		return NULL;
	}
}

static void read_text(struct fields *f, const struct service_member *m,
		      const struct service *before, char **text)
{
	bool lines = m->kind == SERVICE_LINES;
	bool words = lines || m->kind == SERVICE_LINE ||
		     m->kind == SERVICE_NAME;
	const char *code = NULL;
	char *given;
	bool is_given = words ?
		fields_words(f, m->field, m->most, lines, &given) :
		fields_text(f, m->field, &given);

	if (is_given) {
		free(*text);
		*text = given;
	}
	/* Values saved under other rules stay. */
	if (is_given || m->least > 0)
		code = text_wrong(m, text, before);
	if (code != NULL)
		fields_fail(f, m->field, code, m->most);
}

static void read_int(struct fields *f, const struct service_member *m,
		     const struct service *before, int64_t *minutes)
{
	const struct fields_range range = {
		m->least, m->most,
		m->least > 0 ? "minutes_one" : "minutes_wrong",
	};

	(void)before;
	(void)fields_minutes(f, m->field, range, minutes);
}

static void read_flag(struct fields *f, const struct service_member *m,
		      const struct service *before, bool *flag)
{
	(void)before;
	(void)fields_flag(f, m->field, flag);
}

#define FIRST_text(first) none
#define FIRST_int(first) first
#define FIRST_flag(first) first
#define FIRST(type, kind, member, column, field, option, least, most, first) \
	.member = FIRST_##type(first),
#define READ(type, kind, member, column, field, option, least, most, first) \
	read_##type(&out->fields, SERVICE_MEMBER(kind, field, least, most), \
		    before, &s->member);

void service_form_read(const struct form *f, const struct service *before,
		       struct service_form *out)
{
	static char none[] = "";
	static const struct service fresh = { SERVICE_MEMBERS(FIRST) };
	struct service *s = &out->service;

	*out = (struct service_form){ .fields = { .form = f } };
	service_copy(s, before != NULL ? before : &fresh);
	SERVICE_MEMBERS(READ)
	if (s->organiser_mails && *s->organiser_email == '\0')
		fields_fail(&out->fields, "organiser_email",
			    "mails_need_address", 0);
	(void)fields_flag(&out->fields, "tell", &out->tell);
	out->seen = before && (strcmp(s->name, before->name) != 0 ||
			       strcmp(s->place, before->place) != 0);
	out->fields.form = NULL;
}

void service_form_release(struct service_form *form)
{
	service_release(&form->service);
	memset(form, 0, sizeof(*form));
}
