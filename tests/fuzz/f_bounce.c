/* SPDX-License-Identifier: MIT */
/*
 * Mails to the address of bounces: the address that one was sent to, a form
 * feed, the mail.  Whatever it is, what is told is an id and a fate, and sure
 * only if the id's own proof is there to be read.
 */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "bounce/report.h"
#include "bounce/returnpath.h"
#include "bounce/trace.h"

#include <stdlib.h>
#include <string.h>

static char to[] = "b@example.fr", plus[] = "+", none[] = "";
static char from[] = "rdv@example.fr", key[] = "0123456789abcdef";
static char domain[] = "example.fr";

static struct mailconf conf = {
	.bounce_to = to, .bounce_delimiter = plus, .bounce_key = key,
	.envelope_from = none, .mail_from_address = from,
	.message_domain = domain,
};

static void is_id_or_none(const char *id)
{
	size_t len = strlen(id);

	must(len <= ENVELOPE_ID_MAX);
	must(strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			"0123456789_.-") == len);
}

static void check_report(const struct report *r)
{
	must((r->kind == REPORT_FATE) == (r->fate != QUEUE_FATE_NONE));
	must(memchr(r->text, '\0', sizeof(r->text)) != NULL);
	must(strpbrk(r->text, "\r\n") == NULL);
	is_id_or_none(r->envid);
}

/* What proves the id of this address stands before its '@'. */
static void check_proof(const struct trace *t, const char *recipient,
			const char *mail)
{
	char path[RETURNPATH_MAX];
	char id[ENVELOPE_ID_MAX + 1];
	char *tag;

	returnpath_make(&conf, t->id, path);
	must(returnpath_read(&conf, path, id));
	must(strcmp(id, t->id) == 0);
	*strchr(path, '@') = '\0';
	tag = strrchr(path, '=') + 1;
	must(strcasestr(recipient, tag) || strcasestr(mail, tag));
}

/* NULs become blanks, as the program does. */
static void nuls_drop(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool begun;
	struct fuzz_input in = { (const char *)data, size };
	char *recipient = fuzz_next(&in);
	size_t len = in.left;
	char *mail = malloc(len + 1);
	struct report report;
	const struct trace_clues clues = { recipient, report.envid, mail };
	struct trace trace;

	must(mail);
	memcpy(mail, in.at, len);
	mail[len] = '\0';
	nuls_drop(mail, len);
	if (!begun)
		report_init();
	begun = true;
	report_read(mail, len, &report);
	check_report(&report);
	trace_find(&conf, &clues, &trace);
	is_id_or_none(trace.id);
	must((trace.id[0] != '\0') == (trace.by[0] != '\0'));
	must(trace.sure == (strcmp(trace.by, "return-path") == 0));
	if (trace.sure)
		check_proof(&trace, recipient, mail);
	free(mail);
	free(recipient);
	return 0;
}
