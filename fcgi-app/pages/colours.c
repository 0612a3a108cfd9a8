/* SPDX-License-Identifier: MIT */
/* The organisation's colour as a style sheet: our policy allows no other. */
#include "config.h"

#include "pages/pages.h"

#include "answer/fail.h"
#include "base/str.h"
#include "http/reply.h"
#include "http/routes.h"
#include "site/palette.h"

#include <stdio.h>
#include <string.h>

/* Printing takes the ink that it has. */
#define SHEET \
	"@media screen{:root{--accent:%s;--accent-wash:%s}}\n" \
	"@media screen and (prefers-color-scheme:dark){:root{--accent:%s;" \
	"--accent-ink:#12181a;--accent-wash:%s}}\n"

/* GET /colours/{file}: "0b5d6b.css".  It depends on its address alone, so that
 * it may be kept for ever. */
void pages_colours(struct call *call)
{
	const char *file = call->match->args[0];
	char colour[PALETTE_COLOUR_SIZE];
	struct palette p;

	(void)snprintf(colour, sizeof(colour), "#%.6s", file);
	if (strlen(file) != strlen("0b5d6b.css") ||
	    !str_ends_with(file, ".css") || !palette_make(colour, &p)) {
		fail(call, FAIL_NOT_FOUND);
		return;
	}
	buf_addf(&call->rp->body, SHEET, p.accent, p.wash, p.dark_accent,
		 p.dark_wash);
	call->rp->storable = true;
	reply_header(call->rp, "Content-Type", "text/css; charset=utf-8");
	reply_header(call->rp, "X-Content-Type-Options", "nosniff");
	reply_header(call->rp, "Cache-Control",
		     "public, max-age=31536000, immutable");
}
