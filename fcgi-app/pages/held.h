/* SPDX-License-Identifier: MIT */
/* A booking whose address is to be confirmed, as its visitor sees it. */
#ifndef PAGES_HELD_H
#define PAGES_HELD_H

#include <stdbool.h>

struct booking_view;
struct call;
struct form;
struct json_object;

/* Adds member name: what to do now, and within which time. */
void pages_held_put(const struct call *call, struct json_object *to,
		    const char *name, const struct booking_view *v);

/* What a form led to. */
struct pages_held {
	const struct booking_view *view;
	const struct form *typed;
	const char *action;	/* where it was posted, below the root */
	bool old;		/* it was asked for before, */
	bool again;		/* and its mail was sent again just now */
};

/* The answer (202) to the form that asked for it.  It has no link: that is for
 * the mailbox alone; but the form once more, by which it is sent again. */
void pages_held_show(struct call *call, const struct pages_held *held);

#endif
