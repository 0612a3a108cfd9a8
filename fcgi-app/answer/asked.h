/* SPDX-License-Identifier: MIT */
/* What was answered with a booking, on pages. */
#ifndef ANSWER_ASKED_H
#define ANSWER_ASKED_H

struct booking_view;
struct call;
struct json_object;

/* Adds the list "answers" of a booking whose answers were read: {label,
 * foreign, text, dial} in the page's language; those of several seats are one
 * text, a line each.  dial is a telephone as a link has it, else "". */
void page_put_answers(const struct call *call, struct json_object *to,
		      const struct booking_view *v);

#endif
