/* SPDX-License-Identifier: MIT */
/* What MySQL keeps of the keys of the admin interface. */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "base/compiler.h"
#include "domain/bearer.h"
#include "store/store.h"

struct store_actor;

struct apikey {
	int64_t id;
	char name[BEARER_NAME_MAX + 1];
	bool may_write;
	bool revoked;
	int64_t created_at_ms;
	int64_t used_on_ms;	/* the day's beginning in UTC; 0 = never yet */
};

/*
 * Finds the key with that hash, if it is not revoked, and notes that it was
 * used today.  1 with *out filled, 0, -1.
 */
int store_apikey(struct store *s, const uint8_t hash[BEARER_HASH_BYTES],
		 struct apikey *out, struct fault *why) MUST_USE;

/* Adds one, with its line in the record of who did what: 1, 0 if a key has or
 * had that name, -1. */
int store_apikey_add(struct store *s, const struct apikey *key,
		     const uint8_t hash[BEARER_HASH_BYTES],
		     const struct store_actor *by, struct fault *why)
	MUST_USE;

/* 1 revoked now, 0 there is none or it was revoked before, -1. */
int store_apikey_revoke(struct store *s, const char *name,
			const struct store_actor *by, struct fault *why)
	MUST_USE;

/* Calls each for every key, oldest first.  0, or -1. */
int store_apikey_each(struct store *s,
		      void (*each)(void *arg, const struct apikey *key),
		      void *arg, struct fault *why) MUST_USE;

#endif
