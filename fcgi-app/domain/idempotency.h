/* SPDX-License-Identifier: MIT */
/* What makes two requests the same: their fingerprints and keys. */
#ifndef DOMAIN_IDEMPOTENCY_H
#define DOMAIN_IDEMPOTENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct booking_form;

#define BOOKING_KEY_BYTES 16
#define BOOKING_KEY_HEX (2 * BOOKING_KEY_BYTES)
#define BOOKING_HASH_BYTES 32

/*
 * The fingerprint of all that is asked for: the same for the same request,
 * whatever its form (page or JSON), with each text's length in it so that no
 * two requests can be written to look alike.
 */
void booking_hash(const struct booking_form *b, const char *locale,
		  uint8_t hash_out[BOOKING_HASH_BYTES]);

/* Writes a fingerprint of bytes for ETag, in hex. */
#define BOOKING_TAG_LEN 32
void booking_tag(const char *bytes, size_t len,
		 char out[BOOKING_TAG_LEN + 1]);

/*
 * The idempotency key for a key of our own forms (BOOKING_KEY_HEX hex digits),
 * and for an API client's Idempotency-Key header: a string in quotes (RFC 8941,
 * as the IETF's draft has it) or, as most clients send it, without; 16-255
 * printable ASCII, because whoever guesses one sees that booking.  The two can
 * not meet.  False if the text is not such a key.
 */
bool booking_key_from_form(const char *hex,
			   uint8_t key_out[BOOKING_KEY_BYTES]);
bool booking_key_from_header(const char *text,
			     uint8_t key_out[BOOKING_KEY_BYTES]);

/* The key of a request that brings none: for the same slot and address, after
 * number bookings that are over or other people's. */
void booking_key_from_slot(int64_t slot_id, const char *email, int64_t number,
			   uint8_t key_out[BOOKING_KEY_BYTES]);

#endif
