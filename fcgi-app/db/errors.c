/* SPDX-License-Identifier: MIT */
/* What the numbers of failures mean. */
#include "config.h"

#include "db/errors.h"

#include "db/conn.h"
#include "db/impl.h"

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

int dbconn_handle_failed(struct dbconn *db, const char *what,
			 struct fault *why)
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
