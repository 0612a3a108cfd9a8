/* SPDX-License-Identifier: MIT */
/*
 * A stage, a mail server's reply, its recipient, form feeds between.  Any has a verdict and the name
 * of its rule, and neither depends on case or on how lines end.
 */
#include "config.h"

#include "fuzz.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "smtpreply/answer.h"

#include <string.h>
#include <strings.h>

static struct answer judged(const char *stage, const char *reply,
			    const char *recipient)
{
	struct answer a = answer_judge(stage, reply, recipient);
	struct answer_code c = answer_code_read(reply);

	must(a.verdict < ANSWER_COUNT && a.rule && *a.rule);
	must(c.code == 0 || (c.code >= 200 && c.code <= 599));
	must(c.class == 0 || (c.code != 0 && c.class >= 2 && c.class <= 5));
	/* Only what ends a mail says for good that there is no mailbox. */
	must(a.mailbox != ANSWER_MAILBOX_NONE ||
	     a.verdict == ANSWER_RECIPIENT);
	/* Nor is anybody refused before RCPT names him. */
	must(a.verdict != ANSWER_RECIPIENT || strcasecmp(stage, "MAIL"));
	must(a.verdict != ANSWER_CONTENT || strcasecmp(stage, "connect"));
	return a;
}

static void same(const char *const said[3], struct answer as)
{
	struct answer a = judged(said[0], said[1], said[2]);

	must(a.verdict == as.verdict && !strcmp(a.rule, as.rule) &&
	     a.mailbox == as.mailbox);
}

static char changed(char c, bool upper)
{
	if (upper && c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	if (!upper && c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	char *stage = fuzz_next(&in);
	char *reply = fuzz_next(&in);
	char *recipient = fuzz_next(&in);
	const char *said[] = { stage, reply, recipient };
	struct answer a = judged(stage, reply, recipient);
	struct buf lines = BUF_INIT;

	for (char *p = reply; *p; p++)
		*p = changed(*p, true);
	same(said, a);
	for (char *p = reply; *p; p++)
		*p = changed(*p, false);
	same(said, a);
	for (char *p = reply; *p; p++) {
		if (*p == '\n' && (p == reply || p[-1] != '\r'))
			buf_addch(&lines, '\r');
		buf_addch(&lines, *p);
	}
	said[1] = lines.data;
	same(said, a);
	buf_release(&lines);
	free(recipient);
	free(reply);
	free(stage);
	return 0;
}
