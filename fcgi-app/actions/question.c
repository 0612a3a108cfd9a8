/* SPDX-License-Identifier: MIT */
/* Says what keeps a question from being asked. */
#include "config.h"

#include "actions/question.h"

static void too_many(struct fields *wrong)
{
	fields_fail(wrong, "name", "questions_many", QUESTIONS_MAX);
}

int question_add(struct store *s, const struct question_change *c,
		 struct fields *wrong, struct fault *why)
{
	int r = store_question_add(s, c, why);

	if (r == QUESTION_TAKEN)
		fields_fail(wrong, "name", "question_taken", 0);
	else if (r == QUESTION_TOO_MANY)
		too_many(wrong);
	return r < 0 ? -1 : r == QUESTION_ADDED;
}

int question_restore(struct store *s, const struct question_change *c,
		     struct fields *wrong, struct fault *why)
{
	int r = store_question_restore(s, c, why);

	if (r == QUESTION_TOO_MANY)
		too_many(wrong);
	return r < 0 ? -1 : r != QUESTION_TOO_MANY;
}
