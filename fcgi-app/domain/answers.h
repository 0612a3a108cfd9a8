/* SPDX-License-Identifier: MIT */
/* What visitors answer to a service's questions: which answers are taken.
 * Pure. */
#ifndef DOMAIN_ANSWERS_H
#define DOMAIN_ANSWERS_H

#include "base/compiler.h"
#include "domain/phone.h"

#include <stddef.h>
#include <stdint.h>

struct fields;
struct form;
struct question;
struct questions;

#define ANSWER_LINE_MAX 200	/* characters */
#define ANSWER_LINES_MAX 1000	/* characters */
/* A question for each seat is asked for so many of them: a group of 500 answers
 * for the first 50. */
#define ANSWER_SEATS_MAX 50
/* Bytes of all answers of a booking, which one mail to the organiser holds. */
#define ANSWERS_BYTES_MAX 16384

struct given_answer {
	int64_t question_id;
	int64_t seat;		/* 1 = the first; 0 = of the whole booking */
	char *text;		/* as typed; of a choice its option in the
				   service's language; of a box "yes" */
	char phone_back[PHONE_DIGITS_MAX + 1];	/* see phone_read(); or "" */
};

struct answers {
	struct given_answer *list;	/* on the heap */
	size_t count;
};

void answers_release(struct answers *a);

/* Adds one; text is copied. */
void answers_add(struct answers *a, const struct given_answer *one);

/*
 * Reads the answers to the questions that are asked now, for that many seats,
 * into an empty *out, and notes what is wrong with each field.  What answers a
 * retired question is left out; a name that never was one is "answer_unknown",
 * of the field "answers".  The errors borrow from q.
 */
void answers_read(struct fields *f, const struct questions *q, int64_t seats,
		  struct answers *out);

/* How many lines a question for each seat wants. */
int64_t answers_wanted(int64_t seats);

/* The answer as people read it in that language, for free(); q NULL: it could
 * not be found any more. */
char *answer_shown(const struct question *q, const struct given_answer *a,
		   const char *lang, const char *yes);

#endif
