/* SPDX-License-Identifier: MIT */
/* Keeps a service's texts in other languages, and chooses among them. */
#include "config.h"

#include "domain/words.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "json/get.h"
#include "json/put.h"
#include "text/catalogue.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

/* ---- what is shown ------------------------------------------------------ */

static const char *choose(const char *theirs, const char *own, bool *is_theirs)
{
	*is_theirs = theirs && *theirs != '\0';
	return *is_theirs ? theirs : own;
}

struct service_said service_say(const struct service *service,
				const char *lang)
{
	/* One that is left from when the service spoke another language. */
	const struct service_words *w =
		strcmp(lang, service->language) == 0 ? NULL :
		service_words_in(service, lang);
	struct service_said said;

	said.name = choose(w ? w->name : NULL, service->name,
			   &said.name_is_theirs);
	said.description = choose(w ? w->description : NULL,
				  service->description,
				  &said.description_is_theirs);
	said.place = choose(w ? w->place : NULL, service->place,
			    &said.place_is_theirs);
	return said;
}

/* ---- what is kept ------------------------------------------------------- */

struct service_words *service_words_in(const struct service *service,
				       const char *lang)
{
	for (size_t i = 0; i < service->other_count; i++)
		if (strcmp(service->others[i].lang, lang) == 0)
			return &service->others[i];
	return NULL;
}

struct service_words *service_words_add(struct service *service,
					const char *lang)
{
	struct service_words *w;

	service->others = alloc_resize(service->others,
				       service->other_count + 1,
				       sizeof(*service->others));
	w = &service->others[service->other_count++];
	must(str_copy(w->lang, sizeof(w->lang), lang));
	w->name = alloc_text("");
	w->description = alloc_text("");
	w->place = alloc_text("");
	return w;
}

static void words_free(struct service_words *w)
{
	free(w->name);
	free(w->description);
	free(w->place);
}

void service_words_tidy(struct service *service)
{
	size_t kept = 0;

	for (size_t i = 0; i < service->other_count; i++) {
		struct service_words *w = &service->others[i];

		if (*w->name != '\0' || *w->description != '\0' ||
		    *w->place != '\0')
			service->others[kept++] = *w;
		else
			words_free(w);
	}
	service->other_count = kept;
}

void service_words_release(struct service *service)
{
	for (size_t i = 0; i < service->other_count; i++)
		words_free(&service->others[i]);
	free(service->others);
	service->others = NULL;
	service->other_count = 0;
}

void service_words_copy(struct service *to, const struct service *from)
{
	to->others = NULL;
	to->other_count = 0;
	if (from->other_count == 0)
		return;
	to->others = alloc_zeroed(from->other_count, sizeof(*to->others));
	to->other_count = from->other_count;
	for (size_t i = 0; i < from->other_count; i++) {
		to->others[i] = from->others[i];
		to->others[i].name = alloc_text(from->others[i].name);
		to->others[i].description =
			alloc_text(from->others[i].description);
		to->others[i].place = alloc_text(from->others[i].place);
	}
}

/* ---- as JSON ------------------------------------------------------------ */

struct json_object *service_words_json(const struct service *service)
{
	struct json_object *all = put_new();

	for (size_t i = 0; i < service->other_count; i++) {
		const struct service_words *w = &service->others[i];
		struct json_object *one = put_object(all, w->lang);

		put_text(one, "name", w->name);
		put_text(one, "description", w->description);
		put_text(one, "place", w->place);
	}
	return all;
}

static void text_replace(char **text, const char *by)
{
	free(*text);
	*text = alloc_text(by);
}

void service_words_read(struct service *service, const char *json)
{
	struct json_object *all = *json != '\0' ? get_root(json) : NULL;

	service->others = NULL;
	service->other_count = 0;
	if (!all)
		return;
	json_object_object_foreach(all, lang, texts) {
		struct service_words *w;

		if (!catalogue_is_tag(lang) ||
		    strlen(lang) > SERVICE_LANG_MAX ||
		    service->other_count == WORDS_LANGS_MAX)
			continue;
		w = service_words_add(service, lang);
		text_replace(&w->name, get_text(texts, "name"));
		text_replace(&w->description, get_text(texts, "description"));
		text_replace(&w->place, get_text(texts, "place"));
	}
	json_object_put(all);
}

/* ---- what has changed --------------------------------------------------- */

#define SEEN_NAME 1u
#define SEEN_PLACE 2u

static unsigned said_differs(const struct service_said *a,
			     const struct service_said *b)
{
	return (strcmp(a->name, b->name) != 0 ? SEEN_NAME : 0) |
	       (strcmp(a->place, b->place) != 0 ? SEEN_PLACE : 0);
}

static unsigned differs_in(const struct service *before,
			   const struct service *after, const char *lang)
{
	struct service_said a = service_say(before, lang);
	struct service_said b = service_say(after, lang);

	return said_differs(&a, &b);
}

/* Notes a language if its readers see something else than those of all
 * languages that are not named; own is what those see. */
static unsigned lang_look(const char *lang, unsigned theirs, unsigned own,
			  struct buf *langs)
{
	if ((theirs != 0) != (own != 0))
		buf_addf(langs, "%s%s", langs->len > 0 ? "," : own ? "-" : "+",
			 lang);
	return theirs;
}

void service_seen_compare(const struct service *before,
			  const struct service *after,
			  struct service_seen *out)
{
	static const char *const words[] = { "", "name", "place",
					     "name-place" };
	unsigned own = differs_in(before, after, "");
	unsigned all = own;
	struct buf langs = BUF_INIT;

	for (size_t i = 0; i < before->other_count; i++) {
		const char *lang = before->others[i].lang;

		all |= lang_look(lang, differs_in(before, after, lang), own,
				 &langs);
	}
	for (size_t i = 0; i < after->other_count; i++) {
		const char *lang = after->others[i].lang;

		if (!service_words_in(before, lang))
			all |= lang_look(lang, differs_in(before, after, lang),
					 own, &langs);
	}
	out->what = words[all];
	must(str_copy(out->langs, sizeof(out->langs),
		      langs.len > 0 ? langs.data : ""));
	buf_release(&langs);
}
