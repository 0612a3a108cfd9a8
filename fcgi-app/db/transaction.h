/* SPDX-License-Identifier: MIT */
/* Transactions of a connection. */
#ifndef DB_TRANSACTION_H
#define DB_TRANSACTION_H

#include "base/compiler.h"

struct dbconn;
struct fault;

int dbconn_begin(struct dbconn *db, struct fault *why) MUST_USE;

/* On -1 with FAULT_UNSURE nobody knows whether it took place. */
int dbconn_commit(struct dbconn *db, struct fault *why) MUST_USE;

/* Never fails: a connection that cannot roll back is closed, which does it. */
void dbconn_rollback(struct dbconn *db);

/*
 * Runs body in a transaction, which is committed if it returns 0 and rolled back
 * if it returns more, or -1 with *why.
 *
 * After a deadlock or with a dead connection all of it is tried again, at most
 * three times and also if the COMMIT was not answered: body must find out by
 * itself whether it has been done.  Returns what body returned, or -1.
 */
int dbconn_transaction(struct dbconn *db,
		       int (*body)(void *arg, struct fault *why), void *arg,
		       struct fault *why) MUST_USE;

#endif
