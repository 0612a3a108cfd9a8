/* SPDX-License-Identifier: MIT */
/*
 * What the booking side keeps in MySQL: every SQL statement of the program
 * stands in this folder.
 *
 * Faults: FAULT_RETRY = the database is not there or too busy, nothing was
 * changed; FAULT_UNSURE = a COMMIT's outcome could not be found out in time
 * (asking again with the same key is safe); FAULT_CONFIG = password, schema.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdint.h>

struct dbconn;
struct store;

#define STORE_SCHEMA_VERSION 22	/* the oldest schema that these files need */
#define STORE_ROWS_MAX 500	/* of one list */

struct store *store_new(struct dbconn *db) MUST_USE; /* db is borrowed */
void store_free(struct store *s);

/*
 * Under which names calendars get to know bookings from now on: the domain of
 * their UIDs, and the address they are from ("" = not known, then it is not
 * kept).  They stay with each booking when they change here.  Copied; longer
 * ones than the settings allow are a bug.
 */
void store_calendar_set(struct store *s, const char *domain,
			const char *sender);

/* What references begin with from now on; "" = anything.  Copied; one that is
 * not good is a bug. */
void store_ref_prefix_set(struct store *s, const char *prefix);

/*
 * Who waits for long work: told how many of how many rows (0 = not known) are
 * done, from time to time.  NULL = nobody.
 */
struct store_watcher {
	void (*tell)(void *arg, int64_t done, int64_t of);
	void *arg;
};
void store_watch(struct store *s, struct store_watcher watcher);

/* "SELECT 1" and the schema version we need.  0, or -1. */
int store_ping(struct store *s, struct fault *why) MUST_USE;

/* The setting to look at after that failed: dbconn_setting(). */
const char *store_setting(const struct store *s);

/* Can anything be written, too?  dbconn_may_write(). */
int store_may_write(struct store *s, struct fault *why) MUST_USE;

/* May the account add, change and remove rows?  Changes nothing.  0, or -1. */
int store_rights_check(struct store *s, struct fault *why) MUST_USE;

/*
 * Looks for a right that no worker needs: one on all tables, on the keys of
 * programs, on lines of the record.  1 with one of them in out ("INSERT on
 * api_key"), 0 = there is none, -1.
 */
int store_rights_excess(struct store *s, char *out, size_t size,
			struct fault *why) MUST_USE;

#endif
