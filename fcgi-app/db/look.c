/* SPDX-License-Identifier: MIT */
/* Asks a database server what it is within its group. */
#include "config.h"

#include "base/str.h"
#include "db/impl.h"
#include "db/node.h"

#include <stddef.h>
#include <string.h>

#define FACT(member) { #member, offsetof(struct dbnode_facts, member), \
		       sizeof(((struct dbnode_facts *)NULL)->member) }

/* SHOW asks for no rights; what a server does not have has no row. */
#define VARIABLES \
	"SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', " \
	"'super_read_only', 'innodb_read_only', 'wsrep_on', " \
	"'group_replication_group_name')"
#define GALERA \
	"SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', " \
	"'wsrep_cluster_status', 'wsrep_local_state')"
#define GROUP \
	"SELECT COUNT(*), COALESCE(SUM(member_state = 'UNREACHABLE'), 0), " \
	"COALESCE(SUM(member_id = @@server_uuid AND " \
	"member_state = 'ONLINE'), 0), " \
	"COALESCE(SUM(member_id = @@server_uuid AND " \
	"member_role = 'PRIMARY'), 0) " \
	"FROM performance_schema.replication_group_members"

/* A row of two texts: what it is called, and its value. */
static void fact_read(struct dbnode_facts *facts, MYSQL_ROW row)
{
	static const struct {
		const char *name;
		size_t offset;
		size_t size;
	} known[] = {
		FACT(read_only), FACT(super_read_only),
		FACT(innodb_read_only), FACT(wsrep_on), FACT(wsrep_ready),
		FACT(wsrep_cluster_status), FACT(wsrep_local_state),
		{ "group_replication_group_name",
		  offsetof(struct dbnode_facts, group_name),
		  sizeof(facts->group_name) },
	};

	for (size_t i = 0; row[0] && row[1] && i < ARRAY_COUNT(known); i++) {
		char *member = (char *)facts + known[i].offset;

		/* One that is longer than any that we know says so, too. */
		if (strcmp(known[i].name, row[0]) == 0)
			(void)str_printable(member, known[i].size, row[1]);
	}
}

static void members_read(struct dbnode_facts *facts, MYSQL_ROW row)
{
	int64_t numbers[4];

	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
		if (!row[i] || !str_to_int(row[i], 0, INT16_MAX, &numbers[i]))
			numbers[i] = 0;
	facts->members = (int)numbers[0];
	facts->unreachable = (int)numbers[1];
	facts->is_online = numbers[2];
	facts->is_primary = numbers[3];
}

static int ask(MYSQL *m, const char *sql,
	       void (*read)(struct dbnode_facts *facts, MYSQL_ROW row),
	       struct dbnode_facts *facts)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mysql_real_query(m, sql, strlen(sql)))
		return -1;
	result = mysql_store_result(m);
	if (!result)
		return -1;
	while ((row = mysql_fetch_row(result)))
		read(facts, row);
	mysql_free_result(result);
	return 0;
}

int dbnode_look(MYSQL *m, struct dbnode *out)
{
	struct dbnode_facts facts = { .members = 0 };

	if (ask(m, VARIABLES, fact_read, &facts) < 0 ||
	    (*facts.wsrep_on && ask(m, GALERA, fact_read, &facts) < 0) ||
	    (*facts.group_name && ask(m, GROUP, members_read, &facts) < 0))
		return -1;
	*out = dbnode_of(&facts);
	return 0;
}
