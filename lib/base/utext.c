/* SPDX-License-Identifier: MIT */
/* Classes of characters, as Unicode 15 has them, by ranges. */
#include "config.h"

#include "base/utext.h"

#include "base/str.h"

#include <stdint.h>

struct range {
	uint32_t first;
	uint32_t last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t c)
{
	size_t low = 0;
	size_t high = count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (c > ranges[mid].last)
			low = mid + 1;
		else if (c < ranges[mid].first)
			high = mid;
		else
			return true;
	}
	return false;
}

#define IS_IN(ranges, c) is_in(ranges, ARRAY_COUNT(ranges), c)

/* White_Space, but for the line ends that no keyboard has. */
static const struct range blanks[] = {
	{ 0x09, 0x0d }, { 0x20, 0x20 }, { 0xa0, 0xa0 },
	{ 0x1680, 0x1680 }, { 0x2000, 0x200a },
	{ 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x3000, 0x3000 },
};

/* Controls, line ends, Cf and Default_Ignorable_Code_Point but for the joiners
 * and selectors below, fillers, private use. */
static const struct range refused[] = {
	{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f },
	{ 0x600, 0x605 }, { 0x61c, 0x61c }, { 0x6dd, 0x6dd },
	{ 0x70f, 0x70f }, { 0x8e2, 0x8e2 }, { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200b },
	{ 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
	{ 0x2800, 0x2800 }, { 0x3164, 0x3164 }, { 0xe000, 0xf8ff },
	{ 0xfdd0, 0xfdef }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb }, { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe00ff },
	{ 0xe01f0, 0xe0fff }, { 0xf0000, 0x10ffff },
};

/* Scripts in which a joiner inside a word changes what is read: Arabic's to
 * Sinhala, Myanmar, Khmer, and Arabic's presentation forms. */
static const struct range joining[] = {
	{ 0x600, 0xdff }, { 0x1000, 0x109f }, { 0x1780, 0x17d3 },
	{ 0xfb50, 0xfdff }, { 0xfe70, 0xfefc },
};

static const struct range han[] = {
	{ 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xf900, 0xfaff },
	{ 0x20000, 0x3ffff },
};

/* What cannot be a name by itself: punctuation, signs, marks with no letter. */
static const struct range mere_marks[] = {
	{ 0x21, 0x2f }, { 0x3a, 0x40 }, { 0x5b, 0x60 }, { 0x7b, 0x7e },
	{ 0xa1, 0xa9 }, { 0xab, 0xb1 }, { 0xb4, 0xb4 }, { 0xb6, 0xb8 },
	{ 0xbb, 0xbb }, { 0xbf, 0xbf }, { 0x2b9, 0x2df }, { 0x300, 0x36f },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x2010, 0x205e },
	{ 0x20d0, 0x20ff }, { 0x3001, 0x3003 }, { 0xfe20, 0xfe2f },
};

/* Marks that belong to the letter before them. */
static const struct range accents[] = {
	{ 0x300, 0x36f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },
	{ 0x20d0, 0x20ff }, { 0xfe20, 0xfe2f },
};

/* Kana, Bopomofo, and Hangul's letters and syllables; not the dots that stand
 * between names in kana. */
static const struct range dense[] = {
	{ 0x1100, 0x11ff }, { 0x3005, 0x3007 }, { 0x3041, 0x309f },
	{ 0x30a1, 0x30fa }, { 0x30fc, 0x318f }, { 0xac00, 0xd7af },
	{ 0xff66, 0xff9d },
};

static bool is_joiner(uint32_t c)
{
	return c == 0x200c || c == 0x200d;
}

static bool is_selector(uint32_t c)
{
	return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

static bool is_refused(uint32_t c)
{
	return (c < 0x20 || c > 0x7e) &&	/* the most are ASCII */
	       (IS_IN(refused, c) || (c & 0xfffe) == 0xfffe);
}

bool utext_is_joint(uint32_t c)
{
	return IS_IN(blanks, c) || c == 0x30fb || c == 0xff65 ||
	       (IS_IN(mere_marks, c) && !IS_IN(accents, c));
}

bool utext_is_dense(uint32_t c)
{
	return IS_IN(dense, c) || IS_IN(han, c);
}

bool utext_has_invisible(const char *text)
{
	uint32_t c;

	while ((c = str_utf8_next(&text)) != 0)
		if (is_refused(c))
			return true;
	return *text != '\0';
}

enum utext_fault utext_name_check(const char *text)
{
	bool seen = false;
	uint32_t before = 0;
	uint32_t c;

	while ((c = str_utf8_next(&text)) != 0) {
		const char *rest = text;

		if (is_refused(c))
			return UTEXT_INVISIBLE;
		if (is_joiner(c) && (!IS_IN(joining, before) ||
				     !IS_IN(joining, str_utf8_next(&rest))))
			return UTEXT_INVISIBLE;
		if (is_selector(c) && (c < 0xe0100 || !IS_IN(han, before)))
			return UTEXT_INVISIBLE;
		if (!is_joiner(c) && !is_selector(c) && !IS_IN(blanks, c) &&
		    !IS_IN(mere_marks, c))
			seen = true;
		before = c;
	}
	return seen ? UTEXT_GOOD : UTEXT_EMPTY;
}

static bool is_left_out(uint32_t c, bool hidden)
{
	if (c > ' ' && c < 0x7f)	/* the most are ASCII */
		return false;
	return IS_IN(blanks, c) || (hidden && (is_refused(c) ||
					       is_joiner(c) || is_selector(c)));
}

static char *trim(char *text, bool hidden)
{
	const char *at = text;
	char *start = NULL;
	size_t end = 0;

	for (;;) {
		const char *here = at;
		uint32_t c = str_utf8_next(&at);

		if (c == 0)
			break;
		if (is_left_out(c, hidden))
			continue;
		if (!start)
			start = text + (here - text);
		end = (size_t)(at - text);
	}
	text[end] = '\0';
	return start ? start : text;
}

char *utext_trim(char *text)
{
	return trim(text, false);
}

char *utext_trim_hidden(char *text)
{
	return trim(text, true);
}

/* ---- words of ASCII ----------------------------------------------------- */

/* The plain letters of U+00C0 to U+017F; '-' where there is none. */
static const char plain[] =
	"aaaaaaaceeeeiiiidnooooo-ouuuuyts"	/* U+00C0 */
	"aaaaaaaceeeeiiiidnooooo-ouuuuyty"	/* U+00E0 */
	"aaaaaaccccccccddddeeeeeeeeeegggg"	/* U+0100 */
	"gggghhhhiiiiiiiiiiiijjkkklllllll"	/* U+0120 */
	"lllnnnnnnnnnoooooooorrrrrrssssss"	/* U+0140 */
	"ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";	/* U+0160 */

/* The second letter of one that stands for two, else '\0'. */
static char second_letter(uint32_t c)
{
	switch (c) {
	case 0xc6: case 0xe6:		/* Æ æ */
	case 0x152: case 0x153:		/* Œ œ */
		return 'e';
	case 0xdf:			/* ß */
		return 's';
	case 0xde: case 0xfe:		/* Þ þ */
		return 'h';
	default:
		return '\0';
	}
}

/* The small letter or digit that c is without its accent, else '-'. */
static char plain_letter(uint32_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return (char)c;
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if (c >= 0xc0 && c < 0xc0 + sizeof(plain) - 1)
		return plain[c - 0xc0];
	return '-';
}

void utext_word(char *dst, size_t size, const char *text, char joint)
{
	bool joins = false;
	size_t len = 0;
	uint32_t c;

	while ((c = str_utf8_next(&text)) != 0) {
		char letters[] = { plain_letter(c), second_letter(c) };

		if (c >= 0x300 && c <= 0x36f)
			continue;	/* the accent of the letter before */
		if (letters[0] == '-') {
			joins = len > 0;
			continue;
		}
		if (len + joins + 2 >= size)
			break;
		if (joins)
			dst[len++] = joint;
		joins = false;
		dst[len++] = letters[0];
		if (letters[1] != '\0')
			dst[len++] = letters[1];
	}
	dst[len] = '\0';
}
