/* SPDX-License-Identifier: MIT */
/* Tests how replies are made of the bytes of a server. */
#include "config.h"

#include "smtp/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void arrive(struct reply *r, const char *bytes, size_t len)
{
	size_t size;
	char *room = reply_room(r, &size);

	assert_true(len <= size);
	memcpy(room, bytes, len);
	r->have += len;
}

/* Looks until the reply is whole, or nothing more can be done. */
static enum reply_state look(struct reply *r)
{
	enum reply_state state;
	char *line;
	size_t len;

	while ((state = reply_look(r, &line, &len)) == REPLY_LINE)
		assert_int_equal(line[len - 1], '\n');
	return state;
}

static enum reply_state look_at(struct reply *r, const char *bytes)
{
	memset(r, 0, sizeof(*r));
	arrive(r, bytes, strlen(bytes));
	return look(r);
}

static void a_reply_may_come_in_any_pieces(void **state)
{
	static const char text[] = "250-one\r\n250-two\r\n250 three\r\n";
	static struct reply r;

	(void)state;
	memset(&r, 0, sizeof(r));
	for (size_t i = 0; i + 1 < sizeof(text); i++) {
		assert_int_equal(look(&r), REPLY_MORE);
		arrive(&r, text + i, 1);
	}
	assert_int_equal(look(&r), REPLY_WHOLE);
	assert_int_equal(reply_code(&r), 250);
	assert_false(reply_has_more(&r));
}

static void what_follows_a_reply_is_the_next_one(void **state)
{
	static struct reply r;

	(void)state;
	assert_int_equal(look_at(&r, "220 go\r\n421-too\r\n421 late\r\n55"),
			 REPLY_WHOLE);
	assert_int_equal(reply_code(&r), 220);
	assert_true(reply_has_more(&r));
	reply_next(&r);
	assert_int_equal(look(&r), REPLY_WHOLE);
	assert_int_equal(reply_code(&r), 421);
	reply_next(&r);
	assert_int_equal(look(&r), REPLY_MORE);
}

static void what_is_no_reply_is_seen(void **state)
{
	static const struct {
		const char *bytes;
		enum reply_state wanted;
	} table[] = {
		{ "220\r\n", REPLY_WHOLE }, { "220\n", REPLY_WHOLE },
		{ "220 \n", REPLY_WHOLE }, { "599 x\n", REPLY_WHOLE },
		{ "\r\n", REPLY_BAD }, { "22\r\n", REPLY_BAD },
		{ "2200 x\r\n", REPLY_BAD }, { "hello\r\n", REPLY_BAD },
		{ "120 x\r\n", REPLY_BAD }, { "620 x\r\n", REPLY_BAD },
		{ "2x0 x\r\n", REPLY_BAD }, { " 220 x\r\n", REPLY_BAD },
		{ "250-one\r\n251 two\r\n", REPLY_BAD },
		{ "250-one\r\ntwo\r\n", REPLY_BAD },
		{ "250-one\r\n250\r\n", REPLY_WHOLE },
		{ "", REPLY_MORE }, { "250 one\r", REPLY_MORE },
	};
	static struct reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (look_at(&r, table[i].bytes) != table[i].wanted)
			fail_msg("row %zu: %s", i, table[i].bytes);
	memset(&r, 0, sizeof(r));
	arrive(&r, "220\0 x\r\n", 8);
	assert_int_equal(look(&r), REPLY_BAD);
}

static void a_reply_without_an_end_is_too_long(void **state)
{
	static struct reply r;
	size_t size;

	(void)state;
	memset(&r, 0, sizeof(r));
	(void)reply_room(&r, &size);
	for (size_t i = 0; i < size / 8; i++)
		arrive(&r, "250-ab\r\n", 8);
	assert_int_equal(look(&r), REPLY_LONG);
}

static void a_challenge_may_be_bare(void **state)
{
	static struct reply r;

	(void)state;
	assert_int_equal(look_at(&r, "334 \r\n"), REPLY_WHOLE);
	assert_true(reply_is_bare(&r));
	assert_int_equal(look_at(&r, "334\n"), REPLY_WHOLE);
	assert_true(reply_is_bare(&r));
	assert_int_equal(look_at(&r, "334 e30=\r\n"), REPLY_WHOLE);
	assert_false(reply_is_bare(&r));
}

static const char ehlo[] = "250-STARTTLS greets AUTH PLAIN\r\n"
			   "250-size 1000\r\n250-STARTTLSX\r\n"
			   "250-auth  Plain XOAUTH2\r\n250-CHUNKING\r\n"
			   "250 8BITMIME\r\n";

static void what_ehlo_offers_is_found_word_by_word(void **state)
{
	static struct reply r;

	(void)state;
	assert_int_equal(look_at(&r, ehlo), REPLY_WHOLE);
	/* The first line is a greeting. */
	assert_false(reply_offers(&r, "STARTTLS", NULL));
	assert_true(reply_offers(&r, "SIZE", NULL));
	assert_true(reply_offers(&r, "8BITMIME", NULL));
	assert_true(reply_offers(&r, "AUTH", "PLAIN"));
	assert_true(reply_offers(&r, "AUTH", "xoauth2"));
	assert_false(reply_offers(&r, "AUTH", "XOAUTH"));
	assert_false(reply_offers(&r, "AUTH", "LOGIN"));
	assert_false(reply_offers(&r, "AUTH", "AUTH"));
}

static void kept(const char *bytes, const char *wanted)
{
	static const char *const without[] = { "CHUNKING", "AUTH", "8BITMIME",
					       NULL };
	static struct reply r;
	struct buf out = BUF_INIT;

	assert_int_equal(look_at(&r, bytes), REPLY_WHOLE);
	reply_add_without(&r, without, &out);
	assert_string_equal(out.data, wanted);
	buf_release(&out);
}

static void extensions_can_be_left_out(void **state)
{
	(void)state;
	kept(ehlo, "250-STARTTLS greets AUTH PLAIN\r\n250-size 1000\r\n"
	     "250 STARTTLSX\r\n");
	kept("250-me\r\n250 AUTH\r\n", "250 me\r\n");
	kept("250-me\r\n250\r\n", "250-me\r\n250 \n");
	kept("250-me\r\n250\n", "250-me\r\n250\n");
	kept("250 me\r\n", "250 me\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_may_come_in_any_pieces),
		cmocka_unit_test(what_follows_a_reply_is_the_next_one),
		cmocka_unit_test(what_is_no_reply_is_seen),
		cmocka_unit_test(a_reply_without_an_end_is_too_long),
		cmocka_unit_test(a_challenge_may_be_bare),
		cmocka_unit_test(what_ehlo_offers_is_found_word_by_word),
		cmocka_unit_test(extensions_can_be_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
