/* SPDX-License-Identifier: MIT */
/* Writes Prometheus's text format, version 0.0.4.  Pure. */
#ifndef METRICS_PROMTEXT_H
#define METRICS_PROMTEXT_H

#include "base/compiler.h"

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Begins a metric: name, "counter", "gauge" or "histogram", a sentence. */
void promtext_family(struct buf *out, const char *name, const char *type,
		     const char *help);

/* One value of a metric.  labels: "name=value" pairs in order, NULL at the end;
 * values are escaped, names are ours. */
struct promtext_label {
	const char *name;
	const char *value;
};
void promtext_int(struct buf *out, const char *name,
		  const struct promtext_label *labels, int64_t value);
void promtext_seconds(struct buf *out, const char *name,
		      const struct promtext_label *labels, int64_t ms);

/* How many values lie within each bound: counts has one number more than there
 * are bounds, and is not summed up. */
struct promtext_histogram {
	const int64_t *bounds_us;
	size_t bound_count;
	const uint64_t *counts;
	uint64_t sum_us;		/* of all values */
};

/* A histogram in seconds. */
void promtext_histogram(struct buf *out, const char *name,
			const struct promtext_label *labels,
			const struct promtext_histogram *histogram);

#endif
