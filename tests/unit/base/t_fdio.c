/* SPDX-License-Identifier: MIT */
/* Tests secrets from files. */
#include "config.h"

#include "base/fdio.h"

#include "../scratch.h"

#include <string.h>

#define BYTES(text) (text), sizeof(text) - 1

struct file {
	const char *bytes;
	size_t len;
	const char *said;	/* of the file; NULL = it is good */
	const char *secret;
};

static void put_bytes(const char *path, const char *bytes, size_t len)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void check(const struct file *file,
		  int (*read_it)(const char *path, char **out,
				 struct fault *why))
{
	char *path = scratch_path("secret");
	char *secret = NULL;
	struct fault why;

	put_bytes(path, file->bytes, file->len);
	if (file->said) {
		assert_int_equal(read_it(path, &secret, &why), -1);
		assert_int_equal(why.class, FAULT_CONFIG);
		assert_non_null(strstr(why.text, path));
		assert_non_null(strstr(why.text, file->said));
		assert_null(secret);
	} else {
		assert_int_equal(read_it(path, &secret, &why), 0);
		assert_string_equal(secret, file->secret);
		secret_free(secret);
	}
	free(path);
}

static void what_nobody_sees_in_a_password_is_refused_by_name(void **state)
{
	static const struct file files[] = {
		{ BYTES("pass"), NULL, "pass" },
		{ BYTES("pass\n"), NULL, "pass" },
		{ BYTES(" p\xc3\xa9 \t\n"), NULL, " p\xc3\xa9 \t" },
		{ BYTES(""), "is empty", NULL },
		{ BYTES("\n"), "is empty", NULL },
		{ BYTES("pass\r\n"), "carriage return", NULL },
		{ BYTES("pass\r"), "carriage return", NULL },
		{ BYTES("\r\n"), "carriage return", NULL },
		{ BYTES("\xef\xbb\xbfpass\n"), "byte order mark", NULL },
		{ BYTES("\xff\xfep\0a\0"), "byte order mark", NULL },
		{ BYTES("\xfe\xff\0p\0a"), "byte order mark", NULL },
		{ BYTES("\xef\xbb\xbf"), "byte order mark", NULL },
		{ BYTES("pass\n\n"), "more than one line", NULL },
		{ BYTES("pass\n# of 2026\n"), "more than one line", NULL },
		{ BYTES("\npass\n"), "more than one line", NULL },
		{ BYTES("pa\0ss\n"), "NUL", NULL },
		{ BYTES("pass\n\0"), "NUL", NULL },
		{ BYTES("\0"), "NUL", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(files); i++)
		check(&files[i], secret_read);
}

/* "openssl rand -base64 64" makes two lines: links made with both stay good. */
static void a_key_counts_with_all_its_lines(void **state)
{
	static const struct file files[] = {
		{ BYTES("one\ntwo\n"), NULL, "one\ntwo" },
		{ BYTES("one\r\n"), NULL, "one\r" },
		{ BYTES("\xef\xbb\xbfone"), NULL, "\xef\xbb\xbfone" },
		{ BYTES("one\0two"), "NUL", NULL },
		{ BYTES("\n"), "is empty", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(files); i++)
		check(&files[i], secret_key_read);
}

static void a_secret_that_others_may_read_is_refused(void **state)
{
	char *path = scratch_path("loose");
	char *secret = NULL;
	struct fault why;

	(void)state;
	put_bytes(path, BYTES("pass"));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(secret_read(path, &secret, &why), -1);
	assert_non_null(strstr(why.text, "has mode 640"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(secret_read(path, &secret, &why), -1);
	assert_non_null(strstr(why.text, path));
	free(path);
}

static int begin(void **state)
{
	(void)state;
	return scratch_begin(NULL, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_nobody_sees_in_a_password_is_refused_by_name),
		cmocka_unit_test(a_key_counts_with_all_its_lines),
		cmocka_unit_test(a_secret_that_others_may_read_is_refused),
	};

	return cmocka_run_group_tests(tests, begin, scratch_end);
}
