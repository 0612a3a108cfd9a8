/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "amqp/judge.h"

#include "base/alloc.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOOD "{\"v\":1,\"id\":\"a.1\",\"kind\":\"notice\"," \
	"\"to\":{\"email\":\"zoe@example.org\"},\"data\":{}}"
#define NOW 1000000000000LL
#define DAY 86400000LL

static bool judge(const char *body, const char *name, int64_t sent_ms,
		  struct judgement *out)
{
	struct message m = { .body = body, .len = strlen(body),
			     .sent_ms = sent_ms };

	must(str_copy(m.name, sizeof(m.name), name));
	return judge_message(&m, NOW, 6 * DAY, out);
}

static void an_envelope_is_good_whatever_it_is_called(void **state)
{
	struct judgement j;

	(void)state;
	assert_true(judge(GOOD, "other", 0, &j));
	assert_string_equal(j.id, "a.1");
	assert_string_equal(j.reason, "");
}

static void what_is_no_envelope_is_named_by_the_message(void **state)
{
	struct judgement j;

	(void)state;
	assert_false(judge("hello", "m-7", 0, &j));
	assert_string_equal(j.id, "m-7");
	assert_non_null(strstr(j.reason, "not JSON"));
	assert_false(judge("", "", 0, &j));
	assert_string_equal(j.id, "-");
	assert_false(judge("{\"v\":2}", "", 0, &j));
	assert_non_null(strstr(j.reason, "\"v\" is not 1"));
}

static void one_that_is_too_large_is_refused(void **state)
{
	size_t len = ENVELOPE_BYTES_MAX + 1;
	char *body = alloc_zeroed(len + 1, 1);
	struct judgement j;

	(void)state;
	memset(body, ' ', len);
	assert_false(judge(body, "big", 0, &j));
	assert_non_null(strstr(j.reason, "larger than"));
	free(body);
}

static void age_counts_from_when_it_was_sent(void **state)
{
	struct judgement j;

	(void)state;
	assert_true(judge(GOOD, "", NOW - 6 * DAY, &j));
	assert_true(judge(GOOD, "", NOW + DAY, &j));
	assert_false(judge(GOOD, "", NOW - 6 * DAY - 1, &j));
	assert_string_equal(j.id, "a.1");
	assert_string_equal(j.reason,
			    "too old: 518400 s, and message_age is 518400 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_envelope_is_good_whatever_it_is_called),
		cmocka_unit_test(what_is_no_envelope_is_named_by_the_message),
		cmocka_unit_test(one_that_is_too_large_is_refused),
		cmocka_unit_test(age_counts_from_when_it_was_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
