/* SPDX-License-Identifier: MIT */
/* Calendar feeds, and tags of answers. */
#include "config.h"

#include "actions/feed.h"
#include "answer/etag.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* Two bookings of a slot for four, one of a slot for one. */
static const struct feed_booking bookings[] = {
	{ 1, 7, 1764768600, 1764770400, 4, "Atelier, été", "12; rue", "RK7F3M2Q",
	  "Zoé Martin", 2, 1764000000 },
	{ 2, 7, 1764768600, 1764770400, 4, "Atelier, été", "12; rue", "AAAABBBB",
	  "", 1, 1764000060 },
	{ 3, 8, 1764772200, 1764774000, 1, "Consultation", "", "CCCCDDDD",
	  "Léa\nEND:VEVENT", 1, 1764000000 },
};

static char *calendar(bool names, size_t count)
{
	struct buf out = BUF_INIT;
	struct feed_writer w;

	feed_init(&w, &(struct feed_opts){ "Cabinet", names, "example.fr" },
		  &out);
	for (size_t i = 0; i < count; i++)
		feed_add(&w, &bookings[i]);
	assert_int_equal(feed_end(&w), 0);
	return buf_detach(&out);
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word)) != NULL) {
		text += strlen(word);
		count++;
	}
	return count;
}

static void a_slot_is_one_event_with_its_bookings(void **state)
{
	char *text = calendar(true, ARRAY_COUNT(bookings));

	(void)state;
	assert_int_equal(count_of(text, "\r\nBEGIN:VEVENT\r\n"), 2);
	assert_int_equal(count_of(text, "\r\nEND:VEVENT\r\n"), 2);
	assert_non_null(strstr(text, "UID:slot-7@example.fr\r\n"));
	assert_non_null(strstr(text, "UID:slot-8@example.fr\r\n"));
	assert_non_null(strstr(text, "DTSTART:20251203T133000Z\r\n"));
	/* The latest change of any of them. */
	assert_non_null(strstr(text, "DTSTAMP:20251124T160100Z\r\n"));
	assert_non_null(strstr(text, "SUMMARY:Atelier\\, été (3/4)\r\n"));
	assert_non_null(strstr(text, "LOCATION:12\\; rue\r\n"));
	assert_non_null(strstr(text, "DESCRIPTION:RK7F-3M2Q Zoé Martin "
				     "(2)\\nAAAA-BBBB\r\n"));
	assert_non_null(strstr(text, "SUMMARY:Consultation – "
				     "Léa\\nEND:VEVENT\r\n"));
	free(text);
}

static void names_are_only_in_it_if_asked_for(void **state)
{
	char *text = calendar(false, ARRAY_COUNT(bookings));

	(void)state;
	assert_null(strstr(text, "Zoé"));
	assert_null(strstr(text, "Léa"));
	assert_non_null(strstr(text, "SUMMARY:Consultation\r\n"));
	assert_non_null(strstr(text, "RK7F-3M2Q (2)"));
	free(text);
}

static void a_feed_without_bookings_is_a_calendar(void **state)
{
	char *text = calendar(true, 0);

	(void)state;
	assert_true(str_starts_with(text, "BEGIN:VCALENDAR\r\n"));
	assert_true(str_ends_with(text, "\r\nEND:VCALENDAR\r\n"));
	assert_null(strstr(text, "VEVENT"));
	assert_null(strstr(text, "METHOD"));
	free(text);
}

static void a_crowded_slot_lists_some_and_counts_all(void **state)
{
	struct buf out = BUF_INIT;
	struct feed_writer w;

	(void)state;
	feed_init(&w, &(struct feed_opts){ "Concert", false, "example.fr" },
		  &out);
	for (int i = 0; i < FEED_LINES_MAX + 30; i++) {
		struct feed_booking b = bookings[0];

		b.capacity = 1000;
		feed_add(&w, &b);
	}
	assert_int_equal(feed_end(&w), 0);
	assert_non_null(strstr(out.data, "(460/1000)"));
	assert_non_null(strstr(out.data, "\\n+ 30\r\n"));
	buf_release(&out);
}

static void the_order_of_the_database_changes_nothing(void **state)
{
	char *one = calendar(true, 2);
	struct buf other = BUF_INIT;
	struct feed_writer w;

	(void)state;
	feed_init(&w, &(struct feed_opts){ "Cabinet", true, "example.fr" },
		  &other);
	feed_add(&w, &bookings[1]);
	feed_add(&w, &bookings[0]);
	assert_int_equal(feed_end(&w), 0);
	assert_string_equal(one, other.data);
	buf_release(&other);
	free(one);
}

static void data_that_make_no_event_are_left_out_and_counted(void **state)
{
	struct buf out = BUF_INIT;
	struct feed_writer w;
	struct feed_booking b = bookings[2];

	(void)state;
	b.ends_at_s = b.starts_at_s;
	feed_init(&w, &(struct feed_opts){ "Cabinet", true, "example.fr" },
		  &out);
	feed_add(&w, &b);
	feed_add(&w, &bookings[0]);
	assert_int_equal(feed_end(&w), 1);
	assert_int_equal(count_of(out.data, "BEGIN:VEVENT"), 1);
	buf_release(&out);
}

static void a_tag_is_found_in_a_list(void **state)
{
	static const struct {
		const char *list;
		bool found;
	} rows[] = {
		{ "\"abc\"", true }, { "W/\"abc\"", true }, { "*", true },
		{ "\"x\", \"abc\"", true }, { " \"x\" ,W/\"abc\" ", true },
		{ "\"a,b\",\"abc\"", true },
		{ "", false }, { "abc", false }, { "\"ab\"", false },
		{ "\"abcd\"", false }, { "\"xabc\"", false },
		{ "\"abc", false }, { "\"x\\\"abc\"", false },
		{ "w/\"abc\"", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (etag_is_listed(rows[i].list, "\"abc\"") != rows[i].found)
			fail_msg("%s", rows[i].list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_is_one_event_with_its_bookings),
		cmocka_unit_test(names_are_only_in_it_if_asked_for),
		cmocka_unit_test(a_feed_without_bookings_is_a_calendar),
		cmocka_unit_test(a_crowded_slot_lists_some_and_counts_all),
		cmocka_unit_test(the_order_of_the_database_changes_nothing),
		cmocka_unit_test(
			data_that_make_no_event_are_left_out_and_counted),
		cmocka_unit_test(a_tag_is_found_in_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
