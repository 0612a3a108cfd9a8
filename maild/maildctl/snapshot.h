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

/* Appends the picture for people, no line wider than screen->width. */
void ctl_status_render(struct json_object *snapshot,
		       const struct ctl_screen *screen, struct buf *out);

struct ctl_limits {		/* thresholds of --check; -1 = none */
	int64_t age_ms;		/* of the oldest mail that could be sent */
	int64_t dead;		/* dead letters */
};

/* Reads "10min", "20" or "10min,20" over what *out holds.  0, or EX_USAGE. */
int ctl_limits_read(const char *name, const char *text, struct ctl_limits *out,
		    struct fault *why) MUST_USE;

struct ctl_check {
	struct ctl_limits warn, crit;
	const char *host;	/* judge only what runs there; NULL = all */
	const char *away;	/* why no mail server answered when it was
				   asked; NULL = one did, or none was asked */
};

/*
 * Judges a snapshot: appends one line "MAILD OK - ... | perfdata" and returns
 * 0 OK, 1 WARNING or 2 CRITICAL.
 */
int ctl_status_judge(struct json_object *snapshot,
		     const struct ctl_check *check, struct buf *out);

/* Says the line of --check with a code of 0 to 3: 3 is UNKNOWN. */
void ctl_check_say(bool json, int code, const char *line);

#endif
