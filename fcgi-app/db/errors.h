/* SPDX-License-Identifier: MIT */
/* What the failures of a database mean. */
#ifndef DB_ERRORS_H
#define DB_ERRORS_H

#include "base/fault.h"

/* Failures that callers tell apart. */
enum dbconn_error {
	DBCONN_DEAD,		/* the connection is gone, and a transaction */
	DBCONN_BUSY,		/* deadlock, lock wait: the whole transaction
				   may be run again */
	DBCONN_DUPLICATE,	/* a unique key */
	DBCONN_NO_PARENT,	/* a foreign key */
	DBCONN_NO_TABLE,
	DBCONN_OTHER,
};

/* What a failure is for the program and for people. */
struct dberror {
	enum dbconn_error error;
	enum fault_class class;
	/* Values may be somebody's name or address: then the server's words are
	 * left out and these said.  NULL = its own. */
	const char *words;
	const char *todo;	/* behind them */
	/* The setting that a person looks at, when a connect fails by it; NULL
	 * = that of the server's address. */
	const char *setting;
};

/* By the number that the server or the client library gave it, else by the
 * class of its SQLSTATE.  Constant. */
const struct dberror *dberror_of(unsigned code, const char *state);

#endif
