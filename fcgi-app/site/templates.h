/* SPDX-License-Identifier: MIT */
/*
 * The pages' templates, compiled at the start: the shipped ones, each shadowed
 * by the sysadmin's file of the same name.
 *
 * An edited file that cannot be used never stops a page: the shipped one is
 * taken and an alert raised, once for all processes.
 */
#ifndef SITE_TEMPLATES_H
#define SITE_TEMPLATES_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>

struct json_object;
struct page_templates;

/*
 * Compiles every *.html of both directories and checks that each partial named
 * in one is there; edited may be NULL, "" or not there.  Returns the set
 * (page_templates_free()), or NULL with FAULT_CONFIG "file:line: what is wrong"
 * if a shipped file is.
 */
struct page_templates *page_templates_new(const char *shipped,
					  const char *edited,
					  struct fault *why) MUST_USE;
void page_templates_free(struct page_templates *set);

/* Raises an alert for each edited file that could not be loaded. */
void page_templates_alert(const struct page_templates *set);

struct page_filled {
	const char *template;		/* its name without ".html" */
	struct json_object *values;	/* borrowed */
};

/*
 * Appends the page.  If that fails with the edited files, it is rendered with
 * the shipped ones.  0, or -1 with *why and out as before.
 */
int page_templates_render(const struct page_templates *set,
			  const struct page_filled *page, struct buf *out,
			  struct fault *why) MUST_USE;

/* One edited file; texts are borrowed. */
struct page_template_about {
	const char *name;
	const char *path;
	const char *broken;	/* "file:line: ..."; NULL = it is used */
	bool is_idle;		/* no page, and no edited file takes it in */
};

/* Calls each for every edited file. */
void page_templates_edited(const struct page_templates *set,
			   void (*each)(void *arg,
					const struct page_template_about *a),
			   void *arg);

#endif
