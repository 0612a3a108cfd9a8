/* SPDX-License-Identifier: MIT */
/* Says what keeps a question from being added. */
#include "config.h"

#include "actions/question.h"

int question_add(struct store *s, const struct question_change *c,
		 struct fields *wrong, struct fault *why)
{
	int r = store_question_add(s, c, why);

	if (r == QUESTION_TAKEN)
		fields_fail(wrong, "name", "question_taken", 0);
	else if (r == QUESTION_TOO_MANY)
		fields_fail(wrong, "name", "questions_many", QUESTIONS_MAX);
	return r < 0 ? -1 : r == QUESTION_ADDED;
}
