/* SPDX-License-Identifier: MIT */
/* The table of refusals. */
#include "config.h"

#include "domain/refusal.h"

#include "base/fault.h"

#include <string.h>

static const struct {
	int status;
	const char *type;
} kinds[] = {
	[FAIL_BAD_REQUEST] = { 400, "bad-request" },
	[FAIL_NO_KEY] = { 401, "key-needed" },
	[FAIL_READ_ONLY] = { 403, "key-read-only" },
	[FAIL_FORBIDDEN] = { 403, "forbidden" },
	[FAIL_ELSEWHERE] = { 403, "form-elsewhere" },
	[FAIL_RETURN] = { 400, "form-return" },
	[FAIL_ORIGIN] = { 403, "form-origin" },
	[FAIL_NOT_FOUND] = { 404, "not-found" },
	[FAIL_NO_SLOT] = { 404, "no-such-slot" },
	[FAIL_METHOD] = { 405, "method-not-allowed" },
	[FAIL_FULL] = { 409, "slot-full" },
	[FAIL_BEGUN] = { 409, "slot-begun" },
	[FAIL_LATE] = { 409, "too-late" },
	[FAIL_OVER] = { 409, "already-begun" },
	[FAIL_MOVES] = { 409, "moved-too-often" },
	[FAIL_CANCELLED] = { 409, "booking-cancelled" },
	[FAIL_ERASED] = { 409, "booking-erased" },
	[FAIL_MEANWHILE] = { 409, "changed-meanwhile" },
	[FAIL_LAPSED] = { 409, "offer-lapsed" },
	[FAIL_IN_USE] = { 409, "slot-in-use" },
	[FAIL_ON_ITS_WAY] = { 409, "on-its-way" },
	[FAIL_PAST] = { 410, "slot-past" },
	[FAIL_TOO_LARGE] = { 413, "too-large" },
	[FAIL_MEDIA_TYPE] = { 415, "unsupported-media-type" },
	[FAIL_FIELDS] = { 422, "invalid-fields" },
	[FAIL_TRAPPED] = { 422, "form-trapped" },
	[FAIL_KEY_REUSED] = { 422, "key-reused" },
	[FAIL_TOO_OFTEN] = { 429, "too-many-requests" },
	[FAIL_TOO_SOON] = { 429, "sent-just-now" },
	[FAIL_INTERNAL] = { 500, "internal" },
	[FAIL_UNAVAILABLE] = { 503, "unavailable" },
	[FAIL_UNSURE] = { 503, "unsure" },
};

int fail_status(enum fail_kind kind)
{
	return kinds[kind].status;
}

const char *fail_type(enum fail_kind kind)
{
	return kinds[kind].type;
}

enum fail_kind fail_find(const char *type)
{
	size_t kind = ARRAY_COUNT(kinds) - 1;

	while (kind > FAIL_NONE && strcmp(kinds[kind].type, type) != 0)
		kind--;
	return (enum fail_kind)kind;
}

enum fail_kind fail_of_fault(const struct fault *why)
{
	return why->class == FAULT_UNSURE ? FAIL_UNSURE : FAIL_UNAVAILABLE;
}
