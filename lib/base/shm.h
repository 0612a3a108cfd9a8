/* SPDX-License-Identifier: MIT */
/* Memory that a master and its children share. */
#ifndef BASE_SHM_H
#define BASE_SHM_H

#include "base/compiler.h"

/*
 * Maps size zeroed bytes, shared with all later children.  Leaves with 71 when
 * the system has none.  It lives until the process ends.
 */
void *shm_map(size_t size) MUST_USE RETURNS_NONNULL;

#endif
