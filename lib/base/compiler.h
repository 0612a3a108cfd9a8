/* SPDX-License-Identifier: MIT */
/* What the compiler is told about our code. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include "base/banned.h"

#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define NORETURN __attribute__((noreturn))
#define MUST_USE __attribute__((warn_unused_result))
#define RETURNS_NONNULL __attribute__((returns_nonnull))

#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
