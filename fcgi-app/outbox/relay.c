/* SPDX-License-Identifier: MIT */
/* The relay: receipts, due rows, and a Redis that has lost its data. */
#include "config.h"

#include "outbox/relay.h"

#include "base/alloc.h"
#include "base/crashpoint.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/ticks.h"
#include "daemon/alert.h"
#include "daemon/outage.h"
#include "daemon/prefork.h"
#include "domain/model.h"
#include "outbox/clockwatch.h"
#include "outbox/digest.h"
#include "outbox/relay_step.h"
#include "queue/operate.h"
#include "queue/produce.h"
#include "store/due.h"
#include "store/erase.h"
#include "store/fate.h"
#include "store/figures.h"
#include "store/names.h"
#include "store/tell.h"
#include "store/waiting.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROUND_MS 200
#define TAKE_BACK_MS 1000	/* to the next try, also to forget it */
#define UNKNOWN_PAUSE_MS 500	/* while the intake is too long to be read */
#define TEND_MS 1000
#define FORGET_MS 600000
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define GENERATION_ROOM 160

/* Rows are locked while the queue is asked about them: one batch a time. */
#define BATCH QUEUE_BATCH_MAX

struct relay {
	const struct relay_opts *opts;
	char generation[GENERATION_ROOM];	/* "" = not seen yet */
	struct queue_verdict verdicts[BATCH];
	int64_t due_after_ms;	/* ticks; no look at due rows before */
	int64_t tend_at_ms;	/* ticks; the next look at the waiting list */
	int64_t forget_at_ms;	/* ticks; at what is old */
	struct store_erasing erasing;
	int64_t old_anew_at_ms;	/* ticks; all of it is looked at again */
	int64_t digest_ms;	/* wall; the last digest put into the outbox */
	struct clockwatch clocks;
	struct store_naming names[STORE_PEOPLE];
	struct outage outage;
};

/* ---- receipts ----------------------------------------------------------- */

static int verdicts_store(struct relay *r, size_t count, struct fault *why)
{
	struct notification_verdict rows[BATCH];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct queue_verdict *v = &r->verdicts[i];

		/* Another producer's mail changes no row of ours. */
		if (v->state != QUEUE_SENT && v->state != QUEUE_DEAD)
			continue;
		rows[n++] = (struct notification_verdict){
			.envelope_id = v->id,
			.state = v->state == QUEUE_SENT ? NOTIFICATION_SENT
							: NOTIFICATION_DEAD,
			.attempts = v->attempts,
			.at_ms = v->at_ms,
			.reply = v->text,
		};
	}
	return store_verdicts(r->opts->store, rows, n, why);
}

static void report_tell(const struct relay_opts *opts,
			const struct mail_report *report)
{
	const char *word = queue_fate_word(report->fate);

	log_info("reported job=%s fate=%s sure=%d", report->envelope_id, word,
		 report->sure);
	if (opts->reported)
		opts->reported(opts->arg, report->fate);
}

/* Of a mail that was sent, though its verdict may be in a later batch. */
static int reports_store(struct relay *r, size_t count, struct fault *why)
{
	struct mail_report list[BATCH];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct queue_verdict *v = &r->verdicts[i];

		if (v->state != QUEUE_REPORTED)
			continue;
		list[n++] = (struct mail_report){
			.envelope_id = v->id,
			.fate = v->fate,
			.sure = v->sure,
			.at_ms = v->at_ms,
			.text = v->text,
		};
	}
	if (store_reports(r->opts->store, list, n, why) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (list[i].is_news)
			report_tell(r->opts, &list[i]);
	return 0;
}

/* Dropped only after they are committed: a crash shows them again.  Returns
 * how many there were, or -1. */
static int receipts(struct relay *r, struct fault *why)
{
	int count = queue_receipts(r->opts->queue, r->verdicts, BATCH, why);

	if (count < 0)
		return -1;
	CRASH_POINT("relay: receipts read");
	/* Also when there was nothing to read in the batch: else it would come
	 * again for ever. */
	if (verdicts_store(r, (size_t)count, why) < 0 ||
	    reports_store(r, (size_t)count, why) < 0)
		return -1;
	CRASH_POINT("relay: receipts stored");
	if (queue_receipts_done(r->opts->queue, why) < 0)
		return -1;
	CRASH_POINT("relay: receipts dropped");
	if (count)
		log_debug("applied receipts=%d", count);
	return count;
}

/* ---- due rows ----------------------------------------------------------- */

/* 1 = pushed, 0 = nobody is to get one any more, -1. */
static int digest_push(const struct relay_opts *opts,
		       const struct notification *row, struct fault *why)
{
	struct digest_figures f = { .now_ms = wall_ms() };
	char *envelope;
	int result;

	if (*opts->digest_to == '\0')
		return 0;
	if (store_digest_read(opts->store, row->begins_at_ms, &f.mails,
			      why) < 0 ||
	    queue_places(opts->queue, &f.queue, why) < 0)
		return -1;
	envelope = digest_envelope(opts->mail, opts->digest_to, row, &f);
	result = queue_publish(opts->queue, envelope, strlen(envelope), why);
	free(envelope);
	return result < 0 ? -1 : 1;
}

/* 1 = pushed, 0 = there is nothing to tell any more, -1. */
static int mail_push(struct relay *r, const struct notification *row,
		     struct fault *why)
{
	struct booking_view view;
	char *envelope;
	int result;

	if (strcmp(row->kind, KIND_DIGEST) == 0)
		return digest_push(r->opts, row, why);
	result = store_view_of(r->opts->store, row, &view, why);
	if (result != 1)
		return result;
	envelope = notification_envelope(r->opts->mail, &view, row);
	if (queue_publish(r->opts->queue, envelope, strlen(envelope), why) < 0)
		result = -1;
	free(envelope);
	booking_view_release(&view);
	return result;
}

/* 0 = pushed; -1.  A row with nothing to tell any more is aborted. */
static int publish_again(struct relay *r, const struct notification *row,
			 struct due_step *step, struct fault *why)
{
	int result = mail_push(r, row, why);

	CRASH_POINT("relay: published");
	if (result == 0)
		step->state = NOTIFICATION_ABORTED;
	if (result == 1)
		log_info("published job=%s check=%d age_ms=%" PRId64,
			 row->envelope_id, row->checks + 1,
			 wall_ms() - row->begins_at_ms);
	return result < 0 ? -1 : 0;
}

/* 0 = it is out of the queue, or is looked at again; -1. */
static int take_back(struct relay *r, const struct notification *row,
		     struct due_step *step, struct fault *why)
{
	int taken = queue_cancel(r->opts->queue, row->envelope_id,
				 "taken back by its booking", why);

	if (taken == 1)
		log_info("taken back job=%s", row->envelope_id);
	/* In the intake or in a worker's hands: a little later, then. */
	if (taken == 0) {
		step->state = NOTIFICATION_OPEN;
		step->next_ms = TAKE_BACK_MS;
	}
	return taken;
}

/* 0 = nothing of it is in the queue, or it is looked at again; -1. */
static int forget_job(struct relay *r, const struct notification *row,
		      struct due_step *step, struct fault *why)
{
	int gone = queue_erase(r->opts->queue, row->envelope_id, why);

	CRASH_POINT("relay: job forgotten");
	if (gone == 1)
		log_info("forgot job=%s", row->envelope_id);
	if (gone == 0) {
		step->forget = DUE_FORGET;
		step->next_ms = TAKE_BACK_MS;
	}
	return gone;
}

/* 1 = *step is to be written, 0 = the row stays as it is, -1. */
static int row_decide(struct relay *r, const struct relay_case *c,
		      struct due_step *step, struct fault *why)
{
	const struct notification *row = c->row;

	switch (relay_decide(c, wall_ms(), r->opts->horizon_ms, step)) {
	case RELAY_RECORD:
		break;
	case RELAY_PUBLISH:
		return publish_again(r, row, step, why) < 0 ? -1 : 1;
	case RELAY_CANCEL:
		return take_back(r, row, step, why) < 0 ? -1 : 1;
	case RELAY_FORGET:
		return forget_job(r, row, step, why) < 0 ? -1 : 1;
	case RELAY_EXPIRE:
		alert_raise("outbox-expired",
			    "gave up job=%s age_ms=%" PRId64 " queue=%c",
			    row->envelope_id, wall_ms() - row->begins_at_ms,
			    (char)c->verdict->state);
		break;
	case RELAY_LEAVE:
		r->due_after_ms = ticks_ms() + UNKNOWN_PAUSE_MS;
		return 0;
	}
	return 1;
}

static int rows_look_after(struct relay *r, const struct notification *rows,
			   size_t count, struct fault *why)
{
	struct due_step steps[BATCH];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		must(str_copy(r->verdicts[i].id, sizeof(r->verdicts[i].id),
			      rows[i].envelope_id));
	if (count && queue_audit(r->opts->queue, r->verdicts, count, why) < 0)
		return -1;
	if (count)
		CRASH_POINT("relay: asked");
	for (size_t i = 0; i < count; i++) {
		const struct relay_case c = { &rows[i], &r->verdicts[i] };
		int wanted = row_decide(r, &c, &steps[n], why);

		if (wanted < 0)
			return -1;
		n += (size_t)wanted;
	}
	if (count)
		CRASH_POINT("relay: decided");
	return store_due_done(r->opts->store, steps, n, why);
}

/* Returns how many rows were due, or -1. */
static int due(struct relay *r, struct fault *why)
{
	struct due_rows rows;

	if (ticks_ms() < r->due_after_ms)
		return 0;
	if (store_due(r->opts->store, BATCH, &rows, why) < 0)
		return -1;

	int result = rows_look_after(r, rows.list, rows.count, why);

	if (rows.count)
		CRASH_POINT("relay: rows written");
	free(rows.list);
	if (result < 0) {
		/* What was pushed already is dropped by its id when it comes
		 * again. */
		store_due_drop(r->opts->store);
		return -1;
	}
	return (int)rows.count;
}

/* ---- the loop ----------------------------------------------------------- */

/* A Redis that lost or rewound its data may have lost any open job. */
static int generation_watch(struct relay *r, struct fault *why)
{
	char now[GENERATION_ROOM];

	if (queue_generation(r->opts->queue, now, sizeof(now), why) < 0)
		return -1;
	if (!strcmp(now, r->generation))
		return 0;
	/* Nobody knows at the start what it was before. */
	if (r->generation[0])
		log_info("redis is another one: every open row is due");
	CRASH_POINT("relay: another generation");
	if (store_all_due(r->opts->store, why) < 0)
		return -1;
	CRASH_POINT("relay: all rows due");
	memcpy(r->generation, now, sizeof(now));
	return 0;
}

/* Some at a time; if there is more it goes on in the next round. */
static int erase_old(struct relay *r, struct fault *why)
{
	int64_t now_ms = ticks_ms();
	int erased;

	if (now_ms >= r->old_anew_at_ms) {
		r->old_anew_at_ms = now_ms + DAY_MS;
		r->erasing.from_ms = 0;
	}
	erased = store_erase_old(r->opts->store, r->opts->retention_ms,
				 &r->erasing, why);
	if (erased < 0)
		return -1;
	if (erased > 0)
		log_info("erased bookings=%d", erased);
	if (!r->erasing.done)
		r->forget_at_ms = 0;
	return 0;
}

static int forget(struct relay *r, struct fault *why)
{
	if (store_keys_forget(r->opts->store, why) < 0)
		return -1;
	return r->opts->retention_ms > 0 ? erase_old(r, why) : 0;
}

/* Puts the operators' daily mail that is due into the outbox.  Its id has the
 * day, so that it is there once however often it is put. */
static int digest_tend(struct relay *r, struct fault *why)
{
	char id[DIGEST_ID_SIZE];
	int64_t due_ms;

	if (*r->opts->digest_to == '\0')
		return 0;
	due_ms = digest_due(wall_ms(), r->opts->digest_hour, id);
	if (due_ms != r->digest_ms &&
	    store_digest_add(r->opts->store, id, due_ms, why) < 0)
		return -1;
	r->digest_ms = due_ms;
	return 0;
}

/* Some at a time; if there are more it goes on in the next round. */
static int changes_tell(struct relay *r, struct fault *why)
{
	int told = store_tell_next(r->opts->store, why);

	if (told <= 0)
		return told;
	log_info("told of a change bookings=%d", told);
	r->tend_at_ms = 0;
	return 0;
}

/* Some at a time; if there are more it goes on in the next round. */
static int waiting_tend(struct relay *r, struct fault *why)
{
	int tended = store_waiting_tend(r->opts->store,
					&r->opts->mail->quiet, why);

	if (tended == STORE_TEND_MORE)
		r->tend_at_ms = 0;
	return tended < 0 ? -1 : 0;
}

/* Likewise. */
static int names_tend(struct relay *r, struct fault *why)
{
	int more = store_names_step(r->opts->store, r->names, why);

	if (more > 0)
		r->tend_at_ms = 0;
	return more < 0 ? -1 : 0;
}

/* What is due by the clock, with or without Redis. */
static int chores(struct relay *r, struct fault *why)
{
	int64_t now_ms = ticks_ms();

	if (now_ms >= r->tend_at_ms) {
		r->tend_at_ms = now_ms + TEND_MS;
		if (waiting_tend(r, why) < 0 || changes_tell(r, why) < 0 ||
		    clockwatch_step(&r->clocks, r->opts->store, why) < 0 ||
		    digest_tend(r, why) < 0 || names_tend(r, why) < 0)
			return -1;
	}
	if (now_ms >= r->forget_at_ms) {
		r->forget_at_ms = now_ms + FORGET_MS;
		return forget(r, why);
	}
	return 0;
}

/* Returns 1 if there may be more to do at once, 0 if not, -1. */
static int one_round(struct relay *r, struct fault *why)
{
	struct fault first;
	int received = generation_watch(r, &first) < 0 ? -1 :
		       receipts(r, &first);
	int looked = received < 0 ? -1 : due(r, &first);

	/* After the receipts: an offer of which the mail was taken while nobody
	 * read them does not lapse. */
	if (chores(r, why) < 0)
		return -1;
	if (looked < 0) {
		*why = first;
		return -1;
	}
	return received == BATCH || looked == BATCH;
}

int relay_run(const struct relay_opts *opts)
{
	struct relay *r = alloc_zeroed(1, sizeof(*r));

	r->opts = opts;
	while (!prefork_stopping()) {
		struct fault why = { .class = FAULT_NONE };
		int more = one_round(r, &why);
		int wait_ms = more ? 0 : ROUND_MS;

		if (more < 0)
			wait_ms = outage_go_on(&r->outage, why.text);
		else
			outage_end(&r->outage, "the outbox");
		(void)prefork_poll(NULL, 0, wait_ms); /* the loop asks why */
	}
	free(r);
	return 0;
}
