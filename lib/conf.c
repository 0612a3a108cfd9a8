/* SPDX-License-Identifier: MIT */
/* Settings files: reading.  conf_print.c writes them. */
#include "config.h"

#include "conf.h"

#include "alloc.h"
#include "buf.h"
#include "str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX 262144
#define NEAR_ENOUGH 3		/* edits between a typo and what was meant */

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit time_units[] = {
	{ "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 },
	{ "d", 86400000 },
};
static const struct unit size_units[] = {
	{ "", 1 }, { "k", 1024 }, { "M", 1048576 },
};

/* Where a value stands in the settings struct. */
static void *member(const struct conf_row *row, void *settings)
{
	return (char *)settings + row->offset;
}

static bool is_text(enum conf_type type)
{
	return type == CONF_TEXT || type == CONF_PATH || type == CONF_CHOICE;
}

/* A number followed by one of the units. */
static bool read_quantity(const char *value, const struct unit *units,
			  size_t count, int64_t *out)
{
	char digits[24];
	size_t len = strspn(value, "0123456789");
	int64_t number;

	if (len == 0 || len >= sizeof(digits))
		return false;
	memcpy(digits, value, len);
	digits[len] = '\0';
	if (!str_to_int(digits, 0, INT64_MAX, &number))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(value + len, units[i].name) != 0)
			continue;
		if (number > INT64_MAX / units[i].factor)
			return false;
		*out = number * units[i].factor;
		return true;
	}
	return false;
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
		good = read_quantity(value, time_units,
				     ARRAY_COUNT(time_units), &number);
		what = "a time such as 500ms, 10s, 5min, 2h or 6d";
		break;
	case CONF_BYTES:
		good = read_quantity(value, size_units,
				     ARRAY_COUNT(size_units), &number);
		what = "a size such as 4096, 64k or 1M";
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
		return fault_set(why, FAULT_CONFIG,
				 "%s: %s is out of bounds (%lld to %lld%s)",
				 row->name, value, (long long)row->min,
				 (long long)row->max,
				 row->type == CONF_MS ? " ms" : "");
	*(int64_t *)member(row, settings) = number;
	return 0;
}

static int store_value(const struct conf_row *row, const char *value,
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

/* Levenshtein's distance, capped: enough to guess what a typo meant. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[64];
	size_t len = strlen(b);

	if (len >= ARRAY_COUNT(row))
		return NEAR_ENOUGH + 1;
	for (size_t j = 0; j <= len; j++)
		row[j] = (unsigned)j;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[len];
}

static int unknown(const struct conf_table *table, const char *name,
		   struct fault *why)
{
	const struct conf_row *nearest = NULL;
	unsigned least = NEAR_ENOUGH + 1;

	for (size_t i = 0; i < table->count; i++) {
		unsigned d = distance(name, table->rows[i].name);

		if (d < least) {
			least = d;
			nearest = &table->rows[i];
		}
	}
	if (!nearest)
		return fault_set(why, FAULT_CONFIG,
				 "unknown setting \"%s\"", name);
	return fault_set(why, FAULT_CONFIG,
			 "unknown setting \"%s\"; did you mean \"%s\"?", name,
			 nearest->name);
}

/* One line, without its end.  lines[i] is where row i was set, 0 = not yet. */
static int read_line(const struct conf_table *table, char *line, int number,
		     int *lines, void *settings, struct fault *why)
{
	char *equals;
	char *name;

	line = str_trim(line);
	if (line[0] == '\0' || line[0] == '#')
		return 0;
	equals = strchr(line, '=');
	if (!equals)
		return fault_set(why, FAULT_CONFIG,
				 "\"%s\" is not \"name = value\"", line);
	*equals = '\0';
	name = str_trim(line);
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->rows[i].name, name) != 0)
			continue;
		if (lines[i])
			return fault_set(why, FAULT_CONFIG,
					 "%s was set in line %d already", name,
					 lines[i]);
		lines[i] = number;
		return store_value(&table->rows[i], str_trim(equals + 1),
				   settings, why);
	}
	return unknown(table, name, why);
}

static int read_file(const struct conf_table *table, const char *path,
		     void *settings, struct fault *why)
{
	struct buf text = BUF_INIT;
	int *lines = alloc_zeroed(table->count, sizeof(*lines));
	int number = 0;
	int result = 0;

	if (buf_add_file(&text, path, FILE_BYTES_MAX) == -1) {
		result = fault_set_errno(why, FAULT_CONFIG, errno, "%s", path);
	} else if (!str_is_utf8(text.data, text.len)) {
		result = fault_set(why, FAULT_CONFIG, "%s: not UTF-8", path);
	} else {
		for (char *p = text.data; p && result == 0;) {
			char *end = strchr(p, '\n');
			struct fault inner;

			if (end)
				*end++ = '\0';
			number++;
			if (read_line(table, p, number, lines, settings,
				      &inner) == -1)
				result = fault_set(why, FAULT_CONFIG,
						   "%s:%d: %s", path, number,
						   inner.text);
			p = end;
		}
	}
	free(lines);
	buf_release(&text);
	return result;
}

int conf_load(const struct conf_table *table, const char *path,
	      void *settings, struct fault *why)
{
	for (size_t i = 0; i < table->count; i++) {
		struct fault inner;

		/* A default that its own row refuses is a bug. */
		if (store_value(&table->rows[i], table->rows[i].fallback,
				settings, &inner) == -1) {
			fault_set(why, FAULT_CONFIG, "default of %s",
				  inner.text);
			must(!"every default is valid");
		}
	}
	if (path && read_file(table, path, settings, why) == -1) {
		conf_release(table, settings);
		return -1;
	}
	return 0;
}

void conf_release(const struct conf_table *table, void *settings)
{
	for (size_t i = 0; i < table->count; i++) {
		char **text = member(&table->rows[i], settings);

		if (!is_text(table->rows[i].type))
			continue;
		free(*text);
		*text = NULL;
	}
}
