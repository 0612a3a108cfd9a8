/* SPDX-License-Identifier: MIT */
/*
 * What a mail server's refusal means: whose fault it is, and so what becomes of
 * the mail and of all others.  Pure; no locale, no allocation, and a bounded
 * amount of work for a reply of any length.
 *
 * A reply is judged by what it says first, then by the command that it answers,
 * then by its code: providers use one and the same code for a mailbox that does
 * not exist and for a sender that they do not want.
 */
#ifndef SMTPREPLY_ANSWER_H
#define SMTPREPLY_ANSWER_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

enum answer_verdict {
	ANSWER_RECIPIENT,	/* no such mailbox, disabled, or it refuses us
				   personally: this mail ends */
	ANSWER_RECIPIENT_LATER,	/* greylisting, full for now, its server away:
				   again later, an attempt is charged */
	ANSWER_CONTENT,		/* this one message: it ends */
	ANSWER_US,		/* our sender, log-in, address, host name or
				   repute: all mails wait, uncharged */
	ANSWER_QUOTA,		/* an hour's or day's allowance is used up: the
				   relay rests, uncharged */
	ANSWER_TOO_FAST,	/* slower, uncharged */
	ANSWER_RELAY,		/* the relay's own trouble: waits, uncharged */
};
#define ANSWER_COUNT (ANSWER_RELAY + 1)

/* What a refusal says of the mailbox itself. */
enum answer_mailbox {
	ANSWER_MAILBOX_UNTOLD,	/* it speaks of something else */
	ANSWER_MAILBOX_NONE,	/* there is none of that name, or no more */
	ANSWER_MAILBOX_FULL,
};

struct answer {
	enum answer_verdict verdict;
	const char *rule;	/* name of the rule that decided; static */
	enum answer_mailbox mailbox;
	bool guessed;		/* none of its words decided, only stage and
				   codes.  Of a recipient 5.1.x and 5.2.x say
				   enough; of what a mail says no code does: a
				   guess at either is believed only while others
				   pass */
};

/*
 * Judges a refusal.
 *
 * stage: the command that was answered, as maild's log lines name it, in any
 * case: "connect", "greeting", "EHLO", "STARTTLS", "TLS", "AUTH", "MAIL",
 * "RCPT", "DATA", "dot"; "MAIL/RCPT" is either.  Another word or NULL means
 * that it is not known.
 *
 * reply: all that the server said, the code first: "550 5.1.1 text"; lines end
 * in LF or CRLF, or are shown with "\n", each with its code or without.  Hand
 * over the whole of it: the words that tell are often in the second line.  Only
 * the first few thousand bytes are looked at.  What has no code, such as
 * "Connection refused", is the relay's trouble.
 *
 * recipient: whose mail it refuses; NULL or "" = not known.
 *
 * Addresses, links, host names, what it quotes and what follows "subject:" are
 * not taken for its words: people choose their addresses and write the mails.
 * Nor is the recipient's local part ("Unknown user: blacklisted"), unless that
 * alone tells that the refusal is of this recipient.
 *
 * Any input gives a verdict and a rule.  In doubt it is one that waits, or what
 * the code says of one recipient or one message.
 */
struct answer answer_judge(const char *stage, const char *reply,
			   const char *recipient);

/*
 * A refusal is kept in one line of text: the reply, and before it the stage and
 * a blank unless that is "RCPT".  Writes such a line, cut to size - 1 bytes.
 */
void answer_store(char *out, size_t size, const char *stage,
		  const char *reply);

/* Judges such a line.  *reply_out, if not NULL, is the reply in it. */
struct answer answer_judge_stored(const char *line, const char *recipient,
				  const char **reply_out);

/* Is that the word for a stage, or several with / between? */
bool answer_is_stage(const char *stage);

/* "recipient", "recipient-later", "content", "us", "quota", "too-fast",
 * "relay": for log lines, alerts and JSON. */
const char *answer_name(enum answer_verdict verdict);

/* What maild does about it, for people: one phrase without a full stop. */
const char *answer_does(enum answer_verdict verdict);

/* The numbers in a reply; 0 = there is none. */
struct answer_code {
	int code;		/* 200 to 599 (RFC 5321, 4.2) */
	int class;		/* RFC 3463: 2, 4 or 5; 0 = no enhanced code */
	int subject;
	int detail;
};

/*
 * Reads them: the code is the first word of three digits, the enhanced one may
 * stand behind it ("550 5.1.1 ...") or anywhere later ("(#5.7.1)").
 */
struct answer_code answer_code_read(const char *reply);

#endif
