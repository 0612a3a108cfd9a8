/* SPDX-License-Identifier: MIT */
/* Knocks at a relay's door: would a session begin? */
#ifndef SMTP_KNOCK_H
#define SMTP_KNOCK_H

#include "base/compiler.h"
#include "base/fault.h"
#include "settings/mailconf.h"
#include "settings/relayconf.h"

/*
 * Goes the way of a session, with the same settings, up to the greeting, and
 * takes its leave.  Returns 0 if one of the relay's addresses greets; why->text
 * then says which ones before it failed, "" = none.  Else -1 with FAULT_RETRY.
 */
int knock(const struct mailconf *conf, const struct relay_conf *relay,
	  struct fault *why) MUST_USE;

#endif
