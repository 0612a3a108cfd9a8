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
	at = line.data;
	for (size_t i = 0; i < FIELDS_MAX; i++) {
		must(read_field(&at, &field));
		must(!is_formula(field.data));
		bool guarded = field.data[0] == '\'' && texts[i][0] != '\'';

		must(strcmp(field.data + guarded, texts[i]) == 0);
		must(!guarded || is_formula(texts[i]));
		must(*at++ == (i + 1 < FIELDS_MAX ? ';' : '\r'));
		free(texts[i]);
	}
	must(strcmp(at, "\n") == 0);
	buf_release(&line);
	buf_release(&field);
	return 0;
}
