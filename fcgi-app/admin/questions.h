/* SPDX-License-Identifier: MIT */
/* What a service asks, on its page. */
#ifndef ADMIN_QUESTIONS_H
#define ADMIN_QUESTIONS_H

struct call;
struct json_object;
struct service;

/* Adds "questions" for the part admin_questions; null if the database is
 * away. */
void admin_put_questions(const struct call *call, struct json_object *values,
			 const struct service *service);

#endif
