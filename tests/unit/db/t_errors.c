/* SPDX-License-Identifier: MIT */
/* What the failures of a database mean. */
#include "config.h"

#include "db/errors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

static const struct row {
	const char *label;
	unsigned code;
	const char *state;
	enum dbconn_error error;
	enum fault_class class;
} rows[] = {
	{ "deadlock", 1213, "40001", DBCONN_BUSY, FAULT_RETRY },
	{ "certification (Group Replication)", 3101, "40000", DBCONN_BUSY,
	  FAULT_RETRY },
	{ "rolled back, by a number of its own", 9999, "40001", DBCONN_BUSY,
	  FAULT_RETRY },
	{ "lock wait", 1205, "HY000", DBCONN_BUSY, FAULT_RETRY },
	{ "write conflict (TiDB)", 9007, "HY000", DBCONN_BUSY, FAULT_RETRY },
	{ "interrupted", 1317, "70100", DBCONN_BUSY, FAULT_RETRY },
	{ "killed", 1927, "70100", DBCONN_DEAD, FAULT_RETRY },
	{ "lost", 2013, "HY000", DBCONN_DEAD, FAULT_RETRY },
	{ "connection, by a number of its own", 9998, "08S01", DBCONN_DEAD,
	  FAULT_RETRY },
	{ "not in the primary component", 1047, "08S01", DBCONN_DEAD,
	  FAULT_RETRY },
	{ "read_only", 1290, "HY000", DBCONN_DEAD, FAULT_RETRY },
	{ "transaction that may only read", 1792, "25006", DBCONN_DEAD,
	  FAULT_RETRY },
	{ "read-only mode", 1836, "HY000", DBCONN_DEAD, FAULT_RETRY },
	{ "hook at COMMIT", 3100, "HY000", DBCONN_DEAD, FAULT_RETRY },
	{ "error at COMMIT", 1180, "HY000", DBCONN_DEAD, FAULT_RETRY },
	{ "too many connections", 1040, "08004", DBCONN_OTHER, FAULT_RETRY },
	{ "full", 1114, "HY000", DBCONN_OTHER, FAULT_RETRY },
	{ "duplicate", 1062, "23000", DBCONN_DUPLICATE, FAULT_REJECT },
	{ "no parent", 1452, "23000", DBCONN_NO_PARENT, FAULT_REJECT },
	{ "NULL", 1048, "23000", DBCONN_OTHER, FAULT_REJECT },
	{ "CHECK (MySQL)", 3819, "HY000", DBCONN_OTHER, FAULT_REJECT },
	{ "CHECK (MariaDB)", 4025, "23000", DBCONN_OTHER, FAULT_REJECT },
	{ "too long", 1406, "22001", DBCONN_OTHER, FAULT_REJECT },
	{ "out of range", 1264, "22003", DBCONN_OTHER, FAULT_REJECT },
	{ "no such date", 1292, "22007", DBCONN_OTHER, FAULT_REJECT },
	{ "characters (MySQL)", 1366, "HY000", DBCONN_OTHER, FAULT_REJECT },
	{ "no table", 1146, "42S02", DBCONN_NO_TABLE, FAULT_CONFIG },
	{ "denied", 1045, "28000", DBCONN_OTHER, FAULT_CONFIG },
	{ "command denied", 1142, "42000", DBCONN_OTHER, FAULT_CONFIG },
	{ "syntax", 1064, "42000", DBCONN_OTHER, FAULT_CONFIG },
	{ "wants TLS", 3159, "HY000", DBCONN_OTHER, FAULT_CONFIG },
	{ "unknown", 9997, "HY000", DBCONN_OTHER, FAULT_CONFIG },
	{ "no SQLSTATE at all", 9997, "", DBCONN_OTHER, FAULT_CONFIG },
};

static void failures_have_their_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct row *r = &rows[i];
		const struct dberror *e = dberror_of(r->code, r->state);

		if (e->error != r->error || e->class != r->class)
			fail_msg("%s: %d, %s", r->label, (int)e->error,
				 fault_class_name(e->class));
	}
}

static void words_that_may_be_a_persons_are_left_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (rows[i].class == FAULT_REJECT &&
		    !dberror_of(rows[i].code, rows[i].state)->words)
			fail_msg("%s", rows[i].label);
}

static void what_a_connect_fails_by_names_its_setting(void **state)
{
	(void)state;
	assert_string_equal(dberror_of(1045, "28000")->setting, "mysql_user");
	assert_string_equal(dberror_of(1049, "42000")->setting,
			    "mysql_database");
	assert_string_equal(dberror_of(2026, "HY000")->setting, "mysql_tls");
	assert_string_equal(dberror_of(3159, "HY000")->setting, "mysql_tls");
	assert_null(dberror_of(2003, "HY000")->setting);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_have_their_meaning),
		cmocka_unit_test(words_that_may_be_a_persons_are_left_out),
		cmocka_unit_test(what_a_connect_fails_by_names_its_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
