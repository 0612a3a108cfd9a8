/* SPDX-License-Identifier: MIT */
/* Tests that shipped languages lack nothing, and what one lacks is said. */
#include "config.h"

#include "site/texts_check.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "domain/model.h"
#include "text/lang.h"
#include "../scratch.h"

#include <glob.h>

static int begin(void **state)
{
	static const char *const dirs[] = { "templates", "templates/de",
					    "templates/xx", "templates/web",
					    "locale" };

	(void)state;
	return scratch_begin(dirs, ARRAY_COUNT(dirs));
}

static void add(void *arg, const struct texts_report *r)
{
	buf_addf(arg, "%s %s %s\n", r->kind == TEXTS_GAP ? "gap" : "fault",
		 r->language, r->sentence);
}

/* All reports, one a line; the caller frees them. */
static char *checked(const char *templates, const char *locale)
{
	char source[] = TEST_SRCDIR;
	char fr[] = "fr";
	char *template_dir = templates ? scratch_path(templates) :
					 alloc_text("");
	char *locale_dir = locale ? scratch_path(locale) : alloc_text("");
	const struct appconf c = {
		.data_dir = source, .template_dir = template_dir,
		.locale_dir = locale_dir, .default_locale = fr,
	};
	struct buf said = BUF_INIT;
	struct fault why = { 0 };

	if (texts_check(&c, add, &said, &why) < 0)
		fail_msg("%s", why.text);
	free(locale_dir);
	free(template_dir);
	return buf_detach(&said);
}

static void the_shipped_languages_lack_nothing(void **state)
{
	char *said = checked(NULL, NULL);

	(void)state;
	assert_string_equal(said, "");
	free(said);
}

static void assert_said(const char *all, const char *kind, const char *file,
			const char *what)
{
	char *line = alloc_printf("%s %s/%s%s\n", kind, work, file, what);

	if (!strstr(all, line))
		fail_msg("\"%s\" is not said in:\n%s", line, all);
	free(line);
}

static void what_a_half_finished_one_lacks_is_said(void **state)
{
	char *said;

	(void)state;
	put("locale/de.json",
	    "{\"tag\":\"de\",\"name\":\"Deutsch\",\"plural\":\"n==1\",\n"
	    "\"date\":\"{weekday}, {day} {month} {yaer}\",\n"
	    "\"time\":\"{hour}:{minute}\",\"first_day\":\"1.\",\n"
	    "\"months\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\","
	    "\"9\",\"10\",\"11\",\"12\"],\n"
	    "\"days\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\"],\n"
	    "\"mail\":{\"seats\":{\"other\":\"{n} Plätze\"}},\n"
	    "\"web\":{\"site\":{\"nmae\":\"Termine\"}}}");
	put("templates/de/booking.confirmed.txt", "Subject: x\n\ny");
	put("templates/de/booking.moved.txt", "broken");
	put("templates/xx/notice.txt", "Subject: x\n\ny");
	put("templates/web/services.html", "{{#never}}");
	put("templates/web/servces.html", "");
	said = checked("templates", "locale");
	assert_said(said, "gap de", "locale/de.json",
		    ": \"mail.calendar\" is missing");
	assert_said(said, "gap de", "locale/de.json",
		    ": \"web.form.title\" is missing");
	assert_said(said, "gap de", "locale/de.json",
		    ": \"mail.seats\" lacks the form \"one\"");
	assert_said(said, "fault de", "locale/de.json:2",
		    ": {yaer} in \"date\" would be shown as it stands");
	assert_said(said, "fault de", "locale/de.json:7",
		    ": nobody asks for \"web.site.nmae\"");
	assert_said(said, "gap de", "templates/de/booking.confirmed.html",
		    ": this mail's text is missing");
	assert_said(said, "gap de", "templates/de/_facts.txt",
		    ": this mail's text is missing");
	assert_said(said, "gap xx", "templates/xx",
		    ": there is no catalogue xx.json: no page is in this "
		    "language");
	assert_said(said, "fault ", "templates/web/services.html:1",
		    ": a section that is never closed");
	assert_said(said, "fault ", "templates/web/servces.html",
		    ": ignored: there is no page of that name");
	/* It is there, though broken: maildctl check-templates says why. */
	assert_null(strstr(said, "booking.moved.txt"));
	assert_null(strstr(said, " fr "));
	assert_null(strstr(said, " en "));
	free(said);
}

#define FIELD(type, kind, member, column, field, ...) field,

/* Asserts that "group.name" has a text of its own for each name. */
static void assert_texts(const char *group, const char *const *names,
			 size_t count)
{
	struct fault why;
	struct lang_set *set = lang_set_new(TEST_SRCDIR "/locale", NULL, "en",
					    &why);

	assert_non_null(set);
	for (size_t i = 0; i < count; i++) {
		char *key = alloc_printf("%s.%s", group, names[i]);

		print_message("%s\n", key);
		assert_string_not_equal(lang_text(lang_find(set, "en"), key),
					key);
		free(key);
	}
	lang_set_free(set);
}

static void each_field_of_a_service_has_a_label_and_a_hint(void **state)
{
	static const char *const fields[] = { SERVICE_MEMBERS(FIELD) };

	(void)state;
	assert_texts("web.admin.field", fields, ARRAY_COUNT(fields));
	assert_texts("web.admin.hint", fields, ARRAY_COUNT(fields));
}

static void each_kind_of_mail_has_a_name(void **state)
{
	glob_t found;
	size_t count = 0;
	const char *kinds[64];

	(void)state;
	assert_int_equal(glob(TEST_SRCDIR "/templates/mail/en/[!_]*.txt", 0,
			      NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *name = strrchr(found.gl_pathv[i], '/') + 1;

		*strrchr(name, '.') = '\0';
		assert_true(count < ARRAY_COUNT(kinds));
		kinds[count++] = name;
	}
	assert_texts("web.admin.kind", kinds, count);
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_languages_lack_nothing),
		cmocka_unit_test(
			each_field_of_a_service_has_a_label_and_a_hint),
		cmocka_unit_test(each_kind_of_mail_has_a_name),
		cmocka_unit_test(what_a_half_finished_one_lacks_is_said),
	};

	return cmocka_run_group_tests(tests, begin, scratch_end);
}
