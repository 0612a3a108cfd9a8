/* SPDX-License-Identifier: MIT */
/*
 * SMTP dialogues: pieces between form feeds, those of the server begin with an
 * S, ours with a C.  Only its own words move the session on.
 */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "smtp/talk.h"

#include <string.h>

static void shown(void *arg, const char *line)
{
	size_t *lines = arg;

	++*lines;
	for (; *line != '\0'; line++)
		must(*line >= ' ' && *line <= '~');
}

static void check(const struct talk *t)
{
	must(t->len < sizeof(t->line));
	must(strlen(t->last) < sizeof(t->last));
	for (const char *p = t->last; *p != '\0'; p++)
		must(*p >= ' ' && *p <= '~');
	must(t->code >= 0 && t->code <= 999);
	must(stages_name(t->stage) != NULL);
	must(strlen(t->ways) < sizeof(t->ways));
	for (const char *p = t->ways; *p != '\0'; p++)
		must(*p >= ' ' && *p <= '~');
	must(!(t->logging_in && t->logged_in && t->auth_code == 0) ||
	     t->stage == STAGE_AUTH);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	size_t lines = 0;
	struct talk t = { .show = shown, .show_arg = &lines };

	talk_connected(&t, STAGE_GREETING);
	while (in.left > 0) {
		const char *end = memchr(in.at, '\f', in.left);
		size_t len = end != NULL ? (size_t)(end - in.at) : in.left;
		struct fuzz_input one = { in.at, len };
		enum stage before = t.stage;
		size_t copied;
		char *piece = fuzz_rest(&one, &copied);

		in.at += len + (end != NULL);
		in.left -= len + (end != NULL);
		if (copied > 0 && piece[0] == 'S') {
			talk_read(&t, piece + 1, copied - 1);
			/* A server can do no more than answer STARTTLS. */
			must(t.stage == before || (before == STAGE_STARTTLS &&
						   t.stage == STAGE_TLS));
		} else if (copied > 0) {
			talk_wrote(&t, piece + 1, copied - 1);
			must(before != STAGE_MAIL || t.stage == STAGE_MAIL);
		}
		check(&t);
		free(piece);
	}
	talk_forget(&t);
	must(t.code == 0 && t.last[0] == '\0');
	return 0;
}
