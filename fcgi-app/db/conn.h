/* SPDX-License-Identifier: MIT */
/*
 * One connection to MySQL or MariaDB: the only file that knows its client
 * library.
 *
 * Statements are prepared once per connection.  All times are UTC.  Every call
 * has a limit.  A dead connection is closed; the next call opens a new one.
 * Only reading outside a transaction, and BEGIN, are tried again on a new
 * connection when an idle one turns out to be dead.  Open it after fork.
 */
#ifndef DB_CONN_H
#define DB_CONN_H

#include "base/compiler.h"
#include "base/fault.h"
#include "db/errors.h"
#include "db/hosts.h"
#include "db/tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dbconn;
struct names;

struct dbconn_opts {		/* borrowed, must outlive the connection */
	const char *socket;	/* path; NULL or "" = TCP */
	const char *hosts;	/* as of dbhosts_read(), which must like it */
	unsigned port;		/* of those that name none */
	dbhosts_choice *choice;	/* shared; NULL = its own */
	struct names *names;	/* who knows their addresses; NULL = each
				   connect looks them up, and waits for that */
	struct dbtls tls;
	const char *user;
	const char *password;	/* NULL or "" = none */
	const char *database;
	unsigned connect_limit_s;	/* for each host; 0 = 2 */
	unsigned call_limit_s;		/* 0 = 5 */
};

/* Makes one without connecting; never NULL. */
struct dbconn *dbconn_new(const struct dbconn_opts *opts) MUST_USE;
void dbconn_free(struct dbconn *db);

/*
 * Connects if needed, to the first host where one can book, beginning with the
 * one that was good last; if there is none, to one that can be read.  0, or -1:
 * FAULT_RETRY, or FAULT_CONFIG if the server refuses us.
 */
int dbconn_open(struct dbconn *db, struct fault *why) MUST_USE;

/*
 * May one book by this connection, now?  1; 0 if the server is read-only, or
 * has left its group, with *why saying so: the connection is then closed, so
 * that the next call looks for a better host; -1 if it does not answer.
 */
int dbconn_may_write(struct dbconn *db, struct fault *why) MUST_USE;
void dbconn_close(struct dbconn *db);

/* What was wrong with the last call that failed. */
enum dbconn_error dbconn_error(const struct dbconn *db);

/* The setting to look at after a call that failed: how the server is reached,
 * or, once it was, which database is used. */
const char *dbconn_setting(const struct dbconn *db);

/* A statement.  It is known by its address: define it static const. */
struct dbquery {
	const char *sql;
	/* One letter a column of the result, NULL if there is none:
	 * 'i' integer, 't' text or bytes, 'd' DATETIME. */
	const char *columns;
};

/* One that has no result. */
#define DB_CHANGE(text) { .sql = (text) }

enum dbvalue_type { DBVALUE_NULL, DBVALUE_INT, DBVALUE_TEXT, DBVALUE_ASCII,
		    DBVALUE_BYTES, DBVALUE_TIME };

struct dbvalue {
	enum dbvalue_type type;
	int64_t number;		/* INT; TIME: Unix ms */
	const void *data;	/* TEXT, ASCII, BYTES: borrowed for the call */
	size_t len;
};

#define DB_INT(n) { .type = DBVALUE_INT, .number = (n) }
#define DB_TEXT(s) { .type = DBVALUE_TEXT, .data = (s), .len = strlen(s) }
/* To be compared with a column of ASCII letters.  A text with others is NULL,
 * which nothing equals: the server would refuse to compare them. */
#define DB_ASCII(s) { .type = DBVALUE_ASCII, .data = (s), .len = strlen(s) }
#define DB_BYTES(p, n) { .type = DBVALUE_BYTES, .data = (p), .len = (n) }
#define DB_TIME_MS(ms) { .type = DBVALUE_TIME, .number = (ms) }
/* 0 = NULL. */
#define DB_INT_OR_NULL(n) \
	{ .type = (n) != 0 ? DBVALUE_INT : DBVALUE_NULL, .number = (n) }
#define DB_TIME_MS_OR_NULL(ms) \
	{ .type = (ms) != 0 ? DBVALUE_TIME : DBVALUE_NULL, .number = (ms) }

/* The values of a call. */
struct dbvalues {
	const struct dbvalue *list;	/* borrowed */
	size_t count;
};

/* DB_VALUES(DB_INT(id), DB_TEXT(name)): they live as long as the block that it
 * stands in.  Those in an array: DB_ARRAY(values). */
#define DB_VALUES(...) DB_ARRAY(((const struct dbvalue[]){ __VA_ARGS__ }))
#define DB_ARRAY(array) ((struct dbvalues){ array, ARRAY_COUNT(array) })
#define DB_NO_VALUES ((struct dbvalues){ .count = 0 })

/* A statement with its values: DB_CALL(&query, DB_INT(id), DB_TEXT(name)), or
 * DB_CALL_ARRAY(&query, values); DB_CALL_BARE(&query) has none. */
struct dbcall {
	const struct dbquery *query;
	struct dbvalues values;
};
#define DB_CALL(query, ...) ((struct dbcall){ query, DB_VALUES(__VA_ARGS__) })
#define DB_CALL_ARRAY(query, array) ((struct dbcall){ query, DB_ARRAY(array) })
#define DB_CALL_BARE(query) ((struct dbcall){ query, DB_NO_VALUES })

/*
 * Runs a statement with values for its question marks.
 *
 * The result, if it has one, is fetched with dbconn_next(); only one result is
 * open at a time, running another statement drops it.  Returns 0, or -1 with
 * *why: FAULT_RETRY (dead, busy, full, read-only), FAULT_REJECT (a value that
 * the schema refuses), FAULT_CONFIG (anything else).
 */
int dbconn_run(struct dbconn *db, const struct dbquery *query,
	       struct dbvalues values, struct fault *why) MUST_USE;

/* Rows that the last statement changed; the id that it made. */
int64_t dbconn_affected(const struct dbconn *db);
int64_t dbconn_insert_id(const struct dbconn *db);

/* Goes to the next row: 1, 0 at the end, -1 with *why. */
int dbconn_next(struct dbconn *db, struct fault *why) MUST_USE;

/* Column i of the current row; texts are borrowed until the next call with
 * this connection.  NULL reads as 0 and "". */
int64_t dbconn_int(const struct dbconn *db, size_t i);
int64_t dbconn_time_ms(const struct dbconn *db, size_t i);	/* Unix ms */
const char *dbconn_text(const struct dbconn *db, size_t i);
size_t dbconn_text_len(const struct dbconn *db, size_t i);
bool dbconn_is_null(const struct dbconn *db, size_t i);

/* Runs one statement of text, without values, dropping its result: for
 * migrations. */
int dbconn_exec(struct dbconn *db, const char *sql, size_t len,
		struct fault *why) MUST_USE;

#endif
