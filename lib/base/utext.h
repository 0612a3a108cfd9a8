/* SPDX-License-Identifier: MIT */
/*
 * Which characters of Unicode people may send.  Pure; all texts are well-formed
 * UTF-8.
 *
 * Refused everywhere: controls, what turns or hides text (bidi controls, tags,
 * soft hyphen, fillers), private use, noncharacters.  U+200C and U+200D belong
 * to Persian and Indic words and to emoji, U+FE0F to emoji, U+E0100 and on to
 * Han names: a name may hold them only where its script uses them.
 */
#ifndef BASE_UTEXT_H
#define BASE_UTEXT_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum utext_fault {
	UTEXT_GOOD,
	UTEXT_EMPTY,		/* nothing that can be seen or said */
	UTEXT_INVISIBLE,	/* something in it cannot be seen */
};

/* One line that names somebody or something: it has a letter, a digit or
 * another sign that is not mere punctuation. */
enum utext_fault utext_name_check(const char *text);

/* Does text have a control, also a line end or a tab, another character that
 * cannot be seen, or bytes that are not UTF-8?  Of any length. */
bool utext_has_invisible(const char *text);

/* Removes blanks of every kind at both ends, in place; returns text moved. */
char *utext_trim(char *text);

/* The same, and of all that cannot be seen: what is copied along with a word of
 * ASCII. */
char *utext_trim_hidden(char *text);

/* Does c stand between words: a blank, a sign?  Accents do not. */
bool utext_is_joint(uint32_t c);

/* Is c of a script that leaves no blanks between words: Han, kana, Hangul? */
bool utext_is_dense(uint32_t c);

/*
 * Makes a word of ASCII that reads like text, for addresses and programs:
 * small letters without their accents, and digits; whatever lies between them
 * is one joint.  At most size - 1 bytes; "" if text has no Latin letter.
 */
void utext_word(char *dst, size_t size, const char *text, char joint);

#endif
