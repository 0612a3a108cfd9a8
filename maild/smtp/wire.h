/* SPDX-License-Identifier: MIT */
/*
 * A connection to a mail server, in clear or inside TLS: whoever reads and
 * writes it need not know which.  Nothing here waits.
 */
#ifndef SMTP_WIRE_H
#define SMTP_WIRE_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ssl_st;			/* OpenSSL's SSL */

struct wire {
	int fd;			/* non-blocking; -1 = none */
	struct ssl_st *ssl;	/* NULL = in clear; freed by wire_close() */
	bool broken;		/* TLS failed: nothing may be said in it */
};

/*
 * Reads what is there, or writes what fits.  Returns how many bytes, 0 when
 * that way is over for good, or -1 when *wants has to be waited for with
 * poll().  That may be POLLIN or POLLOUT for reading and for writing: TLS has
 * needs of its own.
 */
ssize_t wire_read(struct wire *w, char *bytes, size_t size, short *wants)
	MUST_USE;
ssize_t wire_write(struct wire *w, const char *bytes, size_t len, short *wants)
	MUST_USE;

/* Goes on with the client's side of a handshake, once there is an SSL: 1 when
 * it is done, else as above. */
int wire_shake(struct wire *w, short *wants) MUST_USE;

/* Does it hold bytes of the server that poll() cannot see? */
bool wire_holds(const struct wire *w);

/* Takes leave in TLS, if that needs no waiting, and closes. */
void wire_close(struct wire *w);

#endif
