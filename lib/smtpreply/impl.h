/* SPDX-License-Identifier: MIT */
/* The table by which answer.c judges, and how its rows are written. */
#ifndef SMTPREPLY_IMPL_H
#define SMTPREPLY_IMPL_H

#include "base/compiler.h"
#include "smtpreply/answer.h"

#include <stddef.h>

/* Which command was answered; a set. */
enum answer_stage {
	AT_CONNECT = 1 << 0,	/* and the greeting */
	AT_EHLO = 1 << 1,
	AT_STARTTLS = 1 << 2,	/* and the handshake */
	AT_AUTH = 1 << 3,
	AT_MAIL = 1 << 4,
	AT_RCPT = 1 << 5,
	AT_DATA = 1 << 6,
	AT_DOT = 1 << 7,
	AT_SESSION = AT_CONNECT | AT_EHLO | AT_STARTTLS | AT_AUTH,
	AT_SENDER = AT_SESSION | AT_MAIL,	/* no recipient was named yet */
	AT_BODY = AT_DATA | AT_DOT,
	AT_MESSAGE = AT_MAIL | AT_RCPT | AT_BODY,
};

/*
 * One rule.  It decides if all that it names fits; NULL and 0 fit anything.
 *
 * code: beginnings of the reply code, blanks between: "4", "530 535".
 *
 * enhanced: enhanced codes, blanks between; an x is any digit, a * whatever
 * follows: "x.1.8 5.7.60x x.7.*".
 *
 * says, and, not: what the words must hold, must hold as well, and must not
 * hold: phrases with a bar between, in lower case and whole words.  In a phrase
 * a blank is a blank, a - is nothing or a blank or a hyphen or an underscore, a
 * ? is any one character (an accent that was lost), a * is the rest of a word.
 * Apostrophes are not looked at: write "doesnt".
 *
 * token: texts with a bar between, one of which is anywhere, in the middle of a
 * word or a link, too: a provider's own names.
 */
struct answer_rule {
	const char *name;
	enum answer_verdict verdict;
	enum answer_mailbox mailbox;
	unsigned stages;
	const char *code;
	const char *enhanced;
	const char *says;
	const char *and;
	const char *not;
	const char *token;
};

/* The first that fits decides.  The first table ends with a rule without a
 * name; of the second one fits whatever the code. */
extern const struct answer_rule answer_rules_limit[], answer_rules_refusal[];

#define ANSWER_TEXT_MAX 4096	/* so much of a reply is looked at */

/* What is looked at: in lower case, and without addresses. */
struct answer_text {
	bool names_recipient;	/* by the bare local part or domain, which is
				   left out like an address */
	char whole[ANSWER_TEXT_MAX + 2];	/* with links and host names */
	char words[ANSWER_TEXT_MAX + 3];	/* words, a blank around each */
};

/* recipient: an address; NULL or "" = not known. */
void answer_text_read(struct answer_text *t, const char *reply,
		      const char *recipient);

/* Is one of the phrases, or one of the tokens, in it? */
bool answer_text_says(const struct answer_text *t, const char *phrases);
bool answer_text_has(const struct answer_text *t, const char *tokens);

/* Cuts the next of several texts off a list; false at its end. */
bool answer_list_next(const char **list, char sep, const char **item,
		      size_t *len);

#endif
