/* SPDX-License-Identifier: MIT */
/* Serves the description of the JSON interface. */
#include "config.h"

#include "api/book.h"

#include "answer/fail.h"
#include "base/alloc.h"
#include "base/logger.h"
#include "http/reply.h"

#include <errno.h>
#include <string.h>

#define DOC_MAX_BYTES (1024 * 1024)

/* GET /api/v1/openapi.json */
void api_doc(struct call *call)
{
	char *path = alloc_printf("%s/api/openapi.json",
				  call->site->conf.data_dir);

	/* Seldom asked for: a new file needs no restart. */
	if (buf_add_file(&call->rp->body, path, DOC_MAX_BYTES) < 0) {
		log_error("could not read %s: %s", path, strerror(errno));
		buf_clear(&call->rp->body);
		fail(call, FAIL_INTERNAL);
	} else {
		reply_header(call->rp, "Content-Type", "application/json");
		/* Public: pages that show such files may be anywhere. */
		reply_header(call->rp, "Access-Control-Allow-Origin", "*");
	}
	free(path);
}
