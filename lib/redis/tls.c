/* SPDX-License-Identifier: MIT */
/* TLS to Redis, where hiredis has it: its certificate must be in its name. */
#include "config.h"

#include "redis/rconn.h"

#include "base/alloc.h"
#include "base/str.h"
#include "daemon/names.h"
#include "redis/impl.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct rconn_tls {
	char *ca_file;		/* "" = the system's */
	char *name;		/* that certificates must have; "" = the
				   host's */
};

#ifdef HAVE_HIREDIS_SSL

#include <hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static SSL_CTX *context(const char *ca_file)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	bool good = ctx && SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) &&
		    (ca_file[0] ?
		     SSL_CTX_load_verify_locations(ctx, ca_file, NULL) :
		     SSL_CTX_set_default_verify_paths(ctx));

	if (good) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		/* Every answer says how long it is, so an end without a word
		 * cuts none short unseen; and it has a plain message then. */
#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
		(void)SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
#endif
		return ctx;
	}
	SSL_CTX_free(ctx);
	return NULL;
}

/* What OpenSSL says, for people. */
static const char *reason(const char *otherwise)
{
	unsigned long first = ERR_peek_error();
	const char *text = ERR_SYSTEM_ERROR(first) ?
			   strerror(ERR_GET_REASON(first)) :
			   ERR_reason_error_string(first);

	ERR_clear_error();
	return text ? text : otherwise;
}

static int check(const char *ca_file, struct fault *why)
{
	SSL_CTX *ctx;

	ERR_clear_error();
	ctx = context(ca_file);
	SSL_CTX_free(ctx);
	return ctx ? 0 :
		fault_set(why, FAULT_CONFIG, "redis_tls_ca_file: %s: %s",
			  ca_file, reason("OpenSSL failed"));
}

/* Who the other end must be; false if there is no memory. */
static bool require(SSL *ssl, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (names_is_address(name))
		return X509_VERIFY_PARAM_set1_ip_asc(param, name);
	X509_VERIFY_PARAM_set_hostflags(param,
					X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	/* It is copied, though the macro takes it as if it were not. */
	return X509_VERIFY_PARAM_set1_host(param, name, 0) &&
	       SSL_set_tlsext_host_name(ssl, (char *)(uintptr_t)name);
}

static void explain(SSL *ssl, const char *name, char said[RCONN_SAID])
{
	const char *silent = errno == EAGAIN ? "no answer in time" :
					       "the connection broke";
	long verdict = SSL_get_verify_result(ssl);
	char whole[RCONN_SAID];

	if (verdict != X509_V_OK)
		(void)snprintf(whole, sizeof(whole), "certificate for %.60s: "
			       "%.70s", name,
			       X509_verify_cert_error_string(verdict));
	else
		(void)snprintf(whole, sizeof(whole), "TLS: %.100s",
			       reason(silent));
	ERR_clear_error();
	str_printable(said, RCONN_SAID, whole);
}

int rconn_tls_shake(const struct rconn_tls *tls, redisContext *redis,
		    const char *host, char said[RCONN_SAID])
{
	const char *name = rconn_tls_name(tls, host);

	ERR_clear_error();	/* of what failed before */

	/* Anew each time: the file may have been replaced. */
	SSL_CTX *ctx = context(tls->ca_file);
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;
	int result = -1;

	if (!ssl || !require(ssl, name)) {
		(void)str_copy(said, RCONN_SAID, reason("TLS failed"));
		goto out;
	}
	errno = 0;
	if (redisInitiateSSL(redis, ssl) == REDIS_OK) {
		ssl = NULL;	/* redisFree() frees it now, and only now */
		result = 0;
	} else {
		explain(ssl, name, said);
	}
out:
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return result;
}

#else

static int check(const char *ca_file, struct fault *why)
{
	(void)ca_file;
	return fault_set(why, FAULT_CONFIG, "redis_tls: the hiredis of this "
			 "program speaks no TLS. Put stunnel in front, as "
			 "doc/operations.md says, \"TLS to Redis\"");
}

int rconn_tls_shake(const struct rconn_tls *tls, redisContext *redis,
		    const char *host, char said[RCONN_SAID])
{
	(void)tls;
	(void)redis;
	(void)host;
	(void)said;
	must(!"no TLS without rconn_tls_new()");
	return -1;
}

#endif

struct rconn_tls *rconn_tls_new(const struct rconn_opts *opts,
				struct fault *why)
{
	const char *file = opts->tls_ca_file ? opts->tls_ca_file : "";
	struct rconn_tls *tls;

	if (check(file, why) == -1)
		return NULL;
	tls = alloc_zeroed(1, sizeof(*tls));
	tls->ca_file = alloc_text(file);
	tls->name = alloc_text(opts->tls_name ? opts->tls_name : "");
	return tls;
}

void rconn_tls_free(struct rconn_tls *tls)
{
	if (!tls)
		return;
	free(tls->ca_file);
	free(tls->name);
	free(tls);
}

void rconn_tls_require(struct rconn_tls *tls, const char *name)
{
	free(tls->name);
	tls->name = alloc_text(name);
}

const char *rconn_tls_name(const struct rconn_tls *tls, const char *host)
{
	return tls->name[0] ? tls->name : host;
}
