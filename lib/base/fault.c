/* SPDX-License-Identifier: MIT */
/* Why something did not work. */
#include "config.h"

#include "base/fault.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void (*must_handler)(const char *sentence);

int fault_set(struct fault *why, enum fault_class class, const char *fmt, ...)
{
	va_list args;

	if (!why)
		return -1;
	why->class = class;
	va_start(args, fmt);
	/* Cutting a long sentence is wanted. */
	(void)vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	str_mask_controls(why->text);
	return -1;
}

int fault_set_errno(struct fault *why, enum fault_class class, int err,
		    const char *fmt, ...)
{
	va_list args;
	size_t len;

	if (!why)
		return -1;
	why->class = class;
	va_start(args, fmt);
	(void)vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	len = strlen(why->text);
	(void)snprintf(why->text + len, sizeof(why->text) - len, ": %s",
		       strerror(err));
	str_mask_controls(why->text);
	return -1;
}

const char *fault_class_name(enum fault_class class)
{
	switch (class) {
	case FAULT_NONE:
		return "none";
	case FAULT_RETRY:
		return "retry";
	case FAULT_REJECT:
		return "reject";
	case FAULT_CONFIG:
		return "config";
	case FAULT_UNSURE:
		return "unsure";
	}
	return "unknown";
}

void must_handler_set(void (*handler)(const char *sentence))
{
	must_handler = handler;
}

void must_failed(const char *cond, const char *file, int line)
{
	char sentence[256];

	(void)snprintf(sentence, sizeof(sentence),
		       "bug: %s does not hold at %s:%d", cond, file, line);
	if (must_handler)
		must_handler(sentence);
	else
		(void)fprintf(stderr, "%s\n", sentence);
	abort();
}
