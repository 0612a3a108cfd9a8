/* SPDX-License-Identifier: MIT */
/* Services, slots and plans as organisers' JSON: the shell's and the API's. */
#ifndef ACTIONS_SERVICE_JSON_H
#define ACTIONS_SERVICE_JSON_H

#include "base/compiler.h"
#include "domain/model.h"
#include "domain/plan.h"

struct json_object;

/* All that a service_form reads, by the same names.  The caller frees it. */
struct json_object *service_json(const struct service *service)
	MUST_USE RETURNS_NONNULL;

/* id, starts_at, ends_at (RFC 3339 in the slot's zone), time_zone, capacity,
 * booked, closed. */
struct json_object *slot_json(const struct slot *slot)
	MUST_USE RETURNS_NONNULL;

/* added, there, skipped: how many; dry_run. */
struct json_object *plan_json(const struct slot_plan *plan, bool dry)
	MUST_USE RETURNS_NONNULL;

#endif
