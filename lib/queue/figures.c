/* SPDX-License-Identifier: MIT */
/* What all instances report and have counted, and how many jobs are where. */
#include "config.h"

#include "queue/figures.h"

#include "base/str.h"
#include "queue/keys.h"
#include "queue/lua_scripts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define NAMES_MAX 1000
#define NUMBERS_MAX (21 * QUEUE_STAGE_NUMBERS)	/* bytes with NUL */

static void write_numbers(const struct queue_tally *row,
			  char text[NUMBERS_MAX])
{
	size_t len = 0;

	text[0] = '\0';
	must(row->count <= QUEUE_STAGE_NUMBERS);
	for (size_t i = 0; i < row->count; i++)
		len += (size_t)snprintf(text + len, NUMBERS_MAX - len,
					"%s%" PRIu64, i > 0 ? " " : "",
					row->numbers[i]);
}

int queue_tally_tell(struct queue *q, const struct queue_tally_opts *opts,
		     struct fault *why)
{
	char sums[QUEUE_KEY_MAX], told[QUEUE_KEY_MAX];
	char ttl[24], most[24];
	char numbers[QUEUE_TALLY_ROWS_MAX][NUMBERS_MAX];
	struct rarg args[5 + 2 * QUEUE_TALLY_ROWS_MAX];
	size_t n = 5;

	must(opts->count <= QUEUE_TALLY_ROWS_MAX);
	queue_tally_keys(q, opts->instance, sums, told);
	args[0] = queue_arg(sums);
	args[1] = queue_arg(told);
	args[2] = queue_arg(q->stat);
	args[3] = queue_arg_int(opts->ttl_s, ttl);
	args[4] = queue_arg_int(NAMES_MAX, most);
	for (size_t i = 0; i < opts->count; i++) {
		write_numbers(&opts->rows[i], numbers[i]);
		args[n++] = queue_arg(opts->rows[i].name);
		args[n++] = queue_arg(numbers[i]);
	}
	return queue_done(rconn_script(q->r, &script_tally,
				       (struct rargs){ 3, n, args }, why));
}

/* Whatever is not a number ends the row. */
static void read_numbers(const char *text, struct queue_tally *row)
{
	char *end;

	row->count = 0;
	while (row->count < QUEUE_STAGE_NUMBERS) {
		row->numbers[row->count] = strtoull(text, &end, 10);
		if (end == text)
			break;
		row->count++;
		text = end;
	}
}

int queue_tallies(struct queue *q,
		  void (*each)(void *arg, const struct queue_tally *row),
		  void *arg, struct fault *why)
{
	char sums[QUEUE_KEY_MAX], told[QUEUE_KEY_MAX];
	struct redisReply *reply;
	struct queue_tally row;
	int count = 0;

	queue_tally_keys(q, "", sums, told);
	reply = rconn_words(q->r, why, "HGETALL", sums, (char *)NULL);
	if (!reply)
		return -1;
	for (size_t i = 0; i + 1 < rreply_count(reply); i += 2) {
		if (!str_copy(row.name, sizeof(row.name),
			      rreply_text(rreply_at(reply, i), NULL)))
			continue;	/* not ours */
		read_numbers(rreply_text(rreply_at(reply, i + 1), NULL), &row);
		each(arg, &row);
		count++;
	}
	rreply_free(reply);
	return count;
}

int queue_places(struct queue *q, struct queue_places *out, struct fault *why)
{
	char slots[24];
	struct rarg args[] = {
		queue_arg(q->intake), queue_arg(q->intake_bulk),
		queue_arg(q->ready), queue_arg(q->ready_bulk),
		queue_arg(q->retry), queue_arg(q->dead),
		queue_arg(q->malformed), queue_arg(q->receipts),
		queue_arg(q->heldkinds), queue_arg(q->inst),
		queue_arg(q->prefix), queue_arg_int(QUEUE_SLOTS_MAX, slots),
	};
	int64_t *const counts[] = {
		&out->intake, &out->ready, &out->bulk, &out->in_hand,
		&out->retry, &out->due, &out->held, &out->dead,
		&out->malformed, &out->receipts,
	};
	struct redisReply *reply = rconn_script(q->r, &script_places,
						RARGS(10, args), why);

	if (!reply)
		return -1;
	for (size_t i = 0; i < ARRAY_COUNT(counts); i++)
		*counts[i] = rreply_int(rreply_at(reply, i));
	rreply_free(reply);
	return 0;
}

int queue_status_set(struct queue *q, const struct queue_status_opts *opts,
		     struct fault *why)
{
	char key[QUEUE_KEY_MAX];
	char room[24];
	struct rarg args[5];
	struct redisReply *reply;

	queue_status_key(q, opts->instance, key);
	args[0] = queue_arg(key);
	args[1] = queue_arg(q->stat);
	args[2] = queue_arg(q->paused);
	args[3] = queue_arg(opts->json);
	args[4] = queue_arg_int(opts->ttl_ms, room);
	reply = rconn_script(q->r, &script_status, RARGS(3, args), why);
	if (!reply)
		return -1;
	for (size_t i = 0; i < rreply_count(reply); i++)
		opts->paused(opts->arg, rreply_text(rreply_at(reply, i), NULL));
	rreply_free(reply);
	return 0;
}

int queue_status_drop(struct queue *q, const char *instance, struct fault *why)
{
	char key[QUEUE_KEY_MAX];

	queue_status_key(q, instance, key);
	return queue_done(rconn_words(q->r, why, "DEL", key, (char *)NULL));
}
