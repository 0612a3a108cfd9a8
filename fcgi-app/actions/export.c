/* SPDX-License-Identifier: MIT */
/* Writes bookings as comma-separated values and as JSON. */
#include "config.h"

#include "actions/export.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"
#include "domain/answers.h"
#include "domain/question.h"
#include "domain/zone.h"
#include "json/get.h"
#include "json/put.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
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

/* ---- answers ------------------------------------------------------------ */

/* Adds what was answered to that question, the text of each seat on a line of
 * its own; which comes first in list is chance. */
static void answer_add(struct buf *out, struct json_object *list,
		       const char *name)
{
	for (int64_t seat = 0; seat <= ANSWER_SEATS_MAX; seat++)
		for (size_t i = 0; i < get_count(list); i++) {
			struct json_object *one = get_at(list, i);

			if (json_object_get_int64(get_at(one, 1)) != seat ||
			    strcmp(json_object_get_string(get_at(one, 0)),
				   name) != 0)
				continue;
			if (out->len > 0)
				buf_addch(out, '\n');
			buf_addstr(out,
				   json_object_get_string(get_at(one, 2)));
		}
}

static struct json_object *answers_of(const struct export_row *row)
{
	return *row->answers != '\0' ? json_tokener_parse(row->answers) :
				       NULL;
}

void export_csv_head(const struct export_columns *columns, struct buf *out)
{
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < FIELDS; i++)
		csv_add(&line, fields[i]);
	for (size_t i = 0; i < columns->count; i++) {
		char *name = alloc_printf(ANSWERS_FIELD ".%s",
					  columns->names[i]);

		csv_add(&line, name);
		free(name);
	}
	csv_end(&line);
	buf_add(out, line.data, line.len);
	buf_release(&line);
}

/* csv_add() asks whether the line is empty, so each has a buffer of its own. */
void export_csv_row(const struct export_row *row,
		    const struct export_columns *columns, struct buf *out)
{
	struct json_object *answers = answers_of(row);
	struct buf line = BUF_INIT;
	struct buf cell = BUF_INIT;
	struct cells cells;

	cells_fill(&cells, row);
	for (size_t i = 0; i < FIELDS; i++)
		csv_add(&line, cells.texts[i]);
	for (size_t i = 0; i < columns->count; i++) {
		buf_clear(&cell);
		answer_add(&cell, answers, columns->names[i]);
		csv_add(&line, cell.data);
	}
	csv_end(&line);
	buf_add(out, line.data, line.len);
	buf_release(&line);
	buf_release(&cell);
	json_object_put(answers);
}

static void put_answers(struct json_object *to, const struct export_row *row)
{
	struct json_object *list = answers_of(row);
	struct json_object *all = put_object(to, ANSWERS_FIELD);
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < get_count(list); i++) {
		const char *name = json_object_get_string(
			get_at(get_at(list, i), 0));

		if (get_value(all, name) != NULL)
			continue;	/* another seat's */
		buf_clear(&text);
		answer_add(&text, list, name);
		put_text(all, name, text.data);
	}
	buf_release(&text);
	json_object_put(list);
}

struct json_object *export_json(const struct export_row *row)
{
	struct json_object *one = put_new();
	struct cells cells;

	cells_fill(&cells, row);
	for (size_t i = 0; i < FIELDS; i++)
		put_text(one, fields[i], cells.texts[i]);
	put_int(one, "seats", row->seats);
	put_answers(one, row);
	return one;
}
