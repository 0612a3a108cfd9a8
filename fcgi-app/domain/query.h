/* SPDX-License-Identifier: MIT */
/*
 * What a program asks for in an address or a small body: nothing is guessed,
 * each parameter that is wrong is told.
 */
#ifndef DOMAIN_QUERY_H
#define DOMAIN_QUERY_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

struct booking_form;
struct form;

#define API_PAGE_MAX 200	/* rows of one answer */
#define API_PAGE_ROWS 50	/* if nothing else is asked for */

/* The parameter of that name, "" if there is none.  One that is there twice, or
 * is no text, is noted in wrong.  Borrowed from f. */
const char *api_query_text(const struct form *f, const char *name,
			   struct booking_form *wrong);

/* A whole number in min..max; absent if there is none, or a wrong one, which is
 * noted by code. */
int64_t api_query_int(const struct form *f, const char *name,
		      const char *code, int64_t min, int64_t max,
		      int64_t absent, struct booking_form *wrong);

/* ?limit=: how many rows, 1 to API_PAGE_MAX. */
int64_t api_query_limit(const struct form *f, struct booking_form *wrong);

/* A day as "2025-12-03": true with *day_out, false if there is none. */
struct tm;
bool api_query_day(const struct form *f, const char *name, const char *code,
		   struct tm *day_out, struct booking_form *wrong);

#endif
