/* SPDX-License-Identifier: MIT */
/* What services ask. */
#ifndef STORE_QUESTIONS_H
#define STORE_QUESTIONS_H

#include "domain/model.h"
#include "domain/question.h"
#include "store/store.h"

/* Reads all questions of a service, also those that are retired, into
 * service->questions (NULL if there are none).  0, or -1. */
int store_service_questions(struct store *s, struct service *service,
			    struct fault *why) MUST_USE;

/* The same for services in the order of their ids, whose questions were not
 * read before. */
int store_services_questions(struct store *s, struct service *services,
			     size_t count, struct fault *why) MUST_USE;

/* A change that an organiser makes. */
struct question_change {
	const struct service *service;
	const struct question *question;
	const struct store_actor *by;
};

enum question_added {
	QUESTION_ADDED,
	QUESTION_TAKEN,		/* the name is, or was once */
	QUESTION_TOO_MANY,	/* QUESTIONS_MAX are asked already */
};

/* Adds a question: a question_added, or -1. */
int store_question_add(struct store *s, const struct question_change *c,
		       struct fault *why) MUST_USE;

/* Writes all of it but what stays.  0, or -1. */
int store_question_alter(struct store *s, const struct question_change *c,
			 struct fault *why) MUST_USE;

/* Moves it in front of the one that is asked before it.  0, or -1. */
int store_question_raise(struct store *s, const struct question_change *c,
			 struct fault *why) MUST_USE;

/* From now on it is not asked.  1, 0 = it was not any more, -1. */
int store_question_retire(struct store *s, const struct question_change *c,
			  struct fault *why) MUST_USE;

/* It is asked again, in its old place: a question_added, QUESTION_TAKEN if it
 * is asked already, or -1. */
int store_question_restore(struct store *s, const struct question_change *c,
			   struct fault *why) MUST_USE;

#endif
