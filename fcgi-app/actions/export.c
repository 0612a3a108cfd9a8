/* SPDX-License-Identifier: MIT */
/* Writes bookings as comma-separated values and as JSON. */
#include "config.h"

#include "actions/export.h"

#include "base/fault.h"
#include "base/str.h"
#include "domain/zone.h"
#include "json/put.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#define FIELDS 12

static const char *const fields[FIELDS] = {
	"reference", "service", "starts_at", "ends_at", "time_zone", "seats",
	"state", "name", "email", "language", "notes", "created_at",
};

/* A row as texts, in the order of fields. */
struct cells {
	char starts[ZONE_ISO_SIZE];
	char ends[ZONE_ISO_SIZE];
	char created[ZONE_ISO_SIZE];
	char seats[24];
	const char *texts[FIELDS];
};

static void cells_fill(struct cells *c, const struct export_row *row)
{
	const char *texts[FIELDS] = {
		row->ref, row->service, c->starts, c->ends, row->zone,
		c->seats, row->cancelled ? "cancelled" : "booked", row->name,
		row->email, row->locale, row->notes, c->created,
	};

	zone_iso(row->zone, row->starts_at_ms, c->starts);
	zone_iso(row->zone, row->ends_at_ms, c->ends);
	zone_iso(row->zone, row->created_at_ms, c->created);
	(void)snprintf(c->seats, sizeof(c->seats), "%" PRId64, row->seats);
	memcpy(c->texts, texts, sizeof(texts));
}

/* Some programs look behind leading blanks, and in East Asia full-width signs
 * are taken for plain ones. */
static bool is_formula(const char *text)
{
	static const char *const begins[] = { "=", "+", "-", "@",
					      "＝", "＋", "－", "＠" };

	if (text[0] != '\0' && strchr("\t\r\n", text[0]) != NULL)
		return true;
	text += strspn(text, " \t\r\n");
	for (size_t i = 0; i < ARRAY_COUNT(begins); i++)
		if (str_starts_with(text, begins[i]))
			return true;
	return false;
}

void csv_add(struct buf *line, const char *text)
{
	if (line->len > 0)
		buf_addch(line, ',');
	buf_addch(line, '"');
	if (is_formula(text))
		buf_addch(line, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_addch(line, '"');
		buf_addch(line, *text);
	}
	buf_addch(line, '"');
}

void csv_end(struct buf *line)
{
	buf_addstr(line, "\r\n");
}

/* csv_add() asks whether the line is empty, so each has a buffer of its own. */
static void line_add(const char *const *texts, struct buf *out)
{
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < FIELDS; i++)
		csv_add(&line, texts[i]);
	csv_end(&line);
	buf_add(out, line.data, line.len);
	buf_release(&line);
}

void export_csv_head(struct buf *out)
{
	line_add(fields, out);
}

void export_csv_row(const struct export_row *row, struct buf *out)
{
	struct cells cells;

	cells_fill(&cells, row);
	line_add(cells.texts, out);
}

struct json_object *export_json(const struct export_row *row)
{
	struct json_object *one = put_new();
	struct cells cells;

	cells_fill(&cells, row);
	for (size_t i = 0; i < FIELDS; i++)
		put_text(one, fields[i], cells.texts[i]);
	put_int(one, "seats", row->seats);
	return one;
}
