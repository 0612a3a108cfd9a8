/* SPDX-License-Identifier: MIT */
/* What "maild -t" looks at, beyond the settings themselves. */
#ifndef CHECK_H
#define CHECK_H

#include "base/compiler.h"
#include "base/fault.h"
#include "settings/mailconf.h"

/*
 * What must be right for a start or a reload: the sender, the domain, the
 * shipped templates, templates in the default language, the relays'
 * certificates, what their access tokens come from, and alert_command; to be
 * called as the user that must read them.  Loads and frees all templates.
 * Returns 0, or -1 with FAULT_CONFIG.
 */
int check_start(const struct mailconf *conf, struct fault *why) MUST_USE;

/*
 * What only -t looks at, after check_start(): every template, your own with
 * file and line; whether each auth_token_file is there; where the journal,
 * Redis or a mail server is missing, or the settings may not be read, a note,
 * because that may change later.  Prints on standard error.  Returns the number
 * of faults.
 */
size_t check_all(const struct mailconf *conf, const char *conf_path);

#endif
