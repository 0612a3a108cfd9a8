/* SPDX-License-Identifier: MIT */
/* Reads and checks one language's file. */
#include "config.h"

#include "text/catalogue.h"

#include "base/buf.h"
#include "json/jsonfile.h"
#include "text/plural.h"

#include <json-c/json.h>

#include <stdbool.h>
#include <string.h>

#define TAG_MAX_BYTES 16

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

bool catalogue_is_tag(const char *tag)
{
	size_t len = strlen(tag);

	return len > 0 && len <= TAG_MAX_BYTES &&
	       strspn(tag, "abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len;
}

static bool dir_read(struct catalogue *c)
{
	const char *dir = text_member(c->json, CATALOGUE_DIR);

	if (!dir)
		return !json_object_object_get_ex(c->json, CATALOGUE_DIR, NULL);
	c->rtl = strcmp(dir, "rtl") == 0;
	return c->rtl || strcmp(dir, "ltr") == 0;
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
	if (!catalogue_is_tag(c->tag))
		return "tag";
	if (!dir_read(c))
		return CATALOGUE_DIR;
	if (!plural_is_rule(c->plural))
		return "plural";
	if (!names_read(c->json, "months", c->months, 12))
		return "months";
	if (!names_read(c->json, "days", c->days, 7))
		return "days";
	if (!text_member(c->json, "name"))
		return "name";
	return NULL;
}

/* Fills the catalogue of a tag from its JSON: 0, or -1 with *why, which names
 * the path, and c released. */
static int fill_of(struct catalogue *c, const char *tag, const char *path,
		   struct fault *why)
{
	const char *wrong = fill(c);

	if (!wrong && strcmp(c->tag, tag) != 0)
		wrong = "tag";
	if (!wrong)
		return 0;
	catalogue_release(c);
	return fault_set(why, FAULT_CONFIG, "%s: \"%s\" is missing or wrong",
			 path, wrong);
}

int catalogue_load(struct catalogue *c, const char *path, const char *tag,
		   struct fault *why)
{
	*c = (struct catalogue){ 0 };
	if (jsonfile_load(path, CATALOGUE_MAX_BYTES, &c->json, why) < 0)
		return -1;
	return fill_of(c, tag, path, why);
}

/* Is there a group where over has a text, or a text where it has a group?  Its
 * path then, in *key. */
static bool is_another_shape(struct json_object *under,
			     struct json_object *over, struct buf *key)
{
	size_t before = key->len;

	json_object_object_foreach(over, name, value) {
		struct json_object *old;

		if (!json_object_object_get_ex(under, name, &old))
			continue;
		buf_addf(key, "%s%s", before ? "." : "", name);
		if (catalogue_shape(old) != catalogue_shape(value))
			return true;
		if (catalogue_shape(value) == CATALOGUE_GROUP &&
		    is_another_shape(old, value, key))
			return true;
		buf_truncate(key, before);
	}
	return false;
}

int catalogue_lay_over(struct catalogue *c, const char *path,
		       struct fault *why)
{
	struct json_object *over;
	struct catalogue fresh = { .json = NULL };
	struct buf key = BUF_INIT;
	int rc = -1;

	if (jsonfile_load(path, CATALOGUE_MAX_BYTES, &over, why) < 0)
		return -1;
	if (is_another_shape(c->json, over, &key)) {
		(void)fault_set(why, FAULT_CONFIG, "%s:%zu: \"%s\" is not "
				"what it is in the shipped file", path,
				jsonfile_line(path, CATALOGUE_MAX_BYTES,
					      key.data), key.data);
		goto out;
	}
	must(json_object_deep_copy(c->json, &fresh.json, NULL) == 0);
	jsonfile_lay_over(fresh.json, over);
	rc = fill_of(&fresh, c->tag, path, why);
	if (rc == 0) {
		catalogue_release(c);
		*c = fresh;
	}
out:
	json_object_put(over);
	buf_release(&key);
	return rc;
}

bool catalogue_say(const struct catalogue *c, const char *noun,
		   struct catalogue *out)
{
	struct json_object *over;
	struct json_object *copy = NULL;
	struct buf key = BUF_INIT;
	bool wrong;

	*out = (struct catalogue){ 0 };
	if (!json_object_object_get_ex(c->json, CATALOGUE_NOUNS, &over) ||
	    !json_object_object_get_ex(over, noun, &over) ||
	    catalogue_shape(over) != CATALOGUE_GROUP)
		return false;
	wrong = is_another_shape(c->json, over, &key);
	buf_release(&key);
	if (wrong)
		return false;
	must(json_object_deep_copy(c->json, &copy, NULL) == 0);
	json_object_object_del(copy, CATALOGUE_NOUNS);
	jsonfile_lay_over(copy, over);
	*out = (struct catalogue){ .json = copy };
	if (!fill(out))
		return true;
	catalogue_release(out);
	return false;
}

/* Has it nothing but the forms of a count? */
static bool is_count(struct json_object *value)
{
	struct json_object *other;

	if (!json_object_object_get_ex(value, "other", &other))
		return false;
	json_object_object_foreach(value, name, form) {
		if (!plural_is_form(name) ||
		    !json_object_is_type(form, json_type_string))
			return false;
	}
	return true;
}

enum catalogue_shape catalogue_shape(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		return CATALOGUE_TEXT;
	case json_type_array:
		return CATALOGUE_NAMES;
	case json_type_object:
		return is_count(value) ? CATALOGUE_COUNT : CATALOGUE_GROUP;
	default:
		return CATALOGUE_NONSENSE;
	}
}

/* Not the forms of a count: half of them would be of another language. */
void catalogue_fill_in(struct json_object *into, struct json_object *from)
{
	json_object_object_foreach(from, name, value) {
		struct json_object *old;

		if (strcmp(name, CATALOGUE_NOUNS) == 0)
			continue;
		if (!json_object_object_get_ex(into, name, &old))
			must(json_object_object_add(
				     into, name, json_object_get(value)) == 0);
		else if (catalogue_shape(value) == CATALOGUE_GROUP &&
			 catalogue_shape(old) == CATALOGUE_GROUP &&
			 strcmp(name, CATALOGUE_ZONES) != 0)
			catalogue_fill_in(old, value);
	}
}

void catalogue_release(struct catalogue *c)
{
	json_object_put(c->json);
	*c = (struct catalogue){ 0 };
}
