/* SPDX-License-Identifier: MIT */
/* Tests the life of a composer: start, check, many mails. */
#include "config.h"

#include "compose/compose.h"

#include "base/alloc.h"

#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const char *source_dir(void)
{
	const char *dir = getenv("srcdir");

	return dir ? dir : ".";
}

static struct compose_opts settings(void)
{
	return (struct compose_opts){
		.data_dir = source_dir(),
		.from_address = "rdv@example.fr",
		.message_domain = "example.fr",
		.default_locale = "fr",
	};
}

static struct composer *composer(void)
{
	struct compose_opts opts = settings();
	struct fault why = { 0 };
	struct composer *c = composer_new(&opts, &why);

	if (!c)
		fail_msg("%s", why.text);
	return c;
}

static void report(void *arg, const char *sentence)
{
	(void)snprintf(arg, 512, "%s", sentence);
}

static void the_shipped_templates_pass_their_check(void **state)
{
	struct composer *c = composer();
	char said[512] = "";
	struct reporter r = { report, said, 0 };

	(void)state;
	composer_check(c, &r);
	assert_string_equal(said, "");
	assert_int_equal(r.count, 0);
	composer_free(c);
}

static void wrong_settings_are_refused(void **state)
{
	struct fault why = { 0 };
	struct compose_opts opts = settings();

	(void)state;
	opts.from_address = "nobody";
	assert_null(composer_new(&opts, &why));
	assert_int_equal(why.class, FAULT_CONFIG);
	opts = settings();
	opts.message_domain = "x\r\ny";
	assert_null(composer_new(&opts, &why));
	assert_int_equal(why.class, FAULT_CONFIG);
	opts = settings();
	opts.data_dir = "/nonexistent";
	assert_null(composer_new(&opts, &why));
	assert_int_equal(why.class, FAULT_CONFIG);
}

/* Under a sanitizer or valgrind this shows that no mail leaves memory. */
static void many_mails_are_all_the_same(void **state)
{
	char *path = alloc_printf("%s/templates/mail/sample.json",
				  source_dir());
	struct json_object *samples = json_object_from_file(path);
	struct composer *c = composer();
	struct envelope e = { .id = "RK7F3M2Q.confirm.0",
			      .kind = "booking.confirmed", .locale = "en" };
	struct buf out = BUF_INIT;
	struct fault why = { 0 };
	size_t len = 0;

	(void)state;
	assert_non_null(samples);
	e.to_name = alloc_text("Zoé");
	e.to_email = alloc_text("zoe@example.org");
	e.data = json_object_get(json_object_object_get(samples,
							"booking.confirmed"));
	for (int i = 0; i < 1000; i++) {
		buf_clear(&out);
		assert_int_equal(compose_mail(c, &e, &out, &why), 0);
		/* The day of the date may gain a digit meanwhile. */
		if (i > 0)
			assert_in_range(out.len, len - 1, len + 1);
		len = out.len;
	}
	buf_release(&out);
	envelope_release(&e);
	composer_free(c);
	json_object_put(samples);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_templates_pass_their_check),
		cmocka_unit_test(wrong_settings_are_refused),
		cmocka_unit_test(many_mails_are_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
