/* SPDX-License-Identifier: MIT */
/* Origins, and where a visitor may be sent. */
#include "config.h"

#include "base/buf.h"
#include "http/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static void an_origin_is_written_as_browsers_do(void **state)
{
	static const struct {
		const char *url;
		const char *origin;	/* "" = none */
	} rows[] = {
		{ "https://example.org", "https://example.org" },
		{ "HTTPS://Example.ORG/a/b?c#d", "https://example.org" },
		{ "https://example.org:443/", "https://example.org" },
		{ "http://example.org:80", "http://example.org" },
		{ "http://example.org:443", "http://example.org:443" },
		{ "https://example.org:8443?x", "https://example.org:8443" },
		{ "http://[::1]:8080/", "http://[::1]:8080" },
		{ "http://[::1]", "http://[::1]" },
		{ "https://xn--t-zfa.example", "https://xn--t-zfa.example" },
		{ "", "" }, { "null", "" }, { "example.org", "" },
		{ "//example.org", "" }, { "ftp://example.org", "" },
		{ "javascript:alert(1)", "" }, { "data:text/html,x", "" },
		{ "https://", "" }, { "https:///path", "" },
		{ "https://:443", "" }, { "https://example.org:", "" },
		{ "https://example.org:0", "" },
		{ "https://example.org:080", "" },
		{ "https://example.org:65536", "" },
		{ "https://example.org:1x", "" },
		{ "https://user@example.org", "" },
		{ "https://example.org:x@evil.example", "" },
		{ "https://example.org\\@evil.example", "" },
		{ "https://exam ple.org", "" },
		{ "https://example.org\n", "" },
		{ "https://été.example", "" },
		{ "https://[::1", "" }, { "https://[evil]", "" },
		{ "https://[]", "" }, { "https://a]b", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char origin[ORIGIN_MAX + 1];

		assert_int_equal(origin_of(rows[i].url, origin),
				 *rows[i].origin != '\0');
		assert_string_equal(origin, rows[i].origin);
	}
}

static void only_an_origin_itself_can_be_allowed(void **state)
{
	(void)state;
	assert_true(origin_is_exact("https://example.org"));
	assert_false(origin_is_exact("https://example.org/"));
	assert_false(origin_is_exact("https://Example.org"));
	assert_false(origin_is_exact("https://example.org:443"));
	assert_false(origin_is_exact("*"));
	assert_false(origin_is_exact("null"));
}

static void an_origin_is_compared_whole(void **state)
{
	static const char list[] = "https://a.example  http://b.example:81";

	(void)state;
	assert_true(origin_is_listed(list, "https://a.example"));
	assert_true(origin_is_listed(list, "http://b.example:81"));
	assert_false(origin_is_listed(list, "https://a.exampl"));
	assert_false(origin_is_listed(list, "https://a.example.evil"));
	assert_false(origin_is_listed(list, "http://a.example"));
	assert_false(origin_is_listed(list, "http://b.example"));
	assert_false(origin_is_listed(list, ""));
	assert_false(origin_is_listed("", "https://a.example"));
}

static void a_visitor_is_sent_to_allowed_places_only(void **state)
{
	static const char list[] =
		"https://a.example/thanks https://b.example/site/ "
		"https://c.example";
	static const struct {
		const char *url;
		bool allowed;
	} rows[] = {
		{ "https://a.example/thanks", true },
		{ "https://a.example/thanks?x=1", true },
		{ "https://a.example/thanks#top", true },
		{ "https://a.example/thanks/fr", true },
		{ "https://A.example:443/thanks", true },
		{ "https://b.example/site/x.html", true },
		{ "https://c.example", true },
		{ "https://c.example/any/where?to=/../x", true },
		{ "https://a.example/thanksgiving", false },
		{ "https://a.example/", false },
		{ "https://a.example", false },
		{ "http://a.example/thanks", false },
		{ "https://a.example:444/thanks", false },
		{ "https://a.example.evil/thanks", false },
		{ "https://a.example@evil.example/thanks", false },
		{ "https://evil.example/https://a.example/thanks", false },
		{ "https://b.example/site", false },
		{ "https://b.example/site/../admin", false },
		{ "https://b.example/site/..", false },
		{ "https://b.example/site/./x", false },
		{ "https://b.example/site/%2e%2e/admin", false },
		{ "https://b.example/site/.%2E/admin", false },
		{ "https://b.example/site/..%2fadmin", false },
		{ "https://b.example/site/..\\admin", false },
		{ "https://b.example/site/..;/admin", false },
		{ "https://b.example/site/..;x=1/admin", false },
		{ "https://b.example/site/.;/admin", false },
		{ "https://b.example/site/..%3b/admin", false },
		{ "https://b.example/site/%252e%252e/admin", false },
		{ "https://b.example/site/%25252e%25252e/admin", false },
		{ "https://b.example/site/..%252fadmin", false },
		{ "https://b.example/site/..%09/admin", false },
		{ "https://b.example/site/..%20/admin", false },
		{ "https://b.example/site/.../admin", false },
		{ "https://b.example/site/.well-known/x", true },
		{ "https://b.example/site/a;b=1/x", true },
		{ "https://b.example/site/caf%C3%A9", true },
		{ "https://b.example/site/\r\nX: y", false },
		{ "https://b.example/site/a b", false },
		{ "https://b.example/site/\xc3\xa9", false },
		{ "//a.example/thanks", false },
		{ "/thanks", false },
		{ "javascript:alert(1)//https://a.example/thanks", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (origin_may_return(list, rows[i].url) != rows[i].allowed)
			fail_msg("%s", rows[i].url);
	assert_false(origin_may_return("", "https://a.example/"));
}

static void a_reference_is_added_to_an_address(void **state)
{
	static const char *const rows[][2] = {
		{ "https://a.example", "https://a.example?ref=X" },
		{ "https://a.example/t", "https://a.example/t?ref=X" },
		{ "https://a.example/t?a=1", "https://a.example/t?a=1&ref=X" },
		{ "https://a.example/t#end", "https://a.example/t?ref=X#end" },
		{ "https://a.example/t#e?", "https://a.example/t?ref=X#e?" },
	};
	struct buf text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		buf_clear(&text);
		origin_add_query(&text, rows[i][0], "ref", "X");
		assert_string_equal(text.data, rows[i][1]);
	}
	buf_clear(&text);
	origin_escape(&text, "a-b._~/?&=#\xc3\xa9");
	assert_string_equal(text.data, "a-b._~%2F%3F%26%3D%23%C3%A9");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_origin_is_written_as_browsers_do),
		cmocka_unit_test(only_an_origin_itself_can_be_allowed),
		cmocka_unit_test(an_origin_is_compared_whole),
		cmocka_unit_test(a_visitor_is_sent_to_allowed_places_only),
		cmocka_unit_test(a_reference_is_added_to_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
