/* SPDX-License-Identifier: MIT */
/* Reads fields one by one and remembers what is wrong. */
#include "config.h"

#include "domain/fields.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/str.h"
#include "base/utext.h"
#include "domain/zone.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT_MAX 200	/* rows of one answer */
#define LIMIT_USUAL 50

const struct field_error *fields_error(const struct fields *f,
				       const char *field)
{
	for (size_t i = 0; i < f->error_count; i++)
		if (strcmp(f->errors[i].field, field) == 0)
			return &f->errors[i];
	return NULL;
}

void fields_fail(struct fields *f, const char *field, const char *code,
		 int64_t n)
{
	if (fields_error(f, field) != NULL)
		return;
	must(f->error_count < FIELDS_ERRORS_MAX);
	f->errors[f->error_count++] = (struct field_error){ field, code, n };
}

/* Is it there, once and as one value?  Notes what is wrong with that. */
static bool is_there(struct fields *f, const char *field, enum form_found found)
{
	if (found == FORM_REPEATED)
		fields_fail(f, field, "repeated", 0);
	else if (found == FORM_WRONG_TYPE)
		fields_fail(f, field, "wrong_type", 0);
	return found == FORM_FOUND;
}

/* A copy without the blanks at its ends. */
static char *trimmed(const char *value)
{
	char *copy = alloc_text(value);
	char *text = alloc_text(utext_trim(copy));

	free(copy);
	return text;
}

bool fields_text(struct fields *f, const char *field, char **out)
{
	const char *value;

	if (!is_there(f, field, form_get_text(f->form, field, &value)))
		return false;
	*out = trimmed(value);
	return true;
}

const char *fields_sent(struct fields *f, const char *field)
{
	const char *value;

	return is_there(f, field, form_get(f->form, field, &value)) ? value :
								      "";
}

bool fields_day(struct fields *f, const char *field, const char *code,
		struct tm *out)
{
	char *text;
	bool good;
	bool empty;

	if (!fields_text(f, field, &text))
		return false;
	good = zone_date_read(text, out);
	empty = *text == '\0';
	free(text);
	if (!good && !(f->of_page && empty))
		fields_fail(f, field, code, 0);
	return good;
}

/* Each CRLF or lone CR becomes LF, in place. */
static void lines_unify(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		if (*from == '\r' && from[1] == '\n')
			continue;
		*to++ = *from == '\r' ? '\n' : *from;
	}
	*to = '\0';
}

static bool has_invisible(const char *text, bool lines)
{
	char *copy = alloc_text(text);
	bool odd;

	for (char *p = copy; lines && *p != '\0'; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	odd = utext_has_invisible(copy);
	free(copy);
	return odd;
}

/* Frees text if it is not fit, and notes why. */
static bool is_fit(struct fields *f, const char *field,
		   struct fields_room room, char *text)
{
	const char *code = NULL;

	if (has_invisible(text, room.lines))
		code = "text_control";
	else if (str_utf8_count(text, strlen(text)) > (size_t)room.max)
		code = "text_long";
	if (code == NULL)
		return true;
	free(text);
	fields_fail(f, field, code, room.max);
	return false;
}

bool fields_words(struct fields *f, const char *field, struct fields_room room,
		  char **out)
{
	char *text;

	if (!fields_text(f, field, &text))
		return false;
	if (room.lines)
		lines_unify(text);
	if (!is_fit(f, field, room, text))
		return false;
	*out = text;
	return true;
}

bool fields_lines(struct fields *f, const char *field, int64_t max, char **out)
{
	const char *value;
	char *text;

	if (!is_there(f, field, form_get_lines(f->form, field, &value)))
		return false;
	text = trimmed(value);
	lines_unify(text);
	if (!is_fit(f, field, (struct fields_room){ max, true }, text))
		return false;
	*out = text;
	return true;
}

bool fields_int(struct fields *f, const char *field, struct fields_range range,
		int64_t *out)
{
	int64_t value;
	const char *written;
	char *text;
	bool good;

	/* Forms send it as text, programs as a number. */
	if (!is_there(f, field, form_get(f->form, field, &written)))
		return false;
	text = trimmed(written);
	good = str_to_int(text, range.min, range.max, &value);
	free(text);
	if (good)
		*out = value;
	else
		fields_fail(f, field, range.code, range.max);
	return good;
}

/* How many minutes one of the field's unit has; 0 if there is no such unit. */
static int64_t unit_minutes(const struct fields *f, const char *field)
{
	char *name = alloc_printf("%s_unit", field);
	const char *unit = form_text(f->form, name);
	int64_t minutes = 0;

	if (*unit == '\0' || strcmp(unit, "min") == 0)
		minutes = 1;
	else if (strcmp(unit, "h") == 0)
		minutes = 60;
	else if (strcmp(unit, "d") == 0)
		minutes = 60 * 24;
	free(name);
	return minutes;
}

bool fields_minutes(struct fields *f, const char *field,
		    struct fields_range range, int64_t *out)
{
	const struct fields_range any = { INT32_MIN, INT32_MAX, range.code };
	int64_t unit = unit_minutes(f, field);
	int64_t value;

	if (!fields_int(f, field, any, &value))
		return false;
	value *= unit;
	if (unit == 0 || value < range.min || value > range.max) {
		fields_fail(f, field, range.code, range.max);
		return false;
	}
	*out = value;
	return true;
}

bool fields_flag(struct fields *f, const char *field, bool *out)
{
	const char *text;
	bool value;
	bool good = form_flag(f->form, field, &value) == FORM_FOUND;

	if (!good) {
		enum form_found found = form_get(f->form, field, &text);

		if (found == FORM_ABSENT)
			return false;
		value = strcmp(text, "yes") == 0;
		good = found == FORM_FOUND &&
		       (value || strcmp(text, "no") == 0);
	}
	if (good)
		*out = value;
	else
		fields_fail(f, field, "flag_wrong", 0);
	return good;
}

int64_t fields_limit(struct fields *f)
{
	const struct fields_range range = { 1, LIMIT_MAX, "limit_range" };
	int64_t limit = LIMIT_USUAL;

	(void)fields_int(f, "limit", range, &limit);
	return limit;
}
