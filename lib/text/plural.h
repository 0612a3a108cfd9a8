/* SPDX-License-Identifier: MIT */
/* Which form of a text a number takes, by a catalogue's rule.  Pure. */
#ifndef TEXT_PLURAL_H
#define TEXT_PLURAL_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The rules, and their forms besides "other":
 *
 *   none      no form: Japanese, Turkish
 *   n==1      one: English, German, Italian
 *   n<2       one for 0 and 1: French
 *   czech     one; few for 2 to 4: Czech, Slovak
 *   polish    one; few for 2 to 4, 22 to 24 and so on: Polish
 *   russian   one for 1, 21, 31; few as in Polish: Russian, Ukrainian, Serbian
 */
bool plural_is_rule(const char *rule);

/* "one", "few" or "other": the form of n, whatever its sign. */
const char *plural_form(const char *rule, int64_t n) RETURNS_NONNULL;

/* The i-th form that a text must have besides "other"; NULL past the end. */
const char *plural_form_at(const char *rule, size_t i);

/* Is it the name of a form at all? */
bool plural_is_form(const char *name);

#endif
