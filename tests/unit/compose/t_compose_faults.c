/* SPDX-License-Identifier: MIT */
/* Tests that a fault in a template never stops a mail. */
#include "config.h"

#include "compose/compose.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"

#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char work[] = "/tmp/t_compose_faults.XXXXXX";
static char log_path[64];

static int begin(void **state)
{
	struct fault why = { 0 };
	char target[80];
	char dir[64];

	(void)state;
	if (!mkdtemp(work))
		return -1;
	(void)snprintf(log_path, sizeof(log_path), "%s/log", work);
	(void)snprintf(target, sizeof(target), "file:%s", log_path);
	(void)snprintf(dir, sizeof(dir), "%s/de", work);
	if (mkdir(dir, 0700) < 0)
		return -1;
	return log_open("t_compose_faults", target, LOG_LEVEL_DEBUG, &why);
}

static int end(void **state)
{
	char *command = alloc_printf("rm -r '%s'", work);
	int rc = system(command);

	(void)state;
	free(command);
	return rc;
}

static void put(const char *file, const char *text)
{
	char *path = alloc_printf("%s/%s", work, file);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	free(path);
}

static struct composer *composer(void)
{
	struct compose_opts opts = {
		.data_dir = TEST_SRCDIR,
		.template_dir = work,
		.from_address = "rdv@example.fr",
		.message_domain = "example.fr",
		.default_locale = "fr",
	};
	struct fault why = { 0 };
	struct composer *c = composer_new(&opts, &why);

	if (!c)
		fail_msg("%s", why.text);
	return c;
}

/* The mail of data in a language; the caller frees it. */
static char *composed(const char *locale, const char *data)
{
	struct composer *c = composer();
	struct envelope e = { .id = "RK7F3M2Q.confirm.0",
			      .kind = "booking.confirmed" };
	struct buf out = BUF_INIT;
	struct fault why = { 0 };

	assert_true(str_copy(e.locale, sizeof(e.locale), locale));
	e.to_name = alloc_text("Zoé");
	e.to_email = alloc_text("zoe@example.org");
	e.data = json_tokener_parse(data);
	assert_non_null(e.data);
	if (compose_mail(c, &e, &out, &why) < 0)
		fail_msg("%s", why.text);
	envelope_release(&e);
	composer_free(c);
	return buf_detach(&out);
}

static void assert_has(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no \"%s\" in:\n%s", what, text);
}

static void assert_logged(const char *what)
{
	struct buf text = BUF_INIT;

	assert_int_equal(buf_add_file(&text, log_path, 1 << 20), 0);
	assert_int_equal(truncate(log_path, 0), 0);
	assert_has(text.data, what);
	buf_release(&text);
}

static void html_that_fails_is_left_out(void **state)
{
	char *mail = composed("fr", "{\"name\":\"Zo\",\"jsonld\":7}");

	(void)state;
	assert_has(mail, "Bonjour Zo,");
	assert_null(strstr(mail, "text/html"));
	free(mail);
	assert_logged("alert key=template-broken:fr/booking.confirmed.html: "
		      "sent without HTML: ");
}

static void a_language_that_fails_gives_way_to_the_default_one(void **state)
{
	char *mail;

	(void)state;
	put("de/booking.confirmed.txt", "Subject: de\n\n{{>nowhere}}\n");
	mail = composed("de", "{\"name\":\"Zo\"}");
	assert_has(mail, "Bonjour Zo,");
	assert_has(mail, "\r\nContent-Language: fr\r\n");
	free(mail);
	assert_logged("alert key=template-broken:de/booking.confirmed.txt: "
		      "sent in the default language: ");
}

static void one_that_cannot_be_read_gives_way_too(void **state)
{
	char *mail;

	(void)state;
	put("de/booking.confirmed.txt", "no subject");
	mail = composed("de", "{\"name\":\"Zo\"}");
	assert_has(mail, "\r\nContent-Language: fr\r\n");
	free(mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html_that_fails_is_left_out),
		cmocka_unit_test(
			a_language_that_fails_gives_way_to_the_default_one),
		cmocka_unit_test(one_that_cannot_be_read_gives_way_too),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
