/* SPDX-License-Identifier: MIT */
/*
 * Reads JSON texts; the only caller of json-c's own reader.
 *
 * Never with JSON_TOKENER_STRICT: what it refuses changes from release to
 * release, so it promises nothing (0.16 takes NaN and raw controls), and 0.18
 * refuses every character that is not ASCII.  The letter is jsontext.c's; what
 * passes there, json-c takes without flags in every release.
 */
#include "config.h"

#include "json/jsonread.h"

#include "base/fault.h"

#include <json-c/json.h>

#include <limits.h>

bool jsonread(const char *text, size_t len, unsigned depth_max,
	      struct jsonread *out)
{
	struct json_tokener *tokener;
	enum json_tokener_error error;

	*out = (struct jsonread){ .value = NULL };
	must(len < INT_MAX);
	if (!jsontext_check(text, len, depth_max, &out->wrong))
		return false;
	/* json-c counts what lies in the innermost one as a level, too. */
	tokener = json_tokener_new_ex((int)depth_max + 1);
	must(tokener != NULL);
	out->value = json_tokener_parse_ex(tokener, text, (int)len);
	error = json_tokener_get_error(tokener);
	/* A number or word might go on: the NUL behind it says that it ends. */
	if (error == json_tokener_continue) {
		out->value = json_tokener_parse_ex(tokener, "", 1);
		error = json_tokener_get_error(tokener);
	}
	if (error != json_tokener_success) {
		out->wrong.offset = json_tokener_get_parse_end(tokener);
		out->wrong.what = json_tokener_error_desc(error);
	}
	json_tokener_free(tokener);
	return error == json_tokener_success;
}

struct json_object *jsonread_object(const char *text, size_t len,
				    unsigned depth_max)
{
	struct jsonread json;

	if (!jsonread(text, len, depth_max, &json))
		return NULL;
	if (json_object_is_type(json.value, json_type_object))
		return json.value;
	json_object_put(json.value);
	return NULL;
}
