/* SPDX-License-Identifier: MIT */
/* Who may use the admin interface, /api/v1/admin. */
#ifndef API_ACCESS_H
#define API_ACCESS_H

#include "base/compiler.h"

#include <stdbool.h>

struct call;

/*
 * May this request go on?  If not it has been answered: 401 without a key that
 * is in use, be it absent, mistyped, unknown or revoked (nobody shall see
 * which); 403 if the key may only read; 503 if nobody can know.
 */
bool api_admin_allows(struct call *call);

#endif
