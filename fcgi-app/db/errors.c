/* SPDX-License-Identifier: MIT */
/* What the numbers of failures mean. */
#include "config.h"

#include "db/errors.h"

#include <stddef.h>

static const struct dberror dead = { DBCONN_DEAD, FAULT_RETRY, NULL, "" };
static const struct dberror busy = { DBCONN_BUSY, FAULT_RETRY, NULL, "" };
static const struct dberror away = { DBCONN_OTHER, FAULT_RETRY, NULL, "" };
static const struct dberror duplicate = {
	DBCONN_DUPLICATE, FAULT_REJECT, "there is one already", "",
};
static const struct dberror no_parent = {
	DBCONN_NO_PARENT, FAULT_REJECT, "what it refers to is gone", "",
};
static const struct dberror no_table = {
	DBCONN_NO_TABLE, FAULT_CONFIG, NULL, ": run bookctl migrate",
};
static const struct dberror value = {
	DBCONN_OTHER, FAULT_REJECT, "a value was refused", "",
};
static const struct dberror other = { DBCONN_OTHER, FAULT_CONFIG, NULL, "" };

/* By number: the names differ between the two client libraries. */
static const struct {
	unsigned code;
	const struct dberror *error;
} known[] = {
	/* the client lost the server, or could not find it */
	{ 2002, &dead }, { 2003, &dead }, { 2005, &dead },
	{ 2006, &dead }, { 2013, &dead }, { 2014, &dead },
	{ 2027, &dead }, { 2055, &dead },
	{ 2012, &dead },	/* error in the handshake */
	{ 4031, &dead },	/* dropped for inactivity (MySQL) */
	{ 1053, &dead },	/* shutdown in progress */
	{ 1152, &dead }, { 1158, &dead }, { 1159, &dead },
	{ 1160, &dead }, { 1161, &dead },
	{ 1927, &dead },	/* killed (MariaDB) */
	{ 1317, &busy },	/* the query was interrupted */
	/* a member that may not write: ask the router for another */
	{ 1047, &dead }, { 1290, &dead }, { 1836, &dead },
	/* the transaction may be run again */
	{ 1213, &busy }, { 1205, &busy }, { 1020, &busy },
	{ 1062, &duplicate },
	{ 1452, &no_parent },
	{ 1146, &no_table },
	/* full, overloaded */
	{ 1040, &away }, { 1129, &away }, { 1203, &away },
	{ 1226, &away }, { 1021, &away }, { 1114, &away },
	{ 1041, &away }, { 1037, &away }, { 1038, &away },
	{ 1030, &away }, { 1180, &away }, { 1026, &away },
	{ 2008, &away },
	/* a value that the schema refuses */
	{ 1048, &value }, { 1264, &value }, { 1292, &value },
	{ 1366, &value }, { 1406, &value }, { 1690, &value },
	{ 3819, &value }, { 4025, &value }, { 1300, &value },
};

const struct dberror *dberror_of(unsigned code)
{
	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (known[i].code == code)
			return known[i].error;
	return &other;
}
