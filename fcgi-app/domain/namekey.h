/* SPDX-License-Identifier: MIT */
/*
 * By what a name is looked for.  Pure.
 *
 * Each word of a name is a place where whoever looks for it may begin.  A key
 * is the name from that word on, followed by what stands before it: "Ana Maria
 * Silva" has the keys "Ana Maria Silva", "Maria Silva Ana" and "Silva Ana
 * Maria", so "silva", "mar" and "silva ana" each begin one.  Where a script has
 * no blanks, each of its characters is such a place.  Signs between words are
 * one blank.  Case and accents are as they are: the database's collation
 * compares without them.
 */
#ifndef DOMAIN_NAMEKEY_H
#define DOMAIN_NAMEKEY_H

#include <stdbool.h>
#include <stddef.h>

#define NAMEKEY_CHARS 32	/* longer ones are cut there */
#define NAMEKEYS_MAX 8		/* words behind these are found only after
				   others */

struct namekeys {
	char list[NAMEKEYS_MAX][4 * NAMEKEY_CHARS + 1];
	size_t count;
};

/* The keys of a name, which is well-formed UTF-8; none if it has no word. */
void namekeys_make(struct namekeys *out, const char *name);

/* What the keys begin with of names in which typed was meant.  False if typed
 * has no word. */
bool namekey_term(const char *typed, char out[4 * NAMEKEY_CHARS + 1]);

#endif
