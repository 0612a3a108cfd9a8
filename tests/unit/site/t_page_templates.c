/* SPDX-License-Identifier: MIT */
/* Tests which template a page takes, and what happens to broken ones. */
#include "config.h"

#include "site/templates.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "../scratch.h"

#include <json-c/json.h>

static int begin(void **state)
{
	static const char *const dirs[] = { "shipped", "edited" };
	struct fault why = { 0 };
	char *path;
	int rc;

	(void)state;
	if (scratch_begin(dirs, ARRAY_COUNT(dirs)) == -1)
		return -1;
	put("shipped/page.html", "<p>{{a}}{{>end}}");
	put("shipped/end.html", "end");
	path = alloc_printf("file:%s/log", work);
	rc = log_open("t_page_templates", path, LOG_LEVEL_DEBUG, &why);
	free(path);
	return rc;
}

static struct page_templates *load(const char *edited)
{
	char *shipped = alloc_printf("%s/shipped", work);
	char *path = edited ? alloc_printf("%s/%s", work, edited) : NULL;
	struct fault why = { 0 };
	struct page_templates *set = page_templates_new(shipped, path, &why);

	if (!set)
		fail_msg("%s", why.text);
	free(path);
	free(shipped);
	return set;
}

/* What the page says, and what was logged meanwhile ("" = nothing). */
static void assert_page(const char *want, const char *logged)
{
	struct json_object *values = json_tokener_parse("{\"a\":\"x<y\"}");
	const struct page_filled page = { "page", values };
	struct page_templates *set = load("edited");
	struct buf out = BUF_INIT;
	struct buf log = BUF_INIT;
	struct fault why = { 0 };
	char *path = alloc_printf("%s/log", work);

	page_templates_alert(set);
	if (page_templates_render(set, &page, &out, &why) < 0)
		fail_msg("%s", why.text);
	assert_string_equal(out.data, want);
	assert_int_equal(buf_add_file(&log, path, 1 << 20), 0);
	assert_int_equal(truncate(path, 0), 0);
	if (*logged ? !strstr(log.data, logged) : log.len > 0)
		fail_msg("logged \"%s\", not \"%s\"", log.data, logged);
	free(path);
	buf_release(&log);
	buf_release(&out);
	page_templates_free(set);
	json_object_put(values);
}

static void count(void *arg, const struct page_template_about *about)
{
	unsigned *counts = arg;

	counts[0]++;
	counts[1] += about->broken != NULL;
	counts[2] += about->is_idle;
}

static void assert_edited(unsigned all, unsigned broken, unsigned idle)
{
	struct page_templates *set = load("edited");
	unsigned counts[3] = { 0 };

	page_templates_edited(set, count, counts);
	assert_int_equal(counts[0], all);
	assert_int_equal(counts[1], broken);
	assert_int_equal(counts[2], idle);
	page_templates_free(set);
}

static void an_edited_file_shadows_its_own_page_only(void **state)
{
	(void)state;
	assert_page("<p>x&lt;yend", "");
	put("edited/end.html", "mine");
	assert_page("<p>x&lt;ymine", "");
	put("edited/page.html", "<h1>{{a}}{{>end}}{{>extra}}");
	put("edited/extra.html", "!");
	assert_page("<h1>x&lt;ymine!", "");
	assert_edited(3, 0, 0);
}

static void a_broken_one_is_passed_over_with_its_line(void **state)
{
	(void)state;
	put("edited/page.html", "<h1>\n{{#a}}");
	assert_page("<p>x&lt;ymine", "alert key=page-broken:page.html: "
				     "ignored edited page: ");
	assert_page("<p>x&lt;ymine", "page.html:2: ");
	assert_edited(3, 1, 0 + 1);	/* nobody takes extra in any more */
	put("edited/page.html", "<h1>\n\n{{>nowhere}}");
	assert_page("<p>x&lt;ymine", "page.html:3: there is no template "
				     "\"nowhere\"");
	put("edited/page.html", "{{>extra}}");
	put("edited/extra.html", "{{#never}}");
	assert_page("<p>x&lt;ymine", "page.html:1: there is no template "
				     "\"extra\"");
	put("edited/page.html", "\xff");
	assert_page("<p>x&lt;ymine", "page.html:1: this is not UTF-8");
}

static void one_that_cannot_be_rendered_gives_way(void **state)
{
	(void)state;
	put("edited/extra.html", NULL);
	put("edited/page.html", "<h1>{{>page}}");
	assert_page("<p>x&lt;yend", "left edited page: ");
	put("edited/page.html", "{{{a}}}");
	assert_page("<p>x&lt;yend", "left edited page: ");
	put("edited/page.html", NULL);
	put("edited/end.html", "{{>end}}");
	assert_page("<p>x&lt;yend", "left edited page: ");
	put("edited/end.html", NULL);
	assert_page("<p>x&lt;yend", "");
}

static void what_is_shipped_must_be_good(void **state)
{
	char *dir = alloc_printf("%s/shipped", work);
	struct fault why = { 0 };

	(void)state;
	put("shipped/bad.html", "a\n{{>end}}\n{{>nowhere}}");
	assert_null(page_templates_new(dir, NULL, &why));
	assert_non_null(strstr(why.text, "bad.html:3: "));
	put("shipped/bad.html", NULL);
	free(dir);
	assert_null(page_templates_new("/nonexistent", NULL, &why));
	assert_int_equal(why.class, FAULT_CONFIG);
	page_templates_free(load("no-such-folder"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_edited_file_shadows_its_own_page_only),
		cmocka_unit_test(a_broken_one_is_passed_over_with_its_line),
		cmocka_unit_test(one_that_cannot_be_rendered_gives_way),
		cmocka_unit_test(what_is_shipped_must_be_good),
	};

	return cmocka_run_group_tests(tests, begin, scratch_end);
}
