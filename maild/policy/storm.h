/* SPDX-License-Identifier: MIT */
/*
 * The storm guard of a relay: is a refusal the mail's, its recipient domain's,
 * or is the relay closed for us?
 *
 * It remembers which mails were refused and which were accepted since.  It
 * judges by domains and by acceptances, never by codes or by time alone: only
 * an acceptance proves that the relay takes our mails.  doc/states.md, "What a
 * refusal leads to", has the argument.
 *
 * Lives in shared memory that every worker writes; all zero = calm.  Nothing
 * read from it is used as an index or a length, and a wrong value only makes
 * mails wait or be asked about once more.  Two workers that meet here may
 * miscount by one.  Instants are Unix ms of Redis's clock: a mail's pause ends
 * by it, too.
 */
#ifndef POLICY_STORM_H
#define POLICY_STORM_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define STORM_CASES 256		/* refused mails remembered; with more, the
				   oldest is forgotten and starts anew */
#define STORM_TIMES 3		/* refusals until a guess is believed */
#define STORM_JOBS 3		/* this many mails in a row refused for their
				   content: no longer the mails' fault */
#define STORM_DOMAINS 3		/* this many domains in a row: nor a domain's */

enum storm_kind {
	STORM_SURE,		/* its words name the recipient */
	STORM_CONTENT,		/* its words name the content */
	STORM_GUESS,		/* only stage and code speak of the mail */
	STORM_RELAY,		/* it speaks of us or of the relay */
};

enum storm_verdict {
	STORM_BELIEVE,		/* the mail is refused: bury */
	STORM_WAIT,		/* this mail waits, or this domain's do */
	STORM_PAUSE,		/* all wait: the relay refuses us */
};

struct storm_case {
	_Atomic uint64_t job;		/* hash, 0 = free */
	_Atomic uint64_t domain;	/* hash */
	atomic_int kind;
	atomic_int times;		/* it was refused */
	atomic_uint first_seen;		/* storm.accepted at the first time */
	atomic_uint last_seen;		/* at the latest */
	_Atomic int64_t since_ms;	/* the first time */
	_Atomic int64_t asked_ms;	/* the latest */
	_Atomic int64_t again_ms;	/* neither it nor its domain is tried
					   before this; 0 = it may be */
	atomic_int is_over;		/* it was believed: no longer waits */
};

struct storm {
	atomic_uint accepted;		/* mails, counted round and round */
	atomic_int is_busy;		/* some case stands below */
	_Atomic int64_t told_ms;	/* when the alert in force was raised, 0
					   = there is none */
	_Atomic uint64_t told;		/* hash of its cause */
	struct storm_case cases[STORM_CASES];
};

struct storm_mail {		/* all borrowed */
	const char *job;
	const char *domain;	/* of its recipient */
	int64_t now_ms;
};

struct storm_seen {		/* how things stand after a refusal */
	enum storm_verdict verdict;
	int times;		/* this mail was refused so */
	int jobs;		/* mails, and domains, refused since the last
				   acceptance, of the same sort (STORM_SURE, or
				   all others) */
	int domains;
	int64_t waits_ms;	/* since this mail was first refused */
};

/* The relay refused the mail. */
struct storm_seen storm_refused(struct storm *s, const struct storm_mail *mail,
				enum storm_kind kind);

/* The mail waits for pause_ms; its domain's other mails, too: storm_holds(). */
void storm_hold(struct storm *s, const struct storm_mail *mail,
		int64_t pause_ms);

/*
 * Must this mail be left alone, though it is its turn?  Its domain was refused
 * a moment ago and is asked again by one mail at a time, so that others are
 * asked instead.  For guesses this holds only while the relay's breaker
 * is_open.  Returns ms, 0 = no.
 */
int64_t storm_holds(const struct storm *s, const struct storm_mail *mail,
		    bool is_open);

/* The relay took the mail.  Returns true if an alert was in force and nothing
 * waits for its cause any more. */
bool storm_accepted(struct storm *s, const struct storm_mail *mail);

/*
 * Is an alert due for this cause?  One stays in force until the relay takes
 * mails again; meanwhile another cause is told after an hour, the same one
 * after a day.
 */
bool storm_tells(struct storm *s, const char *cause, int64_t now_ms);

/* Forgets everything: the settings may have been fixed. */
void storm_forget(struct storm *s);

#endif
