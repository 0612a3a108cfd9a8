/* SPDX-License-Identifier: MIT */
/* One connection to the database: its prepared statements, their values and
 * rows. */
#include "config.h"

#include "db/conn.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ticks.h"
#include "db/impl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECT_LIMIT_S 2
#define CALL_LIMIT_S 5

/* An idle connection that was dropped answers at once; what took longer was a
 * time-out, and is not begun again. */
#define STALE_WITHIN_MS 1000

#define TEXT_ROOM 256		/* bytes; longer texts grow their column's */

/* my_bool in one client library, bool in the other. */
typedef __typeof__(*((MYSQL_BIND *)NULL)->is_null) db_bool;

struct column {
	char kind;		/* as in struct dbquery */
	int64_t number;
	MYSQL_TIME time;
	char *text;		/* heap, room + 1 bytes */
	unsigned long room;
	unsigned long len;
	db_bool is_null;
};

struct dbstmt {
	const struct dbquery *query;
	MYSQL_STMT *handle;
	size_t column_count;
	struct column columns[];
};

/* What the library said about a call that failed. */
struct dbconn_said {
	unsigned code;
	const char *state;	/* SQLSTATE */
	const char *text;
};

/* Classifies a failure, closes a dead connection and fills *why.  Returns
 * -1. */
static int failed(struct dbconn *db, const struct dbconn_said *said,
		  const char *what, struct fault *why)
{
	const struct dberror *e = dberror_of(said->code, said->state);

	db->error = e->error;
	if (e->setting)
		db->setting = e->setting;
	(void)fault_set(why, e->class, "mysql: %s: %s (%u)%s", what,
			e->words ? e->words : said->text, said->code, e->todo);
	if (e->error == DBCONN_DEAD)
		dbconn_close(db);
	return -1;
}

/* Names the statement for people: its verb and table, no values. */
static const char *name_of(const struct dbquery *query, char out[32])
{
	(void)snprintf(out, 32, "%.31s", query->sql); /* meant to be cut */
	return out;
}

static int stmt_failed(struct dbconn *db, const struct dbstmt *st,
		       struct fault *why)
{
	char name[32];
	struct dbconn_said said = {
		.code = mysql_stmt_errno(st->handle),
		.state = mysql_stmt_sqlstate(st->handle),
		.text = mysql_stmt_error(st->handle),
	};

	return failed(db, &said, name_of(st->query, name), why);
}

static void stmt_free(struct dbstmt *st)
{
	if (st->handle)
		(void)mysql_stmt_close(st->handle); /* gone either way */
	for (size_t i = 0; i < st->column_count; i++)
		free(st->columns[i].text);
	free(st);
}

static void statements_close(struct dbconn *db)
{
	for (size_t i = 0; i < db->statement_count; i++)
		stmt_free(db->statements[i]);
	db->statement_count = 0;
	db->current = NULL;
}

void dbconn_result_drop(struct dbconn *db)
{
	if (!db->current)
		return;
	(void)mysql_stmt_free_result(db->current->handle); /* is in memory */
	db->current = NULL;
}

int dbconn_handle_failed(struct dbconn *db, const char *what,
			 struct fault *why)
{
	struct dbconn_said said = {
		.code = mysql_errno(db->handle),
		.state = mysql_sqlstate(db->handle),
		.text = mysql_error(db->handle),
	};

	return failed(db, &said, what, why);
}

enum dbconn_error dbconn_error(const struct dbconn *db)
{
	return db->error;
}

const char *dbconn_setting(const struct dbconn *db)
{
	return db->setting;
}

/* ---- the connection ------------------------------------------------------ */

struct dbconn *dbconn_new(const struct dbconn_opts *opts)
{
	struct dbconn *db = alloc_zeroed(1, sizeof(*db));

	db->opts = alloc_zeroed(1, sizeof(*db->opts));
	*db->opts = *opts;
	must((opts->socket && *opts->socket) ||
	     dbhosts_read(opts->hosts, opts->port, &db->hosts));
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
	statements_close(db);
	mysql_close(db->handle);
	db->handle = NULL;
	db->in_transaction = false;
}

bool dbconn_was_stale(const struct dbconn *db, bool was_open, int64_t since_ms)
{
	return was_open && db->error == DBCONN_DEAD && !db->handle &&
	       ticks_ms() - since_ms < STALE_WITHIN_MS;
}

/* ---- statements ---------------------------------------------------------- */

static struct dbstmt *stmt_new(struct dbconn *db, const struct dbquery *query)
{
	size_t columns = query->columns ? strlen(query->columns) : 0;
	struct dbstmt *st;

	must(columns <= DBCONN_COLUMNS_MAX);
	st = alloc_zeroed(1, sizeof(*st) + columns * sizeof(st->columns[0]));
	st->query = query;
	st->column_count = columns;
	for (size_t i = 0; i < columns; i++) {
		struct column *c = &st->columns[i];

		c->kind = query->columns[i];
		if (c->kind == 't') {
			c->room = TEXT_ROOM;
			c->text = alloc_zeroed(1, TEXT_ROOM + 1);
		}
	}
	st->handle = mysql_stmt_init(db->handle);
	must(st->handle);
	return st;
}

/* Forgets one statement; the others stay in the order of their age. */
static void stmt_forget(struct dbconn *db, const struct dbquery *query)
{
	for (size_t i = 0; i < db->statement_count; i++) {
		struct dbstmt **at = &db->statements[i];

		if ((*at)->query != query)
			continue;
		stmt_free(*at);
		memmove(at, at + 1, (--db->statement_count - i) * sizeof(*at));
		return;
	}
}

/* Finds the prepared statement, or prepares it on this connection. */
static struct dbstmt *stmt_get(struct dbconn *db, const struct dbquery *query,
			       struct fault *why)
{
	for (size_t i = 0; i < db->statement_count; i++)
		if (db->statements[i]->query == query)
			return db->statements[i];
	/* There are more than a connection keeps: the oldest makes room. */
	if (db->statement_count == DBCONN_STATEMENTS_MAX)
		stmt_forget(db, db->statements[0]->query);

	struct dbstmt *st = stmt_new(db, query);

	/* Listed first, so that closing a dead connection closes it too. */
	db->statements[db->statement_count++] = st;
	if (!mysql_stmt_prepare(st->handle, query->sql, strlen(query->sql))) {
		must(mysql_stmt_field_count(st->handle) == st->column_count);
		return st;
	}
	stmt_failed(db, st, why);
	if (db->statement_count)	/* the connection lives */
		stmt_free(db->statements[--db->statement_count]);
	return NULL;
}

static void time_of_ms(int64_t ms, MYSQL_TIME *out)
{
	time_t s = ms / 1000 - (ms % 1000 < 0);
	struct tm tm;

	must(gmtime_r(&s, &tm));
	memset(out, 0, sizeof(*out));
	out->year = (unsigned)(tm.tm_year + 1900);
	out->month = (unsigned)(tm.tm_mon + 1);
	out->day = (unsigned)tm.tm_mday;
	out->hour = (unsigned)tm.tm_hour;
	out->minute = (unsigned)tm.tm_min;
	out->second = (unsigned)tm.tm_sec;
	out->second_part = (unsigned long)(ms - (int64_t)s * 1000) * 1000;
	out->time_type = MYSQL_TIMESTAMP_DATETIME;
}

static int64_t ms_of_time(const MYSQL_TIME *t)
{
	struct tm tm = {
		.tm_year = (int)t->year - 1900,
		.tm_mon = (int)t->month - 1,
		.tm_mday = (int)t->day,
		.tm_hour = (int)t->hour,
		.tm_min = (int)t->minute,
		.tm_sec = (int)t->second,
	};

	return (int64_t)timegm(&tm) * 1000 + (int64_t)(t->second_part / 1000);
}

/* What a call's values are bound to; lives until they are executed. */
struct bound {
	MYSQL_BIND binds[DBCONN_VALUES_MAX];
	MYSQL_TIME times[DBCONN_VALUES_MAX];
	int64_t numbers[DBCONN_VALUES_MAX];
	unsigned long lengths[DBCONN_VALUES_MAX];
	size_t count;
};

static void bind_value(struct bound *b, size_t i, const struct dbvalue *v)
{
	MYSQL_BIND *bind = &b->binds[i];

	switch (v->type) {
	case DBVALUE_NULL:
		bind->buffer_type = MYSQL_TYPE_NULL;
		break;
	case DBVALUE_INT:
		b->numbers[i] = v->number;
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->buffer = &b->numbers[i];
		break;
	case DBVALUE_TIME:
		time_of_ms(v->number, &b->times[i]);
		bind->buffer_type = MYSQL_TYPE_DATETIME;
		bind->buffer = &b->times[i];
		break;
	case DBVALUE_TEXT:
	case DBVALUE_ASCII:
	case DBVALUE_BYTES:
		b->lengths[i] = v->len;
		bind->buffer_type = v->type == DBVALUE_BYTES ?
			MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
		if (v->type == DBVALUE_ASCII && !str_is_ascii(v->data, v->len))
			bind->buffer_type = MYSQL_TYPE_NULL;
		/* The library reads a value through a pointer to void. */
		bind->buffer = (void *)(uintptr_t)v->data;
		bind->buffer_length = v->len;
		bind->length = &b->lengths[i];
		break;
	}
}

static void bind_column(struct column *c, MYSQL_BIND *bind)
{
	memset(bind, 0, sizeof(*bind));
	bind->is_null = &c->is_null;
	switch (c->kind) {
	case 'i':
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->buffer = &c->number;
		break;
	case 'd':
		bind->buffer_type = MYSQL_TYPE_DATETIME;
		bind->buffer = &c->time;
		bind->buffer_length = sizeof(c->time);
		break;
	default:
		must(c->kind == 't');
		bind->buffer_type = MYSQL_TYPE_STRING;
		bind->buffer = c->text;
		bind->buffer_length = c->room;
		bind->length = &c->len;
		break;
	}
}

static int bind_columns(struct dbstmt *st)
{
	MYSQL_BIND binds[DBCONN_COLUMNS_MAX];

	for (size_t i = 0; i < st->column_count; i++)
		bind_column(&st->columns[i], &binds[i]);
	return mysql_stmt_bind_result(st->handle, binds) ? -1 : 0;
}

/* 0, 1 = prepare it again, -1. */
static int run(struct dbconn *db, const struct dbquery *query,
	       struct bound *bound, struct fault *why)
{
	if (dbconn_open(db, why) < 0)
		return -1;
	dbconn_result_drop(db);

	struct dbstmt *st = stmt_get(db, query, why);

	if (!st)
		return -1;
	must(mysql_stmt_param_count(st->handle) == bound->count);
	if ((bound->count && mysql_stmt_bind_param(st->handle, bound->binds)) ||
	    mysql_stmt_execute(st->handle)) {
		unsigned code = mysql_stmt_errno(st->handle);

		/* ER_NEED_REPREPARE, ER_UNKNOWN_STMT_HANDLER: the statement
		 * did nothing, and a transaction goes on. */
		if (code == 1615 || code == 1243) {
			fault_set(why, FAULT_RETRY, "mysql: statement lost");
			return 1;
		}
		return stmt_failed(db, st, why);
	}
	db->affected = (int64_t)mysql_stmt_affected_rows(st->handle);
	db->insert_id = (int64_t)mysql_stmt_insert_id(st->handle);
	if (!st->column_count)
		return 0;
	if (bind_columns(st) < 0 || mysql_stmt_store_result(st->handle))
		return stmt_failed(db, st, why);
	db->current = st;
	return 0;
}

int dbconn_run(struct dbconn *db, const struct dbquery *query,
	       struct dbvalues values, struct fault *why)
{
	bool was_open = db->handle;
	bool may_repeat = !db->in_transaction && query->columns;
	int64_t since_ms = ticks_ms();
	struct bound bound;

	must(values.count <= DBCONN_VALUES_MAX);
	bound.count = values.count;
	memset(bound.binds, 0, values.count * sizeof(bound.binds[0]));
	for (size_t i = 0; i < values.count; i++)
		bind_value(&bound, i, &values.list[i]);

	int r = run(db, query, &bound, why);

	if (r == -1 && may_repeat && dbconn_was_stale(db, was_open, since_ms))
		r = run(db, query, &bound, why);
	if (r == 1) {
		stmt_forget(db, query);
		r = run(db, query, &bound, why);
	}
	if (r == 1)
		db->error = DBCONN_OTHER;
	return r ? -1 : 0;
}

int64_t dbconn_affected(const struct dbconn *db)
{
	return db->affected;
}

int64_t dbconn_insert_id(const struct dbconn *db)
{
	return db->insert_id;
}

/* Fetches column i again, now that its length is known. */
static int column_grow(struct dbstmt *st, unsigned i)
{
	struct column *c = &st->columns[i];
	MYSQL_BIND bind;

	c->room = c->len;
	c->text = alloc_resize(c->text, c->room + 1, 1);
	bind_column(c, &bind);
	return mysql_stmt_fetch_column(st->handle, &bind, i, 0) ? -1 : 0;
}

int dbconn_next(struct dbconn *db, struct fault *why)
{
	struct dbstmt *st = db->current;
	bool grown = false;

	must(st);

	int r = mysql_stmt_fetch(st->handle);

	if (r == MYSQL_NO_DATA) {
		dbconn_result_drop(db);
		return 0;
	}
	if (r && r != MYSQL_DATA_TRUNCATED)
		return stmt_failed(db, st, why);
	for (unsigned i = 0; i < st->column_count; i++) {
		struct column *c = &st->columns[i];

		if (c->kind != 't')
			continue;
		if (c->is_null)
			c->len = 0;
		if (c->len > c->room) {
			if (column_grow(st, i) < 0)
				return stmt_failed(db, st, why);
			grown = true;
		}
		c->text[c->len] = '\0';
	}
	/* The next row goes to the new memory. */
	if (grown && bind_columns(st) < 0)
		return stmt_failed(db, st, why);
	return 1;
}

static const struct column *column(const struct dbconn *db, size_t i, char kind)
{
	must(db->current && i < db->current->column_count);
	must(db->current->columns[i].kind == kind);
	return &db->current->columns[i];
}

int64_t dbconn_int(const struct dbconn *db, size_t i)
{
	const struct column *c = column(db, i, 'i');

	return c->is_null ? 0 : c->number;
}

int64_t dbconn_time_ms(const struct dbconn *db, size_t i)
{
	const struct column *c = column(db, i, 'd');

	return c->is_null ? 0 : ms_of_time(&c->time);
}

const char *dbconn_text(const struct dbconn *db, size_t i)
{
	return column(db, i, 't')->text;
}

size_t dbconn_text_len(const struct dbconn *db, size_t i)
{
	return column(db, i, 't')->len;
}

bool dbconn_is_null(const struct dbconn *db, size_t i)
{
	must(db->current && i < db->current->column_count);
	return db->current->columns[i].is_null;
}

int dbconn_exec(struct dbconn *db, const char *sql, size_t len,
		struct fault *why)
{
	if (dbconn_open(db, why) < 0)
		return -1;
	dbconn_result_drop(db);
	if (mysql_real_query(db->handle, sql, len))
		return dbconn_handle_failed(db, "statement", why);

	MYSQL_RES *result = mysql_store_result(db->handle);

	if (result)
		mysql_free_result(result);
	else if (mysql_errno(db->handle))
		return dbconn_handle_failed(db, "statement", why);
	return 0;
}
