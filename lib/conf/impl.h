/* SPDX-License-Identifier: MIT */
/* What the files of conf share. */
#ifndef CONF_IMPL_H
#define CONF_IMPL_H

#include "base/dir.h"
#include "conf/conf.h"

/* Reads one value into its place; -1 with what is wrong, without the place. */
int conf_store(const struct conf_row *row, const char *value, void *settings,
	       struct fault *why) MUST_USE;

void conf_defaults(const struct conf_table *table, void *settings);

/* Walks through path.d/ as dir_each_if_any() does, but only through what is a
 * file of settings: NAME.conf. */
int conf_parts_each(const char *path, dir_entry *each, void *arg,
		    struct fault *why) MUST_USE;

/* The section's list in the settings, and an item of it. */
struct conf_list *conf_list(const struct conf_section *section,
			    const void *settings);
void *conf_item(const struct conf_section *section, const void *settings,
		size_t i);

#endif
