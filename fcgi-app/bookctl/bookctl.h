/* SPDX-License-Identifier: MIT */
/* What the subcommands of bookctl share. */
#ifndef BOOKCTL_BOOKCTL_H
#define BOOKCTL_BOOKCTL_H

#include "base/compiler.h"
#include "base/fault.h"
#include "db/conn.h"
#include "domain/model.h"
#include "site/appconf.h"

#include <stdbool.h>
#include <stddef.h>

struct fields;
struct form;
struct json_object;
struct queue;

struct ctl {
	struct appconf conf;
	struct dbconn *db;	/* not connected yet */
	struct store *store;
	struct queue *queue;	/* not connected yet */
	char actor[80];		/* "shell:anna", for the history */
};

/*
 * A subcommand.  argv[0] is its name; *why is filled when it fails.  Returns
 * the program's exit status: 0, or one of sysexits.h; EX_USAGE prints the
 * usage.
 */
typedef int ctl_run(struct ctl *ctl, int argc, char **argv,
		    struct fault *why);

ctl_run ctl_migrate;
ctl_run ctl_sample;
ctl_run ctl_service;
ctl_run ctl_service_add;	/* the names of these four before there */
ctl_run ctl_service_change;	/* were "service" and "slots" */
ctl_run ctl_service_list;
ctl_run ctl_slot_add;
ctl_run ctl_key;
ctl_run ctl_feed;
ctl_run ctl_bookings;
ctl_run ctl_trace;
ctl_run ctl_resend;
ctl_run ctl_cancel;
ctl_run ctl_email;
ctl_run ctl_retry;
ctl_run ctl_abort;
ctl_run ctl_mails;
ctl_run ctl_log;
ctl_run ctl_erase;
ctl_run ctl_export;
ctl_run ctl_retention;
ctl_run ctl_stats;
ctl_run ctl_slots;
ctl_run ctl_check_templates;
ctl_run ctl_doctor;
ctl_run ctl_restored;

/*
 * Reads the long options of a command into texts[], in the order of names.  A
 * name that begins with '-' takes no value; its text is then "yes".  A word
 * that is no option is taken for a name of "", if there is one, once.
 * Returns 0, or EX_USAGE.
 */
int ctl_options(int argc, char **argv, const char *const *names, size_t count,
		const char **texts, struct fault *why);

/* One option and the field of a form that it is. */
struct ctl_field {
	const char *option;	/* as ctl_options() takes it */
	const char *field;	/* NULL = it is no field */
	bool duration;		/* "30min", "2h", "1d" */
};

/* ctl_options() for such options. */
int ctl_field_options(int argc, char **argv, const struct ctl_field *fields,
		      size_t count, const char **texts, struct fault *why);

/* Makes a form of what was given; the caller releases it.  0, or -1 with
 * FAULT_REJECT. */
int ctl_form(const struct ctl_field *fields, size_t count,
	     const char *const *texts, struct form *out, struct fault *why);

/* Puts the first thing that is wrong into *why, naming its option.  -1. */
int ctl_refuse(const struct ctl *ctl, const struct ctl_field *fields,
	       size_t count, const struct fields *wrong, struct fault *why);

/* Reads the service of that slug.  0, or -1 with *why; the caller releases
 * it. */
int ctl_service_find(struct ctl *ctl, const char *slug, struct service *out,
		     struct fault *why);

/* Finds the booking of a reference as somebody typed it: EX_OK with *v filled,
 * or the exit status. */
int ctl_booking_find(struct ctl *ctl, const char *typed,
		     struct booking_view *v, struct fault *why);

/* Says what was done to it (result: a store_changed, or -1), by exit status and
 * on standard output. */
int ctl_booking_done(const char *ref, const char *word, bool json, int result,
		     struct fault *why);

/* Who runs bookctl, as the history names them. */
struct store_actor ctl_actor(const struct ctl *ctl);

/* Prints one value as JSON and a line end, and frees it.  EX_OK, or EX_IOERR
 * with *why. */
int ctl_print_json(struct json_object *value, struct fault *why);

/* The exit status for a fault. */
int ctl_status(const struct fault *why);

#endif
