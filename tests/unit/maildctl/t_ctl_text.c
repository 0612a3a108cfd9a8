/* SPDX-License-Identifier: MIT */
/* Tests what maildctl reads and writes for people: times, tables, stories,
 * places in a JSON text. */
#include "config.h"

#include "json/jsonpos.h"
#include "maildctl/story.h"
#include "maildctl/table.h"
#include "maildctl/time.h"

#include "base/alloc.h"
#include "json/jsontext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 2026-11-23 15:00:00 in Paris, which is an hour ahead of UTC then. */
#define NOW_MS 1795442400000LL

static int in_paris(void **state)
{
	(void)state;
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	return 0;
}

static void spans_have_a_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;	/* -1 = refused */
	} rows[] = {
		{ "0s", 0 }, { "250ms", 250 }, { "90s", 90000 },
		{ "10min", 600000 }, { "2h", 7200000 }, { "3d", 259200000 },
		{ "1w", 604800000 }, { "", -1 }, { "2", -1 }, { "h", -1 },
		{ "2 h", -1 }, { "2m", -1 }, { "-2h", -1 }, { "2hours", -1 },
		{ "1.5h", -1 }, { "99999999999d", 99999999999 * 86400000 },
		{ "999999999999d", -1 }, { "9999999999999d", -1 }, { "2h ", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		int64_t ms = -1;

		assert_int_equal(ctl_span_parse(rows[i].text, &ms),
				 rows[i].ms != -1);
		assert_int_equal(ms, rows[i].ms);
	}
}

static void times_are_read_as_local_clocks_show_them(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;	/* -1 = refused */
	} rows[] = {
		{ "2h", NOW_MS - 7200000 },
		{ "15:00", NOW_MS },
		{ "14:00Z", NOW_MS },
		{ "2026-11-23T15:00", NOW_MS },
		{ "2026-11-23T15:00:09", NOW_MS + 9000 },
		{ "2026-11-23T14:00Z", NOW_MS },
		{ "2026-11-23", NOW_MS - 15 * 3600000LL },
		{ "2026-07-01T12:00", 1782900000000 },	/* summer time */
		{ "2026-03-29T02:30", -1 },	/* clocks leave it out */
		{ "2026-02-30", -1 }, { "23/11/2026", -1 }, { "", -1 },
		{ "Z", -1 }, { "yesterday", -1 }, { "2026-11-23 15:00", -1 },
		{ "15:00 ", -1 }, { "25:00", -1 }, { "1950-01-01", -1 },
		{ "2026-11-23T15:00:00.0000000000000000", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct fault why = { .class = FAULT_NONE };
		int64_t ms = -1;

		assert_int_equal(ctl_when_parse(rows[i].text, NOW_MS, &ms,
						&why),
				 rows[i].ms == -1 ? -1 : 0);
		assert_int_equal(ms, rows[i].ms);
		assert_int_equal(why.class, rows[i].ms == -1 ? FAULT_REJECT
							     : FAULT_NONE);
	}
}

static void more_than_all_time_ago_is_the_beginning(void **state)
{
	struct fault why;
	int64_t ms;

	(void)state;
	assert_int_equal(ctl_when_parse("9999999999d", NOW_MS, &ms, &why), 0);
	assert_int_equal(ms, 0);
}

static void ages_have_one_unit(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{ 0, "0 s" }, { -5, "0 s" }, { 119999, "119 s" },
		{ 120000, "2 min" }, { 7199999, "119 min" },
		{ 7200000, "2 h" }, { 172799999, "47 h" },
		{ 172800000, "2 d" }, { INT64_MAX, "99999999 d" },
	};
	char room[CTL_AGE_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_string_equal(ctl_age_text(room, rows[i].ms),
				    rows[i].text);
}

static void dates_name_their_zone(void **state)
{
	char room[CTL_LOCAL_MAX];

	(void)state;
	assert_string_equal(ctl_local_text(room, NOW_MS),
			    "2026-11-23 15:00:00 CET");
	assert_string_equal(ctl_local_text(room, 0), "-");
}

static void a_terminal_does_not_obey_outside_text(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	ctl_text_add(&out, "a\033[2Jb\xff\xc3\xa9\xe2\x80\xae\n", 0);
	assert_string_equal(out.data, "a?[2Jb?\xc3\xa9??");
	buf_clear(&out);
	ctl_text_add(&out, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 4);
	assert_string_equal(out.data, "\xc3\xa9...");
	buf_clear(&out);
	ctl_text_add(&out, "abcdef", 2);
	assert_string_equal(out.data, "ab");
	buf_release(&out);
}

static const struct ctl_column columns[] = {
	{ "ID", false }, { "TRIES", true }, { "REASON", false },
};

static void columns_stand_one_below_the_other(void **state)
{
	struct ctl_table *t = ctl_table_new(columns, ARRAY_COUNT(columns));
	struct buf out = BUF_INIT;

	(void)state;
	ctl_table_add(t, "a");
	ctl_table_add(t, "1");
	ctl_table_add(t, "the server said no");
	ctl_table_add(t, "Zo\xc3\xa9.1");
	ctl_table_add(t, "12");
	ctl_table_add(t, "");
	assert_int_equal(ctl_table_rows(t), 2);
	ctl_table_render(t, 0, &out);
	assert_string_equal(out.data,
			    "ID     TRIES  REASON\n"
			    "a          1  the server said no\n"
			    "Zo\xc3\xa9.1     12\n");
	buf_clear(&out);
	/* A later part keeps the widths and has no second head. */
	ctl_table_add(t, "b");
	ctl_table_add(t, "3");
	ctl_table_add(t, "the server said no");
	ctl_table_render(t, 24, &out);
	assert_string_equal(out.data, "b          3  the ser...\n");
	buf_release(&out);
	ctl_table_free(t);
}

static void no_line_is_wider_than_the_screen(void **state)
{
	(void)state;
	for (size_t width = 1; width < 60; width++) {
		struct ctl_table *t = ctl_table_new(columns,
						    ARRAY_COUNT(columns));
		struct buf out = BUF_INIT;

		ctl_table_add(t, "RK7F3M2Q.confirm.0");
		ctl_table_add(t, "2");
		ctl_table_add(t, "rejected: 550 5.1.1 no such user here");
		ctl_table_render(t, width, &out);
		for (char *line = out.data; *line;) {
			size_t len = strcspn(line, "\n");

			assert_true(len <= width);
			assert_true(len == 0 || line[len - 1] != ' ');
			line += len + 1;
		}
		buf_release(&out);
		ctl_table_free(t);
	}
}

static void each_attempt_of_a_story_is_read(void **state)
{
	char text[] = "1000|temporary|mx1:12:ab:3|main|rcpt|450|7|4.7.1 a|b\n"
		      "torn line\n"
		      "x|sent|mx1:12:ab:3|main|dot|250|1|ok\n"
		      "2000|crashed|||||1|";
	char *rest = text;
	struct ctl_attempt a;

	(void)state;
	assert_true(ctl_story_next(&rest, &a));
	assert_int_equal(a.at_ms, 1000);
	assert_string_equal(a.verdict, "temporary");
	assert_string_equal(a.instance, "mx1:12:ab");
	assert_string_equal(a.host, "mx1");
	assert_string_equal(a.worker, "3");
	assert_string_equal(a.relay, "main");
	assert_string_equal(a.stage, "rcpt");
	assert_string_equal(a.code, "450");
	assert_int_equal(a.times, 7);
	assert_string_equal(a.text, "4.7.1 a|b");
	assert_true(ctl_story_next(&rest, &a));
	assert_string_equal(a.verdict, "crashed");
	assert_string_equal(a.host, "");
	assert_string_equal(a.text, "");
	assert_false(ctl_story_next(&rest, &a));
	assert_false(ctl_story_next(&rest, &a));
}

static void the_servers_name_for_a_mail_is_found(void **state)
{
	static const struct {
		const char *reply;
		const char *id;
	} rows[] = {
		{ "2.0.0 Ok: queued as 4XyZ1b2Cdz", "4XyZ1b2Cdz" },
		{ "250 2.0.0 Ok: queued as 4F1A2B3C4D", "4F1A2B3C4D" },
		{ "OK id=1rAbCd-0000Xy-2A", "1rAbCd-0000Xy-2A" },
		{ "2.0.0 3f9a1c2e Message accepted for delivery", "3f9a1c2e" },
		{ "2.0.0 4AN8a1b2012345 Message accepted for delivery",
		  "4AN8a1b2012345" },
		{ "2.6.0 <a1@x.example> [InternalId=123456] Queued mail for "
		  "delivery", "a1@x.example" },
		{ "2.0.0 OK  1700000000 d9-20020a05600c3ac9b0040b3d8e5f5a4si1",
		  "1700000000" },
		{ "Ok 0100018f0e7c-aaaa-bbbb-000000", "0100018f0e7c-aaaa-bbbb-000000" },
		{ "2.0.0 kept as 000012-1795442400000.eml", "" },
		{ "2.0.0 ok", "" }, { "", "" }, { "Thank you", "" },
		{ "2.0.0 queued as a", "" },
	};
	char id[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		assert_int_equal(ctl_story_queue_id(rows[i].reply, id,
						    sizeof(id)),
				 *rows[i].id != '\0');
		assert_string_equal(id, rows[i].id);
	}
}

static void a_member_is_found_where_it_stands(void **state)
{
	static const char text[] =
		"{ \"x\": {\"id\": [1, \"}\\\"\"]},\n"
		"  \"to\": {\"name\": \"Zo\xc3\xa9\", \"email\": 5 }, "
		"\"id\":true}";
	size_t line, column;
	size_t at;

	(void)state;
	assert_true(jsonpos_member(text, strlen(text), "to.email", &at));
	assert_int_equal(text[at], '5');
	jsontext_place(text, at, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 34);
	assert_true(jsonpos_member(text, strlen(text), "id", &at));
	assert_int_equal(strncmp(text + at, "true", 4), 0);
	assert_false(jsonpos_member(text, strlen(text), "kind", &at));
	assert_false(jsonpos_member(text, strlen(text), "id.x", &at));
}

static void a_broken_text_ends_the_search(void **state)
{
	static const char text[] = "{\"a\":[{\"b\":\"c\\\"\"},1],\"id\":2,\"z\":";
	size_t at;

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++)
		(void)jsonpos_member(text, len, "z.y", &at);
	assert_false(jsonpos_member("{]}:\"", 5, "id", &at));
	assert_false(jsonpos_member("{\"a\":[\0\0]}", 10, "id", &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_have_a_unit),
		cmocka_unit_test(times_are_read_as_local_clocks_show_them),
		cmocka_unit_test(more_than_all_time_ago_is_the_beginning),
		cmocka_unit_test(ages_have_one_unit),
		cmocka_unit_test(dates_name_their_zone),
		cmocka_unit_test(a_terminal_does_not_obey_outside_text),
		cmocka_unit_test(columns_stand_one_below_the_other),
		cmocka_unit_test(no_line_is_wider_than_the_screen),
		cmocka_unit_test(each_attempt_of_a_story_is_read),
		cmocka_unit_test(the_servers_name_for_a_mail_is_found),
		cmocka_unit_test(a_member_is_found_where_it_stands),
		cmocka_unit_test(a_broken_text_ends_the_search),
	};

	return cmocka_run_group_tests(tests, in_paris, NULL);
}
