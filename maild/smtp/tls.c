/* SPDX-License-Identifier: MIT */
/* STARTTLS that verifies: the library's own way checks the wrong name. */
#include "config.h"

/* First: libesmtp.h looks whether it was there. */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "smtp/impl.h"

#include "base/alloc.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sender_tls {
	SSL_CTX *ctx;
	char *name;			/* that the certificate must have */
	const struct talk *talk;	/* of the session in hand */
	char reason[120];		/* of the last refusal, "" = none */
};

/* Asked for every certificate of the chain, with what OpenSSL thinks of it. */
static int judge(int good, X509_STORE_CTX *store)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(
		store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct sender_tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (tls->talk && tls->talk->injected) {
		(void)str_copy(tls->reason, sizeof(tls->reason),
			       "text was slipped in behind the answer to "
			       "STARTTLS");
		X509_STORE_CTX_set_error(store,
					 X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	if (!good && tls->reason[0] == '\0')
		(void)snprintf(tls->reason, sizeof(tls->reason),
			       "certificate for %.40s: %.60s", tls->name,
			       X509_verify_cert_error_string(
				       X509_STORE_CTX_get_error(store)));
	return good;
}

static bool is_address(const char *name)
{
	struct in_addr addr;

	return inet_pton(AF_INET, name, &addr) == 1;
}

/* The library does not say which server it wants; many serve several. */
static void set_sni(const SSL *ssl, int where, int value)
{
	const struct sender_tls *tls;

	(void)value;
	if (!(where & SSL_CB_HANDSHAKE_START))
		return;
	tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	if (!is_address(tls->name))
		/* The API's const stops short of what OpenSSL itself does. */
		(void)SSL_set_tlsext_host_name((SSL *)(uintptr_t)ssl,
					       tls->name);
}

static int require_name(struct sender_tls *tls)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(tls->ctx);

	if (is_address(tls->name))
		return X509_VERIFY_PARAM_set1_ip_asc(param, tls->name);
	X509_VERIFY_PARAM_set_hostflags(param,
					X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_host(param, tls->name, 0);
}

static int fail(struct sender_tls *tls, const char *what, struct fault *why)
{
	unsigned long first = ERR_peek_error();
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	/* The last one then says "system lib" only. */
	if (ERR_SYSTEM_ERROR(first))
		reason = strerror(ERR_GET_REASON(first));
	ERR_clear_error();
	sender_tls_free(tls);
	return fault_set(why, FAULT_CONFIG, "%s: %s", what,
			 reason ? reason : "OpenSSL failed");
}

struct sender_tls *sender_tls_new(const struct relay_conf *relay,
				  struct fault *why)
{
	struct sender_tls *tls = alloc_zeroed(1, sizeof(*tls));
	int good;

	tls->name = alloc_text(relay->tls_name[0] ? relay->tls_name :
						   relay->host);
	tls->ctx = SSL_CTX_new(TLS_client_method());
	/*
	 * TLS 1.2 and no other.  With 1.3 the server may send a session ticket
	 * before our EHLO is flushed; the library takes that for an answer and
	 * reads until its time-out: 17 of 200 sessions hung, with 1.2 none.
	 */
	if (!tls->ctx ||
	    !SSL_CTX_set_min_proto_version(tls->ctx, TLS1_2_VERSION) ||
	    !SSL_CTX_set_max_proto_version(tls->ctx, TLS1_2_VERSION) ||
	    !require_name(tls)) {
		(void)fail(tls, "TLS", why);
		return NULL;
	}
	if (relay->tls_ca_file[0])
		good = SSL_CTX_load_verify_locations(tls->ctx,
						     relay->tls_ca_file, NULL);
	else
		good = SSL_CTX_set_default_verify_paths(tls->ctx);
	if (!good) {
		(void)fail(tls, relay->tls_ca_file[0] ? relay->tls_ca_file
			   : "the system's certificates", why);
		return NULL;
	}
	SSL_CTX_set_verify(tls->ctx, SSL_VERIFY_PEER, judge);
	SSL_CTX_set_info_callback(tls->ctx, set_sni);
	SSL_CTX_set_app_data(tls->ctx, tls);
	return tls;
}

void sender_tls_free(struct sender_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->ctx);
	free(tls->name);
	free(tls);
}

int sender_tls_use(struct sender_tls *tls, smtp_session_t smtp,
		   const struct talk *talk)
{
	tls->talk = talk;
	tls->reason[0] = '\0';
	ERR_clear_error();
	/* Each time: with a context of its own the library crashes in the
	 * second session of a process. */
	return smtp_starttls_set_ctx(smtp, tls->ctx) &&
	       smtp_starttls_enable(smtp, Starttls_REQUIRED) ? 0 : -1;
}

bool sender_tls_is_good(const struct sender_tls *tls, void *ssl)
{
	/* A number that matched leaves no name behind. */
	return SSL_get_verify_result(ssl) == X509_V_OK &&
	       (SSL_get0_peername(ssl) || is_address(tls->name)) &&
	       tls->reason[0] == '\0';
}

void sender_tls_explain(const struct sender_tls *tls, char *text, size_t size)
{
	const char *reason;

	if (tls->reason[0]) {
		str_printable(text, size, tls->reason);
		return;
	}
	reason = ERR_reason_error_string(ERR_peek_error());
	(void)snprintf(text, size, "TLS handshake failed: %s",
		       reason ? reason : "the connection broke");
}
