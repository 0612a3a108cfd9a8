/* SPDX-License-Identifier: MIT */
/* From values to an HTML answer: what all pages have in common. */
#ifndef ANSWER_RENDER_H
#define ANSWER_RENDER_H

#include "base/compiler.h"
#include "domain/fields.h"
#include "domain/model.h"
#include "site/site.h"

struct form;
struct json_object;

/* From here on the call's texts say what that service calls so many seats. */
void page_say(struct call *call, const struct service *service, int64_t seats);

/* Takes the language from the form's field of that name; false if it is none of
 * ours. */
bool page_lang_take(struct call *call, const struct form *f,
		    const char *field);

/* The same from the field lang. */
void page_lang_from(struct call *call, const struct form *f);

/*
 * The same from the field show, set by the language buttons in the head of a
 * form: true = show the form again in that language, with what was typed, and
 * do nothing else.
 */
bool page_lang_shown(struct call *call, const struct form *f);

/*
 * The instant from which slots are shown: the beginning of the day in the
 * query's "from" (2025-12-03) in that zone, but never the past.
 */
int64_t page_from_s(const struct call *call, const char *zone);

/*
 * Makes the values of a page: texts, language, links to the other languages.
 * self is the page's own path, for those links ("/s/visit"), with the query
 * that it needs; title stands before the site's name.  The caller frees it
 * (page_send() does).
 */
struct json_object *page_new(struct call *call, const char *self,
			     const char *title) MUST_USE RETURNS_NONNULL;

/* Renders values with a template as the answer, and frees values.  A template
 * that fails is logged and answered with a plain 500. */
void page_send(struct call *call, int status, const char *template,
	       struct json_object *values);

/* The text of "web.KEY" in the answer's language, "" if there is none; the key
 * is formatted.  Borrowed. */
const char *page_text(const struct call *call, const char *format, ...)
	PRINTF_LIKE(2, 3);

/* Both make a text that put_value() takes over: of "web.KEY" with vars put in,
 * and for the count n. */
struct json_object *page_format(const struct call *call, const char *key,
				struct json_object *vars)
	MUST_USE RETURNS_NONNULL;
struct json_object *page_count(const struct call *call, const char *key,
			       int64_t n) MUST_USE RETURNS_NONNULL;

/* Adds date and time of an instant in that zone, and returns to. */
struct json_object *page_put_instant(const struct call *call,
				     struct json_object *to, int64_t at_s,
				     const char *zone);

/*
 * Adds member name: {date, time, end_time, zone, iso}, a slot's time as
 * people read it in its zone.
 */
void page_put_when(const struct call *call, struct json_object *to,
		   const char *name, const struct slot *slot);

/* Adds member name: what people call the clocks of zone ("Paris time"), those
 * that are shown: UTC's if it is not known.  "" for "". */
void page_put_zone(const struct call *call, struct json_object *to,
		   const char *name, const char *zone);

/* Adds member name: a length of time in words, by whole minutes: "1 h 30". */
void page_put_length(const struct call *call, struct json_object *to,
		     const char *name, int64_t length_s);

/* Adds "zone_lost": the zone if the system no longer knows it, else "". */
void page_put_lost(struct json_object *to, const char *zone);

/* Slots to choose from; all borrowed. */
struct page_slots {
	const struct slot *slots;
	size_t count;
	const char *slug;	/* of their service */
	const char *zone;	/* shown beside the list */
};

/* Adds the list "slots"; each has, besides what page_put_when() adds,
 * "zone" if it differs from the one shown beside the list. */
void page_put_slots(const struct call *call, struct json_object *to,
		    const struct page_slots *list);

/* Adds member name: the sentence for what is wrong with a field, "" for
 * NULL. */
void page_put_error(const struct call *call, struct json_object *to,
		    const char *name, const struct field_error *e);

/*
 * The type of an input with that value: type ("date", "datetime-local",
 * "number"), or "text" if such a field cannot hold the value.  A browser would
 * show it empty, beside a sentence about what was typed.
 */
const char *page_input_type(const char *type, const char *value);

/* Adds value and error: what was typed into a field and what is wrong with it
 * (NULL = nothing). */
void page_put_field(const struct call *call, struct json_object *to,
		    const char *value, const struct field_error *e);

/*
 * Adds "service": its name, description and place in the reader's language if
 * it has them, slug, organiser, zone and language.  foreign is its language if
 * the page speaks another one; name_foreign, description_foreign and
 * place_foreign are "" besides if that text is translated.
 */
void page_put_service(const struct call *call, struct json_object *to,
		      const struct service *service);

/* The same with its own texts, as organisers know it. */
void page_put_service_own(const struct call *call, struct json_object *to,
			  const struct service *service);

#endif
