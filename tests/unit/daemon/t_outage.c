/* SPDX-License-Identifier: MIT */
/* Tests what is said of an outage: once, when it changes, each minute. */
#include "config.h"

#include "daemon/outage.h"

#include "base/buf.h"
#include "base/logger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/t_outage.XXXXXX";

static int set_up(void **state)
{
	char target[64];
	struct fault why;
	int fd = mkstemp(path);

	(void)state;
	if (fd == -1)
		return -1;
	(void)close(fd);
	(void)snprintf(target, sizeof(target), "file:%s", path);
	return log_open("t_outage", target, LOG_LEVEL_INFO, &why);
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

/* How many lines have these words so far. */
static int lines_with(const char *words)
{
	FILE *file = fopen(path, "r");
	char line[512];
	int count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		count += strstr(line, words) != NULL;
	assert_int_equal(fclose(file), 0);
	return count;
}

static void it_is_said_once_and_again_each_minute(void **state)
{
	struct outage o = { .since_ms = 0 };

	(void)state;
	for (int i = 0; i < 20; i++)
		(void)outage_go_on(&o, "first: away");
	assert_int_equal(lines_with("first: away"), 1);
	o.told_ms -= 59000;
	(void)outage_go_on(&o, "first: away");
	assert_int_equal(lines_with("first: away"), 1);
	o.told_ms -= 1000;
	(void)outage_go_on(&o, "first: away");
	(void)outage_go_on(&o, "first: away");
	assert_int_equal(lines_with("first: away"), 2);
}

static void another_cause_is_said_after_five_seconds(void **state)
{
	struct outage o = { .since_ms = 0 };

	(void)state;
	(void)outage_go_on(&o, "second: refused");
	(void)outage_go_on(&o, "second: reset");
	assert_int_equal(lines_with("second: reset"), 0);
	o.told_ms -= 5000;
	(void)outage_go_on(&o, "second: reset");
	assert_int_equal(lines_with("second: reset"), 1);
}

static void pauses_double_up_to_a_limit(void **state)
{
	struct outage o = { .since_ms = 0 };
	int pause_ms = OUTAGE_PAUSE_MIN_MS;

	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(outage_go_on(&o, "third"), pause_ms);
		pause_ms = pause_ms * 2 < OUTAGE_PAUSE_MAX_MS
			? pause_ms * 2 : OUTAGE_PAUSE_MAX_MS;
	}
}

static void its_end_is_said_if_there_was_one(void **state)
{
	struct outage o = { .since_ms = 0 };

	(void)state;
	outage_end(&o, "fourth");
	assert_int_equal(lines_with("fourth is back"), 0);
	(void)outage_go_on(&o, "away");
	outage_end(&o, "fourth");
	outage_end(&o, "fourth");
	assert_int_equal(lines_with("fourth is back after_ms="), 1);
	assert_int_equal(outage_go_on(&o, "away"), OUTAGE_PAUSE_MIN_MS);
}

static void one_of_many_is_silent_while_another_tells(void **state)
{
	struct outage o = { .since_ms = 0 };

	(void)state;
	(void)outage_go_on_among(&o, false, "fifth: away");	/* too early */
	o.since_ms -= 2 * OUTAGE_ALONE_MS;
	(void)outage_go_on_among(&o, true, "fifth: away");
	assert_int_equal(lines_with("fifth: away"), 0);
	outage_end(&o, "fifth");
	assert_int_equal(lines_with("fifth is back"), 0);

	(void)outage_go_on_among(&o, false, "fifth: alone");
	o.since_ms -= OUTAGE_ALONE_MS;
	(void)outage_go_on_among(&o, false, "fifth: alone");
	(void)outage_go_on_among(&o, false, "fifth: alone");
	assert_int_equal(lines_with("fifth: alone"), 1);
	outage_end(&o, "fifth");
	assert_int_equal(lines_with("fifth is back"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_said_once_and_again_each_minute),
		cmocka_unit_test(another_cause_is_said_after_five_seconds),
		cmocka_unit_test(pauses_double_up_to_a_limit),
		cmocka_unit_test(its_end_is_said_if_there_was_one),
		cmocka_unit_test(one_of_many_is_silent_while_another_tells),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
