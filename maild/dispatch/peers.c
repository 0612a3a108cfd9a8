/* SPDX-License-Identifier: MIT */
/* Watches the other instances of maild by their beats. */
#include "config.h"

#include "dispatch/peers.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "delivery/job.h"
#include "queue/dispatch.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PEERS_MAX 256		/* instances watched at once */
#define FORGET_MS 3600000	/* a stopped process may wake up and claim */
#define ENDED_MS 11000		/* two beats, for one that ended on this host */
#define SWEEP_MS 5000		/* between two looks at one peer's lists */

struct peer {
	char name[QUEUE_INSTANCE_MAX];	/* "" = free */
	int64_t counter;
	int64_t changed_ms;	/* ticks_ms() when the counter last moved */
	int64_t swept_ms;
	bool seen;		/* in this round */
};

struct peers {
	struct peers_opts opts;
	struct peer peers[PEERS_MAX];
};

struct peers *peers_new(const struct peers_opts *opts)
{
	struct peers *p = alloc_zeroed(1, sizeof(*p));

	p->opts = *opts;
	return p;
}

void peers_free(struct peers *p)
{
	free(p);
}

static struct peer *find(struct peers *p, const char *name)
{
	struct peer *unused = NULL;

	for (size_t i = 0; i < PEERS_MAX; i++) {
		if (strcmp(p->peers[i].name, name) == 0)
			return &p->peers[i];
		if (!unused && p->peers[i].name[0] == '\0')
			unused = &p->peers[i];
	}
	if (!unused || !str_copy(unused->name, sizeof(unused->name), name))
		return NULL;
	unused->counter = -1;
	return unused;
}

static void note_beat(void *arg, const char *instance, int64_t counter)
{
	struct peers *p = arg;
	struct peer *peer;

	if (strcmp(instance, p->opts.instance) == 0)
		return;
	peer = find(p, instance);
	if (!peer) {
		log_warning("too many instances; not watching one");
		return;
	}
	peer->seen = true;
	if (peer->counter == counter)
		return;
	peer->counter = counter;
	peer->changed_ms = ticks_ms();
}

/* Returns what stands in a silent peer's lists. */
static int sweep(struct peers *p, const struct peer *peer, bool take_dot,
		 struct fault *why)
{
	int jobs = 0;

	for (unsigned worker = 0; worker < QUEUE_SLOTS_MAX; worker++) {
		const struct queue_worker name = { peer->name, worker };
		struct queue_reclaim_opts opts = job_reclaim_opts(
			p->opts.conf, &name, false, take_dot);
		struct queue_reclaimed got;

		if (queue_reclaim(p->opts.q, &opts, &got, why) == -1)
			return -1;
		jobs += got.queued + got.unsent + got.uncertain;
	}
	if (jobs > 0)
		log_warning("took over instance=%s jobs=%d", peer->name, jobs);
	return 0;
}

static int tend_silent(struct peers *p, struct peer *peer, int64_t silent_ms,
		       struct fault *why)
{
	struct queue *q = p->opts.q;
	int busy = queue_instance_busy(q, peer->name, why);

	if (busy == -1)
		return -1;
	if (busy == 1)
		return sweep(p, peer, silent_ms >= p->opts.dot_ms, why);
	if (silent_ms < FORGET_MS)
		return 0;
	if (queue_instance_forget(q, peer->name, why) == -1)
		return -1;
	peer->name[0] = '\0';
	return 0;
}

/* Did this instance run on our host, and is its master gone?  The name is
 * host:pid:nonce. */
static bool has_ended_here(const char *name)
{
	char host[HOST_NAME_MAX + 1];
	const char *colon = strchr(name, ':');
	long pid;

	if (!colon || gethostname(host, sizeof(host)) == -1)
		return false;
	host[sizeof(host) - 1] = '\0';
	if (strlen(host) != (size_t)(colon - name) ||
	    memcmp(host, name, strlen(host)) != 0)
		return false;
	pid = strtol(colon + 1, NULL, 10);
	return pid > 1 && kill((pid_t)pid, 0) == -1 && errno == ESRCH;
}

/*
 * How long a peer must be silent before its jobs are looked at.  Where two
 * hosts share a name, a process number says nothing: beats must be missing,
 * too.
 */
static int64_t lease_of(const struct peers *p, const struct peer *peer)
{
	int64_t lease_ms = p->opts.conf->host_lease;

	return lease_ms > ENDED_MS && has_ended_here(peer->name) ? ENDED_MS
								 : lease_ms;
}

int peers_check(struct peers *p, struct fault *why)
{
	int64_t now = ticks_ms();

	for (size_t i = 0; i < PEERS_MAX; i++)
		p->peers[i].seen = false;
	if (queue_instances(p->opts.q, note_beat, p, why) == -1)
		return -1;
	for (size_t i = 0; i < PEERS_MAX; i++) {
		struct peer *peer = &p->peers[i];
		int64_t silent_ms = now - peer->changed_ms;

		if (peer->name[0] == '\0')
			continue;
		/* One that lives registers again with its next beat, when
		 * Redis has lost its data; until then it is not forgotten. */
		if (!peer->seen) {
			if (silent_ms >= p->opts.conf->host_lease)
				peer->name[0] = '\0';
			continue;
		}
		if (now - peer->swept_ms < SWEEP_MS ||
		    silent_ms < lease_of(p, peer))
			continue;
		peer->swept_ms = now;
		if (tend_silent(p, peer, silent_ms, why) == -1)
			return -1;
	}
	return 0;
}

int peers_behind(struct peers *p, const char *generation, struct fault *why)
{
	int64_t now = ticks_ms();
	int behind = 0;

	for (size_t i = 0; i < PEERS_MAX; i++) {
		const struct peer *peer = &p->peers[i];
		int has;

		if (peer->name[0] == '\0' ||
		    now - peer->changed_ms >= p->opts.conf->host_lease ||
		    has_ended_here(peer->name))
			continue;
		has = queue_has_replayed(p->opts.q, peer->name, generation,
					 why);
		if (has == -1)
			return -1;
		if (has == 0)
			behind++;
	}
	return behind;
}
