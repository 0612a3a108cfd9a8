/* SPDX-License-Identifier: MIT */
/* The functions of producers, dispatcher and workers.  A worker is two words,
 * instance and slot. */
#include "config.h"

#include "base/str.h"
#include "queuecall.h"

#include <stdio.h>
#include <string.h>

static struct queue_worker worker_of(const struct call *c)
{
	struct queue_worker w = { c->word[1], (unsigned)call_number(c, 2) };

	return w;
}

/* Words from i on: verdict relay stage code text. */
static struct queue_said said_of(const struct call *c, size_t i)
{
	struct queue_said said = {
		.verdict = c->word[i], .relay = c->word[i + 1],
		.stage = c->word[i + 2], .code = (int)call_number(c, i + 3),
		.text = c->word[i + 4],
	};

	return said;
}

static int do_publish(struct call *c)
{
	return queue_publish(c->q, c->word[1], strlen(c->word[1]), &c->why);
}

/* admit EPOCH MAX WINDOW BULK_KINDS IDLE */
static int do_admit(struct call *c)
{
	struct queue_admit_opts opts = {
		.epoch = c->word[1], .max = (int)call_number(c, 2),
		.window = call_number(c, 3), .bulk_kinds = c->word[4],
		.idle = (int)call_number(c, 5),
	};
	struct queue_admitted got;

	if (queue_admit(c->q, &opts, &got, &c->why) == -1)
		return -1;
	(void)printf("%d\t%d\t%d\t%d\t%d\n", got.taken, got.admitted,
		     got.doubled, got.malformed, got.promoted);
	return 0;
}

static int do_intake_wait(struct call *c)
{
	return queue_intake_wait(c->q, (int)call_number(c, 1), &c->why);
}

static int do_generation(struct call *c)
{
	char text[QUEUE_GENERATION_MAX];

	if (queue_generation(c->q, text, sizeof(text), &c->why) == -1)
		return -1;
	(void)printf("%s\t%s\n", text, queue_generation_epoch(text));
	return 0;
}

static int do_share(struct call *c)
{
	queue_share_set(c->q, (int)call_number(c, 1));
	return 0;
}

static int do_epoch_use(struct call *c)
{
	queue_epoch_use(c->q, c->word[1]);
	return 0;
}

/* Prints the job that was begun. */
static int put_begun(struct queue_job *job, int begun)
{
	if (begun == QUEUE_BEGIN_GO)
		(void)printf("%s\t%lld\t%d\t%d\t%d\t%lld\t%s\n", job->id,
			     (long long)job->token, job->attempts,
			     job->crashes, job->uncertain,
			     (long long)job->admitted_ms, job->envelope);
	queue_job_release(job);
	return begun;
}

static int do_take(struct call *c)
{
	struct queue_worker w = worker_of(c);
	struct queue_job job = { .token = 0 };

	return put_begun(&job, queue_take(c->q, &w, &job, &c->why));
}

/* claim INSTANCE SLOT WAIT_MS */
static int do_claim(struct call *c)
{
	struct queue_worker w = worker_of(c);
	struct queue_claim_opts opts = { &w, (int)call_number(c, 3) };
	char id[ENVELOPE_ID_MAX + 1];
	int got = queue_claim(c->q, &opts, id, &c->why);

	if (got == 1)
		(void)printf("%s\n", id);
	return got;
}

static int do_begin(struct call *c)
{
	struct queue_worker w = worker_of(c);
	struct queue_job job = { .token = 0 };

	if (!str_copy(job.id, sizeof(job.id), c->word[3]))
		return -1;
	return put_begun(&job, queue_begin(c->q, &w, &job, &c->why));
}

/* dot_ahead ID TOKEN */
static int do_dot_ahead(struct call *c)
{
	queue_dot_ahead(c->q, c->word[1], call_number(c, 2));
	return 0;
}

/* dot ID TOKEN */
static int do_dot(struct call *c)
{
	return queue_dot(c->q, c->word[1], call_number(c, 2), &c->why);
}

/* ack INSTANCE SLOT ID TOKEN TTL_S NEXT SAID... */
static int do_ack(struct call *c)
{
	struct queue_worker w = worker_of(c);
	struct queue_said said = said_of(c, 7);
	struct queue_job job = { .token = 0 };
	const struct queue_end end = {
		.worker = &w, .id = c->word[3], .token = call_number(c, 4),
		.said = &said, .ttl_s = call_number(c, 5),
	};

	return put_begun(&job, queue_ack(c->q, &end,
					 call_number(c, 6) ? &job : NULL,
					 &c->why));
}

/* defer INSTANCE SLOT ID TOKEN DELAY_MS CHARGE SAID... */
static int do_defer(struct call *c)
{
	struct queue_worker w = worker_of(c);
	struct queue_said said = said_of(c, 7);
	const struct queue_end end = {
		.worker = &w, .id = c->word[3], .token = call_number(c, 4),
		.said = &said, .delay_ms = call_number(c, 5),
		.charge = (enum queue_charge)call_number(c, 6),
	};

	return queue_defer(c->q, &end, &c->why);
}

/* release INSTANCE SLOT ID TOKEN SAID... */
static int do_release(struct call *c)
{
	struct queue_worker w = worker_of(c);
	struct queue_said said = said_of(c, 5);
	const struct queue_end end = {
		.worker = &w, .id = c->word[3], .token = call_number(c, 4),
		.said = &said,
	};

	return queue_release(c->q, &end, &c->why);
}

/* bury INSTANCE SLOT ID TOKEN REASON SAID... */
static int do_bury(struct call *c)
{
	struct queue_worker w = worker_of(c);
	struct queue_said said = said_of(c, 6);
	const struct queue_end end = {
		.worker = &w, .id = c->word[3], .token = call_number(c, 4),
		.said = &said, .reason = c->word[5],
	};

	return queue_bury(c->q, &end, &c->why);
}

/* reclaim INSTANCE SLOT CRASHED TAKE_DOT HOLD_KINDS PAUSE_MS */
static int do_reclaim(struct call *c)
{
	struct queue_worker w = worker_of(c);
	struct queue_reclaim_opts opts = {
		.worker = &w, .crashed = call_number(c, 3),
		.take_dot = call_number(c, 4),
		.hold_kinds = c->word[5], .max_crashes = 3,
		.max_uncertain = 3, .crash_pause_ms = call_number(c, 6),
		.uncertain_pause_ms = call_number(c, 6),
	};
	struct queue_reclaimed got;

	if (queue_reclaim(c->q, &opts, &got, &c->why) == -1)
		return -1;
	(void)printf("%d\t%d\t%d\t%d\n", got.queued, got.unsent,
		     got.uncertain, got.stale);
	return 0;
}

static int do_beat(struct call *c)
{
	return queue_beat(c->q, c->word[1], &c->why);
}

static void note_pause(void *arg, const char *what)
{
	(void)arg;
	(void)printf("%s\n", what);
}

static int do_status(struct call *c)
{
	const struct queue_status_opts opts = {
		.instance = c->word[1], .json = c->word[2], .ttl_ms = 15000,
		.paused = note_pause,
	};

	return queue_status_set(c->q, &opts, &c->why);
}

static int do_busy(struct call *c)
{
	return queue_instance_busy(c->q, c->word[1], &c->why);
}

static int do_forget(struct call *c)
{
	return queue_instance_forget(c->q, c->word[1], &c->why);
}

static int do_replayed(struct call *c)
{
	return queue_replayed_set(c->q, c->word[1], c->word[2], &c->why);
}

static int do_has_replayed(struct call *c)
{
	return queue_has_replayed(c->q, c->word[1], c->word[2], &c->why);
}

static void put_verdict(const struct queue_verdict *v)
{
	(void)printf("%s\t%c\t%d\t%lld\t%s", v->id, (char)v->state,
		     v->attempts, (long long)v->at_ms, v->text);
	if (v->state == QUEUE_REPORTED)
		(void)printf("\t%s\t%d", queue_fate_word(v->fate), v->sure);
	(void)putchar('\n');
}

/* fate ID FATE SURE TEXT */
static int do_fate(struct call *c)
{
	const struct queue_report report = {
		.id = c->word[1], .fate = queue_fate_of(c->word[2]),
		.sure = call_number(c, 3) == 1, .text = c->word[4],
	};

	return queue_fate_tell(c->q, &report, &c->why);
}

static int do_audit(struct call *c)
{
	struct queue_verdict verdicts[WORDS_MAX];
	size_t count = 0;

	while (count + 1 < WORDS_MAX && c->word[count + 1][0]) {
		if (!str_copy(verdicts[count].id, sizeof(verdicts[count].id),
			      c->word[count + 1]))
			return -1;
		count++;
	}
	if (queue_audit(c->q, verdicts, count, &c->why) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		put_verdict(&verdicts[i]);
	return 0;
}

static int do_receipts(struct call *c)
{
	struct queue_verdict verdicts[100];
	int count = queue_receipts(c->q, verdicts, 100, &c->why);

	for (int i = 0; i < count; i++)
		put_verdict(&verdicts[i]);
	return count;
}

static int do_receipts_done(struct call *c)
{
	return queue_receipts_done(c->q, &c->why);
}

static int do_counts(struct call *c)
{
	struct queue_places n;

	if (queue_places(c->q, &n, &c->why) == -1)
		return -1;
	(void)printf("%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\n",
		     (long long)n.intake, (long long)n.ready,
		     (long long)n.bulk, (long long)n.held, (long long)n.retry,
		     (long long)n.dead, (long long)n.malformed,
		     (long long)n.receipts);
	return 0;
}

const struct verb worker_verbs[] = {
	{ "publish", do_publish },
	{ "admit", do_admit },
	{ "intake_wait", do_intake_wait },
	{ "generation", do_generation },
	{ "share", do_share },
	{ "epoch_use", do_epoch_use },
	{ "take", do_take },
	{ "claim", do_claim },
	{ "begin", do_begin },
	{ "dot", do_dot },
	{ "dot_ahead", do_dot_ahead },
	{ "ack", do_ack },
	{ "defer", do_defer },
	{ "release", do_release },
	{ "bury", do_bury },
	{ "reclaim", do_reclaim },
	{ "beat", do_beat },
	{ "status", do_status },
	{ "busy", do_busy },
	{ "forget", do_forget },
	{ "replayed", do_replayed },
	{ "has_replayed", do_has_replayed },
	{ "audit", do_audit },
	{ "receipts", do_receipts },
	{ "receipts_done", do_receipts_done },
	{ "fate", do_fate },
	{ "counts", do_counts },
	{ NULL, NULL },
};
