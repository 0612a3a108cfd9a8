/* SPDX-License-Identifier: MIT */
/* Lines of "name{label="value"} number". */
#include "config.h"

#include "metrics/promtext.h"

#include "base/buf.h"

#include <inttypes.h>
#include <stdio.h>

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

/* One line's beginning. */
struct sample {
	const char *name;
	const char *suffix;	/* of the name */
	const struct promtext_label *labels;	/* or NULL */
	const char *bound;	/* a bucket's, or NULL */
};

static void add_name(struct buf *out, const struct sample *s)
{
	const struct promtext_label *labels = s->labels;
	char between = '{';

	buf_addf(out, "%s%s", s->name, s->suffix);
	for (; labels != NULL && labels->name != NULL; labels++) {
		buf_addf(out, "%c%s=\"", between, labels->name);
		add_value(out, labels->value);
		buf_addch(out, '"');
		between = ',';
	}
	if (s->bound) {
		buf_addf(out, "%cle=\"%s\"", between, s->bound);
		between = ',';
	}
	if (between == ',')
		buf_addch(out, '}');
	buf_addch(out, ' ');
}

void promtext_int(struct buf *out, const char *name,
		  const struct promtext_label *labels, int64_t value)
{
	add_name(out, &(struct sample){ name, "", labels, NULL });
	buf_addf(out, "%" PRId64 "\n", value);
}

void promtext_seconds(struct buf *out, const char *name,
		      const struct promtext_label *labels, int64_t ms)
{
	add_name(out, &(struct sample){ name, "", labels, NULL });
	if (ms < 0)
		ms = 0;
	buf_addf(out, "%" PRId64 ".%03d\n", ms / 1000, (int)(ms % 1000));
}

void promtext_histogram(struct buf *out, const char *name,
			const struct promtext_label *labels,
			const struct promtext_histogram *h)
{
	uint64_t count = 0;

	for (size_t i = 0; i <= h->bound_count; i++) {
		char bound[32] = "+Inf";

		count += h->counts[i];
		if (i < h->bound_count)
			(void)snprintf(bound, sizeof(bound), "%g",
				       (double)h->bounds_us[i] / 1e6);
		add_name(out, &(struct sample){ name, "_bucket", labels,
						bound });
		buf_addf(out, "%" PRIu64 "\n", count);
	}
	add_name(out, &(struct sample){ name, "_sum", labels, NULL });
	buf_addf(out, "%" PRIu64 ".%06d\n", h->sum_us / 1000000,
		 (int)(h->sum_us % 1000000));
	add_name(out, &(struct sample){ name, "_count", labels, NULL });
	buf_addf(out, "%" PRIu64 "\n", count);
}
