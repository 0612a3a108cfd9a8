/* SPDX-License-Identifier: MIT */
/* maildctl explain: what maild makes of a mail server's answer. */
#include "config.h"

#include "maildctl/maildctl.h"

#include "json/put.h"
#include "smtpreply/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* One line for people, or one object. */
static void say(const struct ctl *ctl, const char *stage, const char *reply)
{
	struct answer a = answer_judge(stage, reply,
				       cli_text(ctl->call, "recipient"));
	int code = answer_code_read(reply).code;
	const char *does = code >= 200 && code < 400 ?
			   "goes on, this refuses nothing" :
			   answer_does(a.verdict);
	struct json_object *one = ctl_answer_new();

	put_safe_text(one, "verdict", answer_name(a.verdict));
	put_safe_text(one, "rule", a.rule);
	put_safe_text(one, "does", does);
	ctl_say_answer(ctl->json, one, "%-15s %-21s %s\n",
		       answer_name(a.verdict), a.rule, does);
}

/* A line gives its stage before a tab, unless --stage gives it for all. */
static int say_line(const struct ctl *ctl, char *line, size_t number,
		    struct fault *why)
{
	const char *stage = cli_text(ctl->call, "stage");
	char *tab = strchr(line, '\t');

	if (!stage && !tab) {
		fault_set(why, FAULT_REJECT, "line %zu: no tab between stage "
			  "and reply", number);
		return EX_DATAERR;
	}
	if (!stage) {
		*tab = '\0';
		stage = line;
		line = tab + 1;
	}
	say(ctl, stage, line);
	if (answer_is_stage(stage))
		return 0;
	fault_set(why, FAULT_REJECT, "line %zu: not a stage: \"%.40s\"", number,
		  stage);
	return EX_DATAERR;
}

/* All lines are answered; the last wrong one is reported. */
static int say_input(const struct ctl *ctl, struct fault *why)
{
	char *line = NULL;
	size_t size = 0;
	int status = 0;

	for (size_t number = 1; getline(&line, &size, stdin) != -1; number++) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line && say_line(ctl, line, number, why))
			status = EX_DATAERR;
	}
	if (ferror(stdin)) {
		fault_set_errno(why, FAULT_REJECT, errno, "standard input");
		status = EX_NOINPUT;
	}
	free(line);
	return status;
}

int ctl_explain(struct ctl *ctl, struct fault *why)
{
	const char *stage = cli_text(ctl->call, "stage");
	int count = ctl->call->word_count;
	struct buf reply = BUF_INIT;

	if (stage && !answer_is_stage(stage))
		return ctl_usage(why, "no stage \"%s\"; there are connect, "
				 "EHLO, STARTTLS, TLS, AUTH, MAIL, RCPT, DATA "
				 "and dot", stage);
	if (count == 0 && !isatty(STDIN_FILENO))
		return say_input(ctl, why);
	if (count == 0 || !stage)
		return ctl_usage(why, "explain needs %s",
				 stage ? "a reply"
				 : "--stage and a reply");
	for (int i = 0; i < count; i++)
		buf_addf(&reply, "%s%s", i ? " " : "", ctl->call->words[i]);
	say(ctl, stage, reply.data);
	buf_release(&reply);
	return 0;
}
