/* SPDX-License-Identifier: MIT */
/* What organisers' programs ask about everything at once. */
#include "config.h"

#include "api_admin.h"

#include "api.h"
#include "reply.h"
#include "site.h"
#include "stats.h"

#include <json-c/json.h>

void api_admin_stats(struct call *call)
{
	struct json_object *doc;
	struct fault why;

	if (stats_read(call->site->store, &doc, &why) < 0) {
		api_fail_store(call, &why);
		return;
	}
	reply_json(call->rp, 200, doc);
	json_object_put(doc);
}
