/* SPDX-License-Identifier: MIT */
/* Tests which template a mail takes, and what happens to broken ones. */
#include "config.h"

#include "text/mailtemplate.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "text/mailsample.h"
#include "../scratch.h"

#include <json-c/json.h>

static int begin(void **state)
{
	static const char *const dirs[] = { "shipped", "shipped/fr",
					    "shipped/en", "edited",
					    "edited/fr", "edited/no tag" };
	struct fault why = { 0 };
	char *path;
	int rc;

	(void)state;
	if (scratch_begin(dirs, ARRAY_COUNT(dirs)) == -1)
		return -1;
	put("shipped/fr/k.txt", "Subject: {{a}}\n\nfr {{a}} {{>end}}\n");
	put("shipped/fr/k.html", "<p>{{a}} {{>end}}");
	put("shipped/fr/_end.txt", "fin");
	put("shipped/fr/_end.html", "<b>fin</b>");
	put("shipped/en/k.txt", "Subject: {{a}}\n\nen\n");
	put("shipped/sample.json", "{\"k\":{\"a\":\"x\"}}");
	put("edited/no tag/k.txt", "never read");
	path = alloc_printf("file:%s/log", work);
	rc = log_open("t_mailtemplate", path, LOG_LEVEL_DEBUG, &why);
	free(path);
	return rc;
}

/* Checks what was logged since the last call; "" = nothing. */
static void assert_logged(const char *what)
{
	struct buf text = BUF_INIT;
	char *path = alloc_printf("%s/log", work);

	assert_int_equal(buf_add_file(&text, path, 1 << 20), 0);
	assert_int_equal(truncate(path, 0), 0);
	if (*what ? !strstr(text.data, what) : text.len > 0)
		fail_msg("logged \"%s\", not \"%s\"", text.data, what);
	buf_release(&text);
	free(path);
}

static struct mailtemplates *load(struct fault *why)
{
	char *shipped = alloc_printf("%s/shipped", work);
	char *edited = alloc_printf("%s/edited", work);
	struct mailtemplates *set = mailtemplates_new(shipped, edited, why);

	free(shipped);
	free(edited);
	return set;
}

/* What a part of "k" in French says with this data. */
static char *rendered(enum mailtemplate_part part, const char *json)
{
	struct json_object *data = json_tokener_parse(json);
	const struct mailtemplate_fill fill = { part, data };
	struct buf out = BUF_INIT;
	struct fault why = { 0 };
	struct mailtemplates *set = load(&why);

	if (!set)
		fail_msg("%s", why.text);
	mailtemplates_alert(set);
	if (mailtemplate_render(mailtemplates_find(set, "k", "fr", "fr"),
				&fill, &out, &why) < 0) {
		buf_clear(&out);
		buf_addf(&out, "fault: %s", why.text);
	}
	mailtemplates_free(set);
	json_object_put(data);
	return buf_detach(&out);
}

static void assert_renders(enum mailtemplate_part part, const char *want)
{
	char *got = rendered(part, "{\"a\":\"x<y\"}");

	assert_string_equal(got, want);
	free(got);
}

struct reports {
	size_t count;
	char last[512];
};

static void report(void *arg, const char *sentence)
{
	struct reports *r = arg;

	r->count++;
	(void)snprintf(r->last, sizeof(r->last), "%s", sentence);
}

static struct reports checked(void)
{
	struct fault why = { 0 };
	char *shipped = alloc_printf("%s/shipped", work);
	char *edited = alloc_printf("%s/edited", work);
	struct mailtemplates *set = load(&why);
	struct reports r = { 0 };
	struct reporter to = { report, &r, 0 };
	struct mailsample *samples = mailsample_new(shipped, edited, &to);

	assert_non_null(set);
	mailtemplates_check(set, samples, &to);
	assert_int_equal(to.count, r.count);
	mailsample_free(samples);
	mailtemplates_free(set);
	free(edited);
	free(shipped);
	return r;
}

static void the_shipped_ones_render(void **state)
{
	(void)state;
	assert_renders(MAILTEMPLATE_SUBJECT, "x<y");
	assert_renders(MAILTEMPLATE_TEXT, "fr x<y fin\n");
	assert_renders(MAILTEMPLATE_HTML, "<p>x&lt;y <b>fin</b>");
	assert_int_equal(checked().count, 0);
	assert_logged("");
}

static void the_language_is_the_nearest_there_is(void **state)
{
	static const char *const rows[][4] = {
		{ "k", "en", "fr", "en" },
		{ "k", "en-GB", "fr", "en" },
		{ "k", "de", "fr", "fr" },
		{ "k", "", "fr", "fr" },
		{ "k", "e", "fr", "fr" },
		{ "k", "de", "it", NULL },
		{ "none", "fr", "fr", NULL },
		{ "_end", "fr", "fr", NULL },
		{ "k", "no tag", "it", NULL },
	};
	struct fault why = { 0 };
	struct mailtemplates *set = load(&why);

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct mailtemplate *t = mailtemplates_find(
			set, rows[i][0], rows[i][1], rows[i][2]);

		if (rows[i][3]) {
			assert_non_null(t);
			assert_string_equal(mailtemplate_language(t),
					    rows[i][3]);
		} else {
			assert_null(t);
		}
	}
	mailtemplates_free(set);
}

static void an_edited_file_takes_the_place_of_the_shipped(void **state)
{
	(void)state;
	put("edited/fr/k.txt", "Subject: S\r\n\r\nmine {{>end}}{{>more}}\r\n");
	put("edited/fr/_more.txt", "!");
	assert_renders(MAILTEMPLATE_SUBJECT, "S");
	assert_renders(MAILTEMPLATE_TEXT, "mine fin!\r\n");
	assert_renders(MAILTEMPLATE_HTML, "<p>x&lt;y <b>fin</b>");
	put("edited/fr/k.txt", NULL);
	put("edited/fr/_end.txt", "FIN");
	assert_renders(MAILTEMPLATE_TEXT, "fr x<y FIN\n");
	assert_int_equal(checked().count, 0);
	put("edited/fr/_end.txt", NULL);
	put("edited/fr/_more.txt", NULL);
	assert_logged("");
}

static void a_broken_edited_file_leaves_the_shipped_one(void **state)
{
	static const struct {
		const char *file;
		const char *text;
		const char *said;
	} rows[] = {
		{ "k.txt", "Bonjour\n\nx\n", "k.txt:1: " },
		{ "k.txt", "Subject: \n\nx\n", "k.txt:1: " },
		{ "k.txt", "Subject: x\ny\n", "k.txt:2: " },
		{ "k.txt", "Subject: x\n", "k.txt:2: " },
		{ "k.txt", "Subject: x\n\na\n{{#b}}\n", "k.txt:4: " },
		{ "k.txt", "Subject: {{x\n\na\n", "k.txt:1: " },
		{ "k.txt", "Subject: \xff\n\na\n", "k.txt:1: " },
		{ "k.txt", "", "k.txt:1: " },
		{ "k.txt", "Subject: x\n\na\n{{>nobody}}\n", "k.txt:4: " },
		{ "k.html", "<p>\n{{{a}}}", "k.html:2: " },
		{ "_end.txt", "{{", "_end.txt:1: " },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char *path = alloc_printf("edited/fr/%s", rows[i].file);

		put(path, rows[i].text);
		struct reports r = checked();

		assert_int_equal(r.count, 1);
		if (!strstr(r.last, rows[i].said))
			fail_msg("row %zu: %s", i, r.last);
		assert_renders(MAILTEMPLATE_TEXT, "fr x<y fin\n");
		assert_renders(MAILTEMPLATE_HTML, "<p>x&lt;y <b>fin</b>");
		assert_logged(rows[i].said);
		put(path, NULL);
		free(path);
	}
}

static void a_fault_of_the_data_is_not_laid_on_the_template(void **state)
{
	(void)state;
	put("shipped/en/bad.txt", "Subject: s\n\n{{>nobody}}");
	struct fault why = { 0 };
	struct mailtemplates *set = load(&why);
	struct mailtemplate *t = mailtemplates_find(set, "bad", "en", "en");
	const struct mailtemplate_fill text = { MAILTEMPLATE_TEXT, NULL };
	const struct mailtemplate_fill html = { MAILTEMPLATE_HTML, NULL };
	struct buf out = BUF_INIT;

	buf_addstr(&out, "before");
	assert_int_equal(mailtemplate_render(t, &text, &out, &why), -1);
	assert_int_equal(why.class, FAULT_REJECT);
	assert_string_equal(out.data, "before");
	assert_int_equal(mailtemplate_render(t, &html, &out, &why), 0);
	buf_release(&out);
	mailtemplates_free(set);
	put("shipped/en/bad.txt", NULL);
	assert_logged("");
}

static void a_broken_shipped_file_stops_the_start(void **state)
{
	struct fault why = { 0 };

	(void)state;
	put("shipped/en/bad.html", "\n{{#a}}");
	assert_null(load(&why));
	assert_int_equal(why.class, FAULT_CONFIG);
	if (!strstr(why.text, "bad.html:2: "))
		fail_msg("%s", why.text);
	put("shipped/en/bad.html", NULL);
	assert_null(mailtemplates_new("/nonexistent", NULL, &why));
	assert_int_equal(why.class, FAULT_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_ones_render),
		cmocka_unit_test(the_language_is_the_nearest_there_is),
		cmocka_unit_test(
			an_edited_file_takes_the_place_of_the_shipped),
		cmocka_unit_test(a_broken_edited_file_leaves_the_shipped_one),
		cmocka_unit_test(
			a_fault_of_the_data_is_not_laid_on_the_template),
		cmocka_unit_test(a_broken_shipped_file_stops_the_start),
	};

	return cmocka_run_group_tests(tests, begin, scratch_end);
}
