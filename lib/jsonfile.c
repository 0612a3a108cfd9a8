/* SPDX-License-Identifier: MIT */
/* Reads files that hold one JSON object, and lays objects over each other. */
#include "config.h"

#include "jsonfile.h"

#include "buf.h"
#include "jsonpos.h"
#include "jsontext.h"

#include <json-c/json.h>

#include <errno.h>

int jsonfile_load(const char *path, size_t max_bytes, struct json_object **out,
		  struct fault *why)
{
	struct buf text = BUF_INIT;
	struct json_tokener *tokener = json_tokener_new();
	size_t line;
	size_t column;
	int rc = -1;

	*out = NULL;
	if (!tokener) {
		(void)fault_set(why, FAULT_CONFIG, "%s: out of memory", path);
		goto out;
	}
	if (buf_add_file(&text, path, max_bytes) < 0) {
		(void)fault_set_errno(why, FAULT_CONFIG, errno, "%s", path);
		goto out;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
					JSON_TOKENER_VALIDATE_UTF8);
	*out = json_tokener_parse_ex(tokener, text.data, (int)text.len + 1);
	if (json_object_is_type(*out, json_type_object)) {
		rc = 0;
		goto out;
	}
	jsontext_place(text.data, json_tokener_get_parse_end(tokener), &line,
		       &column);
	(void)fault_set(why, FAULT_CONFIG, "%s:%zu: %s", path, line, *out ?
			"this is not an object" :
			json_tokener_error_desc(
				json_tokener_get_error(tokener)));
	json_object_put(*out);
	*out = NULL;
out:
	json_tokener_free(tokener);
	buf_release(&text);
	return rc;
}

size_t jsonfile_line(const char *path, size_t max_bytes, const char *member)
{
	struct buf text = BUF_INIT;
	size_t line = 0;
	size_t column;
	size_t offset;

	if (buf_add_file(&text, path, max_bytes) == 0 &&
	    jsonpos_member(text.data, text.len, member, &offset))
		jsontext_place(text.data, offset, &line, &column);
	buf_release(&text);
	return line;
}

static struct json_object *copy_of(struct json_object *value)
{
	struct json_object *copy = NULL;

	must(!value || json_object_deep_copy(value, &copy, NULL) == 0);
	return copy;
}

/* No recursion without a limit: the tokener reads nothing deeper than 32. */
void jsonfile_lay_over(struct json_object *into, struct json_object *over)
{
	json_object_object_foreach(over, name, value) {
		struct json_object *old;

		if (json_object_is_type(value, json_type_object) &&
		    json_object_object_get_ex(into, name, &old) &&
		    json_object_is_type(old, json_type_object))
			jsonfile_lay_over(old, value);
		else
			must(json_object_object_add(into, name,
						    copy_of(value)) == 0);
	}
}
