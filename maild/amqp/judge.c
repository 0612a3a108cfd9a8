/* SPDX-License-Identifier: MIT */
/* Is a message of RabbitMQ an envelope that may go to the queue? */
#include "config.h"

#include "amqp/judge.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>

bool judge_message(const struct message *m, int64_t now_ms, int64_t age_ms,
		   struct judgement *out)
{
	struct envelope e;
	struct fault why;

	(void)snprintf(out->id, sizeof(out->id), "%s",
		       m->name[0] ? m->name : "-");
	out->reason[0] = '\0';
	if (envelope_parse(m->body, m->len, &e, &why) == -1) {
		(void)str_without_addresses(out->reason, sizeof(out->reason),
					    why.text);
		return false;
	}
	(void)snprintf(out->id, sizeof(out->id), "%s", e.id);
	envelope_release(&e);
	if (m->sent_ms == 0 || now_ms - m->sent_ms <= age_ms)
		return true;
	(void)snprintf(out->reason, sizeof(out->reason),
		       "too old: %" PRId64 " s, and message_age is %" PRId64
		       " s", (now_ms - m->sent_ms) / 1000, age_ms / 1000);
	return false;
}
