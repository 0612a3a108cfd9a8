/* SPDX-License-Identifier: MIT */
/* Settings: what one value may be, and how it is written; file.c reads. */
#include "config.h"

#include "conf/conf.h"

#include "base/alloc.h"
#include "base/logger.h"
#include "base/str.h"
#include "conf/impl.h"

#include <stdlib.h>
#include <string.h>

static const struct str_unit time_units[] = {
	{ "d", 86400000 }, { "h", 3600000 }, { "min", 60000 }, { "s", 1000 },
	{ "ms", 1 },
};
static const struct str_unit size_units[] = {
	{ "", 1 }, { "k", 1024 }, { "M", 1048576 },
};
static const struct str_unit rate_units[] = {
	{ "/s", 3600 }, { "/min", 60 }, { "/h", 1 },
};

#define NUMBER_ROOM 32

/* The largest unit of which it is a whole number; the last one is 1. */
static void write_quantity(int64_t number, const struct str_unit *units,
			   char out[NUMBER_ROOM])
{
	while (number % units->factor != 0)
		units++;
	(void)snprintf(out, NUMBER_ROOM, "%lld%s",
		       (long long)(number / units->factor), units->name);
}

/* A number as a settings file has it. */
static void write_number(const struct conf_row *row, int64_t number,
			 char out[NUMBER_ROOM])
{
	if (row->type == CONF_MS && number == 0)
		(void)str_copy(out, NUMBER_ROOM, "0s");
	else if (row->type == CONF_MS)
		write_quantity(number, time_units, out);
	else if (row->type == CONF_RATE && number != 0)
		write_quantity(number, rate_units, out);
	else if (row->type == CONF_MODE)
		(void)snprintf(out, NUMBER_ROOM, "%04llo",
			       (unsigned long long)number);
	else
		(void)snprintf(out, NUMBER_ROOM, "%lld", (long long)number);
}

/* Where a value stands in the settings struct. */
static void *member(const struct conf_row *row, void *settings)
{
	return (char *)settings + row->offset;
}

static bool is_text(enum conf_type type)
{
	return type == CONF_TEXT || type == CONF_PATH || type == CONF_CHOICE;
}

static bool read_mode(const char *value, int64_t *out)
{
	int64_t mode = 0;
	size_t len = strlen(value);

	if (len < 3 || len > 4)
		return false;
	for (; *value; value++) {
		if (*value < '0' || *value > '7')
			return false;
		mode = mode * 8 + (*value - '0');
	}
	*out = mode;
	return true;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);

	for (const char *p = choices; p && len > 0;) {
		if (strncmp(p, value, len) == 0 &&
		    (p[len] == '|' || p[len] == '\0'))
			return true;
		p = strchr(p, '|');
		if (p)
			p++;
	}
	return false;
}

/* Says what is expected; the caller adds the place. */
static int expected(const struct conf_row *row, const char *value,
		    const char *what, struct fault *why)
{
	return fault_set(why, FAULT_CONFIG, "%s: \"%s\" is not %s", row->name,
			 value, what);
}

static int out_of_bounds(const struct conf_row *row, const char *value,
			 struct fault *why)
{
	char min[NUMBER_ROOM];
	char max[NUMBER_ROOM];

	write_number(row, row->min, min);
	write_number(row, row->max, max);
	return fault_set(why, FAULT_CONFIG, "%s: %s is out of bounds (%s to "
			 "%s)", row->name, value, min, max);
}

static int store_number(const struct conf_row *row, const char *value,
			void *settings, struct fault *why)
{
	int64_t number = 0;
	bool good = false;
	const char *what = "";

	switch (row->type) {
	case CONF_COUNT:
		good = str_to_int(value, INT64_MIN, INT64_MAX, &number);
		what = "a number";
		break;
	case CONF_MS:
		good = str_to_quantity(value, time_units,
				       ARRAY_COUNT(time_units), &number);
		what = "a time such as 500ms, 10s, 5min, 2h or 6d";
		break;
	case CONF_BYTES:
		good = str_to_quantity(value, size_units,
				       ARRAY_COUNT(size_units), &number);
		what = "a size such as 4096, 64k or 1M";
		break;
	case CONF_RATE:
		good = strcmp(value, "0") == 0 ||
		       str_to_quantity(value, rate_units,
				       ARRAY_COUNT(rate_units), &number);
		what = "0 or a rate such as 5/s, 100/min or 500/h";
		break;
	case CONF_MODE:
		good = read_mode(value, &number);
		what = "an octal mode such as 0660";
		break;
	default:
		must(!"a numeric setting");
	}
	if (!good)
		return expected(row, value, what, why);
	if (row->type != CONF_MODE && (number < row->min || number > row->max))
		return out_of_bounds(row, value, why);
	*(int64_t *)member(row, settings) = number;
	return 0;
}

int conf_store(const struct conf_row *row, const char *value,
	       void *settings, struct fault *why)
{
	char **text = member(row, settings);

	if (row->type == CONF_BOOL) {
		bool yes = strcmp(value, "yes") == 0;

		if (!yes && strcmp(value, "no") != 0)
			return expected(row, value, "yes or no", why);
		*(bool *)member(row, settings) = yes;
		return 0;
	}
	if (!is_text(row->type))
		return store_number(row, value, settings, why);
	if (row->type == CONF_CHOICE && !is_choice(row->choices, value))
		return expected(row, value, row->choices, why);
	if (row->type == CONF_PATH && value[0] && value[0] != '/')
		return expected(row, value, "an absolute path", why);
	if (row->max > 0 && strlen(value) > (size_t)row->max)
		return fault_set(why, FAULT_CONFIG,
				 "%s: longer than %lld bytes", row->name,
				 (long long)row->max);
	free(*text);
	*text = alloc_text(value);
	return 0;
}

void conf_defaults(const struct conf_table *table, void *settings)
{
	for (size_t i = 0; i < table->count; i++) {
		struct fault inner;

		/* A default that its own row refuses is a bug. */
		must(conf_store(&table->rows[i], table->rows[i].fallback,
				settings, &inner) == 0);
	}
}

static void release_rows(const struct conf_table *table, void *settings)
{
	for (size_t i = 0; i < table->count; i++) {
		char **text = member(&table->rows[i], settings);

		if (!is_text(table->rows[i].type))
			continue;
		free(*text);
		*text = NULL;
	}
}

void *conf_item(const struct conf_section *section, const void *settings,
		size_t i)
{
	const struct conf_list *list = conf_list(section, settings);

	return (char *)list->items + i * section->size;
}

struct conf_list *conf_list(const struct conf_section *section,
			    const void *settings)
{
	/* The list belongs to settings that were writable when read. */
	return (struct conf_list *)((uintptr_t)settings + section->offset);
}

void conf_release(const struct conf_table *table, void *settings)
{
	const struct conf_section *section = table->section;
	struct conf_list *list;

	release_rows(table, settings);
	if (!section)
		return;
	list = conf_list(section, settings);
	for (size_t i = 0; i < list->count; i++) {
		struct conf_item *item = conf_item(section, settings, i);

		if (section->release)
			section->release(item);
		free(item->name);
		release_rows(section->table, item);
	}
	free(list->items);
	*list = (struct conf_list){ .count = 0 };
}

/* ---- comparing ---------------------------------------------------------- */

static bool is_same(const struct conf_row *row, const void *a, const void *b)
{
	const char *left = (const char *)a + row->offset;
	const char *right = (const char *)b + row->offset;
	char *texts[2];

	if (row->type == CONF_BOOL)
		return memcmp(left, right, sizeof(bool)) == 0;
	if (!is_text(row->type))
		return memcmp(left, right, sizeof(int64_t)) == 0;
	memcpy(&texts[0], left, sizeof(texts[0]));
	memcpy(&texts[1], right, sizeof(texts[1]));
	return strcmp(texts[0], texts[1]) == 0;
}

void conf_warn_restart(const struct conf_table *table, const void *old,
		       const void *fresh)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].restart &&
		    !is_same(&table->rows[i], old, fresh))
			log_warning("needs a restart: setting=%s",
				    table->rows[i].name);
}

/* ---- writing ------------------------------------------------------------ */

#define HELP_COLUMNS 76

/* Writes the help as comment lines of at most HELP_COLUMNS. */
static void print_help(const char *help, FILE *out)
{
	size_t column = 0;

	while (*help) {
		size_t word = strcspn(help, " ");

		if (column > 0 && column + 1 + word > HELP_COLUMNS) {
			(void)fputc('\n', out);
			column = 0;
		}
		if (column == 0)
			column = (size_t)fprintf(out, "#");
		column += (size_t)fprintf(out, " %.*s", (int)word, help);
		help += word;
		help += strspn(help, " ");
	}
	(void)fputc('\n', out);
}

static void print_value(const struct conf_row *row, const void *settings,
			FILE *out)
{
	const char *at = (const char *)settings + row->offset;
	char shown[NUMBER_ROOM];
	int64_t number;
	char *text;
	bool yes;

	switch (row->type) {
	case CONF_TEXT:
	case CONF_PATH:
	case CONF_CHOICE:
		memcpy(&text, at, sizeof(text));
		(void)fputs(text, out);
		break;
	case CONF_BOOL:
		memcpy(&yes, at, sizeof(yes));
		(void)fputs(yes ? "yes" : "no", out);
		break;
	case CONF_COUNT:
	case CONF_BYTES:
	case CONF_MS:
	case CONF_RATE:
	case CONF_MODE:
		memcpy(&number, at, sizeof(number));
		write_number(row, number, shown);
		(void)fputs(shown, out);
		break;
	}
}

/* Values in force, or with settings == NULL the defaults as comments. */
static void print_rows(const struct conf_table *table, const void *settings,
		       FILE *out)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];

		print_help(row->help, out);
		if (settings) {
			(void)fprintf(out, "%s = ", row->name);
			print_value(row, settings, out);
			(void)fputs("\n\n", out);
		} else {
			(void)fprintf(out, "#%s = %s\n\n", row->name,
				      row->fallback);
		}
	}
}

void conf_print(const struct conf_table *table, const void *settings,
		FILE *out)
{
	const struct conf_section *section = table->section;

	print_rows(table, settings, out);
	if (!section)
		return;
	if (!settings) {
		(void)fprintf(out, "#[%s NAME]\n", section->kind);
		print_rows(section->table, NULL, out);
		return;
	}
	for (size_t i = 0; i < conf_list(section, settings)->count; i++) {
		const struct conf_item *item = conf_item(section, settings, i);

		(void)fprintf(out, "[%s %s]\n", section->kind, item->name);
		print_rows(section->table, item, out);
	}
}
