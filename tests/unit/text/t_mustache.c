/* SPDX-License-Identifier: MIT */
/* Tests templates: what they print, and what they refuse and where. */
#include "config.h"

#include "text/mustache.h"

#include <json-c/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const char partial_text[] = "<{{name}}>";

static const struct mustache *find(const void *arg, const char *name)
{
	return strcmp(name, "tag") == 0 || strcmp(name, "again") == 0 ?
		*(struct mustache *const *)arg : NULL;
}

/* Compiles a text. */
static struct mustache *compiled(const char *name, const char *text,
				 enum mustache_form form, struct fault *why)
{
	const struct mustache_source source = { name, text, strlen(text),
						form };

	return mustache_new(&source, why);
}

struct row {
	const char *label;
	const char *text;
	const char *json;
	const char *want;
};

static void check_rows(const struct row *rows, size_t count,
		       enum mustache_form form)
{
	struct fault why = { 0 };
	struct mustache *partial = compiled("tag", partial_text, form, &why);

	assert_non_null(partial);
	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		struct json_object *json = json_tokener_parse(row->json);
		struct mustache *m = compiled("t", row->text, form, &why);
		const struct mustache_view view = { json, find, &partial };
		struct buf out = BUF_INIT;

		if (!m || mustache_render(m, &view, &out, &why) < 0)
			fail_msg("%s: %s", row->label, why.text);
		if (strcmp(out.data, row->want) != 0)
			fail_msg("%s: got \"%s\"", row->label, out.data);
		buf_release(&out);
		mustache_free(m);
		json_object_put(json);
	}
	mustache_free(partial);
}

static void values_sections_and_lines_come_out_as_in_mustache(void **state)
{
	static const struct row rows[] = {
		{ "plain", "a {b} }} c", "{}", "a {b} }} c" },
		{ "value", "[{{a}}|{{ a }}]", "{\"a\":\"x\"}", "[x|x]" },
		{ "types", "{{i}} {{t}} {{d}}",
		  "{\"i\":-3,\"t\":true,\"d\":1.5}",
		  "-3 true 1.5" },
		{ "dotted", "{{a.b.c}}", "{\"a\":{\"b\":{\"c\":1}}}", "1" },
		{ "dotted, no such", "[{{a.x.c}}{{a.b.c.d}}]",
		  "{\"a\":{\"b\":{\"c\":1}}}", "[]" },
		{ "unknown is nothing", "[{{x}}]", "{}", "[]" },
		{ "object and null are nothing", "[{{o}}{{n}}]",
		  "{\"o\":{},\"n\":null}", "[]" },
		{ "text is not escaped", "{{a}}", "{\"a\":\"<&'\"}", "<&'" },
		{ "section of true", "{{#a}}y{{/a}}", "{\"a\":true}", "y" },
		{ "section of \"\"", "{{#a}}y{{/a}}", "{\"a\":\"\"}", "" },
		{ "section of 0", "{{#a}}y{{/a}}", "{\"a\":0}", "" },
		{ "section of null", "{{#a}}y{{/a}}", "{\"a\":null}", "" },
		{ "section of object", "{{#a}}{{b}}{{c}}{{/a}}",
		  "{\"a\":{\"b\":1},\"c\":2}", "12" },
		{ "list of texts", "{{#a}}{{.}},{{/a}}",
		  "{\"a\":[\"x\",\"y\"]}", "x,y," },
		{ "list with null", "{{#a}}<{{.}}>{{/a}}",
		  "{\"a\":[null,1]}", "<><1>" },
		{ "list of objects", "{{#a}}{{n}}{{m}} {{/a}}",
		  "{\"a\":[{\"n\":1},{\"n\":2}],\"m\":\"k\"}", "1k 2k " },
		{ "lists in lists", "{{#a}}{{#.}}{{.}}{{/.}};{{/a}}",
		  "{\"a\":[[1,2],[3]]}", "12;3;" },
		{ "empty list, inverted", "{{#a}}x{{/a}}{{^a}}none{{/a}}",
		  "{\"a\":[]}", "none" },
		{ "inverted keeps the context", "{{#o}}{{^x}}{{.}}{{/x}}{{/o}}",
		  "{\"o\":[7]}", "7" },
		{ "partial", "{{>tag}}{{> tag }}", "{\"name\":\"n\"}",
		  "<n><n>" },
		{ "comment", "a{{! any }thing\n }}b", "{}", "ab" },
		{ "standalone lines go", "a\n  {{#s}} \nb\n{{/s}}\r\nc\n",
		  "{\"s\":true}", "a\nb\nc\n" },
		{ "two tags on a line stay a line", "{{#s}}{{/s}}\nx",
		  "{\"s\":true}", "\nx" },
		{ "standalone at the end", "a\n{{! c }}", "{}", "a\n" },
		{ "empty template", "", "{}", "" },
	};
	(void)state;
	check_rows(rows, ARRAY_COUNT(rows), MUSTACHE_TEXT);
}

static void html_escapes_every_value(void **state)
{
	static const struct row rows[] = {
		{ "five characters", "{{a}}", "{\"a\":\"<a b='c'>&\\\"\"}",
		  "&lt;a b=&#39;c&#39;&gt;&amp;&quot;" },
		{ "in a list", "{{#l}}{{.}}{{/l}}", "{\"l\":[\"<\"]}",
		  "&lt;" },
		{ "in a partial", "{{>tag}}", "{\"name\":\"<\"}", "<&lt;>" },
		{ "nothing to do", "{{a}}", "{\"a\":\"été\"}", "été" },
		{ "JSON cannot end a script", "{{{o}}}",
		  "{\"o\":{\"a\":\"</script>&\",\"u\":\"http://x\"}}",
		  "{\"a\":\"\\u003c/script\\u003e\\u0026\","
		  "\"u\":\"http://x\"}" },
	};
	(void)state;
	check_rows(rows, ARRAY_COUNT(rows), MUSTACHE_HTML);
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
	static const struct {
		const char *text;
		enum mustache_form form;
		const char *line;
	} rows[] = {
		{ "a\n{{b", MUSTACHE_TEXT, "t:2: " },
		{ "{{}}", MUSTACHE_TEXT, "t:1: " },
		{ "\n\n{{# }}", MUSTACHE_TEXT, "t:3: " },
		{ "{{a b}}", MUSTACHE_TEXT, "t:1: " },
		{ "{{&a}}", MUSTACHE_HTML, "t:1: " },
		{ "{{=<% %>=}}", MUSTACHE_HTML, "t:1: " },
		{ "{{.a}}", MUSTACHE_TEXT, "t:1: " },
		{ "{{a..b}}", MUSTACHE_TEXT, "t:1: " },
		{ "\n{{{a}}}", MUSTACHE_TEXT, "t:2: " },
		{ "{{{a}}", MUSTACHE_HTML, "t:1: " },
		{ "x\n{{#a}}\n\n", MUSTACHE_TEXT, "t:2: " },
		{ "\n{{/a}}", MUSTACHE_TEXT, "t:2: " },
		{ "{{#a}}\n{{#b}}\n{{/a}}{{/b}}", MUSTACHE_TEXT, "t:3: " },
		{ "{{#a.b}}\n{{/a.c}}", MUSTACHE_TEXT, "t:2: " },
		{ "{{! a\nb }}\n{{/c}}", MUSTACHE_TEXT, "t:3: " },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct fault why = { 0 };

		assert_null(compiled("t", rows[i].text, rows[i].form, &why));
		assert_int_equal(why.class, FAULT_REJECT);
		if (strncmp(why.text, rows[i].line, 5) != 0)
			fail_msg("\"%s\": %s", rows[i].text, why.text);
	}
}

static int render(const char *text, const char *json, struct fault *why)
{
	struct mustache *m = compiled("t", text, MUSTACHE_HTML, why);
	struct json_object *value = json_tokener_parse(json);
	struct buf out = BUF_INIT;

	const struct mustache_view view = { value, find, &m };

	assert_non_null(m);
	int rc = mustache_render(m, &view, &out, why);

	buf_release(&out);
	json_object_put(value);
	mustache_free(m);
	return rc;
}

static void rendering_refuses_what_cannot_be_right(void **state)
{
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(render("a\n{{>nobody}}", "{}", &why), -1);
	assert_string_equal(why.text, "t:2: a partial that is not there");
	assert_int_equal(why.class, FAULT_REJECT);
	assert_int_equal(render("{{{a}}}", "{\"a\":\"text\"}", &why), -1);
	assert_int_equal(render("{{{a}}}", "{}", &why), -1);
	/* A partial that takes itself in for ever. */
	assert_int_equal(render("x{{>again}}", "{}", &why), -1);
	assert_string_equal(why.text, "t:1: nested too deep");
}

static void sections_nest_only_so_deep(void **state)
{
	struct buf text = BUF_INIT;
	struct fault why = { 0 };

	(void)state;
	for (int i = 0; i < 30; i++)
		buf_addstr(&text, "{{#a}}");
	for (int i = 0; i < 30; i++)
		buf_addstr(&text, "{{/a}}");
	assert_null(compiled("t", text.data, MUSTACHE_TEXT, &why));
	assert_non_null(strstr(why.text, "too deep"));
	buf_release(&text);
}

static void output_is_bounded(void **state)
{
	struct buf json = BUF_INIT;
	struct fault why = { 0 };

	(void)state;
	buf_addstr(&json, "{\"a\":[0");
	for (int i = 0; i < 2000; i++)
		buf_addstr(&json, ",0");
	buf_addstr(&json, "]}");
	assert_int_equal(render("{{#a}}{{#a}}xxxx{{/a}}{{/a}}", json.data,
				&why), -1);
	assert_non_null(strstr(why.text, "1 MiB"));
	/* 2001 times 2001 times 2001 times nothing would take minutes. */
	assert_int_equal(render("\n{{#a}}{{#a}}{{#a}}{{^a}}{{/a}}{{/a}}{{/a}}"
				"{{/a}}", json.data, &why), -1);
	assert_non_null(strstr(why.text, "2: more than a million steps"));
	buf_release(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			values_sections_and_lines_come_out_as_in_mustache),
		cmocka_unit_test(html_escapes_every_value),
		cmocka_unit_test(what_is_wrong_is_said_with_its_line),
		cmocka_unit_test(rendering_refuses_what_cannot_be_right),
		cmocka_unit_test(sections_nest_only_so_deep),
		cmocka_unit_test(output_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
