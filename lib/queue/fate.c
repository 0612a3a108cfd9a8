/* SPDX-License-Identifier: MIT */
/* What became of a mail after a mail server had taken it. */
#include "config.h"

#include "queue/fate.h"

#include "base/str.h"
#include "queue/keys.h"
#include "queue/lua_scripts.h"

#include <string.h>

#define SURE_WEIGHT 10		/* more than any fate's own */

static const struct {
	const char *word;
	int weight;
} fates[] = {
	[QUEUE_FATE_NONE] = { "", 0 },
	[QUEUE_FATE_DELIVERED] = { "delivered", 2 },
	[QUEUE_FATE_DELAYED] = { "delayed", 1 },
	[QUEUE_FATE_RETURNED] = { "returned", 4 },
	[QUEUE_FATE_COMPLAINED] = { "complained", 3 },
};

const char *queue_fate_word(enum queue_fate fate)
{
	return fates[fate].word;
}

enum queue_fate queue_fate_of(const char *word)
{
	for (size_t i = QUEUE_FATE_NONE + 1; i < ARRAY_COUNT(fates); i++)
		if (strcmp(word, fates[i].word) == 0)
			return (enum queue_fate)i;
	return QUEUE_FATE_NONE;
}

int queue_fate_weight(enum queue_fate fate, bool sure)
{
	if (fate == QUEUE_FATE_NONE)
		return 0;
	return fates[fate].weight + (sure ? SURE_WEIGHT : 0);
}

int queue_fate_tell(struct queue *q, const struct queue_report *report,
		    struct fault *why)
{
	char text[QUEUE_FATE_TEXT_MAX];
	char room[2][24];
	struct rarg args[] = {
		queue_arg(q->receipts), queue_arg(q->stat),
		queue_arg(q->prefix), queue_arg(report->id),
		queue_arg(queue_fate_word(report->fate)),
		queue_arg(report->sure ? "1" : "0"),
		queue_arg_int(queue_fate_weight(report->fate, report->sure),
			      room[0]),
		queue_arg(str_without_addresses(text, sizeof(text),
						report->text)),
		queue_arg_int(QUEUE_RECEIPTS_MAX, room[1]),
	};

	must(report->fate != QUEUE_FATE_NONE);
	return queue_done(rconn_script(q->r, &script_fate, RARGS(2, args),
				       why));
}

int queue_fate_count(struct queue *q, const char *what, struct fault *why)
{
	return queue_done(rconn_words(q->r, why, "HINCRBY", q->stat, what, "1",
				      (char *)NULL));
}
