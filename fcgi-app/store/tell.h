/* SPDX-License-Identifier: MIT */
/*
 * Tells everybody who has booked that something of their service has changed.
 *
 * The service's row says from where on people are still to be told; each step
 * moves that on in the transaction that writes their mails, so that each gets
 * one, whatever dies in between.  It begins a minute after the change, and
 * tells who booked until then, too: a booking that was being written when the
 * service changed is confirmed as it was, and is there by then.
 */
#ifndef STORE_TELL_H
#define STORE_TELL_H

#include "store/store.h"

/* Writes the mails of the next people, some hundred at most.  Returns how many,
 * 0 if nobody is left to be told, -1. */
int store_tell_next(struct store *s, struct fault *why) MUST_USE;

#endif
