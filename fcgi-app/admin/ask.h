/* SPDX-License-Identifier: MIT */
/* The page that asks before something is done that cannot be undone, or that
 * others notice at once. */
#ifndef ADMIN_ASK_H
#define ADMIN_ASK_H

#include "base/compiler.h"

#include <stdbool.h>

struct call;
struct json_object;

/* All borrowed. */
struct admin_ask {
	/* Its texts are "admin.ask.WORD": title, lead, submit. */
	const char *word;
	const char *self;	/* its address, with its query */
	const char *action;	/* where its form is posted */
	const char *back;	/* where one goes without doing it */
	const char *what;	/* that it is about: a name, a reference */
	bool wrong;		/* something that was typed is */
};

/*
 * Makes the values of the template admin_ask; page_send() as any other.  The
 * caller may add "service" and "when" (what is booked), the field "reason", and
 * what the next two do.
 */
struct json_object *admin_ask(struct call *call, const struct admin_ask *a)
	MUST_USE RETURNS_NONNULL;

/* Adds a line about it. */
void admin_ask_fact(struct json_object *values, const char *label,
		    const char *value);

/* Adds what its form sends along. */
void admin_ask_keep(struct json_object *values, const char *name,
		    const char *value);

#endif
