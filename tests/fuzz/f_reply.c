/* SPDX-License-Identifier: MIT */
/* What an SMTP server sends before libesmtp reads it, in pieces between form
 * feeds. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "smtp/reply.h"

#include <string.h>

static const char *const without[] = { "STARTTLS", "AUTH", NULL };

/* Of a reply that is whole. */
static void check_whole(const struct reply *r)
{
	struct buf out = BUF_INIT;
	int code = reply_code(r);

	must(code >= 200 && code <= 599);
	must(r->lines > 3 && r->bytes[r->lines - 1] == '\n');
	/* A word that is offered is offered without naming it. */
	must(!reply_offers(r, "AUTH", "PLAIN") ||
	     reply_offers(r, "AUTH", NULL));
	must(!reply_is_bare(r) || !reply_offers(r, "STARTTLS", NULL));
	reply_add_without(r, without, &out);
	must(out.len > 0 && out.len <= r->lines);

	/* What is handed on is such a reply again, without those. */
	struct reply again = { .have = 0 };
	enum reply_state state;
	char *line;
	size_t len;

	memcpy(again.bytes, out.data, out.len);
	again.have = out.len;
	while ((state = reply_look(&again, &line, &len)) == REPLY_LINE)
		must(len > 0);
	must(state == REPLY_WHOLE && !reply_has_more(&again));
	must(reply_code(&again) == code);
	must(!reply_offers(&again, "AUTH", NULL) &&
	     !reply_offers(&again, "STARTTLS", NULL));
	buf_release(&out);
}

/* Reads all replies that are there.  False: no more can come. */
static bool look(struct reply *r)
{
	for (;;) {
		char *line;
		size_t len;

		switch (reply_look(r, &line, &len)) {
		case REPLY_MORE:
			return true;
		case REPLY_LINE:
			break;
		case REPLY_WHOLE:
			check_whole(r);
			reply_next(r);
			break;
		default:
			return false;
		}
		must(r->lines <= r->have && r->have <= sizeof(r->bytes));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct reply r = { .have = 0 };

	while (in.left > 0) {
		const char *end = memchr(in.at, '\f', in.left);
		size_t len = end != NULL ? (size_t)(end - in.at) : in.left;
		size_t room;
		char *to = reply_room(&r, &room);
		size_t n = len < room ? len : room;

		memcpy(to, in.at, n);
		r.have += n;
		in.at += len + (end != NULL);
		in.left -= len + (end != NULL);
		if (!look(&r))
			break;
	}
	return 0;
}
