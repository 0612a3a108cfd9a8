/* SPDX-License-Identifier: MIT */
/* TLS to the database: when, whom to trust, and under which name. */
#ifndef DB_TLS_H
#define DB_TLS_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>

struct dbtls {			/* borrowed */
	const char *mode;	/* "auto", "required", "off" */
	const char *ca_file;	/* PEM; NULL or "" = the system's */
	const char *name;	/* in it; NULL or "" = the host's */
};

/* Must a connection by TCP to this host use it?  auto: unless the host is this
 * machine's loopback, by what it is called. */
bool dbtls_is_wanted(const struct dbtls *tls, const char *host);

/* Can the authorities be read?  0, or -1 with FAULT_CONFIG. */
int dbtls_check(const struct dbtls *tls, struct fault *why) MUST_USE;

#endif
