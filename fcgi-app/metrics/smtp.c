/* SPDX-License-Identifier: MIT */
/* The part of /metrics about SMTP: what all instances of maild counted. */
#include "config.h"

#include "metrics/page.h"

#include "base/buf.h"
#include "metrics/promtext.h"
#include "queue/figures.h"

#include <string.h>

typedef struct promtext_label label;

static const char durations[] = "reservoir_smtp_stage_duration_seconds";
static const char broken[] = "reservoir_smtp_stage_broken_total";
static const char attempts[] = "reservoir_smtp_attempts_total";

/* A family is written in one piece, though rows come in any order. */
struct families {
	struct buf durations;
	struct buf broken;
	struct buf attempts;
};

static void put_stage(struct families *f, const label labels[3],
		      const struct queue_tally *row)
{
	static const int64_t bounds[] = QUEUE_STAGE_BOUNDS;
	const struct promtext_histogram histogram = {
		.bounds_us = bounds, .bound_count = ARRAY_COUNT(bounds),
		.counts = row->numbers + QUEUE_STAGE_FIRST,
		.sum_us = row->numbers[QUEUE_STAGE_SUM],
	};

	promtext_histogram(&f->durations, durations, labels, &histogram);
	promtext_int(&f->broken, broken, labels,
		     (int64_t)row->numbers[QUEUE_STAGE_BROKEN]);
}

/* "stage:connect:local", "attempt:sent:local"; what is not known is another
 * version's. */
static void one_row(void *arg, const struct queue_tally *row)
{
	struct families *f = arg;
	char name[QUEUE_TALLY_NAME_MAX];
	char *relay = name;
	const char *what;
	const char *word;

	memcpy(name, row->name, sizeof(name));
	what = strsep(&relay, ":");
	word = relay ? strsep(&relay, ":") : NULL;
	if (!relay)
		return;
	if (strcmp(what, "stage") == 0 && row->count == QUEUE_STAGE_NUMBERS)
		put_stage(f, (label[]){ { "relay", relay }, { "stage", word },
					{ NULL, NULL } }, row);
	else if (strcmp(what, "attempt") == 0 && row->count == 1)
		promtext_int(&f->attempts, attempts,
			     (label[]){ { "relay", relay },
					{ "outcome", word }, { NULL, NULL } },
			     (int64_t)row->numbers[0]);
}

int page_metrics_smtp(struct queue *q, struct buf *out, struct fault *why)
{
	struct families f = { BUF_INIT, BUF_INIT, BUF_INIT };
	int count = queue_tallies(q, one_row, &f, why);

	page_metrics_family(out, &f.durations, durations, "histogram",
			    "How long each step of SMTP took to its answer.");
	page_metrics_family(out, &f.broken, broken, "counter",
			    "Steps of SMTP that ended without an answer.");
	page_metrics_family(out, &f.attempts, attempts, "counter",
			    "Attempts to send a mail, by what came of them.");
	buf_release(&f.durations);
	buf_release(&f.broken);
	buf_release(&f.attempts);
	return count == -1 ? -1 : 0;
}
