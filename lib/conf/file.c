/* SPDX-License-Identifier: MIT */
/* Settings files: reading lines and sections. */
#include "config.h"

#include "conf/impl.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX 262144
#define NEAR_ENOUGH 3		/* edits between a typo and what was meant */

/* A file while it is read. */
struct reader {
	const struct conf_table *table;
	void *settings;
	int number;			/* of the line in hand, from 1 */

	/* What a line sets now: the table's own settings, or the section's. */
	const struct conf_table *rows;
	void *target;
	bool in_section;
	int *lines;		/* where each row was set, 0 = not yet */
};

static int unknown(const struct reader *r, const char *name,
		   struct fault *why)
{
	const struct conf_section *section = r->table->section;
	const struct conf_row *nearest = NULL;
	unsigned least = NEAR_ENOUGH + 1;

	if (!r->in_section && section) {
		for (size_t i = 0; i < section->table->count; i++)
			if (strcmp(section->table->rows[i].name, name) == 0)
				return fault_set(why, FAULT_CONFIG, "\"%s\" "
						 "belongs in a section [%s "
						 "NAME]", name, section->kind);
	}
	for (size_t i = 0; i < r->rows->count; i++) {
		unsigned d = str_distance(name, r->rows->rows[i].name);

		if (d < least) {
			least = d;
			nearest = &r->rows->rows[i];
		}
	}
	if (nearest)
		return fault_set(why, FAULT_CONFIG, "unknown setting \"%s\"; "
				 "did you mean \"%s\"?", name,
				 nearest->name);
	return fault_set(why, FAULT_CONFIG, "unknown setting \"%s\"%s", name,
			 r->in_section ? " in a section; those of the whole "
			 "program stand before the first section" : "");
}

/* What follows is set in target. */
static void aim(struct reader *r, const struct conf_table *rows, void *target)
{
	r->rows = rows;
	r->target = target;
	free(r->lines);
	r->lines = alloc_zeroed(rows->count, sizeof(*r->lines));
}

/* Adds an item of the section; its settings have their defaults. */
static struct conf_item *add_item(struct reader *r, const char *name)
{
	const struct conf_section *section = r->table->section;
	struct conf_list *list = conf_list(section, r->settings);
	struct conf_item *item;

	list->items = alloc_resize(list->items, list->count + 1,
				   section->size);
	item = conf_item(section, r->settings, list->count);
	list->count++;
	memset(item, 0, section->size);
	item->name = alloc_text(name);
	item->line = r->number;
	conf_defaults(section->table, item);
	return item;
}

/* "[kind name]" */
static int open_section(struct reader *r, char *line, struct fault *why)
{
	const struct conf_section *section = r->table->section;
	size_t len = strlen(line);
	const struct conf_list *list;
	char *name;

	if (line[len - 1] != ']')
		return fault_set(why, FAULT_CONFIG, "\"%s\" has no \"]\"",
				 line);
	line[len - 1] = '\0';
	line = str_trim(line + 1);
	name = line + strcspn(line, " \t");
	if (*name)
		*name++ = '\0';
	name = str_trim(name);
	if (!section || strcmp(line, section->kind) != 0)
		return fault_set(why, FAULT_CONFIG, "unknown section \"%s\"%s"
				 "%s%s", line, section ? "; there is [" : "",
				 section ? section->kind : "",
				 section ? " NAME]" : "");
	if (!str_is_name(name, strlen(name), CONF_NAME_MAX))
		return fault_set(why, FAULT_CONFIG, "[%s %s]: a name has 1 to "
				 "%d letters, digits or . _ -", line, name,
				 CONF_NAME_MAX);
	list = conf_list(section, r->settings);
	for (size_t i = 0; i < list->count; i++) {
		struct conf_item *item = conf_item(section, r->settings, i);

		if (strcmp(item->name, name) == 0)
			return fault_set(why, FAULT_CONFIG, "[%s %s] stands in "
					 "line %d already", line, name,
					 item->line);
	}
	if (list->count == section->max)
		return fault_set(why, FAULT_CONFIG, "more than %zu [%s] "
				 "sections", section->max, line);
	aim(r, section->table, add_item(r, name));
	r->in_section = true;
	return 0;
}

/* One line, without its end. */
static int read_line(struct reader *r, char *line, struct fault *why)
{
	char *equals;
	char *name;

	line = str_trim(line);
	if (line[0] == '\0' || line[0] == '#')
		return 0;
	if (line[0] == '[')
		return open_section(r, line, why);
	equals = strchr(line, '=');
	if (!equals)
		return fault_set(why, FAULT_CONFIG,
				 "\"%s\" is not \"name = value\"", line);
	*equals = '\0';
	name = str_trim(line);
	for (size_t i = 0; i < r->rows->count; i++) {
		if (strcmp(r->rows->rows[i].name, name) != 0)
			continue;
		if (r->lines[i])
			return fault_set(why, FAULT_CONFIG,
					 "%s was set in line %d already", name,
					 r->lines[i]);
		r->lines[i] = r->number;
		return conf_store(&r->rows->rows[i], str_trim(equals + 1),
				  r->target, why);
	}
	return unknown(r, name, why);
}

static int read_lines(struct reader *r, char *text, const char *path,
		      struct fault *why)
{
	int result = 0;

	/* Some editors begin a file with a byte order mark. */
	if (str_starts_with(text, "\xef\xbb\xbf"))
		text += 3;

	for (char *p = text; p && result == 0;) {
		char *end = strchr(p, '\n');
		struct fault inner;

		if (end)
			*end++ = '\0';
		r->number++;
		if (read_line(r, p, &inner) == -1)
			result = fault_set(why, FAULT_CONFIG, "%s:%d: %s",
					   path, r->number, inner.text);
		p = end;
	}
	return result;
}

/* The sections of a file are complete: each is looked at as a whole. */
static int check_items(const struct reader *r, size_t first, const char *path,
		       struct fault *why)
{
	const struct conf_section *section = r->table->section;
	const struct conf_list *list;

	if (!section || !section->check)
		return 0;
	list = conf_list(section, r->settings);
	for (size_t i = first; i < list->count; i++) {
		struct conf_item *item = conf_item(section, r->settings, i);
		struct fault inner;

		if (section->check(item, &inner) == -1)
			return fault_set(why, FAULT_CONFIG, "%s:%d: [%s %s] %s",
					 path, item->line, section->kind,
					 item->name, inner.text);
	}
	return 0;
}

static int read_file(struct reader *r, const char *path, struct fault *why)
{
	struct buf text = BUF_INIT;
	size_t first = r->table->section
		       ? conf_list(r->table->section, r->settings)->count : 0;
	int result;

	/* Each file begins outside of sections, with nothing set yet. */
	aim(r, r->table, r->settings);
	r->in_section = false;
	r->number = 0;
	if (buf_add_file(&text, path, FILE_BYTES_MAX) == -1)
		result = fault_set_errno(why, FAULT_CONFIG, errno, "%s", path);
	else if (!str_is_utf8(text.data, text.len))
		result = fault_set(why, FAULT_CONFIG, "%s: not UTF-8", path);
	else
		result = read_lines(r, text.data, path, why);
	buf_release(&text);
	return result == -1 ? -1 : check_items(r, first, path, why);
}

struct parts_walk {
	dir_entry *each;
	void *arg;
};

/* Leaves alone what an editor or a package manager puts beside the files. */
static int part_pass(void *arg, const char *path, const char *name,
		     struct fault *why)
{
	const struct parts_walk *walk = arg;

	return str_ends_with(name, ".conf")
	       ? walk->each(walk->arg, path, name, why) : 0;
}

int conf_parts_each(const char *path, dir_entry *each, void *arg,
		    struct fault *why)
{
	struct parts_walk walk = { each, arg };
	char *dir = alloc_printf("%s.d", path);
	int result = dir_each_if_any(dir, part_pass, &walk, why);

	free(dir);
	return result;
}

static int read_part(void *arg, const char *path, const char *name,
		     struct fault *why)
{
	(void)name;
	return read_file(arg, path, why);
}

int conf_load(const struct conf_table *table, const char *path,
	      void *settings, struct fault *why)
{
	const struct conf_section *section = table->section;
	struct reader r = { .table = table, .settings = settings };
	int result = 0;

	conf_defaults(table, settings);
	if (path) {
		result = read_file(&r, path, why);
		if (result == 0)
			result = conf_parts_each(path, read_part, &r, why);
	}
	if (result == 0 && section) {
		if (conf_list(section, settings)->count == 0 &&
		    section->fallback) {
			section->fill(add_item(&r, section->fallback));
			result = check_items(&r, 0, "defaults", why);
		}
	}
	free(r.lines);
	if (result == -1)
		conf_release(table, settings);
	return result;
}
