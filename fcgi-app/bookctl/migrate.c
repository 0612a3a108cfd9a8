/* SPDX-License-Identifier: MIT */
/* bookctl migrate: brings the schema up to date, one numbered file a step. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/dir.h"
#include "base/str.h"
#include "base/ticks.h"
#include "cli/progress.h"
#include "db/sqlsplit.h"
#include "domain/sha.h"
#include "json/put.h"
#include "store/names.h"

#include <json-c/json.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define FILE_MAX_BYTES (1024 * 1024)
#define LOCK_WAIT_S 60
#define NAME_MAX_BYTES 64	/* of the column */
#define LINKS_VERSION 11	/* rows get what their links are made from */
#define CALENDAR_VERSION 13	/* and the names that calendars know */
#define NAMES_VERSION 22	/* and keys of people's names */

struct migration {
	char *name;	/* "0001_init.sql" */
	struct buf text;
	char checksum[2 * SHA_BYTES + 1];
};

struct migrations {
	struct migration *list;
	size_t count;
};

/* ---- the files ---------------------------------------------------------- */

static bool is_migration(const char *name)
{
	return strspn(name, "0123456789") == 4 && name[4] == '_' &&
	       str_ends_with(name, ".sql") && strlen(name) <= NAME_MAX_BYTES;
}

/* The i-th is version i + 1: no gaps, no doubles. */
static int migration_read(void *arg, const char *path, const char *name,
			  struct fault *why)
{
	struct migrations *all = arg;
	struct migration *m;
	uint8_t digest[SHA_BYTES];

	if (!is_migration(name))
		return 0;
	if (strtoul(name, NULL, 10) != all->count + 1)
		return fault_set(why, FAULT_CONFIG, "%s: expected number %04zu",
				 path, all->count + 1);
	all->list = alloc_resize(all->list, all->count + 1, sizeof(*m));
	m = &all->list[all->count++];
	m->name = alloc_text(name);
	buf_init(&m->text);
	if (buf_add_file(&m->text, path, FILE_MAX_BYTES) < 0)
		return fault_set_errno(why, FAULT_CONFIG, errno, "read %s",
				       path);
	sha_digest(&(struct sha_piece){ m->text.data, m->text.len }, 1,
		   digest);
	str_hex(m->checksum, digest, SHA_BYTES);
	return 0;
}

static void migrations_release(struct migrations *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free(all->list[i].name);
		buf_release(&all->list[i].text);
	}
	free(all->list);
}

static int migrations_read(const char *dir, struct migrations *all,
			   struct fault *why)
{
	if (dir_each(dir, migration_read, all, why) < 0)
		return -1;
	if (all->count > 0)
		return 0;
	return fault_set(why, FAULT_CONFIG, "%s holds no migrations", dir);
}

/* ---- the database ------------------------------------------------------- */

/* One migration at a time on one database; the server frees the lock when the
 * connection ends. */
static int lock_take(struct ctl *ctl, struct fault *why)
{
	static const struct dbquery query = { "SELECT GET_LOCK(?, ?)", "i" };
	char *name = alloc_printf("reservoir.%.50s", ctl->conf.mysql_database);
	const struct dbvalue values[] = { DB_TEXT(name), DB_INT(LOCK_WAIT_S) };
	int result = -1;

	if (dbconn_run(ctl->db, &query, DB_ARRAY(values),
		       why) == 0 &&
	    dbconn_next(ctl->db, why) == 1)
		result = dbconn_int(ctl->db, 0) == 1 ? 0 :
			fault_set(why, FAULT_RETRY,
				  "another migration has been running for %d s",
				  LOCK_WAIT_S);
	free(name);
	return result;
}

static int applied_check(const struct dbconn *db, const struct migrations *all,
			 size_t version, struct fault *why)
{
	int64_t number = dbconn_int(db, 0);

	if (number > (int64_t)all->count)
		return fault_set(why, FAULT_CONFIG,
				 "the schema is version %" PRId64
				 ", newer than this program's %zu: install the "
				 "newer program", number, all->count);
	if (number != (int64_t)version + 1)
		return fault_set(why, FAULT_CONFIG,
				 "schema_version lacks version %zu",
				 version + 1);
	if (strcmp(dbconn_text(db, 1), all->list[version].checksum) != 0)
		return fault_set(why, FAULT_CONFIG,
				 "%s is not the file that was applied",
				 all->list[version].name);
	return 0;
}

/* How many of the list are in the database; checks that they are the same. */
static int applied_count(struct ctl *ctl, const struct migrations *all,
			 size_t *applied_out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT version, checksum FROM schema_version "
		"ORDER BY version", "it",
	};
	int r;

	*applied_out = 0;
	if (dbconn_run(ctl->db, &query, DB_NO_VALUES, why) < 0)
		return dbconn_error(ctl->db) == DBCONN_NO_TABLE ? 0 : -1;
	while ((r = dbconn_next(ctl->db, why)) == 1)
		if (applied_check(ctl->db, all, (*applied_out)++, why) < 0)
			return -1;
	return r;
}

/* What a file cannot do by a few statements. */
static int rows_fill(struct ctl *ctl, size_t version, struct fault *why)
{
	int64_t count;

	if (version == LINKS_VERSION)
		return store_links_fill(ctl->store, &count, why);
	if (version == CALENDAR_VERSION)
		return store_calendar_fill(ctl->store, why);
	if (version == NAMES_VERSION)
		return store_names_fill(ctl->store, why);
	return 0;
}

/* Runs each statement of a text; what fails begins with its name. */
static int run_text(struct ctl *ctl, const char *name, const char *text,
		    struct fault *why)
{
	const char *statement;
	size_t len;

	while (sqlsplit_next(&text, &statement, &len)) {
		if (dbconn_exec(ctl->db, statement, len, why) == 0)
			continue;

		struct fault cause = *why;

		return fault_set(why, cause.class, "%s: %s", name, cause.text);
	}
	return 0;
}

static int apply(struct ctl *ctl, const struct migration *m, size_t version,
		 struct fault *why)
{
	static const struct dbquery record = DB_CHANGE(
		"INSERT INTO schema_version (version, name, checksum, "
		"applied_at) VALUES (?, ?, ?, ?)");

	if (run_text(ctl, m->name, m->text.data, why) < 0)
		return -1;
	ctl_watch(ctl, "rows filled in", false);
	if (rows_fill(ctl, version, why) < 0)
		return -1;
	cli_progress_end();

	const struct dbvalue values[] = {
		DB_INT((int64_t)version),
		DB_TEXT(m->name),
		DB_TEXT(m->checksum),
		DB_TIME_MS(wall_ms()),
	};

	return dbconn_run(ctl->db, &record, DB_ARRAY(values), why);
}

/* A new table is nobody's but the owner's until it is granted. */
static int grant(struct ctl *ctl, struct fault *why)
{
	const char *path = ctl->conf.grants_file;
	struct buf text;
	int result;

	if (*path == '\0')
		return 0;
	buf_init(&text);
	result = buf_add_file(&text, path, FILE_MAX_BYTES) < 0 ?
		fault_set_errno(why, FAULT_CONFIG, errno, "read %s", path) :
		run_text(ctl, path, text.data, why);
	buf_release(&text);
	return result;
}

/* names: gets those that were applied; NULL = they are printed as they are. */
static int migrate(struct ctl *ctl, const struct migrations *all,
		   struct json_object *names, struct fault *why)
{
	size_t applied;

	if (lock_take(ctl, why) < 0 ||
	    applied_count(ctl, all, &applied, why) < 0)
		return -1;
	if (applied == all->count && !names)
		printf("schema is version %zu, nothing to do\n", applied);
	for (size_t i = applied; i < all->count; i++) {
		const char *name = all->list[i].name;

		if (apply(ctl, &all->list[i], i + 1, why) < 0)
			return -1;
		if (names)
			put_text(put_row(names), "name", name);
		else
			printf("applied %s\n", name);
	}
	return grant(ctl, why);
}

int ctl_migrate(struct ctl *ctl, struct fault *why)
{
	struct json_object *answer = put_new();
	char *dir = alloc_printf("%s/schema", ctl->conf.data_dir);
	struct migrations all = { NULL, 0 };
	int result = migrations_read(dir, &all, why);

	if (result == 0) {
		put_int(answer, "version", (int64_t)all.count);
		result = migrate(ctl, &all, ctl->json ?
				 put_list(answer, "applied") : NULL, why);
	}
	migrations_release(&all);
	free(dir);
	if (result == 0)
		return ctl_tell(ctl, answer, NULL);
	json_object_put(answer);
	return CLI_BY_FAULT;
}
