/* SPDX-License-Identifier: MIT */
/* Mixes colours until their contrast is enough. */
#include "config.h"

#include "site/palette.h"

#include "base/compiler.h"

#include <stdio.h>
#include <string.h>

/* nginx/static/reservoir.css has the same: what accents are seen on. */
#define LIGHT_CARD { { 0xff, 0xff, 0xff } }
#define LIGHT_PAPER { { 0xf4, 0xf6, 0xf5 } }
#define DARK_CARD { { 0x1b, 0x23, 0x26 } }

#define STEPS 64
#define WASH_OF_64 6		/* so much of the accent is in a wash */
#define DARK_WASH_OF_64 8

struct rgb {
	int part[3];
};

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;

	/* 0x20 makes letters small, and digits stay. */
	return at != NULL && c > ' ' ? (int)(at - digits) : -1;
}

static bool rgb_read(const char *text, struct rgb *out)
{
	if (strlen(text) != strlen("#rrggbb") || text[0] != '#')
		return false;
	for (int i = 0; i < 3; i++) {
		int high = digit(text[1 + 2 * i]);
		int low = digit(text[2 + 2 * i]);

		if (high < 0 || low < 0)
			return false;
		out->part[i] = 16 * high + low;
	}
	return true;
}

static void rgb_write(struct rgb c, char out[PALETTE_COLOUR_SIZE])
{
	(void)snprintf(out, PALETTE_COLOUR_SIZE, "#%02x%02x%02x",
		       (unsigned)c.part[0] & 0xff, (unsigned)c.part[1] & 0xff,
		       (unsigned)c.part[2] & 0xff);
}

/* of parts of 64 of one colour, the rest of the other. */
static struct rgb mix(struct rgb one, struct rgb other, int of)
{
	struct rgb out;

	for (int i = 0; i < 3; i++)
		out.part[i] = (one.part[i] * of +
			       other.part[i] * (STEPS - of) + STEPS / 2) /
			      STEPS;
	return out;
}

/* x in 0..1 to the power of 2.4, by Newton's steps: not worth a library. */
static double power_2_4(double x)
{
	double root = 1;	/* the fifth of x squared */

	for (int i = 0; i < 60; i++) {
		double fourth = root * root * root * root;

		root -= (fourth * root - x * x) / (5 * fourth);
	}
	return x * x * root;
}

/* WCAG 2.2, "relative luminance". */
static double luminance(struct rgb c)
{
	static const double weight[] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		double s = c.part[i] / 255.0;

		sum += weight[i] * (s <= 0.04045 ? s / 12.92 :
				    power_2_4((s + 0.055) / 1.055));
	}
	return sum;
}

static double contrast(struct rgb one, struct rgb other)
{
	double a = luminance(one) + 0.05;
	double b = luminance(other) + 0.05;

	return a > b ? a / b : b / a;
}

double palette_contrast(const char *one, const char *other)
{
	struct rgb a = { { 0 } };
	struct rgb b = { { 0 } };

	(void)rgb_read(one, &a);
	(void)rgb_read(other, &b);
	return contrast(a, b);
}

static bool is_enough(struct rgb one, struct rgb other)
{
	return contrast(one, other) >= PALETTE_CONTRAST_MIN;
}

bool palette_make(const char *colour, struct palette *out)
{
	static const struct rgb black = { { 0 } };
	static const struct rgb white = { { 255, 255, 255 } };
	static const struct rgb card = LIGHT_CARD;
	static const struct rgb paper = LIGHT_PAPER;
	static const struct rgb dark_card = DARK_CARD;
	struct rgb given;
	struct rgb accent;
	struct rgb wash;
	int step = 0;

	*out = (struct palette){ .accent = "" };
	if (!rgb_read(colour, &given))
		return false;
	/* Black and white are enough, so both loops end. */
	do {
		accent = mix(black, given, step++);
		wash = mix(accent, card, WASH_OF_64);
	} while (!is_enough(accent, paper) || !is_enough(accent, wash));
	rgb_write(accent, out->accent);
	rgb_write(wash, out->wash);
	step = 0;
	do {
		accent = mix(white, given, step++);
		wash = mix(accent, dark_card, DARK_WASH_OF_64);
	} while (!is_enough(accent, wash));
	rgb_write(accent, out->dark_accent);
	rgb_write(wash, out->dark_wash);
	return true;
}
