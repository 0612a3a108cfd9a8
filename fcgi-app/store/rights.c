/* SPDX-License-Identifier: MIT */
/* What the account may do, by statements that find no row. */
#include "config.h"

#include "db/conn.h"
#include "store/impl.h"
#include "store/store.h"

int store_rights_check(struct store *s, struct fault *why)
{
	/* The right is looked at before the condition is. */
	static const struct dbquery queries[] = {
		{ "INSERT INTO notification SELECT * FROM notification "
		  "WHERE 1 = 0", NULL },
		{ "UPDATE slot_inventory SET booked = booked WHERE 1 = 0",
		  NULL },
		{ "DELETE FROM notification WHERE 1 = 0", NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(queries); i++) {
		if (dbconn_run(s->db, &queries[i], NULL, 0, why) < 0)
			return -1;
	}
	return 0;
}
