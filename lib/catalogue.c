/* SPDX-License-Identifier: MIT */
/* Reads and checks one language's file. */
#include "config.h"

#include "catalogue.h"

#include "alloc.h"
#include "buf.h"
#include "str.h"

#include <json-c/json.h>

#include <errno.h>
#include <stdbool.h>

#define CATALOGUE_MAX_BYTES (1024 * 1024)

static int json_load(const char *path, struct json_object **out,
		     struct fault *why)
{
	struct buf text = BUF_INIT;
	struct json_tokener *tokener = json_tokener_new();
	unsigned line = 1;
	int rc = -1;

	if (!tokener) {
		(void)fault_set(why, FAULT_CONFIG, "%s: out of memory", path);
		goto out;
	}
	if (buf_add_file(&text, path, CATALOGUE_MAX_BYTES) < 0) {
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
	for (size_t i = 0; i < json_tokener_get_parse_end(tokener); i++)
		line += text.data[i] == '\n';
	(void)fault_set(why, FAULT_CONFIG, "%s:%u: %s", path, line, *out ?
			"a catalogue is an object" :
			json_tokener_error_desc(
				json_tokener_get_error(tokener)));
	json_object_put(*out);
	*out = NULL;
out:
	json_tokener_free(tokener);
	buf_release(&text);
	return rc;
}

/* The text of a member, or NULL. */
static const char *text_member(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

/* Fills names from a list of exactly count texts. */
static bool names_read(struct json_object *object, const char *name,
		       const char **names, size_t count)
{
	struct json_object *list;

	if (!json_object_object_get_ex(object, name, &list) ||
	    !json_object_is_type(list, json_type_array) ||
	    json_object_array_length(list) != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct json_object *value = json_object_array_get_idx(list, i);

		if (!json_object_is_type(value, json_type_string))
			return false;
		names[i] = json_object_get_string(value);
	}
	return true;
}

/* Returns the first member that is missing or wrong, or NULL. */
static const char *fill(struct catalogue *c)
{
	const struct {
		const char *name;
		const char **out;
	} texts[] = {
		{ "tag", &c->tag },
		{ "plural", &c->plural },
		{ "date", &c->date },
		{ "first_day", &c->first_day },
		{ "time", &c->time },
	};

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		*texts[i].out = text_member(c->json, texts[i].name);
		if (!*texts[i].out)
			return texts[i].name;
	}
	if (strcmp(c->plural, "n==1") != 0 && strcmp(c->plural, "n<2") != 0 &&
	    strcmp(c->plural, "none") != 0)
		return "plural";
	if (!names_read(c->json, "months", c->months, 12))
		return "months";
	if (!names_read(c->json, "days", c->days, 7))
		return "days";
	if (!text_member(c->json, "name"))
		return "name";
	return NULL;
}

int catalogue_load(struct catalogue *c, const char *dir, const char *file,
		   struct fault *why)
{
	char *path = alloc_printf("%s/%s", dir, file);
	size_t tag_len = strlen(file) - strlen(".json");
	int rc = -1;

	*c = (struct catalogue){ 0 };
	if (json_load(path, &c->json, why) == 0) {
		const char *wrong = fill(c);

		if (!wrong && (strlen(c->tag) != tag_len ||
			       memcmp(c->tag, file, tag_len) != 0))
			wrong = "tag";
		if (!wrong)
			rc = 0;
		else
			(void)fault_set(why, FAULT_CONFIG,
					"%s: \"%s\" is missing or wrong",
					path, wrong);
	}
	if (rc < 0)
		catalogue_release(c);
	free(path);
	return rc;
}

void catalogue_release(struct catalogue *c)
{
	json_object_put(c->json);
	*c = (struct catalogue){ 0 };
}
