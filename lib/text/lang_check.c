/* SPDX-License-Identifier: MIT */
/* What a language lacks, and what nobody asks it for. */
#include "config.h"

#include "text/lang.h"

#include "base/alloc.h"
#include "json/jsonfile.h"
#include "text/lang_impl.h"
#include "text/plural.h"

#include <json-c/json.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct check {
	const struct lang *l;
	struct buf key;		/* of what is looked at: "web.form.title" */
	void (*report)(void *arg, const char *tag, enum lang_gap gap,
		       const char *sentence);
	void *arg;
};

/* Says what is about c->key; it has a line unless it is missing. */
PRINTF_LIKE(3, 4)
static void say(const struct check *c, enum lang_gap gap, const char *fmt, ...)
{
	const struct lang *l = c->l;
	const char *path = l->edited ? l->edited : l->shipped;
	size_t line = 0;
	struct buf text = BUF_INIT;
	char what[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (gap != LANG_MISSING)
		line = jsonfile_line(path, CATALOGUE_MAX_BYTES, c->key.data);
	/* What the sysadmin's file does not hold is in the shipped one. */
	if (l->shipped && (gap == LANG_MISSING || line == 0)) {
		path = l->shipped;
		if (gap != LANG_MISSING)
			line = jsonfile_line(path, CATALOGUE_MAX_BYTES,
					     c->key.data);
	}
	buf_addstr(&text, path);
	if (line > 0)
		buf_addf(&text, ":%zu", line);
	buf_addf(&text, ": %s", what);
	c->report(c->arg, l->catalogue.tag, gap, text.data);
	buf_release(&text);
}

/* Does a text, or one of its forms, hold "{name}"? */
static bool has_name(struct json_object *value, const char *name, size_t len)
{
	const char *at;

	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, form) {
			(void)key;
			if (has_name(form, name, len))
				return true;
		}
		return false;
	}
	at = json_object_get_string(value);
	while ((at = strchr(at, '{')) != NULL)
		if (strncmp(++at, name, len) == 0 && at[len] == '}')
			return true;
	return false;
}

/* A {name} that is in no other language would be shown as it stands. */
static void check_names(const struct check *c, const char *text,
			struct json_object *reference)
{
	while ((text = strchr(text, '{')) != NULL) {
		size_t len = strcspn(++text, "{}");

		if (text[len] == '}' && len > 0 &&
		    !has_name(reference, text, len))
			say(c, LANG_WRONG, "{%.*s} in \"%s\" would be shown "
			    "as it stands", (int)len, text, c->key.data);
	}
}

static void check_text(const struct check *c, struct json_object *value,
		       struct json_object *reference)
{
	bool counts = catalogue_shape(value) == CATALOGUE_COUNT;
	const char *rule = c->l->catalogue.plural;
	const char *needed;

	if (!counts) {
		check_names(c, json_object_get_string(value), reference);
		return;
	}
	for (size_t i = 0; (needed = plural_form_at(rule, i)) != NULL; i++)
		if (!json_object_object_get_ex(value, needed, NULL))
			say(c, LANG_MISSING, "\"%s\" lacks the form \"%s\"",
			    c->key.data, needed);
	json_object_object_foreach(value, name, form) {
		(void)name;
		check_names(c, json_object_get_string(form), reference);
	}
}

static bool is_text(enum catalogue_shape shape)
{
	return shape == CATALOGUE_TEXT || shape == CATALOGUE_COUNT;
}

static size_t enter(struct check *c, const char *name)
{
	size_t before = c->key.len;

	buf_addf(&c->key, "%s%s", before ? "." : "", name);
	return before;
}

static void check_missing(struct check *c, struct json_object *reference)
{
	json_object_object_foreach(reference, name, value) {
		size_t before = enter(c, name);

		if (catalogue_shape(value) == CATALOGUE_GROUP)
			check_missing(c, value);
		else
			say(c, LANG_MISSING, "\"%s\" is missing",
			    c->key.data);
		buf_truncate(&c->key, before);
	}
}

/*
 * Texts of a noun: any of those that the language has, none else.  That one is
 * missing is no gap: the language says it without the noun.
 */
static void check_noun(struct check *c, struct json_object *said,
		       struct json_object *reference)
{
	json_object_object_foreach(said, name, mine) {
		struct json_object *there = NULL;
		size_t before = enter(c, name);
		bool known = json_object_object_get_ex(reference, name, &there);

		if (!known)
			say(c, LANG_UNKNOWN, "nobody asks for \"%s\"",
			    c->key.data);
		else if (catalogue_shape(mine) != catalogue_shape(there))
			say(c, LANG_WRONG, "\"%s\" is not what it is in "
			    "English", c->key.data);
		else if (catalogue_shape(mine) == CATALOGUE_GROUP)
			check_noun(c, mine, there);
		else if (is_text(catalogue_shape(mine)))
			check_text(c, mine, there);
		buf_truncate(&c->key, before);
	}
}

static void check_nouns(struct check *c, struct json_object *nouns,
			struct json_object *reference)
{
	size_t before = enter(c, CATALOGUE_NOUNS);

	json_object_object_foreach(nouns, noun, said) {
		size_t outside = enter(c, noun);

		if (catalogue_shape(said) == CATALOGUE_GROUP)
			check_noun(c, said, reference);
		else
			say(c, LANG_WRONG, "\"%s\" is not what it is in "
			    "English", c->key.data);
		buf_truncate(&c->key, outside);
	}
	buf_truncate(&c->key, before);
}

/* The names of days and months and the head were looked at when it was
 * loaded. */
static void check_group(struct check *c, struct json_object *group,
			struct json_object *reference)
{
	if (strcmp(c->key.data, CATALOGUE_ZONES) == 0 ||
	    strcmp(c->key.data, CATALOGUE_NOUNS) == 0)
		return;
	json_object_object_foreach(reference, wanted, there) {
		struct json_object *value;
		size_t before = enter(c, wanted);
		enum catalogue_shape shape = catalogue_shape(there);
		bool found = json_object_object_get_ex(group, wanted, &value);

		if (!found && shape == CATALOGUE_GROUP)
			check_missing(c, there);
		else if (!found)
			say(c, LANG_MISSING, "\"%s\" is missing",
			    c->key.data);
		else if (shape == CATALOGUE_GROUP &&
			 catalogue_shape(value) == CATALOGUE_GROUP)
			check_group(c, value, there);
		else if (is_text(shape) && is_text(catalogue_shape(value)) &&
			 (shape == CATALOGUE_COUNT ||
			  catalogue_shape(value) == CATALOGUE_TEXT))
			check_text(c, value, there);
		else if (shape != catalogue_shape(value))
			say(c, LANG_WRONG, "\"%s\" is not what it is in "
			    "English", c->key.data);
		buf_truncate(&c->key, before);
	}
	json_object_object_foreach(group, name, mine) {
		size_t before = enter(c, name);

		(void)mine;
		if (!json_object_object_get_ex(reference, name, NULL) &&
		    strcmp(c->key.data, CATALOGUE_DIR) != 0 &&
		    strcmp(c->key.data, CATALOGUE_NOUNS) != 0)
			say(c, LANG_UNKNOWN, "nobody asks for \"%s\"",
			    c->key.data);
		buf_truncate(&c->key, before);
	}
}

/* The tag of one that could not be loaded, by its file's name. */
static void report_broken(const struct lang *l, struct check *c)
{
	const char *file = strrchr(l->edited, '/') + 1;
	char *tag = alloc_textn(file, strlen(file) - strlen(".json"));

	c->report(c->arg, tag, LANG_BROKEN, l->broken);
	free(tag);
}

void lang_set_check(const struct lang_set *raw,
		    void (*report)(void *arg, const char *tag,
				   enum lang_gap gap, const char *sentence),
		    void *arg)
{
	struct check c = { .key = BUF_INIT, .report = report, .arg = arg };
	const struct lang *english = lang_of_tag(raw, LANG_REFERENCE);
	struct catalogue reference = { 0 };
	struct json_object *nouns;
	struct fault why;

	for (size_t i = 0; i < raw->count + raw->broken_count; i++)
		if (raw->langs[i].broken)
			report_broken(&raw->langs[i], &c);
	/* As it is shipped, whatever was laid over it. */
	if (english && english->shipped &&
	    catalogue_load(&reference, english->shipped, LANG_REFERENCE,
			   &why) < 0)
		report(arg, LANG_REFERENCE, LANG_BROKEN, why.text);
	for (size_t i = 0; reference.json && i < raw->count; i++) {
		c.l = &raw->langs[i];
		check_group(&c, c.l->catalogue.json, reference.json);
		if (json_object_object_get_ex(c.l->catalogue.json,
					      CATALOGUE_NOUNS, &nouns))
			check_nouns(&c, nouns, reference.json);
	}
	catalogue_release(&reference);
	buf_release(&c.key);
}
