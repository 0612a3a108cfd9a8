/* SPDX-License-Identifier: MIT */
/* What the files of conf share. */
#ifndef CONF_IMPL_H
#define CONF_IMPL_H

#include "conf/conf.h"

/* Reads one value into its place; -1 with what is wrong, without the place. */
int conf_store(const struct conf_row *row, const char *value, void *settings,
	       struct fault *why) MUST_USE;

void conf_defaults(const struct conf_table *table, void *settings);

/* Is given one file of path.d; -1 with *why ends the walk. */
typedef int conf_part(void *arg, const char *name, struct fault *why);

/* Walks over path.d/NAME.conf, sorted by their bytes; no directory is none.
 * 0, or -1 with FAULT_CONFIG or what each() has said. */
int conf_parts_each(const char *path, conf_part *each, void *arg,
		    struct fault *why) MUST_USE;

/* The section's list in the settings, and an item of it. */
struct conf_list *conf_list(const struct conf_section *section,
			    const void *settings);
void *conf_item(const struct conf_section *section, const void *settings,
		size_t i);

#endif
