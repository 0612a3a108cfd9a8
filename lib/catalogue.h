/* SPDX-License-Identifier: MIT */
/* One language's file (locale/fr.json), read and checked. */
#ifndef CATALOGUE_H
#define CATALOGUE_H

#include "compiler.h"
#include "fault.h"

struct json_object;

struct catalogue {
	struct json_object *json;	/* the whole; owns all texts below */
	const char *tag;		/* "fr" */
	const char *plural;		/* "n==1", "n<2" or "none" */
	const char *months[12];
	const char *days[7];		/* from Sunday */
	const char *date;		/* {weekday} {day} {month} {year} */
	const char *first_day;		/* of a month: "1er" */
	const char *time;		/* {hour}:{minute} */
};

/*
 * Loads dir/file, which must be named after the language it holds.
 * Returns 0 (catalogue_release() frees), or -1 with FAULT_CONFIG that names
 * the file and the line, or the member that is missing.
 */
int catalogue_load(struct catalogue *c, const char *dir, const char *file,
		   struct fault *why) MUST_USE;

void catalogue_release(struct catalogue *c);

#endif
