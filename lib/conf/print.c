/* SPDX-License-Identifier: MIT */
/* Settings files: writing, as -T shows them and as the example ships. */
#include "config.h"

#include "conf/impl.h"

#include <string.h>

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

static void print_ms(int64_t ms, FILE *out)
{
	static const struct { const char *name; int64_t factor; } units[] = {
		{ "d", 86400000 }, { "h", 3600000 }, { "min", 60000 },
		{ "s", 1000 }, { "ms", 1 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(units); i++) {
		if (ms % units[i].factor != 0 ||
		    (ms == 0 && units[i].factor != 1000))
			continue;
		(void)fprintf(out, "%lld%s", (long long)(ms / units[i].factor),
			      units[i].name);
		return;
	}
}

static void print_rate(int64_t per_hour, FILE *out)
{
	if (per_hour == 0)
		(void)fputs("0", out);
	else if (per_hour % 3600 == 0)
		(void)fprintf(out, "%lld/s", (long long)(per_hour / 3600));
	else if (per_hour % 60 == 0)
		(void)fprintf(out, "%lld/min", (long long)(per_hour / 60));
	else
		(void)fprintf(out, "%lld/h", (long long)per_hour);
}

static void print_value(const struct conf_row *row, const void *settings,
			FILE *out)
{
	const char *at = (const char *)settings + row->offset;
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
		if (row->type == CONF_MS)
			print_ms(number, out);
		else if (row->type == CONF_RATE)
			print_rate(number, out);
		else if (row->type == CONF_MODE)
			(void)fprintf(out, "%04llo",
				      (unsigned long long)number);
		else
			(void)fprintf(out, "%lld", (long long)number);
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
