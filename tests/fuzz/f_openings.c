/* SPDX-License-Identifier: MIT */
/* Opening hours, a form feed, closures. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "domain/openings.h"

#include <string.h>

#define FIRST_DAY 20425		/* 2025-12-03 */

static void check_spans(const struct openings *o)
{
	must(o->span_count <= OPENINGS_SPANS_MAX);
	must(o->closed_count <= OPENINGS_CLOSED_MAX);
	for (size_t i = 0; i < o->span_count; i++) {
		const struct opening_span *s = &o->spans[i];

		must(s->days != 0 && s->days < 1u << 7);
		must(s->from_min >= 0 && s->from_min < s->until_min &&
		     s->until_min <= OPENINGS_MINUTES);
	}
	for (size_t i = 0; i < o->closed_count; i++)
		must(o->closed[i].from <= o->closed[i].until);
}

/* Is [from, from + length) within a span of that day? */
static bool is_open(const struct openings *o, int64_t day, int from, int length)
{
	unsigned bit = 1u << ((day + 4) % 7);

	for (size_t i = 0; i < o->closed_count; i++)
		if (day >= o->closed[i].from && day <= o->closed[i].until)
			return false;
	for (size_t i = 0; i < o->span_count; i++)
		if ((o->spans[i].days & bit) && from >= o->spans[i].from_min &&
		    from + length <= o->spans[i].until_min)
			return true;
	return false;
}

static void check_starts(const struct openings *o, int length)
{
	int starts[OPENINGS_MINUTES];

	for (int64_t day = FIRST_DAY; day < FIRST_DAY + 7; day++) {
		size_t count = openings_starts(o, day, length, starts);

		must(count <= OPENINGS_MINUTES);
		for (size_t i = 0; i < count; i++) {
			must(is_open(o, day, starts[i], length));
			must(i == 0 || starts[i] > starts[i - 1]);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct openings o = { .span_count = 0 };
	struct fault why = { .class = FAULT_NONE };
	char *hours = fuzz_next(&in);
	char *closed = fuzz_next(&in);

	if (openings_read(&o, hours, &why) == 0) {
		must(o.span_count > 0);
		if (openings_close(&o, closed, &why) == -1)
			must(why.class == FAULT_REJECT);
		check_spans(&o);
		check_starts(&o, 30);
		check_starts(&o, 7);
	} else {
		must(why.class == FAULT_REJECT);
		must(o.span_count <= OPENINGS_SPANS_MAX);
	}
	free(hours);
	free(closed);
	return 0;
}
