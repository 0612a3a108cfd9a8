/* SPDX-License-Identifier: MIT */
/* What organisers may do to a booking. */
#include "config.h"

#include "actions/change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <string.h>

static void what_is_over_gets_no_mail_but_can_be_cancelled(void **state)
{
	static const struct {
		const char *label;
		bool cancelled, erased, mails;
		int64_t now_s;
		enum fail_kind hindrance;
	} rows[] = {
		{ "ahead", false, false, true, 50, FAIL_NONE },
		{ "running", false, false, true, 150, FAIL_NONE },
		{ "over", false, false, true, 200, FAIL_OVER },
		{ "over, without a mail", false, false, false, 200,
		  FAIL_NONE },
		{ "cancelled", true, false, false, 50, FAIL_CANCELLED },
		{ "erased", false, true, false, 50, FAIL_ERASED },
		{ "both", true, true, true, 200, FAIL_ERASED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct booking_view v = {
			.cancelled = rows[i].cancelled,
			.erased = rows[i].erased,
			.slot = { .starts_at_s = 100, .ends_at_s = 200 },
		};

		if (organise_hindrance(&v, rows[i].mails, rows[i].now_s) !=
		    rows[i].hindrance)
			fail_msg("%s", rows[i].label);
	}
}

static void a_reason_is_what_a_visitor_can_read(void **state)
{
	char padded[] = "  Malade & absent \n";
	char empty[] = "";
	char hidden[] = "abc\xe2\x80\xae" "def";
	char longest[ORGANISE_REASON_MAX + 2];

	(void)state;
	assert_string_equal(organise_reason(padded), "Malade & absent");
	assert_string_equal(organise_reason(empty), "");
	assert_null(organise_reason(hidden));
	memset(longest, 'x', sizeof(longest));
	longest[ORGANISE_REASON_MAX + 1] = '\0';
	assert_null(organise_reason(longest));
	longest[ORGANISE_REASON_MAX] = '\0';
	assert_non_null(organise_reason(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_is_over_gets_no_mail_but_can_be_cancelled),
		cmocka_unit_test(a_reason_is_what_a_visitor_can_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
