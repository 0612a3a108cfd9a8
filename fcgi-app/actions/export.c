/* SPDX-License-Identifier: MIT */
/* Writes bookings as CSV, for programs and for people, and as JSON. */
#include "config.h"

#include "actions/export.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"
#include "domain/answers.h"
#include "domain/question.h"
#include "domain/token.h"
#include "domain/zone.h"
#include "json/get.h"
#include "json/jsonread.h"
#include "json/put.h"
#include "text/lang.h"

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

/* In files for programs; their texts in the catalogue's "web.admin.export". */
static const char *const states[EXPORT_STATES] = {
	[EXPORT_BOOKED] = "booked",
	[EXPORT_CANCELLED] = "cancelled",
	[EXPORT_WAITING] = "waiting",
	[EXPORT_OFFERED] = "offered",
	[EXPORT_UNCONFIRMED] = "unconfirmed",
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
		c->seats, states[row->state], row->name,
		row->email, row->locale, row->notes, c->created,
	};

	zone_iso(row->zone, row->starts_at_ms, c->starts);
	zone_iso(row->zone, row->ends_at_ms, c->ends);
	zone_iso(row->zone, row->created_at_ms, c->created);
	(void)snprintf(c->seats, sizeof(c->seats), "%" PRId64, row->seats);
	memcpy(c->texts, texts, sizeof(texts));
}

bool csv_separator_read(const char *word, char *separator_out)
{
	static const struct {
		const char *word;
		char separator;
	} rows[] = { { "comma", ',' }, { "semicolon", ';' } };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (strcmp(word, rows[i].word) == 0) {
			*separator_out = rows[i].separator;
			return true;
		}
	return false;
}

/* Some programs look behind leading blanks, and in East Asia full-width signs
 * are taken for plain ones. */
static bool begins_formula(const char *text)
{
	static const char *const begins[] = { "=", "+", "-", "@",
					      "＝", "＋", "－", "＠" };

	for (size_t i = 0; i < ARRAY_COUNT(begins); i++)
		if (str_starts_with(text, begins[i]))
			return true;
	return false;
}

static bool is_formula(const char *text)
{
	if (text[0] != '\0' && strchr("\t\r\n", text[0]) != NULL)
		return true;
	return begins_formula(text + strspn(text, " \t\r\n"));
}

/* May a field begin behind c, for a program that separates by something else,
 * and so finds no quotes where it looks for them? */
static bool parts_elsewhere(char c, char separator)
{
	return strchr("\t\r\n", c) != NULL ||
	       c == (separator == ',' ? ';' : ',');
}

void csv_add(struct buf *line, char separator, const char *text)
{
	bool parted = false;

	if (line->len > 0)
		buf_addch(line, separator);
	buf_addch(line, '"');
	if (is_formula(text))
		buf_addch(line, '\'');
	for (; *text != '\0'; text++) {
		if (parted && begins_formula(text))
			buf_addch(line, '\'');
		if (*text == '"')
			buf_addch(line, '"');
		buf_addch(line, *text);
		parted = parts_elsewhere(*text, separator) ||
			 (parted && *text == ' ');
	}
	buf_addch(line, '"');
}

void csv_end(struct buf *line)
{
	buf_addstr(line, "\r\n");
}

/* ---- answers ------------------------------------------------------------ */

/* Adds what was answered to that question, the text of each seat on a line of
 * its own. */
static void answer_add(struct buf *out, struct json_object *list,
		       const char *name)
{
	for (size_t i = 0; i < get_count(list); i++) {
		struct json_object *one = get_at(list, i);

		if (strcmp(json_object_get_string(get_at(one, 0)), name) != 0)
			continue;
		if (out->len > 0)
			buf_addch(out, '\n');
		buf_addstr(out, json_object_get_string(get_at(one, 2)));
	}
}

static int by_seat(const void *a, const void *b)
{
	struct json_object *const *left = a;
	struct json_object *const *right = b;

	return json_object_get_int(get_at(*left, 1)) -
	       json_object_get_int(get_at(*right, 1));
}

static struct json_object *answers_of(const struct export_row *row)
{
	struct jsonread read = { .value = NULL };
	struct json_object *list;

	if (*row->answers != '\0')
		(void)!jsonread(row->answers, strlen(row->answers),
				JSONTEXT_DEPTH_MAX, &read);
	list = read.value;
	/* The database gathers them in any order. */
	if (json_object_is_type(list, json_type_array))
		json_object_array_sort(list, by_seat);
	return list;
}

/* ---- for people ---------------------------------------------------------- */

/* What a spreadsheet sorts and adds up comes before the instants as programs
 * write them, which it takes for texts. */
enum sheet_column {
	SHEET_REFERENCE, SHEET_SERVICE, SHEET_DATE, SHEET_TIME, SHEET_END_DATE,
	SHEET_END_TIME, SHEET_TIME_ZONE, SHEET_SEATS, SHEET_STATE, SHEET_NAME,
	SHEET_EMAIL, SHEET_LANGUAGE, SHEET_NOTES, SHEET_CREATED_DATE,
	SHEET_CREATED_TIME, SHEET_STARTS_AT, SHEET_ENDS_AT, SHEET_CREATED_AT,
	SHEET_COLUMNS
};

/* Their texts in the catalogue's "web.admin.export.column". */
static const char *const sheet_names[SHEET_COLUMNS] = {
	"reference", "service", "date", "time", "end_date", "end_time",
	"time_zone", "seats", "state", "name", "email", "language", "notes",
	"created_date", "created_time", "starts_at", "ends_at", "created_at",
};

/* The day and the minute of an instant: spreadsheets in every language take
 * "2025-12-03" for a date and "14:30" for a time. */
struct sheet_time {
	char date[sizeof("2025-12-03")];
	char time[sizeof("14:30")];
};

static struct sheet_time sheet_time(const char iso[ZONE_ISO_SIZE])
{
	struct sheet_time t = { .date = "" };

	if (strlen(iso) >= strlen("2025-12-03T14:30")) {
		memcpy(t.date, iso, sizeof(t.date) - 1);
		memcpy(t.time, iso + sizeof(t.date), sizeof(t.time) - 1);
	}
	return t;
}

static void sheet_row(const struct cells *c, const struct export_row *row,
		      const struct csv_style *style, struct buf *line)
{
	const struct sheet_time starts = sheet_time(c->starts);
	const struct sheet_time ends = sheet_time(c->ends);
	const struct sheet_time created = sheet_time(c->created);
	char ref[TOKEN_REF_LEN + 2];
	char state[40];

	(void)snprintf(state, sizeof(state), "web.admin.export.%s",
		       states[row->state]);

	const char *const texts[SHEET_COLUMNS] = {
		[SHEET_REFERENCE] = ref,
		[SHEET_SERVICE] = row->service,
		[SHEET_DATE] = starts.date,
		[SHEET_TIME] = starts.time,
		[SHEET_END_DATE] = ends.date,
		[SHEET_END_TIME] = ends.time,
		[SHEET_TIME_ZONE] = row->zone,
		[SHEET_SEATS] = c->seats,
		[SHEET_STATE] = lang_text(style->language, state),
		[SHEET_NAME] = row->name,
		[SHEET_EMAIL] = row->email,
		[SHEET_LANGUAGE] = row->locale,
		[SHEET_NOTES] = row->notes,
		[SHEET_CREATED_DATE] = created.date,
		[SHEET_CREATED_TIME] = created.time,
		[SHEET_STARTS_AT] = c->starts,
		[SHEET_ENDS_AT] = c->ends,
		[SHEET_CREATED_AT] = c->created,
	};

	token_ref_show(row->ref, ref);
	for (size_t i = 0; i < SHEET_COLUMNS; i++)
		csv_add(line, style->separator, texts[i]);
}

static void sheet_head(const struct csv_style *style, struct buf *line)
{
	for (size_t i = 0; i < SHEET_COLUMNS; i++) {
		char *key = alloc_printf("web.admin.export.column.%s",
					 sheet_names[i]);

		csv_add(line, style->separator, lang_text(style->language,
							  key));
		free(key);
	}
}

/* ---- the file ------------------------------------------------------------ */

/* csv_add() asks whether the line is empty, so each has a buffer of its own. */
static void line_take(struct buf *line, struct buf *out)
{
	csv_end(line);
	buf_add(out, line->data, line->len);
	buf_release(line);
}

void export_csv_head(const struct csv_style *style, struct buf *out)
{
	struct buf line = BUF_INIT;

	if (style->language)
		sheet_head(style, &line);
	for (size_t i = 0; !style->language && i < FIELDS; i++)
		csv_add(&line, style->separator, fields[i]);
	for (size_t i = 0; i < style->questions.count; i++) {
		char *name = alloc_printf("%s%s", style->language ?
					  "" : ANSWERS_FIELD ".",
					  style->questions.names[i]);

		csv_add(&line, style->separator, name);
		free(name);
	}
	line_take(&line, out);
}

void export_csv_row(const struct export_row *row,
		    const struct csv_style *style, struct buf *out)
{
	struct json_object *answers = answers_of(row);
	struct buf line = BUF_INIT;
	struct buf cell = BUF_INIT;
	struct cells cells;

	cells_fill(&cells, row);
	if (style->language)
		sheet_row(&cells, row, style, &line);
	for (size_t i = 0; !style->language && i < FIELDS; i++)
		csv_add(&line, style->separator, cells.texts[i]);
	for (size_t i = 0; i < style->questions.count; i++) {
		buf_clear(&cell);
		answer_add(&cell, answers, style->questions.names[i]);
		csv_add(&line, style->separator, cell.data);
	}
	line_take(&line, out);
	buf_release(&cell);
	json_object_put(answers);
}

/* ---- JSON ---------------------------------------------------------------- */

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
