/* SPDX-License-Identifier: MIT */
/* Connects to a relay: the only way that this program has to one. */
#include "config.h"

#include "smtp/dial.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRESH_MS 60000		/* a name is looked up again after that */
#define GAP_MS 500		/* silence after which the next one is tried,
				   too: longer than a round trip of the earth,
				   shorter than a lost packet's second try */
#define TROUBLE_BYTES 150	/* what fits behind a relay's stage */
#define MORE_BYTES 16		/* of these for "; and 15 more" */

struct dial {
	struct dial_opts opts;
	char *host;
	struct marks own;		/* if none are shared */

	struct lookup_result found;	/* count 0 = not looked up yet */
	int64_t fresh_until_ms;

	/* Since dial_begin(). */
	bool ordered;
	size_t order[LOOKUP_MAX];
	size_t next;			/* place in order[] */
	size_t current;			/* index of what was connected last */
	char trouble[TROUBLE_BYTES];
	size_t told;			/* its length but for "; and 3 more" */
	unsigned untold;		/* failures that did not fit */
};

struct attempt {
	int fd;
	size_t index;			/* of the address */
	int64_t since_ms;
};

/* Attempts that are under way. */
struct race {
	struct attempt open[LOOKUP_MAX];
	size_t count;
	int64_t won_since_ms;		/* of the winner; INT64_MAX = none */
	int64_t gap_ms;
	int64_t next_at_ms;		/* when the next one joins */
	int64_t until_ms;
};

struct dial *dial_new(const struct dial_opts *opts)
{
	struct dial *d = alloc_zeroed(1, sizeof(*d));

	d->opts = *opts;
	d->host = alloc_text(opts->host);
	if (!d->opts.marks)
		d->opts.marks = &d->own;
	if (!d->opts.lookup)
		d->opts.lookup = lookup;
	return d;
}

void dial_free(struct dial *d)
{
	if (!d)
		return;
	free(d->host);
	free(d);
}

void dial_begin(struct dial *d)
{
	d->ordered = false;
	d->next = 0;
	d->trouble[0] = '\0';
	d->told = 0;
	d->untold = 0;
}

bool dial_has_more(const struct dial *d)
{
	return d->ordered && d->next < d->found.count;
}

const char *dial_trouble(const struct dial *d)
{
	return d->trouble;
}

/* ---- what became of an address ------------------------------------------- */

/* Adds to the sentence, while it fits. */
static void tell(struct dial *d, const char *address, const char *what)
{
	char one[TROUBLE_BYTES];
	const size_t room = sizeof(d->trouble) - MORE_BYTES - d->told;
	size_t need;

	if (d->told > 0)
		need = (size_t)snprintf(one, sizeof(one), "; (%s): %.60s",
					address, what);
	else if (strcmp(d->host, address) == 0)
		need = (size_t)snprintf(one, sizeof(one), "connect %s: %.60s",
					address, what);
	else
		need = (size_t)snprintf(one, sizeof(one),
					"connect %.60s (%s): %.60s", d->host,
					address, what);
	if (d->untold == 0 && (need < room || d->told == 0)) {
		/* A long first one is cut rather than left out. */
		(void)snprintf(d->trouble + d->told, room, "%s", one);
		d->told = strlen(d->trouble);
		return;
	}
	d->untold++;
	(void)snprintf(d->trouble + d->told, sizeof(d->trouble) - d->told,
		       "; and %u more", d->untold);
}

/* The address comes last from now on. */
static void failed(struct dial *d, size_t index, const char *what)
{
	const struct lookup_address *address = &d->found.list[index];
	char text[INET6_ADDRSTRLEN];

	(void)lookup_text(address, text);
	tell(d, text, what);
	/* The only one is tried anyway, and its relay's breaker reports it. */
	if (d->found.count == 1)
		return;
	if (marks_set(d->opts.marks, address, ticks_ms()) && d->opts.relay)
		log_warning("mail server address failed relay=%s address=%s: "
			    "%s", d->opts.relay, text, what);
}

static void failed_by(struct dial *d, size_t index, int error)
{
	switch (error) {
	case ECONNREFUSED:
		failed(d, index, "refused");
		break;
	case ENETUNREACH:
	case EHOSTUNREACH:
		failed(d, index, "unreachable");
		break;
	default:
		failed(d, index, strerror(error));
	}
}

static void failed_silently(struct dial *d, const struct attempt *a,
			    int64_t now_ms)
{
	int64_t waited_ms = now_ms - a->since_ms;
	char what[48];

	(void)snprintf(what, sizeof(what), "no answer within %.*f s",
		       waited_ms < 1000 ? 1 : 0, (double)waited_ms / 1000);
	failed(d, a->index, what);
}

void dial_refuse(struct dial *d, const char *why)
{
	failed(d, d->current, why);
}

void dial_accept(struct dial *d)
{
	if (d->found.count > 1)
		marks_clear(d->opts.marks, &d->found.list[d->current]);
}

/* ---- the race ------------------------------------------------------------ */

static void begin_attempt(struct dial *d, struct race *r, int64_t now_ms)
{
	size_t index = d->order[d->next++];
	const struct lookup_address *to = &d->found.list[index];
	int fd = socket(to->at.any.sa_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1) {
		failed_by(d, index, errno);
		return;
	}
	if (connect(fd, &to->at.any, to->len) == -1 && errno != EINPROGRESS) {
		failed_by(d, index, errno);
		(void)close(fd);
		return;
	}
	r->open[r->count++] = (struct attempt){ fd, index, now_ms };
	r->next_at_ms = now_ms + r->gap_ms;
}

/* Is this one connected?  If it failed, that is noted and it is closed. */
static bool has_won(struct dial *d, const struct attempt *a)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	if (error == 0)
		return true;
	failed_by(d, a->index, error);
	(void)close(a->fd);
	return false;
}

/*
 * Waits until something happens.  Returns the connection, or -1; attempts that
 * failed leave the race.
 */
static int watch(struct dial *d, struct race *r, int64_t until_ms)
{
	struct pollfd fds[LOOKUP_MAX];
	int64_t left_ms = until_ms - ticks_ms();
	int winner = -1;
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++)
		fds[i] = (struct pollfd){ .fd = r->open[i].fd,
					  .events = POLLOUT };
	/* Interrupted: as if nothing had happened. */
	if (poll(fds, r->count, left_ms > 0 ? (int)left_ms : 0) <= 0)
		return -1;
	for (size_t i = 0; i < r->count; i++) {
		if (fds[i].revents != 0 && winner == -1) {
			if (!has_won(d, &r->open[i])) {
				r->next_at_ms = 0;
				continue;
			}
			winner = r->open[i].fd;
			r->won_since_ms = r->open[i].since_ms;
			d->current = r->open[i].index;
			continue;
		}
		r->open[kept++] = r->open[i];
	}
	r->count = kept;
	return winner;
}

/* The race is over.  Those overtaken by a later one have failed. */
static void leave(struct dial *d, struct race *r)
{
	int64_t now_ms = ticks_ms();

	for (size_t i = 0; i < r->count; i++) {
		if (r->open[i].since_ms < r->won_since_ms)
			failed_silently(d, &r->open[i], now_ms);
		(void)close(r->open[i].fd);
	}
}

static int run_race(struct dial *d, struct race *r)
{
	int64_t now_ms = ticks_ms();
	int fd = -1;

	while (fd == -1 && now_ms < r->until_ms) {
		int64_t until_ms = r->until_ms;

		if (dial_has_more(d)) {
			if (r->count == 0 || now_ms >= r->next_at_ms) {
				begin_attempt(d, r, now_ms);
				continue;
			}
			if (r->next_at_ms < until_ms)
				until_ms = r->next_at_ms;
		} else if (r->count == 0) {
			break;
		}
		fd = watch(d, r, until_ms);
		now_ms = ticks_ms();
	}
	leave(d, r);
	return fd;
}

/* ---- a session ----------------------------------------------------------- */

/* Looks the name up if it is time to. */
static int refresh(struct dial *d, struct fault *why)
{
	bool had = d->found.count > 0;
	/* What was good a minute ago is better than a long wait. */
	const struct lookup_question question = {
		.host = d->host, .port = d->opts.port,
		.limit_ms = (int)(had ? d->opts.limit_ms / 4
				      : d->opts.limit_ms / 4 * 3),
	};
	struct lookup_result fresh;

	if (had && ticks_ms() < d->fresh_until_ms)
		return 0;
	if (d->opts.lookup(&question, &fresh, why) == 0)
		d->found = fresh;
	else if (!had || why->class == FAULT_REJECT)
		d->found.count = 0;
	d->fresh_until_ms = ticks_ms() + FRESH_MS;
	return d->found.count > 0 ? 0 : -1;
}

int dial_next(struct dial *d, struct fault *why)
{
	int64_t until_ms = ticks_ms() + d->opts.limit_ms;
	struct race race = {
		.until_ms = until_ms, .won_since_ms = INT64_MAX,
	};
	int64_t share_ms;
	int fd;

	if (!d->ordered) {
		if (refresh(d, why) == -1)
			return -1;
		marks_order(d->opts.marks, &d->found, ticks_ms(), d->order);
		d->ordered = true;
	}
	share_ms = (until_ms - ticks_ms()) /
		   (int64_t)(d->found.count - d->next + 1);
	race.gap_ms = share_ms < GAP_MS ? share_ms : GAP_MS;
	fd = run_race(d, &race);
	if (fd != -1)
		return fd;
	d->fresh_until_ms = 0;	/* they may have moved */
	return fault_set(why, FAULT_RETRY, "%s", d->trouble);
}
