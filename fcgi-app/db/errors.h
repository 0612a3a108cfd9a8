/* SPDX-License-Identifier: MIT */
/* What was wrong with a call. */
#ifndef DB_ERRORS_H
#define DB_ERRORS_H

struct dbconn;

/* What was wrong with the last call that failed. */
enum dbconn_error {
	DBCONN_DEAD,		/* the connection is gone, and a transaction */
	DBCONN_BUSY,		/* deadlock, lock wait: the whole transaction
				   may be run again */
	DBCONN_DUPLICATE,	/* a unique key */
	DBCONN_NO_PARENT,	/* a foreign key */
	DBCONN_NO_TABLE,
	DBCONN_OTHER,
};
enum dbconn_error dbconn_error(const struct dbconn *db);

#endif
