/* SPDX-License-Identifier: MIT */
/* Running a statement and reading its rows, in one call. */
#ifndef DB_ROWS_H
#define DB_ROWS_H

#include "base/compiler.h"
#include "db/conn.h"

#include <stddef.h>

/* Runs the statement and goes to its first row: 1, 0 = there is none, -1. */
int dbconn_get(struct dbconn *db, const struct dbquery *query,
	       struct dbvalues values, struct fault *why) MUST_USE;

/* Where the rows of a result go. */
struct dbrows {
	/* Reads the current row into its member of the list, which is zeroed
	 * before.  Must not use the connection for anything else. */
	void (*read)(const struct dbconn *db, void *row);
	/* Frees what read() has put into a member, for a list that is given up;
	 * NULL = nothing. */
	void (*release)(void *row);
	size_t size;	/* bytes of a member */
	size_t max;	/* no more are read; 0 = all */
	void *list;	/* the caller's, with room for max; NULL = it is made,
			   for free(), and stays NULL if there is no row */
	size_t count;	/* how many were read */
};

/* Runs the statement and reads its rows.  0, or -1 with nothing to free. */
int dbconn_list(struct dbconn *db, struct dbcall call, struct dbrows *rows,
		struct fault *why) MUST_USE;

/* Copies column i to a member that is as wide as the column can be. */
void dbconn_text_copy(const struct dbconn *db, size_t i, char *out,
		      size_t size);

#endif
