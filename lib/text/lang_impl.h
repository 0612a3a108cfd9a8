/* SPDX-License-Identifier: MIT */
/* A language and the set of them, as lang.c and lang_check.c know them. */
#ifndef TEXT_LANG_IMPL_H
#define TEXT_LANG_IMPL_H

#include "text/catalogue.h"

#include <stddef.h>

#define LANG_REFERENCE "en"	/* has every text */

struct lang {
	struct catalogue catalogue;
	char *shipped;		/* path; NULL = the sysadmin has added it */
	char *edited;		/* path; NULL = there is none */
	char *broken;		/* why edited is not used; NULL = it is */
	const char *noun;	/* that it says; NULL = this is the language */
	struct lang *nouns;	/* the language once more for each of its own */
	size_t noun_count;
};

struct lang_set {
	struct lang *langs;		/* by tag; unusable ones last */
	size_t count;
	size_t broken_count;		/* behind the others: only for alerts */
	const struct lang *fallback;
};

/* The one of exactly that tag, or NULL. */
struct lang *lang_of_tag(const struct lang_set *set, const char *tag);

#endif
