/* SPDX-License-Identifier: MIT */
/* What was answered with a booking. */
#ifndef STORE_ANSWERS_H
#define STORE_ANSWERS_H

#include "domain/model.h"
#include "store/store.h"

/* Reads the answers of a booking, or of one that is to be confirmed, into v, in
 * the order of the questions, and its service's questions if there are any.  0,
 * or -1. */
int store_answers(struct store *s, struct booking_view *v, struct fault *why)
	MUST_USE;

#endif
