/* SPDX-License-Identifier: MIT */
/* The operator's functions. */
#include "config.h"

#include "queuecall.h"

#include "queue/figures.h"
#include "queue/operate.h"

#include <stdio.h>

static void put_record(void *arg, const struct queue_record *r)
{
	(void)arg;
	(void)printf("%s\t%c\t%s\t%d\t%d\t%d\t%d\t%lld\t%lld\t%lld\t%s\t%s\t",
		     r->id, r->state, r->kind, r->bulk, r->attempts,
		     r->crashes, r->uncertain, (long long)r->admitted_ms,
		     (long long)r->due_ms, (long long)r->final_ms, r->owner,
		     r->relay);
	call_put(r->reason);
	(void)putchar('\t');
	call_put(r->story);
	(void)putchar('\t');
	call_put(r->envelope);
	(void)printf("\t%s\t%d\t%lld\n", queue_fate_word(r->fate),
		     r->fate_sure, (long long)r->fate_ms);
}

/* instance, name, number: one row of one number. */
static int do_tally(struct call *c)
{
	struct queue_tally row = { .count = 1 };
	const struct queue_tally_opts opts = {
		.instance = c->word[1], .ttl_s = 3600,
		.rows = &row, .count = 1,
	};

	(void)snprintf(row.name, sizeof(row.name), "%s", c->word[2]);
	row.numbers[0] = (uint64_t)call_number(c, 3);
	return queue_tally_tell(c->q, &opts, &c->why) < 0 ? -1 : 1;
}

static int do_show(struct call *c)
{
	struct queue_record record;
	int found = queue_show(c->q, c->word[1], &record, &c->why);

	if (found == 1)
		put_record(NULL, &record);
	queue_record_release(&record);
	return found;
}

static int do_list(struct call *c)
{
	struct queue_filter filter = {
		.states = c->word[1][0] ? c->word[1] : NULL,
		.limit = call_number(c, 2),
		.reason = c->word[3][0] ? c->word[3] : NULL,
		.kind = c->word[4][0] ? c->word[4] : NULL,
		.since_ms = call_number(c, 5),
		.until_ms = call_number(c, 6),
	};
	const struct queue_list_opts opts = { &filter, put_record, NULL };

	return queue_list(c->q, &opts, &c->why);
}

static int do_requeue(struct call *c)
{
	return queue_requeue(c->q, c->word[1], &c->why);
}

static int do_cancel(struct call *c)
{
	return queue_cancel(c->q, c->word[1], c->word[2], &c->why);
}

static int do_bury_waiting(struct call *c)
{
	return queue_bury_waiting(c->q, c->word[1], c->word[2], &c->why);
}

static int do_erase(struct call *c)
{
	return queue_erase(c->q, c->word[1], &c->why);
}

static int do_purge(struct call *c)
{
	const struct queue_purge_opts opts = {
		.states = c->word[1], .older_than_ms = call_number(c, 2),
		.max = (int)call_number(c, 3),
	};

	return queue_purge(c->q, &opts, &c->why);
}

static int do_pause(struct call *c)
{
	return queue_pause(c->q, c->word[1], c->word[2], &c->why);
}

static int do_resume(struct call *c)
{
	return queue_resume(c->q, c->word[1], &c->why);
}

static void put_pause(void *arg, const char *what, int64_t since_ms,
		      const char *reason)
{
	(void)arg;
	(void)printf("%s\t%lld\t%s\n", what, (long long)since_ms, reason);
}

static int do_pauses(struct call *c)
{
	return queue_pauses(c->q, put_pause, NULL, &c->why);
}

static void put_counter(void *arg, const char *name, int64_t value)
{
	(void)arg;
	(void)printf("%s\t%lld\n", name, (long long)value);
}

static int do_stats(struct call *c)
{
	return queue_stats(c->q, put_counter, NULL, &c->why);
}

static int do_oldest(struct call *c)
{
	struct queue_ages ages;

	if (queue_oldest(c->q, &ages, &c->why) == -1)
		return -1;
	(void)printf("%lld\t%lld\t%lld\t%lld\n", (long long)ages.ready,
		     (long long)ages.bulk, (long long)ages.retry,
		     (long long)ages.dead);
	return 1;
}

static void put_status(void *arg, const char *instance, const char *json)
{
	(void)arg;
	(void)printf("%s\t%s\n", instance, json);
}

static int do_statuses(struct call *c)
{
	return queue_statuses(c->q, put_status, NULL, &c->why);
}

static void put_raw(void *arg, int64_t index, const char *raw, size_t len)
{
	(void)arg;
	(void)printf("%lld\t%zu\t", (long long)index, len);
	call_put(raw);
	(void)putchar('\n');
}

static int do_malformed(struct call *c)
{
	const struct queue_malformed_opts opts = {
		.offset = call_number(c, 1), .max = (int)call_number(c, 2),
		.each = put_raw,
	};

	return queue_malformed(c->q, &opts, &c->why);
}

static int do_malformed_clear(struct call *c)
{
	return queue_malformed_clear(c->q, &c->why);
}

static int do_places(struct call *c)
{
	struct queue_places n;

	if (queue_places(c->q, &n, &c->why) == -1)
		return -1;
	(void)printf("%lld\t%lld\t%lld\t%lld\n", (long long)n.intake,
		     (long long)n.ready, (long long)n.bulk,
		     (long long)n.in_hand);
	return 0;
}

const struct verb admin_verbs[] = {
	{ "places", do_places },
	{ "show", do_show },
	{ "list", do_list },
	{ "requeue", do_requeue },
	{ "cancel", do_cancel },
	{ "bury_waiting", do_bury_waiting },
	{ "erase", do_erase },
	{ "tally", do_tally },
	{ "purge", do_purge },
	{ "pause", do_pause },
	{ "resume", do_resume },
	{ "pauses", do_pauses },
	{ "stats", do_stats },
	{ "oldest", do_oldest },
	{ "statuses", do_statuses },
	{ "malformed", do_malformed },
	{ "malformed_clear", do_malformed_clear },
	{ NULL, NULL },
};
