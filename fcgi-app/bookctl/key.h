/* SPDX-License-Identifier: MIT */
/* What the two files of "bookctl key" share. */
#ifndef BOOKCTL_KEY_H
#define BOOKCTL_KEY_H

#include "base/compiler.h"
#include "bookctl/bookctl.h"

#include <stdbool.h>
#include <stdint.h>

/* The day of an instant in UTC, "2025-12-03". */
#define CTL_DAY_SIZE 16
void ctl_day(int64_t at_ms, char out[CTL_DAY_SIZE]);

/* Makes and prints a key of the admin interface; an exit status. */
int ctl_apikey_add(struct ctl *ctl, const char *name, bool read_only,
		   bool json, struct fault *why) MUST_USE;

/* Prints them, or adds them to list if it is not NULL.  0, or -1. */
int ctl_apikey_list(struct ctl *ctl, struct json_object *list,
		    struct fault *why) MUST_USE;

/* 1 revoked, 0 there is none in use, -1. */
int ctl_apikey_revoke(struct ctl *ctl, const char *name, struct fault *why)
	MUST_USE;

#endif
