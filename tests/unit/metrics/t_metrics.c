/* SPDX-License-Identifier: MIT */
/* Counters, buckets, and the text that Prometheus reads. */
#include "config.h"

#include "base/buf.h"
#include "metrics/metrics.h"
#include "metrics/promtext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka.h needs the four first. */
#include <cmocka.h>

static void a_child_counts_for_all(void **state)
{
	struct metrics *m = metrics_new();
	struct metrics_copy copy;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		metrics_book(m, METRICS_FULL);
		metrics_answer(m, 409);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	metrics_book(m, METRICS_FULL);
	metrics_answer(m, 0);
	metrics_answer(m, 999);
	metrics_read(m, &copy);
	assert_int_equal(copy.bookings[METRICS_FULL], 2);
	assert_int_equal(copy.bookings[METRICS_BOOKED], 0);
	assert_int_equal(copy.answers[4], 1);
	assert_int_equal(copy.answers[0], 0);
}

static void nothing_is_counted_without_memory(void **state)
{
	struct metrics_copy copy;

	(void)state;
	metrics_book(NULL, METRICS_BOOKED);
	metrics_answer(NULL, 200);
	metrics_post(NULL, 1);
	metrics_read(NULL, &copy);
	assert_int_equal(copy.bookings[METRICS_BOOKED], 0);
}

static void each_result_has_a_word(void **state)
{
	(void)state;
	for (int i = 0; i < METRICS_BOOKINGS; i++)
		assert_non_null(metrics_booking_word((enum metrics_booking)i));
}

static void a_bound_belongs_to_its_bucket(void **state)
{
	struct metrics *m = metrics_new();
	struct metrics_copy copy;

	(void)state;
	metrics_post(m, -1);
	metrics_post(m, 0);
	metrics_post(m, 1000);
	metrics_post(m, 1001);
	metrics_post(m, 5000000);
	metrics_post(m, 5000001);
	metrics_read(m, &copy);
	assert_int_equal(copy.posts[0], 2);
	assert_int_equal(copy.posts[1], 1);
	assert_int_equal(copy.posts[METRICS_BUCKETS - 2], 1);
	assert_int_equal(copy.posts[METRICS_BUCKETS - 1], 1);
	assert_int_equal(copy.post_us, 10002002);
}

static void a_histogram_adds_up(void **state)
{
	const int64_t bounds[] = METRICS_BOUNDS;
	const uint64_t counts[METRICS_BUCKETS] = {
		[0] = 2, [3] = 1, [METRICS_BUCKETS - 1] = 1,
	};
	const struct promtext_histogram histogram = {
		bounds, ARRAY_COUNT(bounds), counts, 7000042,
	};
	const struct promtext_label labels[] = { { "a", "b" }, { NULL, NULL } };
	struct buf out = BUF_INIT;

	(void)state;
	promtext_histogram(&out, "t", NULL, &histogram);
	assert_non_null(strstr(out.data, "t_bucket{le=\"0.001\"} 2\n"));
	assert_non_null(strstr(out.data, "t_bucket{le=\"0.01\"} 3\n"));
	assert_non_null(strstr(out.data, "t_bucket{le=\"5\"} 3\n"));
	assert_non_null(strstr(out.data, "t_bucket{le=\"+Inf\"} 4\n"));
	assert_non_null(strstr(out.data, "t_sum 7.000042\nt_count 4\n"));
	promtext_histogram(&out, "t", labels, &histogram);
	assert_non_null(strstr(out.data, "t_bucket{a=\"b\",le=\"5\"} 3\n"));
	assert_non_null(strstr(out.data, "t_sum{a=\"b\"} 7.000042\n"));
	buf_release(&out);
}

static void values_of_labels_are_escaped(void **state)
{
	const struct promtext_label labels[] = {
		{ "a", "x\"y\\z\n} 1" }, { "b", "" }, { NULL, NULL },
	};
	struct buf out = BUF_INIT;

	(void)state;
	promtext_int(&out, "t", labels, -7);
	assert_string_equal(out.data,
			    "t{a=\"x\\\"y\\\\z\\n} 1\",b=\"\"} -7\n");
	buf_clear(&out);
	promtext_seconds(&out, "t_seconds", NULL, 61007);
	promtext_seconds(&out, "t_seconds", NULL, -1);
	assert_string_equal(out.data, "t_seconds 61.007\nt_seconds 0.000\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_counts_for_all),
		cmocka_unit_test(nothing_is_counted_without_memory),
		cmocka_unit_test(each_result_has_a_word),
		cmocka_unit_test(a_bound_belongs_to_its_bucket),
		cmocka_unit_test(a_histogram_adds_up),
		cmocka_unit_test(values_of_labels_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
