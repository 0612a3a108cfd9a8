/* SPDX-License-Identifier: MIT */
/* What MySQL keeps of forms on other sites: their keys, and who has booked. */
#ifndef STORE_FORMKEYS_H
#define STORE_FORMKEYS_H

#include "base/compiler.h"
#include "store/store.h"

#define FORMKEY_LEN 16			/* lower-case hex */
#define FORMKEY_ORIGINS_MAX 2000	/* bytes, as the columns */
#define FORMKEY_RETURNS_MAX 4000

struct formkey {
	int64_t id;
	char key[FORMKEY_LEN + 1];
	char *name;		/* for people: whose form it is */
	char *origins;		/* blank-separated */
	char *returns;		/* blank-separated, "" = none */
	int64_t trapped;	/* posts that fell for the hidden field */
	int64_t created_at_ms;
	bool revoked;
};

void formkey_release(struct formkey *k);

/* Finds a key that is not revoked.  1 with *out filled, 0, -1. */
int store_formkey(struct store *s, const char *key, struct formkey *out,
		  struct fault *why) MUST_USE;

/* Is the origin that of a page whose form has a key?  1, 0, -1. */
int store_formkey_origin(struct store *s, const char *origin,
			 struct fault *why) MUST_USE;

/* Counts one that fell for the hidden field.  0, or -1. */
int store_formkey_trapped(struct store *s, int64_t id, struct fault *why)
	MUST_USE;

/* Adds one; id, trapped and created_at_ms are ignored.  0, or -1. */
int store_formkey_add(struct store *s, const struct formkey *k,
		      struct fault *why) MUST_USE;

/* 1 revoked now, 0 there is none or it was revoked before, -1. */
int store_formkey_revoke(struct store *s, const char *key, struct fault *why)
	MUST_USE;

/* Calls each for every key, oldest first.  0, or -1. */
int store_formkey_each(struct store *s,
		       void (*each)(void *arg, const struct formkey *k),
		       void *arg, struct fault *why) MUST_USE;

/*
 * Has the address a booking of the slot that is not cancelled?  1 with its
 * reference in ref_out; 0 with *ended_out the number of those that are
 * cancelled; -1.
 */
int store_booked_before(struct store *s, int64_t slot_id, const char *email,
			char ref_out[STORE_REF_LEN + 1], int64_t *ended_out,
			struct fault *why) MUST_USE;

#endif
