/* SPDX-License-Identifier: MIT */
/* What a client says to log in with an OAuth access token. */
#include "config.h"

#include "smtp/sasl.h"

#include "base/fault.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#define RAW_MAX 9000		/* a token, a user, a host, what is between */
#define NAME_MAX_BYTES (3 * 256 + 1)	/* a user, each byte escaped */

_Static_assert((RAW_MAX + 2) / 3 * 4 + sizeof("AUTH OAUTHBEARER \r\n") <=
	       SASL_LINE_MAX, "the whole of it in one line");

static bool is_oauthbearer(const struct sasl *sasl)
{
	return strcmp(sasl->mechanism, "OAUTHBEARER") == 0;
}

/* RFC 5801 section 4: a comma would end the name. */
static void escape(char out[NAME_MAX_BYTES], const char *name)
{
	size_t len = 0;

	for (; *name && len + 4 < NAME_MAX_BYTES; name++) {
		if (*name == ',' || *name == '=')
			len += (size_t)snprintf(out + len, 4, "=%02X",
						(unsigned)*name);
		else
			out[len++] = *name;
	}
	out[len] = '\0';
}

void sasl_respond(const struct sasl *sasl, const char *token,
		  char out[SASL_LINE_MAX])
{
	char name[NAME_MAX_BYTES];
	char raw[RAW_MAX];
	int len;

	if (is_oauthbearer(sasl)) {
		escape(name, sasl->user);
		len = snprintf(raw, sizeof(raw), "n,a=%s,\001host=%s\001"
			       "port=%lld\001auth=Bearer %s\001\001", name,
			       sasl->host, (long long)sasl->port, token);
	} else {
		len = snprintf(raw, sizeof(raw), "user=%s\001auth=Bearer %s"
			       "\001\001", sasl->user, token);
	}
	must(len > 0 && (size_t)len < sizeof(raw));
	(void)EVP_EncodeBlock((unsigned char *)out, (unsigned char *)raw, len);
	explicit_bzero(raw, sizeof(raw));
}

const char *sasl_give_up(const struct sasl *sasl)
{
	/* RFC 7628 section 3.2.3: a kvsep; XOAUTH2: an empty line. */
	return is_oauthbearer(sasl) ? "AQ==" : "";
}
