/* SPDX-License-Identifier: MIT */
/* A connection to a mail server, in clear or inside TLS. */
#include "config.h"

#include "smtp/wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

/* What a call on the SSL that returned no bytes means for our caller. */
static int of_ssl(struct wire *w, int returned, short *wants)
{
	switch (SSL_get_error(w->ssl, returned)) {
	case SSL_ERROR_WANT_READ:
		*wants = POLLIN;
		return -1;
	case SSL_ERROR_WANT_WRITE:
		*wants = POLLOUT;
		return -1;
	case SSL_ERROR_ZERO_RETURN:	/* the server took its leave */
		return 0;
	default:
		w->broken = true;
		return 0;
	}
}

/* The same for a call on the socket. */
static ssize_t of_socket(ssize_t returned, short event, short *wants)
{
	if (returned > 0)
		return returned;
	if (returned == -1 && (errno == EAGAIN || errno == EINTR)) {
		*wants = event;
		return -1;
	}
	return 0;
}

ssize_t wire_read(struct wire *w, char *bytes, size_t size, short *wants)
{
	int n;

	if (!w->ssl)
		return of_socket(recv(w->fd, bytes, size, MSG_DONTWAIT),
				 POLLIN, wants);
	ERR_clear_error();	/* an old one would be taken for this call's */
	n = SSL_read(w->ssl, bytes, (int)size);
	return n > 0 ? n : of_ssl(w, n, wants);
}

ssize_t wire_write(struct wire *w, const char *bytes, size_t len, short *wants)
{
	int n;

	if (!w->ssl)
		return of_socket(send(w->fd, bytes, len, MSG_DONTWAIT |
				      MSG_NOSIGNAL), POLLOUT, wants);
	ERR_clear_error();
	n = SSL_write(w->ssl, bytes, (int)len);
	return n > 0 ? n : of_ssl(w, n, wants);
}

int wire_shake(struct wire *w, short *wants)
{
	int n;

	ERR_clear_error();
	n = SSL_connect(w->ssl);
	return n == 1 ? 1 : of_ssl(w, n, wants);
}

bool wire_holds(const struct wire *w)
{
	return w->ssl && SSL_has_pending(w->ssl);
}

void wire_close(struct wire *w)
{
	if (w->ssl && !w->broken && SSL_is_init_finished(w->ssl)) {
		ERR_clear_error();
		/* Only good manners: the end of the session has been heard by
		 * now. */
		(void)SSL_shutdown(w->ssl);
	}
	ERR_clear_error();
	SSL_free(w->ssl);
	w->ssl = NULL;
	if (w->fd != -1)
		(void)close(w->fd);
	w->fd = -1;
}
