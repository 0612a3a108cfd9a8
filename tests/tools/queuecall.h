/* SPDX-License-Identifier: MIT */
/* What the files of queuecall share. */
#ifndef QUEUECALL_H
#define QUEUECALL_H

#include "base/fault.h"
#include "queue/dispatch.h"
#include "queue/figures.h"
#include "queue/produce.h"
#include "queue/work.h"

#include <stddef.h>
#include <stdint.h>

#define WORDS_MAX 16

struct call {
	struct queue *q;
	char *word[WORDS_MAX];	/* word[0] is the verb; absent ones are "" */
	struct fault why;
};

/* A verb; run() prints its lines and returns its result, -1 = call->why. */
struct verb {
	const char *name;
	int (*run)(struct call *call);
};
extern const struct verb admin_verbs[], worker_verbs[]; /* end: name NULL */

int64_t call_number(const struct call *c, size_t i);

/* Prints a text with its line ends as "\n". */
void call_put(const char *text);

#endif
