/* SPDX-License-Identifier: MIT */
/* What a database server is within its group. */
#include "config.h"

#include "db/node.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#define GALERA .wsrep_on = "ON", .read_only = "OFF"
#define GROUP .group_name = "6c1e", .read_only = "OFF", \
	      .super_read_only = "OFF", .members = 3

static void servers_are_judged(void **state)
{
	static const struct {
		const char *label;
		struct dbnode_facts facts;
		enum dbnode_rank rank;
		bool read_only;
	} rows[] = {
		{ "alone", { .read_only = "OFF", .wsrep_on = "OFF" },
		  NODE_GOOD, false },
		{ "MySQL alone", { .read_only = "OFF",
		  .super_read_only = "OFF", .innodb_read_only = "OFF" },
		  NODE_GOOD, false },
		{ "says nothing", { .read_only = "" }, NODE_GOOD, false },
		{ "read-only", { .read_only = "ON" }, NODE_SPARE, true },
		{ "read-only, by a number", { .read_only = "1" }, NODE_SPARE,
		  true },
		{ "read-only without locks", { .read_only = "NO_LOCK" },
		  NODE_SPARE, true },
		{ "super", { .read_only = "OFF", .super_read_only = "ON" },
		  NODE_SPARE, true },
		{ "its files", { .read_only = "OFF",
		  .innodb_read_only = "ON" }, NODE_SPARE, true },
		{ "galera", { GALERA, .wsrep_ready = "ON",
		  .wsrep_cluster_status = "Primary",
		  .wsrep_local_state = "4" }, NODE_GOOD, false },
		{ "galera, read-only", { .wsrep_on = "ON", .read_only = "ON",
		  .wsrep_ready = "ON", .wsrep_cluster_status = "Primary",
		  .wsrep_local_state = "4" }, NODE_SPARE, true },
		{ "galera, a minority", { GALERA, .wsrep_ready = "OFF",
		  .wsrep_cluster_status = "non-Primary",
		  .wsrep_local_state = "0" }, NODE_AWAY, true },
		{ "galera, joining", { GALERA, .wsrep_ready = "ON",
		  .wsrep_cluster_status = "Primary",
		  .wsrep_local_state = "3" }, NODE_AWAY, true },
		{ "galera, a donor", { GALERA, .wsrep_ready = "ON",
		  .wsrep_cluster_status = "Primary",
		  .wsrep_local_state = "2" }, NODE_SPARE, false },
		{ "galera, not ready", { GALERA, .wsrep_ready = "OFF",
		  .wsrep_cluster_status = "Primary",
		  .wsrep_local_state = "4" }, NODE_AWAY, true },
		{ "group, primary", { GROUP, .is_online = true,
		  .is_primary = true }, NODE_GOOD, false },
		{ "group, one lost", { GROUP, .is_online = true,
		  .is_primary = true, .unreachable = 1 }, NODE_GOOD, false },
		{ "group, two lost", { GROUP, .is_online = true,
		  .is_primary = true, .unreachable = 2 }, NODE_AWAY, true },
		{ "group, secondary", { GROUP, .is_online = true }, NODE_SPARE,
		  true },
		{ "group, joining or expelled", { GROUP }, NODE_AWAY, true },
		{ "group of one", { .group_name = "6c1e", .members = 1,
		  .is_online = true, .is_primary = true }, NODE_GOOD, false },
		{ "group, a primary made read-only", { .group_name = "6c1e",
		  .read_only = "ON", .members = 3, .is_online = true,
		  .is_primary = true }, NODE_SPARE, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dbnode node = dbnode_of(&rows[i].facts);

		if (node.rank != rows[i].rank ||
		    node.read_only != rows[i].read_only ||
		    (node.rank == NODE_GOOD) != (*node.words == '\0'))
			fail_msg("%s: %d, %s", rows[i].label, (int)node.rank,
				 node.words);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
