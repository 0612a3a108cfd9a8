/* SPDX-License-Identifier: MIT */
/* Has the operators' daily mail made and sent. */
#include "config.h"

#include "outbox/relay_digest.h"

#include "base/ticks.h"
#include "outbox/digest.h"
#include "queue/produce.h"
#include "store/figures.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)

int relay_digest_tend(const struct relay_opts *opts, int64_t *last_ms,
		      struct fault *why)
{
	char id[DIGEST_ID_SIZE];
	int64_t due_ms;

	if (*opts->digest_to == '\0')
		return 0;
	due_ms = digest_due(wall_ms(), opts->digest_hour, id);
	if (due_ms == *last_ms)
		return 0;
	if (store_digest_add(opts->store, id, due_ms, why) < 0)
		return -1;
	*last_ms = due_ms;
	return 0;
}

int relay_digest_publish(const struct relay_opts *opts,
			 const struct notification *row, struct fault *why)
{
	struct digest_figures f = { .now_ms = wall_ms() };
	char *envelope;
	int result;

	if (*opts->digest_to == '\0')
		return 0;
	if (store_digest_read(opts->store, row->begins_at_ms - DAY_MS,
			      row->begins_at_ms, &f.mails, why) < 0 ||
	    queue_places(opts->queue, &f.queue, why) < 0)
		return -1;
	envelope = digest_envelope(opts->mail, opts->digest_to, row, &f);
	result = queue_publish(opts->queue, envelope, strlen(envelope), why);
	free(envelope);
	return result < 0 ? -1 : 1;
}
