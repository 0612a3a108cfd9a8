/* SPDX-License-Identifier: MIT */
/*
 * What settings of both programs may hold, beyond what their rows say.
 *
 * Each check returns 0, or -1 with FAULT_CONFIG and a sentence that begins with
 * the setting's name; conf_place() puts the file and line before it.
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>

/* If the sentence begins with a setting that the file sets outside sections, or
 * with a section's "[kind name]": "file:line: " before it, else "file: ".
 * path NULL: nothing is done. */
void conf_place(const char *path, struct fault *why);

/* The same for a sentence about this setting that does not begin with its
 * name, which is put before it. */
void conf_place_at(const char *path, const char *name, struct fault *why);

/* A target of log_open(). */
int conf_check_log(const char *value, struct fault *why) MUST_USE;

/* One line of text: no control characters. */
int conf_check_line(const char *name, const char *value, struct fault *why)
	MUST_USE;

/* The name or number of a host, or empty. */
int conf_check_host(const char *name, const char *value, struct fault *why)
	MUST_USE;

/* Is that host, a name or number as a setting gives it, this one?  Only what
 * cannot be another: "localhost" (RFC 6761, 6.3), 127.0.0.0/8, ::1 and the
 * IPv4 ones as IPv6.  Decides where TLS may be left out. */
bool conf_is_this_host(const char *host);

/* A domain fit for either side of an '@'; not empty. */
int conf_check_domain(const char *name, const char *value, struct fault *why)
	MUST_USE;

/* "", unix:/path or tcp:HOST:PORT. */
int conf_check_listen(const char *value, struct fault *why) MUST_USE;

/* A directory that exists; it may be missing if it is the shipped default, or
 * empty. */
int conf_check_dir(const char *name, const char *value, const char *fallback,
		   struct fault *why) MUST_USE;

/* Accounts that exist; empty ones are fine. */
int conf_check_user(const char *user, const char *group, struct fault *why)
	MUST_USE;

#endif
