/* SPDX-License-Identifier: MIT */
/* What the subcommands of bookctl share. */
#ifndef BOOKCTL_BOOKCTL_H
#define BOOKCTL_BOOKCTL_H

#include "base/compiler.h"
#include "base/fault.h"
#include "cli/cli.h"
#include "db/conn.h"
#include "domain/model.h"
#include "domain/zone.h"
#include "site/appconf.h"

#include <stdbool.h>

struct fields;
struct form;
struct json_object;
struct queue;

struct ctl {
	const struct cli_call *call;
	struct appconf conf;
	struct dbconn *db;	/* not connected yet */
	struct store *store;
	struct queue *queue;	/* not connected yet */
	char actor[80];		/* "shell:anna" */
	struct store_actor by;	/* the same, for the history */
	bool json;		/* --json was given */
};

/* The commands; see the table in main.c. */
cli_run ctl_migrate, ctl_restored, ctl_doctor, ctl_sample, ctl_service_add,
	ctl_service_change, ctl_service_list, ctl_service_show, ctl_key_add,
	ctl_key_list, ctl_key_revoke, ctl_feed_add, ctl_feed_list,
	ctl_feed_rotate, ctl_feed_revoke, ctl_bookings, ctl_trace, ctl_change,
	ctl_erase, ctl_export, ctl_retention, ctl_slots_list, ctl_slots_add,
	ctl_slots_generate, ctl_slots_change, ctl_slots_remove,
	ctl_slots_realign, ctl_mails, ctl_log, ctl_stats, ctl_check_templates,
	ctl_question_add, ctl_question_change, ctl_question_list,
	ctl_question_retire, ctl_question_restore,
	ctl_waiting, ctl_waiting_add, ctl_waiting_remove;

/* One option and the form field that it fills; one without a name ends a
 * table. */
struct ctl_field {
	const char *option;
	const char *field;
	bool duration;		/* "30min", "2h", "1d" */
};

/* Makes a form of what was given; the caller releases it.  0, or -1 with
 * FAULT_REJECT. */
int ctl_form(const struct ctl *ctl, const struct ctl_field *fields,
	     struct form *out, struct fault *why);

/* Puts the first thing that is wrong into *why, naming its option, or its field
 * if it is none of these (NULL = there are none).  -1. */
int ctl_refuse(const struct ctl *ctl, const struct ctl_field *fields,
	       const struct fields *wrong, struct fault *why);

/* Reads --from and --until as span_days() does, or, without a zone, --service,
 * too, as span_read() does.  0, or -1 with *why. */
struct span;
int ctl_span(const struct ctl *ctl, const char *zone, struct span *span,
	     struct fault *why);

/* Shows at a terminal how far long work of the store is; what and lines as for
 * cli_progress_begin(). */
void ctl_watch(struct ctl *ctl, const char *what, bool lines);

/* Reads the service of that slug.  0, or -1 with *why; the caller releases
 * it. */
int ctl_service_find(struct ctl *ctl, const char *slug, struct service *out,
		     struct fault *why);

/* A slot with its service. */
struct ctl_slot {
	struct slot slot;
	struct service service;
};

/* Reads the slot of that number: see ctl_service_find(). */
int ctl_slot_find(struct ctl *ctl, const char *text, struct ctl_slot *out,
		  struct fault *why);

/*
 * Prints what a command has to say, and frees it: with --json as one line, else
 * by print(), once for each row if it is a list; NULL prints nothing.  EX_OK:
 * whether all was written is checked when the command has ended.
 */
int ctl_tell(const struct ctl *ctl, struct json_object *value,
	     void (*print)(struct json_object *value));

/* The same for what is shown only once: it is printed alone, or as that member
 * of value. */
int ctl_tell_secret(const struct ctl *ctl, struct json_object *value,
		    const char *name, const char *secret);

/* Prints a value as one line of JSON. */
void ctl_print_json(struct json_object *value);

/* A member's value as people read it, of whatever type; "" if there is none. */
const char *ctl_text(struct json_object *from, const char *name);

/* The day of an instant in UTC, "2025-12-03"; "" for 0.  Returns out. */
const char *ctl_day(int64_t at_ms, char out[ZONE_ISO_SIZE]);

#endif
