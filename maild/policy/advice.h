/* SPDX-License-Identifier: MIT */
/* What an alert about a relay says: what it is and what to change.  Pure. */
#ifndef POLICY_ADVICE_H
#define POLICY_ADVICE_H

#include "base/compiler.h"

enum advice_cause {
	ADVICE_US,		/* it refuses us: a setting, here or there */
	ADVICE_QUOTA,		/* what it allows us is used up */
	ADVICE_STORM,		/* it refuses mails and does not say why */
	ADVICE_CONTENT,		/* it refuses what they say */
	ADVICE_NOBODY,		/* it knows no recipient of many domains */
};

/* "relay-config", ...: the alert's key, but for ":NAME". */
const char *advice_key(enum advice_cause cause);

/* What follows "relay NAME". */
const char *advice_symptom(enum advice_cause cause);

/* What to do; stage and reply are those of the refusal. */
const char *advice_remedy(enum advice_cause cause, const char *stage,
			  const char *reply);

#endif
