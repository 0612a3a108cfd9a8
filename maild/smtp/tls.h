/* SPDX-License-Identifier: MIT */
/*
 * What a relay must prove in TLS: that it has a certificate in its name which
 * we trust.  Otherwise nothing is said to it.
 */
#ifndef SMTP_TLS_H
#define SMTP_TLS_H

#include "base/compiler.h"
#include "base/fault.h"
#include "settings/relayconf.h"
#include "smtp/wire.h"

#include <stdbool.h>
#include <stddef.h>

/* How one relay's certificates are judged; one for each relay of a process. */
struct sender_tls;

/* Returns NULL with FAULT_CONFIG if the certificates to trust cannot be
 * read. */
struct sender_tls *sender_tls_new(const struct relay_conf *relay,
				  struct fault *why) MUST_USE;
void sender_tls_free(struct sender_tls *tls);

/* Readies the connection for its handshake, wire_shake().  The SSL may outlive
 * tls. */
void sender_tls_begin(const struct sender_tls *tls, struct wire *w);

/* Once the server has spoken inside TLS: the next handshake resumes this
 * session, if it may be (RFC 8446, 2.2; RFC 5246, 7.3). */
void sender_tls_keep(const struct wire *w);

/* After a handshake that failed: was it for the server's certificate? */
bool sender_tls_is_unproven(const struct wire *w);

/* Why the last call of wire_shake() failed, for people. */
void sender_tls_explain(const struct sender_tls *tls, const struct wire *w,
			char *text, size_t size);

/*
 * A certificate was refused, and those we trust may be out of date: reads them
 * anew, at most once a minute.  Returns whether it did; *tls is then another
 * one.
 */
bool sender_tls_renew(struct sender_tls **tls, const struct relay_conf *relay)
	MUST_USE;

#endif
