/* SPDX-License-Identifier: MIT */
/* Addresses of hosts, looked up by a process of their own and shared. */
#include "config.h"

#include "daemon/names.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/prefork.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define HOSTS_MAX 32
#define ANSWERS 4		/* of one host: a reader has time to copy */
#define REFRESH_MS 30000
#define AGAIN_MS 1000		/* after a failure, or when it is doubted */
#define AGAIN_MAX_MS 10000	/* after many failures */
#define WAIT_MS 100
#define WAIT_WITHIN_MS 1000	/* of the first question */
#define STEP_MS 2

enum { HOST_FREE, HOST_TAKEN, HOST_ASKED };

/* Whoever takes a place and is killed before it has written the host leaves it
 * unused; there are more than anybody needs. */
struct host {
	_Atomic int state;
	char name[NAMES_HOST_MAX + 1];
	_Atomic int64_t asked_at_ms;	/* ticks */
	_Atomic bool doubted;
	_Atomic unsigned current;	/* counts the answers; 0 = none */
	struct names_found answers[ANSWERS];
};

struct names {
	struct host *hosts;	/* shared */
	int wake_fd;		/* a question has come */
};

struct names *names_new(void)
{
	struct names *n = alloc_zeroed(1, sizeof(*n));

	n->hosts = alloc_shared(HOSTS_MAX * sizeof(*n->hosts));
	n->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Without it questions are found a second later. */
	if (n->wake_fd == -1)
		log_warning("no eventfd: %s", strerror(errno));
	return n;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	if (n->wake_fd != -1)
		(void)close(n->wake_fd);
	(void)munmap(n->hosts, HOSTS_MAX * sizeof(*n->hosts));
	free(n);
}

bool names_is_address(const char *host)
{
	struct in6_addr any;

	return inet_pton(AF_INET, host, &any) == 1 ||
	       inet_pton(AF_INET6, host, &any) == 1;
}

/* ---- asking -------------------------------------------------------------- */

static void wake(const struct names *n)
{
	const uint64_t one = 1;

	/* One that is full will wake it in any case. */
	if (n->wake_fd != -1)
		(void)!write(n->wake_fd, &one, sizeof(one));
}

/* The host's place, which is made if there is none.  Two that come at once may
 * make two, which does no harm.  NULL if there is no room. */
static struct host *host_of(struct names *n, const char *name)
{
	for (size_t i = 0; i < HOSTS_MAX; i++) {
		struct host *h = &n->hosts[i];
		int state = HOST_FREE;

		if (atomic_load(&h->state) == HOST_ASKED &&
		    strncmp(h->name, name, sizeof(h->name)) == 0)
			return h;
		if (!atomic_compare_exchange_strong(&h->state, &state,
						    HOST_TAKEN))
			continue;
		if (!str_copy(h->name, sizeof(h->name), name)) {
			atomic_store(&h->state, HOST_FREE);
			return NULL;
		}
		atomic_store(&h->asked_at_ms, ticks_ms());
		atomic_store(&h->state, HOST_ASKED);
		wake(n);
		return h;
	}
	return NULL;
}

/* False if there is no answer yet. */
static bool answer_read(struct host *h, struct names_found *out)
{
	unsigned before;

	do {
		before = atomic_load(&h->current);
		*out = h->answers[before % ANSWERS];
	} while (atomic_load(&h->current) - before >= ANSWERS - 1);
	if (before == 0 || out->count > NAMES_ADDRESSES)
		out->count = 0;
	for (size_t i = 0; i < out->count; i++)
		out->address[i][INET6_ADDRSTRLEN - 1] = '\0';
	return out->count > 0;
}

void names_find(struct names *n, const char *name, struct names_found *out)
{
	const struct timespec step = { 0, STEP_MS * 1000000 };
	int64_t until_ms = ticks_ms() + WAIT_MS;
	struct host *h;

	*out = (struct names_found){ 0 };
	if (names_is_address(name)) {
		out->count = 1;
		must(str_copy(out->address[0], sizeof(out->address[0]), name));
		return;
	}
	h = host_of(n, name);
	while (h && !answer_read(h, out)) {
		int64_t now_ms = ticks_ms();

		if (now_ms >= until_ms || now_ms -
		    atomic_load(&h->asked_at_ms) >= WAIT_WITHIN_MS)
			break;
		(void)nanosleep(&step, NULL); /* shorter is as good */
	}
}

void names_doubt(struct names *n, const char *name)
{
	struct host *h = names_is_address(name) ? NULL : host_of(n, name);

	if (!h || atomic_exchange(&h->doubted, true))
		return;
	wake(n);
}

/* ---- answering ----------------------------------------------------------- */

/* What only the process that looks up knows of a host. */
struct watch {
	int64_t next_ms;	/* ticks; not before, unless it is doubted */
	int64_t last_ms;	/* ticks; of the last look-up */
	int64_t pause_ms;	/* after a failure; 0 = the last one was good */
};

static void answer_add(struct names_found *out, const struct addrinfo *at)
{
	char text[INET6_ADDRSTRLEN];

	if (out->count == NAMES_ADDRESSES ||
	    getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL,
			0, NI_NUMERICHOST) != 0)
		return;
	/* A scope ("%eth0") is for this host's own links only. */
	if (!names_is_address(text))
		return;
	memcpy(out->address[out->count++], text, sizeof(text));
}

static void answer_write(struct host *h, const struct names_found *found)
{
	unsigned next = atomic_load(&h->current) + 1;

	/* 0 says that there is none yet. */
	if (next == 0)
		next = ANSWERS;
	h->answers[next % ANSWERS] = *found;
	atomic_store(&h->current, next);
}

static void look_up(struct host *h, struct watch *w)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	struct names_found found = { .count = 0 };
	int error = getaddrinfo(h->name, NULL, &hints, &list);

	for (const struct addrinfo *at = error ? NULL : list; at;
	     at = at->ai_next)
		answer_add(&found, at);
	if (list)
		freeaddrinfo(list);
	w->last_ms = ticks_ms();
	if (found.count > 0) {
		answer_write(h, &found);
		if (w->pause_ms > 0)
			log_info("found host=%s again", h->name);
		w->pause_ms = 0;
		w->next_ms = w->last_ms + REFRESH_MS;
		return;
	}
	if (w->pause_ms == 0)
		log_warning("could not look up host=%s known=%s why=\"%s\"",
			    h->name, atomic_load(&h->current) ? "yes" : "no",
			    error ? gai_strerror(error) : "no address");
	w->pause_ms = w->pause_ms ? w->pause_ms * 2 : AGAIN_MS;
	if (w->pause_ms > AGAIN_MAX_MS)
		w->pause_ms = AGAIN_MAX_MS;
	w->next_ms = w->last_ms + w->pause_ms;
}

/* Looks up what is due.  Returns ms until the next is. */
static int tend(struct names *n, struct watch watches[HOSTS_MAX])
{
	int64_t next_ms = ticks_ms() + REFRESH_MS;

	for (size_t i = 0; i < HOSTS_MAX; i++) {
		struct host *h = &n->hosts[i];
		struct watch *w = &watches[i];
		bool doubted;

		if (atomic_load(&h->state) != HOST_ASKED)
			continue;
		doubted = atomic_load(&h->doubted);
		if (doubted && w->pause_ms == 0)
			w->next_ms = w->last_ms ? w->last_ms + AGAIN_MS : 0;
		if (ticks_ms() >= w->next_ms) {
			atomic_store(&h->doubted, false);
			look_up(h, w);
		}
		if (w->next_ms < next_ms)
			next_ms = w->next_ms;
	}
	next_ms -= ticks_ms();
	return next_ms > 0 ? (int)next_ms : 0;
}

/* Nothing here needs to be finished, and a look-up may take long. */
static void leave(int number)
{
	(void)number;
	_exit(0);
}

int names_run(struct names *n)
{
	const struct sigaction action = { .sa_handler = leave };
	struct watch watches[HOSTS_MAX] = { { 0 } };
	struct pollfd pfd = { .fd = n->wake_fd, .events = POLLIN };
	uint64_t questions;
	sigset_t open;

	(void)sigemptyset(&open);
	(void)sigaddset(&open, SIGTERM);
	if (sigaction(SIGTERM, &action, NULL) == -1 ||
	    sigprocmask(SIG_UNBLOCK, &open, NULL) == -1)
		return EX_OSERR;
	while (!prefork_stopping()) {
		int wait_ms = tend(n, watches);

		if (pfd.fd == -1 && wait_ms > AGAIN_MS)
			wait_ms = AGAIN_MS;
		if (prefork_poll(&pfd, 1, wait_ms) == 1 &&
		    read(pfd.fd, &questions, sizeof(questions)) == -1)
			continue;	/* it was only to be emptied */
	}
	return 0;
}
