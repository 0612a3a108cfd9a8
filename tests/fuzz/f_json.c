/* SPDX-License-Identifier: MIT */
/* JSON bodies: only by the letter of RFC 8259, nothing hidden, read alike. */
#include "config.h"

#include "fuzz.h"

#include "base/fault.h"
#include "base/str.h"
#include "formcheck.h"
#include "form/form.h"
#include "json/jsonread.h"
#include "json/jsontext.h"

#include <json-c/json.h>

#include <string.h>

/* Does a text of it hold what a C string cannot? */
static bool has_nul(const char *text, size_t len)
{
	const char *end = text + len;

	for (; text < end; text++) {
		if (*text != '\\')
			continue;
		if (end - text >= 6 && memcmp(text, "\\u0000", 6) == 0)
			return true;
		text++;
	}
	return false;
}

/* What was read, written again, is read the same. */
static void value_is_read_again(struct json_object *value)
{
	const char *text = json_object_to_json_string_ext(
		value, JSON_C_TO_STRING_PLAIN);
	struct jsonread again;

	must(jsonread(text, strlen(text), JSONTEXT_DEPTH_MAX, &again));
	must(json_object_equal(value, again.value));
	json_object_put(again.value);
}

/* Is it JSON?  json-c takes all that we take.  If not, the place is in it. */
static bool is_json(const char *text, size_t len)
{
	struct jsontext_wrong wrong = { 0, NULL };
	size_t line = 0;
	size_t column = 0;
	struct jsonread json;
	bool read = jsonread(text, len, JSONTEXT_DEPTH_MAX, &json);

	must(read == jsontext_check(text, len, JSONTEXT_DEPTH_MAX, &wrong));
	if (read) {
		value_is_read_again(json.value);
		json_object_put(json.value);
		return true;
	}
	must(json.wrong.offset == wrong.offset &&
	     json.wrong.what == wrong.what);
	must(wrong.offset <= len && wrong.what != NULL && *wrong.what != '\0');
	jsontext_place(text, wrong.offset, &line, &column);
	must(line >= 1 && column >= 1 && line + column <= wrong.offset + 2);
	return false;
}

static void members_are_read_again(const struct form *f)
{
	struct json_object *object = json_object_new_object();
	struct form second = { .count = 0 };
	const char *text;

	for (size_t i = 0; i < f->count; i++)
		must(json_object_object_add(
			object, f->fields[i].name,
			json_object_new_string(f->fields[i].value)) == 0);
	text = json_object_to_json_string(object);
	must(form_read_json(&second, text, strlen(text)) == FORM_READ);
	formcheck_same(f, &second);
	form_release(&second);
	json_object_put(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { (const char *)data, size };
	struct form f = { .count = 0 };
	size_t len;
	char *text = fuzz_rest(&in, &len);
	enum form_result result = form_read_json(&f, text, len);

	formcheck_result(&f, result);
	must(result != FORM_HAS_FILE);
	bool good = is_json(text, len);

	must(str_is_utf8(text, len) || !good);
	must(good || result == FORM_BROKEN);
	if (result == FORM_READ) {
		must(!has_nul(text, len));
		formcheck_lookups(&f);
		if (!formcheck_has_repeats(&f))
			members_are_read_again(&f);
	}
	form_release(&f);
	free(text);
	return 0;
}
