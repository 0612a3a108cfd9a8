/* SPDX-License-Identifier: MIT */
/* The page templates of templates/web, compiled at the start. */
#ifndef PAGE_TEMPLATES_H
#define PAGE_TEMPLATES_H

#include "compiler.h"
#include "fault.h"

struct mustache;
struct page_templates;

/*
 * Compiles every *.html of dir and checks that each partial named in one is
 * there.  Returns the set (page_templates_free()), or NULL with FAULT_CONFIG
 * "file:line: what is wrong".
 */
struct page_templates *page_templates_new(const char *dir, struct fault *why)
	MUST_USE;
void page_templates_free(struct page_templates *set);

/* The template of that name, without ".html"; or NULL.  arg is the set: this
 * is a mustache_find. */
const struct mustache *page_templates_find(void *arg, const char *name);

#endif
