/* SPDX-License-Identifier: MIT */
/* What the failures of a database mean. */
#include "config.h"

#include "db/errors.h"

#include <stddef.h>
#include <string.h>

#define TLS_TODO ": see mysql_tls, mysql_tls_ca_file and mysql_tls_name"

static const struct dberror dead = { DBCONN_DEAD, FAULT_RETRY, NULL, "", NULL };
static const struct dberror no_tls = {
	DBCONN_DEAD, FAULT_RETRY, NULL, TLS_TODO, "mysql_tls",
};
static const struct dberror wants_tls = {
	DBCONN_OTHER, FAULT_CONFIG, NULL, ": set mysql_tls = required",
	"mysql_tls",
};
static const struct dberror denied = {
	DBCONN_OTHER, FAULT_CONFIG, NULL, "", "mysql_user",
};
static const struct dberror no_database = {
	DBCONN_OTHER, FAULT_CONFIG, NULL, "", "mysql_database",
};
static const struct dberror busy = {
	DBCONN_BUSY, FAULT_RETRY, NULL, "", NULL,
};
static const struct dberror away = {
	DBCONN_OTHER, FAULT_RETRY, NULL, "", NULL,
};
static const struct dberror duplicate = {
	DBCONN_DUPLICATE, FAULT_REJECT, "there is one already", "", NULL,
};
static const struct dberror no_parent = {
	DBCONN_NO_PARENT, FAULT_REJECT, "what it refers to is gone", "", NULL,
};
static const struct dberror no_table = {
	DBCONN_NO_TABLE, FAULT_CONFIG, NULL, ": run bookctl migrate", NULL,
};
static const struct dberror value = {
	DBCONN_OTHER, FAULT_REJECT, "a value was refused", "", NULL,
};
static const struct dberror other = {
	DBCONN_OTHER, FAULT_CONFIG, NULL, "", NULL,
};

/*
 * What the class does not say: most failures have none of their own (HY000),
 * and some have one that says too much.  By number, because the names differ
 * between the two client libraries.  Sources: 1000 to 1899 and 3000 on are in
 * "Server Error Message Reference" of MySQL's manual and, up to 1899 and from
 * 1900 on with meanings of its own, in "MariaDB Error Codes"; 2000 to 2999 in
 * "Client Error Message Reference"; 8000 and more in "Error Codes and
 * Troubleshooting" of TiDB's.
 */
static const struct {
	unsigned code;
	const struct dberror *error;
} known[] = {
	/* the client lost the server, or could not find it */
	{ 2002, &dead }, { 2003, &dead }, { 2005, &dead },
	{ 2006, &dead }, { 2013, &dead }, { 2014, &dead },
	{ 2027, &dead }, { 2055, &dead },
	{ 2012, &dead },	/* error in the handshake */
	{ 2026, &no_tls },	/* ... of TLS, or in its records */
	{ 4031, &dead },	/* dropped for inactivity (MySQL) */
	{ 1053, &dead },	/* shutdown in progress */
	{ 1152, &dead }, { 1158, &dead }, { 1159, &dead },
	{ 1160, &dead }, { 1161, &dead },
	{ 1927, &dead },	/* killed (MariaDB); 70100 */
	{ 3169, &dead },	/* killed (MySQL) */
	{ 3032, &dead },	/* offline_mode */
	{ 3168, &dead },	/* "Server isn't available" */
	/* a member that may not write: the next host, or the router's */
	{ 1047, &dead },	/* Galera: no primary component; 08S01 */
	{ 1290, &dead },	/* read_only */
	{ 1792, &dead },	/* a transaction that may only read; 25006 */
	{ 1836, &dead },	/* read-only mode */
	{ 3100, &dead },	/* Group Replication's hook failed at COMMIT:
				   no majority, or the member was expelled */
	/* COMMIT failed, and whether others have it is not said: Galera without
	 * a majority, a full disk */
	{ 1180, &dead },
	/* the transaction may be run again */
	{ 1205, &busy },	/* lock wait; only the statement is undone */
	{ 1020, &busy },	/* changed since it was read (MariaDB) */
	{ 3572, &busy },	/* NOWAIT */
	{ 8002, &busy }, { 8022, &busy }, { 8028, &busy },
	{ 9007, &busy },	/* write conflict, schema changed (TiDB) */
	{ 1062, &duplicate },
	{ 1452, &no_parent },
	{ 1146, &no_table },
	{ 1045, &denied }, { 1698, &denied },
	{ 1044, &no_database },	/* no right to it */
	{ 1049, &no_database },
	/* full, overloaded */
	{ 1040, &away },	/* 08004, but it said so */
	{ 1129, &away }, { 1203, &away },
	{ 1226, &away }, { 1021, &away }, { 1114, &away },
	{ 1041, &away }, { 1037, &away }, { 1038, &away },
	{ 1030, &away }, { 1026, &away },
	{ 2008, &away },
	/* a value that the schema refuses; 4025 and 3819: CHECK */
	{ 1366, &value }, { 1300, &value },
	{ 3819, &value }, { 4025, &value },
	/* require_secure_transport */
	{ 3159, &wants_tls },
};

/* ISO/IEC 9075-2, clause "Status codes"; 70 is MySQL's own. */
static const struct {
	char class[3];
	const struct dberror *error;
} classes[] = {
	{ "40", &busy },	/* rolled back: deadlock, serialization,
				   certification (1213, 3101) */
	{ "08", &dead },	/* connection */
	{ "70", &busy },	/* interrupted (1317, 1969, 3024) */
	{ "22", &value },	/* data: too long, out of range, no such date */
	{ "23", &value },	/* a constraint */
};

const struct dberror *dberror_of(unsigned code, const char *state)
{
	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (known[i].code == code)
			return known[i].error;
	for (size_t i = 0; i < ARRAY_COUNT(classes); i++)
		if (strncmp(classes[i].class, state, 2) == 0)
			return classes[i].error;
	return &other;
}
