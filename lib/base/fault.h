/* SPDX-License-Identifier: MIT */
/* Why something failed: a class for the program, a sentence for people. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/compiler.h"

enum fault_class {
	FAULT_NONE,	/* nothing wrong, or not known yet */
	FAULT_RETRY,	/* outside trouble: the same call may work later */
	FAULT_REJECT,	/* the input is wrong: the same call fails again */
	FAULT_CONFIG,	/* a person must change something */
	FAULT_UNSURE,	/* it may have happened: look before doing it again */
};

struct fault {
	enum fault_class class;
	char text[512];	/* one sentence with the operand, no newline */
};

/*
 * Fills *why (nothing is done when why is NULL) and returns -1, so that a
 * failing function can end in "return fault_set(...)".  Text that does not fit
 * is cut; control characters become '?'.
 */
int fault_set(struct fault *why, enum fault_class class, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* The same with ": strerror(err)" behind the text. */
int fault_set_errno(struct fault *why, enum fault_class class, int err,
		    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* "retry", "reject", "config", "unsure", "none": for log lines. */
const char *fault_class_name(enum fault_class class);

/*
 * A bug if cond is false: says so on standard error and to the handler, then
 * aborts.  Always compiled in; the supervisor restarts the process and the
 * queue recovers its job.
 */
#define must(cond) \
	((cond) ? (void)0 : must_failed(#cond, __FILE__, __LINE__))

NORETURN void must_failed(const char *cond, const char *file, int line);

/* Called with the sentence before abort(); the logger installs itself here. */
void must_handler_set(void (*handler)(const char *sentence));

#endif
