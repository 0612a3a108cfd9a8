/* SPDX-License-Identifier: MIT */
/* What the files of conf share. */
#ifndef CONF_IMPL_H
#define CONF_IMPL_H

#include "conf.h"

/* Reads one value into its place; -1 with what is wrong, without the place. */
int conf_store(const struct conf_row *row, const char *value, void *settings,
	       struct fault *why) MUST_USE;

void conf_defaults(const struct conf_table *table, void *settings);

/* The section's list in the settings, and an item of it. */
struct conf_list *conf_list(const struct conf_section *section,
			    const void *settings);
void *conf_item(const struct conf_section *section, const void *settings,
		size_t i);

#endif
