/* SPDX-License-Identifier: MIT */
/* One run of an auth_token_command, watched without waiting for it. */
#ifndef TOKEN_HELPER_H
#define TOKEN_HELPER_H

#include "base/compiler.h"
#include "base/fault.h"
#include "token/answer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HELPER_WORDS_MAX 512	/* the last bytes of its errors are kept */

struct helper {
	pid_t pid;			/* 0 = none runs */
	int output, errors;		/* read ends, -1 = none */
	int64_t kill_at_ms;		/* ticks_ms() */
	bool late;			/* it was killed for being late */
	char bytes[TOKEN_ANSWER_MAX + 1];	/* printed so far, the first one
						   too many included: secret */
	size_t len;
	char words[HELPER_WORDS_MAX];
	size_t words_len;
};

/* Starts the command; *h need not be initialised.  Returns 0, or -1 with
 * FAULT_RETRY. */
int helper_start(struct helper *h, const char *command, int64_t now_ms,
		 struct fault *why) MUST_USE;

/* Takes what it has printed.  Kills it, with what it started, when it has had
 * COMMAND_LIMIT_MS or has printed too much. */
void helper_tend(struct helper *h, int64_t now_ms);

/*
 * It has ended, with this status of waitpid(2); what it left running in its
 * group is killed.  Returns 0 with *out, which the caller wipes, or -1 with
 * *why: how it failed and the last line of its errors, printable, without
 * addresses and without a word that is long enough for a secret.
 */
int helper_ended(struct helper *h, int wstatus, struct token_answer *out,
		 struct fault *why) MUST_USE;

/* Lets go of it: in a child of ours, or when nobody waits for it any more. */
void helper_abandon(struct helper *h);

#endif
