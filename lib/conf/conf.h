/* SPDX-License-Identifier: MIT */
/*
 * Settings files: "name = value" lines over a table of all settings.
 *
 * A comment is a line whose first character that is not blank is '#'.  The
 * value is the rest of the line without blanks at its ends: no quotes, no
 * escapes, no continuation, so what is written is what is meant.  An unknown
 * or doubled name is an error with file and line, and names the nearest one.
 *
 * A table may have one kind of section, "[kind NAME]": the lines that follow
 * set the section's own settings, described by a table of their own.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/compiler.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum conf_type {
	CONF_TEXT,	/* char *    : any text, max = longest in bytes */
	CONF_PATH,	/* char *    : absolute path, or empty */
	CONF_CHOICE,	/* char *    : one of the words in choices */
	CONF_BOOL,	/* bool      : yes or no */
	CONF_COUNT,	/* int64_t   : a plain number */
	CONF_MS,	/* int64_t   : a time; ms, s, min, h, d; never bare */
	CONF_BYTES,	/* int64_t   : a size; plain, k, M */
	CONF_RATE,	/* int64_t   : so many an hour: 0, or N with /s, /min
			   or /h */
	CONF_MODE,	/* int64_t   : an octal file mode */
};

/* One setting; documented here and nowhere else. */
struct conf_row {
	const char *name;
	enum conf_type type;
	const char *fallback;	/* the default, written as in a file */
	size_t offset;		/* of the member in the settings struct */
	int64_t min;		/* numbers: bounds, in the base unit */
	int64_t max;
	const char *choices;	/* CONF_CHOICE: "a|b|c" */
	const char *help;	/* one or two sentences */
	bool restart;		/* a running program cannot change it */
};

/* A row whose setting has its member's name in a struct; the rest follows: .max
 * = 64, .help = "...". */
#define CONF_ROW(kind, of, member, value, ...) \
	{ .name = #member, .type = (kind), .fallback = (value), \
	  .offset = offsetof(of, member), __VA_ARGS__ }

struct conf_table {
	const struct conf_row *rows;
	size_t count;
	const struct conf_section *section;	/* NULL = no sections */
};

#define CONF_NAME_MAX 32	/* bytes in a section's name */

/* What each section's settings struct begins with. */
struct conf_item {
	char *name;
	int line;		/* of its "[", 0 = it stands in no file */
};

/* The sections in the settings struct, in their order. */
struct conf_list {
	void *items;		/* count structs, one behind the other */
	size_t count;
};

struct conf_section {
	const char *kind;	/* "relay" */
	const struct conf_table *table;
	size_t size;		/* of one section's settings struct */
	size_t max;		/* most sections */
	size_t offset;		/* of the struct conf_list */
	/* With no section at all there is one of this name (NULL = none), and
	 * fill() sets what differs from the defaults. */
	const char *fallback;
	void (*fill)(void *item);
	/* What must hold within a section; the caller adds the place.  May be
	 * NULL. */
	int (*check)(const void *item, struct fault *why);
	/* Frees what is not in the table.  May be NULL. */
	void (*release)(void *item);
};

/*
 * Fills *settings (zeroed by the caller) from the defaults, then from the
 * file (NULL = defaults only), then from path.d/NAME.conf in the order of their
 * names: there a setting replaces one of an earlier file, and a section must be
 * new.  Texts are on the heap: conf_release() frees
 * them.  Returns 0, or -1 with FAULT_CONFIG "file:line: what is wrong";
 * *settings is then released.
 */
int conf_load(const struct conf_table *table, const char *path,
	      void *settings, struct fault *why) MUST_USE;

void conf_release(const struct conf_table *table, void *settings);

/* Logs a warning for each setting that differs and needs a restart; sections
 * are not looked at. */
void conf_warn_restart(const struct conf_table *table, const void *old,
		       const void *fresh);

/* Writes every setting with its help and its value in force, as a file that
 * conf_load() reads: "-T", and the shipped example with settings == NULL
 * (defaults, commented out). */
void conf_print(const struct conf_table *table, const void *settings,
		FILE *out);

#endif
