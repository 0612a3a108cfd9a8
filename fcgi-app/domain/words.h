/* SPDX-License-Identifier: MIT */
/*
 * The texts of a service in each language: name, description, place.  Pure.
 *
 * What is empty in another language is shown as in the service's own.
 */
#ifndef DOMAIN_WORDS_H
#define DOMAIN_WORDS_H

#include "domain/model.h"

#include <stdbool.h>

#define WORDS_LANGS_MAX 20	/* other languages of a service */

struct json_object;

/* What readers of a language are shown; all borrowed from the service. */
struct service_said {
	const char *name;
	const char *description;
	const char *place;
	/* Is it translated?  If not, it is in the service's own language. */
	bool name_is_theirs;
	bool description_is_theirs;
	bool place_is_theirs;
};

struct service_said service_say(const struct service *service,
				const char *lang);

/* Those of another language as they are kept; NULL if there are none.
 * Borrowed. */
struct service_words *service_words_in(const struct service *service,
				       const char *lang);

/* Adds that language, with empty texts, and returns them. */
struct service_words *service_words_add(struct service *service,
					const char *lang);

/* Drops the languages in which no text is left. */
void service_words_tidy(struct service *service);

/* Frees all of them; copies them from another service, over nothing. */
void service_words_release(struct service *service);
void service_words_copy(struct service *to, const struct service *from);

/* As JSON, {"en": {"name": ..., "description": ..., "place": ...}}; the
 * caller's. */
struct json_object *service_words_json(const struct service *service);

/* Takes them from such a text, over nothing; what is not understood is left
 * out. */
void service_words_read(struct service *service, const char *json);

/* In what calendars differ from before, and for whom. */
struct service_seen {
	const char *what;	/* "name", "place", "name-place", "" */
	/* Languages whose readers see it: "" all, "+en,de" these, "-en" all
	 * others. */
	char langs[2 + 2 * WORDS_LANGS_MAX * (SERVICE_LANG_MAX + 1)];
};

void service_seen_compare(const struct service *before,
			  const struct service *after,
			  struct service_seen *out);

#endif
