/* SPDX-License-Identifier: MIT */
/* One connection to the database: opening, transactions, error classes. */
#include "config.h"

#include "db/conn.h"

#include "base/alloc.h"
#include "base/ticks.h"
#include "daemon/names.h"
#include "db/impl.h"

#include <stdlib.h>
#include <string.h>

#define CONNECT_LIMIT_S 2
#define CALL_LIMIT_S 5

/* An idle connection that was dropped answers at once; what took longer was a
 * time-out, and is not begun again. */
#define STALE_WITHIN_MS 1000

enum verdict { V_DEAD, V_BUSY, V_DUPLICATE, V_NO_PARENT, V_NO_TABLE,
	       V_AWAY, V_VALUE };

/* By number: the names differ between the two client libraries. */
static const struct {
	unsigned short code;
	unsigned char verdict;
} known[] = {
	/* the client lost the server, or could not find it */
	{ 2002, V_DEAD }, { 2003, V_DEAD }, { 2005, V_DEAD },
	{ 2006, V_DEAD }, { 2013, V_DEAD }, { 2014, V_DEAD },
	{ 2027, V_DEAD }, { 2055, V_DEAD },
	{ 2012, V_DEAD },	/* error in the handshake */
	{ 4031, V_DEAD },	/* dropped for inactivity (MySQL) */
	{ 1053, V_DEAD },	/* shutdown in progress */
	{ 1152, V_DEAD }, { 1158, V_DEAD }, { 1159, V_DEAD },
	{ 1160, V_DEAD }, { 1161, V_DEAD },
	{ 1927, V_DEAD },	/* killed (MariaDB) */
	{ 1317, V_BUSY },	/* the query was interrupted */
	/* a member that may not write: ask the router for another */
	{ 1047, V_DEAD }, { 1290, V_DEAD }, { 1836, V_DEAD },
	/* the transaction may be run again */
	{ 1213, V_BUSY }, { 1205, V_BUSY }, { 1020, V_BUSY },
	{ 1062, V_DUPLICATE },
	{ 1452, V_NO_PARENT },
	{ 1146, V_NO_TABLE },
	/* full, overloaded */
	{ 1040, V_AWAY }, { 1129, V_AWAY }, { 1203, V_AWAY },
	{ 1226, V_AWAY }, { 1021, V_AWAY }, { 1114, V_AWAY },
	{ 1041, V_AWAY }, { 1037, V_AWAY }, { 1038, V_AWAY },
	{ 1030, V_AWAY }, { 1180, V_AWAY }, { 1026, V_AWAY },
	{ 2008, V_AWAY },
	/* a value that the schema refuses */
	{ 1048, V_VALUE }, { 1264, V_VALUE }, { 1292, V_VALUE },
	{ 1366, V_VALUE }, { 1406, V_VALUE }, { 1690, V_VALUE },
	{ 3819, V_VALUE }, { 4025, V_VALUE }, { 1300, V_VALUE },
};

static int verdict_of(unsigned code)
{
	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (known[i].code == code)
			return known[i].verdict;
	return -1;
}

int dbconn_failed(struct dbconn *db, const struct dbconn_said *said,
		  const char *what, struct fault *why)
{
	/* Values may be somebody's name or address: then only the number. */
	switch (verdict_of(said->code)) {
	case V_DEAD:
		db->error = DBCONN_DEAD;
		fault_set(why, FAULT_RETRY, "mysql: %s: %s (%u)", what,
			  said->text, said->code);
		dbconn_close(db);
		return -1;
	case V_BUSY:
		db->error = DBCONN_BUSY;
		return fault_set(why, FAULT_RETRY, "mysql: %s: %s (%u)", what,
				 said->text, said->code);
	case V_DUPLICATE:
		db->error = DBCONN_DUPLICATE;
		return fault_set(why, FAULT_REJECT,
				 "mysql: %s: there is one already", what);
	case V_NO_PARENT:
		db->error = DBCONN_NO_PARENT;
		return fault_set(why, FAULT_REJECT,
				 "mysql: %s: what it refers to is gone", what);
	case V_NO_TABLE:
		db->error = DBCONN_NO_TABLE;
		return fault_set(why, FAULT_CONFIG,
				 "mysql: %s: %s (%u): run bookctl migrate",
				 what, said->text, said->code);
	case V_AWAY:
		db->error = DBCONN_OTHER;
		return fault_set(why, FAULT_RETRY, "mysql: %s: %s (%u)", what,
				 said->text, said->code);
	case V_VALUE:
		db->error = DBCONN_OTHER;
		return fault_set(why, FAULT_REJECT,
				 "mysql: %s: a value was refused (%u)", what,
				 said->code);
	default:
		db->error = DBCONN_OTHER;
		return fault_set(why, FAULT_CONFIG, "mysql: %s: %s (%u)", what,
				 said->text, said->code);
	}
}

/* The same for a failure of the connection's handle. */
static int failed(struct dbconn *db, const char *what, struct fault *why)
{
	struct dbconn_said said = {
		.code = mysql_errno(db->handle),
		.text = mysql_error(db->handle),
	};

	return dbconn_failed(db, &said, what, why);
}

enum dbconn_error dbconn_error(const struct dbconn *db)
{
	return (enum dbconn_error)db->error;
}

struct dbconn *dbconn_new(const struct dbconn_opts *opts)
{
	struct dbconn *db = alloc_zeroed(1, sizeof(*db));

	db->opts = alloc_zeroed(1, sizeof(*db->opts));
	*db->opts = *opts;
	if (!db->opts->connect_limit_s)
		db->opts->connect_limit_s = CONNECT_LIMIT_S;
	if (!db->opts->call_limit_s)
		db->opts->call_limit_s = CALL_LIMIT_S;
	return db;
}

void dbconn_free(struct dbconn *db)
{
	if (!db)
		return;
	dbconn_close(db);
	free(db->opts);
	free(db);
}

void dbconn_close(struct dbconn *db)
{
	if (!db->handle)
		return;
	dbconn_statements_close(db);
	mysql_close(db->handle);
	db->handle = NULL;
	db->in_transaction = false;
}

/* Never MYSQL_OPT_RECONNECT: it would lose the transaction in silence. */
static MYSQL *handle_new(const struct dbconn_opts *opts)
{
	bool local = opts->socket && *opts->socket;
	unsigned protocol = local ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	unsigned no_infile = 0;
	MYSQL *m = mysql_init(NULL);

	must(m);
	/* These only store the value; a wrong one shows when we connect. */
	(void)mysql_options(m, MYSQL_OPT_CONNECT_TIMEOUT,
			    &opts->connect_limit_s);
	(void)mysql_options(m, MYSQL_OPT_READ_TIMEOUT, &opts->call_limit_s);
	(void)mysql_options(m, MYSQL_OPT_WRITE_TIMEOUT, &opts->call_limit_s);
	(void)mysql_options(m, MYSQL_OPT_PROTOCOL, &protocol);
	(void)mysql_options(m, MYSQL_OPT_LOCAL_INFILE, &no_infile);
	(void)mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	return m;
}

/* Connects by the socket, or to that host if there is one. */
static int connect_to(struct dbconn *db, const char *host, struct fault *why)
{
	static const char *const session[] = {
		"SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,"
		"NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
		"NO_ENGINE_SUBSTITUTION', time_zone='+00:00', "
		"innodb_lock_wait_timeout=3",
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
	};
	const struct dbconn_opts *opts = db->opts;

	db->handle = handle_new(opts);
	if (!mysql_real_connect(db->handle, host, opts->user, opts->password,
				opts->database, opts->port,
				host ? NULL : opts->socket, 0))
		goto failed;
	for (size_t i = 0; i < ARRAY_COUNT(session); i++)
		if (mysql_real_query(db->handle, session[i],
				     strlen(session[i])))
			goto failed;
	return 0;
failed:
	failed(db, "connect", why);
	dbconn_close(db);
	db->error = DBCONN_DEAD;
	return -1;
}

/* By the addresses that are known of the host, in turn, until the time for one
 * is over. */
static int connect_by_name(struct dbconn *db, struct fault *why)
{
	const struct dbconn_opts *opts = db->opts;
	int64_t until_ms = ticks_ms() + INT64_C(1000) * opts->connect_limit_s;
	struct names_found found;
	size_t i = 0;

	names_find(opts->names, opts->host, &found);
	if (found.count == 0) {
		db->error = DBCONN_DEAD;
		(void)fault_set(why, FAULT_RETRY, "mysql: connect: the address "
				"of %s is not known", opts->host);
	}
	while (i < found.count && (i == 0 || ticks_ms() < until_ms))
		if (connect_to(db, found.address[i++], why) == 0)
			return 0;
	names_doubt(opts->names, opts->host);
	return -1;
}

int dbconn_open(struct dbconn *db, struct fault *why)
{
	const struct dbconn_opts *opts = db->opts;

	if (db->handle)
		return 0;
	if (opts->socket && *opts->socket)
		return connect_to(db, NULL, why);
	return opts->names ? connect_by_name(db, why) :
			     connect_to(db, opts->host, why);
}

bool dbconn_was_stale(const struct dbconn *db, bool was_open, int64_t since_ms)
{
	return was_open && db->error == DBCONN_DEAD && !db->handle &&
	       ticks_ms() - since_ms < STALE_WITHIN_MS;
}

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
		failed(db, "BEGIN", why);
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
	failed(db, "COMMIT", why);
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

int dbconn_exec(struct dbconn *db, const char *sql, size_t len,
		struct fault *why)
{
	if (dbconn_open(db, why) < 0)
		return -1;
	dbconn_result_drop(db);
	if (mysql_real_query(db->handle, sql, len))
		return failed(db, "statement", why);

	MYSQL_RES *result = mysql_store_result(db->handle);

	if (result)
		mysql_free_result(result);
	else if (mysql_errno(db->handle))
		return failed(db, "statement", why);
	return 0;
}
