/* SPDX-License-Identifier: MIT */
/*
 * Languages: one JSON catalogue each (locale/fr.json), with texts, plurals,
 * month and day names and date patterns.  No system locale is needed.
 */
#ifndef TEXT_LANG_H
#define TEXT_LANG_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <time.h>

struct json_object;
struct lang_set;
struct lang;		/* one catalogue; borrowed from its set */

/*
 * Loads every *.json of both directories; edited may be NULL, "" or not there.
 * A file in edited is laid over the shipped one of its name, or adds a
 * language; one that cannot be used is left aside: lang_set_alert() tells.
 * fallback names the language that must be there and is taken when nothing else
 * fits.
 *
 * Texts that a language lacks are those of the fallback, or else English.
 * Returns the set (lang_set_free()), or NULL with FAULT_CONFIG.
 */
struct lang_set *lang_set_new(const char *shipped, const char *edited,
			      const char *fallback, struct fault *why)
	MUST_USE;
void lang_set_free(struct lang_set *set);

/* Raises an alert for each edited catalogue that could not be used. */
void lang_set_alert(const struct lang_set *set);

/* The same without the texts of other languages in the gaps: only for
 * lang_set_check(). */
struct lang_set *lang_set_raw(const char *shipped, const char *edited,
			      const char *fallback, struct fault *why)
	MUST_USE;

/* What lang_set_check() finds. */
enum lang_gap {
	LANG_BROKEN,		/* a file that cannot be used */
	LANG_MISSING,		/* a text, or a form of a plural */
	LANG_UNKNOWN,		/* nobody asks for it */
	LANG_WRONG,		/* a group for a text, a {name} not filled */
};

/*
 * Calls report for all that is not as in English, the language that is whole:
 * its tag, what it is, and a sentence "file:line: what is wrong".  A raw set.
 */
void lang_set_check(const struct lang_set *raw,
		    void (*report)(void *arg, const char *tag,
				   enum lang_gap gap, const char *sentence),
		    void *arg);

/* The catalogue of tag ("fr", "fr-CH"), or NULL. */
const struct lang *lang_find(const struct lang_set *set, const char *tag);

/* The best for an Accept-Language header (RFC 9110 section 12.5.4); never
 * NULL.  NULL or nonsense gives the fallback. */
const struct lang *lang_negotiate(const struct lang_set *set,
				  const char *accept_language);

/* The i-th catalogue, NULL past the end: for a choice of languages. */
const struct lang *lang_at(const struct lang_set *set, size_t i);

const char *lang_tag(const struct lang *l);		/* "fr" */
bool lang_is_rtl(const struct lang *l);	/* written from right to left */

/*
 * The language with the sentences for what a service calls its bookings
 * ("visit"): the same tag, a few other texts.  l itself if it has none for
 * that noun, or for NULL or "".
 */
const struct lang *lang_say(const struct lang *l, const char *noun);

/* The whole catalogue for templates; borrowed, do not change. */
struct json_object *lang_json(const struct lang *l);

/* The text of a dotted key ("error.name_required"); the key itself if it is
 * not there.  Borrowed. */
const char *lang_text(const struct lang *l, const char *key);

/*
 * Appends the text of key with each {name} replaced by vars' member of that
 * name.  If the key holds an object {"one":..., "other":...}, vars' member "n"
 * chooses by the catalogue's plural rule (plural.h).  vars may be NULL.
 */
void lang_format(const struct lang *l, const char *key,
		 struct json_object *vars, struct buf *out);

/* Append a local time as people write it in that language. */
void lang_date(const struct lang *l, const struct tm *tm, struct buf *out);
void lang_time(const struct lang *l, const struct tm *tm, struct buf *out);

/* Appends the month of a date: "December 2025". */
void lang_month(const struct lang *l, const struct tm *tm, struct buf *out);

/* The day with which weeks begin there, as tm_wday counts: 0 is Sunday. */
int lang_week_begins(const struct lang *l);

/* A day of the week, whole and as the head of a narrow column.  Borrowed. */
const char *lang_weekday(const struct lang *l, int wday);
const char *lang_weekday_short(const struct lang *l, int wday);

/*
 * Appends what people call the clocks of an IANA zone: "Paris time".  That is
 * zone's text in the catalogue's "zones", or else its place in "zone.city"
 * ("zone.vowel" if it begins with one: "heure d’Amsterdam").  A zone without a
 * place is named as it is, "UTC" for "Etc/UTC".  It need not exist.
 */
void lang_zone(const struct lang *l, const char *zone, struct buf *out);

#endif
