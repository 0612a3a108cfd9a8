/* SPDX-License-Identifier: MIT */
/* People's data by address, all bookings in order, and counts. */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "domain/model.h"
#include "domain/question.h"
#include "store/store.h"

/* One booking of that address that is not erased yet: 1, 0 = none, -1. */
int store_address_booking(struct store *s, const char *email,
			  char ref_out[STORE_REF_LEN + 1], struct fault *why)
	MUST_USE;

/* Forgets what waits by that address: how many places, or -1. */
int store_address_waiting_erase(struct store *s, const char *email,
				struct fault *why) MUST_USE;

enum export_state {
	EXPORT_BOOKED,
	EXPORT_CANCELLED,
	EXPORT_WAITING,		/* in a waiting list */
	EXPORT_OFFERED,		/* a place of it is kept */
	EXPORT_UNCONFIRMED,	/* a booking that is to be confirmed */
	EXPORT_STATES
};

struct export_row {		/* all borrowed until the next row */
	const char *ref;
	const char *service;	/* slug */
	const char *zone;	/* the slot's */
	const char *name;
	const char *email;
	const char *locale;
	const char *notes;
	int64_t starts_at_ms;
	int64_t ends_at_ms;
	int64_t created_at_ms;
	int64_t seats;
	enum export_state state;
	/* JSON: a list of [name, seat, text], in any order; "" = none. */
	const char *answers;
};

/* The names of all questions that a service (0 = any) asks or asked, each
 * once. */
struct export_columns {
	char (*names)[QUESTION_NAME_MAX + 1];	/* on the heap */
	size_t count;
};
int store_export_columns(struct store *s, int64_t service_id,
			 struct export_columns *out, struct fault *why)
	MUST_USE;

/* Who is given the rows; each() must not use the store. */
struct export_reader {
	void (*each)(void *arg, const struct export_row *row);
	void *arg;
};

/* Reads the bookings of the span in order of time.  Returns how many, or -1. */
int64_t store_export(struct store *s, const struct span *span,
		     const struct export_reader *reader, struct fault *why)
	MUST_USE;

/* The same for those who wait, but for their answers: they are asked when they
 * take a place, or may still change their mind. */
int64_t store_export_line(struct store *s, const struct span *span,
			  const struct export_reader *reader,
			  struct fault *why) MUST_USE;

struct store_counts {
	int64_t services;
	int64_t slots_ahead;
	int64_t places_ahead;	/* in closed slots, those taken */
	int64_t places_booked;	/* of places_ahead */
	int64_t bookings;	/* not cancelled, past ones too */
	int64_t cancelled;
	int64_t erased;
	int64_t waiting;	/* in line, or offered a place */
};
int store_counts(struct store *s, struct store_counts *out, struct fault *why)
	MUST_USE;

#endif
