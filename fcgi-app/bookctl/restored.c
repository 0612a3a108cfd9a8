/* SPDX-License-Identifier: MIT */
/* bookctl restored: has no number given out twice after a restore. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "json/put.h"
#include "store/names.h"
#include "store/store.h"

#include <json-c/json.h>

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

int ctl_restored(struct ctl *ctl, struct fault *why)
{
	struct json_object *answer;
	int64_t count;

	if (store_ping(ctl->store, why) < 0 ||
	    store_restored(ctl->store, ctl->actor, &count, why) < 0)
		return CLI_BY_FAULT;
	if (!ctl->json) {
		printf("all counters are raised, and the numbers of %" PRId64
		       " bookings and places in line\n", count);
		return EX_OK;
	}
	answer = put_new();
	put_int(answer, "raised", count);
	return ctl_tell(ctl, answer, NULL);
}
