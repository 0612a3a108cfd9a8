/* SPDX-License-Identifier: MIT */
/* What the files of this room share: the handle, and how calls fail. */
#ifndef DB_IMPL_H
#define DB_IMPL_H

#include "base/compiler.h"
#include "base/fault.h"
#include "db/errors.h"
#include "db/hosts.h"
#include "db/node.h"

#include <mysql.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DBCONN_STATEMENTS_MAX 48	/* kept prepared */
#define DBCONN_VALUES_MAX 160
#define DBCONN_COLUMNS_MAX 64

struct dbconn_opts;
struct dbstmt;

struct dbconn {
	struct dbconn_opts *opts;
	struct dbhosts hosts;		/* count 0: by the socket */
	dbhosts_choice own_choice;	/* if opts has none */
	MYSQL *handle;			/* NULL = not connected */
	enum dbconn_error error;
	const char *setting;		/* of dbconn_setting() */
	bool in_transaction;
	int64_t affected;
	int64_t insert_id;
	struct dbstmt *statements[DBCONN_STATEMENTS_MAX];
	size_t statement_count;
	struct dbstmt *current;		/* whose result is open, or NULL */
};

/* Fills *why with what the library says of the last call with the handle, and
 * closes a dead connection.  what names the call for people.  Returns -1. */
int dbconn_handle_failed(struct dbconn *db, const char *what,
			 struct fault *why);

/* Asks the server what it is.  0, or -1 if it does not answer: the handle says
 * why. */
int dbnode_look(MYSQL *m, struct dbnode *out);

/*
 * May a call that failed be made once more on a new connection?  Yes if an idle
 * connection was found dead; was_open and since_ms (ticks) describe the state
 * before the call.
 */
bool dbconn_was_stale(const struct dbconn *db, bool was_open,
		      int64_t since_ms);

/* Drops the open result, if there is one. */
void dbconn_result_drop(struct dbconn *db);

#endif
