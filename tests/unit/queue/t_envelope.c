/* SPDX-License-Identifier: MIT */
/* Tests the job envelope: what is read, what is refused. */
#include "config.h"

#include "queue/envelope.h"

#include "base/alloc.h"

#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TO "\"to\":{\"name\":\"Zo\xc3\xa9\",\"email\":\"zoe@example.org\"}"
#define HEAD "{\"v\":1,\"id\":\"A-1.b_2\",\"kind\":\"booking.confirmed\","

static int parse(const char *text, struct envelope *e, struct fault *why)
{
	return envelope_parse(text, strlen(text), e, why);
}

static void a_whole_envelope_is_read(void **state)
{
	struct envelope e;
	struct fault why;

	(void)state;
	assert_int_equal(parse(HEAD TO ",\"locale\":\"fr-CH\",\"na\":12,"
			       "\"data\":{\"a\":1}}", &e, &why),
			 0);
	assert_string_equal(e.id, "A-1.b_2");
	assert_string_equal(e.kind, "booking.confirmed");
	assert_string_equal(e.to_name, "Zo\xc3\xa9");
	assert_string_equal(e.to_email, "zoe@example.org");
	assert_string_equal(e.locale, "fr-CH");
	assert_int_equal(e.not_after_ms, 12);
	envelope_release(&e);
}

static void a_time_before_which_it_must_not_go_is_read(void **state)
{
	struct envelope e;
	struct envelope again;
	struct fault why;
	char *text;

	(void)state;
	assert_int_equal(parse(HEAD TO ",\"nb\":7,\"na\":7}", &e, &why), 0);
	assert_int_equal(e.not_before_ms, 7);
	text = envelope_format(&e);
	assert_int_equal(parse(text, &again, &why), 0);
	assert_int_equal(again.not_before_ms, 7);
	free(text);
	envelope_release(&again);
	envelope_release(&e);
	assert_int_equal(parse(HEAD TO ",\"nb\":8,\"na\":7}", &e, &why), -1);
	assert_non_null(strstr(why.text, "\"nb\""));
	assert_int_equal(parse(HEAD TO ",\"nb\":\"8\"}", &e, &why), -1);
	assert_int_equal(parse(HEAD TO ",\"nb\":-1}", &e, &why), -1);
}

static void what_is_written_is_read_again(void **state)
{
	struct envelope e;
	struct envelope again;
	struct fault why;
	char *text;

	(void)state;
	assert_int_equal(parse(HEAD TO ",\"locale\":\"en\",\"na\":5,"
			       "\"data\":{\"x\":\"</script>\"}}", &e, &why), 0);
	text = envelope_format(&e);
	assert_int_equal(parse(text, &again, &why), 0);
	assert_string_equal(again.to_name, e.to_name);
	assert_int_equal(again.not_after_ms, 5);
	assert_string_equal(json_object_to_json_string(again.data),
			    json_object_to_json_string(e.data));
	free(text);
	envelope_release(&e);
	envelope_release(&again);
}

struct refused {
	const char *label;
	const char *text;
	const char *named;	/* must stand in the sentence */
};

static const struct refused refused[] = {
	{ "empty", "", "JSON" },
	{ "not JSON", "hello", "JSON" },
	{ "a list", "[]", "JSON" },
	{ "cut off", HEAD TO, "JSON" },
	{ "something behind it", HEAD TO "} x", "JSON" },
	{ "no version", "{\"id\":\"a\"}", "\"v\"" },
	{ "another version", "{\"v\":2}", "\"v\"" },
	{ "version as text", "{\"v\":\"1\",\"id\":\"a\"}", "\"v\"" },
	{ "no id", "{\"v\":1}", "\"id\"" },
	{ "id with a slash", "{\"v\":1,\"id\":\"a/b\"}", "\"id\"" },
	{ "id of a number", "{\"v\":1,\"id\":7}", "\"id\"" },
	{ "kind climbs out", "{\"v\":1,\"id\":\"a\",\"kind\":\"a..b\"}",
	  "\"kind\"" },
	{ "kind with a slash", "{\"v\":1,\"id\":\"a\",\"kind\":\"../x\"}",
	  "\"kind\"" },
	{ "nobody to write to", HEAD "\"locale\":\"fr\"}", "\"to\"" },
	{ "address with a line break",
	  HEAD "\"to\":{\"email\":\"a@b.c\\r\\nRCPT TO:<x@y>\"}}",
	  "\"to.email\"" },
	{ "address with a NUL", HEAD "\"to\":{\"email\":\"a@b.c\\u0000d\"}}",
	  "\"to.email\"" },
	{ "name with a line break",
	  HEAD "\"to\":{\"email\":\"a@b.c\",\"name\":\"x\\r\\nBcc: y\"}}",
	  "\"to.name\"" },
	{ "name of another type",
	  HEAD "\"to\":{\"email\":\"a@b.c\",\"name\":null}}",
	  "\"to.name\"" },
	{ "locale of another type", HEAD TO ",\"locale\":null}",
	  "\"locale\"" },
	{ "single quotes, as json-c reads them", "{'v':1}", "line 1 column 2" },
	{ "na too large to be exact", HEAD TO ",\"na\":9007199254740992}",
	  "\"na\"" },
	{ "na with a fraction", HEAD TO ",\"na\":1.5}", "\"na\"" },
	{ "locale climbs out", HEAD TO ",\"locale\":\"../../x\"}",
	  "\"locale\"" },
	{ "na is no number", HEAD TO ",\"na\":\"soon\"}", "\"na\"" },
	{ "a word of another program", HEAD TO ",\"not_before\":7}",
	  "\"not_before\" is no member of version 1" },
	{ "a second reader", HEAD "\"to\":{\"email\":\"a@b.c\",\"cc\":\"d@e.f\"}}",
	  "\"to.cc\" is no member" },
	{ "data is a list", HEAD TO ",\"data\":[]}", "\"data\"" },
};

static void a_wrong_envelope_is_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
		struct envelope e;
		struct fault why;

		print_message("%s\n", refused[i].label);
		assert_int_equal(parse(refused[i].text, &e, &why), -1);
		assert_int_equal(why.class, FAULT_REJECT);
		assert_non_null(strstr(why.text, refused[i].named));
	}
}

static void too_deep_a_nesting_is_refused(void **state)
{
	char text[4096] = HEAD TO ",\"data\":{\"a\":";
	struct envelope e;
	struct fault why;
	size_t len = strlen(text);

	(void)state;
	memset(text + len, '[', 2000);
	assert_int_equal(parse(text, &e, &why), -1);
}

static void addresses_fit_for_smtp_are_plain(void **state)
{
	static const char *const good[] = { "a@b", "a.b+c@example.org",
					    "x_y-z@xn--bcher-kva.example" };
	static const char *const bad[] = {
		"", "@", "a@", "@b", "a@b@c", "a b@c", "a@b>", "<a@b>",
		"\"a\"@b", "a@b\r\nDATA", "a,b@c", "\xc3\xa9@b", "a@[1.2.3.4]",
		"a:b@c", "a;b@c",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		assert_true(envelope_address_is_plain(good[i]));
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_false(envelope_address_is_plain(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_envelope_is_read),
		cmocka_unit_test(a_time_before_which_it_must_not_go_is_read),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(a_wrong_envelope_is_refused_by_name),
		cmocka_unit_test(too_deep_a_nesting_is_refused),
		cmocka_unit_test(addresses_fit_for_smtp_are_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
