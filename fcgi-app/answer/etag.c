/* SPDX-License-Identifier: MIT */
/* Tags answers, and recognises them. */
#include "config.h"

#include "answer/etag.h"

#include "base/str.h"
#include "domain/idempotency.h"
#include "http/reply.h"
#include "http/request.h"
#include "site/site.h"

#include <string.h>

bool etag_is_listed(const char *list, const char *tag)
{
	size_t len = strlen(tag);

	while (*list != '\0') {
		list += strspn(list, " \t,");
		if (*list == '*')
			return true;
		if (str_starts_with(list, "W/"))
			list += 2;
		/* A tag may hold a comma, so it ends at its quote. */
		const char *end = *list == '"' ? strchr(list + 1, '"') : NULL;

		if (!end)
			return false;
		if ((size_t)(end + 1 - list) == len &&
		    strncmp(list, tag, len) == 0)
			return true;
		list = end + 1;
	}
	return false;
}

void etag_answer(struct call *call, bool secret)
{
	char tag[BOOKING_TAG_LEN + 3] = "\"";
	struct reply *rp = call->rp;

	booking_tag(rp->body.data, rp->body.len, tag + 1);
	tag[BOOKING_TAG_LEN + 1] = '"';
	tag[BOOKING_TAG_LEN + 2] = '\0';
	rp->storable = true;
	reply_header(rp, "Cache-Control", "%sno-cache, no-transform",
		     secret ? "private, " : "");
	reply_header(rp, "ETag", "%s", tag);
	if (etag_is_listed(call->rq->if_none_match, tag)) {
		rp->status = 304;
		buf_clear(&rp->body);
	}
}
