/* SPDX-License-Identifier: MIT */
/*
 * Sends somebody the link to a booking, or to a place in line, that they name
 * by its reference and its address.
 *
 * Nobody has proven who they are: they learn nothing but what is in that
 * mailbox.  So each such wish is counted as one mail (quota.h), whether it
 * leads to one or not, the answer is the same, and what takes longer if there
 * is a booking is done after the answer.  How often one booking's mail is sent
 * again, and how soon, is bounded as on its own page.
 */
#ifndef ACTIONS_SEEK_H
#define ACTIONS_SEEK_H

#include "base/compiler.h"
#include "domain/token.h"
#include "site/site.h"

#include <stdbool.h>

/*
 * Leaves it to be done after this call's answer; the texts are copied.  False
 * if this client has asked too often for that address, or for any: nothing will
 * be done.
 */
bool seek(struct call *call, const char ref[TOKEN_REF_LEN + 1],
	  const char *email) MUST_USE;

#endif
