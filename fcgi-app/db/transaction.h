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

#endif
