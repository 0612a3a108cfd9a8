/* SPDX-License-Identifier: MIT */
/* The queue at one moment, as "maildctl status --json" prints it. */
#ifndef MAILDCTL_SNAPSHOT_H
#define MAILDCTL_SNAPSHOT_H

#include "base/compiler.h"
#include "maildctl/maildctl.h"

/*
 * Reads everything there is to see; the caller frees it.  Its members are
 * documented in maildctl(1) and only ever added to.  NULL with *why.
 */
struct json_object *ctl_snapshot(struct ctl *ctl, struct fault *why) MUST_USE;

/* Two of its lists, in order of their names.  The caller frees them; NULL with
 * *why. */
struct json_object *ctl_pauses(struct ctl *ctl, struct fault *why) MUST_USE;
struct json_object *ctl_instances(struct ctl *ctl, struct fault *why) MUST_USE;

/* Appends the picture for people, no line wider than screen->width. */
void ctl_status_render(struct json_object *snapshot,
		       const struct ctl_screen *screen, struct buf *out);

/* Says the line of --check with a code of 0 to 3: 3 is UNKNOWN. */
void ctl_check_say(bool json, int code, const char *line);

#endif
