/* SPDX-License-Identifier: MIT */
/* One language's file (locale/fr.json), read and checked. */
#ifndef TEXT_CATALOGUE_H
#define TEXT_CATALOGUE_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>

struct json_object;

struct catalogue {
	struct json_object *json;	/* the whole; owns all texts below */
	const char *tag;		/* "fr" */
	const char *plural;		/* a rule of plural.h */
	const char *months[12];
	const char *days[7];		/* from Sunday */
	const char *date;		/* {weekday} {day} {month} {year} */
	const char *first_day;		/* of a month: "1er" */
	const char *time;		/* {hour}:{minute} */
	bool rtl;		/* its "dir", which it may lack, is "rtl" */
};

/* Which way it is written, if that is said: "ltr" or "rtl". */
#define CATALOGUE_DIR "dir"

/* The group of zones' names: each language has those that it calls otherwise
 * than by their place, so none is missing, and none is another's. */
#define CATALOGUE_ZONES "zones"

/*
 * The group of nouns: for what a service may call its bookings ("visit"), a
 * group of those texts that then say it otherwise, each a whole sentence, at
 * the places that they have in the catalogue.  Never another language's.
 */
#define CATALOGUE_NOUNS "nouns"

#define CATALOGUE_MAX_BYTES (1024 * 1024)

/* Is that a language's tag, as it may go into headers, envelopes, names of
 * folders and the database: letters, digits and hyphens, at most 16? */
bool catalogue_is_tag(const char *tag);

/*
 * Loads the file, which must hold the language tag.
 * Returns 0 (catalogue_release() frees), or -1 with FAULT_CONFIG that names
 * the file and the line, or the member that is missing.
 */
int catalogue_load(struct catalogue *c, const char *path, const char *tag,
		   struct fault *why) MUST_USE;

/*
 * Lays a file over it, which may hold any of its texts.  0, or -1 with
 * FAULT_CONFIG as above and c as it was: the file cannot be read, or has a text
 * where pages expect a group of texts, or the other way round.
 */
int catalogue_lay_over(struct catalogue *c, const char *path,
		       struct fault *why) MUST_USE;

/*
 * Makes *out of c with the texts of a noun laid over it (catalogue_release()
 * frees).  False if c has no such noun, or one that has a text where pages
 * expect a group, or the other way round.
 */
bool catalogue_say(const struct catalogue *c, const char *noun,
		   struct catalogue *out) MUST_USE;

void catalogue_release(struct catalogue *c);

/* What a member of a catalogue is. */
enum catalogue_shape {
	CATALOGUE_TEXT,
	CATALOGUE_COUNT,	/* {"one": ..., "other": ...} */
	CATALOGUE_GROUP,	/* of texts */
	CATALOGUE_NAMES,	/* months, days */
	CATALOGUE_NONSENSE,
};
enum catalogue_shape catalogue_shape(struct json_object *value);

/* Fills gaps in "into" with texts of "from", which both then share. */
void catalogue_fill_in(struct json_object *into, struct json_object *from);

#endif
