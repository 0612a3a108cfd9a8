/* SPDX-License-Identifier: MIT */
/* Reads files that hold one JSON object, and lays objects over each other. */
#include "config.h"

#include "json/jsonfile.h"

#include "base/buf.h"
#include "json/jsonpos.h"
#include "json/jsonread.h"
#include "json/jsontext.h"

#include <json-c/json.h>

#include <errno.h>

#define DEPTH_MAX 32

int jsonfile_load(const char *path, size_t max_bytes, struct json_object **out,
		  struct fault *why)
{
	struct buf text = BUF_INIT;
	struct jsonread json;
	size_t line;
	size_t column;
	int rc = -1;

	*out = NULL;
	if (buf_add_file(&text, path, max_bytes) < 0) {
		(void)fault_set_errno(why, FAULT_CONFIG, errno, "%s", path);
	} else if (!jsonread(text.data, text.len, DEPTH_MAX, &json)) {
		jsontext_place(text.data, json.wrong.offset, &line, &column);
		(void)fault_set(why, FAULT_CONFIG, "%s:%zu: %s", path, line,
				json.wrong.what);
	} else if (!json_object_is_type(json.value, json_type_object)) {
		(void)fault_set(why, FAULT_CONFIG,
				"%s:1: this is not an object", path);
		json_object_put(json.value);
	} else {
		*out = json.value;
		rc = 0;
	}
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

/* No recursion without a limit: nothing deeper than DEPTH_MAX was read. */
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
