/* SPDX-License-Identifier: MIT */
/* What maildctl's subcommands share. */
#ifndef MAILDCTL_MAILDCTL_H
#define MAILDCTL_MAILDCTL_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/fault.h"
#include "cli/cli.h"
#include "queue/queue.h"
#include "settings/mailconf.h"

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/* Statuses besides those of <sysexits.h>. */
#define CTL_NO 1		/* asked, and the answer was no */

/* How standard output shows things. */
struct ctl_screen {
	bool is_terminal;
	bool colour;
	size_t width;		/* 0 = no limit: a file or a pipe */
	size_t height;
};

struct ctl {
	const struct cli_call *call;
	bool json;		/* --json */
	struct mailconf conf;	/* empty for a command that needs none */
	struct queue *q;	/* NULL for one that needs no Redis */
	struct ctl_screen screen;
};

cli_run ctl_status, ctl_top, ctl_list, ctl_show, ctl_change, ctl_purge,
	ctl_pause, ctl_resume, ctl_drain, ctl_enqueue, ctl_check_templates,
	ctl_explain;

/* ---- talking to people: ctl_talk.c -------------------------------------- */

/* Measures standard output; again after a window changed its size. */
struct ctl_screen ctl_screen_read(void);

/* Writes to standard output; trouble with that is reported at the end. */
void ctl_say(const struct buf *text);
void ctl_sayf(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* A new object for an answer, with its version. */
struct json_object *ctl_answer_new(void) MUST_USE RETURNS_NONNULL;

/* Writes one line of JSON and frees the object. */
void ctl_say_json(struct json_object *json);

/* Writes an answer, as such a line or in words for people; frees it. */
void ctl_say_answer(bool as_json, struct json_object *answer,
		    const char *fmt, ...) PRINTF_LIKE(3, 4);

/*
 * Asks a yes-or-no question on standard error, unless --yes was given.
 * Returns 0 for yes; CTL_NO; or EX_USAGE with *why without a terminal to
 * answer from.
 */
int ctl_ask(const struct ctl *ctl, const char *question, struct fault *why)
	MUST_USE;

/* Reads an option such as --timeout.  0, also without it: *out_ms stays; or
 * EX_USAGE with *why. */
int ctl_span_read(const struct ctl *ctl, const char *option, int64_t *out_ms,
		  struct fault *why) MUST_USE;

/* Can there be a job of this name? */
bool ctl_is_id(const char *text);

/* Says what is wrong with the words, and returns EX_USAGE. */
int ctl_usage(struct fault *why, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
