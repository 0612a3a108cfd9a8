/* SPDX-License-Identifier: MIT */
/* What must hold for every form, whatever it was read from. */
#ifndef FORMCHECK_H
#define FORMCHECK_H

#include "base/buf.h"
#include "base/compiler.h"
#include "form/form.h"

#include <stdbool.h>

/* Limits; UTF-8; nothing left behind by a body that was refused. */
void formcheck_result(const struct form *f, enum form_result result);

/* form_get() agrees with the fields. */
void formcheck_lookups(const struct form *f);

/* Is a name there twice? */
bool formcheck_has_repeats(const struct form *f);

/* Both have the same fields in the same order. */
void formcheck_same(const struct form *a, const struct form *b);

/* Appends the fields as an urlencoded body, every byte escaped. */
void formcheck_encode(const struct form *f, struct buf *out);

#endif
