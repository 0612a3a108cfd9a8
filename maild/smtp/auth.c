/* SPDX-License-Identifier: MIT */
/* AUTH with PLAIN or LOGIN. */
#include "config.h"

#include "smtp/impl.h"

#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

struct sender_auth {
	const struct relay_conf *relay;	/* borrowed */
	auth_context_t context;
};

/*
 * The library asks for what the mechanism needs.  Of its plug-ins only PLAIN
 * and LOGIN work (CRAM-MD5 does not load, NTLM is broken by design): any other
 * gets no answer, and the library tries the server's next one.
 */
static int answer(auth_client_request_t request, char **result, int fields,
		  void *arg)
{
	const struct sender_auth *auth = arg;
	const char *mechanism = auth_mechanism_name(auth->context);

	if (!mechanism || (strcasecmp(mechanism, "PLAIN") != 0 &&
			   strcasecmp(mechanism, "LOGIN") != 0))
		return 0;
	for (int i = 0; i < fields; i++) {
		if (request[i].flags & AUTH_PASS)
			result[i] = auth->relay->password;
		else if (request[i].flags & AUTH_USER)
			result[i] = auth->relay->auth_user;
		else
			result[i] = NULL;
	}
	return 1;
}

struct sender_auth *sender_auth_new(const struct relay_conf *relay,
				    smtp_session_t smtp)
{
	struct sender_auth *auth = alloc_zeroed(1, sizeof(*auth));

	auth->relay = relay;
	auth_client_init();
	auth->context = auth_create_context();
	if (!auth->context ||
	    !auth_set_mechanism_flags(auth->context, AUTH_PLUGIN_PLAIN, 0) ||
	    !auth_set_interact_cb(auth->context, answer, auth) ||
	    !smtp_auth_set_context(smtp, auth->context)) {
		sender_auth_free(auth);
		return NULL;
	}
	return auth;
}

void sender_auth_free(struct sender_auth *auth)
{
	if (!auth)
		return;
	if (auth->context)
		(void)auth_destroy_context(auth->context);
	free(auth);
}

void sender_auth_exit(void)
{
	auth_client_exit();
}

bool sender_auth_is_final(int code)
{
	/* RFC 4954: log in first, mechanism too weak, wrong password, encrypt
	 * first. */
	return code == 530 || code == 534 || code == 535 || code == 538;
}
