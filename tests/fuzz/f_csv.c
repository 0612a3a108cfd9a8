/* SPDX-License-Identifier: MIT */
/* CSV: fields between form feeds make one record that reads back, and no field
 * begins as a formula does. */
#include "config.h"

#include "fuzz.h"

#include "actions/export.h"
#include "base/buf.h"
#include "base/fault.h"

#include <string.h>

#define FIELDS_MAX 8

/* Takes one quoted field off *at; false if that is none. */
static bool read_field(const char **at, struct buf *field)
{
	buf_clear(field);
	if (*(*at)++ != '"')
		return false;
	for (; **at != '\0'; (*at)++) {
		if (**at == '"' && (*at)[1] != '"') {
			(*at)++;
			return true;
		}
		*at += **at == '"';
		buf_addch(field, **at);
	}
	return false;
}

/* As the most eager of spreadsheets would have it. */
static bool is_formula(const char *text)
{
	static const char *const begins[] = {
		"=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b",
		"\xef\xbc\x8d", "\xef\xbc\xa0",
	};

	if (*text != '\0' && strchr("\t\r\n", *text) != NULL)
		return true;
	text += strspn(text, " \t\r\n");
	for (size_t i = 0; i < ARRAY_COUNT(begins); i++)
		if (strncmp(text, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

/* The same without quotes, by a program that takes whatever it likes for a
 * separator, but not what is one. */
static void no_part_is_formula(const char *line)
{
	for (const char *p = line; *p != '\0'; p++)
		if (strchr(",\t\r\n", *p) != NULL) {
			const char *next = p + 1 + strspn(p + 1, " \t\r\n,");

			must(*next == '\0' ||
			     strchr("=+-@", *next) == NULL);
		}
}

/* But for the guards, is it what went in? */
static bool is_same(const char *field, const char *text)
{
	for (; *field != '\0'; field++)
		if (*field == *text)
			text++;
		else if (*field != '\'')
			return false;
	return *text == '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct buf line = BUF_INIT;
	struct buf field = BUF_INIT;
	char *texts[FIELDS_MAX];
	const char *at;

	for (size_t i = 0; i < FIELDS_MAX; i++) {
		texts[i] = fuzz_next(&in);
		csv_add(&line, ';', texts[i]);
	}
	csv_end(&line);
	no_part_is_formula(line.data);
	at = line.data;
	for (size_t i = 0; i < FIELDS_MAX; i++) {
		must(read_field(&at, &field));
		must(!is_formula(field.data));
		bool guarded = field.data[0] == '\'' && texts[i][0] != '\'';

		must(is_same(field.data + guarded, texts[i]));
		must(!guarded || is_formula(texts[i]));
		must(*at++ == (i + 1 < FIELDS_MAX ? ';' : '\r'));
		free(texts[i]);
	}
	must(strcmp(at, "\n") == 0);
	buf_release(&line);
	buf_release(&field);
	return 0;
}
