/* SPDX-License-Identifier: MIT */
/* What a client says to log in with an OAuth access token. */
#ifndef SMTP_SASL_H
#define SMTP_SASL_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* A line of AUTH (RFC 4954 section 4), its end and a NUL included: a token of
 * SENDER_TOKEN_MAX fits. */
#define SASL_LINE_MAX 12289

struct sasl {
	const char *mechanism;	/* "XOAUTH2", or "OAUTHBEARER" (RFC 7628) */
	const char *user;	/* who logs in */
	const char *host;	/* the server that the token is for */
	int64_t port;
};

/* Writes the initial response in base64.  Wipe it after use. */
void sasl_respond(const struct sasl *sasl, const char *token,
		  char out[SASL_LINE_MAX]);

/* What the server wants to hear once it has said, in a challenge, why it
 * refuses. */
const char *sasl_give_up(const struct sasl *sasl);

#endif
