/* SPDX-License-Identifier: MIT */
/* Judges requests from other sites' pages. */
#include "config.h"

#include "answer/foreign.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "base/utext.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/routes.h"
#include "store/keys.h"

#include <stdlib.h>
#include <string.h>

#define TRAP "_gotcha"		/* people do not see it */

bool foreign_wants_json(const struct request *rq)
{
	return form_media(rq->content_type) == FORM_MEDIA_JSON ||
	       str_starts_with(rq->accept, "application/json");
}

/* The origin that the browser names; "" if it names none. */
static void read_origin(const struct request *rq, char out[ORIGIN_MAX + 1])
{
	out[0] = '\0';
	/* "null" is none: any page can cause it. */
	if (*rq->origin != '\0') {
		if (origin_is_exact(rq->origin))
			(void)str_copy(out, ORIGIN_MAX + 1, rq->origin);
	} else {
		(void)origin_of(rq->referer, out);
	}
}

static void allow(struct call *call, const char *origin)
{
	reply_header(call->rp, "Access-Control-Allow-Origin", "%s", origin);
	reply_header(call->rp, "Access-Control-Expose-Headers",
		     "ETag, Retry-After");
}

enum fail_kind foreign_open(struct call *call, struct foreign *out)
{
	struct fault why;
	char ours[ORIGIN_MAX + 1];
	int found = store_formkey(call->site->store, call->match->args[0],
				  &out->key, &why);

	reply_header(call->rp, "Vary", "Origin");
	read_origin(call->rq, out->origin);
	out->own = origin_of(call->site->conf.base_url, ours) &&
		   strcmp(ours, out->origin) == 0;
	if (found < 0) {
		log_warning("could not read a form's key why=\"%s\"",
			    why.text);
		return fail_of_fault(&why);
	}
	if (found == 0)
		return FAIL_NOT_FOUND;
	call->rp->framers = out->key.origins;
	if (out->own)
		return FAIL_NONE;
	if (!origin_is_listed(out->key.origins, out->origin))
		return FAIL_ORIGIN;
	allow(call, out->origin);
	return FAIL_NONE;
}

void foreign_release(struct foreign *f)
{
	formkey_release(&f->key);
}

void foreign_allow_read(struct call *call)
{
	struct fault why;
	char origin[ORIGIN_MAX + 1];

	reply_header(call->rp, "Vary", "Origin");
	if (*call->rq->origin == '\0')
		return;
	read_origin(call->rq, origin);
	/* If that cannot be found out, the answer itself is no secret. */
	if (*origin != '\0' &&
	    store_formkey_origin(call->site->store, origin, &why) == 1)
		allow(call, origin);
}

bool foreign_is_framed(const struct request *rq)
{
	return strcmp(rq->fetch_dest, "iframe") == 0 ||
	       strcmp(rq->fetch_dest, "frame") == 0;
}

/* Browsers and their helpers leave blanks, or send an empty field twice. */
bool foreign_is_trapped(const struct form *f)
{
	bool trapped = false;

	for (size_t i = 0; i < f->count && !trapped; i++) {
		char *value;

		if (strcmp(f->fields[i].name, TRAP) != 0)
			continue;
		value = alloc_text(f->fields[i].value);
		trapped = *utext_trim_hidden(value) != '\0';
		free(value);
	}
	return trapped;
}
