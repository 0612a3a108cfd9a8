/* SPDX-License-Identifier: MIT */
/* The other side of a connection, for tests: a thread that says and hears what
 * its script has, in clear or in TLS. */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cmocka.h>

#include "../scratch.h"

#define PEER_NAME "mx.example.net"

struct peer {
	int fd;				/* blocking */
	SSL_CTX *ctx;			/* for its handshake; borrowed */
	SSL *ssl;			/* NULL = in clear */
	/* Run in the thread; ends with NULL.  "S text" is said, "C text" must
	 * be heard, "TLS" is a handshake. */
	const char *const *script;
	void (*act)(struct peer *p);	/* instead of a script */
	pthread_t thread;
	char wrong[300];		/* what went otherwise; "" = nothing */
};

static inline bool peer_say(struct peer *p, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = p->ssl ? SSL_write(p->ssl, bytes, (int)len)
				   : send(p->fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* Returns how many bytes came, 0 at the end. */
static inline size_t peer_hear(struct peer *p, char *bytes, size_t size)
{
	ssize_t n = p->ssl ? SSL_read(p->ssl, bytes, (int)size)
			   : recv(p->fd, bytes, size, 0);

	return n > 0 ? (size_t)n : 0;
}

static inline void peer_secure(struct peer *p)
{
	p->ssl = SSL_new(p->ctx);
	if (!p->ssl || !SSL_set_fd(p->ssl, p->fd) || SSL_accept(p->ssl) != 1)
		(void)snprintf(p->wrong, sizeof(p->wrong), "no handshake");
}

/* Byte by byte: what follows may be a handshake's. */
static inline void peer_expect(struct peer *p, const char *wanted)
{
	for (const char *at = wanted; *at; at++) {
		char byte;

		if (peer_hear(p, &byte, 1) == 1 && byte == *at)
			continue;
		(void)snprintf(p->wrong, sizeof(p->wrong), "not heard: %.60s "
			       "from byte %zu on", wanted,
			       (size_t)(at - wanted));
		return;
	}
}

static inline void *peer_run(void *arg)
{
	struct peer *p = arg;

	if (p->act)
		p->act(p);
	for (const char *const *line = p->script; line && *line &&
	     !p->wrong[0]; line++) {
		if (strcmp(*line, "TLS") == 0)
			peer_secure(p);
		else if (**line == 'S')
			(void)peer_say(p, *line + 2, strlen(*line + 2));
		else
			peer_expect(p, *line + 2);
	}
	if (p->ssl && !p->wrong[0])
		(void)SSL_shutdown(p->ssl);
	(void)shutdown(p->fd, SHUT_WR);
	return NULL;
}

/* Returns our end, non-blocking. */
static inline int peer_start(struct peer *p)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	p->fd = ends[1];
	assert_int_equal(pthread_create(&p->thread, NULL, peer_run, p), 0);
	return ends[0];
}

static inline void peer_end(struct peer *p)
{
	assert_int_equal(pthread_join(p->thread, NULL), 0);
	SSL_free(p->ssl);
	(void)close(p->fd);
	assert_string_equal(p->wrong, "");
}

/* ---- a certificate ---------------------------------------------------------- */

/* For PEER_NAME, vouched for by itself, in the file too. */
static inline SSL_CTX *peer_context(const char *file, int version)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	X509 *cert = X509_new();
	EVP_PKEY *key = NULL;
	X509_EXTENSION *names;
	FILE *out = fopen(file, "we");

	assert_true(ctx && maker && cert && out);
	assert_true(EVP_PKEY_keygen_init(maker) > 0 &&
		    EVP_PKEY_CTX_set_rsa_keygen_bits(maker, 2048) > 0 &&
		    EVP_PKEY_keygen(maker, &key) > 0);
	names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
				    "DNS:" PEER_NAME);
	assert_true(names && X509_set_version(cert, 2) &&
		    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) &&
		    X509_gmtime_adj(X509_getm_notBefore(cert), -60) &&
		    X509_gmtime_adj(X509_getm_notAfter(cert), 3600) &&
		    X509_set_pubkey(cert, key) &&
		    X509_add_ext(cert, names, -1) &&
		    X509_sign(cert, key, EVP_sha256()));
	assert_true(PEM_write_X509(out, cert));
	assert_int_equal(fclose(out), 0);
	assert_true(SSL_CTX_use_certificate(ctx, cert) &&
		    SSL_CTX_use_PrivateKey(ctx, key) &&
		    SSL_CTX_set_min_proto_version(ctx, version) &&
		    SSL_CTX_set_max_proto_version(ctx, version));
	X509_EXTENSION_free(names);
	X509_free(cert);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(maker);
	return ctx;
}

/* What the tests of a group trust, and its server's side; NULL = in clear. */
static char *peer_trusted;		/* a file */
static SSL_CTX *peer_server;

static inline int peer_certificate_make(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	if (scratch_begin(NULL, 0) == -1)
		return -1;
	peer_trusted = scratch_path("ca.pem");
	peer_server = peer_context(peer_trusted, TLS1_3_VERSION);
	return 0;
}

static inline int peer_certificate_drop(void **state)
{
	SSL_CTX_free(peer_server);
	free(peer_trusted);
	return scratch_end(state);
}

#endif
