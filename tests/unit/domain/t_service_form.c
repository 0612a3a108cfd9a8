/* SPDX-License-Identifier: MIT */
/* What organisers may say of a service. */
#include "config.h"

#include "base/buf.h"
#include "domain/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define T10 "abcdefghij"
#define ZONE "Europe/Brussels"
#define GOOD "slug=cours&name=Cours&time_zone=Europe/Paris"

static void read_urlencoded(struct service_form *out, const char *text,
			    const struct service *before)
{
	struct form f = { .count = 0 };

	assert_int_equal(form_read_urlencoded(&f, text, strlen(text)),
			 FORM_READ);
	service_form_read(&f, before, ZONE, out);
	form_release(&f);
}

/* "field code" of the first error, "" if all is well. */
static void assert_error(const char *text, const struct service *before,
			 const char *wanted)
{
	struct service_form form;
	char found[128] = "";

	print_message("%s\n", text);
	read_urlencoded(&form, text, before);
	if (form.fields.error_count > 0)
		(void)snprintf(found, sizeof(found), "%s %s",
			       form.fields.errors[0].field,
			       form.fields.errors[0].code);
	assert_string_equal(found, wanted);
	service_form_release(&form);
}

static void a_new_service_has_a_reminder_and_keeps_offers(void **state)
{
	struct service_form form;

	(void)state;
	read_urlencoded(&form, GOOD, NULL);
	assert_int_equal(form.fields.error_count, 0);
	assert_string_equal(form.service.slug, "cours");
	assert_string_equal(form.service.zone, "Europe/Paris");
	assert_string_equal(form.service.place, "");
	assert_int_equal(form.service.notice_min, 0);
	assert_int_equal(form.service.reminder_min, 1440);
	assert_int_equal(form.service.offer_min, 120);
	assert_false(form.service.organiser_mails);
	service_form_release(&form);
}

static void what_was_not_sent_stays(void **state)
{
	struct service_form before;
	struct service_form after;

	(void)state;
	read_urlencoded(&before, GOOD "&place=Cour&notice_minutes=2"
			"&notice_minutes_unit=d&organiser_email=a@example.fr"
			"&organiser_mails=yes", NULL);
	assert_int_equal(before.service.notice_min, 2880);
	read_urlencoded(&after, "name=+Atelier+", &before.service);
	assert_int_equal(after.fields.error_count, 0);
	assert_string_equal(after.service.name, "Atelier");
	assert_string_equal(after.service.slug, "cours");
	assert_string_equal(after.service.place, "Cour");
	assert_int_equal(after.service.notice_min, 2880);
	assert_true(after.service.organiser_mails);
	service_form_release(&after);
	assert_error("slug=autre", &before.service, "slug slug_fixed");
	assert_error("slug=cours", &before.service, "");
	assert_error("organiser_email=", &before.service,
		     "organiser_email mails_need_address");
	assert_error("name=", &before.service, "name service_name_required");
	service_form_release(&before);
}

static void each_field_has_its_own_error(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} rows[] = {
		{ "name=%E6%9D%8E&time_zone=UTC", "slug slug_required" },
		{ "name=%E6%9D%8E&time_zone=UTC&slug=", "slug slug_required" },
		{ "name=New&time_zone=UTC", "slug slug_reserved" },
		{ "time_zone=UTC", "name service_name_required" },
		{ "name=Cours&time_zone=UTC&slug=Cours", "slug slug_broken" },
		{ "name=Cours&time_zone=UTC&slug=a/b", "slug slug_broken" },
		{ "slug=a&time_zone=UTC", "name service_name_required" },
		{ "slug=a&time_zone=UTC&name=%E2%80%8B!",
		  "name text_control" },
		{ "slug=a&time_zone=UTC&name=...",
		  "name service_name_required" },
		{ "slug=a&name=A&time_zone=", "time_zone zone_required" },
		{ "slug=a&name=A&time_zone=Mars/Olympus",
		  "time_zone zone_unknown" },
		{ "slug=a&name=A&time_zone=../../etc/passwd",
		  "time_zone zone_unknown" },
		{ GOOD "&name=B", "name repeated" },
		{ GOOD "&language=fr_FR", "language language_broken" },
		{ GOOD "&language=es-419", "" },
		{ GOOD "&language=fr", "" },
		{ GOOD "&notice_minutes=-1", "notice_minutes minutes_wrong" },
		{ GOOD "&notice_minutes=86400", "" },
		{ GOOD "&notice_minutes=86401",
		  "notice_minutes minutes_wrong" },
		{ GOOD "&notice_minutes=61&notice_minutes_unit=d",
		  "notice_minutes minutes_wrong" },
		{ GOOD "&notice_minutes=1&notice_minutes_unit=week",
		  "notice_minutes minutes_wrong" },
		{ GOOD "&reminder_minutes=", "reminder_minutes minutes_wrong" },
		{ GOOD "&offer_minutes=0", "offer_minutes minutes_one" },
		{ GOOD "&confirm_minutes=0", "" },
		{ GOOD "&confirm_minutes=4", "confirm_minutes confirm_wrong" },
		{ GOOD "&confirm_minutes=5", "" },
		{ GOOD "&confirm_minutes=1&confirm_minutes_unit=d", "" },
		{ GOOD "&confirm_minutes=1441",
		  "confirm_minutes confirm_wrong" },
		{ GOOD "&confirm_minutes=-5",
		  "confirm_minutes confirm_wrong" },
		{ GOOD "&organiser_mails=yes",
		  "organiser_email mails_need_address" },
		{ GOOD "&organiser_mails=maybe",
		  "organiser_mails flag_wrong" },
		{ GOOD "&organiser_email=a@localhost",
		  "organiser_email email_no_dot" },
		{ GOOD "&organiser_email=a%0Ab@example.fr",
		  "organiser_email email_broken" },
		{ GOOD "&organiser_mails=yes&organiser_email=a@Example.FR",
		  "" },
		{ GOOD "&place=a%0Ab", "place text_control" },
		{ GOOD "&noun=visit", "" },
		{ GOOD "&noun=places", "noun noun_unknown" },
		{ GOOD "&description=a%0D%0Ab", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_error(rows[i].text, NULL, rows[i].wanted);
}

static void texts_are_as_long_as_their_columns(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	buf_addstr(&text, GOOD "&place=");
	for (int i = 0; i < SERVICE_TEXT_MAX; i++)
		buf_addstr(&text, "%C3%A9");
	assert_error(text.data, NULL, "");
	buf_addstr(&text, "%C3%A9");
	assert_error(text.data, NULL, "place text_long");
	buf_release(&text);
}

static void lines_of_a_description_end_in_one_way(void **state)
{
	struct service_form form;

	(void)state;
	read_urlencoded(&form, GOOD "&description=a%0D%0Ab%0Dc%0Ad%0D%0A",
			NULL);
	assert_int_equal(form.fields.error_count, 0);
	assert_string_equal(form.service.description, "a\nb\nc\nd");
	service_form_release(&form);
}

static void json_says_yes_and_no_by_its_own_words(void **state)
{
	static const char text[] =
		"{\"slug\":\"a\",\"name\":\"A\",\"time_zone\":\"UTC\","
		"\"notice_minutes\":90,\"organiser_mails\":true,"
		"\"organiser_email\":\"a@example.fr\",\"place\":false}";
	struct form f = { .count = 0 };
	struct service_form form;

	(void)state;
	assert_int_equal(form_read_json(&f, text, strlen(text)), FORM_READ);
	service_form_read(&f, NULL, ZONE, &form);
	form_release(&f);
	assert_int_equal(form.fields.error_count, 1);
	assert_string_equal(form.fields.errors[0].field, "place");
	assert_string_equal(form.fields.errors[0].code, "wrong_type");
	assert_true(form.service.organiser_mails);
	assert_int_equal(form.service.notice_min, 90);
	service_form_release(&form);
}

static void a_json_number_is_no_text(void **state)
{
	static const char text[] =
		"{\"slug\":\"a\",\"name\":7,\"time_zone\":\"UTC\"}";
	struct form f = { .count = 0 };
	struct service_form form;

	(void)state;
	assert_int_equal(form_read_json(&f, text, strlen(text)), FORM_READ);
	service_form_read(&f, NULL, ZONE, &form);
	form_release(&f);
	assert_int_equal(form.fields.error_count, 1);
	assert_string_equal(form.fields.errors[0].field, "name");
	assert_string_equal(form.fields.errors[0].code, "wrong_type");
	service_form_release(&form);
}

static void texts_in_another_language_leave_its_own_alone(void **state)
{
	struct service_form own;
	struct service_form both;
	struct service_form less;

	(void)state;
	read_urlencoded(&own, GOOD "&place=Cour&language=fr", NULL);
	read_urlencoded(&both, "text_lang=en&name=Course&place=", &own.service);
	assert_int_equal(both.fields.error_count, 0);
	assert_string_equal(both.service.name, "Cours");
	assert_string_equal(both.service.place, "Cour");
	assert_int_equal(both.service.other_count, 1);
	assert_string_equal(both.service.others[0].name, "Course");
	assert_string_equal(both.seen.what, "name");
	assert_string_equal(both.seen.langs, "+en");
	read_urlencoded(&less, "text_lang=en&name=", &both.service);
	assert_int_equal(less.fields.error_count, 0);
	assert_int_equal(less.service.other_count, 0);
	service_form_release(&less);
	/* Of its own language they are its own texts. */
	read_urlencoded(&less, "text_lang=fr&name=Atelier", &both.service);
	assert_string_equal(less.service.name, "Atelier");
	assert_int_equal(less.service.other_count, 1);
	assert_error("text_lang=fr&name=", &both.service,
		     "name service_name_required");
	assert_error("text_lang=../en&name=A", &both.service,
		     "text_lang language_broken");
	service_form_release(&less);
	service_form_release(&both);
	service_form_release(&own);
}

static void a_new_service_needs_no_more_than_a_name(void **state)
{
	static const struct {
		const char *text;
		const char *slug;
	} rows[] = {
		{ "name=Visite+guid%C3%A9e", "visite-guidee" },
		{ "name=L%E2%80%99%C5%93uvre&slug=+", "l-oeuvre" },
		{ "name=" T10 T10 T10 T10 T10 T10 T10,
		  T10 T10 T10 T10 T10 T10 "abc" },
		{ "name=Cours&slug=autre", "autre" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct service_form form;

		read_urlencoded(&form, rows[i].text, NULL);
		assert_int_equal(form.fields.error_count, 0);
		assert_string_equal(form.service.slug, rows[i].slug);
		assert_string_equal(form.service.zone, ZONE);
		service_form_release(&form);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_service_needs_no_more_than_a_name),
		cmocka_unit_test(a_json_number_is_no_text),
		cmocka_unit_test(a_new_service_has_a_reminder_and_keeps_offers),
		cmocka_unit_test(what_was_not_sent_stays),
		cmocka_unit_test(texts_in_another_language_leave_its_own_alone),
		cmocka_unit_test(each_field_has_its_own_error),
		cmocka_unit_test(texts_are_as_long_as_their_columns),
		cmocka_unit_test(lines_of_a_description_end_in_one_way),
		cmocka_unit_test(json_says_yes_and_no_by_its_own_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
