/* SPDX-License-Identifier: MIT */
/* The rules of a booking form. */
#include "config.h"

#include "domain/booking.h"
#include "domain/idempotency.h"

#include "form/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define T10 "abcdefghij"
#define T80 T10 T10 T10 T10 T10 T10 T10 T10
#define NAMED(name) "slot=7&email=z@e.org&name=" name
#define GOOD "slot=7&name=Zo%C3%A9&email=zoe@example.org"

static void read_body(const char *body, struct booking_form *b)
{
	struct form f = { 0 };

	assert_int_equal(form_read_urlencoded(&f, body, strlen(body)),
			 FORM_READ);
	booking_form_read(&f, b);
	form_release(&f);
}

static void a_good_form_has_no_errors_and_clean_values(void **state)
{
	struct booking_form b;

	(void)state;
	read_body("slot=7&name=+Zo%C3%A9+Martin%0D%0A&email=+Zoe@EXAMPLE.org+"
		  "&seats=+2+&notes=+a%0D%0Ab%0Dc%09d+", &b);
	assert_int_equal(b.fields.error_count, 0);
	assert_int_equal(b.slot_id, 7);
	assert_int_equal(b.seats, 2);
	assert_string_equal(b.name, "Zoé Martin");
	assert_string_equal(b.email, "Zoe@example.org");
	assert_string_equal(b.notes, "a\nb\nc\td");
}

static void seats_and_notes_may_be_left_out(void **state)
{
	struct booking_form b;

	(void)state;
	read_body(GOOD, &b);
	assert_int_equal(b.fields.error_count, 0);
	assert_int_equal(b.seats, 1);
	assert_string_equal(b.notes, "");
}

static void each_wrong_field_has_its_error(void **state)
{
	static const struct {
		const char *body;
		const char *field;
		const char *code;
	} rows[] = {
		{ "name=Z&email=z@e.org", "slot", "slot_required" },
		{ "slot=&name=Z&email=z@e.org", "slot", "slot_required" },
		{ "slot=x&name=Z&email=z@e.org", "slot", "slot_unknown" },
		{ "slot=-1&name=Z&email=z@e.org", "slot", "slot_unknown" },
		{ "slot=99999999999999999999&name=Z&email=z@e.org", "slot",
		  "slot_unknown" },
		{ "slot=7&email=z@e.org", "name", "name_required" },
		{ "slot=7&name=+&email=z@e.org", "name", "name_required" },
		{ "slot=7&name=A%0D%0ABcc:+x&email=z@e.org", "name",
		  "name_control" },
		{ "slot=7&name=A%E2%80%AEB&email=z@e.org", "name",
		  "name_control" },
		{ "slot=7&name=see+http://x.fr&email=z@e.org", "name",
		  "name_link" },
		{ "slot=7&name=WwW.x.fr&email=z@e.org", "name", "name_link" },
		{ "slot=7&name=a@b.fr&email=z@e.org", "name", "name_link" },
		{ NAMED("evil.example/x"), "name", "name_link" },
		{ NAMED("Zoe+evil.example"), "name", "name_link" },
		{ NAMED("EVIL.COM"), "name", "name_link" },
		{ NAMED("Evil.Com"), "name", "name_link" },
		{ NAMED("t.co/x"), "name", "name_link" },
		{ NAMED("T.Co/x"), "name", "name_link" },
		{ NAMED("caf\xc3\xa9.fr"), "name", "name_link" },
		{ NAMED("mailto:x"), "name", "name_link" },
		{ NAMED("JavaScript:x"), "name", "name_link" },
		/* Full width, ideographic dots, other slashes. */
		{ NAMED("evil\xef\xbc\x8e" "example"), "name", "name_link" },
		{ NAMED("evil\xe3\x80\x82" "example"), "name", "name_link" },
		{ NAMED("evil\xef\xbd\xa1" "example"), "name", "name_link" },
		{ NAMED("a\xef\xbc\xa0" "b"), "name", "name_link" },
		{ NAMED("x\xef\xbc\x9a\xe2\x81\x84\xe2\x88\x95" "y"), "name",
		  "name_link" },
		{ NAMED("\xef\xbd\x97\xef\xbd\x97\xef\xbd\x97.x"), "name",
		  "name_link" },
		{ "slot=7&name=" T80 "1&email=z@e.org", "name", "name_long" },
		{ "slot=7&name=a&name=b&email=z@e.org", "name", "repeated" },
		{ "slot=7&name=Z", "email", "email_required" },
		{ "slot=7&name=Z&email=+", "email", "email_required" },
		{ "slot=7&name=Z&email=z", "email", "email_broken" },
		{ "slot=7&name=Z&email=z@e", "email", "email_no_dot" },
		{ "slot=7&name=Z&email=%C3%A9@e.fr", "email",
		  "email_non_ascii" },
		{ GOOD "&seats=", "seats", "seats_number" },
		{ GOOD "&seats=0", "seats", "seats_number" },
		{ GOOD "&seats=-1", "seats", "seats_number" },
		{ GOOD "&seats=1.5", "seats", "seats_number" },
		{ GOOD "&seats=1001", "seats", "seats_number" },
		{ GOOD "&seats=1&seats=2", "seats", "repeated" },
		{ GOOD "&notes=a%07", "notes", "notes_control" },
		{ GOOD "&notes=" T80 T80 T80 T80 T80 T80 T10 T10 "1", "notes",
		  "notes_long" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct booking_form b;

		print_message("%s\n", rows[i].body);
		read_body(rows[i].body, &b);
		assert_int_equal(b.fields.error_count, 1);
		assert_string_equal(b.fields.errors[0].field, rows[i].field);
		assert_string_equal(b.fields.errors[0].code, rows[i].code);
		assert_ptr_equal(fields_error(&b.fields, rows[i].field),
				 &b.fields.errors[0]);
	}
}

static void errors_come_in_the_order_of_the_page(void **state)
{
	struct booking_form b;

	(void)state;
	read_body("notes=%07&seats=0", &b);
	assert_int_equal(b.fields.error_count, 5);
	assert_string_equal(b.fields.errors[0].field, "slot");
	assert_string_equal(b.fields.errors[1].field, "name");
	assert_string_equal(b.fields.errors[2].field, "email");
	assert_string_equal(b.fields.errors[3].field, "seats");
	assert_string_equal(b.fields.errors[4].field, "notes");
}

static void limits_count_characters_not_bytes(void **state)
{
	char body[1024] = "slot=7&email=z@e.org&name=";
	struct booking_form b;

	(void)state;
	for (int i = 0; i < BOOKING_NAME_MAX; i++)
		memcpy(body + strlen(body), "\xf0\x9f\x98\x80", 5);
	read_body(body, &b);
	assert_int_equal(b.fields.error_count, 0);
	assert_int_equal(strlen(b.name), 4 * BOOKING_NAME_MAX);
	memcpy(body + strlen(body), "x", 2);
	read_body(body, &b);
	assert_string_equal(b.fields.errors[0].code, "name_long");
}

static void more_seats_than_the_slot_has_are_refused_once(void **state)
{
	struct booking_form b;

	(void)state;
	read_body(GOOD "&seats=3", &b);
	booking_form_limit(&b, 3, 0);
	assert_int_equal(b.fields.error_count, 0);
	booking_form_limit(&b, 2, 0);
	assert_int_equal(b.fields.error_count, 1);
	assert_string_equal(b.fields.errors[0].code, "seats_many");
	booking_form_limit(&b, 2, 0);
	assert_int_equal(b.fields.error_count, 1);
}

static void more_seats_than_anybody_may_have_are_refused(void **state)
{
	struct booking_form b;

	(void)state;
	read_body(GOOD "&seats=3", &b);
	assert_false(booking_form_limit(&b, 9, 2));
	assert_int_equal(b.fields.error_count, 1);
	assert_string_equal(b.fields.errors[0].code, "seats_over");
	assert_true(booking_form_limit(&b, 9, 3));
	assert_int_equal(b.fields.error_count, 0);
	assert_false(booking_form_limit(&b, 2, 2));
	assert_string_equal(b.fields.errors[0].code, "seats_many");
}

static void the_hash_is_that_of_what_is_asked_for(void **state)
{
	static const char *const others[] = {
		"slot=8&name=Z&email=z@e.org",
		"slot=7&name=Y&email=z@e.org",
		"slot=7&name=Z&email=y@e.org",
		"slot=7&name=Z&email=z@e.org&seats=2",
		"slot=7&name=Z&email=z@e.org&notes=n",
	};
	uint8_t hash[BOOKING_HASH_BYTES];
	uint8_t other[BOOKING_HASH_BYTES];
	struct booking_form b;

	(void)state;
	read_body("slot=7&name=Z&email=z@e.org", &b);
	booking_hash(&b, "fr", hash);
	/* The same, written differently. */
	read_body("x=y&seats=1&email=z@E.ORG&name=+Z+&notes=&slot=7", &b);
	booking_hash(&b, "fr", other);
	assert_memory_equal(hash, other, sizeof(hash));
	booking_hash(&b, "en", other);
	assert_memory_not_equal(hash, other, sizeof(hash));
	for (size_t i = 0; i < ARRAY_COUNT(others); i++) {
		read_body(others[i], &b);
		booking_hash(&b, "fr", other);
		assert_memory_not_equal(hash, other, sizeof(hash));
	}
}

static void names_with_dots_and_slashes_are_names(void **state)
{
	static const char *const names[] = {
		"J.+Smith", "J.R.R.+Tolkien", "J.Smith", "Dr.Martin",
		"St.John", "Anna/Peter", "Mme+Le+Goff,+M.+Le+Goff",
		"Zo%C3%A9+D.",
		"R2D2+v.1", "Smith+Jr.", "Groupe+A:+Durand", "O'Neill...",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		char body[200];
		struct booking_form b;

		(void)snprintf(body, sizeof(body),
			       "slot=7&email=z@e.org&name=%s", names[i]);
		print_message("%s\n", names[i]);
		read_body(body, &b);
		assert_int_equal(b.fields.error_count, 0);
	}
}

#define DRAWN "0123456789abcdef"

static void keys_of_forms_and_of_programs_never_meet(void **state)
{
	static const char hex[] = "00112233445566778899aabbccddeeff";
	uint8_t a[BOOKING_KEY_BYTES];
	uint8_t b[BOOKING_KEY_BYTES];

	(void)state;
	assert_true(booking_key_from_form(hex, a));
	assert_true(booking_key_from_header(hex, b));
	assert_memory_not_equal(a, b, sizeof(a));
	/* Either case of the digits is the same key. */
	assert_true(booking_key_from_form("00112233445566778899AABBCCDDEEFF",
					  b));
	assert_memory_equal(a, b, sizeof(a));
}

static void what_is_no_key_is_refused(void **state)
{
	char text[257];
	uint8_t key[BOOKING_KEY_BYTES];

	(void)state;
	assert_false(booking_key_from_form("", key));
	assert_false(booking_key_from_form("0011", key));
	assert_false(booking_key_from_form("zz112233445566778899aabbccddeeff",
					   key));
	assert_false(booking_key_from_header("", key));
	assert_false(booking_key_from_header("a\tb", key));
	assert_false(booking_key_from_header("é", key));
	memset(text, 'k', 256);
	text[256] = '\0';
	assert_false(booking_key_from_header(text, key));
	text[255] = '\0';
	assert_true(booking_key_from_header(text, key));
}

static void a_quoted_key_is_the_key_without_quotes(void **state)
{
	static const char *const same[][2] = {
		{ "\"" DRAWN "\"", DRAWN },
		{ "\"" DRAWN " b\"", DRAWN " b" },
		{ "\"" DRAWN "\\\"b\\\\\"", DRAWN "\"b\\" },
	};
	static const char *const none[] = {
		"\"\"", "\"", "\"" DRAWN, "\"" DRAWN "\"b",
		"\"" DRAWN "\";b=1", "\"" DRAWN "\\n\"", "\"" DRAWN "\\",
		/* What two callers may think of. */
		"order-4711", "\"order-4711\"", "0123456789abcde",
	};
	uint8_t a[BOOKING_KEY_BYTES];
	uint8_t b[BOOKING_KEY_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(same); i++) {
		assert_true(booking_key_from_header(same[i][0], a));
		assert_true(booking_key_from_header(same[i][1], b));
		assert_memory_equal(a, b, sizeof(a));
	}
	for (size_t i = 0; i < ARRAY_COUNT(none); i++) {
		print_message("%s\n", none[i]);
		assert_false(booking_key_from_header(none[i], a));
	}
}

static void the_nearest_slots_come_in_order_of_time(void **state)
{
	struct slot slots[] = {
		{ .id = 1, .starts_at_s = 100 },
		{ .id = 2, .starts_at_s = 190 },
		{ .id = 3, .starts_at_s = 205 },
		{ .id = 4, .starts_at_s = 400 },
		{ .id = 5, .starts_at_s = 230 },
	};

	(void)state;
	assert_int_equal(booking_nearest(slots, 5, 200, 3), 3);
	assert_int_equal(slots[0].id, 2);
	assert_int_equal(slots[1].id, 3);
	assert_int_equal(slots[2].id, 5);
	assert_int_equal(booking_nearest(slots, 2, 200, 3), 2);
	assert_int_equal(booking_nearest(NULL, 0, 200, 3), 0);
}

static void the_notice_decides_what_a_visitor_may_do(void **state)
{
	struct booking_view v = {
		.slot = { .starts_at_s = 100000 },
		.service = { .notice_min = 60 },
	};

	(void)state;
	assert_int_equal(booking_until_s(&v), 96400);
	assert_int_equal(booking_freedom(&v, 96399), BOOKING_FREE);
	assert_int_equal(booking_freedom(&v, 96400), BOOKING_LATE);
	assert_int_equal(booking_freedom(&v, 99999), BOOKING_LATE);
	assert_int_equal(booking_freedom(&v, 100000), BOOKING_BEGUN);
	v.cancelled = true;
	assert_int_equal(booking_freedom(&v, 0), BOOKING_CANCELLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_notice_decides_what_a_visitor_may_do),
		cmocka_unit_test(a_good_form_has_no_errors_and_clean_values),
		cmocka_unit_test(seats_and_notes_may_be_left_out),
		cmocka_unit_test(each_wrong_field_has_its_error),
		cmocka_unit_test(errors_come_in_the_order_of_the_page),
		cmocka_unit_test(limits_count_characters_not_bytes),
		cmocka_unit_test(more_seats_than_the_slot_has_are_refused_once),
		cmocka_unit_test(more_seats_than_anybody_may_have_are_refused),
		cmocka_unit_test(the_hash_is_that_of_what_is_asked_for),
		cmocka_unit_test(names_with_dots_and_slashes_are_names),
		cmocka_unit_test(keys_of_forms_and_of_programs_never_meet),
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(a_quoted_key_is_the_key_without_quotes),
		cmocka_unit_test(the_nearest_slots_come_in_order_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
