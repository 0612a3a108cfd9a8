/* SPDX-License-Identifier: MIT */
/* Knocks at a relay's door: would a session begin? */
#ifndef KNOCK_H
#define KNOCK_H

#include "compiler.h"
#include "fault.h"
#include "mailconf.h"
#include "relayconf.h"

/*
 * Goes the way of a session, with the same settings, up to the greeting, and
 * takes its leave.  Returns 0 if one of the relay's addresses greets; why->text
 * then says which ones before it failed, "" = none.  Else -1 with FAULT_RETRY.
 */
int knock(const struct mailconf *conf, const struct relay_conf *relay,
	  struct fault *why) MUST_USE;

#endif
