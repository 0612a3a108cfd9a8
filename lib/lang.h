/* SPDX-License-Identifier: MIT */
/*
 * Languages: one JSON catalogue each (locale/fr.json), with texts, plurals,
 * month and day names and date patterns.  No system locale is needed.
 */
#ifndef LANG_H
#define LANG_H

#include "buf.h"
#include "compiler.h"
#include "fault.h"

#include <stdbool.h>
#include <time.h>

struct json_object;
struct lang_set;
struct lang;		/* one catalogue; borrowed from its set */

/*
 * Loads every *.json of dir.  fallback names the language that must be there
 * and is taken when nothing else fits.  Returns the set (lang_set_free()), or
 * NULL with FAULT_CONFIG.
 */
struct lang_set *lang_set_new(const char *dir, const char *fallback,
			      struct fault *why) MUST_USE;
void lang_set_free(struct lang_set *set);

/* The catalogue of tag ("fr", "fr-CH"), or NULL. */
const struct lang *lang_find(const struct lang_set *set, const char *tag);

/* The best for an Accept-Language header (RFC 9110 section 12.5.4); never
 * NULL.  NULL or nonsense gives the fallback. */
const struct lang *lang_negotiate(const struct lang_set *set,
				  const char *accept_language);

/* The i-th catalogue, NULL past the end: for a choice of languages. */
const struct lang *lang_at(const struct lang_set *set, size_t i);

const char *lang_tag(const struct lang *l);		/* "fr" */

/* The whole catalogue for templates; borrowed, do not change. */
struct json_object *lang_json(const struct lang *l);

/* The text of a dotted key ("error.name_required"); the key itself if it is
 * not there.  Borrowed. */
const char *lang_text(const struct lang *l, const char *key);

/*
 * Appends the text of key with each {name} replaced by vars' member of that
 * name.  If the key holds an object {"one":..., "other":...}, vars' member "n"
 * chooses by the catalogue's plural rule.  vars may be NULL.
 */
void lang_format(const struct lang *l, const char *key,
		 struct json_object *vars, struct buf *out);

/* Append a local time as people write it in that language. */
void lang_date(const struct lang *l, const struct tm *tm, struct buf *out);
void lang_time(const struct lang *l, const struct tm *tm, struct buf *out);

#endif
