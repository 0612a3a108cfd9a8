/* SPDX-License-Identifier: MIT */
/* Who is told, in sentences, what is wrong with files; and how often it was. */
#ifndef TEXT_REPORTER_H
#define TEXT_REPORTER_H

#include <stddef.h>

struct reporter {
	void (*report)(void *arg, const char *sentence);	/* borrowed */
	void *arg;
	size_t count;		/* of the sentences so far */
};

static inline void reporter_say(struct reporter *r, const char *sentence)
{
	r->report(r->arg, sentence);
	r->count++;
}

#endif
