/* SPDX-License-Identifier: MIT */
/* Runs statements and reads their rows. */
#include "config.h"

#include "db/rows.h"

#include "base/alloc.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

int dbconn_get(struct dbconn *db, const struct dbquery *query,
	       struct dbvalues values, struct fault *why)
{
	if (dbconn_run(db, query, values, why) < 0)
		return -1;
	return dbconn_next(db, why);
}

static void list_give_up(struct dbrows *rows)
{
	char *row = rows->list;

	for (; rows->release && rows->count > 0; rows->count--) {
		rows->release(row);
		row += rows->size;
	}
	free(rows->list);
	rows->list = NULL;
	rows->count = 0;
}

int dbconn_list(struct dbconn *db, struct dbcall call, struct dbrows *rows,
		struct fault *why)
{
	bool made = !rows->list;
	size_t room = 0;
	int r = dbconn_run(db, call.query, call.values, why);

	must(rows->size > 0);
	rows->count = 0;
	while (r == 0 && (rows->max == 0 || rows->count < rows->max) &&
	       (r = dbconn_next(db, why)) == 1) {
		char *row;

		if (made)
			rows->list = alloc_grow(rows->list, rows->count, &room,
						rows->size);
		row = (char *)rows->list + rows->count++ * rows->size;
		memset(row, 0, rows->size);
		rows->read(db, row);
		r = 0;
	}
	if (r < 0 && made)
		list_give_up(rows);
	return r;
}

void dbconn_text_copy(const struct dbconn *db, size_t i, char *out,
		      size_t size)
{
	must(str_copy(out, size, dbconn_text(db, i)));
}
