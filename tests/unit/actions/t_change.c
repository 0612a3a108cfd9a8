/* SPDX-License-Identifier: MIT */
/* What may be done to a booking. */
#include "config.h"

#include "actions/change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <string.h>

static void what_may_be_done_hangs_on_who_does_it_and_when(void **state)
{
	/* It begins at 100 and ends at 200; changes end 60 before. */
	static const struct {
		const char *label;
		enum change_verb verb;
		bool organiser, cancelled, erased;
		int64_t now_s;
		enum fail_kind kind;
	} rows[] = {
		{ "organiser: mail, ahead", CHANGE_RESEND, true, false, false,
		  50, FAIL_NONE },
		{ "organiser: mail, running", CHANGE_EMAIL, true, false, false,
		  150, FAIL_NONE },
		{ "organiser: mail, over", CHANGE_RESEND, true, false, false,
		  200, FAIL_OVER },
		{ "organiser: address, over", CHANGE_EMAIL, true, false, false,
		  200, FAIL_OVER },
		{ "organiser: cancel, over", CHANGE_CANCEL, true, false, false,
		  200, FAIL_NONE },
		{ "organiser: cancelled", CHANGE_RESEND, true, true, false, 50,
		  FAIL_CANCELLED },
		{ "organiser: erased", CHANGE_CANCEL, true, false, true, 50,
		  FAIL_ERASED },
		{ "organiser: both", CHANGE_RESEND, true, true, true, 200,
		  FAIL_ERASED },
		{ "organiser: erase, cancelled", CHANGE_ERASE, true, true,
		  false, 200, FAIL_NONE },
		{ "organiser: a mail of what is over", CHANGE_RETRY, true,
		  true, false, 200, FAIL_NONE },
		{ "visitor: cancel, in time", CHANGE_CANCEL, false, false,
		  false, 39, FAIL_NONE },
		{ "visitor: cancel, late", CHANGE_CANCEL, false, false, false,
		  40, FAIL_LATE },
		{ "visitor: move, late", CHANGE_MOVE, false, false, false, 40,
		  FAIL_LATE },
		{ "visitor: address, late", CHANGE_EMAIL, false, false, false,
		  99, FAIL_NONE },
		{ "visitor: mail, late", CHANGE_RESEND, false, false, false,
		  99, FAIL_NONE },
		{ "visitor: mail, running", CHANGE_RESEND, false, false, false,
		  100, FAIL_OVER },
		{ "visitor: move, cancelled", CHANGE_MOVE, false, true, false,
		  39, FAIL_CANCELLED },
		{ "visitor: erase, in time", CHANGE_ERASE, false, false, false,
		  39, FAIL_NONE },
		{ "visitor: erase, late", CHANGE_ERASE, false, false, false,
		  40, FAIL_LATE },
		{ "visitor: erase, over", CHANGE_ERASE, false, false, false,
		  200, FAIL_NONE },
		{ "visitor: erase, cancelled", CHANGE_ERASE, false, true,
		  false, 40, FAIL_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct booking_view v = {
			.cancelled = rows[i].cancelled,
			.erased = rows[i].erased,
			.service = { .notice_min = 1 },
			.slot = { .starts_at_s = 100, .ends_at_s = 200 },
		};

		if (change_hindrance(rows[i].verb, &v, rows[i].organiser,
				     rows[i].now_s) != rows[i].kind)
			fail_msg("%s", rows[i].label);
	}
}

static void a_reason_is_what_a_visitor_can_read(void **state)
{
	char padded[] = "  Malade & absent \n";
	char empty[] = "";
	char hidden[] = "abc\xe2\x80\xae" "def";
	char longest[CHANGE_REASON_MAX + 2];

	(void)state;
	assert_string_equal(change_reason(padded), "Malade & absent");
	assert_string_equal(change_reason(empty), "");
	assert_null(change_reason(hidden));
	memset(longest, 'x', sizeof(longest));
	longest[CHANGE_REASON_MAX + 1] = '\0';
	assert_null(change_reason(longest));
	longest[CHANGE_REASON_MAX] = '\0';
	assert_non_null(change_reason(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_may_be_done_hangs_on_who_does_it_and_when),
		cmocka_unit_test(a_reason_is_what_a_visitor_can_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
