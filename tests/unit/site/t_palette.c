/* SPDX-License-Identifier: MIT */
/* Of any colour come colours that text can be read in and on. */
#include "config.h"

#include "site/palette.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

/* As nginx/static/reservoir.css has them. */
#define PAPER "#f4f6f5"
#define CARD "#ffffff"
#define INK "#1a2426"
#define SOFT "#55646a"
#define DARK_PAPER "#12181a"
#define DARK_CARD "#1b2326"
#define DARK_INK "#e9eff0"
#define DARK_SOFT "#a3b2b6"

static void contrast_is_as_wcag_counts(void **state)
{
	(void)state;
	assert_float_equal(palette_contrast("#000000", "#ffffff"), 21, 0.001);
	assert_float_equal(palette_contrast("#ffffff", "#000000"), 21, 0.001);
	assert_float_equal(palette_contrast("#777777", "#ffffff"), 4.478,
			   0.001);
	assert_float_equal(palette_contrast("#0b5d6b", "#ffffff"), 7.521,
			   0.01);
}

static void a_colour_that_will_do_stays(void **state)
{
	struct palette p;

	(void)state;
	assert_true(palette_make("#0b5d6b", &p));
	assert_string_equal(p.accent, "#0b5d6b");
	assert_true(palette_make("#7FD0DD", &p));
	assert_string_equal(p.dark_accent, "#7fd0dd");
}

static void readable(const char *text, const char *ground, const char *of)
{
	if (palette_contrast(text, ground) < PALETTE_CONTRAST_MIN)
		fail_msg("%s: %s on %s is %.2f", of, text, ground,
			 palette_contrast(text, ground));
}

static void all_text_can_be_read_with_any_colour(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 0x1000; i++) {
		unsigned rgb = (i >> 8) * 0x110000 + (i >> 4 & 15) * 0x1100 +
			       (i & 15) * 0x11;
		char of[PALETTE_COLOUR_SIZE];
		struct palette p;

		(void)snprintf(of, sizeof(of), "#%06x", rgb);
		assert_true(palette_make(of, &p));
		readable(CARD, p.accent, of);
		readable(p.accent, PAPER, of);
		readable(p.accent, p.wash, of);
		readable(INK, p.wash, of);
		readable(SOFT, p.wash, of);
		readable(DARK_PAPER, p.dark_accent, of);
		readable(p.dark_accent, DARK_CARD, of);
		readable(p.dark_accent, p.dark_wash, of);
		readable(DARK_INK, p.dark_wash, of);
		readable(DARK_SOFT, p.dark_wash, of);
	}
}

static void what_is_no_colour_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "#", "0b5d6b", "#0b5d6", "#0b5d6bf", "#0b5d6g", "teal",
		"#0b5d6\x11", "# 0b5d6", "#0b5d 6", ("#\xc3\xa9" "b5d6"),
	};
	struct palette p;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		assert_false(palette_make(texts[i], &p));
		assert_string_equal(p.accent, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contrast_is_as_wcag_counts),
		cmocka_unit_test(a_colour_that_will_do_stays),
		cmocka_unit_test(all_text_can_be_read_with_any_colour),
		cmocka_unit_test(what_is_no_colour_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
