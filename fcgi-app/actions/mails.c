/* SPDX-License-Identifier: MIT */
/* Reads lists of mails from the tables and from the queue. */
#include "config.h"

#include "actions/mails.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "outbox/mailstate.h"
#include "outbox/publish.h"
#include "queue/operate.h"
#include "queue/queue.h"
#include "redis/rconn.h"
#include "site/site.h"

#include <stdlib.h>

static bool is_under_way(const struct notification *n, int64_t now_ms)
{
	return n->state == NOTIFICATION_OPEN && n->begins_at_ms <= now_ms;
}

static void row_hear(struct mail_row *row, const struct queue_record *record)
{
	struct publish_seen seen;

	if (record->state == '\0')
		return;
	publish_seen_of(record, &seen);
	mailstate_hear(&row->mail, &seen);
	row->next_at_ms = seen.next_at_ms;
}

/* Asks about all that are under way at once. */
void mails_hear(struct queue *q, const struct mail_rows *mails)
{
	const size_t count = q != NULL ? mails->count : 0;
	struct mail_row **asked = alloc_zeroed(count, sizeof(*asked));
	struct queue_record *records = alloc_zeroed(count, sizeof(*records));
	int64_t now_ms = wall_ms();
	struct fault ignored;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (!is_under_way(&mails->list[i].mail, now_ms))
			continue;
		must(str_copy(records[n].id, sizeof(records[n].id),
			      mails->list[i].mail.envelope_id));
		asked[n++] = &mails->list[i];
	}
	if (n > 0 && queue_show_many(q, records, n, &ignored) == 0) {
		for (size_t i = 0; i < n; i++) {
			row_hear(asked[i], &records[i]);
			queue_record_release(&records[i]);
		}
	}
	free(records);
	free(asked);
}

int mails_open(const struct site *site, const struct mail_filter *filter,
	       struct mail_rows *out, struct fault *why)
{
	struct fault away;
	struct rconn *redis;
	struct queue *q = site_queue(site, PUBLISH_LIMIT_MS, &redis, &away);
	int r = store_mails(site->store, filter, out, why);

	if (r == 0)
		mails_hear(q, out);
	queue_free(q);
	rconn_free(redis);
	return r;
}
