/* SPDX-License-Identifier: MIT */
/* Organisers' forms for slots, single and from opening hours: whatever is
 * taken lies ahead, within its limits. */
#include "config.h"

#include "fuzz.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "domain/slot.h"
#include "form/form.h"

#include <string.h>

#define NOW_S INT64_C(1764720000)	/* 2025-12-03T00:00:00Z */
#define DAY_S 86400

static void check_errors(const struct fields *f)
{
	must(f->error_count <= FIELDS_ERRORS_MAX);
	for (size_t i = 0; i < f->error_count; i++)
		must(fields_error(f, f->errors[i].field) == &f->errors[i]);
}

static void check_slot(const struct form *f)
{
	struct slot_form *out = alloc_zeroed(1, sizeof(*out));

	slot_form_read(f, "Europe/Paris", NOW_S, out);
	check_errors(&out->fields);
	if (out->fields.error_count == 0) {
		must(out->starts_at_s >= NOW_S);
		must(out->starts_at_s < INT64_C(1) << 40);
		must(out->length_min >= 1);
		must(out->length_min <= SLOT_MINUTES_MAX);
		must(out->capacity >= 1 && out->capacity <= SLOT_CAPACITY_MAX);
		must(out->times >= 1 && out->times <= SLOT_ROW_MAX);
	}
	free(out);
}

static void check_plan(const struct form *f)
{
	struct plan_form *out = alloc_zeroed(1, sizeof(*out));

	plan_form_read(f, NOW_S / DAY_S, out);
	check_errors(&out->fields);
	must(out->openings.span_count <= OPENINGS_SPANS_MAX);
	must(out->openings.closed_count <= OPENINGS_CLOSED_MAX);
	if (out->fields.error_count == 0) {
		must(out->from >= NOW_S / DAY_S && out->until >= out->from);
		must(out->until - out->from < SLOT_DAYS_MAX);
		must(out->openings.span_count > 0);
		must(out->length_min >= 1);
		must(out->capacity >= 1 && out->capacity <= SLOT_CAPACITY_MAX);
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct form f = { .count = 0 };
	size_t len;
	char *text = fuzz_rest(&in, &len);

	if (form_read_urlencoded(&f, text, len) == FORM_READ) {
		check_slot(&f);
		check_plan(&f);
	}
	form_release(&f);
	free(text);
	return 0;
}
