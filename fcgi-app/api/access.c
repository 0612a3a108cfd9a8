/* SPDX-License-Identifier: MIT */
/* Which programs may use the admin interface: those that bring a key. */
#include "config.h"

#include "api/access.h"

#include "answer/fail.h"
#include "base/logger.h"
#include "domain/bearer.h"
#include "http/request.h"
#include "site/site.h"
#include "store/keys.h"

#include <string.h>

static void log_refused(const struct call *call, const char *how)
{
	log_warning("admin interface refused how=%s request=%s", how,
		    *call->rq->id != '\0' ? call->rq->id : "-");
}

bool api_admin_allows(struct call *call)
{
	const struct request *rq = call->rq;
	bool reads = strcmp(rq->method, "GET") == 0 ||
		     strcmp(rq->method, "HEAD") == 0;
	uint8_t hash[BEARER_HASH_BYTES];
	struct apikey key = { .id = 0 };
	struct fault why;
	int found = 0;

	if (bearer_hash_header(rq->authorization, hash))
		found = store_apikey(call->site->store, hash, &key, &why);
	if (found < 0) {
		fail_store(call, "a key", &why);
		return false;
	}
	if (found == 0) {
		/* A caller without any key is no news. */
		if (*rq->authorization != '\0')
			log_refused(call, "key");
		fail(call, FAIL_NO_KEY);
		return false;
	}
	/* Colons keep it apart from whom the web server signs in: admin.c. */
	(void)snprintf(call->key_actor, sizeof(call->key_actor), "key:%s",
		       key.name);
	if (reads || key.may_write)
		return true;
	log_refused(call, "read-only");
	fail(call, FAIL_READ_ONLY);
	return false;
}
