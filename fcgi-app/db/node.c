/* SPDX-License-Identifier: MIT */
/* What a database server is within its group: may one book there? */
#include "config.h"

#include "db/node.h"

#include <string.h>
#include <strings.h>

#define GALERA_DONOR "2"
#define GALERA_SYNCED "4"

static const struct dbnode good = { NODE_GOOD, false, "" };

/* It may be a word: MariaDB 12 knows more than ON and OFF. */
static bool is_set(const char *value)
{
	return *value && strcasecmp(value, "OFF") != 0 &&
	       strcmp(value, "0") != 0 && strcasecmp(value, "NO") != 0;
}

static struct dbnode galera(const struct dbnode_facts *f)
{
	if (strcasecmp(f->wsrep_cluster_status, "Primary") != 0)
		return (struct dbnode){
			NODE_AWAY, true, "it is cut off from the majority of "
			"its cluster (wsrep_cluster_status)",
		};
	if (!is_set(f->wsrep_ready))
		return (struct dbnode){
			NODE_AWAY, true,
			"it takes no statements yet (wsrep_ready)",
		};
	if (strcmp(f->wsrep_local_state, GALERA_DONOR) == 0)
		return (struct dbnode){
			NODE_SPARE, false, "it lags behind while it gives its "
			"data to another (wsrep_local_state 2)",
		};
	if (strcmp(f->wsrep_local_state, GALERA_SYNCED) != 0)
		return (struct dbnode){
			NODE_AWAY, true, "it is still joining its cluster "
			"(wsrep_local_state)",
		};
	return good;
}

static struct dbnode group(const struct dbnode_facts *f)
{
	if (!f->is_online)
		return (struct dbnode){
			NODE_AWAY, true, "it is not online in its group "
			"(replication_group_members)",
		};
	/* Its writes would wait for ever. */
	if (f->unreachable * 2 >= f->members)
		return (struct dbnode){
			NODE_AWAY, true, "it is cut off from the majority of "
			"its group (replication_group_members)",
		};
	if (!f->is_primary)
		return (struct dbnode){
			NODE_SPARE, true,
			"it is read-only: another is primary in its group",
		};
	return good;
}

struct dbnode dbnode_of(const struct dbnode_facts *f)
{
	struct dbnode node = good;

	if (is_set(f->wsrep_on))
		node = galera(f);
	else if (*f->group_name)
		node = group(f);
	if (node.rank == NODE_AWAY || node.read_only)
		return node;
	if (is_set(f->read_only) || is_set(f->super_read_only) ||
	    is_set(f->innodb_read_only))
		return (struct dbnode){
			NODE_SPARE, true, "it is read-only (read_only)",
		};
	return node;
}
