/* SPDX-License-Identifier: MIT */
/* Keys of the admin interface, and keys of forms on other sites. */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "domain/bearer.h"
#include "domain/model.h"
#include "store/store.h"

struct apikey {
	int64_t id;
	char name[BEARER_NAME_MAX + 1];
	bool may_write;
	bool revoked;
	int64_t created_at_ms;
	int64_t used_on_ms;	/* the day's beginning in UTC; 0 = never yet */
	uint8_t hash[BEARER_HASH_BYTES];	/* its secret's: only written */
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

/* ---- forms on other sites ------------------------------------------------ */

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

/* Does a form key in use list this origin?  1, 0, -1. */
int store_formkey_origin(struct store *s, const char *origin,
			 struct fault *why) MUST_USE;

/* Counts one that fell for the hidden field.  0, or -1. */
int store_formkey_trapped(struct store *s, int64_t id, struct fault *why)
	MUST_USE;

/* Adds one, with its line in the record of who did what; id, trapped and
 * created_at_ms are ignored.  1, 0 if there is such a key, -1. */
int store_formkey_add(struct store *s, const struct formkey *k,
		      const struct store_actor *by, struct fault *why)
	MUST_USE;

/* The same line; 1 revoked now, 0 there is none or it was revoked before,
 * -1. */
int store_formkey_revoke(struct store *s, const char *key,
			 const struct store_actor *by, struct fault *why)
	MUST_USE;

/* Calls each for every key, oldest first.  0, or -1. */
int store_formkey_each(struct store *s,
		       void (*each)(void *arg, const struct formkey *k),
		       void *arg, struct fault *why) MUST_USE;

#endif
