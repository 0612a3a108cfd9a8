/* SPDX-License-Identifier: MIT */
/* Tests the sysadmin's texts and languages, and what is said of them. */
#include "config.h"

#include "text/lang.h"

#include "base/alloc.h"
#include "../scratch.h"

#include <json-c/json.h>

static int begin(void **state)
{
	static const char *const names[] = { "shipped", "edited" };

	(void)state;
	return scratch_begin(names, ARRAY_COUNT(names));
}

#define HEAD(tag) \
	"\"tag\":\"" tag "\",\"name\":\"X\",\"date\":\"{year}\"," \
	"\"time\":\"\",\"plural\":\"n==1\",\"first_day\":\"1\"," \
	"\"months\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"," \
	"\"h\",\"i\",\"j\",\"k\",\"l\"]," \
	"\"days\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\"]"
#define ENGLISH \
	"{" HEAD("en") ",\n\"t\":{\"a\":\"A {x}\",\"b\":\"B\"," \
	"\"n\":{\"one\":\"{n} day\",\"other\":\"{n} days\"}}}"

static struct lang_set *loaded(bool raw)
{
	char *shipped = alloc_printf("%s/shipped", work);
	char *edited = alloc_printf("%s/edited", work);
	struct fault why = { 0 };
	struct lang_set *s = raw ?
		lang_set_raw(shipped, edited, "en", &why) :
		lang_set_new(shipped, edited, "en", &why);

	if (!s)
		fail_msg("%s", why.text);
	free(edited);
	free(shipped);
	return s;
}

static void report(void *arg, const char *tag, enum lang_gap gap,
		   const char *sentence)
{
	/* Without the folder, whose name is another one each time. */
	const char *where = sentence + (strncmp(sentence, work,
						strlen(work)) == 0 ?
					strlen(work) + 1 : 0);

	buf_addf(arg, "%s %d %s\n", tag, (int)gap, where);
}

static void assert_checked(const char *want)
{
	struct lang_set *s = loaded(true);
	struct buf said = BUF_INIT;

	lang_set_check(s, report, &said);
	assert_string_equal(said.data, want);
	buf_release(&said);
	lang_set_free(s);
}

static void the_sysadmins_texts_replace_ours(void **state)
{
	struct lang_set *s;

	(void)state;
	put("shipped/en.json", ENGLISH);
	put("edited/en.json", "{\"t\":{\"b\":\"Mine\"}}");
	s = loaded(false);
	assert_string_equal(lang_text(lang_at(s, 0), "t.b"), "Mine");
	assert_string_equal(lang_text(lang_at(s, 0), "t.a"), "A {x}");
	lang_set_free(s);
	assert_checked("");
}

static void a_language_that_is_half_finished_borrows(void **state)
{
	struct buf text = BUF_INIT;
	struct json_object *vars;
	struct lang_set *s;
	const struct lang *de;

	(void)state;
	put("edited/de.json", "{" HEAD("de") ",\"t\":{\n\"a\":\"DE {y}\",\n"
	    "\"c\":\"?\",\"n\":{\"other\":\"{n} Tage\"}}}");
	s = loaded(false);
	de = lang_find(s, "de");
	assert_non_null(de);
	assert_string_equal(lang_text(de, "t.b"), "Mine");
	/* Not the half of a count. */
	vars = json_tokener_parse("{\"n\":1}");
	lang_format(de, "t.n", vars, &text);
	assert_string_equal(text.data, "1 Tage");
	buf_release(&text);
	json_object_put(vars);
	lang_set_free(s);
	assert_checked(
		"de 3 edited/de.json:2: {y} in \"t.a\" would be shown as it "
		"stands\n"
		"de 1 edited/de.json: \"t.b\" is missing\n"
		"de 1 edited/de.json: \"t.n\" lacks the form \"one\"\n"
		"de 2 edited/de.json:3: nobody asks for \"t.c\"\n");
}

static void a_broken_file_of_the_sysadmins_harms_nobody(void **state)
{
	struct lang_set *s;

	(void)state;
	put("edited/en.json", "{\n\"t\":{\"n\":\"of no shape\",\n\"a\":{}}}");
	put("edited/de.json", "{\n\n");
	s = loaded(false);
	assert_null(lang_find(s, "de"));
	assert_null(lang_at(s, 1));
	assert_string_equal(lang_text(lang_at(s, 0), "t.b"), "B");
	lang_set_free(s);
	put("edited/aa.json", "{" HEAD("aa") ",\"t\":{}}");
	put("edited/zz.json", "{" HEAD("zz") ",\"t\":{}}");
	s = loaded(false);
	assert_string_equal(lang_tag(lang_at(s, 0)), "aa");
	assert_string_equal(lang_tag(lang_at(s, 1)), "en");
	assert_string_equal(lang_tag(lang_at(s, 2)), "zz");
	assert_null(lang_at(s, 3));
	lang_set_free(s);
}

static void a_tag_that_fits_nowhere_is_no_language(void **state)
{
	struct lang_set *s;

	(void)state;
	put("edited/a_b.json", "{" HEAD("a_b") ",\"t\":{}}");
	put("edited/abcdefgh-abcdefgh.json",
	    "{" HEAD("abcdefgh-abcdefgh") ",\"t\":{}}");
	s = loaded(false);
	assert_null(lang_find(s, "a_b"));
	assert_null(lang_find(s, "abcdefgh-abcdefgh"));
	assert_null(lang_at(s, 3));
	lang_set_free(s);
}

static void what_is_broken_is_named_with_its_line(void **state)
{
	struct lang_set *s = loaded(true);
	struct buf said = BUF_INIT;

	(void)state;
	lang_set_check(s, report, &said);
	assert_non_null(strstr(said.data, "en 0 edited/en.json:2: \"t.n\" is "
					  "not what it is in the shipped"));
	assert_non_null(strstr(said.data, "de 0 edited/de.json:3: "));
	buf_release(&said);
	lang_set_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sysadmins_texts_replace_ours),
		cmocka_unit_test(a_language_that_is_half_finished_borrows),
		cmocka_unit_test(a_broken_file_of_the_sysadmins_harms_nobody),
		cmocka_unit_test(a_tag_that_fits_nowhere_is_no_language),
		cmocka_unit_test(what_is_broken_is_named_with_its_line),
	};

	return cmocka_run_group_tests(tests, begin, scratch_end);
}
