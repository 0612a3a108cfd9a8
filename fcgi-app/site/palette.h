/* SPDX-License-Identifier: MIT */
/*
 * From an organisation's one colour to those that pages and mails need, each
 * with text that can be read on it: WCAG 2.2's 4.5:1.  Pure functions.
 */
#ifndef SITE_PALETTE_H
#define SITE_PALETTE_H

#include <stdbool.h>

#define PALETTE_COLOUR_SIZE sizeof("#rrggbb")

/*
 * An accent is the colour of links and buttons: in light pages with white text
 * on it, in dark ones with that of the page's background.  A wash lies under
 * accents and text.
 */
struct palette {
	char accent[PALETTE_COLOUR_SIZE];
	char wash[PALETTE_COLOUR_SIZE];
	char dark_accent[PALETTE_COLOUR_SIZE];
	char dark_wash[PALETTE_COLOUR_SIZE];
};

/*
 * Derives them from "#rrggbb": in light pages it is darkened, in dark ones
 * lightened, until text can be read in it and on it, else taken as it is.
 * False if it is no colour; *out is then empty strings.
 */
bool palette_make(const char *colour, struct palette *out);

/* How well text in one colour can be read on the other: 1 to 21; both are
 * "#rrggbb". */
double palette_contrast(const char *one, const char *other);

#define PALETTE_CONTRAST_MIN 4.5

#endif
