/* SPDX-License-Identifier: MIT */
/*
 * How fast, and over how many connections, one relay may be used.  Lives in
 * shared memory; all zero = no mail sent and no limit met yet.
 */
#ifndef POLICY_PACE_H
#define POLICY_PACE_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct pace {
	/* Connections: halved when the relay says that it has too many, one
	 * more after enough mails (additive increase, multiplicative
	 * decrease). */
	atomic_int allowed;		/* 0 = as many as wished */
	atomic_int accepted;		/* mails since it last changed */
	_Atomic int64_t changed_at_ms;	/* ticks_ms() of that */
	_Atomic int64_t refused_at_ms;	/* of the last refused connection, 0 =
					   none */
	/* Rate: when the next mail is due if they came evenly (GCRA's
	 * theoretical arrival time), ticks in microseconds. */
	_Atomic int64_t next_at_us;
	/* What the relay can take: halved when it says that mails come too
	 * fast, doubled again and again while it says nothing. */
	_Atomic int64_t learnt;		/* mails an hour, 0 = never told */
	_Atomic int64_t learnt_at_ms;	/* when it was last told so */
	atomic_int counted;		/* accepted since counted_at_ms */
	_Atomic int64_t counted_at_ms;	/* 0 = none yet */
	_Atomic int64_t accepted_at_ms;	/* the latest, 0 = none */
};

/* How many connections there may be, by what is allowed now and by the
 * settings; INT_MAX = no limit.  configured = 0: the settings have none. */
int pace_connections(const struct pace *p, int configured);

/* ms until another connection may be tried after a refused one; 0 = now. */
int64_t pace_refused_ms(const struct pace *p, int64_t now_ms);

/*
 * The relay refused a connection while there were in_use (ours included): from
 * now on half as many are allowed, but at least one.  All workers hear the same
 * refusal, so at most one halving a second counts.  Returns the new number, or
 * 0 if nothing changed.
 */
int pace_slow_down(struct pace *p, int in_use, int64_t now_ms);

/* A mail was accepted.  Returns the new number if one more connection is
 * allowed now (0 = the limit reached most and is gone), else -1. */
int pace_speed_up(struct pace *p, int most, int64_t now_ms);

/* A mail was accepted. */
void pace_accepted(struct pace *p, int64_t now_ms);

/* The relay said that mails come too fast.  Returns the rate that holds from
 * now on if it changed (at most once a second), else 0. */
int64_t pace_too_fast(struct pace *p, int64_t now_ms);

/* Was a mail accepted in the last within_ms? */
bool pace_is_flowing(const struct pace *p, int64_t now_ms, int64_t within_ms);

/* Mails an hour: the lower of what the settings allow and what was learnt; in
 * all of them 0 = no limit. */
int64_t pace_rate(const struct pace *p, int64_t configured, int64_t now_ms);

/* ms until a mail may go; 0 = now.  per_hour is the settings', 0 = none; the
 * learnt rate counts, too. */
int64_t pace_wait_ms(const struct pace *p, int64_t per_hour, int64_t now_ms);

/*
 * Takes the place of one mail.  Returns the ms to wait before sending it, at
 * most max_ms, or -1 if it would be longer (nothing is taken then).
 */
int64_t pace_take(struct pace *p, int64_t per_hour, int64_t now_ms,
		  int64_t max_ms);

#endif
