/* SPDX-License-Identifier: MIT */
/* Reads parameters strictly. */
#include "config.h"

#include "domain/query.h"

#include "base/str.h"
#include "domain/booking.h"
#include "http/form.h"

/* True with *value_out if there is one; one that cannot be read is noted. */
static bool get(const struct form *f, const char *name, const char **value_out,
		struct booking_form *wrong)
{
	switch (form_get(f, name, value_out)) {
	case FORM_FOUND:
		return true;
	case FORM_REPEATED:
		booking_form_fail(wrong, name, "repeated");
		break;
	case FORM_WRONG_TYPE:
		booking_form_fail(wrong, name, "wrong_type");
		break;
	case FORM_ABSENT:
		break;
	}
	*value_out = "";
	return false;
}

const char *api_query_text(const struct form *f, const char *name,
			   struct booking_form *wrong)
{
	const char *value;

	(void)get(f, name, &value, wrong);	/* "" is as good as none */
	return value;
}

int64_t api_query_int(const struct form *f, const char *name,
		      const char *code, int64_t min, int64_t max,
		      int64_t absent, struct booking_form *wrong)
{
	int64_t value;
	const char *text;

	if (!get(f, name, &text, wrong))
		return absent;
	if (str_to_int(text, min, max, &value))
		return value;
	booking_form_fail(wrong, name, code);
	return absent;
}

int64_t api_query_limit(const struct form *f, struct booking_form *wrong)
{
	return api_query_int(f, "limit", "limit_range", 1, API_PAGE_MAX,
			     API_PAGE_ROWS, wrong);
}

bool api_query_day(const struct form *f, const char *name, const char *code,
		   struct tm *day_out, struct booking_form *wrong)
{
	const char *text;

	if (!get(f, name, &text, wrong))
		return false;
	if (booking_date_read(text, day_out))
		return true;
	booking_form_fail(wrong, name, code);
	return false;
}
