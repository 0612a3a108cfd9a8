/* SPDX-License-Identifier: MIT */
/* TLS to a relay whose name and certificate are checked. */
#include "config.h"

#include "smtp/tls.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define RENEW_MS 60000		/* certificates are read anew once in this
				   time */

struct sender_tls {
	SSL_CTX *ctx;
	char *name;			/* that the certificate must have */
	int64_t renewed_at_ms;		/* 0 = as they were first read */
};

static void kept_free(void *ctx, void *session, CRYPTO_EX_DATA *data,
		      int index, long unused, void *also_unused)
{
	(void)ctx;
	(void)data;
	(void)index;
	(void)unused;
	(void)also_unused;
	SSL_SESSION_free(session);
}

/* Where a context, which an SSL may outlive, keeps the session that the next
 * handshake resumes. */
static int kept_at(void)
{
	static int index = -1;

	if (index == -1)
		index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL,
						 kept_free);
	must(index != -1);
	return index;
}

static bool is_address(const char *name)
{
	struct in_addr addr;

	return inet_pton(AF_INET, name, &addr) == 1;
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

static void fail(const char *what, struct fault *why)
{
	unsigned long first = ERR_peek_error();
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	/* The last one then says "system lib" only. */
	if (ERR_SYSTEM_ERROR(first))
		reason = strerror(ERR_GET_REASON(first));
	ERR_clear_error();
	(void)fault_set(why, FAULT_CONFIG, "%s: %s", what,
			reason ? reason : "OpenSSL failed");
}

static int trust(struct sender_tls *tls, const char *file)
{
	return file[0] ? SSL_CTX_load_verify_locations(tls->ctx, file, NULL)
		       : SSL_CTX_set_default_verify_paths(tls->ctx);
}

struct sender_tls *sender_tls_new(const struct relay_conf *relay,
				  struct fault *why)
{
	struct sender_tls *tls = alloc_zeroed(1, sizeof(*tls));
	const char *file = relay->tls_ca_file;
	int oldest = strcmp(relay->tls_min, "1.3") == 0 ? TLS1_3_VERSION
							: TLS1_2_VERSION;

	tls->name = alloc_text(relay->tls_name[0] ? relay->tls_name :
						   relay->host);
	ERR_clear_error();
	tls->ctx = SSL_CTX_new(TLS_client_method());
	if (!tls->ctx || !SSL_CTX_set_min_proto_version(tls->ctx, oldest) ||
	    !require_name(tls)) {
		fail("TLS", why);
	} else if (!trust(tls, file)) {
		fail(file[0] ? file : "the system's certificates", why);
	} else {
		SSL_CTX_set_verify(tls->ctx, SSL_VERIFY_PEER, NULL);
		/* As write() does, for which the pump is made. */
		(void)SSL_CTX_set_mode(tls->ctx,
				       SSL_MODE_ENABLE_PARTIAL_WRITE |
				       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		/* Many servers close without a word, which ends no reply of
		 * theirs early; their sessions can be resumed. */
		(void)SSL_CTX_set_options(tls->ctx,
					  SSL_OP_IGNORE_UNEXPECTED_EOF);
		/* One read() per record, not two. */
		SSL_CTX_set_read_ahead(tls->ctx, 1);
		return tls;
	}
	sender_tls_free(tls);
	return NULL;
}

void sender_tls_free(struct sender_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->ctx);
	free(tls->name);
	free(tls);
}

void sender_tls_begin(const struct sender_tls *tls, struct wire *w)
{
	SSL_SESSION *kept;

	w->broken = false;
	w->ssl = SSL_new(tls->ctx);
	/* They fail only if memory runs out. */
	must(w->ssl && SSL_set_fd(w->ssl, w->fd));
	/* Its certificate was judged by the same context. */
	kept = SSL_CTX_get_ex_data(tls->ctx, kept_at());
	if (kept)
		(void)SSL_set_session(w->ssl, kept);
	/* Many a server has several names, and a certificate for each. */
	if (!is_address(tls->name))
		must(SSL_set_tlsext_host_name(w->ssl, tls->name));
}

void sender_tls_keep(const struct wire *w)
{
	SSL_SESSION *session = w->ssl && !w->broken ?
			       SSL_get1_session(w->ssl) : NULL;
	SSL_SESSION *old;
	SSL_CTX *ctx;

	if (!session)
		return;
	ctx = SSL_get_SSL_CTX(w->ssl);
	old = SSL_CTX_get_ex_data(ctx, kept_at());
	if (SSL_SESSION_is_resumable(session) &&
	    SSL_CTX_set_ex_data(ctx, kept_at(), session))
		session = old;
	SSL_SESSION_free(session);
}

bool sender_tls_is_unproven(const struct wire *w)
{
	return w->ssl && SSL_get_verify_result(w->ssl) != X509_V_OK;
}

void sender_tls_explain(const struct sender_tls *tls, const struct wire *w,
			char *text, size_t size)
{
	char whole[160];
	const char *reason;

	if (sender_tls_is_unproven(w)) {
		(void)snprintf(whole, sizeof(whole),
			       "certificate for %.60s: %.70s", tls->name,
			       X509_verify_cert_error_string(
				       SSL_get_verify_result(w->ssl)));
	} else {
		reason = ERR_reason_error_string(ERR_peek_error());
		(void)snprintf(whole, sizeof(whole), "TLS handshake failed: "
			       "%.100s", reason ? reason :
			       "the connection broke");
	}
	str_printable(text, size, whole);
}

bool sender_tls_renew(struct sender_tls **tls, const struct relay_conf *relay)
{
	int64_t now_ms = ticks_ms();
	int64_t last_ms = (*tls)->renewed_at_ms;
	struct sender_tls *fresh;
	struct fault why;

	if (last_ms != 0 && now_ms - last_ms < RENEW_MS)
		return false;
	(*tls)->renewed_at_ms = now_ms;
	fresh = sender_tls_new(relay, &why);
	if (!fresh)		/* what was read once is better than nothing */
		return false;
	fresh->renewed_at_ms = now_ms;
	sender_tls_free(*tls);
	*tls = fresh;
	return true;
}
