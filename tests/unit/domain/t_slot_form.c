/* SPDX-License-Identifier: MIT */
/* What organisers may say of new slots, and which slots a plan comes to. */
#include "config.h"

#include "domain/plan.h"
#include "domain/slot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define PARIS "Europe/Paris"
#define PLAN "from=2027-03-27&until=2027-03-28&capacity=2&"

static void form_of(struct form *f, const char *text)
{
	memset(f, 0, sizeof(*f));
	print_message("%s\n", text);
	assert_int_equal(form_read_urlencoded(f, text, strlen(text)),
			 FORM_READ);
}

static void assert_first(const struct fields *fields, const char *wanted)
{
	char found[128] = "";

	if (fields->error_count > 0)
		(void)snprintf(found, sizeof(found), "%s %s",
			       fields->errors[0].field,
			       fields->errors[0].code);
	assert_string_equal(found, wanted);
}

static void a_slot_begins_when_clocks_there_show_it(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
		int64_t at_s;
	} rows[] = {
		/* Standard and summer time; both sides of the gap. */
		{ "2027-01-15T09:00", "", 1800000000 },
		{ "2027-07-15T09:00:00", "", 1815634800 },
		{ "2027-03-28T01:59", "", 1806195540 },
		{ "2027-03-28T02:00", "starts_at time_skipped", 0 },
		{ "2027-03-28T02:59", "starts_at time_skipped", 0 },
		{ "2027-03-28T03:00", "", 1806195600 },
		/* Shown twice: the first; by its offset either. */
		{ "2027-10-31T02:30", "", 1824942600 },
		{ "2027-10-31T02:30%2B02:00", "", 1824942600 },
		{ "2027-10-31T02:30%2B01:00", "", 1824946200 },
		{ "2027-10-31T01:30Z", "", 1824946200 },
		{ "2027-10-31T01:30:00-00:30", "", 1824948000 },
		{ "", "starts_at time_required", 0 },
		{ "2027-02-29T10:00", "starts_at time_wrong", 0 },
		{ "2027-2-9T10:00", "starts_at time_wrong", 0 },
		{ "2027-02-09T24:00", "starts_at time_wrong", 0 },
		{ "2027-02-09 10:00", "starts_at time_wrong", 0 },
		{ "2027-02-09T10:00x", "starts_at time_wrong", 0 },
		{ "2027-02-09T10:00%2B1:00", "starts_at time_wrong", 0 },
		{ "2027-02-09T10:00%2B24:00", "starts_at time_wrong", 0 },
		{ "1969-12-31T10:00", "starts_at time_past", 0 },
		/* Later than the database can keep, begun or ended. */
		{ "9999-12-31T23:20Z", "", 253402298400 },
		{ "9999-12-31T23:50Z", "starts_at time_wrong", 0 },
		{ "9999-12-31T23:20-01:00", "starts_at time_wrong", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct slot_form slot;
		struct form f;
		char text[128];

		(void)snprintf(text, sizeof(text), "capacity=1&starts_at=%s",
			       rows[i].text);
		form_of(&f, text);
		slot_form_read(&f, PARIS, 0, &slot);
		form_release(&f);
		assert_first(&slot.fields, rows[i].wanted);
		if (*rows[i].wanted == '\0')
			assert_int_equal(slot.starts_at_s, rows[i].at_s);
	}
}

static void what_has_begun_is_refused(void **state)
{
	struct slot_form slot;
	struct form f;

	(void)state;
	form_of(&f, "capacity=1&starts_at=2027-01-15T09:00");
	slot_form_read(&f, PARIS, 1800000001, &slot);
	assert_first(&slot.fields, "starts_at time_past");
	slot_form_read(&f, PARIS, 1800000000, &slot);
	assert_first(&slot.fields, "");
	form_release(&f);
}

static void a_slot_has_a_length_and_places(void **state)
{
	static const char *const rows[][2] = {
		{ "capacity=1", "" },
		{ "capacity=0", "capacity capacity_wrong" },
		{ "capacity=1000001", "capacity capacity_wrong" },
		{ "", "capacity capacity_wrong" },
		{ "capacity=1&minutes=0", "minutes length_wrong" },
		{ "capacity=1&minutes=10080", "" },
		{ "capacity=1&minutes=10081", "minutes length_wrong" },
		{ "capacity=1&minutes=2&minutes_unit=h", "" },
		{ "capacity=1&count=0", "count count_wrong" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct slot_form slot;
		struct form f;
		char text[128];

		(void)snprintf(text, sizeof(text),
			       "starts_at=2027-01-15T09:00&%s", rows[i][0]);
		form_of(&f, text);
		slot_form_read(&f, PARIS, 0, &slot);
		form_release(&f);
		assert_first(&slot.fields, rows[i][1]);
	}
}

static void each_field_of_a_plan_has_its_own_error(void **state)
{
	static const char *const rows[][2] = {
		{ PLAN "hours=sat+09:00-10:00", "" },
		{ PLAN "hours_sat=9h-12h,+14h–17h30&hours_sun=", "" },
		{ PLAN "hours_sat=9-12&hours_mon=x", "hours_mon hours_wrong" },
		{ PLAN "hours_sat=9-12", "hours_sat hours_wrong" },
		{ PLAN "hours_sat=&hours_sun=", "hours_mon hours_required" },
		{ PLAN "hours=", "hours hours_required" },
		{ PLAN "hours=sat", "hours hours_wrong" },
		{ PLAN, "hours hours_required" },
		{ PLAN "hours=sat+09:00-10:00&closed=x",
		  "closed closed_wrong" },
		{ PLAN "hours=sat+09:00-10:00&closed=2027-03-28%0D%0A"
		  "2027-05-01..2027-05-08", "" },
		{ PLAN "hours=sat+09:00-10:00&minutes=1441",
		  "minutes length_wrong" },
		{ PLAN "hours=sat+09:00-10:00&dry_run=1",
		  "dry_run flag_wrong" },
		{ "from=2027-03-27&until=2027-03-26&capacity=1&hours=sat+"
		  "09:00-10:00", "until until_before" },
		{ "from=2027-01-01&until=2029-03-11&capacity=1&hours=sat+"
		  "09:00-10:00", "until days_many" },
		{ "from=2027-01-01&until=2029-03-10&capacity=1&hours=sat+"
		  "09:00-10:00", "" },
		{ "from=2027-02-30&until=&capacity=1&hours=sat+09:00-10:00",
		  "from day_wrong" },
		{ "from=2019-01-01&until=2019-01-01&capacity=1&hours=sat+"
		  "09:00-10:00", "from day_past" },
		{ "from=9999-12-28&until=9999-12-29&capacity=1&hours=wed+"
		  "09:00-10:00", "" },
		{ "from=9999-12-28&until=9999-12-30&capacity=1&hours=wed+"
		  "09:00-10:00", "until day_wrong" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct plan_form plan;
		struct form f;

		form_of(&f, rows[i][0]);
		plan_form_read(&f, 20000, &plan);
		form_release(&f);
		assert_first(&plan.fields, rows[i][1]);
	}
}

static void plan_of(const char *text, struct slot_plan *out)
{
	struct plan_form plan;
	struct form f;

	form_of(&f, text);
	plan_form_read(&f, 0, &plan);
	form_release(&f);
	assert_int_equal(plan.fields.error_count, 0);
	assert_int_equal(slot_plan_make(&plan, PARIS, out), 0);
}

static void assert_counts(const struct slot_plan *plan, size_t added,
			  size_t there, size_t skipped)
{
	assert_int_equal(slot_plan_count(plan, SLOT_NEW), added);
	assert_int_equal(slot_plan_count(plan, SLOT_THERE), there);
	assert_int_equal(slot_plan_count(plan, SLOT_SKIPPED), skipped);
}

static void a_plan_leaves_out_what_clocks_skip(void **state)
{
	const struct slot before[] = {
		{ .starts_at_s = 1 },
		{ .starts_at_s = 1806109200 },	/* 27 March, 02:00 */
		{ .starts_at_s = 1806195600 },	/* 28 March, 03:00 */
		{ .starts_at_s = 1806199199 },
	};
	struct slot_plan plan;

	(void)state;
	plan_of(PLAN "hours=sat,sun+01:30-04:00", &plan);
	assert_counts(&plan, 8, 0, 2);
	assert_int_equal(plan.items[5].starts_at_s, 1806193800);
	assert_int_equal(plan.items[6].what, SLOT_SKIPPED);
	assert_int_equal(plan.items[6].start_min, 120);
	assert_int_equal(plan.items[8].starts_at_s, 1806195600);
	/* In one go and in two: the same. */
	slot_plan_mark(&plan, before, 2);
	assert_counts(&plan, 7, 1, 2);
	slot_plan_mark(&plan, before + 2, 2);
	assert_counts(&plan, 6, 2, 2);
	assert_int_equal(plan.items[1].what, SLOT_THERE);
	slot_plan_mark(&plan, NULL, 0);
	assert_counts(&plan, 6, 2, 2);
	slot_plan_release(&plan);
}

static void slots_around_a_missing_hour_do_not_overlap(void **state)
{
	struct slot_plan plan;

	(void)state;
	/* 45 minutes from 01:30 end at 03:15, for 02:15 is not there. */
	plan_of("from=2027-03-28&until=2027-03-28&capacity=2&minutes=45&"
		"hours=sun+01:30-04:30", &plan);
	assert_counts(&plan, 2, 0, 2);
	assert_int_equal(plan.items[0].start_min, 90);
	assert_int_equal(plan.items[2].start_min, 180);
	assert_int_equal(plan.items[2].what, SLOT_SKIPPED);
	assert_int_equal(plan.items[3].starts_at_s,
			 plan.items[0].starts_at_s + (45 + 30) * 60);
	slot_plan_release(&plan);
	/* Those that overlap by the clock, too, are meant so; but 03:00 would
	 * begin before 01:30 has ended. */
	plan_of("from=2027-03-28&until=2027-03-28&capacity=2&minutes=60&"
		"hours=sun+00:00-06:00;sun+00:30-06:30", &plan);
	assert_counts(&plan, 9, 0, 3);
	slot_plan_release(&plan);
}

static void a_time_that_comes_twice_is_planned_once(void **state)
{
	struct slot_plan plan;

	(void)state;
	plan_of("from=2027-10-31&until=2027-10-31&capacity=1&"
		"hours=sun+01:30-04:00", &plan);
	assert_counts(&plan, 5, 0, 0);
	for (size_t i = 1; i < plan.count; i++)
		assert_true(plan.items[i].starts_at_s >
			    plan.items[i - 1].starts_at_s);
	assert_int_equal(plan.items[2].starts_at_s, 1824942600);
	slot_plan_release(&plan);
}

static void a_plan_has_an_end(void **state)
{
	struct plan_form form;
	struct slot_plan plan;
	struct form f;

	(void)state;
	form_of(&f, "from=2027-01-01&until=2027-01-07&capacity=1&minutes=1&"
		    "hours=mon-sun+00:00-24:00");
	plan_form_read(&f, 0, &form);
	form_release(&f);
	assert_int_equal(slot_plan_make(&form, PARIS, &plan), -1);
	assert_string_equal(form.fields.errors[0].field, "until");
	assert_string_equal(form.fields.errors[0].code, "plan_many");
	assert_int_equal(plan.count, 0);
	form.until--;
	assert_int_equal(slot_plan_make(&form, PARIS, &plan), 0);
	assert_int_equal(plan.count, 6 * 24 * 60);
	slot_plan_release(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_begins_when_clocks_there_show_it),
		cmocka_unit_test(what_has_begun_is_refused),
		cmocka_unit_test(a_slot_has_a_length_and_places),
		cmocka_unit_test(each_field_of_a_plan_has_its_own_error),
		cmocka_unit_test(a_plan_leaves_out_what_clocks_skip),
		cmocka_unit_test(slots_around_a_missing_hour_do_not_overlap),
		cmocka_unit_test(a_time_that_comes_twice_is_planned_once),
		cmocka_unit_test(a_plan_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
