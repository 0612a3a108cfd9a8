/* SPDX-License-Identifier: MIT */
/* What a database server is within its group: may one book there? */
#ifndef DB_NODE_H
#define DB_NODE_H

#include <stdbool.h>

/* What it said of itself; texts are its own, "" = it has no such thing. */
struct dbnode_facts {
	char read_only[8];		/* "ON", "OFF", "NO_LOCK" ... */
	char super_read_only[8];
	char innodb_read_only[8];
	char wsrep_on[8];
	char wsrep_ready[8];
	char wsrep_cluster_status[24];	/* "Primary", "non-Primary" */
	char wsrep_local_state[8];	/* "4" = synced */
	char group_name[40];		/* of Group Replication */
	/* Its members as this one sees them. */
	int members;
	int unreachable;
	bool is_online;			/* this one is ... */
	bool is_primary;
};

enum dbnode_rank {
	NODE_GOOD,
	NODE_SPARE,	/* to be used if there is no good one */
	NODE_AWAY,	/* answers nothing that counts */
};

struct dbnode {
	enum dbnode_rank rank;
	bool read_only;		/* pages can be shown; nothing can be booked */
	const char *words;	/* constant; what is wrong, "" = nothing */
};

/* Judges it. */
struct dbnode dbnode_of(const struct dbnode_facts *facts);

#endif
