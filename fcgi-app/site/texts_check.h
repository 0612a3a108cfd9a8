/* SPDX-License-Identifier: MIT */
/* What is wrong with the sysadmin's pages, languages and mails' languages. */
#ifndef SITE_TEXTS_CHECK_H
#define SITE_TEXTS_CHECK_H

#include "base/compiler.h"
#include "base/fault.h"
#include "site/appconf.h"

enum texts_kind {
	TEXTS_FAULT,	/* a file or text that is not used, or shown wrong */
	TEXTS_GAP,	/* of a language: another one's is taken for it */
};

struct texts_report {
	enum texts_kind kind;
	const char *language;	/* tag; "" = a page, which has none */
	const char *sentence;	/* "file:line: what is wrong" */
};

/*
 * Looks at pages and catalogues, and whether each language has all the mails
 * that English has; mails only if their templates are on this host.  What the
 * mails themselves say is for maildctl check-templates.  Calls report for each
 * thing that is wrong.  Returns 0, or -1 with FAULT_CONFIG if what is shipped
 * cannot be used.
 */
int texts_check(const struct appconf *c,
		void (*report)(void *arg, const struct texts_report *r),
		void *arg, struct fault *why) MUST_USE;

#endif
