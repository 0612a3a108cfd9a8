/* SPDX-License-Identifier: MIT */
/* One booking, with its slot and its service. */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "domain/model.h"
#include "store/store.h"

/* 1 found, 0 not, -1 fault. */
int store_booking_by_ref(struct store *s, const char *ref,
			 struct booking_view *out, struct fault *why) MUST_USE;
int store_booking_by_id(struct store *s, int64_t id,
			struct booking_view *out, struct fault *why) MUST_USE;

/* The request id of the POST that made a booking; "" = none, or erased.
 * 1, 0, -1. */
int store_booking_request(struct store *s, int64_t booking_id,
			  char out[65], struct fault *why) MUST_USE;

#endif
