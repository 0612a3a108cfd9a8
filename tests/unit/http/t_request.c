/* SPDX-License-Identifier: MIT */
/* What is taken from FastCGI's parameters. */
#include "config.h"

#include "http/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

/* Reads a request for that target; the caller releases *rq. */
static int read_target(const char *target, const char *root,
		       struct request *rq)
{
	char uri[1024];
	char method[] = "REQUEST_METHOD=GET";
	char *params[] = { method, uri, NULL };

	(void)snprintf(uri, sizeof(uri), "REQUEST_URI=%s", target);
	return request_read_head(rq, params, root);
}

static void the_path_is_decoded_and_cut_at_the_root(void **state)
{
	static const struct {
		const char *target;
		const char *root;
		const char *path;
	} rows[] = {
		{ "/", "", "/" },
		{ "/s/a?x=/b", "", "/s/a" },
		{ "/s/%61%2d1", "", "/s/a-1" },
		{ "/book/s/a", "/book", "/s/a" },
		{ "/book", "/book", "/" },
		{ "/book?x", "/book", "/" },
		/* A proxy has taken it away. */
		{ "/s/a", "/book", "/s/a" }, { "/", "/book", "/" },
		{ "/bookings", "/book", "/bookings" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct request rq;

		print_message("%s\n", rows[i].target);
		assert_int_equal(read_target(rows[i].target, rows[i].root,
					     &rq), 0);
		assert_string_equal(rq.path, rows[i].path);
		request_release(&rq);
	}
}

static void a_path_that_is_none_of_ours_is_refused(void **state)
{
	static const struct {
		const char *target;
		const char *root;
		int status;
	} rows[] = {
		{ "", "", 400 }, { "*", "", 400 }, { "http://x/", "", 400 },
		{ "/a%", "", 400 }, { "/a%2", "", 400 }, { "/a%zz", "", 400 },
		{ "/a%2fb", "", 404 }, { "/a%00", "", 404 },
		{ "/a%0d%0aX:y", "", 404 }, { "/\xc3\xa9", "", 404 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct request rq;

		print_message("%s\n", rows[i].target);
		assert_int_equal(read_target(rows[i].target, rows[i].root,
					     &rq), rows[i].status);
		request_release(&rq);
	}
}

static void a_long_path_is_refused(void **state)
{
	char target[REQUEST_PATH_MAX + 2];
	struct request rq;

	(void)state;
	memset(target, '/', sizeof(target));
	target[REQUEST_PATH_MAX] = '\0';
	assert_int_equal(read_target(target, "", &rq), 0);
	request_release(&rq);
	target[REQUEST_PATH_MAX] = '/';
	target[REQUEST_PATH_MAX + 1] = '\0';
	assert_int_equal(read_target(target, "", &rq), 404);
	request_release(&rq);
}

static void the_body_has_a_limit_and_a_length(void **state)
{
	static const struct {
		const char *length;
		int status;
	} rows[] = {
		{ "CONTENT_LENGTH=", 0 }, { "CONTENT_LENGTH=0", 0 },
		{ "CONTENT_LENGTH=65536", 0 }, { "CONTENT_LENGTH=65537", 413 },
		{ "CONTENT_LENGTH=-1", 400 }, { "CONTENT_LENGTH=1x", 400 },
		{ "CONTENT_LENGTH=99999999999999999999", 400 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char method[] = "REQUEST_METHOD=POST";
		char uri[] = "REQUEST_URI=/";
		char length[64];
		char *params[] = { method, uri, length, NULL };
		struct request rq;

		print_message("%s\n", rows[i].length);
		(void)snprintf(length, sizeof(length), "%s", rows[i].length);
		assert_int_equal(request_read_head(&rq, params, ""),
				 rows[i].status);
		request_release(&rq);
	}
}

static void headers_and_query_are_found(void **state)
{
	char method[] = "REQUEST_METHOD=POST";
	char uri[] = "REQUEST_URI=/x?lang=fr&utm=100%";
	char query[] = "QUERY_STRING=lang=fr";
	char type[] = "CONTENT_TYPE=application/json";
	char key[] = "HTTP_IDEMPOTENCY_KEY=k 1";
	char id[] = "HTTP_X_REQUEST_ID=ab\ncd ef=1";
	char *params[] = { method, uri, query, type, key, id, NULL };
	struct request rq;

	(void)state;
	assert_int_equal(request_read_head(&rq, params, ""), 0);
	assert_string_equal(rq.method, "POST");
	assert_string_equal(form_text(&rq.query, "lang"), "fr");
	assert_string_equal(rq.content_type, "application/json");
	assert_string_equal(rq.idempotency_key, "k 1");
	assert_string_equal(rq.id, "ab?cd?ef?1");
	assert_string_equal(rq.accept_language, "");
	request_release(&rq);
}

static void a_query_that_cannot_be_read_is_left_out(void **state)
{
	char method[] = "REQUEST_METHOD=GET";
	char uri[] = "REQUEST_URI=/?a=%";
	char query[] = "QUERY_STRING=a=%";
	char *params[] = { method, uri, query, NULL };
	struct request rq;

	(void)state;
	assert_int_equal(request_read_head(&rq, params, ""), 0);
	assert_int_equal(rq.query.count, 0);
	request_release(&rq);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_path_is_decoded_and_cut_at_the_root),
		cmocka_unit_test(a_path_that_is_none_of_ours_is_refused),
		cmocka_unit_test(a_long_path_is_refused),
		cmocka_unit_test(the_body_has_a_limit_and_a_length),
		cmocka_unit_test(headers_and_query_are_found),
		cmocka_unit_test(a_query_that_cannot_be_read_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
