/* SPDX-License-Identifier: MIT */
/* Transactions of a connection. */
#include "config.h"

#include "db/transaction.h"

#include "base/ticks.h"
#include "db/conn.h"
#include "db/impl.h"

int dbconn_begin(struct dbconn *db, struct fault *why)
{
	bool was_open = db->handle;
	int64_t since_ms = ticks_ms();

	must(!db->in_transaction);
	for (;;) {
		if (dbconn_open(db, why) < 0)
			return -1;
		dbconn_result_drop(db);
		if (!mysql_real_query(db->handle, "BEGIN", 5))
			break;
		dbconn_handle_failed(db, "BEGIN", why);
		if (!dbconn_was_stale(db, was_open, since_ms))
			return -1;
		was_open = false;
	}
	db->in_transaction = true;
	return 0;
}

int dbconn_commit(struct dbconn *db, struct fault *why)
{
	must(db->in_transaction);
	dbconn_result_drop(db);
	db->in_transaction = false;
	if (!mysql_real_query(db->handle, "COMMIT", 6))
		return 0;
	dbconn_handle_failed(db, "COMMIT", why);
	/* Any other answer came from the server, which has rolled back. */
	if (db->error == DBCONN_DEAD && why)
		why->class = FAULT_UNSURE;
	return -1;
}

void dbconn_rollback(struct dbconn *db)
{
	if (!db->in_transaction)
		return;
	dbconn_result_drop(db);
	db->in_transaction = false;
	if (mysql_real_query(db->handle, "ROLLBACK", 8))
		dbconn_close(db);
}
