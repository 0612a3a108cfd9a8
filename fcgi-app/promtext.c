/* SPDX-License-Identifier: MIT */
/* Lines of "name{label="value"} number". */
#include "config.h"

#include "promtext.h"

#include "buf.h"

#include <inttypes.h>

void promtext_family(struct buf *out, const char *name, const char *type,
		     const char *help)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_value(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			buf_addstr(out, "\\n");
			continue;
		}
		if (*text == '\\' || *text == '"')
			buf_addch(out, '\\');
		buf_addch(out, *text);
	}
}

static void add_name(struct buf *out, const char *name,
		     const struct promtext_label *labels)
{
	char between = '{';

	buf_addstr(out, name);
	for (; labels != NULL && labels->name != NULL; labels++) {
		buf_addf(out, "%c%s=\"", between, labels->name);
		add_value(out, labels->value);
		buf_addch(out, '"');
		between = ',';
	}
	if (between == ',')
		buf_addch(out, '}');
	buf_addch(out, ' ');
}

void promtext_int(struct buf *out, const char *name,
		  const struct promtext_label *labels, int64_t value)
{
	add_name(out, name, labels);
	buf_addf(out, "%" PRId64 "\n", value);
}

void promtext_seconds(struct buf *out, const char *name,
		      const struct promtext_label *labels, int64_t ms)
{
	add_name(out, name, labels);
	if (ms < 0)
		ms = 0;
	buf_addf(out, "%" PRId64 ".%03d\n", ms / 1000, (int)(ms % 1000));
}

void promtext_posts(struct buf *out, const char *name,
		    const struct metrics_copy *copy)
{
	static const int64_t bounds[] = METRICS_BOUNDS;
	uint64_t sum = 0;

	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		sum += copy->posts[i];
		buf_addf(out, "%s_bucket{le=\"", name);
		if (i < ARRAY_COUNT(bounds))
			buf_addf(out, "%g", (double)bounds[i] / 1e6);
		else
			buf_addstr(out, "+Inf");
		buf_addf(out, "\"} %" PRIu64 "\n", sum);
	}
	buf_addf(out, "%s_sum %" PRIu64 ".%06d\n", name,
		 copy->post_us / 1000000, (int)(copy->post_us % 1000000));
	buf_addf(out, "%s_count %" PRIu64 "\n", name, sum);
}
