/* SPDX-License-Identifier: MIT */
/* What monitoring asks: does the process answer, can it book? */
#include "config.h"

#include "metrics/health.h"

#include "base/logger.h"
#include "http/reply.h"
#include "json/put.h"
#include "redis/rconn.h"
#include "site/site.h"
#include "store/store.h"

void health_live(struct call *call)
{
	reply_text(call->rp, 200, "ok\n");
}

void health_ready(struct call *call)
{
	struct fault why;
	struct json_object *doc = put_new();
	bool answers = store_ping(call->site->store, &why) == 0;
	int writes = answers ? store_may_write(call->site->store, &why) : -1;
	bool mysql = writes == 1;

	if (!mysql)
		log_warning("not ready why=\"%s\"", why.text);

	bool redis = rconn_verify(call->site->probe, &why) == 0;

	if (!redis)
		log_warning("mails wait why=\"%s\"", why.text);
	/* Without Redis bookings are taken; their mails wait in MySQL. */
	put_text(doc, "status", !mysql ? "unavailable" :
				redis ? "ready" : "degraded");
	put_text(doc, "mysql", mysql ? "ok" :
			       writes == 0 ? "read-only" : "down");
	put_text(doc, "redis", redis ? "ok" : "down");
	if (!mysql)
		reply_header(call->rp, "Retry-After", "10");
	reply_json(call->rp, mysql ? 200 : 503, doc);
}
