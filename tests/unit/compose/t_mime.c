/* SPDX-License-Identifier: MIT */
/* Tests headers and bodies of mails. */
#include "config.h"

#include "compose/mime.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void names_are_atoms_quoted_or_encoded(void **state)
{
	static const struct {
		const char *name;
		const char *want;
	} rows[] = {
		{ "Zoe Martin", "To: Zoe Martin <z@x.fr>\r\n" },
		{ "Martin, Z. \"Zo\"",
		  "To: \"Martin, Z. \\\"Zo\\\"\" <z@x.fr>\r\n" },
		{ "a\\b", "To: \"a\\\\b\" <z@x.fr>\r\n" },
		{ "", "To: z@x.fr\r\n" },
		{ " \t \r\n", "To: z@x.fr\r\n" },
		{ " Zoe   Martin ", "To: Zoe Martin <z@x.fr>\r\n" },
		{ "Zoe\r\nBcc: a@b", "To: \"Zoe Bcc: a@b\" <z@x.fr>\r\n" },
		{ "Zoé", "To: =?UTF-8?Q?Zo=C3=A9?= <z@x.fr>\r\n" },
		{ "Zoé \"Z\" <x>\r\nBcc: a@b",
		  "To: =?UTF-8?Q?Zo=C3=A9_=22Z=22_=3Cx=3E_Bcc=3A_a=40b?="
		  " <z@x.fr>\r\n" },
		{ "a\xff\xe2\x80\xa8z", "To: a z <z@x.fr>\r\n" },
		/* What looks encoded is encoded, so that it stays as typed. */
		{ "=?utf-8?q?=0Aevil?=",
		  "To: =?UTF-8?Q?=3D=3Futf-8=3Fq=3F=3D0Aevil=3F=3D?="
		  " <z@x.fr>\r\n" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct buf out = BUF_INIT;

		mime_header_mailbox(&out, "To", rows[i].name, "z@x.fr");
		assert_string_equal(out.data, rows[i].want);
		buf_release(&out);
	}
}

static void long_texts_fold_between_characters(void **state)
{
	static const char *const units[] = { "é", "word ", "aé", "x", "😀 ",
					     "\xff" };
	(void)state;
	for (size_t u = 0; u < ARRAY_COUNT(units); u++) {
		struct buf text = BUF_INIT;
		struct buf out = BUF_INIT;
		size_t line = 0;

		for (int i = 0; i < 300; i++)
			buf_addstr(&text, units[u]);
		mime_header_text(&out, "Subject", text.data);
		for (const char *s = out.data; *s; s++) {
			line = *s == '\n' ? 0 : line + 1;
			assert_true(line <= 77);	/* with the CR */
			if (*s == '\n' && s[1])
				assert_true(s[1] == ' ');
			assert_true((unsigned char)*s < 0x80);
		}
		assert_true(str_ends_with(out.data, "\r\n"));
		buf_release(&out);
		buf_release(&text);
	}
}

static void a_date_is_utc(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	mime_header_date(&out, 1764768600999);
	assert_string_equal(out.data,
			    "Date: Wed, 3 Dec 2025 13:30:00 +0000\r\n");
	buf_release(&out);
}

static void bodies_are_seven_bit_with_crlf(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} rows[] = {
		{ "", "\r\n" },
		{ "a", "a\r\n" },
		{ "a\nb\r\nc\n", "a\r\nb\r\nc\r\n" },
		{ "a \t\n \r\nb ", "a\r\n\r\nb\r\n" },
		{ "-- \nZ", "--=20\r\nZ\r\n" },
		{ "é=_\n.\n", "=C3=A9=3D_\r\n.\r\n" },
		{ "a\rb\n", "a=0Db\r\n" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct buf out = BUF_INIT;

		mime_body_quoted(&out, rows[i].text, strlen(rows[i].text));
		assert_string_equal(out.data, rows[i].want);
		buf_release(&out);
	}
	struct buf out = BUF_INIT;

	buf_addstr(&out, "x\n");	/* what is there stays as it is */
	mime_body_base64(&out, "abc", 3);
	assert_string_equal(out.data, "x\nYWJj\r\n");
	buf_release(&out);
}

static void long_lines_are_broken_at_76(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_addstr(&text, i % 3 ? "é" : "=");
	for (int form = 0; form < 2; form++) {
		struct buf out = BUF_INIT;
		size_t line = 0;

		if (form == 0)
			mime_body_quoted(&out, text.data, text.len);
		else
			mime_body_base64(&out, text.data, text.len);
		for (size_t i = 0; i < out.len; i++) {
			line = out.data[i] == '\n' ? 0 : line + 1;
			assert_true(line <= 77);
			assert_true((unsigned char)out.data[i] < 0x80);
			if (out.data[i] == '\n')
				assert_int_equal(out.data[i - 1], '\r');
		}
		assert_null(strstr(out.data, "=_"));
		buf_release(&out);
	}
	buf_release(&text);
}

/* Undoes quoted-printable as RFC 2045 says, CRLF to LF. */
static void decode(struct buf *out, const struct buf *in)
{
	for (size_t i = 0; i < in->len; i++) {
		unsigned byte;

		if (in->data[i] == '\r') {
			continue;
		} else if (in->data[i] != '=') {
			buf_addch(out, in->data[i]);
		} else if (in->data[i + 1] == '\r') {
			i += 2;		/* a soft line break */
		} else {
			assert_int_equal(sscanf(in->data + i + 1, "%2X", &byte),
					 1);
			buf_addch(out, (char)byte);
			i += 2;
		}
	}
}

static void quoted_bodies_say_what_was_written(void **state)
{
	static const char bytes[] = "ab=.- \t\r\xc3\xa9_~!\x7f\x01";
	unsigned dice = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct buf text = BUF_INIT, out = BUF_INIT, back = BUF_INIT;

		for (int i = round % 240; i >= 0; i--) {
			dice = dice * 1103515245 + 12345;
			buf_addch(&text, round % 3
				  ? bytes[(dice >> 16) % (sizeof(bytes) - 1)]
				  : 'x');
			if ((dice >> 16) % 97 == 0)
				buf_addstr(&text, "z\n");
		}
		buf_addstr(&text, "z\n");
		mime_body_quoted(&out, text.data, text.len);
		decode(&back, &out);
		assert_int_equal(back.len, text.len);
		assert_memory_equal(back.data, text.data, text.len);
		for (const char *line = out.data; *line;) {
			size_t len = strcspn(line, "\r\n");

			assert_true(len <= 76);
			assert_memory_equal(line + len, "\r\n", 2);
			assert_true(len == 0 || (line[len - 1] != ' ' &&
						 line[len - 1] != '\t'));
			line += len + 2;
		}
		buf_release(&back);
		buf_release(&out);
		buf_release(&text);
	}
}

static int begin(void **state)
{
	(void)state;
	mime_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_atoms_quoted_or_encoded),
		cmocka_unit_test(long_texts_fold_between_characters),
		cmocka_unit_test(a_date_is_utc),
		cmocka_unit_test(bodies_are_seven_bit_with_crlf),
		cmocka_unit_test(long_lines_are_broken_at_76),
		cmocka_unit_test(quoted_bodies_say_what_was_written),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
