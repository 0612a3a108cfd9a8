/* SPDX-License-Identifier: MIT */
/* A booking whose address is to be confirmed, as its visitor sees it. */
#ifndef PAGES_HELD_H
#define PAGES_HELD_H

struct booking_view;
struct call;
struct json_object;

/* Adds member name: what to do now, and within which time. */
void pages_held_put(const struct call *call, struct json_object *to,
		    const char *name, const struct booking_view *v);

/* The answer (202) to the form that asked for it.  It has no link: that is for
 * the mailbox alone. */
void pages_held_show(struct call *call, const struct booking_view *v);

#endif
