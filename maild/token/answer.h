/* SPDX-License-Identifier: MIT */
/* What an auth_token_command prints.  Pure. */
#ifndef TOKEN_ANSWER_H
#define TOKEN_ANSWER_H

#include "base/compiler.h"
#include "base/fault.h"
#include "smtp/sender.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_ANSWER_MAX 8192		/* bytes of all that it may print */
#define TOKEN_LIFE_MS 3600000		/* if it does not say how long */
#define TOKEN_LIFE_MAX_S 2592000	/* 30 days; more is some other number,
					   such as the time of its end */

struct token_answer {
	char token[SENDER_TOKEN_MAX];	/* a secret: to be wiped */
	int64_t life_ms;		/* from when it was asked for; 0 = not
					   known */
};

/* Does it have the form of a token in RFC 6750 section 2.1 ("b64token")?
 * Anything else could end the line, or the field, that it goes into. */
bool token_is_one(const char *text);

/*
 * Reads a line with the token and perhaps one with its life in whole seconds;
 * both may end as on Windows.  Returns 0, or -1 with FAULT_CONFIG, whose
 * sentence follows the command's name and quotes nothing.
 */
int token_answer_read(const char *bytes, size_t len, struct token_answer *out,
		      struct fault *why) MUST_USE;

#endif
