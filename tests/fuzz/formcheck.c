/* SPDX-License-Identifier: MIT */
/* What must hold for every form. */
#include "config.h"

#include "formcheck.h"

#include "base/fault.h"
#include "base/str.h"
#include "fuzz.h"

#include <string.h>

void formcheck_result(const struct form *f, enum form_result result)
{
	must(f->count <= FORM_FIELDS_MAX);
	must(result == FORM_READ || f->count == 0);
	for (size_t i = 0; i < f->count; i++) {
		const struct form_field *field = &f->fields[i];

		must(fuzz_is_utf8(field->name));
		must(fuzz_is_utf8(field->value));
		must(field->kind != FORM_OTHER || *field->value == '\0');
	}
}

static size_t count_of(const struct form *f, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < f->count; i++)
		count += strcmp(f->fields[i].name, name) == 0;
	return count;
}

void formcheck_lookups(const struct form *f)
{
	const char *value;

	/* No name is like this: they are UTF-8. */
	must(form_get(f, "\xff", &value) == FORM_ABSENT);
	must(*value == '\0');
	for (size_t i = 0; i < f->count; i++) {
		const char *name = f->fields[i].name;
		size_t count = count_of(f, name);

		switch (form_get(f, name, &value)) {
		case FORM_FOUND:
			must(count == 1 && value == f->fields[i].value);
			break;
		case FORM_REPEATED:
			must(count > 1);
			break;
		case FORM_WRONG_TYPE:
			must(*value == '\0');
			break;
		case FORM_ABSENT:
			must(!"a field that is there");
		}
		must(strcmp(form_text(f, name), value) == 0);
	}
}

bool formcheck_has_repeats(const struct form *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (count_of(f, f->fields[i].name) > 1)
			return true;
	return false;
}

void formcheck_same(const struct form *a, const struct form *b)
{
	must(a->count == b->count);
	for (size_t i = 0; i < a->count; i++) {
		must(strcmp(a->fields[i].name, b->fields[i].name) == 0);
		must(strcmp(a->fields[i].value, b->fields[i].value) == 0);
	}
}

static void escaped(struct buf *out, const char *text)
{
	char hex[3];

	for (; *text != '\0'; text++) {
		str_hex(hex, (const uint8_t *)text, 1);
		buf_addch(out, '%');
		buf_add(out, hex, 2);
	}
}

void formcheck_encode(const struct form *f, struct buf *out)
{
	for (size_t i = 0; i < f->count; i++) {
		escaped(out, f->fields[i].name);
		buf_addch(out, '=');
		escaped(out, f->fields[i].value);
		buf_addch(out, '&');
	}
}
