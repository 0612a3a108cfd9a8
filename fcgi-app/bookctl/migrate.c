/* SPDX-License-Identifier: MIT */
/* bookctl migrate: brings the schema up to date, one numbered file a step. */
#include "config.h"

#include "bookctl/bookctl.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/ticks.h"
#include "db/sqlsplit.h"
#include "json/put.h"
#include "store/names.h"

#include <json-c/json.h>
#include <openssl/evp.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define FILE_MAX_BYTES (1024 * 1024)
#define LOCK_WAIT_S 60
#define NAME_MAX_BYTES 64	/* of the column */
#define SHA256_BYTES 32
#define LINKS_VERSION 11	/* rows get what their links are made from */

struct migration {
	char *name;	/* "0001_init.sql" */
	struct buf text;
	char checksum[2 * SHA256_BYTES + 1];
};

/* ---- the files ---------------------------------------------------------- */

static int is_migration(const struct dirent *entry)
{
	const char *name = entry->d_name;

	for (int i = 0; i < 4; i++)
		if (!isdigit((unsigned char)name[i]))
			return 0;
	return name[4] == '_' && str_ends_with(name, ".sql") &&
	       strlen(name) <= NAME_MAX_BYTES;
}

static int migration_read(struct migration *m, const char *dir,
			  const char *name, struct fault *why)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char *path = alloc_printf("%s/%s", dir, name);

	m->name = alloc_text(name);
	buf_init(&m->text);
	if (buf_add_file(&m->text, path, FILE_MAX_BYTES) < 0) {
		fault_set_errno(why, FAULT_CONFIG, errno, "read %s", path);
		free(path);
		return -1;
	}
	free(path);
	must(EVP_Digest(m->text.data, m->text.len, digest, NULL, EVP_sha256(),
			NULL));
	str_hex(m->checksum, digest, SHA256_BYTES);
	return 0;
}

static void migrations_free(struct migration *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].name);
		buf_release(&list[i].text);
	}
	free(list);
}

static bool is_numbered(const char *name, size_t number)
{
	char digits[5];
	int64_t found;

	memcpy(digits, name, 4);
	digits[4] = '\0';
	return str_to_int(digits, 0, 9999, &found) && (size_t)found == number;
}

/* The i-th of *out is version i + 1: no gaps, no doubles. */
static int migrations_read(const char *dir, struct migration **out,
			   size_t *count_out, struct fault *why)
{
	struct dirent **entries = NULL;
	int found = scandir(dir, &entries, is_migration, alphasort);
	size_t count = 0;
	int result = -1;

	if (found < 0)
		return fault_set_errno(why, FAULT_CONFIG, errno, "read %s",
				       dir);

	struct migration *list = alloc_zeroed((size_t)found + 1,
					      sizeof(*list));

	while (count < (size_t)found) {
		const char *name = entries[count]->d_name;

		if (!is_numbered(name, count + 1)) {
			fault_set(why, FAULT_CONFIG,
				  "%s/%s: expected number %04zu", dir, name,
				  count + 1);
			goto out;
		}
		if (migration_read(&list[count++], dir, name, why) < 0)
			goto out;
	}
	if (count)
		result = 0;
	else
		fault_set(why, FAULT_CONFIG, "%s holds no migrations", dir);
out:
	for (int i = 0; i < found; i++)
		free(entries[i]);
	free(entries);
	if (result < 0) {
		migrations_free(list, count);
		return -1;
	}
	*out = list;
	*count_out = count;
	return 0;
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

	if (dbconn_run(ctl->db, &query, values, ARRAY_COUNT(values),
		       why) == 0 &&
	    dbconn_next(ctl->db, why) == 1)
		result = dbconn_int(ctl->db, 0) == 1 ? 0 :
			fault_set(why, FAULT_RETRY,
				  "another migration has been running for %d s",
				  LOCK_WAIT_S);
	free(name);
	return result;
}

static int applied_check(const struct dbconn *db, const struct migration *list,
			 size_t count, size_t version, struct fault *why)
{
	int64_t number = dbconn_int(db, 0);

	if (number > (int64_t)count)
		return fault_set(why, FAULT_CONFIG,
				 "the schema is version %" PRId64
				 ", newer than this program's %zu: install the "
				 "newer program", number, count);
	if (number != (int64_t)version + 1)
		return fault_set(why, FAULT_CONFIG,
				 "schema_version lacks version %zu",
				 version + 1);
	if (strcmp(dbconn_text(db, 1), list[version].checksum) != 0)
		return fault_set(why, FAULT_CONFIG,
				 "%s is not the file that was applied",
				 list[version].name);
	return 0;
}

/* How many of the list stand in the database; checks that they are the same. */
static int applied_count(struct ctl *ctl, const struct migration *list,
			 size_t count, size_t *applied_out, struct fault *why)
{
	static const struct dbquery query = {
		"SELECT version, checksum FROM schema_version "
		"ORDER BY version", "it",
	};
	int r;

	*applied_out = 0;
	if (dbconn_run(ctl->db, &query, NULL, 0, why) < 0)
		return dbconn_error(ctl->db) == DBCONN_NO_TABLE ? 0 : -1;
	while ((r = dbconn_next(ctl->db, why)) == 1)
		if (applied_check(ctl->db, list, count, (*applied_out)++,
				  why) < 0)
			return -1;
	return r;
}

/* What a file cannot do by a few statements. */
static int rows_fill(struct ctl *ctl, size_t version, struct fault *why)
{
	int64_t count;

	if (version == LINKS_VERSION)
		return store_links_fill(ctl->store, &count, why);
	return 0;
}

static int apply(struct ctl *ctl, const struct migration *m, size_t version,
		 struct fault *why)
{
	static const struct dbquery record = {
		"INSERT INTO schema_version (version, name, checksum, "
		"applied_at) VALUES (?, ?, ?, ?)",
		NULL,
	};
	const char *at = m->text.data;
	const char *statement;
	size_t len;

	while (sqlsplit_next(&at, &statement, &len)) {
		if (dbconn_exec(ctl->db, statement, len, why) == 0)
			continue;

		struct fault cause = *why;

		return fault_set(why, cause.class, "%s: %s", m->name,
				 cause.text);
	}

	if (rows_fill(ctl, version, why) < 0)
		return -1;

	const struct dbvalue values[] = {
		DB_INT((int64_t)version),
		DB_TEXT(m->name),
		DB_TEXT(m->checksum),
		DB_TIME_MS(wall_ms()),
	};

	return dbconn_run(ctl->db, &record, values, ARRAY_COUNT(values), why);
}

/* names: gets those that were applied; NULL = they are printed as they are. */
static int migrate(struct ctl *ctl, const struct migration *list, size_t count,
		   struct json_object *names, struct fault *why)
{
	size_t applied;

	if (lock_take(ctl, why) < 0 ||
	    applied_count(ctl, list, count, &applied, why) < 0)
		return -1;
	if (applied == count && !names)
		printf("schema is version %zu, nothing to do\n", count);
	for (size_t i = applied; i < count; i++) {
		if (apply(ctl, &list[i], i + 1, why) < 0)
			return -1;
		if (names)
			put_text(put_row(names), "name", list[i].name);
		else
			printf("applied %s\n", list[i].name);
	}
	return 0;
}

int ctl_migrate(struct ctl *ctl, struct fault *why)
{
	struct json_object *answer = put_new();
	char *dir = alloc_printf("%s/schema", ctl->conf.data_dir);
	struct migration *list = NULL;
	size_t count = 0;
	int result = migrations_read(dir, &list, &count, why);

	if (result == 0) {
		put_int(answer, "version", (int64_t)count);
		result = migrate(ctl, list, count, ctl->json ?
				 put_list(answer, "applied") : NULL, why);
		migrations_free(list, count);
	}
	free(dir);
	if (result == 0)
		return ctl_tell(ctl, answer, NULL);
	json_object_put(answer);
	return CLI_BY_FAULT;
}
