/* SPDX-License-Identifier: MIT */
/* Decides about a service's fields; asks nobody. */
#include "config.h"

#include "domain/service.h"

#include "base/alloc.h"
#include "base/utext.h"
#include "domain/address.h"
#include "domain/words.h"
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
		return NULL;	/* slug_derive() */
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

/* What the reading of a form is about. */
struct reading {
	struct fields *fields;
	const struct service *before;	/* NULL = a new one */
	bool translates;	/* the texts are in another language */
};

/* The code of what is wrong with a text for its kind, or NULL. */
static const char *text_wrong(const struct reading *r,
			      const struct service_member *m, char **text)
{
	switch (m->kind) {
	case SERVICE_NAME:
		return !(r->translates && **text == '\0') &&
		       utext_name_check(*text) != UTEXT_GOOD ?
			"service_name_required" : NULL;
	case SERVICE_SLUG:
		return slug_wrong(m, *text, r->before);
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

static void read_text(const struct reading *r, const struct service_member *m,
		      char **text)
{
	struct fields *f = r->fields;
	bool lines = m->kind == SERVICE_LINES;
	bool words = lines || m->kind == SERVICE_LINE ||
		     m->kind == SERVICE_NAME;
	const struct fields_room room = { m->most, lines };
	const char *code = NULL;
	char *given;
	bool is_given = words ? fields_words(f, m->field, room, &given) :
		fields_text(f, m->field, &given);

	if (is_given) {
		free(*text);
		*text = given;
	}
	/* Values saved under other rules stay. */
	if (is_given || m->least > 0)
		code = text_wrong(r, m, text);
	if (code != NULL)
		fields_fail(f, m->field, code, m->most);
}

static void read_int(const struct reading *r, const struct service_member *m,
		     int64_t *minutes)
{
	bool confirm = m->kind == SERVICE_CONFIRM;
	const struct fields_range range = {
		confirm ? 0 : m->least, m->most,
		confirm ? "confirm_wrong" :
		m->least > 0 ? "minutes_one" : "minutes_wrong",
	};

	if (fields_minutes(r->fields, m->field, range, minutes) && confirm &&
	    *minutes > 0 && *minutes < m->least)
		fields_fail(r->fields, m->field, range.code, 0);
}

static void read_flag(const struct reading *r, const struct service_member *m,
		      bool *flag)
{
	(void)fields_flag(r->fields, m->field, flag);
}

/* The texts of the language that text_lang names; NULL if it is the service's
 * own, or none that they can be in. */
static struct service_words *words_meant(struct fields *f, struct service *s)
{
	struct service_words *w = NULL;
	const char *code = NULL;
	char *lang;

	if (!fields_text(f, "text_lang", &lang))
		return NULL;
	if (*lang != '\0' && strcmp(lang, s->language) != 0) {
		w = service_words_in(s, lang);
		if (!catalogue_is_tag(lang) || strlen(lang) > SERVICE_LANG_MAX)
			code = "language_broken";
		else if (!w && s->other_count == WORDS_LANGS_MAX)
			code = "text_langs_many";
		else if (!w)
			w = service_words_add(s, lang);
	}
	if (code)
		fields_fail(f, "text_lang", code, WORDS_LANGS_MAX);
	free(lang);
	return w;
}

static void text_swap(char **a, char **b)
{
	char *kept = *a;

	*a = *b;
	*b = kept;
}

/* Puts the texts of another language where the service has its own, or back. */
static void words_swap(struct service *s, struct service_words *w)
{
	if (!w)
		return;
	text_swap(&s->name, &w->name);
	text_swap(&s->description, &w->description);
	text_swap(&s->place, &w->place);
}

/* Makes the slug of a new service that has none; without a name, that is what
 * is to be said. */
static void slug_derive(const struct reading *r, struct service *s)
{
	const struct service_member *m =
		SERVICE_MEMBER(SLUG, "slug", 1, SERVICE_SLUG_MAX);
	char word[SERVICE_SLUG_MAX + 1];
	const char *code;

	if (r->before || *s->slug != '\0' ||
	    fields_error(r->fields, "name") || fields_error(r->fields, "slug"))
		return;
	utext_word(word, sizeof(word), s->name, '-');
	free(s->slug);
	s->slug = alloc_text(word);
	code = *word == '\0' ? "slug_required" : slug_wrong(m, word, NULL);
	if (code != NULL)
		fields_fail(r->fields, "slug", code, m->most);
}

#define FIRST_text(first) none
#define FIRST_int(first) first
#define FIRST_flag(first) first
#define FIRST(type, kind, member, column, field, option, least, most, first) \
	.member = FIRST_##type(first),
#define READ(type, kind, member, column, field, option, least, most, first) \
	read_##type(&r, SERVICE_MEMBER(kind, field, least, most), &s->member);

void service_form_read(const struct form *f, const struct service *before,
		       const char *zone, struct service_form *out)
{
	static char none[] = "";
	static const struct service fresh = { SERVICE_MEMBERS(FIRST) };
	struct service *s = &out->service;

	*out = (struct service_form){ .fields = { .form = f } };
	service_copy(s, before != NULL ? before : &fresh);
	if (before == NULL) {
		free(s->zone);
		s->zone = alloc_text(zone);
	}

	struct service_words *words = words_meant(&out->fields, s);
	const struct reading r = { &out->fields, before, words != NULL };

	words_swap(s, words);
	SERVICE_MEMBERS(READ)
	words_swap(s, words);
	slug_derive(&r, s);
	service_words_tidy(s);
	if (s->organiser_mails && *s->organiser_email == '\0')
		fields_fail(&out->fields, "organiser_email",
			    "mails_need_address", 0);
	(void)fields_flag(&out->fields, "tell", &out->tell);
	service_seen_compare(before ? before : s, s, &out->seen);
	out->fields.form = NULL;
}

void service_form_release(struct service_form *form)
{
	service_release(&form->service);
	memset(form, 0, sizeof(*form));
}
