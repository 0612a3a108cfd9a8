/* SPDX-License-Identifier: MIT */
/* maild --test-mail: one mail through the real path, to be watched. */
#ifndef TESTMAIL_H
#define TESTMAIL_H

#include "settings/mailconf.h"

/*
 * Sends a notice to address over the relay (NULL = the first one), without
 * Redis and without asking breakers; the whole dialogue, credentials left out,
 * goes to standard output.  Returns the exit status: 0 the relay took it, 64 no
 * such relay or not an address, 67 the recipient was refused, 69 the mail was,
 * 75 it may work later, 77 the log-in was refused, 78 the settings do not
 * fit the relay.
 */
int testmail_run(const struct mailconf *conf, const char *address,
		 const char *relay);

#endif
