/* SPDX-License-Identifier: MIT */
/* What organisers do to the questions of a service, whichever face asks. */
#ifndef ACTIONS_QUESTION_H
#define ACTIONS_QUESTION_H

#include "base/compiler.h"
#include "base/fault.h"
#include "domain/fields.h"
#include "store/questions.h"

/* Adds a question.  1, 0 with what is wrong in *wrong, -1. */
int question_add(struct store *s, const struct question_change *c,
		 struct fields *wrong, struct fault *why) MUST_USE;

/* Has one that was retired asked again.  1, also if it is asked already; 0 with
 * what is wrong in *wrong, -1. */
int question_restore(struct store *s, const struct question_change *c,
		     struct fields *wrong, struct fault *why) MUST_USE;

#endif
