/* SPDX-License-Identifier: MIT */
/* Patterns, arguments, 404 and 405. */
#include "config.h"

#include "http/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static void home(struct call *call)
{
	(void)call;
}

static void form(struct call *call)
{
	(void)call;
}

static void post(struct call *call)
{
	(void)call;
}

static const struct route rows[] = {
	{ "GET", "/", home },
	{ "GET", "/s/{service}/{slot}", form },
	{ "GET", "/both", home },
	{ "POST", "/both", post },
	{ "POST", "/bookings", post },
};
static const struct routes routes = { rows, ARRAY_COUNT(rows) };

static enum route_found find(const char *method, const char *path,
			     struct route_match *out)
{
	return route_find(&routes, method, path, out);
}

static void a_path_finds_its_handler_and_arguments(void **state)
{
	struct route_match m;

	(void)state;
	assert_int_equal(find("GET", "/", &m), ROUTE_FOUND);
	assert_ptr_equal(m.handler, home);
	assert_int_equal(find("GET", "/s/visit/12", &m), ROUTE_FOUND);
	assert_ptr_equal(m.handler, form);
	assert_string_equal(m.args[0], "visit");
	assert_string_equal(m.args[1], "12");
	assert_int_equal(find("POST", "/both", &m), ROUTE_FOUND);
	assert_ptr_equal(m.handler, post);
}

static void head_is_answered_like_get(void **state)
{
	struct route_match m;

	(void)state;
	assert_int_equal(find("HEAD", "/both", &m), ROUTE_FOUND);
	assert_ptr_equal(m.handler, home);
}

static void other_paths_are_not_found(void **state)
{
	static const char *const paths[] = {
		"", "//", "/s", "/s/", "/s/a", "/s/a/", "/s//1", "/s/a/1/",
		"/s/a/1/2", "/bookings/", "/booking", "/bookingss",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
		struct route_match m;

		print_message("%s\n", paths[i]);
		assert_int_equal(find("GET", paths[i], &m), ROUTE_NO_PATH);
	}
}

static void an_argument_has_a_limit(void **state)
{
	char path[ROUTE_ARG_MAX + 16] = "/s/";
	struct route_match m;

	(void)state;
	memset(path + 3, 'a', ROUTE_ARG_MAX);
	memcpy(path + 3 + ROUTE_ARG_MAX, "/1", 3);
	assert_int_equal(find("GET", path, &m), ROUTE_FOUND);
	memcpy(path + 3 + ROUTE_ARG_MAX, "a/1", 4);
	assert_int_equal(find("GET", path, &m), ROUTE_NO_PATH);
}

static void a_wrong_method_is_told_which_ones_there_are(void **state)
{
	struct route_match m;

	(void)state;
	assert_int_equal(find("DELETE", "/both", &m), ROUTE_NO_METHOD);
	assert_string_equal(m.allow, "GET, HEAD, POST");
	assert_int_equal(find("GET", "/bookings", &m), ROUTE_NO_METHOD);
	assert_string_equal(m.allow, "POST");
	assert_int_equal(find("get", "/", &m), ROUTE_NO_METHOD);
	assert_string_equal(m.allow, "GET, HEAD");
}

static void an_address_for_forms_alone_leads_above(void **state)
{
	static const struct route site[] = {
		{ "GET", "/", home },
		{ "POST", "/bookings", home },
		{ "GET", "/w/{cap}", home },
		{ "POST", "/w/{cap}/take", home },
		{ "POST", "/f/{key}", home },
		{ "POST", "/w/{cap}/a/b", home },
	};
	static const struct routes all = { site, ARRAY_COUNT(site) };
	static const struct {
		const char *path;
		size_t len;
	} cases[] = {
		{ "/bookings", 0 }, { "/f/abc", 0 },
		{ "/w/abc/take", strlen("/w/abc") },
		{ "/w/abc/a/b", strlen("/w/abc") },
		{ "", 0 }, { "/", 0 }, { "//evil.example", strlen("/") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		print_message("%s\n", cases[i].path);
		assert_int_equal(route_above(&all, cases[i].path),
				 cases[i].len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_finds_its_handler_and_arguments),
		cmocka_unit_test(head_is_answered_like_get),
		cmocka_unit_test(other_paths_are_not_found),
		cmocka_unit_test(an_argument_has_a_limit),
		cmocka_unit_test(a_wrong_method_is_told_which_ones_there_are),
		cmocka_unit_test(an_address_for_forms_alone_leads_above),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
