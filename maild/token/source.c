/* SPDX-License-Identifier: MIT */
/* The command or file that a relay's access token comes from. */
#include "config.h"

#include "token/source.h"

#include "base/fdio.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/command.h"
#include "token/helper.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define FETCH_NAP_MS 20

int token_file_read(const char *path, struct token_answer *out,
		    struct fault *why)
{
	struct stat st;
	char *text;

	/* Opening a pipe would wait for somebody to write into it. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return fault_set(why, FAULT_CONFIG, "%s is not a file", path);
	if (secret_read(path, &text, why) == -1)
		return -1;
	out->life_ms = 0;
	if (token_is_one(text)) {
		must(str_copy(out->token, sizeof(out->token), text));
		secret_free(text);
		return 0;
	}
	secret_free(text);
	return fault_set(why, FAULT_CONFIG, "secret file %s does not hold an "
			 "access token alone", path);
}

static int check_file(const char *path, bool absent_is_fine, struct fault *why)
{
	struct token_answer answer;
	struct fault inner;
	struct stat st;
	int result;

	if (path[0] == '\0' ||
	    (absent_is_fine && stat(path, &st) == -1 && errno == ENOENT))
		return 0;
	result = token_file_read(path, &answer, &inner);
	explicit_bzero(&answer, sizeof(answer));
	return result == 0 ? 0 : fault_set(why, FAULT_CONFIG,
					   "auth_token_file: %s", inner.text);
}

int token_sources_check(const struct mailconf *conf, bool absent_is_fine,
			struct fault *why)
{
	for (size_t i = 0; i < conf->relays.count; i++) {
		const struct relay_conf *r = relayconf_at(&conf->relays, i);
		struct fault inner;

		if (command_check("auth_token_command", r->auth_token_command,
				  &inner) == 0 &&
		    check_file(r->auth_token_file, absent_is_fine, &inner) == 0)
			continue;
		return fault_set(why, FAULT_CONFIG, "[relay %s] %s",
				 r->item.name, inner.text);
	}
	return 0;
}

int token_fetch(const struct relay_conf *relay, struct token_answer *out,
		struct fault *why)
{
	struct helper helper;
	int wstatus;
	pid_t ended;

	if (relay->auth_token_file[0])
		return token_file_read(relay->auth_token_file, out, why);
	if (helper_start(&helper, relay->auth_token_command, ticks_ms(),
			 why) == -1)
		return -1;
	do {
		(void)poll(NULL, 0, FETCH_NAP_MS);
		helper_tend(&helper, ticks_ms());
		ended = waitpid(helper.pid, &wstatus, WNOHANG);
	} while (ended == 0 || (ended == -1 && errno == EINTR));
	must(ended == helper.pid);	/* nobody else waits for it */
	return helper_ended(&helper, wstatus, out, why);
}
