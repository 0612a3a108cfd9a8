/* SPDX-License-Identifier: MIT */
/* Finds the rule that fits a mail server's refusal. */
#include "config.h"

#include "smtpreply/impl.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define STAGE_MAX 16		/* of a stage's name */

/* Does one of the patterns fit the digits and dots? */
static bool is_number_like(const char *patterns, const char *text)
{
	const char *p;
	size_t len;

	while (answer_list_next(&patterns, ' ', &p, &len)) {
		size_t i = 0;

		while (i < len && text[i] &&
		       (p[i] == text[i] || (p[i] == 'x' && text[i] != '.')))
			i++;
		if ((i == len && !text[i]) || (i < len && p[i] == '*'))
			return true;
	}
	return false;
}

static const struct stage_name {
	const char *name;
	unsigned stages;
} stage_names[] = {
	{ "connect", AT_CONNECT },
	{ "greeting", AT_CONNECT },
	{ "EHLO", AT_EHLO },
	{ "HELO", AT_EHLO },
	{ "STARTTLS", AT_STARTTLS },
	{ "TLS", AT_STARTTLS },
	{ "AUTH", AT_AUTH },
	{ "MAIL", AT_MAIL },
	{ "MAIL FROM", AT_MAIL },
	{ "RCPT", AT_RCPT },
	{ "RCPT TO", AT_RCPT },
	{ "DATA", AT_DATA },
	{ "BDAT", AT_DOT },
	{ "body", AT_DOT },
	{ "dot", AT_DOT },
};

/* The stages that are named, with / between; 0 if a word is none. */
static unsigned stages_read(const char *names)
{
	unsigned stages = 0;
	const char *p;
	size_t len;

	while (answer_list_next(&names, '/', &p, &len)) {
		unsigned found = 0;

		for (size_t i = 0; i < ARRAY_COUNT(stage_names); i++)
			if (len == strlen(stage_names[i].name) &&
			    !strncasecmp(p, stage_names[i].name, len))
				found = stage_names[i].stages;
		if (!found)
			return 0;
		stages |= found;
	}
	return stages;
}

bool answer_is_stage(const char *stage)
{
	return stages_read(stage) != 0;
}

struct asked {
	unsigned stages;
	char code[12];
	char enhanced[36];	/* "" = none */
	struct answer_text text;
};

/* Nobody is refused before he was named, nor a message before there is one:
 * what sounds like it at the door speaks of us. */
static bool is_early(enum answer_verdict verdict, unsigned stages)
{
	return (verdict == ANSWER_RECIPIENT && !(stages & ~AT_SENDER)) ||
	       (verdict == ANSWER_CONTENT && !(stages & ~AT_SESSION));
}

static bool fits(const struct answer_rule *rule, const struct asked *asked)
{
	return !is_early(rule->verdict, asked->stages) &&
	       (!rule->stages || (rule->stages & asked->stages)) &&
	       (!rule->code || is_number_like(rule->code, asked->code)) &&
	       (!rule->enhanced ||
		is_number_like(rule->enhanced, asked->enhanced)) &&
	       (!rule->token || answer_text_has(&asked->text, rule->token)) &&
	       (!rule->says || answer_text_says(&asked->text, rule->says)) &&
	       (!rule->and || answer_text_says(&asked->text, rule->and)) &&
	       (!rule->not || !answer_text_says(&asked->text, rule->not));
}

/* One does fit: the last ones leave no code out. */
static const struct answer_rule *find(const struct asked *asked)
{
	const struct answer_rule *rule = answer_rules_limit;

	for (; rule->name; rule++)
		if (fits(rule, asked))
			return rule;
	rule = answer_rules_refusal;
	while (!fits(rule, asked))
		rule++;
	return rule;
}

/* Does the verdict rest on stage and codes alone? */
static bool is_guess(const struct answer_rule *rule,
		     const struct answer_code *code)
{
	if (rule->says || rule->token)
		return false;
	return rule->verdict != ANSWER_RECIPIENT ||
	       (code->subject != 1 && code->subject != 2);
}

static struct answer judge_text(const struct asked *asked,
				const struct answer_code *code)
{
	const struct answer_rule *rule = find(asked);

	return (struct answer){ rule->verdict, rule->name, rule->mailbox,
				is_guess(rule, code) };
}

struct answer answer_judge(const char *stage, const char *reply,
			   const char *recipient)
{
	struct answer_code code = answer_code_read(reply);
	unsigned stages = stage ? stages_read(stage) : 0;
	struct asked asked = { .stages = stages ? stages : AT_MESSAGE };
	struct answer answer;
	struct answer whole;

	(void)snprintf(asked.code, sizeof(asked.code), "%d", code.code);
	if (code.class)
		(void)snprintf(asked.enhanced, sizeof(asked.enhanced),
			       "%d.%d.%d", code.class, code.subject,
			       code.detail);
	answer_text_read(&asked.text, reply, recipient);
	answer = judge_text(&asked, &code);
	if (!answer.guessed || !asked.text.names_recipient)
		return answer;
	/* A "user" or "mailbox" may have been the server's own word.  Where
	 * nothing else tells, it is one, if that harms this mail alone. */
	answer_text_read(&asked.text, reply, NULL);
	whole = judge_text(&asked, &code);
	return whole.verdict == ANSWER_RECIPIENT ||
	       whole.verdict == ANSWER_RECIPIENT_LATER ? whole : answer;
}

void answer_store(char *out, size_t size, const char *stage,
		  const char *reply)
{
	bool usual = strcasecmp(stage, "RCPT") == 0;

	(void)snprintf(out, size, "%s%s%s", usual ? "" : stage,
		       usual ? "" : " ", reply);
}

struct answer answer_judge_stored(const char *line, const char *recipient,
				  const char **reply_out)
{
	char stage[STAGE_MAX] = "RCPT";
	size_t len = strcspn(line, " ");

	if (len < sizeof(stage) && line[len]) {
		char word[STAGE_MAX];

		memcpy(word, line, len);
		word[len] = '\0';
		if (answer_is_stage(word)) {
			memcpy(stage, word, len + 1);
			line += len + 1;
		}
	}
	if (reply_out)
		*reply_out = line;
	return answer_judge(stage, line, recipient);
}

static const struct {
	const char *name;
	const char *does;
} verdicts[] = {
	[ANSWER_RECIPIENT] = { "recipient",
		"ends this mail and tells its sender" },
	[ANSWER_RECIPIENT_LATER] = { "recipient-later",
		"tries this mail again later, counts an attempt" },
	[ANSWER_CONTENT] = { "content",
		"ends this mail, alerts if it repeats" },
	[ANSWER_US] = { "us",
		"lets all mails wait, counts no attempt, alerts" },
	[ANSWER_QUOTA] = { "quota",
		"lets the relay rest, counts no attempt, alerts" },
	[ANSWER_TOO_FAST] = { "too-fast", "sends slower, counts no attempt" },
	[ANSWER_RELAY] = { "relay",
		"leaves the relay alone, counts no attempt" },
};

const char *answer_name(enum answer_verdict verdict)
{
	return verdicts[verdict].name;
}

const char *answer_does(enum answer_verdict verdict)
{
	return verdicts[verdict].does;
}
