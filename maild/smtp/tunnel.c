/* SPDX-License-Identifier: MIT */
/* A thread between libesmtp and a connection that we have secured. */
#include "config.h"

#include "smtp/tunnel.h"

#include "base/alloc.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLOW_BYTES 16384	/* a whole record of TLS */
#define PAIR_BYTES 32768	/* so that a server that takes nothing is
				   noticed about as soon as over TCP */
#define STACK_BYTES (256 * 1024L)

/* One direction.  Bytes are fetched only when all before them are gone. */
struct flow {
	char bytes[FLOW_BYTES];
	size_t at, len;			/* len bytes are waiting from bytes[at]
					   on */
	short wants;			/* of the wire, to go on */
	bool over;
};

struct tunnel {
	struct wire wire;
	int inner;			/* our end of the pair */
	bool greets;			/* the library's EHLO is yet to come */
	bool gone;			/* the library has closed its end */
	pthread_t thread;
	struct flow in;			/* server to library */
	struct flow out;
};

/* ---- server to library -------------------------------------------------- */

/* Fetches all that the server said.  False: nothing came. */
static bool fetch_in(struct tunnel *t)
{
	struct flow *f = &t->in;
	ssize_t n;

	f->at = f->len = 0;
	f->wants = POLLIN;
	do {
		n = wire_read(&t->wire, f->bytes + f->len,
			      sizeof(f->bytes) - f->len, &f->wants);
		if (n > 0)
			f->len += (size_t)n;
		/* poll() would not show what TLS holds. */
	} while (n > 0 && f->len < sizeof(f->bytes) && wire_holds(&t->wire));
	f->over = n == 0;
	return f->len > 0;
}

/* Gives it to the library.  False: it takes no more for now, or ever. */
static bool hand_in(struct tunnel *t)
{
	struct flow *f = &t->in;
	ssize_t n = send(t->inner, f->bytes + f->at, f->len,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n == -1) {
		t->gone = errno != EAGAIN && errno != EINTR;
		return false;
	}
	f->at += (size_t)n;
	f->len -= (size_t)n;
	return f->len == 0;
}

static void move_in(struct tunnel *t)
{
	struct flow *f = &t->in;

	if (f->len > 0 && !hand_in(t))
		return;
	while (!f->over && fetch_in(t)) {
		if (!hand_in(t))
			return;
		if (!f->over && !wire_holds(&t->wire))
			return;
	}
	if (f->over)	/* the library has it all: it may see the end */
		(void)shutdown(t->inner, SHUT_WR);
}

/* ---- library to server -------------------------------------------------- */

/* Its EHLO was said before, and answered: it goes no further. */
static void drop_ehlo(struct tunnel *t)
{
	struct flow *f = &t->out;
	const char *lf = memchr(f->bytes, '\n', f->len);

	if (!lf) {
		f->len = 0;
		return;
	}
	f->at = (size_t)(lf + 1 - f->bytes);
	f->len -= f->at;
	t->greets = false;
}

/*
 * The library writes a long mail in pieces of 2 KB.  One that does not end a
 * line is not the last, and waits for the next: fewer records and packets.
 */
static bool is_worth_sending(const struct flow *f)
{
	return f->len > 0 && (f->at > 0 || f->len == sizeof(f->bytes) ||
			      f->bytes[f->len - 1] == '\n');
}

/* Fetches what the library wrote. */
static void fetch_out(struct tunnel *t)
{
	struct flow *f = &t->out;
	ssize_t n;

	if (f->len == 0)
		f->at = 0;
	n = recv(t->inner, f->bytes + f->len, sizeof(f->bytes) - f->len,
		 MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		t->gone = true;
		return;
	}
	f->len += (size_t)n;
	if (t->greets)
		drop_ehlo(t);
}

static void move_out(struct tunnel *t)
{
	struct flow *f = &t->out;
	ssize_t n;

	if (f->over)
		return;
	if (!is_worth_sending(f))
		fetch_out(t);
	while (!t->gone && is_worth_sending(f)) {
		n = wire_write(&t->wire, f->bytes + f->at, f->len, &f->wants);
		if (n == -1)
			return;
		if (n == 0) {
			/* Writes fail from now on, as they would over TCP; the
			 * server's last words may still be unread. */
			f->over = true;
			f->len = 0;
			(void)shutdown(t->inner, SHUT_RD);
			return;
		}
		f->at += (size_t)n;
		f->len -= (size_t)n;
	}
}

/* ---- both --------------------------------------------------------------- */

/* What to wait for on the wire and from the library. */
static void ask_for(const struct tunnel *t, struct pollfd p[2])
{
	const struct flow *in = &t->in;
	const struct flow *out = &t->out;
	bool writes = !out->over && is_worth_sending(out);

	p[0] = (struct pollfd){ .fd = t->wire.fd };
	p[1] = (struct pollfd){ .fd = t->inner };
	if (!in->over && in->len == 0)
		p[0].events |= in->wants;
	if (writes)
		p[0].events |= out->wants;
	if (p[0].events == 0)	/* a dead one would be reported all the same */
		p[0].fd = -1;
	if (in->len > 0)
		p[1].events |= POLLOUT;
	if (!out->over && !writes)
		p[1].events |= POLLIN;
}

/*
 * Runs until the library is gone.  The library waits for every reply that
 * matters to it, so a server that does not read need not be waited for.
 */
static void pump(struct tunnel *t)
{
	struct pollfd p[2];

	move_in(t);	/* bytes that came with the handshake or a log-in */
	while (!t->gone && !(t->in.over && t->in.len == 0 && t->out.over)) {
		ask_for(t, p);
		if (poll(p, 2, -1) == -1 && errno != EINTR)
			break;
		if (p[0].revents != 0 || (p[1].revents & POLLOUT))
			move_in(t);
		/* Mostly only one side has something. */
		if ((p[1].revents & ~POLLOUT) || (p[0].events & t->out.wants))
			move_out(t);
		/* It would be reported for ever.  With POLLIN, the library's
		 * last bytes must first be fetched, up to their end. */
		if ((p[1].revents & (POLLHUP | POLLERR)) &&
		    !(p[1].events & POLLIN))
			break;
	}
	/* Should the library still be there, it sees the end. */
	(void)shutdown(t->inner, SHUT_RDWR);
}

static void *run(void *arg)
{
	pump(arg);
	return NULL;
}

/* Signals are for the worker: the thread sees none.  Returns an errno. */
static int start(struct tunnel *t)
{
	pthread_attr_t attr;
	sigset_t all;
	sigset_t old;
	int error;

	(void)sigfillset(&all);
	error = pthread_attr_init(&attr);
	if (error)
		return error;
	(void)pthread_attr_setstacksize(&attr, (size_t)STACK_BYTES);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	error = pthread_create(&t->thread, &attr, run, t);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	return error;
}

/* A pair: one end is ours, *end the library's, with what it reads first. */
static int join_ends(struct tunnel *t, const struct buf *heard, int *end)
{
	const int size = PAIR_BYTES;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       ends) == -1)
		return errno;
	t->inner = ends[0];
	*end = ends[1];
	(void)setsockopt(*end, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return send(t->inner, heard->data, heard->len, MSG_NOSIGNAL) ==
	       (ssize_t)heard->len ? 0 : ENOBUFS;
}

struct tunnel *tunnel_new(struct wire *wire, const struct buf *heard, int *end,
			  struct fault *why)
{
	struct tunnel *t = alloc_zeroed(1, sizeof(*t));
	int error;

	t->wire = *wire;
	t->inner = *end = -1;
	t->greets = true;
	error = join_ends(t, heard, end);
	if (!error)
		error = start(t);
	if (!error) {
		*wire = (struct wire){ .fd = -1 };
		return t;
	}
	if (t->inner != -1) {
		(void)close(t->inner);
		(void)close(*end);
	}
	free(t);
	(void)fault_set_errno(why, FAULT_CONFIG, error, "no thread for a "
			      "connection");
	return NULL;
}

void tunnel_free(struct tunnel *t)
{
	if (!t)
		return;
	(void)pthread_join(t->thread, NULL);
	wire_close(&t->wire);
	(void)close(t->inner);
	free(t);
}
