/* SPDX-License-Identifier: MIT */
/* Which kind of job is handled by whom. */
#include "config.h"

#include "delivery/kinds.h"

#include "base/str.h"
#include "delivery/delivery.h"

static const struct kind kinds[] = {
	{ "", delivery_run },
};

const struct kind *kind_find(const char *kind)
{
	size_t i = 0;

	while (!str_starts_with(kind, kinds[i].prefix))
		i++;
	return &kinds[i];
}
