/* SPDX-License-Identifier: MIT */
/* The storm guard of a relay. */
#include "config.h"

#include "policy/storm.h"

#include "base/str.h"
#include "settings/mailconf.h"

#define HOUR_MS 3600000LL
#define DAY_MS (24 * HOUR_MS)

/* ASCII case ignored; never 0. */
static uint64_t hash_of(const char *text)
{
	uint64_t hash = STR_HASH;

	for (; *text; text++) {
		char c = *text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a'
						      : *text;

		hash = str_hash(hash, &c, 1);
	}
	return hash;
}

/* Any process may have written these instants: the difference must not
 * overflow. */
static int64_t ms_between(int64_t from_ms, int64_t to_ms)
{
	return (int64_t)((uint64_t)to_ms - (uint64_t)from_ms);
}

static bool is_kept(const struct storm_case *c)
{
	return atomic_load(&c->job) != 0;
}

static void drop(struct storm_case *c)
{
	atomic_store(&c->job, 0);
}

/* Was it refused since the last mail that was accepted? */
static bool is_in_run(const struct storm *s, const struct storm_case *c)
{
	return atomic_load(&c->last_seen) == atomic_load(&s->accepted);
}

static bool is_kind(const struct storm_case *c, enum storm_kind kind)
{
	return atomic_load(&c->kind) == (int)kind;
}

static struct storm_case *find(struct storm *s, uint64_t job)
{
	for (int i = 0; i < STORM_CASES; i++)
		if (atomic_load(&s->cases[i].job) == job)
			return &s->cases[i];
	return NULL;
}

/* Free, or of a mail that has gone another way? */
static bool is_useless(const struct storm_case *c, int64_t now_ms)
{
	return !is_kept(c) ||
	       ms_between(atomic_load(&c->asked_ms), now_ms) > 2 * HOUR_MS;
}

/*
 * Room for a case, NULL = there is none.  Mails that wait are not forgotten in
 * favour of new ones, or many mails taking turns would never be believed; but
 * cases that have ended go, and a refusal of us all is worth more than a guess.
 */
static struct storm_case *find_room(struct storm *s, enum storm_kind kind,
				    int64_t now_ms)
{
	struct storm_case *over = NULL;
	struct storm_case *guess = NULL;

	for (int i = 0; i < STORM_CASES; i++) {
		struct storm_case *c = &s->cases[i];

		if (is_useless(c, now_ms))
			return c;
		if (atomic_load(&c->is_over))
			over = c;
		else if (!is_kind(c, STORM_RELAY))
			guess = c;
	}
	if (over)
		return over;
	return kind == STORM_RELAY ? guess : NULL;
}

static struct storm_case *make(struct storm *s, const struct storm_mail *mail,
			       enum storm_kind kind)
{
	struct storm_case *c = find_room(s, kind, mail->now_ms);

	if (!c)
		return NULL;
	atomic_store(&c->job, 0);
	atomic_store(&c->domain, hash_of(mail->domain));
	atomic_store(&c->since_ms, mail->now_ms);
	atomic_store(&c->again_ms, 0);
	atomic_store(&c->is_over, false);
	atomic_store(&c->kind, -1);
	atomic_store(&c->job, hash_of(mail->job));
	atomic_store(&s->is_busy, true);
	return c;
}

/* Refused once more; another sort of refusal starts its own count. */
static void count(struct storm *s, struct storm_case *c, enum storm_kind kind,
		  int64_t now_ms)
{
	unsigned accepted = atomic_load(&s->accepted);

	if (atomic_exchange(&c->kind, (int)kind) != (int)kind) {
		atomic_store(&c->times, 0);
		atomic_store(&c->first_seen, accepted);
	}
	atomic_fetch_add(&c->times, 1);
	atomic_store(&c->last_seen, accepted);
	atomic_store(&c->asked_ms, now_ms);
}

/* How many mails, and of how many domains, were refused since the last
 * acceptance: STORM_SURE ones, or all others. */
struct run {
	int jobs;
	int domains;		/* counted up to STORM_LIMIT_MAX */
};

static struct run run_of(const struct storm *s, bool sure)
{
	uint64_t domains[STORM_LIMIT_MAX];
	struct run run = { .jobs = 0 };

	for (int i = 0; i < STORM_CASES; i++) {
		const struct storm_case *c = &s->cases[i];
		uint64_t domain = atomic_load(&c->domain);
		int at = 0;

		if (!is_kept(c) || !is_in_run(s, c) ||
		    is_kind(c, STORM_SURE) != sure)
			continue;
		run.jobs++;
		while (at < run.domains && domains[at] != domain)
			at++;
		if (at == run.domains && run.domains < STORM_LIMIT_MAX)
			domains[run.domains++] = domain;
	}
	return run;
}

/*
 * Has another domain's mail been accepted since this domain's was refused
 * because of us?  (One of its own would have dropped the case.)  Then the relay
 * takes our mails, and only this domain's wait.
 */
static bool is_narrow(const struct storm *s, uint64_t domain)
{
	for (int i = 0; i < STORM_CASES; i++) {
		const struct storm_case *c = &s->cases[i];

		if (is_kept(c) && is_kind(c, STORM_RELAY) &&
		    atomic_load(&c->domain) == domain &&
		    atomic_load(&c->first_seen) != atomic_load(&s->accepted))
			return true;
	}
	return false;
}

/* Asked often enough, with others accepted in between and no run of
 * refusals. */
static bool is_proven(const struct storm *s, const struct storm_case *c,
		      const struct run *run)
{
	return atomic_load(&c->times) >= STORM_TIMES &&
	       atomic_load(&c->first_seen) != atomic_load(&s->accepted) &&
	       run->domains < STORM_DOMAINS;
}

static enum storm_verdict judge(const struct storm *s,
				const struct storm_case *c,
				const struct run *run)
{
	switch (atomic_load(&c->kind)) {
	case STORM_SURE:
		return STORM_BELIEVE;
	case STORM_RELAY:
		return STORM_PAUSE;
	case STORM_CONTENT:
		/* The second in a row gets another look: by then it shows
		 * whether a third is refused, too. */
		if (run->jobs < STORM_JOBS)
			return atomic_load(&c->times) < run->jobs
				? STORM_WAIT : STORM_BELIEVE;
		break;
	default:
		break;
	}
	if (is_proven(s, c, run))
		return STORM_BELIEVE;
	return run->domains < STORM_DOMAINS ? STORM_WAIT : STORM_PAUSE;
}

struct storm_seen storm_refused(struct storm *s, const struct storm_mail *mail,
				enum storm_kind kind)
{
	bool narrow = kind == STORM_RELAY &&
		      is_narrow(s, hash_of(mail->domain));
	struct storm_case *c = find(s, hash_of(mail->job));
	struct storm_seen seen = { .verdict = kind == STORM_SURE
		? STORM_BELIEVE : STORM_WAIT };
	struct run run;

	if (!c)
		c = make(s, mail, kind);
	if (!c)
		return seen;
	count(s, c, kind, mail->now_ms);
	run = run_of(s, kind == STORM_SURE);
	seen.verdict = narrow ? STORM_WAIT : judge(s, c, &run);
	seen.times = atomic_load(&c->times);
	seen.jobs = run.jobs;
	seen.domains = run.domains;
	seen.waits_ms = ms_between(atomic_load(&c->since_ms),
				   mail->now_ms);
	atomic_store(&c->is_over, seen.verdict == STORM_BELIEVE);
	return seen;
}

void storm_hold(struct storm *s, const struct storm_mail *mail,
		int64_t pause_ms)
{
	struct storm_case *c = find(s, hash_of(mail->job));

	if (c)
		atomic_store(&c->again_ms, mail->now_ms + pause_ms);
}

int64_t storm_holds(const struct storm *s, const struct storm_mail *mail,
		    bool is_open)
{
	uint64_t domain;
	int64_t longest = 0;

	if (!atomic_load(&s->is_busy))
		return 0;	/* the usual case */
	domain = hash_of(mail->domain);
	for (int i = 0; i < STORM_CASES; i++) {
		const struct storm_case *c = &s->cases[i];
		int64_t left = ms_between(mail->now_ms,
					  atomic_load(&c->again_ms));

		if (!is_kept(c) || atomic_load(&c->is_over) ||
		    atomic_load(&c->domain) != domain)
			continue;
		if (!is_kind(c, STORM_RELAY) && !(is_open && is_in_run(s, c)))
			continue;
		/* A clock that was set back makes nobody wait longer. */
		if (left > longest && left <= HOUR_MS)
			longest = left;
	}
	return longest;
}

/* Is this case settled by an acceptance of the mail? */
static bool is_settled(const struct storm_case *c, uint64_t job,
		       uint64_t domain)
{
	if (atomic_load(&c->job) == job || atomic_load(&c->is_over))
		return true;
	return is_kind(c, STORM_RELAY) && atomic_load(&c->domain) == domain;
}

bool storm_accepted(struct storm *s, const struct storm_mail *mail)
{
	uint64_t job;
	uint64_t domain;
	bool is_busy = false;
	bool is_waited_for = false;

	atomic_fetch_add(&s->accepted, 1);
	if (!atomic_load(&s->is_busy) && atomic_load(&s->told_ms) == 0)
		return false;	/* the usual case */
	job = hash_of(mail->job);
	domain = hash_of(mail->domain);
	for (int i = 0; i < STORM_CASES; i++) {
		struct storm_case *c = &s->cases[i];

		if (!is_kept(c))
			continue;
		if (is_settled(c, job, domain)) {
			drop(c);
			continue;
		}
		is_busy = true;
		/* One that is no longer asked about has gone another way. */
		if (is_kind(c, STORM_RELAY) &&
		    ms_between(atomic_load(&c->asked_ms), mail->now_ms) <
		    HOUR_MS)
			is_waited_for = true;
	}
	if (!is_busy)
		atomic_store(&s->is_busy, false);
	return !is_waited_for && atomic_exchange(&s->told_ms, 0) != 0;
}

bool storm_tells(struct storm *s, const char *cause, int64_t now_ms)
{
	uint64_t hash = hash_of(cause);
	bool same = atomic_load(&s->told) == hash;
	int64_t last_ms = atomic_load(&s->told_ms);
	int64_t ms = ms_between(last_ms, now_ms);

	/* Workers' clocks differ a little; one that was set back by more may
	 * not silence it for long. */
	if (last_ms != 0 && ms > -HOUR_MS && ms < (same ? DAY_MS : HOUR_MS))
		return false;
	/* Of several workers that notice at once, one tells. */
	if (!atomic_compare_exchange_strong(&s->told_ms, &last_ms,
					    now_ms ? now_ms : 1))
		return false;
	atomic_store(&s->told, hash);
	return true;
}

void storm_forget(struct storm *s)
{
	atomic_store(&s->told_ms, 0);
	atomic_store(&s->is_busy, false);
	for (int i = 0; i < STORM_CASES; i++)
		drop(&s->cases[i]);
}
