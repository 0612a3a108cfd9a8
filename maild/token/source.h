/* SPDX-License-Identifier: MIT */
/* The command or file that a relay's access token comes from. */
#ifndef TOKEN_SOURCE_H
#define TOKEN_SOURCE_H

#include "base/compiler.h"
#include "base/fault.h"
#include "settings/mailconf.h"
#include "token/answer.h"

#include <stdbool.h>

/*
 * Reads an auth_token_file as secret_read() does; its one line is the token,
 * and how long that is good is not known.  Returns 0, or -1 with FAULT_CONFIG.
 */
int token_file_read(const char *path, struct token_answer *out,
		    struct fault *why) MUST_USE;

/*
 * Can this user run each relay's command and read each one's file?  Whatever
 * renews a file may start after us: absent_is_fine then.  Returns 0, or -1 with
 * FAULT_CONFIG, "[relay NAME] setting: why".
 */
int token_sources_check(const struct mailconf *conf, bool absent_is_fine,
			struct fault *why) MUST_USE;

/* Gets the relay's token now, within COMMAND_LIMIT_MS: for programs without a
 * master.  Returns 0, or -1 with *why. */
int token_fetch(const struct relay_conf *relay, struct token_answer *out,
		struct fault *why) MUST_USE;

#endif
