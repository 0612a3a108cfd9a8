/* SPDX-License-Identifier: MIT */
/* Booking a slot. */
#ifndef STORE_BOOK_H
#define STORE_BOOK_H

#include "domain/model.h"
#include "store/store.h"

/*
 * The transaction: booking (or, of a service that has addresses confirmed, the
 * place that is kept for it), notification, capacity last.
 * Retries 1213, 1205 and 1020 itself, at most 3 times; an unknown COMMIT is
 * looked up by key.  Remembers for 1 s which slots were full and then asks
 * before it begins.  Whatever was remembered of the service, it is written only
 * if the service is of the request's edition.  Returns a store_booked, or -1.
 */
int store_book(struct store *s, const struct booking_request *req,
	       struct booking_view *view, struct fault *why) MUST_USE;

/* The envelope's id of the mail that a booking makes: its confirmation, or the
 * question for one. */
void store_book_mail(const struct booking_view *view,
		     char envelope_id[STORE_ENVELOPE_ID_MAX + 1]);

/* Was anything booked with this key, or is it kept to be confirmed?  1, 0,
 * -1. */
int store_key_known(struct store *s, const uint8_t key[16], struct fault *why)
	MUST_USE;

#endif
