/* SPDX-License-Identifier: MIT */
/* One template file, compiled. */
#ifndef TEXT_TEMPLATEFILE_H
#define TEXT_TEMPLATEFILE_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>

struct mustache;

enum templatefile_form {
	TEMPLATEFILE_MAIL,	/* "Subject: ...", an empty line, the text */
	TEMPLATEFILE_TEXT,	/* only text: a partial */
	TEMPLATEFILE_HTML,
};

struct templatefile {
	struct mustache *subject;	/* only in TEMPLATEFILE_MAIL */
	struct mustache *body;		/* NULL = nothing loaded */
};

/*
 * Fills *s.  Returns 0 (templatefile_release() frees), or -1 with FAULT_REJECT
 * "path:line: what is wrong" and *s empty.
 */
int templatefile_load(struct templatefile *s, const char *path,
		      enum templatefile_form form, struct fault *why)
	MUST_USE;

void templatefile_release(struct templatefile *s);

/* The folder of the pages' templates beside those of languages. */
#define TEMPLATEFILE_PAGES "web"

/* Could it be the name of a language's folder: "fr", "fr-CH"? */
bool templatefile_is_language(const char *name);

#endif
